//! `cargo xtask api`: the listings of the public API, written anew.
//!
//! Each suite has tests that hold what is installed to `bindings/<language>/api.txt` and `api-docs.txt`; told so, the same
//! tests write the files.

use std::process::Command;

use crate::{language::Language, shell::Result};

/// What the tests look for.
const WRITE: (&str, &str) = ("WILDFIRECHAT_API", "write");

pub(crate) fn renew(languages: &[Language]) -> Result<()> {
    for (language, pattern) in languages.iter().filter_map(|language| Some((language, pattern(*language)?))) {
        // This program itself, with the variable set: everything that it starts inherits it.
        let runner = std::env::current_exe().map_err(|error| format!("the runner cannot find itself: {error}"))?;
        let mut command = Command::new(runner);
        command.args(["test", language.name(), "-k", pattern]).env(WRITE.0, WRITE.1);
        let status = command.status().map_err(|error| format!("the runner cannot start itself: {error}"))?;
        if !status.success() {
            return Err(format!("the listings of {language} are not written"));
        }
        println!("bindings/{0}/api.txt and api-docs.txt are written: see `git diff bindings/{0}`\n", language.name());
    }
    Ok(())
}

/// The tests that hold the listings, by what `test -k` takes. Rust has its own documentation.
fn pattern(language: Language) -> Option<&'static str> {
    match language {
        Language::Rust => None,
        Language::Python => Some("test_api"),
        Language::Kotlin => Some("ApiTest"),
        Language::Swift => Some("ApiTests"),
    }
}
