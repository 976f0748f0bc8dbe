//! How a message lies in the table: the JSON that goes over the wire, read strictly, as people write it too.

use serde::Deserialize;
use serde_json::Value;
use sha1::{Digest, Sha1};

use super::{OutboxError, OutboxRequest, PutOptions};
use crate::{
    BroadcastRequest, Conversation, ConversationType, MessageError, MessagePayload, MulticastRequest, PersistFlag,
    SendRequest,
    endpoints::{Endpoint, answer::what_is_wrong},
    model::{FIELDS, wire::strictly},
};

/// A message as it is written, with what the workers want to know of it.
pub(super) struct Written {
    pub(super) endpoint: &'static str,
    pub(super) request: String,
    /// The same for messages of one conversation; 0 for one that stands in none.
    pub(super) lane: i64,
    /// Whether the server keeps it, so that it can be looked up.
    pub(super) is_kept: bool,
}

impl OutboxRequest {
    pub(super) fn written(&self) -> Result<Written, OutboxError> {
        let (endpoint, request) = match self {
            Self::Send { value: request } => (SendRequest::NAME, serde_json::to_string(request)),
            Self::Multicast { value: request } => (MulticastRequest::NAME, serde_json::to_string(request)),
            Self::Broadcast { value: request } => (BroadcastRequest::NAME, serde_json::to_string(request)),
        };
        let unwritable = |_| OutboxError::invalid("request", "it cannot be written as JSON");
        Ok(Written { endpoint, request: request.map_err(unwritable)?, lane: self.lane(), is_kept: self.is_kept() })
    }

    /// Reads one of the table. The error names what is wrong, and shows no value.
    pub(super) fn read(endpoint: &str, request: &str) -> Result<Self, MessageError> {
        match endpoint {
            SendRequest::NAME => parse(request).map(SendBody::request),
            MulticastRequest::NAME => parse(request).map(MulticastBody::request),
            BroadcastRequest::NAME => parse(request).map(BroadcastBody::request),
            _ => Err(MessageError::invalid(
                "endpoint",
                format!(
                    "it is not one of {}, {}, {}",
                    SendRequest::NAME,
                    MulticastRequest::NAME,
                    BroadcastRequest::NAME
                ),
            )),
        }
    }

    /// The conversation as a number: its type, target and line; a single chat is one for both its users.
    pub(super) fn lane(&self) -> i64 {
        let Self::Send { value: SendRequest { sender, conversation: Conversation { kind, target, line }, .. } } = self
        else {
            return 0;
        };
        let (one, other) = match *kind == ConversationType::Single as i32 {
            true => (sender.min(target).as_str(), sender.max(target).as_str()),
            false => ("", target.as_str()),
        };
        let digest = Sha1::digest(format!("{kind} {line} {} {one}{other}", one.len()));
        let lane = digest.first_chunk().map_or(1, |bytes| i64::from_be_bytes(*bytes));
        if lane == 0 { 1 } else { lane }
    }

    /// Servers keep what has persist flag 1 or 3, and nothing of a chatroom.
    pub(super) fn is_kept(&self) -> bool {
        let Self::Send { value: SendRequest { conversation, payload, .. } } = self else { return false };
        let keeps = [PersistFlag::Stored as i32, PersistFlag::StoredAndCounted as i32];
        keeps.contains(&payload.persist_flag) && conversation.kind != ConversationType::Chatroom as i32
    }
}

impl PutOptions {
    pub(super) fn check(&self) -> Result<(), OutboxError> {
        const LONGEST: usize = 255;
        let wrong = |reason: String| Err(OutboxError::invalid("key", reason));
        match self.key.as_deref() {
            Some("") => return wrong("it is empty".into()),
            Some(key) if key.chars().count() > LONGEST => {
                return wrong(format!("it has {} characters, but at most {LONGEST} are allowed", key.chars().count()));
            }
            Some(key) if key.chars().any(char::is_control) => return wrong("it contains a control character".into()),
            _ => {}
        }
        if let (Some(begins), Some(ends)) = (self.not_before, self.expires_at)
            && ends <= begins
        {
            return Err(OutboxError::invalid("expires_at", "it is not after not_before"));
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SendBody {
    /// May be left out where a robot sends it; whoever else leaves it out is told that it is empty.
    #[serde(default)]
    sender: String,
    conv: Conversation,
    payload: MessagePayload,
    #[serde(default)]
    to_users: Vec<String>,
    #[serde(default)]
    is_user_message: bool,
    #[serde(default)]
    user_message: bool,
}

impl SendBody {
    fn request(self) -> OutboxRequest {
        let Self { sender, conv, payload, to_users, is_user_message, user_message } = self;
        let is_user_message = is_user_message || user_message;
        SendRequest { sender, conversation: conv, payload, to_users, is_user_message }.into()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MulticastBody {
    sender: String,
    targets: Vec<String>,
    #[serde(default)]
    line: i32,
    payload: MessagePayload,
}

impl MulticastBody {
    fn request(self) -> OutboxRequest {
        let Self { sender, targets, line, payload } = self;
        MulticastRequest { sender, targets, line, payload }.into()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BroadcastBody {
    sender: String,
    #[serde(default)]
    line: i32,
    payload: MessagePayload,
}

impl BroadcastBody {
    fn request(self) -> OutboxRequest {
        let Self { sender, line, payload } = self;
        BroadcastRequest { sender, line, payload }.into()
    }
}

/// What stands in a conversation on the wire.
const CONVERSATION: [&str; 3] = ["type", "target", "line"];

const FLAG: &str = "persistFlag";

/// The records are read leniently when a server sends them; here a name with a mistake in it would lose what somebody wants
/// to say, and another type would be as good as nothing. Who writes no persist flag gets the ordinary one, as everywhere in
/// this library: a server would take none for 0, and not keep the message.
fn parse<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, MessageError> {
    let wrong = |reason: String| MessageError::invalid("request", reason);
    let mut value: Value = serde_json::from_str(json)
        .map_err(|error| wrong(format!("it is not JSON: see line {}, column {}", error.line(), error.column())))?;
    for (object, known) in [("payload", FIELDS.as_slice()), ("conv", CONVERSATION.as_slice())] {
        let names = value.get(object).and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name);
        if let Some(name) = names.into_iter().find(|name| !known.contains(&name.as_str())) {
            let reason = format!("there is no such field; the known fields are: {}", known.join(", "));
            return Err(MessageError::invalid(format!("request.{object}.{name}"), reason));
        }
    }
    let payload = value.get_mut("payload").and_then(Value::as_object_mut);
    if let Some(payload) = payload.filter(|payload| !payload.contains_key(FLAG)) {
        payload.insert(FLAG.into(), (PersistFlag::StoredAndCounted as i32).into());
    }
    let whole = value.to_string();
    let strict = strictly::<T>(whole.as_bytes());
    strict.ok_or_else(|| match serde_json::from_str::<T>(&whole) {
        Err(error) => wrong(what_is_wrong(&error)),
        Ok(_) => wrong("one of its fields has another type than on the wire".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bytes;

    fn payload() -> MessagePayload {
        MessagePayload {
            push_content: "p".into(),
            push_data: "d".into(),
            content: "c".into(),
            data: Bytes::from_static(b"\x00\xff"),
            media_type: 2,
            remote_media_url: "http://x".into(),
            persist_flag: 1,
            expire_duration: 3,
            mentioned_type: 1,
            mentioned_targets: vec!["u1".into()],
            extra: "e".into(),
            ..MessagePayload::text("好\u{0}\"\n")
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let send = SendRequest {
            to_users: vec!["u1".into()],
            is_user_message: true,
            ..SendRequest::new("a", Conversation { line: 2, ..Conversation::group("g") }, payload())
        };
        for request in [
            OutboxRequest::from(send),
            MulticastRequest { sender: "a".into(), targets: vec!["b".into()], line: 1, payload: payload() }.into(),
            BroadcastRequest { sender: "a".into(), line: -1, payload: payload() }.into(),
        ] {
            let written = request.written().unwrap();
            assert_eq!(OutboxRequest::read(written.endpoint, &written.request), Ok(request));
        }
    }

    #[test]
    fn what_people_write_is_read_strictly_and_no_value_is_told() {
        let conv = r#"{"type":0,"target":"canary-u1"}"#;
        let payload = r#"{"type":1,"searchableContent":"canary-hello","persistFlag":3}"#;
        for (json, told) in [
            (format!(r#"{{"sender":"a","conv":{conv},"payload":{payload}}}"#), None),
            ("{".into(), Some("request: it is not JSON")),
            (format!(r#"{{"sender":"a","conv":{conv}}}"#), Some("missing field `payload`")),
            (format!(r#"{{"sender":"a","conv":{conv},"payload":{payload},"x":1}}"#), Some("unknown field `x`")),
            (format!(r#"{{"sender":"a","conv":{conv},"payload":{{"text":"canary"}}}}"#), Some("request.payload.text")),
            (format!(r#"{{"sender":"a","conv":{{"kind":0}},"payload":{payload}}}"#), Some("request.conv.kind")),
            (format!(r#"{{"sender":"a","conv":{conv},"payload":{{"type":"canary-1"}}}}"#), Some("another type")),
            (format!(r#"{{"sender":7,"conv":{conv},"payload":{payload}}}"#), Some("expected a string")),
        ] {
            let read = OutboxRequest::read("message/send", &json);
            let text = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(!text.contains("canary"), "{text}");
            match told {
                None => assert!(read.is_ok(), "{text}"),
                Some(told) => assert!(text.contains(told), "{text}"),
            }
        }
        assert!(OutboxRequest::read("message/recall", "{}").is_err());
    }

    #[test]
    fn a_lane_is_a_conversation() {
        let lane = |sender: &str, conversation| {
            OutboxRequest::from(SendRequest::new(sender, conversation, MessagePayload::text("x"))).lane()
        };
        assert_eq!(lane("a", Conversation::single("b")), lane("b", Conversation::single("a")));
        assert_eq!(lane("a", Conversation::group("g")), lane("b", Conversation::group("g")));
        let lanes = [
            lane("a", Conversation::single("b")),
            lane("ab", Conversation::single("")),
            lane("a", Conversation::group("b")),
            lane("a", Conversation::chatroom("b")),
            lane("a", Conversation { line: 1, ..Conversation::single("b") }),
            lane("a", Conversation::single("c")),
        ];
        assert_eq!(lanes.iter().collect::<std::collections::HashSet<_>>().len(), lanes.len());
        // It stands in tables: it stays what it is.
        assert_eq!(lane("a", Conversation::single("b")), -8_799_783_627_509_999_455);
    }
}
