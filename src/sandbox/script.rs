//! What the next requests get instead of the real answer, in the order it was asked for.

use std::collections::VecDeque;

use super::{
    Fault, ScriptedAnswer,
    http::{After, write_head},
};

/// What one request gets.
pub(super) enum Script {
    Answer(ScriptedAnswer),
    Fault(Fault),
}

#[derive(Default)]
pub(super) struct Scripts(VecDeque<Script>);

impl Scripts {
    pub(super) fn add(&mut self, script: Script) {
        self.0.push_back(script);
    }

    pub(super) fn next(&mut self) -> Option<Script> {
        self.0.pop_front()
    }
}

impl ScriptedAnswer {
    /// The answer as it goes out; only a length is added, unless the script frames its body itself.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let length = self.body.len().to_string();
        let framed = self.value("content-length").is_some() || self.value("transfer-encoding").is_some();
        let own = self.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()));
        let added = (!framed).then_some(("content-length", length.as_str()));
        let mut bytes = write_head(self.status_code(), own.chain(added));
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The connection ends where the script says so, and where its length is not the body's.
    pub(super) fn after(&self) -> After {
        let says_close = self.value("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let other_length =
            self.value("content-length").is_some_and(|value| value.trim() != self.body.len().to_string());
        if says_close || other_length { After::Close } else { After::Stay }
    }

    fn status_code(&self) -> u16 {
        // Checked when the script was made.
        u16::try_from(self.status).unwrap_or(500)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
    }
}
