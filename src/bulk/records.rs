//! What a bulk is told, and what it tells: [`BulkOptions`], [`BulkNews`].

use std::time::Duration;

use bytes::Bytes;

use super::progress::BulkProgress;
use crate::{LogLine, MessageError, SentMessage};

/// How `send_messages` goes about it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct BulkOptions {
    /// How many messages are under way at once.
    #[uniffi(default = 32)]
    pub concurrency: i32,
    /// How many messages a second are sent at the most; 0 for as many as can be. The client's own `rate_limit` holds too.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// What ends the sending early; nothing when left out. Messages that are under way come to their end, and those not
    /// begun fail with `Interrupted`, not sent.
    #[uniffi(default)]
    pub stop_on: Option<StopOn>,
    /// Sends messages of one conversation side by side too, in any order. Otherwise one is sent when the one before it has
    /// its outcome, whatever that is; messages of different conversations never wait for each other. A conversation is its
    /// type, target and line, whoever sends; and a single chat is one for both its users.
    #[uniffi(default)]
    pub any_order: bool,
    /// How long a server is waited for that takes nothing, because it went away or allows no more for now; 5 minutes when
    /// left out, 0 for not at all. It counts from the last message that the server took, and anew from each one. A server
    /// that was never reached is not waited for.
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
    /// A message of which nobody knows whether it was sent.
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
