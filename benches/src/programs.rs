//! What the gatherers run: the server, and the programs that measure against it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

/// A language and the words of a command, as `--program 'rust\nPROGRAM\nARGUMENT…'` tells them.
pub struct Program {
    pub language: String,
    pub words: Vec<String>,
}

impl Program {
    pub fn from_lines(lines: &str) -> Result<Self, String> {
        let mut words = lines.lines().map(str::to_owned);
        let language = words.next().ok_or("a program needs a language, and its words")?;
        Ok(Self { language, words: words.collect() })
    }

    /// The command, on the first core alone where it is pinned.
    pub fn command(&self, pinned: bool) -> Command {
        pin(pinned, &self.words)
    }
}

/// A running server; it ends when this is dropped.
pub struct Server {
    pub url: String,
    process: Child,
    _input: Option<ChildStdin>,
}

impl Server {
    pub fn start(program: &Path, pinned: bool) -> Result<Self, String> {
        let mut process = pin(pinned, &[program.display().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let mut url = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut url).map_err(|error| error.to_string())?;
        }
        let input = process.stdin.take();
        Ok(Self { url: url.trim().to_owned(), process, _input: input })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pin(pinned: bool, words: &[String]) -> Command {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if pinned {
        words.splice(0..0, ["taskset", "-c", "0"]);
    }
    let mut command = Command::new(words.first().copied().unwrap_or_default());
    command.args(words.get(1..).unwrap_or_default());
    command
}

/// What figures are worth on another machine, nobody knows.
pub fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{} cores of {}, Linux {}", cores, model.trim_start_matches([':', ' ', '\t']), kernel.trim())
}
