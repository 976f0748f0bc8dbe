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
use crate::{
    rust,
    server::Server,
    shell::{Result, root, run},
};

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

/// In an otherwise empty container, which the project's Dockerfile makes.
pub(super) fn in_a_container() -> Result<Outcome> {
    let Some(program) = sandbox_of("x86_64-unknown-linux-musl")? else { return not_packed() };
    let (context, name) = (program.parent().unwrap_or(&program), program.file_name().unwrap_or_default());
    need("buildah", "buildah")?;
    let store = consumers::fresh("containers")?;
    let buildah = |mut command: Command| {
        command.args(["--storage-driver", "vfs", "--root"]).arg(store.join("store"));
        command.arg("--runroot").arg(store.join("run"));
        command
    };
    let mut build = buildah(without_rust("buildah"));
    build.args(["build", "--quiet", "--isolation", "chroot", "--tag", "sandbox", "--file"]);
    run("build the container's image", build.arg(root().join("packaging/Dockerfile")).arg(context))?;
    let mut from = buildah(without_rust("buildah"));
    run("make a container", from.args(["from", "--quiet", "--name", "sandbox", "sandbox"]))?;
    // Whoever ends it ends what runs in the container too.
    let mut command = without_rust("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "buildah"]);
    let mut command = buildah(command);
    command.args(["run", "--isolation", "chroot", "sandbox", "--"]).arg(Path::new("/").join(name));
    answers(&mut command)
}

pub(super) fn on_loongarch64() -> Result<Outcome> {
    let Some(program) = sandbox_of("loongarch64-unknown-linux-gnu")? else { return not_packed() };
    in_tree(&Tree::of(&consumers::LOONGARCH64)?, &program)
}

pub(super) fn on_windows() -> Result<Outcome> {
    let Some(program) = sandbox_of("x86_64-pc-windows-gnullvm")? else { return not_packed() };
    let tree = Tree::of(&consumers::WINE)?;
    tree.bring(&program)?;
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    answers(&mut consumers::by_wine(&tree, &[&name]))
}

fn in_tree(tree: &Tree, program: &Path) -> Result<Outcome> {
    tree.bring(program)?;
    let inside = format!("{CONSUMER}/{}", program.file_name().unwrap_or_default().to_string_lossy());
    answers(&mut tree.command(&inside, &[]))
}

/// Calls every method of the API on it.
fn answers(command: &mut Command) -> Result<Outcome> {
    let server = Started::by(command)?;
    let calls = rust::every_method(&Server { url: server.url.clone(), secret: "123456".to_owned() })?;
    Ok(Outcome::Ran(format!("{calls} calls of every method were answered")))
}

/// A sandbox that runs, until this goes.
pub(super) struct Started {
    child: Child,
    pub(super) url: String,
}

impl Started {
    /// Starts it on a port of its own choice.
    pub(super) fn by(command: &mut Command) -> Result<Self> {
        let mut child = command
            .args(["--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("the sandbox cannot be started: {error}"))?;
        let output = child.stdout.take();
        let mut started = Self { child, url: String::new() };
        let lines = BufReader::new(output.ok_or("the sandbox has no output")?).lines();
        let mut lines = lines.map_while(std::io::Result::ok);
        let line = lines.find(|line| line.contains("http://")).ok_or("the sandbox told no address")?;
        line[line.find("http://").unwrap_or_default()..].trim().clone_into(&mut started.url);
        Ok(started)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // Where it cannot be ended, it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn not_packed() -> Result<Outcome> {
    Ok(Outcome::NotRun("it was not packed: cargo xtask package".to_owned()))
}
