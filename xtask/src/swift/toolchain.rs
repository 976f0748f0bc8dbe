//! Finds Swift on this machine, and installs it on Debian.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::shell::{Result, ask, install, root};

/// The oldest Swift with the language mode of the package.
const OLDEST: u32 = 6;

/// The wrapper that `swift-on-debian.sh` installs: it runs a command in the system with Swift, at the caller's own paths.
const WRAPPER: &str = "swift-trixie";

/// A Swift that is new enough.
pub(crate) enum Swift {
    /// It is `swift` on the path.
    Here,
    /// It is in a folder beside an older Debian, and called by [`WRAPPER`].
    Wrapped,
}

impl Swift {
    /// The Swift of this machine, if there is one.
    pub(crate) fn installed() -> Option<Self> {
        let is_new_enough = |report: Option<String>| report.and_then(|report| major(&report)) >= Some(OLDEST);
        if is_new_enough(ask("swift", &["--version"])) {
            Some(Self::Here)
        } else {
            is_new_enough(ask(WRAPPER, &["swift", "--version"])).then_some(Self::Wrapped)
        }
    }

    /// The Swift of this machine; on Debian it is installed if it is missing.
    pub(super) fn installed_or_install() -> Result<Self> {
        if let Some(swift) = Self::installed() {
            return Ok(swift);
        }
        if !Path::new("/etc/debian_version").exists() {
            return Err(format!("Swift {OLDEST} or later is missing: see https://www.swift.org/install/"));
        }
        let script = root().join("xtask/swift-on-debian.sh");
        if ask("id", &["-u"]).as_deref() != Some("0") {
            return Err(format!("Swift {OLDEST} or later is missing: run {} as root", script.display()));
        }
        let what = format!("Swift and the Debian it runs on (2 minutes, 2.6 GB) by {}, once", script.display());
        install("install Swift", &what, Command::new("bash").arg(script))?;
        Self::installed().ok_or_else(|| format!("Swift was installed, and is not found: is {WRAPPER} on the path?"))
    }

    /// `swift SUBCOMMAND`.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = match self {
            Self::Here => Command::new("swift"),
            Self::Wrapped => {
                let mut command = Command::new(WRAPPER);
                command.arg("env").args(for_the_tests()).arg("swift");
                command
            }
        };
        command.current_dir(root()).arg(subcommand);
        command
    }

    /// A program that this Swift has built; it runs in the system that has Swift's libraries.
    pub(crate) fn run(&self, program: &PathBuf) -> Command {
        let mut command = match self {
            Self::Here => Command::new(program),
            Self::Wrapped => {
                let mut command = Command::new(WRAPPER);
                command.arg(program);
                command
            }
        };
        command.current_dir(root());
        command
    }
}

/// The variables for the suite, such as `WILDFIRECHAT_ORACLE_CALLS=100000`, because the wrapper does not pass the environment
/// on.
fn for_the_tests() -> Vec<String> {
    env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with("WILDFIRECHAT_"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// Reads `Swift version 6.0.3 (swift-6.0.3-RELEASE)`. Other programs with the name `swift` print no such line.
fn major(report: &str) -> Option<u32> {
    let (_, version) = report.split_once("Swift version ")?;
    version.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_swift_tells() {
        assert_eq!(major("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x86_64-pc-linux-gnu"), Some(6));
        assert_eq!(major("swift-driver version: 1.127 Apple Swift version 5.10 (swiftlang-5.10.0.13)"), Some(5));
    }

    #[test]
    fn another_program_of_that_name_is_not_swift() {
        assert_eq!(major("python-swiftclient 4.1.0"), None);
    }
}
