//! Links: type 8.

use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// A link to a page. Type 8.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct LinkContent {
    /// The page's title.
    pub title: String,
    /// The page's URL.
    #[uniffi(default)]
    pub url: String,
    /// What the page is about, in a few words.
    #[uniffi(default)]
    pub digest: String,
    /// URL of a small picture of the page.
    #[uniffi(default)]
    pub thumbnail_url: Option<String>,
}

#[uniffi::export]
impl LinkContent {
    /// The payload to send. Fails with `InvalidArgument` if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        #[derive(Serialize)]
        struct Data<'a> {
            d: &'a str,
            u: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            t: Option<&'a str>,
        }
        let data = Data { d: &self.digest, u: &self.url, t: self.thumbnail_url.as_deref() };
        let payload = MessagePayload {
            searchable_content: self.title.clone(),
            data: json::bytes(&data),
            ..layout::blank(ContentType::Link)
        };
        layout::finish(payload, extras)
    }
}

impl LinkContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        let mut data = Fields::read(&payload.data);
        Self {
            title: payload.searchable_content,
            url: data.text("u"),
            digest: data.text("d"),
            thumbnail_url: data.optional_text("t"),
        }
    }
}
