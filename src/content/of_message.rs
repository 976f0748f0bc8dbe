//! What a message that was looked up is good for: read its content, quote it.

use super::{MessageContent, Quote, decode_content};
use crate::{Message, MessageError, UserInfo};

/// How many characters of a message a quote repeats.
const DIGEST_LENGTH: usize = 48;

impl Message {
    /// The content of the message, with named fields; for a type that the library does not know, the payload unchanged.
    /// Never fails.
    pub fn decode_content(&self) -> Result<MessageContent, MessageError> {
        decode_content(self.payload.clone())
    }
}

#[uniffi::export]
impl Message {
    /// A quote of this message, for a text that replies to it: the name of the sender if the server sent it, and the
    /// first 48 characters of the searchable text. Never fails.
    #[uniffi::method(name = "native_quote")]
    pub fn quote(&self) -> Result<Quote, MessageError> {
        Ok(Quote {
            message_uid: self.message_uid,
            user_id: self.sender.clone(),
            display_name: self.sender_user_info.as_ref().map(shown_name).unwrap_or_default(),
            digest: self.payload.searchable_content.chars().take(DIGEST_LENGTH).collect(),
        })
    }
}

fn shown_name(user: &UserInfo) -> String {
    if user.display_name.is_empty() { user.name.clone() } else { user.display_name.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessagePayload, TextContent};

    #[test]
    fn a_quote_names_the_sender_and_repeats_the_beginning() {
        let user = UserInfo { name: "ann".into(), display_name: "Ann".into(), ..UserInfo::default() };
        let message = Message {
            message_uid: 588_582_842_607_370_241,
            sender: "u1".into(),
            payload: MessagePayload::text("好".repeat(60)),
            sender_user_info: Some(user),
            ..Message::default()
        };
        let quote = message.quote().expect("a quote");
        assert_eq!(quote.message_uid, 588_582_842_607_370_241);
        assert_eq!((quote.user_id.as_str(), quote.display_name.as_str()), ("u1", "Ann"));
        assert_eq!(quote.digest, "好".repeat(48));
    }

    #[test]
    fn a_user_without_a_display_name_is_quoted_by_the_other_name() {
        let user = UserInfo { name: "ann".into(), ..UserInfo::default() };
        let message = Message { sender_user_info: Some(user), ..Message::default() };
        assert_eq!(message.quote().expect("a quote").display_name, "ann");
    }

    #[test]
    fn a_message_tells_its_content() {
        let message = Message { payload: MessagePayload::text("hi"), ..Message::default() };
        assert_eq!(message.decode_content(), Ok(TextContent::new("hi").into()));
    }
}
