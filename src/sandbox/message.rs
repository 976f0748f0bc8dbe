//! A message as the server keeps it, who it reaches, and what becomes of it.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::StreamedText;

pub(super) const SINGLE: i32 = 0;
pub(super) const GROUP: i32 = 1;
pub(super) const CHATROOM: i32 = 2;
pub(super) const CHANNEL: i32 = 3;

/// The content type of what is left of a recalled message.
const RECALLED: i32 = 80;

/// The content types of growing texts: one that grows on, one that is finished, one that was cancelled.
const STREAMED: [i32; 3] = [14, 15, 20];

/// How long a transparent message can be found, in milliseconds.
const TRANSPARENT_MS: i64 = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Conversation {
    pub(super) kind: i32,
    pub(super) target: String,
    pub(super) line: i32,
}

impl Conversation {
    fn to_json(&self) -> Value {
        json!({"type": self.kind, "target": self.target, "line": self.line})
    }
}

/// A payload; `data` stays the base64 text that came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Payload {
    pub(super) kind: i32,
    pub(super) searchable_content: String,
    pub(super) push_content: String,
    pub(super) push_data: String,
    pub(super) content: String,
    pub(super) data: String,
    pub(super) media_type: i32,
    pub(super) remote_media_url: String,
    pub(super) persist_flag: i32,
    pub(super) expire_duration: i32,
    pub(super) mentioned_type: i32,
    pub(super) mentioned_target: Vec<String>,
    pub(super) extra: String,
}

impl Payload {
    /// Numbers always, the rest where there is any: the server leaves nulls out.
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("type", self.kind.into());
        put("mediaType", self.media_type.into());
        put("persistFlag", self.persist_flag.into());
        put("expireDuration", self.expire_duration.into());
        put("mentionedType", self.mentioned_type.into());
        for (name, text) in [
            ("searchableContent", &self.searchable_content),
            ("pushContent", &self.push_content),
            ("pushData", &self.push_data),
            ("content", &self.content),
            ("base64edData", &self.data),
            ("remoteMediaUrl", &self.remote_media_url),
            ("extra", &self.extra),
        ] {
            if !text.is_empty() {
                put(name, text.as_str().into());
            }
        }
        if !self.mentioned_target.is_empty() {
            put("mentionedTarget", self.mentioned_target.clone().into());
        }
        Value::Object(object)
    }

    /// As servers since 1.3.8 measure it: texts in UTF-16 units, data in bytes.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.content, &self.searchable_content, &self.extra, &self.push_content, &self.push_data];
        let units: usize = texts.into_iter().map(|text| text.encode_utf16().count()).sum();
        units + STANDARD.decode(&self.data).map_or(0, |data| data.len())
    }

    fn weight(&self) -> usize {
        let texts = [
            &self.searchable_content,
            &self.push_content,
            &self.push_data,
            &self.content,
            &self.data,
            &self.remote_media_url,
            &self.extra,
        ];
        texts.into_iter().chain(&self.mentioned_target).map(String::len).sum()
    }
}

/// How a message came, which says whom it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Audience {
    /// Those of its conversation, or only these of them where there are any.
    Conversation(Vec<String>),
    /// The targets of a multicast that it was not deleted for.
    Targets(HashSet<String>),
    /// The users of a broadcast: all.
    Everybody,
}

/// What is known of a message before it has a uid.
pub(super) struct Draft {
    pub(super) sender: String,
    pub(super) conversation: Conversation,
    pub(super) payload: Payload,
    pub(super) audience: Audience,
}

#[derive(Debug)]
pub(super) struct Message {
    uid: i64,
    sender: String,
    conversation: Conversation,
    payload: Payload,
    original_text: String,
    audience: Audience,
    timestamp: i64,
    recalled: bool,
    /// When it can no longer be found; 0 is never found at all, and what was deleted is 0.
    gone_at: i64,
    hidden_from: HashSet<String>,
    /// Calls that made or changed it.
    pub(super) executions: i64,
}

impl Message {
    pub(super) fn new(uid: i64, timestamp: i64, draft: Draft) -> Self {
        let gone_at = match draft.payload.persist_flag {
            0 => 0,
            4 => timestamp.saturating_add(TRANSPARENT_MS),
            _ => i64::MAX,
        };
        Self {
            uid,
            sender: draft.sender,
            conversation: draft.conversation,
            original_text: draft.payload.searchable_content.clone(),
            payload: draft.payload,
            audience: draft.audience,
            timestamp,
            recalled: false,
            gone_at,
            hidden_from: HashSet::new(),
            executions: 1,
        }
    }

    /// The same message with another payload, before anybody has got it.
    pub(super) fn with_payload(self, payload: Payload) -> Self {
        let Self { uid, timestamp, sender, conversation, audience, .. } = self;
        Self::new(uid, timestamp, Draft { sender, conversation, payload, audience })
    }

    pub(super) fn uid(&self) -> i64 {
        self.uid
    }

    /// The users that it names: who sent it, and who is to get it.
    pub(super) fn users(&self) -> Vec<&String> {
        let mut users = vec![&self.sender];
        match &self.audience {
            Audience::Conversation(listed) => users.extend(listed),
            Audience::Targets(targets) => users.extend(targets),
            Audience::Everybody => {}
        }
        if self.conversation.kind == SINGLE {
            users.push(&self.conversation.target);
        }
        users
    }

    pub(super) fn payload(&self) -> &Payload {
        &self.payload
    }

    pub(super) fn sender(&self) -> &str {
        &self.sender
    }

    pub(super) fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    pub(super) fn timestamp(&self) -> i64 {
        self.timestamp
    }

    /// The searchable content that it was made with, whatever became of it.
    pub(super) fn original_text(&self) -> &str {
        &self.original_text
    }

    /// What receivers see from this message on, if it is a step of a growing text.
    pub(super) fn streamed_text(&self) -> Option<StreamedText> {
        let Payload { kind, searchable_content, content, .. } = &self.payload;
        STREAMED.contains(kind).then(|| StreamedText {
            stream_id: content.clone(),
            sender: self.sender.clone(),
            content_type: *kind,
            text: searchable_content.clone(),
            timestamp: self.timestamp,
            message_uid: self.uid,
        })
    }

    pub(super) fn audience(&self) -> &Audience {
        &self.audience
    }

    pub(super) fn is_there(&self, now: i64) -> bool {
        now < self.gone_at
    }

    /// About how many bytes it holds.
    pub(super) fn weight(&self) -> usize {
        let receivers: usize = match &self.audience {
            Audience::Conversation(users) => users.iter().map(String::len).sum(),
            Audience::Targets(users) => users.iter().map(String::len).sum(),
            Audience::Everybody => 0,
        };
        self.sender.len()
            + self.original_text.len()
            + self.conversation.target.len()
            + self.payload.weight()
            + receivers
    }

    /// As get_one tells it.
    pub(super) fn to_json(&self) -> Value {
        let mut message = json!({
            "messageId": self.uid,
            "sender": self.sender,
            "conv": self.conversation.to_json(),
            "payload": self.payload.to_json(),
            "timestamp": self.timestamp,
        });
        if let Audience::Conversation(users) = &self.audience
            && !users.is_empty()
        {
            message["toUsers"] = users.clone().into();
        }
        message
    }

    pub(super) fn update(&mut self, payload: Payload) {
        self.payload = payload;
        self.recalled = false;
    }

    /// Leaves a notice in the message's place and tells what it said, as a string of JSON; `""` the second time.
    pub(super) fn recall(&mut self, operator: String, persist_flag: i32) -> String {
        if self.recalled {
            return String::new();
        }
        let told = self.told_when_recalled();
        self.payload = Payload {
            kind: RECALLED,
            content: operator,
            data: STANDARD.encode(self.uid.to_string()),
            push_data: format!("{{\"messageUid\":{}}}", self.uid),
            persist_flag,
            extra: told.clone(),
            ..Payload::default()
        };
        self.recalled = true;
        told
    }

    fn told_when_recalled(&self) -> String {
        let payload = &self.payload;
        let mut told = json!({
            "s": self.sender,
            "ts": self.timestamp,
            "t": payload.kind,
            "sc": payload.searchable_content,
            "c": payload.content,
            "e": payload.extra,
        });
        if !payload.data.is_empty() {
            told["b"] = payload.data.as_str().into();
        }
        if payload.media_type != 0 {
            told["mt"] = payload.media_type.into();
        }
        if !payload.remote_media_url.is_empty() {
            told["mu"] = payload.remote_media_url.as_str().into();
        }
        told.to_string()
    }

    pub(super) fn delete(&mut self) {
        self.gone_at = 0;
    }

    /// Deletes a multicast for some of its receivers, and for all when nobody is left.
    pub(super) fn delete_for(&mut self, receivers: &[String]) {
        if let Audience::Targets(targets) = &mut self.audience {
            for receiver in receivers {
                targets.remove(receiver);
            }
            if targets.is_empty() {
                self.delete();
            }
        }
    }

    /// Gives it to these as well.
    pub(super) fn reach_too(&mut self, users: &[String]) {
        match &mut self.audience {
            Audience::Conversation(all) if all.is_empty() => {}
            Audience::Conversation(some) => {
                for user in users.iter().filter(|user| !some.contains(user)).cloned().collect::<Vec<_>>() {
                    some.push(user);
                }
            }
            Audience::Targets(targets) => targets.extend(users.iter().cloned()),
            Audience::Everybody => {}
        }
    }

    pub(super) fn hide_from(&mut self, user: &str) {
        self.hidden_from.insert(user.to_owned());
    }

    /// Whether the user sent it or got it, and has not cleared it.
    pub(super) fn reaches(&self, user: &str) -> bool {
        if self.hidden_from.contains(user) {
            return false;
        }
        let receives = match &self.audience {
            Audience::Everybody => true,
            Audience::Targets(targets) => targets.contains(user),
            Audience::Conversation(_) if self.conversation.kind == SINGLE => self.goes_to_target(user),
            Audience::Conversation(users) => users.is_empty() || users.iter().any(|named| named == user),
        };
        receives || self.sender == user
    }

    /// Whether the user is the target of a single conversation, and is listed where anybody is.
    fn goes_to_target(&self, user: &str) -> bool {
        let listed = match &self.audience {
            Audience::Conversation(users) => users.is_empty() || users.iter().any(|named| named == user),
            _ => true,
        };
        self.conversation.target == user && listed
    }

    /// Whether the user finds it in this conversation. A single one is called by the other's name on each side.
    pub(super) fn is_in(&self, user: &str, conversation: &Conversation) -> bool {
        if self.conversation.line != conversation.line || self.conversation.kind != conversation.kind {
            return false;
        }
        if conversation.kind != SINGLE {
            return self.conversation.target == conversation.target;
        }
        let other = conversation.target.as_str();
        let goes_to = |receiver: &str| match &self.audience {
            Audience::Everybody => true,
            Audience::Targets(targets) => targets.contains(receiver),
            Audience::Conversation(_) => self.goes_to_target(receiver),
        };
        (self.sender == other && goes_to(user)) || (self.sender == user && goes_to(other))
    }
}
