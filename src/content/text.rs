//! Text, with or without the message it quotes: types 1 and 9.

use bytes::Bytes;
use serde::Serialize;

use super::{ContentExtras, json, json::Fields, layout};
use crate::{ContentType, MessageError, MessagePayload};

/// A text message. Type 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct TextContent {
    /// The text; not empty.
    pub text: String,
    /// The message to which this one replies.
    #[uniffi(default)]
    pub quote: Option<Quote>,
}

/// Text that is stored but not counted as unread. Type 9.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct PlainTextContent {
    /// The text; not empty.
    pub text: String,
    /// The message to which this one replies.
    #[uniffi(default)]
    pub quote: Option<Quote>,
}

/// The message to which a text replies, as receivers show it above the text. The method `quote` of a message makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct Quote {
    /// The quoted message's id, an integer of up to 60 bits.
    pub message_uid: i64,
    /// Id of the user who sent the quoted message.
    #[uniffi(default)]
    pub user_id: String,
    /// The name of that user, as receivers show it.
    #[uniffi(default)]
    pub display_name: String,
    /// The beginning of the text of the quoted message.
    #[uniffi(default)]
    pub digest: String,
}

impl TextContent {
    /// A text that quotes nothing.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), quote: None }
    }
}

impl PlainTextContent {
    /// A text that quotes nothing.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), quote: None }
    }
}

#[uniffi::export]
impl TextContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no text, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        payload(ContentType::Text, &self.text, self.quote.as_ref(), extras)
    }
}

#[uniffi::export]
impl PlainTextContent {
    /// The payload to send. Fails with `InvalidArgument` if there is no text, or if the payload has more than 50 KB.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        payload(ContentType::PlainText, &self.text, self.quote.as_ref(), extras)
    }
}

impl TextContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { quote: Quote::read(&payload.data), text: payload.searchable_content }
    }
}

impl PlainTextContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self { quote: Quote::read(&payload.data), text: payload.searchable_content }
    }
}

fn payload(
    content_type: ContentType,
    text: &str,
    quote: Option<&Quote>,
    extras: Option<ContentExtras>,
) -> Result<MessagePayload, MessageError> {
    if text.is_empty() {
        return Err(MessageError::invalid("text", "a text message needs a text"));
    }
    let payload = MessagePayload {
        searchable_content: text.to_owned(),
        data: quote.map(Quote::to_data).unwrap_or_default(),
        ..layout::blank(content_type)
    };
    layout::finish(payload, extras)
}

impl Quote {
    fn to_data(&self) -> Bytes {
        #[derive(Serialize)]
        struct Data<'a> {
            quote: Quoted<'a>,
        }
        #[derive(Serialize)]
        struct Quoted<'a> {
            u: i64,
            i: &'a str,
            n: &'a str,
            d: &'a str,
        }
        let Self { message_uid, user_id, display_name, digest } = self;
        json::bytes(&Data { quote: Quoted { u: *message_uid, i: user_id, n: display_name, d: digest } })
    }

    fn read(data: &[u8]) -> Option<Self> {
        let mut quoted = Fields::read(data).object("quote")?;
        Some(Self {
            message_uid: quoted.long("u"),
            user_id: quoted.text("i"),
            display_name: quoted.text("n"),
            digest: quoted.text("d"),
        })
    }
}
