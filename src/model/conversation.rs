//! Where a message goes: [`Conversation`].

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::value::RawValue;

use super::{
    numbers::ConversationType,
    wire::{Detail, detail},
};
use crate::{MessageError, check};

/// A conversation: its type, the user, group, chatroom or channel it is with, and its line.
// Source: wire.md §3, Conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, uniffi::Record)]
pub struct Conversation {
    /// The conversation type, one of `ConversationType`: 0 single, 1 group, 2 chatroom, 3 channel, 4 things, 5 secret chat.
    #[serde(rename = "type", default, deserialize_with = "kind")]
    pub kind: i32,
    /// Id of the user, group, chatroom or channel.
    #[serde(default, deserialize_with = "detail")]
    pub target: String,
    /// The line, a tag that keeps conversations of different purposes apart; 0 is the ordinary one.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub line: i32,
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    let json = <&RawValue>::deserialize(deserializer)?.get();
    let kind = if json == "null" { Some(0) } else { i32::of(json) };
    kind.ok_or_else(|| D::Error::custom("a conversation type that is not a number"))
}

impl Conversation {
    /// The one-to-one conversation with a user, on line 0.
    pub fn single(user_id: impl Into<String>) -> Self {
        Self::new(ConversationType::Single, user_id)
    }

    /// A group's conversation, on line 0.
    pub fn group(group_id: impl Into<String>) -> Self {
        Self::new(ConversationType::Group, group_id)
    }

    /// A chatroom's conversation, on line 0.
    pub fn chatroom(chatroom_id: impl Into<String>) -> Self {
        Self::new(ConversationType::Chatroom, chatroom_id)
    }

    /// A channel's conversation, on line 0.
    pub fn channel(channel_id: impl Into<String>) -> Self {
        Self::new(ConversationType::Channel, channel_id)
    }

    fn new(kind: ConversationType, target: impl Into<String>) -> Self {
        Self { kind: kind as i32, target: target.into(), line: 0 }
    }

    /// Refuses what the server answers with 251. `at` is the argument's name in error texts.
    pub(crate) fn check(&self, at: &str) -> Result<(), MessageError> {
        if !(0..=6).contains(&self.kind) {
            let reason = format!("{} is not a conversation type: it must be from 0 to 6", self.kind);
            return Err(MessageError::invalid(format!("{at}.kind"), reason));
        }
        check::not_empty(&format!("{at}.target"), &self.target)
    }
}
