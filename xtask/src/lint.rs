//! `cargo xtask lint`: formats, lints, documentation, dependencies, in every language.

use crate::{
    deny, docs, kotlin,
    language::Language,
    matrix,
    native::{cargo, cargo_library, cargo_tools},
    python,
    shell::{Result, run},
    swift, versions, workflows,
};

/// A check, and its name for the user.
type Check = (&'static str, fn() -> Result<()>);

const CHECKS: [Check; 11] = [
    ("rustfmt", rustfmt),
    ("clippy", clippy),
    ("cargo doc", docs::build),
    ("cargo deny", deny::check),
    ("docs", docs::check_pages),
    ("platforms", matrix::check),
    ("versions", versions::check),
    ("workflows", workflows::check),
    ("python", || in_language(Language::Python, python::lint)),
    ("kotlin", || in_language(Language::Kotlin, kotlin::lint)),
    ("swift", || in_language(Language::Swift, swift::lint)),
];

/// Makes all checks, even if one fails.
pub(crate) fn lint() -> Result<()> {
    let mut outcomes = Vec::new();
    for (name, check) in CHECKS {
        let outcome = check();
        if let Err(reason) = &outcome {
            println!("{reason}");
        }
        outcomes.push((name, outcome.is_ok()));
    }
    println!();
    for (name, clean) in &outcomes {
        println!("{name}: {}", if *clean { "clean" } else { "not clean" });
    }
    match outcomes.iter().all(|(_, clean)| *clean) {
        true => Ok(()),
        false => Err("not everything is clean".to_owned()),
    }
}

fn rustfmt() -> Result<()> {
    run("check the format of the Rust code", cargo().args(["fmt", "--all", "--check"])).map(drop)
}

fn clippy() -> Result<()> {
    const DENY_WARNINGS: [&str; 4] = ["--all-targets", "--", "-D", "warnings"];
    run("lint the Rust code", cargo_library("clippy").args(DENY_WARNINGS))?;
    run("lint the project's tools", cargo_tools("clippy").args(DENY_WARNINGS))?;
    let mut measuring = cargo();
    run(
        "lint the measuring programs",
        measuring.args(["clippy", "--package", "wildfirechat-bench"]).args(DENY_WARNINGS),
    )
    .map(drop)
}

fn in_language(language: Language, lint: fn() -> Result<()>) -> Result<()> {
    // The module for Swift installs what it needs.
    let missing = language.missing().filter(|_| language != Language::Swift);
    missing.map_or_else(lint, Err)
}
