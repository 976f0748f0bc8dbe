//! Grey lines: type 90.

use super::{ContentExtras, layout};
use crate::{ContentType, MessageError, MessagePayload, check};

/// A grey line in the conversation, stored but not counted as unread. Type 90.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct TipContent {
    /// The line's text; not empty.
    pub tip: String,
}

impl TipContent {
    /// A line with this text.
    pub fn new(tip: impl Into<String>) -> Self {
        Self { tip: tip.into() }
    }
}

#[uniffi::export]
impl TipContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no text, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        check::not_empty("tip", &self.tip)?;
        layout::finish(MessagePayload { content: self.tip.clone(), ..layout::blank(ContentType::Tip) }, extras)
    }
}

impl TipContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { tip: payload.content }
    }
}
