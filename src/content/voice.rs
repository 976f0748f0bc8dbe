//! Voice recordings: type 2.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MediaType, MessageError, MessagePayload};

/// A voice recording. Type 2.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct VoiceContent {
    /// URL of the recording; not empty.
    pub remote_media_url: String,
    /// The length of the recording in whole seconds.
    #[uniffi(default)]
    pub duration: i32,
}

#[uniffi::export]
impl VoiceContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no URL, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Content {
            duration: i32,
        }
        layout::check_url(&self.remote_media_url)?;
        let payload = MessagePayload {
            searchable_content: "[语音]".to_owned(),
            content: json::text(&Content { duration: self.duration }),
            media_type: MediaType::Voice as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::Voice)
        };
        layout::finish(payload, extras)
    }
}

impl VoiceContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut content = Fields::read(&payload.content);
        Self { remote_media_url: payload.remote_media_url, duration: content.int("duration").unwrap_or_default() }
    }
}
