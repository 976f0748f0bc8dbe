//! `cargo xtask bench`: ours against its peers, in every language, in one run.

use std::{path::Path, process::Command};

use crate::{
    kotlin,
    language::Language,
    native::cargo,
    python,
    shell::{Result, run, show, target},
    swift,
};

/// Builds everything for release and measures; `quick` is for a look, and for whoever changes something.
pub(crate) fn bench(arguments: &[String]) -> Result<()> {
    let (quick, languages): (Vec<&String>, Vec<&String>) = arguments.iter().partition(|word| *word == "--quick");
    let languages: Vec<String> = languages.into_iter().cloned().collect();
    let languages = Language::chosen(&languages)?;
    let mut build = cargo();
    // With the features that the other languages' library has: one build for all.
    let features = ["--package", "wildfirechat-bench", "--features", "wildfirechat-message/bindings"];
    run("build the measuring programs", build.args(["build", "--release"]).args(features))?;
    let programs = target().join("release");
    let mut command = Command::new(programs.join("wildfirechat-bench"));
    command.arg("--server").arg(programs.join("bench-server")).arg("--out").arg(target().join("bench"));
    let (rounds, seconds) = if quick.is_empty() { ("5", "2") } else { ("3", "0.3") };
    command.args(["--rounds", rounds, "--seconds", seconds]);
    for language in languages {
        command.arg("--program").arg(program_of(language, &programs)?);
    }
    show("measure", &mut command)
}

/// The language's measuring program: its name, the program and its arguments, a line each.
fn program_of(language: Language, programs: &Path) -> Result<String> {
    let words = match language {
        Language::Rust => vec![programs.join("bench-rust").display().to_string()],
        Language::Python => python::bench()?,
        Language::Kotlin => kotlin::measuring_program()?,
        Language::Swift => swift::bench()?,
    };
    Ok([&[language.name().to_owned()], &words[..]].concat().join("\n"))
}
