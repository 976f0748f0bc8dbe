//! CONTRIBUTING's list of what an endpoint needs, held by an endpoint that is made up: in a copy of the tree its steps are enough,
//! and without any one of them something fails that says so.

mod checks;
mod steps;

use std::{collections::BTreeSet, fs, path::Path};

use checks::{Check, CopiedTree, generator, root, run};
use steps::{STEPS, Step};

/// What `cargo xtask api` adds to the listing of a language. Here it is added by hand: that command takes minutes.
const LISTED: [(&str, &str, &str); 3] = [
    ("python", "_client.py", "withdraw_message(self, operator: str, message_uid: int) -> None"),
    ("kotlin", "chat/wildfire/message/MessageClient.kt", "fun withdrawMessage(operator: String, messageUid: Long)"),
    ("swift", "MessageClient.swift", "func withdrawMessage(operator: String, messageUid: Int64) throws(MessageError)"),
];

#[test]
fn the_list_is_enough_for_an_endpoint_and_no_step_of_it_is_too_much() {
    let copy = CopiedTree::new();
    STEPS.iter().for_each(|step| copy.take(step));
    let library = copy.library();
    the_facades_have_it(&copy, &library);
    let unwritten = copy.failure(Check::Pages).expect("`cargo xtask pages` has nothing to write");
    for file in ["README.md", "docs/zh.md", "docs/delivery.md", "docs/endpoints/message-withdraw.md"] {
        assert!(unwritten.contains(file), "{unwritten}");
    }
    run(copy.pages());
    the_listings_are_missed_one_by_one(&copy);
    run(copy.cargo("test", &SUITES.map(|name| ["--test", name]).concat()));
    for check in STEPS.iter().map(|step| step.missed).collect::<BTreeSet<_>>() {
        assert_eq!(copy.failure(check), None, "{check:?} fails with all steps");
    }

    let found: Vec<String> = STEPS.iter().filter_map(|step| not_missed(&copy, step)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The suites of the library that an endpoint concerns.
const SUITES: [&str; 4] = ["conformance", "docs", "house", "repeats"];

/// The generator writes the method for every language, as the listings are to have it.
fn the_facades_have_it(copy: &CopiedTree, library: &Path) {
    for (language, file, signature) in LISTED {
        let folder = copy.path("target/facade").join(language);
        let mut facade = generator();
        facade.arg("facade").arg("--library").arg(library);
        facade.args(["--language", language, "--out-dir"]).arg(&folder);
        run(facade);
        let written = fs::read_to_string(folder.join(file)).unwrap();
        let written = in_one_line(&written);
        assert!(written.contains(signature), "{file} has no {signature}");
    }
}

/// A signature that goes over several lines, as a listing has it.
fn in_one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("( ", "(").replace(", )", ")")
}

/// Adds the method to one listing after the other. Before that, a test names those that do not have it yet.
fn the_listings_are_missed_one_by_one(copy: &CopiedTree) {
    let listing = |language: &str| format!("bindings/{language}/api.txt");
    for (language, _, signature) in LISTED {
        let failure = copy.failure(steps::NAMED).unwrap_or_default();
        assert!(failure.contains(&listing(language)), "{failure}");
        let text = copy.read(&listing(language));
        fs::write(copy.path(&listing(language)), format!("{text}    {signature}\n")).unwrap();
    }
}

/// What is wrong if nothing misses a step, or something else fails than what the step names.
fn not_missed(copy: &CopiedTree, step: &Step) -> Option<String> {
    let take_again = copy.leave_out(step);
    let failure = copy.failure(step.missed);
    take_again();
    let place = format!("point {}, {}, before {:?}", step.point, step.file, step.before);
    match failure {
        None => Some(format!("nothing misses {place}")),
        Some(failure) if failure.contains(step.says) => None,
        Some(failure) => Some(format!("{place}: {:?} is not in:\n{failure}", step.says)),
    }
}

/// Both directions: a step in a file that the list does not name is missing there, and a file without a step is too much.
#[test]
fn the_list_names_the_files_of_the_steps_and_counts_them() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let section = text.split("\n## Add an endpoint\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let points: Vec<&str> = (1..).map_while(|number| point(section, number)).collect();
    assert_eq!(Some(points.len()), STEPS.iter().map(|step| step.point).max());
    for (number, point) in (1..).zip(&points) {
        let is_file = |word: &&str| word.contains('/') && word.contains('.') && !word.contains(char::is_whitespace);
        let named: Vec<&str> = point.split('`').skip(1).step_by(2).filter(is_file).collect();
        let files: BTreeSet<&str> = STEPS.iter().filter(|step| step.point == number).map(|step| step.file).collect();
        for file in &files {
            assert!(named.iter().any(|name| stands_for(name, file)), "point {number} does not name {file}: {named:?}");
        }
        for name in named {
            assert!(files.iter().any(|file| stands_for(name, file)), "no step of point {number} is in {name}");
        }
    }
    let files: BTreeSet<&str> = STEPS.iter().map(|step| step.file).collect();
    let counted = format!("That is {} files and {} places by hand", files.len(), STEPS.len());
    assert!(section.contains(&counted), "the list does not say: {counted}");
}

/// The text of a point, up to the next one or to an empty line.
fn point(section: &str, number: usize) -> Option<&str> {
    let (_, text) = section.split_once(&format!("\n{number}. "))?;
    let next = format!("\n{}. ", number + 1);
    text.split("\n\n").next()?.split(&next).next()
}

/// Whether a file's name in the list, such as `docs/endpoints/<name>.md`, stands for a file.
fn stands_for(name: &str, file: &str) -> bool {
    let Some((begin, rest)) = name.split_once('<') else { return name == file };
    let (_, end) = rest.split_once('>').unwrap();
    file.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end)).is_some_and(|word| !word.contains('/'))
}
