//! Images: type 3.

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MediaType, MessageError, MessagePayload};

/// An image. Type 3.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct ImageContent {
    /// URL of the image; not empty.
    pub remote_media_url: String,
    /// The bytes of a small JPEG of the image, at most 120 by 120 pixels, which is shown until the image has been
    /// loaded; `make_thumbnail` makes one.
    #[uniffi(default)]
    pub thumbnail: Option<Bytes>,
    /// The width of the image in pixels, if it is known.
    #[uniffi(default)]
    pub width: Option<i32>,
    /// The height of the image in pixels, if it is known.
    #[uniffi(default)]
    pub height: Option<i32>,
}

#[uniffi::export]
impl ImageContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no URL, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        layout::check_url(&self.remote_media_url)?;
        let payload = MessagePayload {
            searchable_content: "[图片]".to_owned(),
            content: self.size(),
            data: self.thumbnail.clone().unwrap_or_default(),
            media_type: MediaType::Image as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::Image)
        };
        layout::finish(payload, extras)
    }
}

impl ImageContent {
    /// JSON of what is known of the size; empty when nothing is.
    fn size(&self) -> String {
        #[derive(Serialize)]
        struct Content {
            #[serde(skip_serializing_if = "Option::is_none")]
            w: Option<i32>,
            #[serde(skip_serializing_if = "Option::is_none")]
            h: Option<i32>,
        }
        match (self.width, self.height) {
            (None, None) => String::new(),
            (w, h) => json::text(&Content { w, h }),
        }
    }

    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut content = Fields::read(&payload.content);
        Self {
            remote_media_url: payload.remote_media_url,
            thumbnail: layout::thumbnail_of(payload.data),
            width: content.int("w"),
            height: content.int("h"),
        }
    }
}
