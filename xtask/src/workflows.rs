//! Lints the files that run on other machines: the workflows, the shell scripts, the Dockerfile.

use std::{path::PathBuf, process::Command};

use crate::{
    python::Venv,
    shell::{Result, ask, install, root, run, target},
};

/// A Go program, of which the registries have no wheel.
const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub(crate) fn check() -> Result<()> {
    let venv = Venv::new("workflows")?;
    venv.require("workflows")?;
    let actionlint = actionlint(&venv)?;
    let in_project = |mut command: Command| {
        command.current_dir(root());
        command
    };
    let mut command = in_project(Command::new(actionlint));
    // There it finds shellcheck, for the scripts in the steps.
    run("lint the workflows", command.env("PATH", venv.path()?))?;
    let mut command = in_project(venv.command("zizmor"));
    command.args(["--offline", "--quiet", "--config", ".github/zizmor.yml", ".github/workflows"]);
    run("look for holes in the workflows", &mut command)?;
    let scripts = files(&["*.sh", ".ci/run"])?;
    run(
        "lint the shell scripts",
        in_project(venv.command("shellcheck")).args(["--severity", "warning"]).args(scripts),
    )?;
    let dockerfiles = files(&["*Dockerfile"])?;
    run("lint the Dockerfile", in_project(venv.command("hadolint")).args(dockerfiles)).map(drop)
}

fn files(patterns: &[&str]) -> Result<Vec<String>> {
    let folder = root().to_string_lossy();
    let words: Vec<&str> = ["-C", &folder, "ls-files", "--"].into_iter().chain(patterns.iter().copied()).collect();
    let files = ask("git", &words).ok_or("git does not run")?;
    Ok(files.lines().map(str::to_owned).collect())
}

/// The program, built once by the Go of this machine or by one that is fetched.
fn actionlint(venv: &Venv) -> Result<PathBuf> {
    let folder = target().join("tools/bin");
    let program = folder.join(format!("actionlint{}", std::env::consts::EXE_SUFFIX));
    let wanted = ACTIONLINT.rsplit('v').next().unwrap_or_default();
    if ask(&program.to_string_lossy(), &["--version"]).is_some_and(|version| version.contains(wanted)) {
        return Ok(program);
    }
    let mut command = if ask("go", &["version"]).is_some() {
        Command::new("go")
    } else {
        venv.require("go")?;
        venv.command("go")
    };
    command.args(["install", ACTIONLINT]).env("GOBIN", &folder).env("GOFLAGS", "-trimpath");
    install("build actionlint", &format!("{ACTIONLINT}, compiled, into target/tools, once"), &mut command)?;
    Ok(program)
}
