//! `cargo xtask demo`: runs the demo of every language against one server: the sandbox, unless a URL is given.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::{
    kotlin,
    language::Language,
    native::{self, Profile},
    python, robots, rust,
    server::Server,
    shell::{Result, outside_of_cargo},
    swift,
};

/// Runs every language's demo, against `server` or against a sandbox of its own; and where it is a sandbox, a robot.
///
/// Swift's demo runs only if Swift is installed. If the demo of another language cannot run, this fails after the other demos.
pub(crate) fn demo(server: Option<Server>) -> Result<()> {
    native::library(Profile::Dev)?;
    let sandbox;
    let with_robots = server.is_none();
    let server = match &server {
        Some(server) => {
            println!("The demos call every method once on {}: real messages, one of them to every user.", server.url);
            server
        }
        None => {
            sandbox = SandboxProgram::start()?;
            println!("The sandbox plays a professional server at {}.", sandbox.server.url);
            &sandbox.server
        }
    };
    let mut failed = Vec::new();
    for language in Language::ALL {
        println!("\n{language}");
        match (language.missing(), language) {
            (Some(missing), Language::Swift) => println!("  {missing}"),
            (Some(missing), _) => {
                println!("✗ {missing}");
                failed.push(language.to_string());
            }
            (None, _) => {
                let robot = || if with_robots { robots::ask(language) } else { Ok(()) };
                if let Err(reason) = demo_in(language, server).and_then(|()| robot()) {
                    println!("{reason}");
                    failed.push(language.to_string());
                }
            }
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(format!("the demo did not run to its end in {}", failed.join(", "))),
    }
}

fn demo_in(language: Language, server: &Server) -> Result<()> {
    match language {
        Language::Rust => rust::demo(server),
        Language::Python => python::demo(server),
        Language::Kotlin => kotlin::demo(server),
        Language::Swift => swift::demo(server),
    }
}

/// The program `wildfirechat-sandbox` on a free port; it ends when this value is dropped.
struct SandboxProgram {
    child: Child,
    server: Server,
}

impl SandboxProgram {
    /// Starts the program, which is built with the library, and waits until it prints its URL.
    fn start() -> Result<Self> {
        const SECRET: &str = "123456";
        let program = rust::sandbox_program();
        let mut command = Command::new(&program);
        command.args(["--port", "0", "--edition", "professional", "--secret", SECRET]);
        let mut child = outside_of_cargo(&mut command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let output = child.stdout.take();
        // Made before anything can fail, so that the program ends whatever happens.
        let mut sandbox = Self { child, server: Server { url: String::new(), secret: SECRET.to_owned() } };
        let (sender, urls) = mpsc::channel();
        // Reads the output to its end, because a program stops when the pipe is full and nobody reads it.
        thread::spawn(move || {
            let lines =
                output.into_iter().flat_map(|output| BufReader::new(output).lines().map_while(|line| line.ok()));
            for url in lines.filter_map(|line| url_in(&line)) {
                let _ = sender.send(url);
            }
        });
        sandbox.server.url = urls
            .recv_timeout(Duration::from_secs(10))
            .map_err(|_| format!("{} told no URL within 10 s", program.display()))?;
        Ok(sandbox)
    }
}

impl Drop for SandboxProgram {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn url_in(line: &str) -> Option<String> {
    line.split_whitespace().find(|word| word.starts_with("http://")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_tells_its_url() {
        let line = "wildfirechat-sandbox (professional) listens on http://127.0.0.1:40123";
        assert_eq!(url_in(line).as_deref(), Some("http://127.0.0.1:40123"));
        assert_eq!(url_in("wildfirechat-sandbox 0.1.0"), None);
    }
}
