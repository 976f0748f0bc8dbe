//! [`Answer`]: what a call gives that took longer than a slice.

use crate::{BroadcastMessage, Message, RecalledMessage, SentMessage, UserInfo};

/// What `resume` gives: the answer of whichever method the ticket came from.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Answer {
    /// The method gives nothing.
    Done,
    /// Of send_message and multicast_message.
    Sent {
        /// The answer.
        value: SentMessage,
    },
    /// Of broadcast_message.
    Broadcast {
        /// The answer.
        value: BroadcastMessage,
    },
    /// Of recall_message.
    Recalled {
        /// The answer.
        value: Option<RecalledMessage>,
    },
    /// Of get_message.
    Message {
        /// The answer.
        value: Message,
    },
    /// Of find_message.
    MaybeMessage {
        /// The answer.
        value: Option<Message>,
    },
    /// Of get_callback.
    MaybeText {
        /// The answer.
        value: Option<String>,
    },
    /// Of get_profile.
    User {
        /// The answer.
        value: UserInfo,
    },
    /// Of the methods that give a time.
    Timestamp {
        /// The answer, in milliseconds since the epoch.
        value: i64,
    },
}

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Self::Done
    }
}

impl From<SentMessage> for Answer {
    fn from(value: SentMessage) -> Self {
        Self::Sent { value }
    }
}

impl From<BroadcastMessage> for Answer {
    fn from(value: BroadcastMessage) -> Self {
        Self::Broadcast { value }
    }
}

impl From<Option<RecalledMessage>> for Answer {
    fn from(value: Option<RecalledMessage>) -> Self {
        Self::Recalled { value }
    }
}

impl From<Message> for Answer {
    fn from(value: Message) -> Self {
        Self::Message { value }
    }
}

impl From<Option<Message>> for Answer {
    fn from(value: Option<Message>) -> Self {
        Self::MaybeMessage { value }
    }
}

impl From<i64> for Answer {
    fn from(value: i64) -> Self {
        Self::Timestamp { value }
    }
}

impl From<Option<String>> for Answer {
    fn from(value: Option<String>) -> Self {
        Self::MaybeText { value }
    }
}

impl From<UserInfo> for Answer {
    fn from(value: UserInfo) -> Self {
        Self::User { value }
    }
}
