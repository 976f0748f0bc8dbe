//! The Python binding: its wheel, its suite, its demo, its lint, its measurements and its packages.

mod venv;

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    native::{self, Library, Profile},
    package::{licences, native::Native, sources::sources_of_the_crate, targets, tight},
    server::{RobotSettings, Server},
    shell::{Result, last_lines, run, run_silently, show, target},
    summary::{Summary, show_what_is_told},
};
use venv::{Stamp, built, in_file, sources};

pub(crate) use venv::{Venv, required};

/// Runs the suite against the installed wheel, or `only` the tests whose names hold a word.
pub(crate) fn test(only: Option<&str>) -> Result<Summary> {
    let venv = with_wheel()?;
    venv.require("test")?;
    let mut command = venv.command("pytest");
    command.args(only.map(|pattern| ["-k", pattern]).into_iter().flatten());
    tests_of("run the Python tests", &mut command)
}

/// Runs pytest, prints what failed, and returns the counts.
pub(crate) fn tests_of(label: &str, pytest: &mut Command) -> Result<Summary> {
    // Without -v, pytest cuts the summary of failed tests; -rsfE also names the skipped ones.
    pytest.current_dir(sources()).args(["-q", "-rsfE", "--color=no", "--no-header"]);
    let (output, success) = run_silently(label, pytest)?;
    if !success {
        println!("{}", last_lines(&output, 100));
    }
    let summary = counts_of(&output).ok_or("the Python tests did not run")?;
    show_what_is_told(&output);
    Ok(summary)
}

pub(crate) fn demo(server: &Server) -> Result<()> {
    let mut command = example("demo.py")?;
    show("the Python demo", command.args(["--url", &server.url, "--secret", &server.secret]))
}

/// The example of a robot, by the framework that serves it.
pub(crate) fn robot(settings: &RobotSettings, port: u16) -> Result<Command> {
    let venv = with_wheel()?;
    venv.require("test")?;
    let mut command = venv.command("uvicorn");
    command.current_dir(sources().join("examples")).envs(settings.clone());
    command.args(["fastapi_robot:app", "--log-level", "warning", "--port", &port.to_string()]);
    Ok(command)
}

/// An example that needs the package alone.
pub(crate) fn example(file: &str) -> Result<Command> {
    let mut command = with_wheel()?.command("python");
    command.current_dir(built()).arg(sources().join("examples").join(file));
    Ok(command)
}

/// Format, lints, and types: of the installed package, its tests and its examples.
pub(crate) fn lint() -> Result<()> {
    let venv = with_wheel()?;
    venv.require("test")?;
    venv.require("lint")?;
    // The generator contains two whole Python modules.
    const WHOLE: [&str; 2] = ["../../bindgen/src/python/bridge.py", "../../bindgen/src/python/dataclass.py"];
    const SETTINGS: [&str; 2] = ["--config", "pyproject.toml"];
    let checks: [(&str, &str, &[&str]); 2] = [
        ("lint the Python code", "ruff", &["check", ".", WHOLE[0], WHOLE[1]]),
        ("check the format of the Python code", "ruff", &["format", "--check", ".", WHOLE[0], WHOLE[1]]),
    ];
    for (label, program, arguments) in checks {
        run(label, venv.command(program).current_dir(sources()).args(arguments).args(SETTINGS))?;
    }
    // Not in the folder of the sources: there Python would find the package without its generated modules.
    let types = |program: &str| {
        let mut command = venv.command(program);
        command.current_dir(built());
        command
    };
    let programs = [sources().join("tests"), sources().join("examples")];
    let settings = sources().join("pyproject.toml");
    let mypy = || {
        let mut command = types("mypy");
        command.arg("--config-file").arg(&settings);
        command
    };
    run("check the types of the Python package", mypy().args(["--package", "wildfirechat_message"]))?;
    run("check the types of the Python tests", mypy().args(&programs))?;
    let consumer = [sources().join("tests/consumer.py"), sources().join("examples/demo.py")];
    run("check the types of a Python program", types("pyright").args(consumer))?;
    let complete = ["--verifytypes", "wildfirechat_message", "--ignoreexternal"];
    run("check that every public Python type is known", types("pyright").args(complete)).map(drop)
}

/// The measuring program, in an environment with the released wheel.
pub(crate) fn bench() -> Result<Vec<String>> {
    let venv = Venv::new("bench")?;
    let wheel = wheel(&Venv::new("venv")?, Profile::Release, &target().join("wheels/release"))?;
    venv.install(&wheel)?;
    venv.require("bench")?;
    // Isolated, and without writing caches into the sources.
    let words = [venv.program("python"), "-I".into(), "-B".into(), sources().join("bench/bench.py")];
    Ok(words.map(|word| word.display().to_string()).to_vec())
}

/// The program that measures the start, apart from the measuring program, which imports far more.
pub(crate) fn startup() -> PathBuf {
    sources().join("bench/startup.py")
}

/// Packs the source package and a wheel for each of `natives` into `folder`; returns the wheels.
pub(crate) fn package(folder: &Path, natives: &[Native]) -> Result<Vec<PathBuf>> {
    let venv = Venv::new("venv")?;
    venv.require("build")?;
    let _ = fs::remove_dir_all(folder);
    let project = project(&native::library(Profile::Release)?)?;
    // The source package may be built on any machine.
    licences::write(&project, &targets::ALL.iter().collect::<Vec<_>>())?;
    sources_of_the_crate(&project.join("rust"))?;
    let mut sdist = hatchling(&venv, &project, "sdist", folder);
    run("pack the Python source package", &mut sdist)?;
    let mut wheels = Vec::new();
    for native in natives {
        licences::write(&project, &[native.target])?;
        let scratch = folder.join("new");
        let mut command = hatchling(&venv, &project, "wheel", &scratch);
        command.env("WILDFIRECHAT_NATIVE_LIBRARY", native.shared());
        command.env("WILDFIRECHAT_WHEEL_PLATFORM", native.target.wheel);
        run(&format!("pack the wheel for {}", native.target.triple), &mut command)?;
        let made = only_wheel(&scratch)?;
        let wheel = folder.join(made.file_name().unwrap_or_default());
        fs::rename(&made, &wheel).and_then(|()| fs::remove_dir(&scratch)).map_err(in_file(&wheel))?;
        wheels.push(wheel);
    }
    tight::tighten(&wheels)?;
    Ok(wheels)
}

/// The source package in `folder`.
pub(crate) fn source_package(folder: &Path) -> Option<PathBuf> {
    let file = folder.join(format!("wildfirechat_message-{}.tar.gz", version()));
    file.exists().then_some(file)
}

/// The version as Python writes it: `1.0.0-rc.1` is `1.0.0rc1` there.
pub(crate) fn version() -> String {
    env!("CARGO_PKG_VERSION").replace("-rc.", "rc")
}

/// For a wheel that pip builds from a checkout: prints where the generated files and their library are.
pub(crate) fn sources_for_a_wheel() -> Result<()> {
    let library = native::library(Profile::Release)?;
    let project = project(&library)?;
    println!("{}\n{}", project.join("wildfirechat_message").display(), library.shared.display());
    Ok(())
}

/// Writes the project from which wheels are packed: the hand-written and the generated files in one folder.
fn project(library: &Library) -> Result<PathBuf> {
    let generated = built().join("generated/wildfirechat_message");
    native::generate_facade(library, "python", &generated)?;
    native::generate(library, "python", &generated.join("_native"))?;
    let project = built().join("project");
    let _ = fs::remove_dir_all(&project);
    for name in ["pyproject.toml", "hatch_build.py", "README.md"] {
        copy(&sources().join(name), &project.join(name))?;
    }
    for folder in [&sources().join("wildfirechat_message"), &generated] {
        let mut files = Vec::new();
        list(folder, &mut files).map_err(in_file(folder))?;
        for file in files {
            let within = file.strip_prefix(folder).map_err(|error| error.to_string())?;
            copy(&file, &project.join("wildfirechat_message").join(within))?;
        }
    }
    Ok(project)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).and_then(|()| fs::copy(from, to)).map(drop).map_err(in_file(from))
}

/// The program of the environment that packs.
fn hatchling(venv: &Venv, project: &Path, what: &str, folder: &Path) -> Command {
    let mut command = venv.command("python");
    command.current_dir(project).args(["-m", "hatchling", "build", "--target", what, "--directory"]).arg(folder);
    // The same files give the same package, at whatever time it is packed.
    command.env("SOURCE_DATE_EPOCH", "1577836800");
    command
}

/// The environment with the wheel of the present sources.
fn with_wheel() -> Result<Venv> {
    let venv = Venv::new("venv")?;
    let wheel = wheel(&venv, Profile::Dev, &target().join("wheels"))?;
    venv.install(&wheel)?;
    Ok(venv)
}

/// Builds the wheel into `folder`, unless it is there and no source has changed since.
fn wheel(venv: &Venv, profile: Profile, folder: &Path) -> Result<PathBuf> {
    let library = native::library(profile)?;
    let project = project(&library)?;
    let stamp = stamp_of_inputs(built().join(format!("{profile:?}.made-from")), &library.shared, &project)?;
    if let (true, Ok(wheel)) = (stamp.is_current(), only_wheel(folder)) {
        return Ok(wheel);
    }
    venv.require("build")?;
    remove_wheels(folder).map_err(in_file(folder))?;
    let mut command = hatchling(venv, &project, "wheel", folder);
    run("pack the Python wheel", command.env("WILDFIRECHAT_NATIVE_LIBRARY", &library.shared))?;
    let wheel = only_wheel(folder)?;
    stamp.set()?;
    Ok(wheel)
}

fn only_wheel(folder: &Path) -> Result<PathBuf> {
    match wheels_in(folder).map_err(in_file(folder))?.as_slice() {
        [wheel] => Ok(wheel.clone()),
        wheels => Err(format!("{} holds {} wheels instead of one", folder.display(), wheels.len())),
    }
}

fn remove_wheels(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    wheels_in(folder)?.into_iter().try_for_each(fs::remove_file)
}

fn wheels_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut wheels = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            wheels.push(path);
        }
    }
    Ok(wheels)
}

/// Everything that goes into a wheel, by content, because cargo gives its files new times without a change.
fn stamp_of_inputs(file: PathBuf, library: &Path, project: &Path) -> Result<Stamp> {
    let mut files = vec![library.to_owned(), sources().join("requirements/build.txt")];
    list(project, &mut files).map_err(in_file(project))?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in &files {
        (file, fs::read(file).ok()).hash(&mut hasher);
    }
    Ok(Stamp { file, made_from: format!("{} files, {:x}", files.len(), hasher.finish()) })
}

/// Every file below `folder`, but not what Python caches.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("__pycache__") {
                list(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The counts in pytest's last line: `2 failed, 790 passed, 1 skipped, 1 error in 17.20s`, or, of more than a minute,
/// `790 passed in 77.20s (0:01:17)`.
fn counts_of(output: &str) -> Option<Summary> {
    let is_time = |text: &str| text.split(' ').next().is_some_and(|seconds| seconds.ends_with('s'));
    let mut lines = output.lines().rev().filter_map(|line| line.trim_matches(['=', ' ']).split_once(" in "));
    let (counts, _) = lines.find(|(_, time)| is_time(time))?;
    let mut summary = Summary::default();
    for count in counts.split(", ") {
        let (number, what) = count.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match what {
            "passed" | "xfailed" => summary.passed += number,
            "failed" | "error" | "errors" | "xpassed" => summary.failed += number,
            "skipped" => summary.skipped += number,
            // Warnings, and tests that were deselected.
            _ => {}
        }
    }
    Some(summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_a_good_run_are_read() {
        let output = "....\n4 skipped tests are told of above\nconformance: 458 cases played\n793 passed in 17.20s";
        assert_eq!(counts_of(output), Some(Summary { passed: 793, failed: 0, skipped: 0 }));
    }

    #[test]
    fn the_counts_of_a_run_of_more_than_a_minute_are_read() {
        let output = "....\n1396 passed in 98.86s (0:01:38)";
        assert_eq!(counts_of(output), Some(Summary { passed: 1396, failed: 0, skipped: 0 }));
    }

    #[test]
    fn errors_count_as_failures() {
        let output =
            "= short test summary =\nFAILED a\n== 2 failed, 7 passed, 1 skipped, 3 warnings, 1 error in 0.5s ==";
        assert_eq!(counts_of(output), Some(Summary { passed: 7, failed: 3, skipped: 1 }));
    }

    #[test]
    fn a_run_that_collected_nothing_has_no_counts() {
        assert_eq!(counts_of("ImportError while loading conftest"), None);
        assert_eq!(counts_of("no tests ran in 0.01s"), None);
    }
}
