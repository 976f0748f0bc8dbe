//! The robots of the demo: each language's example of a robot that answers whoever mentions it is started, and mentioned once.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    kotlin,
    language::Language,
    python, rust,
    server::RobotSettings,
    shell::{Result, outside_of_cargo},
    swift,
};

/// How long a robot may take from its start to its answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a language's robot, has it mentioned by a sandbox, and shows its answer. An example in Python plays the server.
pub(crate) fn ask(language: Language) -> Result<()> {
    let (server, port) = (free_port()?, free_port()?);
    let settings = settings(server, port);
    // Built before the server waits for it.
    let mut robot = match language {
        Language::Rust => rust::robot(&settings)?,
        Language::Python => python::robot(&settings, port)?,
        Language::Kotlin => kotlin::robot(&settings)?,
        Language::Swift => swift::robot(&settings)?,
    };
    let mut asking = started(python::example("ask_robot.py")?.arg(server.to_string()).stdout(Stdio::piped()))?;
    until("the sandbox of the robot to listen", &mut asking, |_| TcpStream::connect(("127.0.0.1", server)).is_ok())?;
    let _robot = started(robot.stdout(Stdio::null()))?;
    until("the robot's answer", &mut asking, |asking| matches!(asking.0.try_wait(), Ok(Some(_))))?;
    let told = asking.0.stdout.take().map(std::io::read_to_string).transpose();
    match told.ok().flatten().as_deref().and_then(|told| told.lines().last()) {
        Some(answer) if answer.contains("answers: ") => println!("  {answer}"),
        _ => return Err(format!("the robot in {language} did not answer")),
    }
    Ok(())
}

fn settings(server: u16, port: u16) -> RobotSettings {
    [
        ("WILDFIRECHAT_URL", format!("http://127.0.0.1:{server}")),
        ("ROBOT_ID", "FireRobot".to_owned()),
        ("ROBOT_SECRET", "its secret".to_owned()),
        ("PUBLIC_URL", format!("http://127.0.0.1:{port}")),
        ("CALLBACK_PATH", "/a-path-that-nobody-guesses".to_owned()),
        ("LISTEN", format!("127.0.0.1:{port}")),
        ("PORT", port.to_string()),
        ("SERVER_PORT", port.to_string()),
    ]
}

/// A program that ends with this value.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn started(command: &mut Command) -> Result<Started> {
    let program = command.get_program().to_string_lossy().into_owned();
    let child = outside_of_cargo(command).stdin(Stdio::null()).spawn();
    Ok(Started(child.map_err(|error| format!("{program} cannot be started: {error}"))?))
}

fn until(what: &str, asking: &mut Started, happened: impl Fn(&mut Started) -> bool) -> Result<()> {
    let begun = Instant::now();
    while !happened(asking) {
        if begun.elapsed() > PATIENCE {
            return Err(format!("waited in vain for {what}"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    Ok(free.map_err(|error| format!("no port is free: {error}"))?.port())
}
