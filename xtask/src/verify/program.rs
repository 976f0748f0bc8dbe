//! The program `wildfirechat-message` out of each package: held to all that its tests ask of the binary (tests/program).

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Outcome,
    consumers::{self, fresh, packed, program_of, without_rust, write},
    python,
    sandbox::Started,
    trees::{CONSUMER, Plan, Tree, need},
};
use crate::{
    kotlin::central,
    native::cargo_library,
    package::targets::PROGRAM,
    rust,
    server::Server,
    shell::{Result, ask, run},
};

/// The program by itself.
pub(super) fn alone(triple: &str) -> Result<Outcome> {
    match program_of(PROGRAM, triple)? {
        Some(program) => passes(triple, &[&program.to_string_lossy()]),
        None => not_packed(),
    }
}

/// In the wheel, by both of its ways in.
pub(super) fn of_python() -> Result<Outcome> {
    let folder = fresh("here-python-program")?;
    if !python::install_here(&folder)? {
        return not_packed();
    }
    let script = folder.join("venv/bin").join(PROGRAM);
    says_its_version(&script)?;
    passes("python", &[&folder.join("venv/bin/python").to_string_lossy(), "-m", "wildfirechat_message"])
}

/// In the jar that has all it needs inside.
pub(super) fn of_java() -> Result<Outcome> {
    let jar = central::program(&packed("kotlin"));
    if !jar.exists() {
        return not_packed();
    }
    let java = ask("sh", &["-c", "command -v java"]).ok_or("Java is missing")?;
    passes("java", &[&java, "-jar", &jar.to_string_lossy()])
}

/// On another processor: both programs of it, the one for glibc in its tree, and the static one without any.
pub(super) fn on_another(plan: &Plan, triple: &str, static_one: Option<&str>) -> Result<Outcome> {
    let Some(program) = program_of(PROGRAM, triple)? else { return not_packed() };
    let tree = Tree::of(plan)?;
    tree.bring(&with_secret(&program)?)?;
    let inside = |file: &str| format!("{CONSUMER}/{file}");
    let line = speaks(&inside("secret"), |words| tree.command(&inside(PROGRAM), words))?;
    let Some(program) = static_one.map(|triple| program_of(PROGRAM, triple)).transpose()?.flatten() else {
        return Ok(Outcome::Ran(line));
    };
    let emulator = plan.emulator.ok_or("this tree has no emulator")?.program()?;
    let secret = with_secret(&program)?.join("secret");
    speaks(&secret.to_string_lossy(), |words| {
        let mut command = without_rust(&emulator.to_string_lossy());
        command.arg(&program).args(words);
        command
    })?;
    Ok(Outcome::Ran(format!("{line}, and so does the static one")))
}

/// On Windows, by wine.
pub(super) fn on_windows() -> Result<Outcome> {
    let Some(program) = program_of(PROGRAM, "x86_64-pc-windows-gnullvm")? else { return not_packed() };
    let tree = Tree::of(&consumers::WINE)?;
    tree.bring(&with_secret(&program)?)?;
    let file = format!("{PROGRAM}.exe");
    speaks("secret", |words| consumers::by_wine(&tree, &[&[file.as_str()], words].concat())).map(Outcome::Ran)
}

/// The folder of an unpacked program, with the sandbox's secret in a file beside it.
fn with_secret(program: &Path) -> Result<PathBuf> {
    let folder = program.parent().unwrap_or(program);
    write(&folder.join("secret"), SECRET)?;
    Ok(folder.to_owned())
}

const SECRET: &str = "123456";

/// Has the program be a sandbox, asks everything of that, and has the program send to it. `run_with` gives its command.
fn speaks(secret: &str, run_with: impl Fn(&[&str]) -> Command) -> Result<String> {
    let server = Started::by(&mut run_with(&["sandbox"]))?;
    let calls = rust::every_method(&Server { url: server.url.clone(), secret: SECRET.to_owned() })?;
    let words =
        ["send", "--url", &server.url, "--secret-file", secret, "--sender", "admin", "--to", "group:g1", "Hello."];
    let told = run("send by the program", &mut run_with(&words))?;
    match told.contains("sent as message ") {
        true => Ok(format!("it sends, and as a sandbox answers {calls} calls of every method")),
        false => Err(format!("the program printed no message:\n{told}")),
    }
}

/// What the tests of the program start besides, and Debian's packages of that.
const STARTED: [(&str, &str); 3] =
    [("kill", "procps"), ("ps", "procps"), ("prometheus-alertmanager", "prometheus-alertmanager")];

/// Runs the tests of the program with these words in place of the binary.
fn passes(name: &str, words: &[&str]) -> Result<Outcome> {
    for (program, package) in STARTED {
        need(program, package)?;
    }
    let mut command = cargo_library("test");
    command.args(["--test", "program", rust::ALL_OF_THEM]).env("WILDFIRECHAT_PROGRAM", words.join(" "));
    let summary = rust::tests_of(&format!("run the tests of the program, {name}"), &mut command)?;
    Outcome::of_tests("tests of the program", summary)
}

fn says_its_version(script: &Path) -> Result<()> {
    let output = run("ask the console script", without_rust(&script.to_string_lossy()).arg("--version"))?;
    match output.trim() == format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")) {
        true => Ok(()),
        false => Err(format!("{}: it reports the name {output}", script.display())),
    }
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package".to_owned()))
}
