//! What can go wrong with an outbox: [`OutboxError`], one variant for each thing a caller does differently.

use std::fmt;

use super::OutboxState;
use crate::MessageError;

/// Why something did not work with an outbox.
///
/// Its text is one plain sentence. Neither the text nor a field holds the store's password, the secret or a message.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
#[uniffi(name = "NativeOutboxError")]
// As the errors of calls: the program is to tell each of them in its own way.
#[cfg_attr(not(feature = "cli"), non_exhaustive)]
pub enum OutboxError {
    /// The arguments can never work; nothing was written.
    InvalidArgument {
        /// The argument, as a path: `key`, `request.payload.content_type`.
        argument: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database cannot be used for now: it cannot be reached, is locked by others, or is full. What was written stays;
    /// try again later. It may be unknown whether the last write was stored: with a key it is safe to put a message again.
    StoreUnavailable {
        /// What the database or the connection to it reported.
        reason: String,
    },
    /// The database cannot be used until somebody changes something: it is read-only, refuses the login, is not a database,
    /// or contains the tables of a newer version.
    StoreUnusable {
        /// What the database reported.
        reason: String,
    },
    /// No entry has this id, or the state of the entry does not allow this.
    WrongState {
        /// The entry's id.
        id: i64,
        /// The entry's state; None if there is no such entry.
        state: Option<OutboxState>,
    },
    /// A run ended because the server would have refused every message, or was away for longer than the patience. Nothing
    /// is lost: messages that were not sent are queued.
    Call {
        /// The error that every message would have had.
        error: MessageError,
    },
}

impl OutboxError {
    pub(super) fn invalid(argument: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidArgument { argument: argument.into(), reason: reason.into() }
    }
}

impl From<MessageError> for OutboxError {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::InvalidArgument { argument, reason } => Self::InvalidArgument { argument, reason },
            error => Self::Call { error },
        }
    }
}

#[uniffi::export(name = "NativeOutboxError")]
impl OutboxError {
    /// What went wrong, as one plain sentence: the text of the error in every language.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// Whether the same may succeed later without a change.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::StoreUnavailable { .. } => true,
            Self::Call { error } => {
                matches!(error, MessageError::Unreachable { .. } | MessageError::RateLimited { .. })
            }
            _ => false,
        }
    }
}

impl fmt::Display for OutboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument { argument, reason } => write!(f, "invalid argument {argument}: {reason}"),
            Self::StoreUnavailable { reason } => {
                write!(
                    f,
                    "the database of the outbox cannot be used for now: {reason}; everything that was written to it \
                     is kept"
                )
            }
            Self::StoreUnusable { reason } => write!(f, "the database of the outbox cannot be used: {reason}"),
            Self::WrongState { id, state: None } => write!(f, "the outbox has no entry {id}"),
            Self::WrongState { id, state: Some(state) } => {
                write!(f, "entry {id} of the outbox is {state}, so this cannot be done with it")
            }
            Self::Call { error } => {
                write!(f, "the outbox stopped sending: {error}; the messages that were not sent stay in the queue")
            }
        }
    }
}

impl std::error::Error for OutboxError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_one_plain_sentence() {
        let reason = || "database is locked".to_owned();
        let unreachable =
            MessageError::Unreachable { endpoint: "message/send".into(), attempts: 3, reason: "refused".into() };
        for (error, is_temporary, text) in [
            (OutboxError::invalid("key", "it is empty"), false, "invalid argument key: it is empty"),
            (
                OutboxError::StoreUnavailable { reason: reason() },
                true,
                "the database of the outbox cannot be used for now: database is locked; everything that was written \
                 to it is kept",
            ),
            (
                OutboxError::StoreUnusable { reason: "it is read-only".into() },
                false,
                "the database of the outbox cannot be used: it is read-only",
            ),
            (OutboxError::WrongState { id: 7, state: None }, false, "the outbox has no entry 7"),
            (
                OutboxError::WrongState { id: 7, state: Some(OutboxState::Sent) },
                false,
                "entry 7 of the outbox is sent, so this cannot be done with it",
            ),
            (
                OutboxError::Call { error: unreachable },
                true,
                "the outbox stopped sending: message/send: no connection to the server in 3 attempts: refused; \
                 nothing was sent; the messages that were not sent stay in the queue",
            ),
        ] {
            assert_eq!((error.to_string().as_str(), error.is_temporary()), (text, is_temporary));
        }
    }
}
