//! What the sending and recalling methods give back.

use bytes::Bytes;
use serde::Deserialize;

use super::wire::{base64_bytes, detail, time, uid};

/// A message the server accepted.
///
/// Accepted, not stored: the server answers before it writes to its database.
// Source: wire.md §2, §4.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct SentMessage {
    /// The message's id, an integer of up to 60 bits: keep it out of floating-point numbers.
    pub message_uid: i64,
    /// When the server took it, in milliseconds since the epoch.
    pub timestamp: i64,
}

impl<'de> Deserialize<'de> for SentMessage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            #[serde(deserialize_with = "uid")]
            message_uid: i64,
            #[serde(default, deserialize_with = "time")]
            timestamp: Option<i64>,
        }
        let Answer { message_uid, timestamp } = Answer::deserialize(deserializer)?;
        Ok(Self { message_uid, timestamp: timestamp.unwrap_or_else(|| time_of(message_uid)) })
    }
}

/// The time a message id was made, in milliseconds since the epoch.
// Source: wire.md §4.
fn time_of(message_uid: i64) -> i64 {
    (message_uid >> 21) + 1_514_736_000_000
}

/// A broadcast the server accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct BroadcastMessage {
    /// The message's id, an integer of up to 60 bits; recall_broadcast_message and delete_broadcast_message take it.
    #[serde(deserialize_with = "uid")]
    pub message_uid: i64,
    /// How many users it goes to: those who have ever connected, 0 on a fresh server; or all that it knows, where it is set
    /// up so.
    #[serde(default, deserialize_with = "detail")]
    pub count: i64,
}

/// What a recalled message held, as the server tells it.
// Source: wire.md §4, recall's string.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct RecalledMessage {
    /// Id of the user who had sent it.
    #[serde(rename = "s", default, deserialize_with = "detail")]
    pub sender: String,
    /// When it had been sent, in milliseconds since the epoch.
    #[serde(rename = "ts", default, deserialize_with = "detail")]
    pub timestamp: i64,
    /// Its content type, one of `ContentType`.
    #[serde(rename = "t", default, deserialize_with = "detail")]
    pub content_type: i32,
    /// Its searchable text.
    #[serde(rename = "sc", default, deserialize_with = "detail")]
    pub searchable_content: String,
    /// Its text that is not searched.
    #[serde(rename = "c", default, deserialize_with = "detail")]
    pub content: String,
    /// The sender's own text that went with it.
    #[serde(rename = "e", default, deserialize_with = "detail")]
    pub extra: String,
    /// Its bytes.
    #[serde(rename = "b", default, with = "base64_bytes")]
    pub data: Bytes,
    /// The kind of its file, one of `MediaType`.
    #[serde(rename = "mt", default, deserialize_with = "detail")]
    pub media_type: i32,
    /// Where its file lies.
    #[serde(rename = "mu", default, deserialize_with = "detail")]
    pub remote_media_url: String,
}
