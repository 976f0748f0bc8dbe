//! From a case's arguments and options to the library's own records.
//!
//! Each `…Form` tells serde how a case writes one record. A field that a case names and the record does not
//! have, or the other way round, is an error.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error};
use serde_json::{Map, Value};
use wildfirechat_message::*;

/// A method's arguments as `T`, which is one of the forms below or a plain structure of arguments.
pub(crate) fn read<T: DeserializeOwned>(arguments: Value) -> T {
    serde_json::from_value(arguments).unwrap_or_else(|error| panic!("arguments: {error}"))
}

/// Makes a type that a case's arguments are read into, and that holds the library's record.
macro_rules! holder {
    ($name:ident, $form:literal, $record:ty) => {
        #[derive(Deserialize)]
        pub(crate) struct $name(#[serde(with = $form)] pub(crate) $record);
    };
}

holder!(Send, "SendForm", SendRequest);
holder!(Update, "UpdateForm", UpdateRequest);
holder!(Recall, "RecallForm", RecallRequest);
holder!(Multicast, "MulticastForm", MulticastRequest);
holder!(Broadcast, "BroadcastForm", BroadcastRequest);
holder!(ClearUserMessages, "ClearUserMessagesForm", ClearUserMessagesRequest);
holder!(ClearConversation, "ClearConversationForm", ClearConversationRequest);
holder!(RecallBroadcast, "RecallBroadcastForm", RecallBroadcastRequest);
holder!(RecallMulticast, "RecallMulticastForm", RecallMulticastRequest);
holder!(DeleteBroadcast, "DeleteBroadcastForm", DeleteBroadcastRequest);
holder!(DeleteMulticast, "DeleteMulticastForm", DeleteMulticastRequest);
holder!(ConversationRead, "ConversationReadForm", ConversationReadRequest);
holder!(Imported, "ImportedForm", ImportedMessage);
holder!(RobotSend, "RobotSendForm", RobotSendRequest);
holder!(Reply, "ReplyForm", ReplyRequest);
holder!(SendText, "SendTextForm", SendTextRequest);
holder!(RobotSendText, "RobotSendTextForm", RobotSendTextRequest);
holder!(ChannelSendText, "ChannelSendTextForm", ChannelSendTextRequest);
holder!(Mentioned, "MentionForm", Mention);
holder!(Quoted, "QuoteForm", Quote);
holder!(RobotUpdate, "RobotUpdateForm", RobotUpdateRequest);
holder!(ChannelSend, "ChannelSendForm", ChannelSendRequest);
holder!(Republish, "RepublishForm", RepublishRequest);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Callback {
    pub(crate) url: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageUid {
    pub(crate) message_uid: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserId {
    pub(crate) user_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Messages {
    pub(crate) messages: Vec<Imported>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Upload {
    file_name: String,
    #[serde(default)]
    data: Option<String>,
    #[serde(default)]
    path: Option<String>,
    media_type: i32,
    #[serde(default)]
    content_type: Option<String>,
}

impl Upload {
    pub(crate) fn request(self) -> UploadRequest {
        let Self { file_name, data, path, media_type, content_type } = self;
        let source = match (data, path) {
            (Some(data), None) => UploadSource::Bytes(BASE64_STANDARD.decode(data).expect("base64").into()),
            (None, Some(path)) => UploadSource::File(path.into()),
            _ => panic!("an upload has either data or path"),
        };
        UploadRequest { file_name, source, media_type, content_type }
    }
}

/// What a message with a file is given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) sender: String,
    #[serde(with = "ConversationForm")]
    pub(crate) conversation: Conversation,
    #[serde(deserialize_with = "bytes")]
    pub(crate) data: Bytes,
    #[serde(default)]
    pub(crate) file_name: Option<String>,
    #[serde(default)]
    pub(crate) duration: Option<i32>,
    #[serde(default)]
    pub(crate) remote_media_url: Option<String>,
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64_STANDARD.decode(text).map(Bytes::from).map_err(D::Error::custom)
}

#[derive(Deserialize)]
#[serde(remote = "Conversation", deny_unknown_fields)]
struct ConversationForm {
    kind: i32,
    target: String,
    #[serde(default)]
    line: i32,
}

#[derive(Deserialize)]
#[serde(remote = "MessagePayload", deny_unknown_fields)]
struct PayloadForm {
    content_type: i32,
    #[serde(default)]
    searchable_content: String,
    #[serde(default)]
    push_content: String,
    #[serde(default)]
    push_data: String,
    #[serde(default)]
    content: String,
    #[serde(default, deserialize_with = "base64_text")]
    data: Bytes,
    #[serde(default)]
    media_type: i32,
    #[serde(default)]
    remote_media_url: String,
    #[serde(default = "stored_and_counted")]
    persist_flag: i32,
    #[serde(default)]
    expire_duration: i32,
    #[serde(default)]
    mentioned_type: i32,
    #[serde(default)]
    mentioned_targets: Vec<String>,
    #[serde(default)]
    extra: String,
}

/// Through the library's own default, so that the cases also hold that one.
fn stored_and_counted() -> i32 {
    MessagePayload::default().persist_flag
}

fn base64_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    BASE64_STANDARD.decode(String::deserialize(deserializer)?).map(Bytes::from).map_err(D::Error::custom)
}

#[derive(Deserialize)]
#[serde(remote = "SendRequest", deny_unknown_fields)]
struct SendForm {
    sender: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    to_users: Vec<String>,
    #[serde(default)]
    is_user_message: bool,
}

#[derive(Deserialize)]
#[serde(remote = "UpdateRequest", deny_unknown_fields)]
struct UpdateForm {
    message_uid: i64,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default = "yes")]
    distribute: bool,
    #[serde(default)]
    operator: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(remote = "RecallRequest", deny_unknown_fields)]
struct RecallForm {
    operator: String,
    message_uid: i64,
}

#[derive(Deserialize)]
#[serde(remote = "MulticastRequest", deny_unknown_fields)]
struct MulticastForm {
    sender: String,
    targets: Vec<String>,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    line: i32,
}

#[derive(Deserialize)]
#[serde(remote = "BroadcastRequest", deny_unknown_fields)]
struct BroadcastForm {
    sender: String,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    line: i32,
}

#[derive(Deserialize)]
#[serde(remote = "ClearUserMessagesRequest", deny_unknown_fields)]
struct ClearUserMessagesForm {
    user_id: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    #[serde(default)]
    start_time: Option<i64>,
    #[serde(default)]
    end_time: Option<i64>,
}

#[derive(Deserialize)]
#[serde(remote = "ClearConversationRequest", deny_unknown_fields)]
struct ClearConversationForm {
    user_id: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
}

#[derive(Deserialize)]
#[serde(remote = "RecallBroadcastRequest", deny_unknown_fields)]
struct RecallBroadcastForm {
    operator: String,
    message_uid: i64,
}

#[derive(Deserialize)]
#[serde(remote = "RecallMulticastRequest", deny_unknown_fields)]
struct RecallMulticastForm {
    operator: String,
    message_uid: i64,
    receivers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "DeleteBroadcastRequest", deny_unknown_fields)]
struct DeleteBroadcastForm {
    operator: String,
    message_uid: i64,
}

#[derive(Deserialize)]
#[serde(remote = "DeleteMulticastRequest", deny_unknown_fields)]
struct DeleteMulticastForm {
    operator: String,
    message_uid: i64,
    receivers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "ConversationReadRequest", deny_unknown_fields)]
struct ConversationReadForm {
    user_id: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
}

#[derive(Deserialize)]
#[serde(remote = "ImportedMessage", deny_unknown_fields)]
struct ImportedForm {
    sender: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    timestamp: i64,
    #[serde(default)]
    receivers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "RobotSendRequest", deny_unknown_fields)]
struct RobotSendForm {
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    to_users: Vec<String>,
}

#[derive(Deserialize)]
#[serde(remote = "Mention", deny_unknown_fields)]
struct MentionForm {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    is_everyone: bool,
}

#[derive(Deserialize)]
#[serde(remote = "Quote", deny_unknown_fields)]
struct QuoteForm {
    message_uid: i64,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    digest: String,
}

fn mentions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Mention>, D::Error> {
    Ok(Vec::<Mentioned>::deserialize(deserializer)?.into_iter().map(|mention| mention.0).collect())
}

fn quote<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Quote>, D::Error> {
    Ok(Option::<Quoted>::deserialize(deserializer)?.map(|quote| quote.0))
}

#[derive(Deserialize)]
#[serde(remote = "SendTextRequest", deny_unknown_fields)]
struct SendTextForm {
    sender: String,
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    text: String,
    #[serde(default, deserialize_with = "mentions")]
    mention: Vec<Mention>,
    #[serde(default, deserialize_with = "quote")]
    quote: Option<Quote>,
}

#[derive(Deserialize)]
#[serde(remote = "RobotSendTextRequest", deny_unknown_fields)]
struct RobotSendTextForm {
    #[serde(with = "ConversationForm")]
    conversation: Conversation,
    text: String,
    #[serde(default, deserialize_with = "mentions")]
    mention: Vec<Mention>,
    #[serde(default, deserialize_with = "quote")]
    quote: Option<Quote>,
}

#[derive(Deserialize)]
#[serde(remote = "ChannelSendTextRequest", deny_unknown_fields)]
struct ChannelSendTextForm {
    text: String,
    #[serde(default, deserialize_with = "mentions")]
    mention: Vec<Mention>,
    #[serde(default, deserialize_with = "quote")]
    quote: Option<Quote>,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    line: i32,
}

#[derive(Deserialize)]
#[serde(remote = "ReplyRequest", deny_unknown_fields)]
struct ReplyForm {
    message_uid: i64,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    only_to_sender: bool,
}

#[derive(Deserialize)]
#[serde(remote = "RobotUpdateRequest", deny_unknown_fields)]
struct RobotUpdateForm {
    message_uid: i64,
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default = "yes")]
    distribute: bool,
}

#[derive(Deserialize)]
#[serde(remote = "ChannelSendRequest", deny_unknown_fields)]
struct ChannelSendForm {
    #[serde(with = "PayloadForm")]
    payload: MessagePayload,
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    line: i32,
}

#[derive(Deserialize)]
#[serde(remote = "RepublishRequest", deny_unknown_fields)]
struct RepublishForm {
    message_uid: i64,
    targets: Vec<String>,
}

/// A case's options; what it leaves out keeps the library's default.
pub(crate) fn options(given: &Map<String, Value>) -> ClientOptions {
    let mut options = ClientOptions::default();
    for (name, value) in given {
        let number = || value.as_i64().unwrap_or_else(|| panic!("option {name} is no integer"));
        let milliseconds = || Some(Duration::from_millis(number().try_into().expect("a time-out is not negative")));
        let text = || Some(value.as_str().unwrap_or_else(|| panic!("option {name} is no text")).to_owned());
        match name.as_str() {
            "connect_timeout_ms" => options.connect_timeout = milliseconds(),
            "read_timeout_ms" => options.read_timeout = milliseconds(),
            "total_timeout_ms" => options.total_timeout = milliseconds(),
            "max_attempts" => options.max_attempts = number().try_into().expect("max_attempts has 32 bits"),
            "retry_pause_ms" => options.retry_pause = milliseconds(),
            "retry_pause_max_ms" => options.retry_pause_max = milliseconds(),
            "rate_limit" => options.rate_limit = number().try_into().expect("rate_limit has 32 bits"),
            "pool_idle_timeout_ms" => options.pool_idle_timeout = milliseconds(),
            "pool_max_age_ms" => options.pool_max_age = milliseconds(),
            "pool_max_idle" => options.pool_max_idle = number().try_into().expect("pool_max_idle has 32 bits"),
            "max_response_bytes" => options.max_response_bytes = number(),
            "proxy" => options.proxy = text(),
            "more_base_urls" => {
                let urls = value.as_array().expect("more_base_urls is a list").iter();
                options.more_base_urls = urls.map(|url| url.as_str().expect("a URL is a text").to_owned()).collect();
            }
            "root_certificates" => options.root_certificates = text(),
            "user_agent" => options.user_agent = text(),
            "allow_unsendable_types" => {
                options.allow_unsendable_types = value.as_bool().expect("allow_unsendable_types is true or false")
            }
            unknown => panic!("there is no option {unknown}"),
        }
    }
    options
}
