//! The structure of the sources: which file uses which other file, by its `use` lines and paths.

mod modules;

use std::{collections::BTreeSet, fs, path::Path};

use modules::{Modules, circles};
use wildfirechat_message::endpoints::{CHANNEL_ENDPOINTS, ENDPOINTS, EndpointInfo, ROBOT_ENDPOINTS};

#[test]
fn no_file_of_a_crate_needs_one_that_needs_it() {
    // How many edges there are at least: a crate whose `use` lines are not understood would have none.
    for (folder, at_least) in [("", 200), ("cli", 30), ("bindgen", 30), ("xtask", 30)] {
        let modules = Modules::of_the_crate(folder);
        let edges: BTreeSet<_> = modules.edges().collect();
        assert!(edges.len() >= at_least, "{folder}: {edges:?}");
        let circles = circles(&edges);
        assert!(circles.is_empty(), "{folder}: each of these files needs another of its line:\n{}", circles.join("\n"));
    }
}

/// A room is a folder below `src`, or a file there: `call`, `options`.
#[test]
fn no_room_of_the_core_needs_one_that_needs_it() {
    let modules = Modules::of_the_library();
    let rooms = modules.edges().map(|(from, to)| (room(from), room(to))).filter(|(from, to)| from != to);
    let circles = circles(&rooms.collect());
    assert!(circles.is_empty(), "each of these rooms needs another of its line:\n{}", circles.join("\n"));
}

fn room(file: &str) -> &str {
    let path = file.trim_start_matches("src/");
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

/// ADR 0007: a mistake in what both sides share would hide from every test.
#[test]
fn the_sandbox_and_the_client_share_no_code() {
    let shared: Vec<String> = Modules::of_the_library()
        .edges()
        .filter(|(from, to)| {
            *from != "src/lib.rs" && from.starts_with("src/sandbox/") != to.starts_with("src/sandbox/")
        })
        .map(|(from, to)| format!("{from} names something of {to}"))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

/// help(), KDoc, quick help and docs.rs show these texts to people who have none of our files.
#[test]
fn no_text_for_users_names_a_file_of_this_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listings = ["python", "kotlin", "swift"].map(|language| format!("bindings/{language}/api-docs.txt"));
    let of_users = listings.into_iter().map(|file| {
        let text = fs::read_to_string(root.join(&file)).unwrap();
        (file, text)
    });
    // What `call` says of itself reaches nobody.
    let of_rust = [root.to_owned(), root.join("cli")].into_iter().flat_map(|root| modules::sources(&root));
    let of_rust = of_rust.filter(|(file, _)| !file.starts_with("src/call/"));
    let of_rust = of_rust.map(|(file, text)| {
        let docs: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("///")).collect();
        (file, docs.join("\n"))
    });
    let named: Vec<String> = of_users
        .chain(of_rust)
        .flat_map(|(file, text)| {
            let lines = text.lines().filter(|line| [".md", "docs/", "§"].iter().any(|sign| line.contains(sign)));
            lines.map(|line| format!("{file}: {}", line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(named.is_empty(), "{}", named.join("\n"));
}

const FACADES: [&str; 4] =
    ["bindings/python/wildfirechat_message", "bindings/kotlin/src/main", "bindings/swift/Sources", "bindgen/templates"];

/// The lines of code of all facades, with the names of their files; comments are left out.
fn lines_of_facades() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files: Vec<_> =
        FACADES.iter().flat_map(|folder| modules::files(root, folder, &["kt", "py", "swift"])).collect();
    assert!(files.len() > 30, "{} files are not all of the facades", files.len());
    let is_code = |line: &&str| !["//", "*", "/**", "\"\"\"", "#"].iter().any(|sign| line.trim().starts_with(sign));
    let lines = |(file, text): (String, String)| {
        text.lines().filter(is_code).map(|line| (file.clone(), line.trim().to_owned())).collect::<Vec<_>>()
    };
    files.into_iter().flat_map(lines).collect()
}

/// The sentences about calls are Rust's. A sentence of a facade is about a value of its language, or about a closed object.
#[test]
fn no_facade_has_a_sentence_of_its_own_about_the_fate_of_a_call() {
    const OF_CALLS: [&str; 5] = ["the server", "attempt", "timed out", "connection", "executed"];
    // What the library itself failed with has no sentence in Rust; the other one is about a folder of this machine.
    const OTHERS: [&str; 2] = ["the native library failed: ", "executed: name a folder elsewhere "];
    let mut own = Vec::new();
    for (file, line) in lines_of_facades().iter().filter(|(file, _)| !file.contains("/bridges/")) {
        let texts = line.split('"').skip(1).step_by(2).filter(|text| text.contains(' '));
        let about_calls = texts.filter(|text| OF_CALLS.iter().any(|words| text.contains(words)));
        own.extend(
            about_calls
                .filter(|text| !OTHERS.iter().any(|other| text.starts_with(other)))
                .map(|text| format!("{file}: {text}")),
        );
    }
    assert!(own.is_empty(), "{}", own.join("\n"));
}

/// The generator writes the calls of every language. What sends many messages and what brings a file is written by hand.
#[test]
fn no_facade_has_a_line_for_an_endpoint() {
    let generated =
        ENDPOINTS.iter().map(|endpoint| endpoint.method).filter(|name| !["send_message", "upload"].contains(name));
    let names: Vec<String> = generated.flat_map(|name| [name.to_owned(), camel(name)]).collect();
    let named =
        lines_of_facades().into_iter().filter(|(_, line)| names.iter().any(|name| line.contains(name.as_str())));
    let named: Vec<String> = named.map(|(file, line)| format!("{file}: {line}")).collect();
    assert!(named.is_empty(), "{}", named.join("\n"));
}

/// What is not generated and has every method of the client in it, or of the clients of robots and channels; and the listings of
/// what is generated.
#[test]
fn every_file_that_is_to_name_every_method_does() {
    type Spelling = fn(&str) -> String;
    const ALL: &[&[EndpointInfo]] = &[ENDPOINTS, ROBOT_ENDPOINTS, CHANNEL_ENDPOINTS];
    const OF_THE_CLIENT: &[&[EndpointInfo]] = &[ENDPOINTS];
    const OF_SENDERS: &[&[EndpointInfo]] = &[ROBOT_ENDPOINTS, CHANNEL_ENDPOINTS];
    const FILES: [(&str, Spelling, &[&[EndpointInfo]]); 10] = [
        ("examples/demo.rs", str::to_owned, OF_THE_CLIENT),
        ("bindings/python/examples/demo.py", str::to_owned, OF_THE_CLIENT),
        ("bindings/kotlin/examples/Demo.kt", camel, OF_THE_CLIENT),
        ("bindings/swift/examples/demo/main.swift", camel, OF_THE_CLIENT),
        ("bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player.swift", str::to_owned, OF_THE_CLIENT),
        ("bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player+Senders.swift", str::to_owned, OF_SENDERS),
        ("bindings/swift/Tests/WildfireChatMessageTests/Conformance/Player+Awaiting.swift", str::to_owned, ALL),
        // `cargo xtask api` writes these.
        ("bindings/python/api.txt", str::to_owned, ALL),
        ("bindings/kotlin/api.txt", camel, ALL),
        ("bindings/swift/api.txt", camel, ALL),
    ];
    let mut missing = Vec::new();
    for (file, spelled, endpoints) in FILES {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        let words: BTreeSet<&str> = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        let methods = endpoints.iter().copied().flatten().map(|endpoint| spelled(endpoint.method));
        missing.extend(
            methods.filter(|method| !words.contains(method.as_str())).map(|method| format!("{file} has no {method}")),
        );
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}

#[test]
fn names_are_followed_through_re_exports_to_the_file_that_defines_them() {
    let modules = Modules::from([
        ("src/lib.rs", "mod a; mod b; pub use b::{c::Thing, Other};"),
        ("src/a.rs", "use crate::{\n    Thing,\n    b::Other as Another,\n};\n// use crate::Nothing;"),
        ("src/b/mod.rs", "mod c;\npub use c::Thing;\npub struct Other;"),
        (
            "src/b/c.rs",
            "#[serde(with = \"crate::a::read\")]\npub struct Thing;\n#[cfg(test)]\nmod tests { use super::super::Other; }",
        ),
    ]);
    let edges: BTreeSet<_> = modules.edges().collect();
    let wanted = [("src/a.rs", "src/b/c.rs"), ("src/a.rs", "src/b/mod.rs"), ("src/b/c.rs", "src/a.rs")];
    assert_eq!(edges, BTreeSet::from(wanted));
    assert_eq!(circles(&edges), ["src/a.rs, src/b/c.rs"]);
}

/// A hook that lints by other rules than the runner would send people in circles.
#[test]
fn the_hooks_lint_with_the_linter_of_the_runner() {
    let read = |file: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
    let wanted = read("bindings/python/requirements/lint.txt");
    let ruff = wanted.lines().find(|line| line.starts_with("ruff==")).unwrap();
    let hooks = read(".pre-commit-config.yaml");
    assert_eq!(hooks.matches("ruff==").count(), hooks.matches(ruff).count(), "the hooks have another ruff than {ruff}");
    assert_eq!(hooks.matches(ruff).count(), 2);
}
