//! Messages forwarded together: type 11.
//!
//! A payload keeps up to 20 KiB of the messages. When there are more, only the first ones stay in it and the
//! whole list lies in a file that the sender uploads, at the payload's URL.

mod entry;

use bytes::Bytes;

use super::{ContentExtras, json::Fields, layout};
use crate::{ContentType, MediaType, Message, MessageError, MessagePayload};

/// What a payload keeps of the messages, and of their searchable texts, in bytes.
const MOST_KEPT: usize = 20 * 1024;

/// Messages forwarded together, for example to show a part of a conversation to another user. Type 11.
///
/// The payload keeps up to 20 KiB of them. More messages need a file: `to_upload` returns its bytes; upload them to a
/// place from which receivers can download them, set `remote_media_url`, and call `to_payload`. When such a content is
/// read back, it has only the first messages; `with_upload` adds the others from the file.
///
/// For each message, the payload contains its id, sender, conversation, receivers, time and payload, but not the
/// persist flag and the expiry time of that payload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, uniffi::Record)]
pub struct CompositeContent {
    /// The title, such as "Ann and Bob's chat history".
    pub title: String,
    /// The messages, the oldest first.
    #[uniffi(default)]
    pub messages: Vec<Message>,
    /// URL of the file with the whole list; empty if the payload contains all messages.
    #[uniffi(default)]
    pub remote_media_url: String,
}

#[uniffi::export]
impl CompositeContent {
    /// The payload to send. Fails with `InvalidArgument` if the messages have more than 20 KiB and `remote_media_url`
    /// is empty: upload what `to_upload` returns, and set the URL.
    #[uniffi::method(name = "native_to_payload", default(extras))]
    pub fn to_payload(&self, extras: Option<ContentExtras>) -> Result<MessagePayload, MessageError> {
        let entries = self.entries();
        let kept = first_that_fit(&entries);
        if kept.len() < entries.len() && self.remote_media_url.is_empty() {
            return Err(MessageError::invalid("remote_media_url", too_large(&entries)));
        }
        let lies_in_a_file = !self.remote_media_url.is_empty();
        let payload = MessagePayload {
            searchable_content: self.searchable_texts(),
            content: self.title.clone(),
            data: list_of(kept),
            media_type: if lies_in_a_file { MediaType::File } else { MediaType::General } as i32,
            remote_media_url: self.remote_media_url.clone(),
            ..layout::blank(ContentType::Composite)
        };
        layout::finish(payload, extras)
    }

    /// The bytes of the file to upload, from whose URL receivers load the whole list; none if the payload contains all
    /// messages. Never fails.
    #[uniffi::method(name = "native_to_upload")]
    pub fn to_upload(&self) -> Result<Option<Bytes>, MessageError> {
        let entries = self.entries();
        let fits = first_that_fit(&entries).len() == entries.len();
        Ok(if fits { None } else { Some(list_of(&entries)) })
    }

    /// This content with all its messages, from the bytes of the file at `remote_media_url`. Fails with
    /// `InvalidArgument` if they are not a list of messages.
    #[uniffi::method(name = "native_with_upload")]
    pub fn with_upload(&self, file: Bytes) -> Result<CompositeContent, MessageError> {
        match read_list(&file) {
            Some(messages) => Ok(Self { messages, ..self.clone() }),
            None => Err(MessageError::invalid("file", "it is not a list of forwarded messages")),
        }
    }
}

impl CompositeContent {
    pub(super) fn read(payload: MessagePayload) -> Self {
        Self {
            title: payload.content,
            messages: read_list(&payload.data).unwrap_or_default(),
            remote_media_url: payload.remote_media_url,
        }
    }

    /// The JSON text of each message.
    fn entries(&self) -> Vec<String> {
        self.messages.iter().map(entry::write).collect()
    }

    /// What searching finds: the messages' own searchable texts, as many as the payload has room for.
    fn searchable_texts(&self) -> String {
        let texts = self.messages.iter().map(|message| message.payload.searchable_content.as_str());
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        first_that_fit(&texts).join(" ")
    }
}

/// The longest beginning that is within 20 KiB when joined by single characters.
fn first_that_fit<T: AsRef<str>>(texts: &[T]) -> &[T] {
    let mut length = 0;
    let fits = |text: &&T| {
        length += text.as_ref().len() + 1;
        length - 1 <= MOST_KEPT
    };
    &texts[..texts.iter().take_while(fits).count()]
}

fn too_large(entries: &[String]) -> String {
    let size = entries.join(",").len();
    format!(
        "the messages have {size} bytes, but a payload keeps at most {MOST_KEPT}: upload what to_upload returns, and \
         put the URL of that file here"
    )
}

fn list_of(entries: &[String]) -> Bytes {
    format!(r#"{{"ms":[{}]}}"#, entries.join(",")).into_bytes().into()
}

fn read_list(json: &[u8]) -> Option<Vec<Message>> {
    let entries = Fields::read(json).objects("ms")?;
    Some(entries.into_iter().map(entry::read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Conversation;

    const UID: i64 = 588_582_842_607_370_241;

    fn message(uid: i64, text: &str) -> Message {
        Message {
            message_uid: uid,
            sender: "u1".into(),
            conversation: Conversation::group("g1"),
            payload: MessagePayload::text(text),
            timestamp: 1_795_394_170_036,
            ..Message::default()
        }
    }

    fn history(count: i64, text: &str) -> CompositeContent {
        let messages = (0..count).map(|number| message(UID + number, text)).collect();
        CompositeContent { title: "history".into(), messages, ..CompositeContent::default() }
    }

    fn uploaded(content: &CompositeContent) -> CompositeContent {
        CompositeContent { remote_media_url: "https://files/1".into(), ..content.clone() }
    }

    #[test]
    fn a_short_history_needs_no_upload_and_comes_back_as_it_was() {
        let content = history(3, "hello");
        assert_eq!(content.to_upload(), Ok(None));
        let payload = content.to_payload(None).expect("a payload");
        assert_eq!((payload.media_type, payload.searchable_content.as_str()), (0, "hello hello hello"));
        assert_eq!(CompositeContent::read(payload), content);
    }

    #[test]
    fn a_long_history_without_its_file_is_refused_and_told_what_to_do() {
        let MessageError::InvalidArgument { argument, reason } =
            history(200, "hello").to_payload(None).expect_err("no file")
        else {
            panic!("another error")
        };
        assert_eq!(argument, "remote_media_url");
        assert!(reason.starts_with("the messages have "), "{reason}");
        assert!(reason.ends_with("upload what to_upload returns, and put the URL of that file here"), "{reason}");
    }

    #[test]
    fn a_long_history_keeps_its_first_messages_and_the_file_has_all() {
        let content = history(2_000, "hello");
        let file = content.to_upload().expect("a file").expect("more than fits");
        let payload = uploaded(&content).to_payload(None).expect("a payload");
        assert_eq!((payload.media_type, payload.remote_media_url.as_str()), (4, "https://files/1"));
        assert!(payload.data.len() <= MOST_KEPT + br#"{"ms":[]}"#.len());

        let read = CompositeContent::read(payload);
        assert!(!read.messages.is_empty());
        assert_eq!(read.messages, content.messages[..read.messages.len()]);
        assert_eq!(read.with_upload(file), Ok(uploaded(&content)));
    }

    #[test]
    fn the_last_message_that_fits_to_the_byte_stays() {
        let room = MOST_KEPT - entry::write(&message(UID, "")).len() - r#""csc":"","#.len();
        let exact = history(1, &"x".repeat(room));
        assert_eq!(exact.entries()[0].len(), MOST_KEPT);
        assert_eq!(exact.to_upload(), Ok(None));
        assert!(history(1, &"x".repeat(room + 1)).to_upload().expect("a file").is_some());
    }

    #[test]
    fn a_first_message_that_fits_in_no_payload_lies_in_the_file_alone() {
        let content = uploaded(&history(1, &"x".repeat(100_000)));
        let payload = content.to_payload(None).expect("a payload");
        assert_eq!(payload.data, br#"{"ms":[]}"#[..]);
        let file = content.to_upload().expect("a file").expect("more than fits");
        assert_eq!(CompositeContent::read(payload).with_upload(file), Ok(content));
    }

    #[test]
    fn a_payload_whose_list_lies_nowhere_is_not_sent() {
        let mut payload = uploaded(&history(1, "hello")).to_payload(None).expect("a payload");
        payload.remote_media_url.clear();
        let reason = "forwarded messages that lie in a file need the URL of that file";
        assert_eq!(payload.check("payload", false), Err(MessageError::invalid("payload.remote_media_url", reason)));
    }

    #[test]
    fn what_was_read_with_a_file_is_written_with_it_again() {
        let payload = uploaded(&history(200, "hello")).to_payload(None).expect("a payload");
        let again = CompositeContent::read(payload.clone()).to_payload(None).expect("a payload");
        assert_eq!((again.media_type, &again.remote_media_url), (4, &payload.remote_media_url));
        assert_eq!(again.data, payload.data);
    }

    #[test]
    fn a_file_that_is_no_list_of_messages_is_refused() {
        for file in ["", "<html>", "{}", r#"{"ms":{}}"#, "[]"] {
            let refused = history(1, "hello").with_upload(file.into());
            assert_eq!(refused, Err(MessageError::invalid("file", "it is not a list of forwarded messages")), "{file}");
        }
    }
}
