//! Runs the program, and looks at what came of it.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::Value;
use wildfirechat_message::sandbox::{Edition, Fault, FaultRule, Sandbox, SandboxOptions};

/// What no output, no error and no list of processes may show.
pub const SECRET: &str = "canary-5ecre7-of-the-server";

/// The program with an environment of nothing but the server's URL, its secret and a sender.
pub fn program(server: &Sandbox) -> Program {
    let program = bare().env("WILDFIRECHAT_URL", server.base_url().unwrap());
    program.env("WILDFIRECHAT_SECRET", SECRET).env("WILDFIRECHAT_SENDER", "admin")
}

/// What runs the program: the binary, or what `WILDFIRECHAT_PROGRAM` names, as words with blanks between them. So all these
/// tests are for `python -m` and `java -jar` too.
pub fn words() -> Vec<String> {
    match std::env::var("WILDFIRECHAT_PROGRAM") {
        Ok(words) => words.split_whitespace().map(str::to_owned).collect(),
        Err(_) => vec![env!("CARGO_BIN_EXE_wildfirechat-message").to_owned()],
    }
}

/// The program without any environment.
pub fn bare() -> Program {
    let words = words();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Program(command)
}

pub fn sandbox() -> Sandbox {
    with_options(SandboxOptions::default())
}

pub fn community() -> Sandbox {
    with_options(SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() })
}

pub fn with_options(options: SandboxOptions) -> Sandbox {
    Sandbox::new(Some(SECRET.into()), Some(options)).unwrap()
}

/// Lets the next requests meet a fault.
pub fn fail(sandbox: &Sandbox, fault: Fault, times: i32) {
    let delay = Some(Duration::from_millis(700));
    sandbox.fail(FaultRule { fault, times, endpoint: None, delay }).unwrap();
}

pub struct Program(pub Command);

impl Program {
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    pub fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Outcome {
        Outcome::of(self.0.output().unwrap())
    }

    /// Runs it with this on its standard input.
    pub fn run_with(mut self, input: &str) -> Outcome {
        let mut child = self.0.stdin(Stdio::piped()).spawn().unwrap();
        // Who has read enough closes it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Outcome::of(child.wait_with_output().unwrap())
    }

    pub fn start(mut self) -> Running {
        Running(Some(self.0.spawn().unwrap()))
    }
}

/// A program that runs, ended with its test.
pub struct Running(Option<Child>);

impl Running {
    pub fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    pub fn signal(&mut self, signal: &str) {
        let killed = Command::new("kill").args([&format!("-{signal}"), &self.child().id().to_string()]).status();
        assert!(killed.unwrap().success());
    }

    pub fn end(mut self) -> Outcome {
        Outcome::of(self.0.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[derive(Debug)]
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    fn of(output: Output) -> Self {
        let outcome = Self {
            code: output.status.code().expect("it ends by itself"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!outcome.out.contains(SECRET) && !outcome.err.contains(SECRET), "{outcome:?}");
        outcome
    }

    /// The objects of its standard output, one a line.
    pub fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{self:?}"))).collect()
    }

    /// The only object.
    pub fn object(&self) -> Value {
        let [object] = &self.json()[..] else { panic!("{self:?}") };
        object.clone()
    }

    /// What behind `--lines` it says to go on with.
    pub fn go_on(&self) -> &str {
        let line = self.err.lines().find(|line| line.contains("ontinue with")).unwrap_or_else(|| panic!("{self:?}"));
        line.rsplit_once("--lines ").unwrap().1
    }
}

/// A folder that is gone with its test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("wildfirechat-program-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
