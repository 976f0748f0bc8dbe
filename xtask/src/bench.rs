//! `cargo xtask bench`: measures this library and its peers in every language, in one run. `cargo xtask soak`: whether memory and
//! threads of this library stay flat.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    kotlin,
    language::Language,
    native::cargo,
    python,
    shell::{Result, run, show, target},
    swift,
};

/// What is measured where nothing else is asked for.
const WORKLOADS: &str =
    "sequential,threads_16,threads_64,threads_256,async_100,async_1000,get_40k,send_40k,bulk,crossing";

/// Builds everything for release and measures; `--quick` gives rough figures, for somebody who changes something, and
/// `--workloads` those of some workloads only.
pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let mut is_quick = false;
    let mut workloads = None;
    let mut languages = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--quick" => is_quick = true,
            "--workloads" => {
                workloads = Some(words.next().ok_or("--workloads needs their names, with commas")?.as_str())
            }
            _ => languages.push(word.clone()),
        }
    }
    let languages = Language::chosen(&languages)?;
    let programs = built()?;
    let mut command = gatherer(&programs, "wildfirechat-bench");
    let (rounds, seconds) = if is_quick { ("3", "0.15") } else { ("5", "1") };
    command.args(["--rounds", rounds, "--seconds", seconds]);
    if let Some(workloads) = workloads.or_else(|| (!is_quick).then_some(WORKLOADS)) {
        command.args(["--workloads", workloads]);
    }
    for language in languages {
        let mut words = words_of(language, &programs)?;
        command.arg("--program").arg(lines(language, &words));
        if let (Language::Python, Some(program)) = (language, words.last_mut()) {
            *program = python::startup().display().to_string();
        }
        command.arg("--startup").arg(lines(language, &words));
    }
    show("measure", &mut command)
}

/// Lets the program of each language make calls for minutes (only Rust's if none is named), and watches its memory and threads.
pub(crate) fn soak(arguments: &[String]) -> Result<()> {
    let (minutes, languages) = match arguments {
        [name, minutes, languages @ ..] if name == "--minutes" => (minutes.as_str(), languages),
        languages => ("10", languages),
    };
    let languages = if languages.is_empty() { vec![Language::Rust] } else { Language::chosen(languages)? };
    let programs = built()?;
    let mut command = gatherer(&programs, "bench-soak");
    command.args(["--minutes", minutes]);
    for language in languages {
        let mut words = words_of(language, &programs)?;
        if language == Language::Kotlin {
            // A JVM lets its heap grow to the limit before it collects garbage. This heap is small and has its full size from the
            // beginning, so that garbage does not look like growth.
            words.splice(1..1, ["-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch"].map(str::to_owned));
        }
        command.arg("--program").arg(lines(language, &words));
    }
    show("soak", &mut command)
}

/// Builds the measuring programs in Rust, and returns where they are.
fn built() -> Result<PathBuf> {
    let mut build = cargo();
    // Built as Rust programs build the library; the packages contain another build, together with the program.
    let features = ["--package", "wildfirechat-bench", "--features", "wildfirechat-message/bindings"];
    run("build the measuring programs", build.args(["build", "--release"]).args(features))?;
    Ok(target().join("release"))
}

fn gatherer(programs: &Path, name: &str) -> Command {
    let mut command = Command::new(programs.join(name));
    command.arg("--server").arg(programs.join("bench-server")).arg("--out").arg(target().join("bench"));
    command
}

/// The language's measuring program and its arguments.
fn words_of(language: Language, programs: &Path) -> Result<Vec<String>> {
    match language {
        Language::Rust => Ok(vec![programs.join("bench-rust").display().to_string()]),
        Language::Python => python::bench(),
        Language::Kotlin => kotlin::measuring_program(),
        Language::Swift => swift::bench(),
    }
}

/// A program in the form that the gathering program reads: the name of the language and the words of the command, one per line.
fn lines(language: Language, words: &[String]) -> String {
    [&[language.name().to_owned()], words].concat().join("\n")
}
