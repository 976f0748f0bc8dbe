//! The sandbox as a program: it is started, and everything is asked of it.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{
    Outcome,
    consumers::{self, sandbox_of, without_rust},
    trees::{CONSUMER, Tree, need},
};
use crate::{demo::Server, rust, shell::Result};

/// On this system.
pub(super) fn here(triple: &str) -> Result<Outcome> {
    let Some(program) = sandbox_of(triple)? else { return not_packed() };
    answers(&mut without_rust(&program.to_string_lossy()))
}

/// Both programs: the one for glibc in its tree, the static one without any.
pub(super) fn on_aarch64() -> Result<Outcome> {
    let Some(program) = sandbox_of("aarch64-unknown-linux-gnu")? else { return not_packed() };
    let tree = Tree::of(&consumers::AARCH64)?;
    let first = in_tree(&tree, &program)?;
    let Some(program) = sandbox_of("aarch64-unknown-linux-musl")? else { return Ok(first) };
    answers(without_rust("qemu-aarch64-static").arg(program))?;
    let Outcome::Ran(line) = first else { return Ok(first) };
    Ok(Outcome::Ran(format!("{line}, and so does the static one")))
}

pub(super) fn on_loongarch64() -> Result<Outcome> {
    let Some(program) = sandbox_of("loongarch64-unknown-linux-gnu")? else { return not_packed() };
    in_tree(&Tree::of(&consumers::LOONGARCH64)?, &program)
}

pub(super) fn on_windows() -> Result<Outcome> {
    let Some(program) = sandbox_of("x86_64-pc-windows-gnullvm")? else { return not_packed() };
    need("wine", "wine")?;
    let mut command = without_rust("wine");
    // Its own settings, and no question about what it could install besides.
    command
        .env("WINEPREFIX", consumers::fresh("wine")?)
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
        .env("WINEDEBUG", "-all");
    answers(command.arg(program))
}

fn in_tree(tree: &Tree, program: &Path) -> Result<Outcome> {
    tree.bring(program)?;
    let inside = format!("{CONSUMER}/{}", program.file_name().unwrap_or_default().to_string_lossy());
    answers(&mut tree.command(&inside, &[]))
}

/// Starts it on a port of its own choice, and calls every method of the API on it.
fn answers(command: &mut Command) -> Result<Outcome> {
    let mut child = command
        .args(["--port", "0"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| format!("the sandbox cannot be started: {error}"))?;
    let outcome = called(&mut child);
    // Where it cannot be ended, it has ended by itself.
    let _ = child.kill();
    let _ = child.wait();
    outcome
}

fn called(child: &mut Child) -> Result<Outcome> {
    let output = child.stdout.take().ok_or("the sandbox has no output")?;
    let mut lines = BufReader::new(output).lines().map_while(std::io::Result::ok);
    let line = lines.find(|line| line.contains("http://")).ok_or("the sandbox told no address")?;
    let at = line.find("http://").unwrap_or_default();
    let url = line[at..].trim().to_owned();
    let calls = rust::every_method(&Server { url, secret: "123456".to_owned() })?;
    Ok(Outcome::Ran(format!("{calls} calls of every method were answered")))
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package".to_owned()))
}
