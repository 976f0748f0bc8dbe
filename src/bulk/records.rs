//! What a bulk is told, and what it tells: [`BulkOptions`], [`BulkNews`].

use std::time::Duration;

use bytes::Bytes;

use super::progress::BulkProgress;
use crate::{LogLine, MessageError, SentMessage};

/// How `send_messages` sends the messages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct BulkOptions {
    /// How many messages are under way at the same time.
    #[uniffi(default = 32)]
    pub concurrency: i32,
    /// How many messages are sent per second at most; 0 for no limit. The client's own `rate_limit` applies too.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// What ends the sending early; nothing when left out. Messages that are under way are finished, and messages that were
    /// not started fail with `Interrupted`: they were not sent.
    #[uniffi(default)]
    pub stop_on: Option<StopOn>,
    /// Sends the messages of one conversation side by side too, in any order. Otherwise a message is sent when the message
    /// before it in the conversation has its outcome, whatever that is; messages of different conversations never wait for
    /// each other. A conversation is identified by its type, target and line, regardless of the sender; a single chat is the
    /// same conversation for both users.
    #[uniffi(default)]
    pub any_order: bool,
    /// How long to wait for a server that accepts no message, because it is away or has reached its limit; 5 minutes when
    /// left out, 0 for not at all. The time starts again with each message that the server accepts. A server that was never
    /// reached is not waited for.
    #[uniffi(default)]
    pub patience: Option<Duration>,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self { concurrency: 32, rate_limit: 0, stop_on: None, any_order: false, patience: None }
    }
}

/// What ends the sending of many messages early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum StopOn {
    /// A message of which it is unknown whether it was sent.
    Unknown,
    /// A message that failed in any way.
    Failure,
}

/// What is new of a bulk: outcomes in the order of the requests, following those that were told before.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct BulkNews {
    /// 16 bytes an outcome: the message's uid and its timestamp, 64 bits each, little-endian; both are 0 where it failed.
    pub sent: Bytes,
    /// Those that failed.
    pub failures: Vec<BulkFailure>,
    /// How many requests it takes in next, at the most; 0 while there is no room.
    pub wanted: i32,
    /// How long a source may take to give these. One that takes longer is not waited for: what it has given is fed then.
    pub within: Duration,
    /// How it goes; ten times a second at the most, and with the last outcome.
    pub progress: Option<BulkProgress>,
    /// What the application's log should say, where the client listens.
    pub lines: Vec<LogLine>,
    /// Whether it was stopped: it sends nothing more.
    pub stopped: bool,
    /// Whether there is no more to come.
    pub done: bool,
}

/// A message that was not sent, or may have been.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct BulkFailure {
    /// Its place among all requests, from 0.
    pub index: i64,
    /// Why.
    pub error: MessageError,
}

/// The outcome of one request of many.
pub type SendOutcome = Result<SentMessage, MessageError>;
