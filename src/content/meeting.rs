//! What was said in a meeting: its minutes, type 25, and its words while they are spoken, type 26.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// The minutes of a meeting. Type 25.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct MeetingMinutesContent {
    /// The minutes; not empty.
    pub text: String,
    /// What the meeting was about.
    #[uniffi(default)]
    pub title: String,
    /// The meeting's id.
    #[uniffi(default)]
    pub meeting_id: String,
}

/// What somebody says in a meeting, written down while it is spoken. It is not stored. Type 26.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct TranscriptionContent {
    /// What was said.
    pub content: String,
    /// The meeting's id.
    #[uniffi(default)]
    pub meeting_id: String,
    /// Id of the user who spoke.
    #[uniffi(default)]
    pub user_id: String,
    /// When it was said, in milliseconds since the epoch.
    #[uniffi(default)]
    pub timestamp: i64,
    /// How long the user spoke; the service that writes it down decides whether this is in milliseconds or in seconds.
    #[uniffi(default)]
    pub duration: i64,
    /// The id of this part, as the service that writes it down numbers it.
    #[uniffi(default)]
    pub id: i64,
}

#[uniffi::export]
impl MeetingMinutesContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no text, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            meeting_id: &'a str,
        }
        if self.text.is_empty() {
            return Err(MessageError::invalid("text", "the minutes of a meeting need a text"));
        }
        let payload = MessagePayload {
            searchable_content: self.text.clone(),
            content: self.title.clone(),
            data: json::bytes(&Data { meeting_id: &self.meeting_id }),
            ..layout::blank(ContentType::MeetingMinutes)
        };
        layout::finish(payload, extras)
    }
}

impl MeetingMinutesContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self {
            meeting_id: Fields::read(&payload.data).text("meetingId"),
            text: payload.searchable_content,
            title: payload.content,
        }
    }
}

#[uniffi::export]
impl TranscriptionContent {
    /// The payload to send. Fails with `InvalidArgument` if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Spoken<'a> {
            id: i64,
            meeting_id: &'a str,
            user_id: &'a str,
            timestamp: i64,
            duration: i64,
            content: &'a str,
        }
        let Self { content, meeting_id, user_id, timestamp, duration, id } = self;
        let (id, timestamp, duration) = (*id, *timestamp, *duration);
        let spoken = json::text(&Spoken { id, meeting_id, user_id, timestamp, duration, content });
        layout::finish(MessagePayload { content: spoken, ..layout::blank(ContentType::Transcription) }, extras)
    }
}

impl TranscriptionContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut spoken = Fields::read(&payload.content);
        Self {
            content: spoken.text("content"),
            meeting_id: spoken.text("meetingId"),
            user_id: spoken.text("userId"),
            timestamp: spoken.long("timestamp"),
            duration: spoken.long("duration"),
            id: spoken.long("id"),
        }
    }
}
