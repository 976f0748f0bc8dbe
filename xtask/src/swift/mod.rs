//! The Swift binding: building, testing, its demo, its lint, its package.

mod assemble;
pub(crate) mod bundle;
pub(crate) mod toolchain;
pub(crate) mod trial;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    native::Profile,
    package::{archive, guard::Kind, licences, native::Native},
    server::{RobotSettings, Server},
    shell::{Result, root, run, run_silently, show, target},
    summary::{Summary, show_what_is_told},
};
use toolchain::Swift;

/// The target of the demo in Package.swift, and the name of its program.
const DEMO: &str = "WildfireChatMessageDemo";

/// The target of Package.swift that the tests run in processes of its own.
const TEST_PROGRAM: &str = "WildfireChatMessageTestProgram";

/// The target that is the example of a robot; the tests run it, too.
const ROBOT: &str = "WildfireChatMessageRobot";

/// The measuring program, and the variable with the library's version for its figures.
const BENCH: &str = "WildfireChatMessageBench";
const VERSION: &str = concat!("WILDFIRECHAT_VERSION=", env!("CARGO_PKG_VERSION"));

/// Runs the suite, or `only` the tests whose names hold a word, in Swift 6 language mode with warnings as errors.
pub(crate) fn test(only: Option<&str>) -> Result<Summary> {
    let swift = Swift::installed_or_install()?;
    let package = development_package()?;
    run("build the Swift tests", building(&mut swift.command("build"), &package).arg("--build-tests"))?;
    let mut command = swift.command("test");
    let command = building(&mut command, &package).args(["--skip-build", "--disable-swift-testing"]);
    command.args(only.map(|pattern| ["--filter", pattern]).into_iter().flatten());
    let (output, success) = run_silently("run the Swift tests", command)?;
    let summary = count(&output);
    show_what_is_told(&output);
    if !success {
        // The compiler names the copies in the assembled package; the user must change the originals.
        let (copies, originals) = (package.display().to_string(), "bindings/swift");
        failures(&output).for_each(|line| println!("{}", line.replace(&copies, originals)));
        if summary.failed == 0 {
            let end: Vec<&str> = output.lines().rev().take(40).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            return Err(format!("the Swift tests ended without a result:\n{}", end.join("\n")));
        }
    }
    Ok(summary)
}

/// Whether this machine has a Swift that is new enough.
pub(crate) fn is_installed() -> bool {
    Swift::installed().is_some()
}

/// Runs the demo with the installed Swift; it installs none.
pub(crate) fn demo(server: &Server) -> Result<()> {
    let Some(swift) = Swift::installed() else {
        println!("  Swift 6 is not installed: `cargo xtask test swift` installs it on Debian, or tells how to");
        return Ok(());
    };
    let package = development_package()?;
    run("build the Swift demo", building(&mut swift.command("build"), &package).args(["--product", DEMO]))?;
    let mut command = swift.run(&scratch().join("debug").join(DEMO));
    show("the Swift demo", command.arg(&server.url).arg(&server.secret))
}

/// The example of a robot, with the Swift that is there.
pub(crate) fn robot(settings: &RobotSettings) -> Result<Command> {
    let swift = Swift::installed().ok_or("Swift 6 is not installed")?;
    let package = development_package()?;
    run("build the Swift robot", building(&mut swift.command("build"), &package).args(["--product", ROBOT]))?;
    // The wrapper passes no environment on.
    let mut command = swift.run(&PathBuf::from("env"));
    command.args(settings.iter().map(|(name, value)| format!("{name}={value}")));
    command.arg(scratch().join("debug").join(ROBOT));
    Ok(command)
}

/// Checks the format of the hand-written code.
pub(crate) fn lint() -> Result<()> {
    let swift = Swift::installed_or_install()?;
    let mut command = swift.command("format");
    command.args(["lint", "--strict", "--recursive", "--configuration"]).arg(sources().join(".swift-format"));
    run("lint the Swift code", command.arg(sources())).map(drop)
}

/// Packs what is released into `folder`: the bundle of all libraries, the repository that names it, and, for Swift older than 6.2,
/// the package with the library of one processor. Returns the packed files.
pub(crate) fn package(folder: &Path, natives: &[Native]) -> Result<Vec<(Kind, PathBuf)>> {
    let natives: Vec<&Native> = natives.iter().filter(|native| native.target.is_for_swift()).collect();
    bundle::write_headers(&folder.join("include"))?;
    if natives.is_empty() {
        println!("  swift: none of the targets is one that Swift on Linux links to; the header lies in include/");
        return Ok(Vec::new());
    }
    let bundle = bundle::pack(folder, &natives)?;
    assemble::repository(&folder.join("repository"), &bundle::by_url(&bundle, folder)?)?;
    let mut files = vec![(Kind::Swift(natives.len()), bundle)];
    for native in natives {
        let scratch = target().join("swift/released").join(native.target.triple);
        assemble::with_archive(&scratch, &native.archive())?;
        licences::write(&scratch.join(assemble::NAME), &[native.target])?;
        let name = format!("{}-{}-{}.tar.gz", assemble::NAME, env!("CARGO_PKG_VERSION"), native.target.triple);
        let file = folder.join(name);
        archive::tar_gz(&file, &scratch, assemble::NAME)?;
        files.push((Kind::SwiftPackage(native.target), file));
    }
    Ok(files)
}

/// Builds the measuring program with the released package, and returns the words of its command.
pub(crate) fn bench() -> Result<Vec<String>> {
    let swift = Swift::installed_or_install()?;
    let scratch = target().join("swift/bench");
    let program = scratch.join("release").join(BENCH);
    assemble::package(Profile::Release, &target().join("swift/release"), || Ok(()))?;
    // SwiftPM would not link the program again for a new library.
    assemble::remove(&program)?;
    let mut build = swift.command("build");
    let build = build.current_dir(sources().join("bench")).args(["-c", "release", "--scratch-path"]).arg(&scratch);
    run("build the Swift measurements", build)?;
    // The wrapper does not pass the environment on.
    let command = swift.run(&PathBuf::from("env"));
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| word.to_string_lossy().into_owned());
    Ok(words.chain([VERSION.to_owned(), program.display().to_string()]).collect())
}

/// The package with the development build of the library. Programs that were linked to an older library are removed, because
/// SwiftPM does not know that they contain it.
fn development_package() -> Result<PathBuf> {
    let mut linked = vec![format!("{}PackageTests.xctest", assemble::NAME), DEMO.to_owned()];
    linked.extend([TEST_PROGRAM, ROBOT].map(str::to_owned));
    assemble::package(Profile::Dev, &target().join("swift"), || {
        for product in linked.iter().map(|name| scratch().join("debug").join(name)) {
            assemble::remove(&product)?;
        }
        Ok(())
    })
}

/// The same flags for every build, so that none must start from nothing. The compiler writes the public symbols of each module
/// into `symbols`; the tests compare them with the listing in git.
fn building<'a>(command: &'a mut Command, package: &Path) -> &'a mut Command {
    let symbols = scratch().join("symbols").display().to_string();
    let flags = ["-warnings-as-errors", "-emit-symbol-graph", "-emit-symbol-graph-dir", &symbols];
    command.current_dir(package).arg("--scratch-path").arg(scratch());
    command.args(flags.iter().flat_map(|flag| ["-Xswiftc", flag]))
}

fn scratch() -> PathBuf {
    target().join("swift/build")
}

fn sources() -> PathBuf {
    root().join("bindings/swift")
}

/// Counts the lines `Test Case 'ErrorTests.test_…' passed (0.1 seconds)`.
fn count(output: &str) -> Summary {
    let ended = |how: &str| -> u64 {
        let end = format!("' {how} (");
        output.lines().filter(|line| line.starts_with("Test Case '") && line.contains(&end)).count() as u64
    };
    Summary { passed: ended("passed"), failed: ended("failed"), skipped: ended("skipped") }
}

/// The messages of failed tests: `file:line: error: test : words`, and the lines below that belong to it.
fn failures(output: &str) -> impl Iterator<Item = &str> {
    let mut within = false;
    output.lines().filter(move |line| {
        within = line.contains(": error: ") || within && line.starts_with(' ');
        within
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
Test Suite 'ErrorTests' started at 2026-03-01 08:15:00.000
Test Case 'ErrorTests.test_a' started at 2026-03-01 08:15:00.000
/p/Tests/ErrorTests.swift:12: error: ErrorTests.test_a : XCTAssertEqual failed
    the body is this
    and not that
Test Case 'ErrorTests.test_a' failed (0.003 seconds)
Test Case 'ErrorTests.test_b' passed (0.5 seconds)
Test Case 'ErrorTests.test_c' skipped (0.0 seconds)
Test Suite 'ErrorTests' failed at 2026-03-01 08:15:01.000
\t Executed 3 tests, with 1 test skipped and 7 failures (0 unexpected) in 0.5 (0.5) seconds
";

    #[test]
    fn tests_are_counted_and_not_their_failed_assertions() {
        assert_eq!(count(OUTPUT), Summary { passed: 1, failed: 1, skipped: 1 });
    }

    #[test]
    fn a_failure_is_shown_with_the_lines_below_it() {
        let shown: Vec<&str> = failures(OUTPUT).collect();
        assert_eq!(shown.len(), 3);
        assert!(shown[0].contains("XCTAssertEqual failed") && shown[2] == "    and not that", "{shown:?}");
    }
}
