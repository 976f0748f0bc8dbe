//! What a channel may do: channel/message/send, channel/message/recall and channel/message/republish.

use serde::{Serialize, Serializer};

use super::{Effect, Endpoint, Rules};
use crate::{MessageError, MessagePayload, RecalledMessage, SentMessage, check};

/// A message of a channel to its subscribers.
// Source: wire.md §8.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct ChannelSendRequest {
    /// The payload of the message.
    pub payload: MessagePayload,
    /// Only these subscribers receive it; empty for all. Depending on the server's version, a user who is not a subscriber
    /// is left out, or the server refuses the whole call (code 248).
    #[uniffi(default)]
    pub targets: Vec<String>,
    /// The line of the channel's conversation.
    #[uniffi(default = 0)]
    pub line: i32,
}

impl ChannelSendRequest {
    /// A message to every subscriber.
    pub fn new(payload: MessagePayload) -> Self {
        Self { payload, targets: Vec::new(), line: 0 }
    }
}

impl Endpoint for ChannelSendRequest {
    const NAME: &'static str = "channel/message/send";
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = SentMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        self.payload.check("payload", rules.any_content_type)?;
        check::no_empty_entry("targets", &self.targets)
    }
}

impl Serialize for ChannelSendRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            line: i32,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            targets: &'a [String],
            payload: &'a MessagePayload,
        }
        let Self { payload, targets, line } = self;
        Body { line: *line, targets, payload }.serialize(serializer)
    }
}

/// The recall of a message of the channel.
// Source: wire.md §8.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelRecall {
    pub(crate) message_uid: i64,
}

impl Endpoint for ChannelRecall {
    const NAME: &'static str = "channel/message/recall";
    const EFFECT: Effect = Effect::Once;
    type Answer = Option<RecalledMessage>;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)
    }
}

/// A message of the channel that is sent to more subscribers.
// Source: wire.md §8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct RepublishRequest {
    /// The message's id.
    #[serde(rename = "messageId")]
    pub message_uid: i64,
    /// The ids of the users who receive it.
    pub targets: Vec<String>,
}

impl Endpoint for RepublishRequest {
    const NAME: &'static str = "channel/message/republish";
    /// A second execution sends it to the devices again.
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)?;
        check::users("targets", &self.targets)
    }
}
