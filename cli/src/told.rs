//! Outcomes in words and as JSON. Ids are strings in JSON, because many readers keep only 53 bits of a number and an id has 60.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use wildfirechat_message::{BroadcastMessage, Message, MessageError, RecalledMessage, SentMessage};

/// An error as JSON: its name, its sentence, its fields.
pub(super) fn error(error: &MessageError) -> Value {
    let mut told = json!({
        "error": name(error),
        "sentence": error.to_string(),
        "may_have_executed": error.may_have_executed(),
    });
    let fields = match error {
        MessageError::InvalidArgument { argument, reason } => json!({"argument": argument, "reason": reason}),
        MessageError::Unreachable { endpoint, attempts, reason }
        | MessageError::ConnectionLost { endpoint, attempts, reason } => {
            json!({"endpoint": endpoint, "attempts": attempts, "reason": reason})
        }
        MessageError::RateLimited { endpoint, attempts, msg } => {
            json!({"endpoint": endpoint, "attempts": attempts, "msg": msg})
        }
        MessageError::Unauthorized { endpoint, code, msg, attempts, clock_offset } => {
            json!({"endpoint": endpoint, "attempts": attempts, "code": code, "msg": msg, "clock_offset": clock_offset})
        }
        MessageError::Rejected { endpoint, code, msg, attempts } => {
            json!({"endpoint": endpoint, "attempts": attempts, "code": code, "msg": msg})
        }
        MessageError::NotSupported { endpoint, attempts } => json!({"endpoint": endpoint, "attempts": attempts}),
        MessageError::BadRequest { endpoint, status, body, attempts } => {
            json!({"endpoint": endpoint, "attempts": attempts, "status": status, "body": body})
        }
        MessageError::TimedOut { endpoint, attempts, elapsed } => {
            json!({"endpoint": endpoint, "attempts": attempts, "elapsed": elapsed.as_secs_f64()})
        }
        MessageError::InvalidResponse { endpoint, status, reason, body, attempts } => {
            json!({"endpoint": endpoint, "attempts": attempts, "status": status, "reason": reason, "body": body})
        }
        MessageError::Interrupted { endpoint, sent, attempts } => {
            json!({"endpoint": endpoint, "attempts": attempts, "sent": sent})
        }
        MessageError::StreamFailed { endpoint, reason, code, characters, shown, is_marked, may_be_finished } => json!({
            "endpoint": endpoint, "reason": reason, "code": code, "characters": characters, "shown": shown,
            "is_marked": is_marked, "may_be_finished": may_be_finished,
        }),
        MessageError::FailedAfterUpload { endpoint, remote_media_url, kind, reason, sent, attempts, code } => {
            json!({"endpoint": endpoint, "attempts": attempts, "remote_media_url": remote_media_url, "kind": kind,
                "reason": reason, "sent": sent, "code": code})
        }
        MessageError::Pending { .. } => json!({}),
    };
    if let (Value::Object(told), Value::Object(fields)) = (&mut told, fields) {
        told.extend(fields);
    }
    told
}

/// The name of an error's variant.
fn name(error: &MessageError) -> &'static str {
    match error {
        MessageError::InvalidArgument { .. } => "InvalidArgument",
        MessageError::Unreachable { .. } => "Unreachable",
        MessageError::RateLimited { .. } => "RateLimited",
        MessageError::Unauthorized { .. } => "Unauthorized",
        MessageError::Rejected { .. } => "Rejected",
        MessageError::NotSupported { .. } => "NotSupported",
        MessageError::BadRequest { .. } => "BadRequest",
        MessageError::TimedOut { .. } => "TimedOut",
        MessageError::ConnectionLost { .. } => "ConnectionLost",
        MessageError::InvalidResponse { .. } => "InvalidResponse",
        MessageError::Interrupted { .. } => "Interrupted",
        MessageError::StreamFailed { .. } => "StreamFailed",
        MessageError::FailedAfterUpload { .. } => "FailedAfterUpload",
        MessageError::Pending { .. } => "Pending",
    }
}

pub(super) fn sent(sent: &SentMessage) -> (String, Value) {
    let SentMessage { message_uid, timestamp } = sent;
    let text = format!("sent as message {message_uid} ({})", time(*timestamp));
    (text, json!({"message_uid": message_uid.to_string(), "timestamp": timestamp}))
}

pub(super) fn broadcast(broadcast: &BroadcastMessage) -> (String, Value) {
    let BroadcastMessage { message_uid, count } = broadcast;
    let users = if *count == 1 { "user" } else { "users" };
    let text = format!("sent as message {message_uid} to {count} {users}");
    (text, json!({"message_uid": message_uid.to_string(), "count": count}))
}

pub(super) fn recalled(message_uid: i64, recalled: Option<&RecalledMessage>) -> (String, Value) {
    let Some(message) = recalled else {
        let text = format!("message {message_uid} is recalled; the server did not say what it contained");
        return (text, json!({"message_uid": message_uid.to_string(), "recalled": null}));
    };
    let text = format!(
        "message {message_uid} of {} is recalled: {}",
        plain(&message.sender),
        plain(&message.searchable_content)
    );
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
    let json = json!({
        "message_uid": message_uid.to_string(),
        "recalled": {
            "sender": sender, "timestamp": timestamp, "type": content_type, "searchableContent": searchable_content,
            "content": content, "extra": extra, "base64edData": STANDARD.encode(data), "mediaType": media_type,
            "remoteMediaUrl": remote_media_url,
        },
    });
    (text, json)
}

pub(super) fn message(message: &Message) -> (String, Value) {
    let Message { message_uid, sender, conversation, payload, to_users, timestamp, client, to_robot_id, .. } = message;
    let kind = match conversation.kind {
        0 => "user".to_owned(),
        1 => "group".to_owned(),
        2 => "chatroom".to_owned(),
        3 => "channel".to_owned(),
        other => other.to_string(),
    };
    let mut lines = vec![
        format!("message  {message_uid}"),
        format!("from     {}", plain(sender)),
        format!("to       {kind}:{}", plain(&conversation.target)),
        format!("time     {}", time(*timestamp)),
        format!("type     {}", payload.content_type),
        format!("text     {}", plain(&payload.searchable_content)),
    ];
    for (name, value) in [("file", &payload.remote_media_url), ("content", &payload.content), ("extra", &payload.extra)]
    {
        if !value.is_empty() {
            lines.push(format!("{name:<8} {}", plain(value)));
        }
    }
    let json = json!({
        "message_uid": message_uid.to_string(),
        "sender": sender,
        "conversation": conversation,
        "payload": payload,
        "to_users": to_users,
        "timestamp": timestamp,
        "platform": client.as_ref().map(|client| client.platform),
        "to_robot_id": to_robot_id,
    });
    (lines.join("\n"), json)
}

/// A time in milliseconds since the epoch, for people.
pub(super) fn time(timestamp: i64) -> String {
    // The formatter supports years of four digits.
    const LAST: u64 = 253_402_300_799_999;
    match u64::try_from(timestamp) {
        Ok(0) => "never".to_owned(),
        Ok(milliseconds @ ..=LAST) => httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(milliseconds)),
        _ => format!("{timestamp} ms"),
    }
}

/// Text from other people, without the control characters that a terminal would obey.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_whatever_it_is() {
        for (timestamp, text) in [
            (1_795_391_931_000, "Sun, 22 Nov 2026 23:58:51 GMT"),
            (0, "never"),
            (-1, "-1 ms"),
            (i64::MAX, "9223372036854775807 ms"),
            (253_402_300_799_999, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (253_402_300_800_000, "253402300800000 ms"),
        ] {
            assert_eq!(time(timestamp), text);
        }
    }

    #[test]
    fn control_characters_in_a_text_of_others_become_blanks() {
        assert_eq!(plain("a\x1b[2Jb\r\nc\u{9b}好"), "a [2Jb  c 好");
    }
}
