//! What all layouts share: how a payload begins and what is checked at its end.

use bytes::Bytes;

use super::{ContentExtras, json::Fields};
use crate::{ContentType, MessageError, MessagePayload, PersistFlag};

/// A payload of the type, with its persist flag and nothing else.
pub(super) fn blank(content_type: ContentType) -> MessagePayload {
    let content_type = content_type as i32;
    MessagePayload { content_type, persist_flag: persist_flag(content_type), ..MessagePayload::default() }
}

/// What receivers keep of a message of this type; contents of one's own are stored and counted unless their
/// sender says otherwise.
pub(super) fn persist_flag(content_type: i32) -> i32 {
    let flag = match content_type {
        9 | 80 | 90 => PersistFlag::Stored,
        14 | 20 | 26 | 91 => PersistFlag::Transparent,
        _ => PersistFlag::StoredAndCounted,
    };
    flag as i32
}

/// Adds what goes with any content, and refuses what clients would not take.
pub(super) fn finish(
    mut payload: MessagePayload,
    extras: Option<ContentExtras>,
) -> Result<MessagePayload, MessageError> {
    if let Some(extras) = extras {
        extras.put_on(&mut payload);
    }
    payload.check("payload", true)?;
    Ok(payload)
}

/// Refuses a media content that leads to no file.
pub(super) fn check_url(remote_media_url: &str) -> Result<(), MessageError> {
    if remote_media_url.is_empty() {
        return Err(MessageError::invalid("remote_media_url", "a media message needs the URL of its file"));
    }
    Ok(())
}

/// No bytes are as good as none given.
pub(super) fn thumbnail_of(data: Bytes) -> Option<Bytes> {
    (!data.is_empty()).then_some(data)
}

/// The title of a content that keeps it twice: in the JSON, or else in the payload's searchable text.
pub(super) fn title(searchable: String, data: &mut Fields) -> String {
    let title = data.text("title");
    if title.is_empty() { searchable } else { title }
}
