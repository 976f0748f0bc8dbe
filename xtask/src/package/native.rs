//! One native build a target: the library, its archive for Swift, and the programs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::{
    guard, slim,
    targets::{Libc, PROGRAMS, Target},
    toolchain::{self, Std},
};
use crate::{
    native::{ARCHIVE, FEATURES, Library, PACKED, Profile, SHIPPED, as_built, cargo_library, library},
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

    /// The library with its symbols, of which the bindings are generated; for this machine alone.
    pub(crate) fn with_symbols(&self) -> Option<Library> {
        let shared = self.folder.join("with-symbols").join(self.target.shared());
        shared.exists().then(|| Library { shared, archive: self.archive() })
    }

    pub(crate) fn archive(&self) -> PathBuf {
        self.folder.join(ARCHIVE)
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(self.target.program(name))
    }
}

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
    command.args(["--profile", PACKED, "--lib", "--bins", "--target", &named(target)]);
    if target.libc == Libc::Windows {
        let exports = folder().join("exports.def");
        slim::export_list(&library(Profile::Release)?.shared, &exports)?;
        command.env("WILDFIRECHAT_EXPORTS", exports);
    }
    let begun = Instant::now();
    run(&format!("build for {}", target.triple), &mut command)?;
    let native = Native { target, folder: out, took: Some(begun.elapsed()) };
    let release = built().join(target.triple).join(PACKED);
    let programs = PROGRAMS.map(|name| target.program(name));
    let libraries = [target.shared(), ARCHIVE].map(|file| (as_built(file), file));
    for (built, file) in
        libraries.iter().map(|(built, file)| (built, *file)).chain(programs.iter().map(|file| (file, file.as_str())))
    {
        fs::copy(release.join(built), native.folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
    }
    if target.is_this_machine() {
        keep_and_strip(&native)?;
    }
    if target.is_for_swift() {
        slim::slim(&native.archive(), &native.shared())?;
    } else if target.libc != Libc::Apple {
        fs::remove_file(native.archive()).map_err(|error| format!("{ARCHIVE}: {error}"))?;
    }
    let programs = PROGRAMS.map(|name| native.program(name));
    for file in [native.shared(), native.archive()].iter().chain(&programs).filter(|file| file.exists()) {
        guard::native_file(target, file)?;
    }
    Ok(native)
}

/// The generator reads the library's symbols, and finds them in no other place; what is packed is without.
fn keep_and_strip(native: &Native) -> Result<()> {
    let kept = native.folder.join("with-symbols").join(native.target.shared());
    let in_file = |error: std::io::Error| format!("{}: {error}", kept.display());
    fs::create_dir_all(native.folder.join("with-symbols")).map_err(in_file)?;
    fs::copy(native.shared(), &kept).map_err(in_file)?;
    let programs = PROGRAMS.map(|name| native.program(name));
    run("strip what was built", Command::new("strip").arg(native.shared()).args(programs)).map(drop)
}

fn named(target: &Target) -> String {
    if target.libc == Libc::Apple { target.triple.to_owned() } else { target.with_floor() }
}

fn cargo(target: &Target, std: &Std) -> Result<Command> {
    let mut command = if target.libc == Libc::Apple {
        cargo_library("build")
    } else {
        let mut command = cargo_library("zigbuild");
        command.env("PATH", toolchain::cross_compiler()?.path()?);
        command
    };
    command.env("CARGO_ENCODED_RUSTFLAGS", flags(target, std)?);
    with_std(&mut command, std);
    Ok(command)
}

/// Cargo on the library's unit tests and the `tests` named, for a target that is not Apple's: `begin` makes the command of
/// cargo's path.
pub(crate) fn suite(
    target: &Target,
    std: &Std,
    tests: &[String],
    begin: impl FnOnce(&Path) -> Command,
) -> Result<Command> {
    let compiler = toolchain::cross_compiler()?;
    let mut command = begin(&compiler.program("cargo-zigbuild"));
    command.current_dir(root()).env("PATH", compiler.path()?);
    command.args(["test", "--package", SHIPPED[0], "--features", FEATURES, "--lib", "--target", &named(target)]);
    command.args(tests.iter().flat_map(|test| ["--test", test]));
    // Without optimisation, an emulator is too slow for what the tests expect.
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
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
    let strip = if target.is_this_machine() { "none" } else { "symbols" };
    let mut flags: Vec<String> = vec![format!("-Cstrip={strip}")];
    if target.libc == Libc::Musl {
        // The library is loaded by a program that has its C library already; build.rs links the programs to their own.
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
