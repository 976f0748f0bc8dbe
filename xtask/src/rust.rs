//! Rust itself: its programs, its tests, its demo, its package.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    native::{self, Profile, cargo, cargo_library, cargo_tools},
    package::sources::pack_crate,
    server::{RobotSettings, Server},
    shell::{Result, last_lines, run, run_silently, show, target},
    summary::{Summary, show_what_is_told},
};

/// The sandbox program, which is built with the library.
pub(crate) fn sandbox_program() -> PathBuf {
    target().join("debug").join(format!("wildfirechat-sandbox{}", std::env::consts::EXE_SUFFIX))
}

/// Runs the tests of the library and its documentation, of the generator and of this runner, or `only` those whose names contain
/// a word.
pub(crate) fn test(only: Option<&str>) -> Result<Summary> {
    let mut summary = tests_of("run the Rust tests", cargo_library("test").arg(ALL_OF_THEM).args(only))?;
    summary += tests_of("run the tests of the project's tools", cargo_tools("test").arg(ALL_OF_THEM).args(only))?;
    Ok(summary)
}

pub(crate) fn demo(server: &Server) -> Result<()> {
    native::library(Profile::Dev)?;
    show("the Rust demo", Command::new(demo_program()).arg(&server.url).arg(&server.secret))
}

/// The example of a robot, built.
pub(crate) fn robot(settings: &RobotSettings) -> Result<Command> {
    run("build the Rust robot", cargo_library("build").args(["--example", "axum_robot"]))?;
    let mut command =
        Command::new(target().join("debug/examples/axum_robot").with_extension(std::env::consts::EXE_EXTENSION));
    command.envs(settings.clone());
    Ok(command)
}

/// As the demo, for a server that is being tried: prints only how many calls it answered.
pub(crate) fn every_method(server: &Server) -> Result<usize> {
    native::library(Profile::Dev)?;
    let output = run("call every method", Command::new(demo_program()).arg(&server.url).arg(&server.secret))?;
    Ok(output.lines().count())
}

fn demo_program() -> PathBuf {
    target().join("debug/examples").join(format!("demo{}", std::env::consts::EXE_SUFFIX))
}

/// Packs the crate into `folder`, and tries it in a new project. Returns the file.
pub(crate) fn package(folder: &Path) -> Result<PathBuf> {
    let packed = pack_crate()?;
    let archive = folder.join(packed.file_name().unwrap_or_default());
    fs::create_dir_all(folder).and_then(|()| fs::copy(&packed, &archive)).map_err(in_file(&archive))?;
    let name = format!("wildfirechat-message-{}", env!("CARGO_PKG_VERSION"));
    in_a_fresh_project(&archive, &name, &target().join("package/trial/rust"))?;
    Ok(archive)
}

/// Unpacks the crate beside a new project that depends on it, and runs the project.
fn in_a_fresh_project(archive: &Path, name: &str, folder: &Path) -> Result<()> {
    let project = folder.join("project");
    fs::create_dir_all(project.join("src")).map_err(in_file(&project))?;
    run("unpack the crate", Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(folder))?;
    let manifest = TRIAL_MANIFEST.replace("NAME", name);
    for (file, text) in [("Cargo.toml", manifest.as_str()), ("src/main.rs", TRIAL_PROGRAM)] {
        let file = project.join(file);
        fs::write(&file, text).map_err(in_file(&file))?;
    }
    let mut command = cargo();
    command.args(["build", "--quiet", "--target-dir"]).arg(folder.join("target"));
    run("build a fresh Rust project", command.current_dir(&project))?;
    show("run the fresh Rust project", &mut Command::new(folder.join("target/debug/trial")))
}

const TRIAL_MANIFEST: &str = r#"[package]
name = "trial"
edition = "2024"

[dependencies]
wildfirechat-message = { path = "../NAME", features = ["sandbox"] }

[workspace]
"#;

const TRIAL_PROGRAM: &str = r#"use wildfirechat_message::{Conversation, MessageClient, MessagePayload, SendRequest, sandbox::Sandbox};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::new(None, None)?;
    let client = MessageClient::new(sandbox.base_url()?, "123456".to_owned(), None)?;
    let request = SendRequest::new("admin", Conversation::group("g1"), MessagePayload::text("It works."));
    let sent = client.send_message(request)?;
    println!("{}", client.get_message(sent.message_uid)?.payload.searchable_content);
    Ok(())
}
"#;

fn in_file(file: &Path) -> impl Fn(io::Error) -> String {
    move |error| format!("{}: {error}", file.display())
}

/// With this argument, cargo also runs the test programs that come after one that failed.
pub(crate) const ALL_OF_THEM: &str = "--no-fail-fast";

/// Runs cargo's tests, prints those that fail, and returns the counts.
pub(crate) fn tests_of(label: &str, command: &mut Command) -> Result<Summary> {
    let (output, success) = run_silently(label, command)?;
    let summary = count(&output);
    show_what_is_told(&output);
    if !success {
        for failure in failures(&output) {
            println!("{failure}");
        }
        if summary.failed == 0 {
            let end = last_lines(&output, 60);
            return Err(format!("{label}: it did not build, or a test program ended without a result:\n{end}"));
        }
    }
    Ok(summary)
}

/// Adds up the lines `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn count(output: &str) -> Summary {
    let mut summary = Summary::default();
    for result in output.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        for part in result.split("; ") {
            let mut words = part.rsplit(' ');
            let place = match words.next() {
                Some("passed") => &mut summary.passed,
                Some("failed") => &mut summary.failed,
                Some("ignored") => &mut summary.skipped,
                _ => continue,
            };
            *place += words.next().and_then(|number| number.parse::<u64>().ok()).unwrap_or_default();
        }
    }
    summary
}

/// The output of the tests that failed: the parts below `---- name stdout ----` of each test program.
fn failures(output: &str) -> Vec<&str> {
    output.split("\nfailures:\n").skip(1).filter(|part| part.trim_start().starts_with("----")).map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
running 2 tests
test a ... ok
test b ... FAILED

failures:

---- b stdout ----

thread 'b' panicked at src/lib.rs:3:5:
it is wrong

failures:
    b

test result: FAILED. 1 passed; 1 failed; 3 ignored; 0 measured; 0 filtered out; finished in 0.03s

   Doc-tests wildfirechat_message

test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.03s
";

    #[test]
    fn the_results_of_all_test_programs_are_added_up() {
        assert_eq!(count(OUTPUT), Summary { passed: 13, failed: 1, skipped: 3 });
    }

    #[test]
    fn output_without_a_result_counts_nothing() {
        assert_eq!(count("error: could not compile `wildfirechat-message`"), Summary::default());
    }

    #[test]
    fn a_failed_test_is_shown_with_what_it_printed() {
        let failures = failures(OUTPUT);
        assert_eq!(failures.len(), 1);
        assert!(failures[0].starts_with("---- b stdout ----") && failures[0].ends_with("it is wrong"), "{failures:?}");
    }
}
