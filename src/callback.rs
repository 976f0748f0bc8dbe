//! Callbacks: what a server posts to an application, read; and what a censor answers. Nothing here sends or listens.

use bytes::Bytes;
use serde::Deserialize;

use crate::{
    Message, MessageError, MessagePayload,
    model::wire::{detail, time_or_zero},
};

/// A message was recalled: what a server posts to the URL of its setting `message.recallmsg.forward.url`.
// Source: wire.md §10.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct RecallCallback {
    /// The message.
    pub message: Message,
    /// Id of the user who recalled it.
    #[serde(default, deserialize_with = "detail")]
    pub user_id: String,
    /// When it was recalled, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "time_or_zero")]
    pub timestamp: i64,
    /// Whether an administrator recalled it, for instance by the message API.
    #[serde(default, deserialize_with = "detail")]
    pub is_admin: bool,
}

/// A user subscribes to a channel, or does so no more: what a server posts to a channel's callback and `/subscribe`.
// Source: wire.md §10.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct SubscriptionCallback {
    /// Id of the user.
    pub user_id: String,
    /// Id of the channel.
    pub channel_id: String,
    /// Whether the user subscribes from now on.
    pub is_subscribed: bool,
}

/// What a censor answers to the message that a server posts to it, within 3 seconds: the status and the body of the answer.
///
/// A censor is what the setting `sensitive.remote_server_url` names. It is asked before a message goes out.
// Source: wire.md §10.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct CensorAnswer {
    /// The status of the answer.
    pub status: i32,
    /// Its body, as `application/json; charset=utf-8`; perhaps empty.
    pub body: Bytes,
}

impl CensorAnswer {
    /// The message goes out as it is.
    pub const fn send() -> Self {
        Self { status: 200, body: Bytes::new() }
    }

    /// The message goes out with this payload in place of its own.
    ///
    /// Fails with `InvalidArgument` when the payload cannot be sent.
    pub fn replace(payload: &MessagePayload) -> Result<Self, MessageError> {
        if payload.content_type <= 0 {
            let reason = "the server takes a payload without a type for none, and sends the message as it is";
            return Err(MessageError::invalid("payload.content_type", reason));
        }
        payload.check("payload", true)?;
        let body = serde_json::to_vec(payload)
            .map_err(|error| MessageError::invalid("payload", format!("it cannot be written as JSON: {error}")))?;
        Ok(Self { status: 200, body: body.into() })
    }

    /// The message does not go out.
    pub const fn refuse() -> Self {
        Self { status: 403, body: Bytes::new() }
    }
}

/// Reads a message that a server has posted: to the URL of a robot's callback, to that of a channel and `/message`, to those
/// that forward messages, or to the censor's.
///
/// Nobody signs what is posted, and it may come twice, or never: drop repeats by `message_uid`, and a robot what it has sent
/// itself. Fails with `InvalidArgument` when the body is no message.
pub fn parse_message_callback(body: &[u8]) -> Result<Message, MessageError> {
    read(body, "message")
}

/// Reads what a server has posted when a message was recalled. Fails with `InvalidArgument` when the body is nothing of the
/// kind.
pub fn parse_recall_callback(body: &[u8]) -> Result<RecallCallback, MessageError> {
    read(body, "recall")
}

/// Reads what a server has posted when a user subscribed to a channel, or ended that. Fails with `InvalidArgument` when the
/// body is nothing of the kind.
pub fn parse_subscription_callback(body: &[u8]) -> Result<SubscriptionCallback, MessageError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Posted {
        user_id: String,
        channel_id: String,
        #[serde(deserialize_with = "detail")]
        status: i32,
    }
    let Posted { user_id, channel_id, status } = read(body, "subscription")?;
    if user_id.is_empty() || channel_id.is_empty() {
        return Err(MessageError::invalid("body", "it is no subscription: it names no user, or no channel"));
    }
    Ok(SubscriptionCallback { user_id, channel_id, is_subscribed: status != 0 })
}

/// The reason says what is wrong, and nothing of what stands there: anybody may post to a URL.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8], what: &str) -> Result<T, MessageError> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    serde_json::from_slice(body).map_err(|error| {
        let why = match error.classify() {
            _ if body.trim_ascii().is_empty() => "it is empty".to_owned(),
            serde_json::error::Category::Data => "it lacks what one has, or has it in another form".to_owned(),
            _ => format!("it is no JSON at line {} column {}", error.line(), error.column()),
        };
        MessageError::invalid("body", format!("it is no {what}: {why}"))
    })
}

/// The same for the other languages, whose bytes cross whole.
mod exported {
    use super::*;

    /// Reads a message that a server has posted: to the URL of a robot's callback, to that of a channel and `/message`, to
    /// those that forward messages, or to the censor's.
    ///
    /// Nobody signs what is posted, and it may come twice, or never: drop repeats by the message's uid, and a robot what it
    /// has sent itself. Fails with `InvalidArgument` when the body is no message.
    #[uniffi::export(name = "native_parse_message_callback")]
    pub(super) fn parse_message_callback(body: Bytes) -> Result<Message, MessageError> {
        super::parse_message_callback(&body)
    }

    /// Reads what a server has posted when a message was recalled. Fails with `InvalidArgument` when the body is nothing of
    /// the kind.
    #[uniffi::export(name = "native_parse_recall_callback")]
    pub(super) fn parse_recall_callback(body: Bytes) -> Result<RecallCallback, MessageError> {
        super::parse_recall_callback(&body)
    }

    /// Reads what a server has posted when a user subscribed to a channel, or ended that. Fails with `InvalidArgument` when
    /// the body is nothing of the kind.
    #[uniffi::export(name = "native_parse_subscription_callback")]
    pub(super) fn parse_subscription_callback(body: Bytes) -> Result<SubscriptionCallback, MessageError> {
        super::parse_subscription_callback(&body)
    }

    /// A censor's answer: the message goes out as it is.
    #[uniffi::export(name = "native_censor_answer_send")]
    pub(super) fn send() -> Result<CensorAnswer, MessageError> {
        Ok(CensorAnswer::send())
    }

    /// A censor's answer: the message goes out with this payload in place of its own. Fails with `InvalidArgument` when the
    /// payload cannot be sent.
    #[uniffi::export(name = "native_censor_answer_replace")]
    pub(super) fn replace(payload: MessagePayload) -> Result<CensorAnswer, MessageError> {
        CensorAnswer::replace(&payload)
    }

    /// A censor's answer: the message does not go out.
    #[uniffi::export(name = "native_censor_answer_refuse")]
    pub(super) fn refuse() -> Result<CensorAnswer, MessageError> {
        Ok(CensorAnswer::refuse())
    }
}
