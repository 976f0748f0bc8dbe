//! `cargo xtask api`: writes the listings of the public API anew.
//!
//! Each suite has tests that compare what is installed with `bindings/<language>/api.txt` and `api-docs.txt`. If a variable of
//! the environment is set, the same tests write these files.

use std::process::Command;

use crate::{language::Language, shell::Result};

/// The variable of the environment that the tests look for.
const WRITE: (&str, &str) = ("WILDFIRECHAT_API", "write");

pub(crate) fn renew(languages: &[Language]) -> Result<()> {
    for (language, pattern) in languages.iter().filter_map(|language| Some((language, pattern(*language)?))) {
        // Starts this program once more with the variable set: everything that it starts inherits the variable.
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

/// The tests that compare the listings, as patterns for `test -k`. Rust has none, because its documentation shows its API.
fn pattern(language: Language) -> Option<&'static str> {
    match language {
        Language::Rust => None,
        Language::Python => Some("test_api"),
        Language::Kotlin => Some("ApiTest"),
        Language::Swift => Some("ApiTests"),
    }
}
