//! Files: type 5.

use super::{ContentExtras, layout};
use crate::{ContentType, MediaType, MessageError, MessagePayload};

/// A file. Type 5.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct FileContent {
    /// The file's name, as it is shown and saved.
    pub name: String,
    /// The size of the file in bytes.
    #[uniffi(default)]
    pub size: i64,
    /// URL of the file; not empty.
    #[uniffi(default)]
    pub remote_media_url: String,
}

#[uniffi::export]
impl FileContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no URL, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        layout::check_url(&self.remote_media_url)?;
        let payload = MessagePayload {
            searchable_content: self.name.clone(),
            content: self.size.to_string(),
            media_type: MediaType::File as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::File)
        };
        layout::finish(payload, extras)
    }
}

impl FileContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self {
            name: payload.searchable_content,
            size: payload.content.trim().parse().unwrap_or_default(),
            remote_media_url: payload.remote_media_url,
        }
    }
}
