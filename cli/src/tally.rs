//! The outcomes of the messages of a file: a line for each, the sum at the end, and where to continue.

use serde_json::{Value, json};

use super::{
    console::Console,
    exit::{self, Failure, code_of},
    lines::{Collected, Lines},
    told,
};
use wildfirechat_message::{MessageError, SentMessage};

/// Counts outcomes.
#[derive(Default)]
pub(super) struct Tally {
    sent: u64,
    failed: u64,
    unknown: u64,
    failed_lines: Collected,
    unknown_lines: Collected,
    /// The lines whose messages were not begun.
    not_sent: Collected,
    /// The exit code of all failures, if they have the same one.
    code: Option<i32>,
    codes_differ: bool,
}

/// Prints that the message of a line could never be sent.
pub(super) fn tell_bad(console: &mut Console, line: u64, reason: &str) {
    let json = json!({"line": line, "status": "failed", "error": "InvalidArgument", "sentence": reason,
        "may_have_executed": false});
    console.tell(&format!("{line}: failed: {reason}"), &json);
}

impl Tally {
    /// Counts an outcome and prints it; messages that were not begun are printed at the end.
    pub(super) fn take(&mut self, console: &mut Console, line: u64, outcome: &Result<SentMessage, MessageError>) {
        match outcome {
            Ok(message) => {
                self.sent += 1;
                let (text, json) = told::sent(message);
                console.tell(&format!("{line}: {text}"), &of_line(line, "sent", json));
            }
            Err(MessageError::Interrupted { sent: false, .. }) => self.not_sent.add(line),
            Err(error) => {
                let status = if error.may_have_executed() { "unknown" } else { "failed" };
                self.count_failure(line, code_of(error), error.may_have_executed());
                console.tell(&format!("{line}: {status}: {error}"), &of_line(line, status, told::error(error)));
            }
        }
    }

    /// Counts and prints a line whose message could never be sent.
    pub(super) fn take_bad(&mut self, console: &mut Console, line: u64, reason: &str) {
        self.count_failure(line, exit::SOME_FAILED, false);
        tell_bad(console, line, reason);
    }

    fn count_failure(&mut self, line: u64, code: i32, may_have_executed: bool) {
        self.codes_differ |= *self.code.get_or_insert(code) != code;
        match may_have_executed {
            true => {
                self.unknown += 1;
                self.unknown_lines.add(line);
            }
            false => {
                self.failed += 1;
                self.failed_lines.add(line);
            }
        }
    }

    /// Notes that the lines from this one on were not read.
    pub(super) fn ends_before(&mut self, lines: &Lines, from: u64) {
        self.not_sent.add_rest(lines, from);
    }

    /// Prints the sum, and returns the failure that the exit code shows.
    pub(super) fn sum_up(&self, console: &mut Console) -> Result<(), Failure> {
        let Self { sent, failed, unknown, .. } = self;
        let mut sentences = vec![format!("{sent} sent, {failed} failed, {unknown} of unknown fate")];
        for (what, lines) in [
            ("failed, and certainly not executed", &self.failed_lines),
            ("of unknown fate; check whether they were sent before you send them again", &self.unknown_lines),
        ] {
            // A longer list is better read from the outcomes.
            const MOST: usize = 20;
            match lines.len() {
                0 => {}
                1..=MOST => sentences.push(format!("{what}: --lines {lines}")),
                _ => sentences.push(format!("{what}: see the outcomes")),
            }
        }
        if !self.not_sent.is_empty() {
            sentences.push(format!("not everything was sent; continue with: --lines {}", self.not_sent));
        }
        let lines = |lines: &Collected| if lines.is_empty() { Value::Null } else { lines.to_string().into() };
        let json = json!({"summary": {
            "sent": sent, "failed": failed, "unknown": unknown, "failed_lines": lines(&self.failed_lines),
            "unknown_lines": lines(&self.unknown_lines), "go_on": lines(&self.not_sent),
        }});
        if console.is_json() {
            console.tell("", &json);
        }
        sentences.iter().for_each(|sentence| console.remark(sentence));
        match self.code() {
            exit::DONE => Ok(()),
            code => Err(Failure::Told(code)),
        }
    }

    fn code(&self) -> i32 {
        match self {
            Self { unknown: 1.., .. } => exit::UNKNOWN,
            // No message was sent, and all failed for the same reason.
            Self { sent: 0, failed: 1.., code: Some(code), codes_differ: false, .. } => *code,
            Self { failed: 0, not_sent, .. } if not_sent.is_empty() => exit::DONE,
            _ => exit::SOME_FAILED,
        }
    }
}

fn of_line(line: u64, status: &str, mut json: Value) -> Value {
    json["line"] = line.into();
    json["status"] = status.into();
    json
}
