//! What a message carries: [`MessagePayload`].

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{
    numbers::{ContentType, MediaType},
    wire::{base64_bytes, detail, is_zero},
};
use crate::MessageError;

/// The largest payload the clients accept, in bytes: the texts plus the base64 text of `data`.
// Source: wire.md §3 ("a message should stay under 50 KB").
pub const MAX_PAYLOAD_BYTES: usize = 50 * 1024;

/// What a message carries: its content type and the fields in which that type keeps its content.
///
/// For the built-in contents the library knows the layout; a content of one's own (type 1000 and up) may use
/// the fields as it likes.
// Source: wire.md §3, MessagePayload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
#[serde(rename_all = "camelCase")]
pub struct MessagePayload {
    /// The content type, one of `ContentType` or a number of your own from 1000 up.
    #[serde(rename = "type", default, deserialize_with = "detail")]
    pub content_type: i32,
    /// The text that searching finds and, for text messages, that is shown.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub searchable_content: String,
    /// The text of the push notification; empty for the receiver's own default.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub push_content: String,
    /// Data that goes with the push notification, not shown.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub push_data: String,
    /// Text that searching does not find; what it holds is the content type's affair.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub content: String,
    /// Bytes that go with the message (a thumbnail, JSON, …). On the wire they are base64, which is the library's business.
    #[serde(rename = "base64edData", default, with = "base64_bytes", skip_serializing_if = "Bytes::is_empty")]
    #[uniffi(default)]
    pub data: Bytes,
    /// The kind of the file at `remote_media_url`, one of `MediaType`; 0 where there is none.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "is_zero")]
    #[uniffi(default)]
    pub media_type: i32,
    /// Where the file lies that the message shows: an image, a voice recording, a document.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub remote_media_url: String,
    /// What receivers keep, one of `PersistFlag`: 3 stored and counted as unread (the default), 1 stored, 4 transparent, 0 not stored.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default = 3)]
    pub persist_flag: i32,
    /// Seconds after reading at which the message disappears; 0 for never.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "is_zero")]
    #[uniffi(default)]
    pub expire_duration: i32,
    /// Who is mentioned, one of `MentionedType`: 0 nobody, 1 those in `mentioned_targets`, 2 everyone.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "is_zero")]
    #[uniffi(default)]
    pub mentioned_type: i32,
    /// Ids of the users who are mentioned when `mentioned_type` is 1.
    #[serde(rename = "mentionedTarget", default, deserialize_with = "detail", skip_serializing_if = "Vec::is_empty")]
    #[uniffi(default)]
    pub mentioned_targets: Vec<String>,
    /// Text of the sender's own that travels with the message.
    #[serde(default, deserialize_with = "detail", skip_serializing_if = "String::is_empty")]
    #[uniffi(default)]
    pub extra: String,
}

/// The names of the fields on the wire, for code that reads strictly what people write.
#[cfg(any(feature = "cli", feature = "outbox"))]
pub const FIELDS: [&str; 13] = [
    "type",
    "searchableContent",
    "pushContent",
    "pushData",
    "content",
    "base64edData",
    "mediaType",
    "remoteMediaUrl",
    "persistFlag",
    "expireDuration",
    "mentionedType",
    "mentionedTarget",
    "extra",
];

impl Default for MessagePayload {
    /// An empty payload that is stored and counted.
    fn default() -> Self {
        Self {
            content_type: 0,
            searchable_content: String::new(),
            push_content: String::new(),
            push_data: String::new(),
            content: String::new(),
            data: Bytes::new(),
            media_type: 0,
            remote_media_url: String::new(),
            persist_flag: 3,
            expire_duration: 0,
            mentioned_type: 0,
            mentioned_targets: Vec::new(),
            extra: String::new(),
        }
    }
}

impl MessagePayload {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self { content_type: ContentType::Text as i32, searchable_content: text.into(), ..Self::default() }
    }

    /// Refuses what no receiver could show. `at` is the argument's name in error texts; `any_type` lets the
    /// types pass that are not meant to be sent through the server API.
    pub(crate) fn check(&self, at: &str, any_type: bool) -> Result<(), MessageError> {
        let refuse = |field: &str, reason: String| Err(MessageError::invalid(format!("{at}.{field}"), reason));
        if !any_type && !is_sendable(self.content_type) {
            let reason = format!(
                "content type {} is not meant to be sent through the server API (see allow_unsendable_types)",
                self.content_type
            );
            return refuse("content_type", reason);
        }
        match self.content_type {
            1 | 9 if self.searchable_content.is_empty() => {
                refuse("searchable_content", "a text message needs a text".into())
            }
            2 | 3 | 5 | 6 | 7 if self.remote_media_url.is_empty() => {
                refuse("remote_media_url", "a media message needs the URL of its file".into())
            }
            11 if self.media_type == MediaType::File as i32 && self.remote_media_url.is_empty() => {
                refuse("remote_media_url", "forwarded messages that lie in a file need the URL of that file".into())
            }
            _ => Ok(()),
        }?;
        let size = self.bytes();
        if size > MAX_PAYLOAD_BYTES {
            let reason = format!("it has {size} bytes, but clients accept at most {MAX_PAYLOAD_BYTES}");
            return Err(MessageError::invalid(at, reason));
        }
        Ok(())
    }

    /// Bytes of the texts plus those of `data` as base64.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [
            &self.searchable_content,
            &self.push_content,
            &self.push_data,
            &self.content,
            &self.remote_media_url,
            &self.extra,
        ];
        texts.into_iter().chain(&self.mentioned_targets).map(String::len).sum::<usize>()
            + self.data.len().div_ceil(3) * 4
    }
}

/// Recall and delete notices, group notifications, secret chats, call signals, moments and push-to-talk
/// are the clients' own.
// Source: layouts.md, notes.
fn is_sendable(content_type: i32) -> bool {
    !matches!(content_type, 23 | 40..=47 | 80 | 81 | 104..=125 | 400..=434 | 501..=502)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What servers since 1.3.8 measure and refuse with code 35.
    // Source: wire.md §3.
    const LARGEST: usize = 65_536;

    #[test]
    fn what_is_let_pass_is_never_too_large_for_a_server() {
        for letter in ["x", "好", "😀", "\u{7f}", "\u{800}"] {
            let most = MAX_PAYLOAD_BYTES / letter.len();
            let mut payload = MessagePayload::text(letter.repeat(most));
            payload.check("payload", false).expect(letter);
            assert!(payload.searchable_content.encode_utf16().count() <= LARGEST, "{letter}");
            payload.searchable_content.push_str(letter);
            assert!(payload.check("payload", false).is_err(), "{letter}");
        }
        let data = Bytes::from(vec![0; MAX_PAYLOAD_BYTES / 4 * 3]);
        let payload = MessagePayload { content_type: 1000, data, ..MessagePayload::default() };
        payload.check("payload", false).unwrap();
        assert!(payload.data.len() <= LARGEST);
    }
}
