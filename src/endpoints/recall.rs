//! Recalling: message/recall, message/recall_broadcast and message/recall_multicast.

use serde::Serialize;

use super::{Effect, Endpoint, Rules};
use crate::{MessageError, RecalledMessage, check};

/// The recall of a message, at any time after it was sent.
// Source: wire.md §4, 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RecallRequest {
    /// Id of the user who recalls it, who need not be the sender.
    pub operator: String,
    /// The message's id.
    pub message_uid: i64,
}

impl Endpoint for RecallRequest {
    const NAME: &'static str = "message/recall";
    const EFFECT: Effect = Effect::Once;
    const IN_EVERY_EDITION: bool = true;
    type Answer = Option<RecalledMessage>;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)
    }
}

/// The recall of a broadcast.
// Source: wire.md §4, 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RecallBroadcastRequest {
    /// Id of the user who recalls it.
    pub operator: String,
    /// The broadcast's id.
    pub message_uid: i64,
}

impl Endpoint for RecallBroadcastRequest {
    const NAME: &'static str = "message/recall_broadcast";
    const EFFECT: Effect = Effect::Once;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)
    }
}

/// The recall of a multicast message from some or all of the users who received it.
// Source: wire.md §4, 11.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RecallMulticastRequest {
    /// Id of the user who recalls it.
    pub operator: String,
    /// The message's id.
    pub message_uid: i64,
    /// Ids of the users to recall it from; these may be some of the users who received it.
    pub receivers: Vec<String>,
}

impl Endpoint for RecallMulticastRequest {
    const NAME: &'static str = "message/recall_multicast";
    const EFFECT: Effect = Effect::Once;
    const IN_EVERY_EDITION: bool = true;
    type Answer = ();

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::operation(&self.operator, self.message_uid)?;
        check::users("receivers", &self.receivers)
    }
}
