//! cargo-deny: checks licences, banned crates, duplicate crates and the sources of crates.

use std::{path::PathBuf, process::Command};

use crate::{
    native::cargo,
    shell::{Result, ask, install, run, target},
};

/// The version that is installed if there is none or an older one.
const VERSION: &str = "0.20.2";

/// Checks the dependencies against deny.toml. Advisories are not checked, because they change without a change of this project.
pub(crate) fn check() -> Result<()> {
    let mut command = Command::new(program()?);
    command.current_dir(crate::shell::root());
    command.args([
        "--workspace",
        "--all-features",
        "check",
        "--hide-inclusion-graph",
        "-D",
        "warnings",
        "licenses",
        "bans",
        "sources",
    ]);
    run("check licences, banned and duplicate crates", &mut command).map(drop)
}

/// The installed cargo-deny, or else one of our own under target/.
fn program() -> Result<PathBuf> {
    if ask("cargo-deny", &["--version"]).is_some_and(|version| is_new_enough(&version)) {
        return Ok(PathBuf::from("cargo-deny"));
    }
    let folder = target().join("tools");
    let program = folder.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if ask(&program.to_string_lossy(), &["--version"]).is_some_and(|version| is_new_enough(&version)) {
        return Ok(program);
    }
    // Not optimised: it runs for a second, and so compiling it takes one minute instead of many.
    let mut command = cargo();
    command.args(["install", "--locked", "--debug", "cargo-deny", "--version", VERSION, "--root"]).arg(folder);
    let what = format!("cargo-deny {VERSION}, compiled from crates.io, into target/tools, once");
    install("install cargo-deny", &what, command.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    Ok(program)
}

/// `cargo-deny 0.20.2`: older ones do not read deny.toml as it is written.
fn is_new_enough(version: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> { text.split('.').map_while(|number| number.parse().ok()).collect() };
    version.rsplit(' ').next().is_some_and(|found| numbers(found) >= numbers(VERSION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_cargo_deny_is_not_used() {
        assert!(
            is_new_enough("cargo-deny 0.20.2")
                && is_new_enough("cargo-deny 0.21.0")
                && is_new_enough("cargo-deny 1.0.0")
        );
        assert!(!is_new_enough("cargo-deny 0.14.2") && !is_new_enough("no version"));
    }
}
