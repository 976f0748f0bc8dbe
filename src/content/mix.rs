//! A text with pictures and videos, or with files, in one message: types 510 and 511.

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload, model::wire::base64_bytes};

/// How many pictures, videos or files go with a text.
const MOST: usize = 10;

/// Pictures and videos with a text. Type 510.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct MixMultiMediaTextContent {
    /// The text.
    pub text: String,
    /// The pictures and videos, at most 10.
    #[uniffi(default)]
    pub items: Vec<MixMultiMediaItem>,
}

/// A picture or a video that is sent with a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct MixMultiMediaItem {
    /// URL of the picture or video; not empty.
    pub url: String,
    /// Whether it is a video; otherwise it is a picture.
    #[uniffi(default)]
    pub is_video: bool,
    /// The bytes of a small JPEG of the picture or video, at most 120 by 120 pixels; `make_thumbnail` makes one.
    #[uniffi(default)]
    pub thumbnail: Option<Bytes>,
    /// The width of the picture or video in pixels.
    #[uniffi(default)]
    pub width: i32,
    /// The height of the picture or video in pixels.
    #[uniffi(default)]
    pub height: i32,
}

/// Files with a text. Type 511.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct MixFileTextContent {
    /// The text.
    pub text: String,
    /// The files, at most 10.
    #[uniffi(default)]
    pub files: Vec<MixFile>,
}

/// A file that is sent with a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct MixFile {
    /// URL of the file; not empty.
    pub url: String,
    /// The file's name, as it is shown and saved.
    #[uniffi(default)]
    pub name: String,
    /// The size of the file in bytes.
    #[uniffi(default)]
    pub size: i64,
    /// Whether the file is a video.
    #[uniffi(default)]
    pub is_video: bool,
}

#[uniffi::export]
impl MixMultiMediaTextContent {
    /// The payload to send. Fails with `InvalidArgument` when there are more than 10 items, one of them has no URL, or
    /// the payload has more than 50 KB, which include the thumbnails.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Data<'a> {
            ms: Vec<Item<'a>>,
        }
        check_list("items", self.items.iter().map(|item| &item.url))?;
        let payload = MessagePayload {
            searchable_content: self.text.clone(),
            data: json::bytes(&Data { ms: self.items.iter().map(Item::of).collect() }),
            ..layout::blank(ContentType::MixMultiMediaText)
        };
        layout::finish(payload, extras)
    }
}

impl MixMultiMediaTextContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let items = Fields::read(&payload.data).objects("ms").unwrap_or_default();
        Self { text: payload.searchable_content, items: items.into_iter().map(MixMultiMediaItem::read).collect() }
    }
}

/// A picture or video as it stands in the JSON.
#[derive(Serialize)]
struct Item<'a> {
    url: &'a str,
    r#type: &'static str,
    #[serde(with = "base64_bytes")]
    thumbnail: Bytes,
    w: i32,
    h: i32,
}

impl<'a> Item<'a> {
    fn of(MixMultiMediaItem { url, is_video, thumbnail, width, height }: &'a MixMultiMediaItem) -> Self {
        let r#type = if *is_video { "video" } else { "image" };
        Self { url, r#type, thumbnail: thumbnail.clone().unwrap_or_default(), w: *width, h: *height }
    }
}

impl MixMultiMediaItem {
    fn read(mut item: Fields) -> Self {
        Self {
            url: item.text("url"),
            is_video: item.text("type") == "video",
            thumbnail: layout::thumbnail_of(item.bytes("thumbnail")),
            width: item.int("w").unwrap_or_default(),
            height: item.int("h").unwrap_or_default(),
        }
    }
}

#[uniffi::export]
impl MixFileTextContent {
    /// The payload to send. Fails with `InvalidArgument` if there are more than 10 files, if one of them has no URL,
    /// or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Data<'a> {
            mu: Vec<File<'a>>,
        }
        check_list("files", self.files.iter().map(|file| &file.url))?;
        let payload = MessagePayload {
            searchable_content: self.text.clone(),
            data: json::bytes(&Data { mu: self.files.iter().map(File::of).collect() }),
            ..layout::blank(ContentType::MixFileText)
        };
        layout::finish(payload, extras)
    }
}

impl MixFileTextContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let files = Fields::read(&payload.data).objects("mu").unwrap_or_default();
        Self { text: payload.searchable_content, files: files.into_iter().map(MixFile::read).collect() }
    }
}

/// A file as it stands in the JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct File<'a> {
    url: &'a str,
    /// Where the sender's own device has it: nowhere.
    local_path: &'static str,
    name: &'a str,
    size: i64,
    iv: bool,
}

impl<'a> File<'a> {
    fn of(MixFile { url, name, size, is_video }: &'a MixFile) -> Self {
        Self { url, local_path: "", name, size: *size, iv: *is_video }
    }
}

impl MixFile {
    fn read(mut file: Fields) -> Self {
        Self { url: file.text("url"), name: file.text("name"), size: file.long("size"), is_video: file.flag("iv") }
    }
}

/// Refuses more than clients show, and what leads to no file.
fn check_list<'a>(argument: &str, mut urls: impl ExactSizeIterator<Item = &'a String>) -> Result<(), MessageError> {
    let count = urls.len();
    if count > MOST {
        let reason = format!("it has {count} entries, but clients show at most {MOST}");
        return Err(MessageError::invalid(argument, reason));
    }
    match urls.position(String::is_empty) {
        Some(index) => Err(MessageError::invalid(format!("{argument}[{index}].url"), "it is empty")),
        None => Ok(()),
    }
}
