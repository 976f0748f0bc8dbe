//! Sending: message/send, message/update, message/multicast and message/broadcast.

use serde::{Serialize, Serializer};

use super::{Effect, Endpoint, Rules};
use crate::{BroadcastMessage, Conversation, MessageError, MessagePayload, SentMessage, check};

/// A message to a conversation.
// Source: wire.md §4, 1.
#[derive(Debug, Clone, PartialEq, Eq, Default, uniffi::Record)]
pub struct SendRequest {
    /// Id of the user who sends it.
    pub sender: String,
    /// The conversation to send it to.
    pub conversation: Conversation,
    /// What it carries.
    pub payload: MessagePayload,
    /// Only these users of the conversation receive it, and the sender; empty for all. In a single chat, the other user
    /// receives it only if the list contains that user. In a chatroom, servers before 1.3.2 ignore the list. In a channel,
    /// only the owner may give a list.
    #[uniffi(default)]
    pub to_users: Vec<String>,
    /// Whether it is sent with the user's own rights. Servers since 1.3.8 then refuse what the user may not send: content
    /// types 80, 81 and 100 to 199 (code 251) and 200 to 299 (248); a sender who is muted or blocked (247), on the other's
    /// black list (246), not in the group (9), chatroom (20) or channel (21); a target that is blocked (8), a muted group
    /// (241), a sensitive word (242). Otherwise the server checks none of this.
    #[uniffi(default)]
    pub is_user_message: bool,
}

impl SendRequest {
    /// A message to everyone in the conversation.
    pub fn new(sender: impl Into<String>, conversation: Conversation, payload: MessagePayload) -> Self {
        Self { sender: sender.into(), conversation, payload, to_users: Vec::new(), is_user_message: false }
    }
}

impl Endpoint for SendRequest {
    const NAME: &'static str = "message/send";
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = SentMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::not_empty("sender", &self.sender)?;
        self.conversation.check("conversation")?;
        self.payload.check("payload", rules.any_content_type)?;
        check::no_empty_entry("to_users", &self.to_users)
    }
}

impl Serialize for SendRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            sender: &'a str,
            conv: &'a Conversation,
            payload: &'a MessagePayload,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            to_users: &'a [String],
            /// The name of the vendor's later page …
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            is_user_message: bool,
            /// … and the one the vendor's newer SDKs send.
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            user_message: bool,
        }
        let Self { sender, conversation, payload, to_users, is_user_message } = self;
        let (is_user_message, user_message) = (*is_user_message, *is_user_message);
        Body { sender, conv: conversation, payload, to_users, is_user_message, user_message }.serialize(serializer)
    }
}

/// A new payload for a message that was sent.
// Source: wire.md §4, 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRequest {
    /// The message's id.
    pub message_uid: i64,
    /// The new payload.
    pub payload: MessagePayload,
    /// Whether the message is sent again, so that devices which have it show the new payload.
    #[serde(serialize_with = "as_number")]
    #[uniffi(default = true)]
    pub distribute: bool,
    /// Id of the user who changes it; later servers require one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[uniffi(default)]
    pub operator: Option<String>,
}

pub(super) fn as_number<S: Serializer>(flag: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i32(i32::from(*flag))
}

impl Endpoint for UpdateRequest {
    const NAME: &'static str = "message/update";
    /// A second time goes out to the devices again, and would undo another update that came in between.
    const EFFECT: Effect = Effect::EachTime;
    type Answer = ();

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::message_uid(self.message_uid)?;
        self.payload.check("payload", rules.any_content_type)?;
        self.operator.as_deref().map_or(Ok(()), |operator| check::not_empty("operator", operator))
    }
}

/// One message to many users, each in a separate conversation with the sender.
// Source: wire.md §4, 4.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct MulticastRequest {
    /// Id of the user who sends it.
    pub sender: String,
    /// Ids of the users who receive it.
    pub targets: Vec<String>,
    /// The line of the conversations.
    #[uniffi(default)]
    pub line: i32,
    /// What it carries.
    pub payload: MessagePayload,
}

impl Endpoint for MulticastRequest {
    const NAME: &'static str = "message/multicast";
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = SentMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::not_empty("sender", &self.sender)?;
        check::users("targets", &self.targets)?;
        self.payload.check("payload", rules.any_content_type)
    }
}

/// One message to every user: depending on the server's settings, to all who have ever connected or to all that it knows.
// Source: wire.md §4, 5.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, uniffi::Record)]
pub struct BroadcastRequest {
    /// Id of the user who sends it.
    pub sender: String,
    /// The line of the conversations.
    #[uniffi(default)]
    pub line: i32,
    /// What it carries.
    pub payload: MessagePayload,
}

impl Endpoint for BroadcastRequest {
    const NAME: &'static str = "message/broadcast";
    const EFFECT: Effect = Effect::EachTime;
    const IN_EVERY_EDITION: bool = true;
    type Answer = BroadcastMessage;

    fn check(&self, rules: &Rules) -> Result<(), MessageError> {
        check::not_empty("sender", &self.sender)?;
        self.payload.check("payload", rules.any_content_type)
    }
}
