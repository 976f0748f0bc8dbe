//! What is left of a recalled message: type 80, which is only read.

use super::json::Fields;
use crate::{MessagePayload, RecalledMessage};

/// What is left of a recalled message. The server creates it; it cannot be sent. Type 80.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct RecalledContent {
    /// Id of the user who recalled it.
    pub operator: String,
    /// The recalled message's id, an integer of up to 60 bits; 0 if the payload does not contain it.
    #[uniffi(default)]
    pub message_uid: i64,
    /// The original message, if the server sent it.
    #[uniffi(default)]
    pub original: Option<RecalledMessage>,
}

impl RecalledContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let uid = str::from_utf8(&payload.data).ok().and_then(|text| text.trim().parse().ok());
        Self {
            operator: payload.content,
            message_uid: uid.unwrap_or_default(),
            original: original(Fields::read(payload.extra)),
        }
    }
}

fn original(mut told: Fields) -> Option<RecalledMessage> {
    if told.is_empty() {
        return None;
    }
    Some(RecalledMessage {
        sender: told.text("s"),
        timestamp: told.long("ts"),
        content_type: told.int("t").unwrap_or_default(),
        searchable_content: told.text("sc"),
        content: told.text("c"),
        extra: told.text("e"),
        data: told.bytes("b"),
        media_type: told.int("mt").unwrap_or_default(),
        remote_media_url: told.text("mu"),
    })
}
