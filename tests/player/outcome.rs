//! From what the library gives back to the JSON a case expects.
//!
//! Records are taken apart whole, so that a new field does not compile until the cases have it.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use wildfirechat_message::*;

pub(crate) fn sent(message: SentMessage) -> Value {
    let SentMessage { message_uid, timestamp } = message;
    json!({"message_uid": message_uid, "timestamp": timestamp})
}

pub(crate) fn broadcast(message: BroadcastMessage) -> Value {
    let BroadcastMessage { message_uid, count } = message;
    json!({"message_uid": message_uid, "count": count})
}

pub(crate) fn recalled(message: RecalledMessage) -> Value {
    let RecalledMessage {
        sender,
        timestamp,
        content_type,
        searchable_content,
        content,
        extra,
        data,
        media_type,
        remote_media_url,
    } = message;
    json!({
        "sender": sender,
        "timestamp": timestamp,
        "content_type": content_type,
        "searchable_content": searchable_content,
        "content": content,
        "extra": extra,
        "data": BASE64_STANDARD.encode(data),
        "media_type": media_type,
        "remote_media_url": remote_media_url,
    })
}

pub(crate) fn message(message: Message) -> Value {
    let Message {
        message_uid,
        sender,
        conversation: Conversation { kind, target, line },
        payload,
        to_users,
        timestamp,
        client,
        sender_user_info,
        target_user_info,
        target_group_info,
        target_channel_info,
        to_robot_id,
    } = message;
    json!({
        "message_uid": message_uid,
        "sender": sender,
        "conversation": {"kind": kind, "target": target, "line": line},
        "payload": self::payload(payload),
        "to_users": to_users,
        "timestamp": timestamp,
        "client": client.map(|ClientInfo { platform, client_id }| json!({"platform": platform, "client_id": client_id})),
        "sender_user_info": sender_user_info.map(user),
        "target_user_info": target_user_info.map(user),
        "target_group_info": target_group_info.map(group),
        "target_channel_info": target_channel_info.map(channel),
        "to_robot_id": to_robot_id,
    })
}

fn payload(payload: MessagePayload) -> Value {
    let MessagePayload {
        content_type,
        searchable_content,
        push_content,
        push_data,
        content,
        data,
        media_type,
        remote_media_url,
        persist_flag,
        expire_duration,
        mentioned_type,
        mentioned_targets,
        extra,
    } = payload;
    json!({
        "content_type": content_type,
        "searchable_content": searchable_content,
        "push_content": push_content,
        "push_data": push_data,
        "content": content,
        "data": BASE64_STANDARD.encode(data),
        "media_type": media_type,
        "remote_media_url": remote_media_url,
        "persist_flag": persist_flag,
        "expire_duration": expire_duration,
        "mentioned_type": mentioned_type,
        "mentioned_targets": mentioned_targets,
        "extra": extra,
    })
}

pub(crate) fn user(user: UserInfo) -> Value {
    let UserInfo {
        user_id,
        name,
        display_name,
        portrait,
        mobile,
        email,
        address,
        company,
        social,
        extra,
        gender,
        kind,
        update_dt,
        other_fields,
    } = user;
    json!({
        "user_id": user_id,
        "name": name,
        "display_name": display_name,
        "portrait": portrait,
        "mobile": mobile,
        "email": email,
        "address": address,
        "company": company,
        "social": social,
        "extra": extra,
        "gender": gender,
        "kind": kind,
        "update_dt": update_dt,
        "other_fields": other_fields,
    })
}

fn group(group: GroupInfo) -> Value {
    let GroupInfo {
        target_id,
        name,
        portrait,
        owner,
        extra,
        kind,
        mute,
        join_type,
        private_chat,
        searchable,
        max_member_count,
        history_message,
        super_group,
        other_fields,
    } = group;
    json!({
        "target_id": target_id,
        "name": name,
        "portrait": portrait,
        "owner": owner,
        "extra": extra,
        "kind": kind,
        "mute": mute,
        "join_type": join_type,
        "private_chat": private_chat,
        "searchable": searchable,
        "max_member_count": max_member_count,
        "history_message": history_message,
        "super_group": super_group,
        "other_fields": other_fields,
    })
}

fn channel(channel: ChannelInfo) -> Value {
    let ChannelInfo {
        channel_id,
        name,
        desc,
        portrait,
        extra,
        owner,
        callback,
        state,
        status,
        automatic,
        update_dt,
        menus,
        other_fields,
    } = channel;
    json!({
        "channel_id": channel_id,
        "name": name,
        "desc": desc,
        "portrait": portrait,
        "extra": extra,
        "owner": owner,
        "callback": callback,
        "state": state,
        "status": status,
        "automatic": automatic,
        "update_dt": update_dt,
        "menus": menus,
        "other_fields": other_fields,
    })
}

/// The error's variant and its fields.
pub(crate) fn error(error: &MessageError) -> (&'static str, Value) {
    use MessageError::*;
    match error {
        InvalidArgument { argument, reason } => ("InvalidArgument", json!({"argument": argument, "reason": reason})),
        Unreachable { endpoint, attempts, reason } => {
            ("Unreachable", json!({"endpoint": endpoint, "attempts": attempts, "reason": reason}))
        }
        RateLimited { endpoint, attempts, msg } => {
            ("RateLimited", json!({"endpoint": endpoint, "attempts": attempts, "msg": msg}))
        }
        Unauthorized { endpoint, code, msg, attempts, clock_offset } => (
            "Unauthorized",
            json!({"endpoint": endpoint, "code": code, "msg": msg, "attempts": attempts, "clock_offset": clock_offset}),
        ),
        Rejected { endpoint, code, msg, attempts } => {
            ("Rejected", json!({"endpoint": endpoint, "code": code, "msg": msg, "attempts": attempts}))
        }
        NotSupported { endpoint, attempts } => ("NotSupported", json!({"endpoint": endpoint, "attempts": attempts})),
        BadRequest { endpoint, status, body, attempts } => {
            ("BadRequest", json!({"endpoint": endpoint, "status": status, "body": body, "attempts": attempts}))
        }
        TimedOut { endpoint, attempts, elapsed } => {
            ("TimedOut", json!({"endpoint": endpoint, "attempts": attempts, "elapsed": elapsed.as_secs_f64()}))
        }
        ConnectionLost { endpoint, attempts, reason } => {
            ("ConnectionLost", json!({"endpoint": endpoint, "attempts": attempts, "reason": reason}))
        }
        InvalidResponse { endpoint, status, reason, body, attempts } => (
            "InvalidResponse",
            json!({"endpoint": endpoint, "status": status, "reason": reason, "body": body, "attempts": attempts}),
        ),
        FailedAfterUpload { endpoint, remote_media_url, kind, reason, sent, attempts, code } => (
            "FailedAfterUpload",
            json!({
                "endpoint": endpoint, "remote_media_url": remote_media_url, "kind": kind, "reason": reason,
                "sent": sent, "attempts": attempts, "code": code,
            }),
        ),
        unreachable => panic!("no case can meet {unreachable:?}"),
    }
}
