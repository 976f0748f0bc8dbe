//! Somebody is typing: type 91.

use super::{ContentExtras, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// Shows that the sender is busy: typing, recording, choosing a picture. It is not stored. Type 91.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct TypingContent {
    /// What the sender is making: 0 text, 1 voice, 2 a photo or video with the camera, 3 a location, 4 a file.
    pub kind: i32,
}

#[uniffi::export]
impl TypingContent {
    /// The payload to send. Fails with `InvalidArgument` if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        layout::finish(MessagePayload { content: self.kind.to_string(), ..layout::blank(ContentType::Typing) }, extras)
    }
}

impl TypingContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { kind: payload.content.trim().parse().unwrap_or_default() }
    }
}
