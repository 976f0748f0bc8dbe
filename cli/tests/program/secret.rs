//! The secret: where it comes from, and that nobody sees it.

use std::fs;
#[cfg(unix)]
use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use wildfirechat_message::sandbox::{Fault, Sandbox};

use crate::tool::{Folder, SECRET, bare, fail, program, sandbox, words};

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let server = sandbox();
    for arguments in [
        &["--secret", SECRET, "send", "--to", "user:u1", "hello"][..],
        &["send", "--to", "user:u1", "hello", "--secret", SECRET],
        &["send", "--to", "user:u1", "hello", concat!("--secret=", "canary-5ecre7-of-the-server")],
        // Who mixes the flags up.
        &["send", "--to", "user:u1", "hello", "--secret-file", SECRET],
        &["doctor", "--secret", SECRET],
        &["sandbox", "--secret", SECRET],
    ] {
        let outcome = program(&server).args(arguments).run();
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.err.contains("--secret"), "{outcome:?}");
    }
    assert!(server.requests().unwrap().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_lists_processes_does_not_see_it() {
    let server = sandbox();
    let folder = Folder::new();
    let secret = folder.file("secret", SECRET);
    let config = folder.file("config.toml", format!("profile = \"p\"\n[profiles.p]\nsecret = \"{SECRET}\"\n"));
    private(&config);
    for way in [
        program(&server),
        program(&server).without("WILDFIRECHAT_SECRET").args(["--secret-file", secret.to_str().unwrap()]),
        program(&server).without("WILDFIRECHAT_SECRET").args(["--config", config.to_str().unwrap()]),
    ] {
        fail(&server, Fault::NeverAnswer, 1);
        let before = server.requests().unwrap().len();
        let mut running = way.args(["get", "7", "--timeout", "60"]).start();
        while server.requests().unwrap().len() == before {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(server.requests().unwrap().last().unwrap().signature_valid);
        let id = running.child().id();
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert!(line.contains("get") && !line.contains(SECRET), "{line}");
        let listed = std::process::Command::new("ps").args(["-ww", "-o", "args=", "-p", &id.to_string()]).output();
        if let Ok(listed) = listed {
            assert!(!String::from_utf8_lossy(&listed.stdout).contains(SECRET));
        }
        running.signal("INT");
        running.end();
    }
}

#[cfg(unix)]
fn private(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_file_holds_it_with_or_without_a_lines_end() {
    let server = sandbox();
    let folder = Folder::new();
    for (content, code) in [
        (format!("{SECRET}\n"), 0),
        (SECRET.to_owned(), 0),
        (format!("{SECRET}\r\n"), 0),
        (format!("{SECRET} \n"), 4),
        (format!("{SECRET}\n\n"), 2),
        (String::new(), 2),
        ("\n".to_owned(), 2),
    ] {
        let file = folder.file("secret", &content);
        // It wins over the environment.
        let program = program(&server).env("WILDFIRECHAT_SECRET", "another");
        let outcome = program.args(["send", "--to", "user:u1", "hello", "--secret-file", file.to_str().unwrap()]).run();
        assert_eq!(outcome.code, code, "{content:?} {outcome:?}");
    }
}

/// A command on a terminal, which `script` gives it.
#[cfg(unix)]
struct Terminal {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    shown: String,
}

#[cfg(unix)]
impl Terminal {
    fn new(command: &str, history: &Path) -> Self {
        let mut script = Command::new("script");
        script.args(["-qec", command, "/dev/null"]).env_remove("WILDFIRECHAT_SECRET").env("HOME", "/nowhere");
        script.env("HISTFILE", history).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = script.spawn() else { panic!("the program `script` (Debian's bsdutils) is missing") };
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, input, output, shown: String::new() }
    }

    /// Waits until it shows this after what it has shown before.
    fn shows(&mut self, text: &str) {
        let mut byte = [0];
        let before = self.shown.len();
        while !self.shown[before..].contains(text) {
            assert_eq!(self.output.read(&mut byte).unwrap(), 1, "{}", self.shown);
            self.shown.push(byte[0].into());
        }
    }

    fn types(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Waits for the question for the secret, and answers it.
    fn is_told_the_secret(&mut self) {
        self.shows("Secret of the server: ");
        // As long as fingers need: what is typed ahead of the question is shown by any terminal.
        std::thread::sleep(std::time::Duration::from_secs(1));
        self.types(SECRET);
    }

    /// All that it has shown, when it is over.
    fn end(mut self) -> String {
        self.output.read_to_string(&mut self.shown).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{}", self.shown);
        self.shown
    }
}

#[cfg(unix)]
fn sending(server: &Sandbox) -> String {
    format!("{} send --url {} --sender admin --to user:u1", words().join(" "), server.base_url().unwrap())
}

#[cfg(unix)]
#[test]
fn it_is_asked_for_on_a_terminal_and_not_shown() {
    let server = sandbox();
    let mut terminal = Terminal::new(&format!("{} hello", sending(&server)), Path::new("/nowhere"));
    terminal.is_told_the_secret();
    let shown = terminal.end();
    assert!(shown.contains("sent as message ") && !shown.contains(SECRET), "{shown}");
}

#[cfg(unix)]
#[test]
fn no_way_to_give_it_leaves_it_in_the_history_of_a_shell() {
    let (server, folder) = (sandbox(), Folder::new());
    let secret = folder.file("secret", SECRET);
    let config = folder.file("config.toml", format!("profile = \"p\"\n[profiles.p]\nsecret = \"{SECRET}\"\n"));
    private(&config);
    let history = folder.file("history", "");
    let send = sending(&server);
    let mut shell = Terminal::new("bash --norc --noprofile -i", &history);
    shell.types(&format!("{send} asked"));
    shell.is_told_the_secret();
    shell.shows("sent as message ");
    shell.types(&format!("{send} file --secret-file {}", secret.display()));
    shell.shows("sent as message ");
    shell.types(&format!("{send} profile --config {}", config.display()));
    shell.shows("sent as message ");
    // As the page of the program says it.
    shell.types("read -rs WILDFIRECHAT_SECRET && export WILDFIRECHAT_SECRET && echo \"it is\" set");
    std::thread::sleep(std::time::Duration::from_secs(1));
    shell.types(SECRET);
    shell.shows("it is set");
    shell.types(&format!("{send} variable"));
    shell.shows("sent as message ");
    shell.types("exit");
    let shown = shell.end();
    let history = fs::read_to_string(history).unwrap();
    for way in ["asked", "file", "profile", "variable"] {
        assert!(history.contains(&format!("user:u1 {way}")), "{history}");
    }
    assert!(!history.contains(SECRET) && !shown.contains(SECRET), "{history} {shown}");
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let outcome = bare().args(["get", "7", "--url", "http://127.0.0.1:1"]).run_with(SECRET);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("secret: it is missing"), "{outcome:?}");
}
