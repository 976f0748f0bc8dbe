//! One native build a target: the library, its archive for Swift, and the sandbox as a program.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::{
    guard, slim,
    targets::{Libc, Target},
    toolchain::{self, Std},
};
use crate::{
    native::{Profile, cargo_shipped, library},
    shell::{Result, root, run, target as built},
};

/// What was built for a target, in a folder of its own.
#[derive(Debug)]
pub(crate) struct Native {
    pub(crate) target: &'static Target,
    pub(crate) folder: PathBuf,
    /// How long the build took, where it was made just now.
    pub(crate) took: Option<Duration>,
}

impl Native {
    pub(crate) fn shared(&self) -> PathBuf {
        self.folder.join(self.target.shared())
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.join(ARCHIVE)
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.join(self.target.program())
    }
}

const ARCHIVE: &str = "libwildfirechat_message.a";

/// The folder of the native builds, one a target.
pub(crate) fn folder() -> PathBuf {
    built().join("package/native")
}

/// What was built for `target` before, here or on another machine.
pub(crate) fn present(target: &'static Target) -> Option<Native> {
    let native = Native { target, folder: folder().join(target.triple), took: None };
    native.shared().exists().then_some(native)
}

/// Builds for `target` and holds what comes out to the guards; Err tells why this machine cannot, or what is wrong.
pub(crate) fn build(target: &'static Target, std: &Std) -> Result<Native> {
    let out = folder().join(target.triple);
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut command = cargo(target, std)?;
    command.args(["--release", "--lib", "--bins", "--target", &named(target)]);
    if target.libc == Libc::Windows {
        let exports = folder().join("exports.def");
        slim::export_list(&library(Profile::Release)?.shared, &exports)?;
        command.env("WILDFIRECHAT_EXPORTS", exports);
    }
    let begun = Instant::now();
    run(&format!("build for {}", target.triple), &mut command)?;
    let native = Native { target, folder: out, took: Some(begun.elapsed()) };
    let release = built().join(target.triple).join("release");
    for file in [target.shared(), ARCHIVE, target.program()] {
        fs::copy(release.join(file), native.folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    if target.is_for_swift() {
        slim::slim(&native.archive(), &native.shared())?;
    } else if target.libc != Libc::Apple {
        fs::remove_file(native.archive()).map_err(|error| format!("{ARCHIVE}: {error}"))?;
    }
    for file in [native.shared(), native.archive(), native.program()].iter().filter(|file| file.exists()) {
        guard::native_file(target, file)?;
    }
    Ok(native)
}

fn named(target: &Target) -> String {
    if target.libc == Libc::Apple { target.triple.to_owned() } else { target.with_floor() }
}

fn cargo(target: &Target, std: &Std) -> Result<Command> {
    let mut command = if target.libc == Libc::Apple {
        cargo_shipped("build")
    } else {
        let mut command = cargo_shipped("zigbuild");
        command.env("PATH", toolchain::cross_compiler()?.path()?);
        command
    };
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(target, std)?);
    with_std(&mut command, std);
    Ok(command)
}

fn with_std(command: &mut Command, std: &Std) {
    if let Std::Compiled(source) = std {
        // The option is not stable yet. The source is exactly this compiler's.
        command.env("RUSTC_BOOTSTRAP", "1").env("__CARGO_TESTS_ONLY_SRC_ROOT", source);
        command.arg("-Zbuild-std=std,panic_unwind");
    }
}

/// The compiler's flags, as cargo wants to have them in one variable.
fn flags(target: &Target, std: &Std) -> Result<String> {
    let mut flags: Vec<String> = vec!["-Cstrip=symbols".to_owned()];
    if target.libc == Libc::Musl {
        // The library is loaded by a program that has its C library already; build.rs links the sandbox to its own.
        flags.push("-Ctarget-feature=-crt-static".to_owned());
    }
    for (path, name) in paths_of_this_machine(std)? {
        flags.push(format!("--remap-path-prefix={}={name}", path.display()));
    }
    Ok(flags.join("\x1f"))
}

/// The folders whose names the compiler would write into panics, and what stands there instead.
fn paths_of_this_machine(std: &Std) -> Result<Vec<(PathBuf, &'static str)>> {
    let mut paths = vec![
        (root().to_owned(), "/wildfirechat-message"),
        (guard::cargo_home().join("registry/src"), "/crates"),
        (toolchain::sysroot()?.join("lib/rustlib/src/rust"), "/rust"),
    ];
    if let Std::Compiled(source) = std {
        let top: &Path = source.parent().unwrap_or(source);
        paths.push((top.to_owned(), "/rust"));
    }
    Ok(paths)
}
