//! Removing: message/delete, delete_broadcast, delete_multicast, clear_by_user and conversation/delete.

use serde::Serialize;

use super::{Effect, Endpoint, Rules};
use crate::{Conversation, MessageError, check};

/// The deletion of a message.
// Source: wire.md §4, 6.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeleteMessage {
    pub message_uid: i64,
}

impl Endpoint for DeleteMessage {
    const NAME: &'static str = "message/delete";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)
    }
}

/// The deletion of a broadcast.
// Source: wire.md §4, 12.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct DeleteBroadcastRequest {
    /// Id of the user who deletes it.
    pub operator: String,
    /// The broadcast's id.
    pub message_uid: i64,
}

impl Endpoint for DeleteBroadcastRequest {
    const NAME: &'static str = "message/delete_broadcast";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)
    }
}

/// The deletion of a multicast message from some or all of the users who received it.
// Source: wire.md §4, 13.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct DeleteMulticastRequest {
    /// Id of the user who deletes it.
    pub operator: String,
    /// The message's id.
    pub message_uid: i64,
    /// Ids of the users to delete it from; these may be some of the users who received it.
    pub receivers: Vec<String>,
}

impl Endpoint for DeleteMulticastRequest {
    const NAME: &'static str = "message/delete_multicast";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)?;
        check::users("receivers", &self.receivers)
    }
}

/// The clearing of a user's messages in a conversation.
// Source: wire.md §4, 7.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct ClearUserMessagesRequest {
    /// Id of the user whose messages are cleared.
    pub user_id: String,
    /// The conversation in which they are cleared.
    pub conversation: Conversation,
    /// The time from which on to clear, in milliseconds since the epoch; if left out, the server uses 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub start_time: Option<i64>,
    /// The time up to which to clear, in milliseconds since the epoch; if left out, the server uses 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub end_time: Option<i64>,
}

impl Endpoint for ClearUserMessagesRequest {
    const NAME: &'static str = "message/clear_by_user";
    /// Without an end, a second time also clears what came in between.
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn effect(&self) -> Effect {
        if self.end_time.is_some_and(|end| end > 0) { Effect::Once } else { Self::EFFECT }
    }

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("user_id", &self.user_id)?;
        self.conversation.check("conversation")?;
        let (start, end) = (self.start_time.unwrap_or(0), self.end_time.unwrap_or(i64::MAX));
        check::time("start_time", start)?;
        check::time("end_time", end)?;
        if start > end && end != 0 {
            return Err(MessageError::invalid("start_time", format!("{start} is after end_time ({end})")));
        }
        Ok(())
    }
}

/// The removal of a conversation from a user's list, with its messages.
// Source: wire.md §4, 8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct ClearConversationRequest {
    /// Id of the user whose conversation it is.
    pub user_id: String,
    /// The conversation.
    pub conversation: Conversation,
}

impl Endpoint for ClearConversationRequest {
    const NAME: &'static str = "conversation/delete";
    /// A second time also removes what came in between.
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("user_id", &self.user_id)?;
        self.conversation.check("conversation")
    }
}
