//! The systems that consumers are tried on, and what they have in common.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::trees::{Emulator, PATH, Plan, Tree};
use crate::{
    package::{
        guard, programs,
        targets::{SANDBOX, Target},
    },
    shell::{Result, run, target},
};

/// glibc 2.31, Python 3.9 with the pip of its days, and two Javas.
pub(super) const BULLSEYE: Plan = Plan {
    name: "bullseye",
    suite: "bullseye",
    architecture: "amd64",
    emulator: None,
    packages: &["python3", "python3-venv", "openjdk-11-jre-headless", "openjdk-17-jre-headless"],
};

/// The oldest Python and the newest one, with what the Python suite wants besides.
pub(super) const BULLSEYE_SUITE: Plan = Plan {
    name: "bullseye-suite",
    packages: &["python3", "python3-venv", "libpython3.9", "binutils", "openssl", "redis-server", "ca-certificates"],
    ..BULLSEYE
};
pub(super) const SID_SUITE: Plan = Plan {
    name: "sid-suite",
    packages: &["python3", "python3-venv", "libpython3.14", "binutils", "openssl", "redis-server", "ca-certificates"],
    ..SID
};

/// The newest Python and Java that Debian has, the newest Java that is kept for years, and the oldest.
pub(super) const SID: Plan = Plan {
    name: "sid",
    suite: "sid",
    architecture: "amd64",
    emulator: None,
    packages: &[
        "python3",
        "python3-venv",
        "openjdk-8-jre-headless",
        "openjdk-25-jre-headless",
        "openjdk-27-jre-headless",
    ],
};

/// A Swift that takes artifact bundles.
pub(super) const SID_SWIFT: Plan = Plan {
    name: "sid-swift",
    suite: "sid",
    architecture: "amd64",
    emulator: None,
    packages: &["swiftlang", "libc6-dev", "ca-certificates", "git", "unzip"],
};

/// Rust and Python, and nothing of the project.
pub(super) const SID_RUST: Plan = Plan {
    name: "sid-rust",
    suite: "sid",
    architecture: "amd64",
    emulator: None,
    packages: &["rustc", "cargo", "gcc", "libc6-dev", "python3", "python3-venv", "ca-certificates"],
};

/// A musl of 2021, and what builds Python for it. Nothing of glibc's headers, of which Python's build would take some.
pub(super) const BULLSEYE_MUSL: Plan = Plan {
    name: "bullseye-musl",
    suite: "bullseye",
    architecture: "amd64",
    emulator: None,
    packages: &["gcc", "make", "musl-tools", "bzip2", "xz-utils", "ca-certificates"],
};

/// What builds Python from its source.
pub(super) const TRIXIE_C: Plan = Plan {
    name: "trixie-c",
    suite: "trixie",
    architecture: "amd64",
    emulator: None,
    packages: &["gcc", "make", "libc6-dev", "libffi-dev", "zlib1g-dev", "xz-utils", "ca-certificates"],
};

/// A Wine that has what Rust's standard library wants of Windows 10: that of Debian 12 lacks bcryptprimitives.dll.
pub(super) const WINE: Plan =
    Plan { name: "wine", suite: "trixie", architecture: "amd64", emulator: None, packages: &["wine", "wine64"] };

pub(super) const AARCH64: Plan = Plan {
    name: "aarch64",
    suite: "bookworm",
    architecture: "arm64",
    emulator: Some(Emulator::Installed("qemu-aarch64-static")),
    packages: &["python3", "openjdk-17-jre-headless"],
};

pub(super) const LOONGARCH64: Plan = Plan {
    name: "loongarch64",
    suite: "sid",
    architecture: "loong64",
    emulator: Some(Emulator::Newer("qemu-loongarch64")),
    packages: &["base-files", "python3", "openjdk-25-jre-headless"],
};

/// What was packed for a language.
pub(super) fn packed(language: &str) -> PathBuf {
    target().join("package").join(language)
}

/// An empty folder for one run.
pub(super) fn fresh(name: &str) -> Result<PathBuf> {
    let folder = target().join("verify").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// A program of this system, as somebody has it who has no Rust.
pub(super) fn without_rust(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", PATH).env("LANG", "C.UTF-8");
    for name in ["HOME", "JAVA_HOME", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// A program for Windows, by its path in the folder of what is tried. Wine asks nothing about what it could install besides.
pub(super) fn by_wine(tree: &Tree, words: &[&str]) -> Command {
    const WINE: [&str; 3] = ["WINEDLLOVERRIDES=mscoree,mshtml=", "WINEDEBUG=-all", "wine"];
    tree.command("/usr/bin/env", &[&WINE, words].concat())
}

/// Runs a consumer; gives the line that tells of its message.
pub(super) fn sends(label: &str, command: &mut Command) -> Result<String> {
    let output = plain(&run(label, command)?);
    let told = output.lines().find(|line| line.contains("sent: Hello."));
    told.map(str::to_owned).ok_or_else(|| format!("{label}: it printed no message:\n{output}"))
}

/// Without what colours a terminal: a plugin of Maven's does it whatever it is told.
pub(super) fn plain(output: &str) -> String {
    let mut parts = output.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest)).trim().to_owned()
}

/// The unpacked sandbox of a target, if it was packed.
pub(super) fn sandbox_of(triple: &str) -> Result<Option<PathBuf>> {
    program_of(SANDBOX, triple)
}

/// An unpacked program of a target, if it was packed.
pub(super) fn program_of(program: &str, triple: &str) -> Result<Option<PathBuf>> {
    let target = Target::named(triple)?;
    let name = programs::of(program, target);
    let archive = packed("programs").join(format!("{name}.tar.gz"));
    if !archive.exists() {
        return Ok(None);
    }
    let folder = fresh(&name)?;
    guard::unpack(&archive, &folder)?;
    Ok(Some(folder.join(name).join(target.program(program))))
}

pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, text));
    made.map_err(|error| format!("{}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out_of_what_is_read() {
        assert_eq!(plain("\u{1b}[0m\u{1b}[1;31msent: Hello.\u{1b}[0m\n\u{1b}[0m"), "sent: Hello.");
        assert_eq!(plain("no colour, many m"), "no colour, many m");
    }
}
