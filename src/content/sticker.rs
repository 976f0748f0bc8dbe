//! Stickers: type 7.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MediaType, MessageError, MessagePayload};

/// A sticker: a picture, often animated, which is shown without a frame. Type 7.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct StickerContent {
    /// URL of the picture; not empty.
    pub remote_media_url: String,
    /// The width of the picture in pixels.
    #[uniffi(default)]
    pub width: i32,
    /// The height of the picture in pixels.
    #[uniffi(default)]
    pub height: i32,
}

#[uniffi::export]
impl StickerContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no URL, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Data {
            x: i32,
            y: i32,
        }
        layout::check_url(&self.remote_media_url)?;
        let payload = MessagePayload {
            searchable_content: "[动态表情]".to_owned(),
            data: json::bytes(&Data { x: self.width, y: self.height }),
            media_type: MediaType::Sticker as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::Sticker)
        };
        layout::finish(payload, extras)
    }
}

impl StickerContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            remote_media_url: payload.remote_media_url,
            width: data.int("x").unwrap_or_default(),
            height: data.int("y").unwrap_or_default(),
        }
    }
}
