//! Runs other programs: prints one line while they run, keeps their whole output in a log, and prints its end if they fail.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead, BufReader, IsTerminal, Read, Seek, SeekFrom, Write, stdout},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Every error here is a sentence for the person at the terminal.
pub(crate) type Result<T> = std::result::Result<T, String>;

/// A step that is shorter than this prints no line.
const WORTH_A_LINE: Duration = Duration::from_secs(2);
/// How often a long step prints that it is still running, if the output is not a terminal.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// How many lines of the log are printed if its step fails.
const LINES_OF_A_FAILURE: usize = 60;

/// The project's top folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project")
}

/// Lets everybody run a program.
#[cfg(unix)]
pub(crate) fn executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
        .map_err(|error| format!("{}: {error}", program.display()))
}

#[cfg(not(unix))]
pub(crate) fn executable(_: &Path) -> Result<()> {
    Ok(())
}

/// The folder of everything that is built.
pub(crate) fn target() -> PathBuf {
    root().join("target")
}

/// Runs a step and prints a line while it runs. `label` is the text for the user and the name of the log,
/// `target/xtask/<label>.log`. If the program fails, the error contains the end of the log. Returns the whole output.
pub(crate) fn run(label: &str, command: &mut Command) -> Result<String> {
    let (output, success) = run_silently(label, command)?;
    if success { Ok(output) } else { Err(failure(label, &output)) }
}

/// As [`run`], for a step that installs something on this machine: it prints what and where before it begins, so that the user
/// can stop it.
pub(crate) fn install(label: &str, what: &str, command: &mut Command) -> Result<String> {
    println!("This installs {what}.");
    run(label, command)
}

/// As [`run`], but a program that fails is not an error: returns its output and whether it succeeded.
pub(crate) fn run_silently(label: &str, command: &mut Command) -> Result<(String, bool)> {
    let log = log_path(label);
    let file = create(&log)?;
    let copy = file.try_clone().map_err(|error| format!("{}: {error}", log.display()))?;
    let mut child = spawn(label, command.stdout(file).stderr(copy))?;
    let mut progress = Progress::new(label, &log);
    let begun = Instant::now();
    let success = loop {
        match child.try_wait().map_err(|error| format!("{label}: {error}"))? {
            Some(status) => break status.success(),
            None if begun.elapsed() > LONGEST => {
                end(&mut child);
                break false;
            }
            None => progress.tick(),
        }
        thread::sleep(Duration::from_millis(20));
    };
    progress.end(success);
    let output = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    Ok((String::from_utf8_lossy(&output).into_owned(), success))
}

/// A step that takes longer is taken to hang, and fails.
const LONGEST: Duration = Duration::from_secs(45 * 60);

fn end(child: &mut Child) {
    // If it cannot be ended, it has already ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}

/// Runs a program whose output is for the user: each line is printed at once, indented. Its standard error
/// goes to the log and is printed if the program fails.
pub(crate) fn show(label: &str, command: &mut Command) -> Result<()> {
    let log = log_path(label);
    let mut child = spawn(label, command.stdout(Stdio::piped()).stderr(create(&log)?))?;
    if let Some(lines) = child.stdout.take() {
        for line in BufReader::new(lines).lines().map_while(io::Result::ok) {
            println!("  {line}");
        }
    }
    let status = child.wait().map_err(|error| format!("{label}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let errors = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    Err(failure(label, &String::from_utf8_lossy(&errors)))
}

/// The output of a program that runs only for a moment; None if the program is missing or fails.
pub(crate) fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    let output = outside_of_cargo(command.args(arguments).stdin(Stdio::null())).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Removes the variables that `cargo run` has set for this program. Build scripts that watch these variables (ring's
/// does) would otherwise run again each time builds from here and from a shell alternate.
pub(crate) fn outside_of_cargo(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        let is_about_the_runner = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|start| name.starts_with(start))
        });
        if is_about_the_runner && command.get_envs().all(|(set, _)| set != name) {
            command.env_remove(name);
        }
    }
    command
}

fn spawn(label: &str, command: &mut Command) -> Result<std::process::Child> {
    let program = command.get_program().to_string_lossy().into_owned();
    outside_of_cargo(command)
        .stdin(Stdio::null())
        // No colours in the logs: some programs colour even output that goes into a file.
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .spawn()
        .map_err(|error| format!("{label}: {program} cannot be started: {error}"))
}

/// A path relative to the project's top folder, if it is below it.
pub(crate) fn shortened(path: &Path) -> std::path::Display<'_> {
    path.strip_prefix(root()).unwrap_or(path).display()
}

/// The text about a step that failed: the last lines of its log, and where the log is.
fn failure(label: &str, output: &str) -> String {
    let log = log_path(label);
    let log = shortened(&log);
    match last_lines(output, LINES_OF_A_FAILURE) {
        end if end.is_empty() => format!("{label} failed without a word"),
        end => format!("{label} failed; the end of {log}:\n{end}"),
    }
}

/// The end of a text.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn create(log: &Path) -> Result<File> {
    let folder = log.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).and_then(|()| File::create(log)).map_err(|error| format!("{}: {error}", log.display()))
}

fn log_path(label: &str) -> PathBuf {
    let name: String = label.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    target().join("xtask").join(format!("{name}.log"))
}

/// The one line about a running step.
///
/// On a terminal the line changes and ends with the newest line of the log; elsewhere a new line is printed now and then, to show
/// that the step is still running. A step that takes only a moment prints nothing.
struct Progress<'a> {
    label: &'a str,
    log: &'a Path,
    begun: Instant,
    said: Option<Instant>,
    live: bool,
}

impl<'a> Progress<'a> {
    fn new(label: &'a str, log: &'a Path) -> Self {
        Self { label, log, begun: Instant::now(), said: None, live: stdout().is_terminal() }
    }

    fn tick(&mut self) {
        let pause = match (self.live, self.said) {
            (true, _) => Duration::from_millis(200),
            (false, None) => WORTH_A_LINE,
            (false, Some(_)) => SIGN_OF_LIFE,
        };
        if self.said.unwrap_or(self.begun).elapsed() < pause {
            return;
        }
        self.said = Some(Instant::now());
        let line = format!("… {} ({} s)", self.label, self.begun.elapsed().as_secs());
        let news = newest_line(self.log);
        if self.live {
            // Goes back to the beginning of the line and clears it.
            print!("\r\x1b[2K{line}  {}", beginning(&news, 100_usize.saturating_sub(line.chars().count())));
        } else {
            println!("{line}");
        }
        let _ = stdout().flush();
    }

    fn end(self, success: bool) {
        if self.live {
            print!("\r\x1b[2K");
        }
        if !success || self.begun.elapsed() >= WORTH_A_LINE {
            let mark = if success { '✓' } else { '✗' };
            println!("{mark} {} ({:.0} s)", self.label, self.begun.elapsed().as_secs_f64());
        }
        let _ = stdout().flush();
    }
}

/// The last line of a growing log, or nothing.
fn newest_line(log: &Path) -> String {
    let read = || -> io::Result<String> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(400)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(String::from_utf8_lossy(&end).into_owned())
    };
    read().ok().and_then(|end| end.trim_end().lines().last().map(|line| line.trim().to_owned())).unwrap_or_default()
}

/// The first `length` characters that a terminal can show.
fn beginning(line: &str, length: usize) -> String {
    line.chars().filter(|c| !c.is_control()).take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_shows_the_end_of_its_log() {
        let output: String = (1..=100).map(|line| format!("line {line}\n")).collect();
        let text = failure("build it", &output);
        assert!(text.starts_with("build it failed; the end of target"), "{text}");
        assert!(text.contains("build-it.log:\nline 41\n") && text.ends_with("line 100"), "{text}");
    }

    #[test]
    fn a_step_that_fails_silently_says_so() {
        assert_eq!(failure("build it", "\n"), "build it failed without a word");
    }

    #[test]
    fn a_running_step_shows_one_short_line_without_control_characters() {
        assert_eq!(beginning("\u{1b}[1mCompiling reqwest v0.13.5", 12), "[1mCompiling");
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let error = run("try it", &mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.starts_with("try it: no-such-program-anywhere cannot be started"), "{error}");
    }

    #[test]
    fn children_do_not_see_what_cargo_said_about_the_runner() {
        let mut command = Command::new("env");
        outside_of_cargo(&mut command);
        assert!(command.get_envs().any(|(name, value)| name == "CARGO_PKG_NAME" && value.is_none()));
    }
}
