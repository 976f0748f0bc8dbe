//! What goes into an outbox and comes out of it.

use std::{fmt, time::Duration};

use crate::{BroadcastRequest, MulticastRequest, SendRequest};

/// A message as it lies in an outbox: the request of one of the sending calls.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
// The program names each of them.
#[cfg_attr(not(feature = "cli"), non_exhaustive)]
pub enum OutboxRequest {
    /// A message to a conversation.
    Send {
        /// The request.
        value: SendRequest,
    },
    /// One message to many users.
    Multicast {
        /// The request.
        value: MulticastRequest,
    },
    /// One message to every user.
    Broadcast {
        /// The request.
        value: BroadcastRequest,
    },
}

impl From<SendRequest> for OutboxRequest {
    fn from(request: SendRequest) -> Self {
        Self::Send { value: request }
    }
}

impl From<MulticastRequest> for OutboxRequest {
    fn from(request: MulticastRequest) -> Self {
        Self::Multicast { value: request }
    }
}

impl From<BroadcastRequest> for OutboxRequest {
    fn from(request: BroadcastRequest) -> Self {
        Self::Broadcast { value: request }
    }
}

/// What becomes of a message of which nobody knows whether it was executed, or that the server accepted and lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, uniffi::Enum)]
pub enum OutboxPolicy {
    /// It stays as it is until a person decides.
    #[default]
    Leave,
    /// It is sent again: for messages that do no harm twice.
    Resend,
}

/// What is said of a message when it is put.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PutOptions {
    /// Your own name for the message, of 255 characters at the most: the same key twice is one message. None for no name:
    /// then each put is a message.
    pub key: Option<String>,
    /// Messages of a higher priority are sent first, in a conversation too; 0 is the ordinary one.
    pub priority: i32,
    /// It is not sent before this time, in milliseconds since the epoch. It stands in its conversation from then on.
    pub not_before: Option<i64>,
    /// It is not sent any more from this time on, in milliseconds since the epoch.
    pub expires_at: Option<i64>,
    /// What becomes of it when its fate is unknown.
    pub on_unknown: OutboxPolicy,
    /// What becomes of it when the server accepted it and does not have it.
    pub on_lost: OutboxPolicy,
}

impl PutOptions {
    /// Nothing but a key.
    pub fn key(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }
}

/// How many messages `put_many` wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Record)]
pub struct PutCounts {
    /// How many are new.
    pub put: i64,
    /// How many had the key of one that was there.
    pub known: i64,
}

/// How far a message of an outbox has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum OutboxState {
    /// Nothing happened yet.
    Queued,
    /// A worker has said that it sends it, and there is no outcome yet.
    Sending,
    /// The server accepted it.
    Sent,
    /// It was found in the server's store.
    Confirmed,
    /// The server accepted it, and does not have it. Receivers who were online may have seen it.
    Lost,
    /// The server refused it for good, or it can never be sent; it was not executed.
    Failed,
    /// It may have been executed, and nobody can know.
    Unknown,
    /// Its time was over before it was sent.
    Expired,
    /// Somebody decided that it is not sent, or not sent again.
    Cancelled,
}

impl OutboxState {
    /// All of them, in the order of a message's life.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Sending,
        Self::Sent,
        Self::Confirmed,
        Self::Lost,
        Self::Failed,
        Self::Unknown,
        Self::Expired,
        Self::Cancelled,
    ];
}

impl fmt::Display for OutboxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Lost => "lost",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        })
    }
}

/// A message of an outbox, with what became of it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxEntry {
    /// Its number in the outbox.
    pub id: i64,
    /// The key that it was put with.
    pub key: Option<String>,
    /// The message. None where somebody put something into the table that is none; the error says what is wrong.
    pub request: Option<OutboxRequest>,
    /// How far it has come.
    pub state: OutboxState,
    /// Its priority.
    pub priority: i32,
    /// Why it failed, or is unknown, or lost.
    pub error: Option<String>,
    /// The server's code, where it refused it.
    pub code: Option<i32>,
    /// The message's id, once the server accepted it.
    pub message_uid: Option<i64>,
    /// When the server accepted it, in milliseconds since the epoch by the server's clock.
    pub timestamp: Option<i64>,
    /// When it was put, in milliseconds since the epoch by the database's clock.
    pub created_at: i64,
    /// When it got the state that it has, in milliseconds since the epoch by the database's clock; None before it was sent.
    pub finished_at: Option<i64>,
    /// How often a worker has begun to send it.
    pub attempts: i64,
    /// The robot that sends it; None where the sender is a user.
    pub robot: Option<String>,
}

impl OutboxEntry {
    /// Whether its outcome is still to come.
    pub(super) fn waits(&self) -> bool {
        matches!(self.state, OutboxState::Queued | OutboxState::Sending)
    }
}

/// How many messages of an outbox are in which state.
#[derive(Debug, Clone, PartialEq, Default, uniffi::Record)]
pub struct OutboxStatus {
    /// How many wait to be sent.
    pub queued: i64,
    /// How many are under way.
    pub sending: i64,
    /// How many the server accepted.
    pub sent: i64,
    /// How many of those it accepted were found in its store.
    pub confirmed: i64,
    /// How many it accepted and does not have.
    pub lost: i64,
    /// How many it refused for good.
    pub failed: i64,
    /// How many may have been executed.
    pub unknown: i64,
    /// How many were not sent in time.
    pub expired: i64,
    /// How many somebody decided not to send.
    pub cancelled: i64,
    /// When the oldest one that waits and is due was put, in milliseconds since the epoch by the database's clock.
    pub oldest_queued: Option<i64>,
    /// How many got an outcome, a second, in the last ten seconds.
    pub rate: f64,
}

impl OutboxStatus {
    /// How many are in a state.
    pub fn count(&self, state: OutboxState) -> i64 {
        let mut copy = self.clone();
        *copy.place(state)
    }

    pub(super) fn place(&mut self, state: OutboxState) -> &mut i64 {
        match state {
            OutboxState::Queued => &mut self.queued,
            OutboxState::Sending => &mut self.sending,
            OutboxState::Sent => &mut self.sent,
            OutboxState::Confirmed => &mut self.confirmed,
            OutboxState::Lost => &mut self.lost,
            OutboxState::Failed => &mut self.failed,
            OutboxState::Unknown => &mut self.unknown,
            OutboxState::Expired => &mut self.expired,
            OutboxState::Cancelled => &mut self.cancelled,
        }
    }
}

/// What a person decides of a message that failed, is lost, or of which nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum Resolution {
    /// It is sent again, even where that may be a second time.
    Resend,
    /// It is not sent again.
    Drop,
}

/// How the messages of an outbox are sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct RunOptions {
    /// Whether it ends when all that is due has an outcome, also what other workers hold; otherwise it waits for more.
    #[uniffi(default = true)]
    pub until_empty: bool,
    /// How many messages are under way at once: as many can be of unknown fate when this worker is killed.
    #[uniffi(default = 64)]
    pub concurrency: i32,
    /// How many messages a second are sent at the most; 0 for as many as can be. The client's own `rate_limit` holds too.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// How long a server or a database is waited for that is away, before the run ends; 5 minutes when left out, 0 for not
    /// at all. A server that was never reached is not waited for.
    #[uniffi(default)]
    pub patience: Option<Duration>,
    /// How long after a worker's last sign of life others take over what it held; 30 seconds when left out, at least 1.
    #[uniffi(default)]
    pub lease: Option<Duration>,
    /// Looks each message up that the server accepted and stores, and not only those accepted just before it went away.
    #[uniffi(default)]
    pub confirm_all: bool,
    /// Sends messages of one conversation side by side too, in any order.
    #[uniffi(default)]
    pub any_order: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            until_empty: true,
            concurrency: 64,
            rate_limit: 0,
            patience: None,
            lease: None,
            confirm_all: false,
            any_order: false,
        }
    }
}

/// How a run goes; the numbers are those of this run.
#[derive(Debug, Clone, PartialEq, Default, uniffi::Record)]
pub struct RunProgress {
    /// How many the server accepted.
    pub sent: i64,
    /// How many failed and were not executed.
    pub failed: i64,
    /// How many are of unknown fate.
    pub unknown: i64,
    /// How many were found in the server's store.
    pub confirmed: i64,
    /// How many the server accepted and does not have.
    pub lost: i64,
    /// How many are still to be sent, as far as is known.
    pub left: i64,
    /// Messages a second, lately.
    pub rate: f64,
    /// How long the rest will take at this rate.
    pub time_left: Option<Duration>,
    /// What it waits for; None where it does not.
    pub waiting_for: Option<RunWaitsFor>,
    /// For how long the server has taken nothing, where it waits because of that.
    pub waited: Option<Duration>,
    /// How much longer it waits for the server before it ends.
    pub patience_left: Option<Duration>,
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum RunWaitsFor {
    /// For its turn: the server accepts no more for now.
    RateLimit,
    /// For the server to come back.
    Server,
    /// For the database to come back.
    Database,
}
