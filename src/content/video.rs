//! Videos: type 6.

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MediaType, MessageError, MessagePayload};

/// A video. Type 6.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct VideoContent {
    /// URL of the video; not empty.
    pub remote_media_url: String,
    /// The length of the video in whole seconds.
    #[uniffi(default)]
    pub duration: i32,
    /// The bytes of a small JPEG of the video, at most 120 by 120 pixels, which is shown until the video is played;
    /// `make_thumbnail` makes one.
    #[uniffi(default)]
    pub thumbnail: Option<Bytes>,
}

#[uniffi::export]
impl VideoContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no URL, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        /// Some clients read one of the names, some the other.
        #[derive(Serialize)]
        struct Content {
            d: i32,
            duration: i32,
        }
        layout::check_url(&self.remote_media_url)?;
        let payload = MessagePayload {
            searchable_content: "[视频]".to_owned(),
            content: json::text(&Content { d: self.duration, duration: self.duration }),
            data: self.thumbnail.clone().unwrap_or_default(),
            media_type: MediaType::Video as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::Video)
        };
        layout::finish(payload, extras)
    }
}

impl VideoContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut content = Fields::read(&payload.content);
        Self {
            remote_media_url: payload.remote_media_url,
            duration: content.int("d").or_else(|| content.int("duration")).unwrap_or_default(),
            thumbnail: layout::thumbnail_of(payload.data),
        }
    }
}
