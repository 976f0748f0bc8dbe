//! What is printed, and where: outcomes to the standard output, everything else to the standard error.

use std::{
    env,
    io::{self, IsTerminal, Read, Write},
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;

use super::{
    exit::{self, Failure},
    told,
};

/// What the program is called.
pub const NAME: &str = "wildfirechat-message";

/// Where the program reads from and writes to.
pub struct Streams {
    /// Where texts and messages are read from that are not arguments.
    pub input: Box<dyn Read + Send>,
    /// Outcomes.
    pub output: Box<dyn Write>,
    /// Errors, questions and progress.
    pub errors: Box<dyn Write>,
    /// Whether the input is a terminal; then no text is read from it.
    pub input_is_terminal: bool,
    /// Whether the output is a terminal, which may show colours.
    pub output_is_terminal: bool,
    /// Whether the standard error is a terminal, so that the user sees errors at once and can be asked.
    pub errors_is_terminal: bool,
}

impl Streams {
    /// The streams of this process.
    pub fn of_this_process() -> Self {
        Self {
            input: Box::new(io::stdin()),
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
            input_is_terminal: io::stdin().is_terminal(),
            output_is_terminal: io::stdout().is_terminal(),
            errors_is_terminal: io::stderr().is_terminal(),
        }
    }
}

/// The streams, and the form of what is printed on them.
pub(super) struct Console {
    output: Box<dyn Write>,
    errors: Box<dyn Write>,
    /// Until somebody reads from it.
    input: Option<Box<dyn Read + Send>>,
    pub(super) input_is_terminal: bool,
    pub(super) output_is_terminal: bool,
    pub(super) errors_is_terminal: bool,
    json: bool,
    /// Whether the output has accepted no more: from then on its text goes to the standard error.
    is_cut: bool,
}

impl Console {
    pub(super) fn new(streams: Streams) -> Self {
        let Streams { input, output, errors, input_is_terminal, output_is_terminal, errors_is_terminal } = streams;
        Self {
            output,
            errors,
            input: Some(input),
            input_is_terminal,
            output_is_terminal,
            errors_is_terminal,
            json: false,
            is_cut: false,
        }
    }

    pub(super) fn speaks_json(&mut self, json: bool) {
        self.json = json;
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// The standard input, which can be taken only once.
    pub(super) fn input(&mut self) -> Result<Box<dyn Read + Send>, Failure> {
        self.input.take().ok_or_else(|| Failure::usage("-", "the standard input is already read for something else"))
    }

    /// Whether the output accepts no more.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Prints an outcome at once: as a line of text, or as JSON.
    pub(super) fn tell(&mut self, text: &str, json: &impl Serialize) {
        let line = match self.json {
            true => serde_json::to_string(json).expect("what the program tells is JSON") + "\n",
            false => format!("{text}\n"),
        };
        if !self.is_cut {
            match self.output.write_all(line.as_bytes()).and_then(|()| self.output.flush()) {
                Ok(()) => return,
                Err(error) => {
                    self.is_cut = true;
                    self.remark(&format!("the standard output accepts no more ({error}); it should have received:"));
                }
            }
        }
        write_or_let_be(&mut *self.errors, &line);
    }

    /// Writes a whole text.
    pub(super) fn print(&mut self, text: &[u8]) -> Result<(), Failure> {
        let written = self.output.write_all(text).and_then(|()| self.output.flush());
        written.map_err(|error| {
            self.remark(&format!("the standard output accepts no more ({error})"));
            Failure::Told(exit::NOT_EXECUTED)
        })
    }

    /// Prints a remark on the standard error.
    pub(super) fn remark(&mut self, sentence: &str) {
        write_or_let_be(&mut *self.errors, &format!("{NAME}: {sentence}\n"));
    }

    /// Asks a question; the answer is a line.
    pub(super) fn ask(&mut self, question: &str) {
        write_or_let_be(&mut *self.errors, &format!("{NAME}: {question} "));
    }

    /// Prints why a command failed, and returns its exit code.
    pub(super) fn failed(&mut self, failure: &Failure) -> i32 {
        let (sentence, json) = match failure {
            Failure::Usage { argument, reason } => {
                let sentence = format!("{argument}: {reason}");
                let json = json!({"error": "InvalidArgument", "sentence": sentence, "may_have_executed": false,
                    "argument": argument, "reason": reason});
                (sentence, json)
            }
            Failure::Call(error) => (error.to_string(), told::error(error)),
            Failure::Declined => {
                let sentence = "nothing was sent".to_owned();
                let json = json!({"error": "Declined", "sentence": sentence, "may_have_executed": false});
                (sentence, json)
            }
            #[cfg(feature = "outbox")]
            Failure::Outbox(error) => {
                let sentence = error.to_string();
                let json = json!({"error": "Outbox", "sentence": sentence, "may_have_executed": false});
                (sentence, json)
            }
            Failure::Told(code) => return *code,
        };
        if self.json {
            self.tell("", &json);
        }
        self.remark(&sentence);
        failure.code()
    }

    /// Prints the help, or what is wrong with the command line; returns the exit code.
    pub(super) fn usage(&mut self, refused: &clap::Error) -> i32 {
        let text = refused.render().to_string();
        if !refused.use_stderr() {
            write_or_let_be(&mut *self.output, &text);
            return exit::DONE;
        }
        if self.json {
            let sentence = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            let json = json!({"error": "InvalidArgument", "sentence": sentence, "may_have_executed": false});
            self.tell("", &json);
        }
        write_or_let_be(&mut *self.errors, &text);
        exit::USAGE
    }

    /// Text in a colour, if the output is a terminal.
    pub(super) fn coloured(&self, colour: AnsiColor, text: &str) -> String {
        let unwanted = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        if !self.output_is_terminal || self.json || is_dumb || unwanted("NO_COLOR") {
            return text.to_owned();
        }
        let style = Style::new().fg_color(Some(colour.into()));
        format!("{style}{text}{style:#}")
    }
}

/// Writes a text and ignores a failure of that.
pub(super) fn write_or_let_be(stream: &mut dyn Write, text: &str) {
    let _ = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
}
