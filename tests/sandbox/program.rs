//! The sandbox as a program.

#[cfg(unix)]
use std::{
    io::{BufRead, BufReader},
    process::Child,
};
use std::{
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use wildfirechat_message::sandbox::Fault;

#[cfg(unix)]
use crate::raw::Connection;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wildfirechat-sandbox"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output(arguments: &[&str]) -> Output {
    program(arguments).output().unwrap()
}

/// A running program, ended with its test.
#[cfg(unix)]
struct Running(Child);

#[cfg(unix)]
impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
fn start(arguments: &[&str]) -> (Running, String) {
    let mut child = program(arguments).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), line)
}

#[cfg(unix)]
#[test]
fn it_prints_one_line_with_its_url_and_stops_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let (mut running, line) = start(&["--port", "0", "--edition=community", "--secret", "s", "--rate-limit", "0"]);
        let url = line.strip_prefix("wildfirechat-sandbox (community) listens on http://").unwrap().trim_end();
        assert!(std::net::TcpStream::connect(url).is_ok());
        let killed = Command::new("kill").args([&format!("-{signal}"), &running.0.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(running.0.wait().unwrap().code(), Some(0), "{signal}");
        assert!(std::net::TcpStream::connect(url).is_err());
    }
}

#[test]
fn a_taken_port_is_exit_code_1_and_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = output(&["--port", &port]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("wildfirechat-sandbox: cannot listen on 127.0.0.1:{port}: the port is taken\n")
    );
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_a_sentence() {
    for (arguments, reason) in [
        (&["--prot", "1"][..], "unknown argument --prot"),
        (&["--port"], "--port needs a value"),
        (&["--port", "x"], "--port must be a number, not x"),
        (&["--edition", "x"], "--edition must be community or professional, not x"),
        (&["--store", "x"], "--store must be put or form, not x"),
        (&["--faults", "refuse,x"], "there is no fault x; --list-faults prints their names"),
    ] {
        let output = output(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("wildfirechat-sandbox: {reason}; see --help\n"));
    }
}

#[test]
fn help_names_every_option() {
    let output = output(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--port",
        "--host",
        "--secret",
        "--edition",
        "--rate-limit",
        "--idle-timeout",
        "--store",
        "--faults",
        "--probability",
        "--seed",
        "--delay",
        "--list-faults",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

#[test]
fn it_names_every_fault() {
    let output = output(&["--list-faults"]);
    let names: Vec<String> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(), names);
}

#[cfg(unix)]
#[test]
fn the_program_makes_the_faults_that_its_flags_name() {
    let (_running, line) =
        start(&["--port", "0", "--faults", "unknown_code,html_answer", "--probability", "1", "--seed", "3"]);
    let url = line.rsplit_once("http://").unwrap().1.trim_end();
    let mut statuses: Vec<u16> = (0..16)
        .map(|_| {
            let mut connection = Connection::to(url);
            connection.post("message/delivery", r#"{"userId":"u1"}"#).status
        })
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 502]);
}
