//! The program `wildfirechat-message`: the message API for the shell, on the same client as everything else.
//!
//! | File | What lives there |
//! | --- | --- |
//! | `arguments.rs` | the command line; completions and the man page are made of it |
//! | `settings.rs`, `profile.rs` | URL, sender, secret and options: flags over environment over a profile's file |
//! | `contents.rs`, `payload.rs` | what a message says: text, image, file, link, a payload of one's own, JSON that people write |
//! | `session.rs` | one call or upload: tried dry, interrupted, told |
//! | `commands.rs` | a command an endpoint |
//! | `lines.rs`, `records.rs` | files of messages, and which of their lines are meant |
//! | `bulk.rs`, `tally.rs`, `import.rs` | many messages, what became of them, and where to go on |
//! | `outbox.rs` | a list of messages in a database (feature `outbox`) |
//! | `doctor.rs`, `clock.rs` | what stands between here and the server's answer, step by step |
//! | `sandbox.rs` | the stand-in for a server, as a command |
//! | `webhook/` | what Alertmanager, Grafana and others post, as messages |
//! | `console.rs`, `told.rs` | what is printed, as text and as JSON |
//! | `exit.rs`, `stop.rs` | exit codes; Ctrl-C and SIGTERM |

mod arguments;
mod bulk;
mod clock;
mod commands;
mod console;
mod contents;
mod doctor;
mod exit;
mod import;
mod lines;
#[cfg(feature = "outbox")]
mod outbox;
mod payload;
mod profile;
mod records;
mod sandbox;
mod session;
mod settings;
mod stop;
mod tally;
mod told;
mod webhook;

use std::ffi::OsString;

use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command};
use console::Console;
pub use console::NAME;
pub use console::Streams;
use exit::Failure;
use session::Session;

/// Runs the program with these arguments, of which the first one is its own name, and gives its exit code.
///
/// | Code | What it says |
/// | ---: | --- |
/// | 0 | Done. |
/// | 1 | Certainly not executed. |
/// | 2 | Something in the command line, the environment, the profile or an input file is wrong; nothing was sent. |
/// | 3 | Nobody knows whether it was executed. |
/// | 4 | The server does not accept the signature. |
/// | 5 | Some of many messages were not sent. |
/// | 75 | The server accepts no more calls for now, or the outbox's database cannot be used: later. |
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>, streams: Streams) -> i32 {
    let mut console = Console::new(streams);
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    // Also where the rest cannot be read.
    console.speaks_json(arguments.iter().any(|argument| argument == "--json"));
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(refused) => return console.usage(&refused),
    };
    console.speaks_json(arguments.common.json);
    match perform(arguments, &mut console) {
        Ok(()) => exit::DONE,
        Err(failure) => console.failed(&failure),
    }
}

fn perform(arguments: Arguments, console: &mut Console) -> Result<(), Failure> {
    let Arguments { common, command } = arguments;
    match command {
        Command::Sandbox(sandbox) => sandbox::serve(sandbox, &common, console),
        Command::Webhook(webhook) => webhook::serve(&webhook, &common, console),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut text);
            console.print(&text)
        }
        Command::Man { directory: Some(directory) } => man_pages(&directory),
        Command::Man { directory: None } => {
            let mut text = Vec::new();
            let page = clap_mangen::Man::new(Arguments::command());
            page.render(&mut text).map_err(|error| Failure::usage("man", error.to_string()))?;
            console.print(&text)
        }
        Command::Doctor => doctor::examine(&common, console),
        #[cfg(feature = "outbox")]
        Command::Outbox(outbox) => outbox::perform(outbox, &common, console),
        command => commands::perform(command, Session::new(&common, console)?),
    }
}

/// A page for the program and one for each command.
fn man_pages(directory: &std::path::Path) -> Result<(), Failure> {
    clap_mangen::generate_to(Arguments::command(), directory)
        .map_err(|error| Failure::usage("--directory", format!("{}: {error}", directory.display())))
}
