//! CONTRIBUTING's lists of what an endpoint needs, held by two endpoints that are made up, one of them a robot's: in a copy of the
//! tree the steps are enough, and without any one of them something fails that says so.

mod checks;
mod endpoint;
mod sender;
mod steps;

use std::{collections::BTreeSet, fs, path::Path};

use checks::{Check, CopiedTree, generator, root, run};
use steps::Step;

/// What `cargo xtask api` adds to the listing of a language, from a file of the generator. Here it is added by hand: that command
/// takes minutes.
const LISTED: [(&str, &str, &str); 6] = [
    ("python", "_client.py", "withdraw_message(self, operator: str, message_uid: int) -> None"),
    ("python", "_robot_client.py", "withdraw_own_message(self, message_uid: int) -> None"),
    ("kotlin", "chat/wildfire/message/MessageClient.kt", "fun withdrawMessage(operator: String, messageUid: Long)"),
    ("kotlin", "chat/wildfire/message/RobotClient.kt", "fun withdrawOwnMessage(messageUid: Long)"),
    ("swift", "MessageClient.swift", "func withdrawMessage(operator: String, messageUid: Int64) throws(MessageError)"),
    ("swift", "RobotClient.swift", "func withdrawOwnMessage(messageUid: Int64) throws(MessageError)"),
];

/// The headings in CONTRIBUTING, and the steps below them.
const LISTS: [(&str, &[Step]); 2] =
    [("## Add an endpoint", endpoint::STEPS), ("### An endpoint of a robot or a channel", sender::STEPS)];

fn steps() -> impl Iterator<Item = &'static Step> {
    LISTS.iter().flat_map(|(_, steps)| steps.iter())
}

#[test]
fn the_lists_are_enough_for_an_endpoint_and_no_step_of_them_is_too_much() {
    let copy = CopiedTree::new();
    steps().for_each(|step| copy.take(step));
    let library = copy.library();
    the_facades_have_it(&copy, &library);
    let unwritten = copy.failure(Check::Pages).expect("`cargo xtask pages` has nothing to write");
    for file in ["README.md", "docs/zh.md", "docs/delivery.md", "docs/endpoints/message-withdraw.md"] {
        assert!(unwritten.contains(file), "{unwritten}");
    }
    run(copy.pages());
    the_listings_are_missed_one_by_one(&copy);
    run(copy.cargo("test", &SUITES.map(|name| ["--test", name]).concat()));
    for check in steps().map(|step| step.missed).collect::<BTreeSet<_>>() {
        assert_eq!(copy.failure(check), None, "{check:?} fails with all steps");
    }

    let found: Vec<String> = steps().filter_map(|step| not_missed(&copy, step)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The suites of the library that an endpoint concerns.
const SUITES: [&str; 5] = ["conformance", "docs", "house", "repeats", "senders"];

/// The generator writes the methods for every language, as the listings are to have them.
fn the_facades_have_it(copy: &CopiedTree, library: &Path) {
    for (language, file, signature) in LISTED {
        let folder = copy.path("target/facade").join(language);
        let mut facade = generator();
        facade.arg("facade").arg("--library").arg(library);
        facade.args(["--language", language, "--out-dir"]).arg(&folder);
        run(facade);
        let written = in_one_line(&fs::read_to_string(folder.join(file)).unwrap());
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
fn the_lists_name_the_files_of_the_steps_and_count_them() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for (heading, steps) in LISTS {
        let section = text.split(&format!("\n{heading}\n")).nth(1).and_then(|rest| rest.split("\n##").next());
        let section = section.unwrap_or_else(|| panic!("there is no {heading}"));
        let points: Vec<&str> = (1..).map_while(|number| point(section, number)).collect();
        assert_eq!(Some(points.len()), steps.iter().map(|step| step.point).max(), "{heading}");
        for (number, point) in (1..).zip(&points) {
            let is_file = |word: &&str| word.contains('/') && word.contains('.') && !word.contains(char::is_whitespace);
            let named: Vec<&str> = point.split('`').skip(1).step_by(2).filter(is_file).collect();
            let files: BTreeSet<&str> =
                steps.iter().filter(|step| step.point == number).map(|step| step.file).collect();
            for file in &files {
                assert!(named.iter().any(|name| stands_for(name, file)), "{heading}, {number}: {file} is missing");
            }
            for name in named {
                assert!(files.iter().any(|file| stands_for(name, file)), "{heading}, {number}: no step is in {name}");
            }
        }
        let files: BTreeSet<&str> = steps.iter().map(|step| step.file).collect();
        let counted = format!("That is {} files and {} places by hand", files.len(), steps.len());
        assert!(section.contains(&counted), "{heading} does not say: {counted}");
    }
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
