//! Looking up: message/get_one, message/conv_read and message/delivery.

use serde::{Serialize, Serializer};

use super::{Effect, Endpoint, Rules, answer::Timestamp};
use crate::{Conversation, Message, MessageError, check};

/// The look-up of a message.
// Source: wire.md §4, 9.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GetMessage {
    pub message_uid: i64,
}

impl Endpoint for GetMessage {
    const NAME: &'static str = "message/get_one";
    const EFFECT: Effect = Effect::None;
    const IN_EVERY_EDITION: bool = true;
    type Answer = Message;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)
    }

    fn suits(&self, answer: &Message) -> Result<(), String> {
        if answer.message_uid == self.message_uid {
            return Ok(());
        }
        Err(format!("it is about another message, {}", answer.message_uid))
    }
}

/// The question for the time up to which a user has read a conversation.
// Source: wire.md §4, 14.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConversationReadRequest {
    /// Id of the user who reads.
    pub user_id: String,
    /// The conversation that is read.
    pub conversation: Conversation,
}

impl Endpoint for ConversationReadRequest {
    const NAME: &'static str = "message/conv_read";
    const EFFECT: Effect = Effect::None;
    type Answer = Timestamp;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("user_id", &self.user_id)?;
        self.conversation.check("conversation")
    }
}

impl Serialize for ConversationReadRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            user_id: &'a str,
            target: &'a str,
            line: i32,
            /// The vendor's page has this name for the conversation's type …
            r#type: i32,
            /// … and the server's own object this one.
            conversation_type: i32,
        }
        let Conversation { kind, target, line } = &self.conversation;
        Body { user_id: &self.user_id, target, line: *line, r#type: *kind, conversation_type: *kind }
            .serialize(serializer)
    }
}

/// The question for the time up to which messages have been delivered to a user.
// Source: wire.md §4, 15.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryTime {
    pub user_id: String,
}

impl Endpoint for DeliveryTime {
    const NAME: &'static str = "message/delivery";
    const EFFECT: Effect = Effect::None;
    type Answer = Timestamp;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("user_id", &self.user_id)
    }
}
