//! A message as the server keeps it: [`Message`].

use serde::{Deserialize, Deserializer};

use super::{
    ChannelInfo, Conversation, GroupInfo, MessagePayload, UserInfo,
    wire::{detail, record, time_or_zero, uid},
};

/// A message looked up on the server.
///
/// After a recall it has the same id, sender, conversation and time; its payload then has type 80 and names
/// the operator.
// Source: wire.md §3, Message (get_one).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The message's id, an integer of up to 60 bits.
    #[serde(rename = "messageId", deserialize_with = "uid")]
    pub message_uid: i64,
    /// Id of the user it came from.
    #[serde(default, deserialize_with = "detail")]
    pub sender: String,
    /// Where it was sent. For a multicast message: single, with the sender as target.
    #[serde(rename = "conv", default, deserialize_with = "conversation_or_none")]
    pub conversation: Conversation,
    /// What it carries.
    #[serde(default = "no_payload", deserialize_with = "payload_or_none")]
    pub payload: MessagePayload,
    /// The members it was meant for; empty when it went to the whole conversation.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub to_users: Vec<String>,
    /// When the server took it, in milliseconds since the epoch.
    #[serde(default, deserialize_with = "time_or_zero")]
    #[uniffi(default)]
    pub timestamp: i64,
    /// The device it was sent from, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub client: Option<ClientInfo>,
    /// Who sent it, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub sender_user_info: Option<UserInfo>,
    /// The user it was sent to, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub target_user_info: Option<UserInfo>,
    /// The group it was sent to, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub target_group_info: Option<GroupInfo>,
    /// The channel it was sent to, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub target_channel_info: Option<ChannelInfo>,
    /// The robot it was sent to, where the server tells.
    #[serde(default, deserialize_with = "record")]
    #[uniffi(default)]
    pub to_robot_id: Option<String>,
}

/// An absent payload is as good as one without fields: its persist flag is the server's 0, not the 3 that a
/// caller's own payload begins with.
fn no_payload() -> MessagePayload {
    MessagePayload { persist_flag: 0, ..MessagePayload::default() }
}

fn payload_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MessagePayload, D::Error> {
    record(deserializer).map(|payload| payload.unwrap_or_else(no_payload))
}

/// A conversation whose type cannot be understood is none: it is never taken for one of another type.
fn conversation_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Conversation, D::Error> {
    record(deserializer).map(Option::unwrap_or_default)
}

/// The device a message was sent from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Deserialize, uniffi::Record)]
#[serde(rename_all = "camelCase")]
pub struct ClientInfo {
    /// The device's platform, one of `Platform`.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub platform: i32,
    /// The device's id.
    #[serde(default, deserialize_with = "detail")]
    #[uniffi(default)]
    pub client_id: String,
}
