//! One forwarded message as it stands in the list. Source: layouts.md, notes.

use serde::Serialize;

use super::super::{json, json::Fields, layout};
use crate::{
    Conversation, Message, MessagePayload,
    model::wire::{base64_bytes, is_zero},
};

/// The message was sent …
const DIRECTION_SENT: i32 = 0;
/// … and the server has it.
const STATUS_SENT: i32 = 1;

/// The JSON text of a message.
pub(super) fn write(message: &Message) -> String {
    json::text(&Entry::of(message))
}

/// Texts, lists and bytes are left out when they are empty; the numbers of the message itself never are,
/// because 0 means something in each.
#[derive(Serialize)]
struct Entry<'a> {
    uid: i64,
    #[serde(rename = "type")]
    kind: i32,
    #[serde(skip_serializing_if = "str::is_empty")]
    target: &'a str,
    line: i32,
    #[serde(skip_serializing_if = "str::is_empty")]
    from: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tos: &'a [String],
    direction: i32,
    status: i32,
    #[serde(rename = "serverTime")]
    server_time: i64,
    ctype: i32,
    #[serde(skip_serializing_if = "str::is_empty")]
    csc: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cpc: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cpd: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cc: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "base64_bytes::serialize")]
    cbc: &'a [u8],
    #[serde(skip_serializing_if = "is_zero")]
    cmt: i32,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    cmts: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    ce: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    mt: i32,
    #[serde(skip_serializing_if = "str::is_empty")]
    mru: &'a str,
}

impl<'a> Entry<'a> {
    fn of(message: &'a Message) -> Self {
        let Message { message_uid, sender, conversation, payload, to_users, timestamp, .. } = message;
        Self {
            uid: *message_uid,
            kind: conversation.kind,
            target: &conversation.target,
            line: conversation.line,
            from: sender,
            tos: to_users,
            direction: DIRECTION_SENT,
            status: STATUS_SENT,
            server_time: *timestamp,
            ctype: payload.content_type,
            csc: &payload.searchable_content,
            cpc: &payload.push_content,
            cpd: &payload.push_data,
            cc: &payload.content,
            cbc: &payload.data,
            cmt: payload.mentioned_type,
            cmts: &payload.mentioned_targets,
            ce: &payload.extra,
            mt: payload.media_type,
            mru: &payload.remote_media_url,
        }
    }
}

/// The message of an entry. The persist flag, which does not travel, is that of its content type.
pub(super) fn read(mut entry: Fields) -> Message {
    let content_type = entry.int("ctype").unwrap_or_default();
    let payload = MessagePayload {
        content_type,
        searchable_content: entry.text("csc"),
        push_content: entry.text("cpc"),
        push_data: entry.text("cpd"),
        content: entry.text("cc"),
        data: entry.bytes("cbc"),
        media_type: entry.int("mt").unwrap_or_default(),
        remote_media_url: entry.text("mru"),
        persist_flag: layout::persist_flag(content_type),
        expire_duration: 0,
        mentioned_type: entry.int("cmt").unwrap_or_default(),
        mentioned_targets: entry.texts("cmts"),
        extra: entry.text("ce"),
    };
    let conversation = Conversation {
        kind: entry.int("type").unwrap_or_default(),
        target: entry.text("target"),
        line: entry.int("line").unwrap_or_default(),
    };
    Message {
        message_uid: entry.long("uid"),
        sender: entry.text("from"),
        conversation,
        payload,
        to_users: entry.texts("tos"),
        timestamp: entry.long("serverTime"),
        ..Message::default()
    }
}
