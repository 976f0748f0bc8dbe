//! The program `wildfirechat-message`: the message API for the shell, on the same client as everything else.
//!
//! | File | What lives there |
//! | --- | --- |
//! | `arguments.rs` | the command line; completions and the man page are made of it |
//! | `settings.rs`, `profile.rs` | URL, sender, secret and options, from flags, environment and profiles |
//! | `contents.rs`, `payload.rs` | the content of a message: text, image, file, link, payload; JSON that people write |
//! | `session.rs` | one call or upload: only shown, made, interrupted |
//! | `commands.rs` | one command per endpoint |
//! | `lines.rs`, `records.rs` | files of messages, and selections of their lines |
//! | `bulk.rs`, `tally.rs`, `import.rs` | many messages, their outcomes, and where to continue |
//! | `outbox.rs` | a list of messages in a database (feature `outbox`) |
//! | `doctor.rs`, `clock.rs` | finds out why calls fail, step by step |
//! | `sandbox.rs` | the command that runs a stand-in for a server |
//! | `webhook/` | posts of Alertmanager, Grafana and others, sent as messages |
//! | `console.rs`, `told.rs` | what is printed, as text and as JSON |
//! | `environment.rs` | the variables of the environment |
//! | `exit.rs`, `stop.rs` | exit codes; Ctrl-C and SIGTERM |

mod arguments;
mod bulk;
mod clock;
mod commands;
mod console;
mod contents;
mod doctor;
mod environment;
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

/// Runs the program with these arguments, of which the first one is its own name, and returns its exit code. `--help` lists
/// the exit codes.
pub fn run(arguments: impl IntoIterator<Item = impl Into<OsString>>, streams: Streams) -> i32 {
    let mut console = Console::new(streams);
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    // Also if the rest of the command line is wrong.
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

/// The man pages: one for the program and one per command.
fn man_pages(directory: &std::path::Path) -> Result<(), Failure> {
    clap_mangen::generate_to(Arguments::command(), directory)
        .map_err(|error| Failure::usage("--directory", format!("{}: {error}", directory.display())))
}
