//! Importing messages of another system: message/import.

use serde::Serialize;

use super::{Effect, Endpoint, Rules};
use crate::{Conversation, MessageError, MessagePayload, check};

/// A message of another system.
// Source: wire.md §4, 16.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct ImportedMessage {
    /// Id of the user it came from.
    pub sender: String,
    /// Where it went.
    pub conversation: Conversation,
    /// What it carries.
    pub payload: MessagePayload,
    /// When it was sent, in milliseconds since the epoch.
    pub timestamp: i64,
    /// Only these users of the conversation got it; empty for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub receivers: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct ImportMessages {
    pub messages: Vec<ImportedMessage>,
}

impl Endpoint for ImportMessages {
    const NAME: &'static str = "message/import";
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        if self.messages.is_empty() {
            return Err(MessageError::invalid("messages", "it is empty"));
        }
        self.messages
            .iter()
            .enumerate()
            .try_for_each(|(index, message)| message.check(&format!("messages[{index}]"), rules))
    }
}

impl ImportedMessage {
    fn check(&self, at: &str, rules: &Rules) -> Result<(), MessageError> {
        check::not_empty(&format!("{at}.sender"), &self.sender)?;
        self.conversation.check(&format!("{at}.conversation"))?;
        self.payload.check(&format!("{at}.payload"), rules.any_content_type)?;
        check::no_empty_entry(&format!("{at}.receivers"), &self.receivers)?;
        check::time(&format!("{at}.timestamp"), self.timestamp)
    }
}
