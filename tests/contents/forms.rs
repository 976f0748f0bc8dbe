//! From a vector's JSON to the library's own records. A field that the record does not have is an error.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};
use wildfirechat_message::*;

/// Something that stands in a vector.
pub(crate) trait Form: Sized {
    fn of(value: Value) -> Self;
}

macro_rules! plain {
    ($($type:ty),*) => {
        $(impl Form for $type {
            fn of(value: Value) -> Self {
                serde_json::from_value(value).unwrap_or_else(|error| panic!("{error}"))
            }
        })*
    };
}

plain!(String, i32, i64, f64, bool);

impl Form for Bytes {
    fn of(value: Value) -> Self {
        BASE64_STANDARD.decode(String::of(value)).expect("base64").into()
    }
}

impl<T: Form> Form for Option<T> {
    fn of(value: Value) -> Self {
        (!value.is_null()).then(|| T::of(value))
    }
}

macro_rules! lists {
    ($($type:ty),*) => {
        $(impl Form for Vec<$type> {
            fn of(value: Value) -> Self {
                let Value::Array(entries) = value else { panic!("no list: {value}") };
                entries.into_iter().map(<$type>::of).collect()
            }
        })*
    };
}

lists!(String, Article, CollectionEntry, Message, MixFile, MixMultiMediaItem, NotificationItem, PollOptionResult);

/// A field that is left out has the record's default.
macro_rules! records {
    ($($record:ident { $($field:ident),* $(; ..$rest:expr)? })*) => {
        $(impl Form for $record {
            fn of(value: Value) -> Self {
                let mut fields = Fields::of(value);
                let default = $record::default();
                let record = $record { $($field: fields.take(stringify!($field), default.$field),)* $(..$rest)? };
                fields.check_end(stringify!($record));
                record
            }
        })*
    };
}

records! {
    TextContent { text, quote }
    PlainTextContent { text, quote }
    Quote { message_uid, user_id, display_name, digest }
    VoiceContent { remote_media_url, duration }
    ImageContent { remote_media_url, thumbnail, width, height }
    LocationContent { title, latitude, longitude, thumbnail }
    FileContent { name, size, remote_media_url }
    VideoContent { remote_media_url, duration, thumbnail }
    StickerContent { remote_media_url, width, height }
    LinkContent { title, url, digest, thumbnail_url }
    CardContent { target, kind, name, display_name, portrait, from_user }
    CompositeContent { title, messages, remote_media_url }
    RichNotificationContent { title, description, remark, ex_name, ex_portrait, ex_url, app_id, items }
    NotificationItem { key, value, color }
    ArticlesContent { top, sub_articles }
    Article { title, id, cover, digest, url, read_report }
    StreamingTextGeneratingContent { stream_id, text }
    StreamingTextGeneratedContent { stream_id, text }
    StreamingTextCancelledContent { stream_id, text }
    CollectionContent {
        title, collection_id, group_id, creator_id, desc, template, expire_type, expire_at, max_participants, status,
        created_at, updated_at, entries
    }
    CollectionEntry { user_id, content, created_at }
    PollContent {
        title, poll_id, group_id, creator_id, desc, visibility, kind, anonymous, status, end_time, total_votes
    }
    PollResultContent {
        title, poll_id, group_id, creator_id, total_votes, voter_count, winning_option_ids, winning_option_texts,
        ended_at, status, results
    }
    PollOptionResult { option_id, option_text, vote_count }
    MeetingMinutesContent { text, title, meeting_id }
    TranscriptionContent { content, meeting_id, user_id, timestamp, duration, id }
    MixMultiMediaTextContent { text, items }
    MixMultiMediaItem { url, is_video, thumbnail, width, height }
    MixFileTextContent { text, files }
    MixFile { url, name, size, is_video }
    TipContent { tip }
    TypingContent { kind }
    RecalledContent { operator, message_uid, original }
    RecalledMessage {
        sender, timestamp, content_type, searchable_content, content, extra, data, media_type, remote_media_url
    }
    ContentExtras { mentioned_type, mentioned_targets, extra, push_content, push_data, expire_duration }
    Conversation { kind, target, line }
    Message { message_uid, sender, conversation, payload, to_users, timestamp; ..Message::default() }
    MessagePayload {
        content_type, searchable_content, push_content, push_data, content, data, media_type, remote_media_url,
        persist_flag, expire_duration, mentioned_type, mentioned_targets, extra
    }
}

macro_rules! contents {
    ($($record:ident),*) => {
        /// The content of `{"TextContent": {…}}`; `{"Custom": {}}` holds the payload.
        pub(crate) fn content(value: Value, payload: Option<&MessagePayload>) -> MessageContent {
            let Fields(fields) = Fields::of(value);
            let [(record, value)] = <[_; 1]>::try_from(Vec::from_iter(fields)).expect("one content");
            match record.as_str() {
                $(stringify!($record) => $record::of(value).into(),)*
                "RecalledContent" => MessageContent::Recalled { value: RecalledContent::of(value) },
                "Custom" => MessageContent::Custom { payload: payload.expect("a payload").clone() },
                _ => panic!("no content is called {record}"),
            }
        }

        /// The contents that can be written.
        pub(crate) const RECORDS: &[&str] = &[$(stringify!($record)),*];
    };
}

contents!(
    TextContent,
    PlainTextContent,
    VoiceContent,
    ImageContent,
    LocationContent,
    FileContent,
    VideoContent,
    StickerContent,
    LinkContent,
    CardContent,
    CompositeContent,
    RichNotificationContent,
    ArticlesContent,
    StreamingTextGeneratingContent,
    StreamingTextGeneratedContent,
    StreamingTextCancelledContent,
    CollectionContent,
    PollContent,
    PollResultContent,
    MeetingMinutesContent,
    TranscriptionContent,
    MixMultiMediaTextContent,
    MixFileTextContent,
    TipContent,
    TypingContent
);

struct Fields(Map<String, Value>);

impl Fields {
    fn of(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self(fields),
            other => panic!("no object: {other}"),
        }
    }

    fn take<T: Form>(&mut self, name: &str, default: T) -> T {
        self.0.remove(name).map_or(default, T::of)
    }

    fn check_end(&self, record: &str) {
        assert!(self.0.is_empty(), "{record} has no field {:?}", self.0.keys());
    }
}
