//! Text that appears while it is being written, as by a language model: types 14, 15 and 20.

use super::{ContentExtras, layout};
use crate::{ContentType, MessageError, MessagePayload, check};

/// Text that is still being written: send one message for each step, all with the same stream id. It is not stored.
/// Type 14.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct StreamingTextGeneratingContent {
    /// The stream's id, the same from the first step to the last; not empty.
    pub stream_id: String,
    /// The whole text up to now, not only the new part.
    #[uniffi(default)]
    pub text: String,
}

/// Text that has been written to its end; it replaces the earlier steps. Type 15.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct StreamingTextGeneratedContent {
    /// The stream's id, the same as in the steps; not empty.
    pub stream_id: String,
    /// The whole text.
    #[uniffi(default)]
    pub text: String,
}

/// Text whose writing was cancelled. It is not stored. Type 20.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct StreamingTextCancelledContent {
    /// The stream's id, the same as in the steps; not empty.
    pub stream_id: String,
    /// The text up to the moment of the cancellation.
    #[uniffi(default)]
    pub text: String,
}

#[uniffi::export]
impl StreamingTextGeneratingContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no stream id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        payload(ContentType::StreamingTextGenerating, &self.stream_id, &self.text, extras)
    }
}

#[uniffi::export]
impl StreamingTextGeneratedContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no stream id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        payload(ContentType::StreamingTextGenerated, &self.stream_id, &self.text, extras)
    }
}

#[uniffi::export]
impl StreamingTextCancelledContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no stream id, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        payload(ContentType::StreamingTextCancelled, &self.stream_id, &self.text, extras)
    }
}

impl StreamingTextGeneratingContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { stream_id: payload.content, text: payload.searchable_content }
    }
}

impl StreamingTextGeneratedContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { stream_id: payload.content, text: payload.searchable_content }
    }
}

impl StreamingTextCancelledContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { stream_id: payload.content, text: payload.searchable_content }
    }
}

fn payload(
    content_type: ContentType,
    stream_id: &str,
    text: &str,
    extras: Option<ContentExtras>,
) -> Result<MessagePayload, MessageError> {
    check::not_empty("stream_id", stream_id)?;
    let payload = MessagePayload {
        searchable_content: text.to_owned(),
        content: stream_id.to_owned(),
        ..layout::blank(content_type)
    };
    layout::finish(payload, extras)
}
