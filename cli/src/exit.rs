//! Exit codes: what a shell learns of a message's fate.

use wildfirechat_message::{ErrorCode, MessageError};

pub(super) const DONE: i32 = 0;
pub(super) const NOT_EXECUTED: i32 = 1;
pub(super) const USAGE: i32 = 2;
pub(super) const UNKNOWN: i32 = 3;
pub(super) const NOT_AUTHORIZED: i32 = 4;
pub(super) const SOME_FAILED: i32 = 5;
/// `EX_TEMPFAIL` of sysexits.h.
pub(super) const LATER: i32 = 75;

/// What each code means; the help, the man page and the page of the program list them from here.
const MEANINGS: [(i32, &str); 7] = [
    (DONE, "Done."),
    (NOT_EXECUTED, "The request was certainly not executed; also if the answer to the question of broadcast is not y."),
    (USAGE, "Something in the command line, the environment, the profile or an input file is wrong; nothing was sent."),
    (UNKNOWN, "It is unknown whether the request was executed: repeat only what does no harm twice."),
    (NOT_AUTHORIZED, "The server does not accept the signature: the secret or a clock is wrong. Nothing was executed."),
    (SOME_FAILED, "Some of many messages were not sent."),
    (
        LATER,
        "The server accepts no more calls for now, or the outbox's database cannot be used now: try later. Nothing was executed.",
    ),
];

/// The section of the help about the exit codes: each code in a line.
pub(super) fn help() -> String {
    let lines = MEANINGS.map(|(code, meaning)| format!("\n  {code:<2}  {meaning}"));
    format!("Exit codes:{}", lines.concat())
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something given can never work: a flag, a variable of the environment, a profile, a file.
    Usage { argument: String, reason: String },
    /// A call failed.
    Call(MessageError),
    /// The outbox's database, or the state of an entry, did not allow it.
    #[cfg(feature = "outbox")]
    Outbox(wildfirechat_message::OutboxError),
    /// It did nothing, because the user did not confirm.
    Declined,
    /// Everything has been printed; only the exit code is left.
    Told(i32),
}

impl Failure {
    pub(super) fn usage(argument: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Usage { argument: argument.into(), reason: reason.into() }
    }

    pub(super) fn code(&self) -> i32 {
        match self {
            Self::Usage { .. } => USAGE,
            Self::Call(error) => code_of(error),
            #[cfg(feature = "outbox")]
            Self::Outbox(error) if error.is_temporary() => LATER,
            #[cfg(feature = "outbox")]
            Self::Outbox(_) => NOT_EXECUTED,
            Self::Declined => NOT_EXECUTED,
            Self::Told(code) => *code,
        }
    }
}

impl From<MessageError> for Failure {
    /// An argument of the library gets the name that it has on the command line, if it has one there.
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::InvalidArgument { argument, reason } => match flag(&argument) {
                Some(flag) => Self::usage(flag, reason),
                None => Self::Call(MessageError::InvalidArgument { argument, reason }),
            },
            error => Self::Call(error),
        }
    }
}

#[cfg(feature = "outbox")]
impl From<wildfirechat_message::OutboxError> for Failure {
    fn from(error: wildfirechat_message::OutboxError) -> Self {
        use wildfirechat_message::OutboxError;
        match error {
            OutboxError::InvalidArgument { argument, reason } => {
                MessageError::InvalidArgument { argument, reason }.into()
            }
            OutboxError::StoreUnusable { reason } => Self::usage("--store", reason),
            OutboxError::Call { error } => error.into(),
            error => Self::Outbox(error),
        }
    }
}

fn flag(argument: &str) -> Option<&'static str> {
    Some(match argument {
        "base_url" => "--url",
        "sender" | "operator" => "--sender",
        "message_uid" => "UID",
        "user_id" => "USER",
        "options.max_attempts" => "--attempts",
        "options.proxy" => "--proxy",
        "options.root_certificates" => "--ca-file",
        "options.concurrency" => "--concurrency",
        "options.rate_limit" => "--rate",
        "options.lease" => "--lease",
        "store" => "--store",
        "path" => "FILE",
        _ => return None,
    })
}

/// The exit code of a call that failed.
pub(super) fn code_of(error: &MessageError) -> i32 {
    match error {
        MessageError::InvalidArgument { .. } => USAGE,
        MessageError::Unauthorized { .. } => NOT_AUTHORIZED,
        MessageError::RateLimited { .. } => LATER,
        MessageError::Rejected { code, .. } if *code == ErrorCode::ServerBusy as i32 => LATER,
        error if error.may_have_executed() => UNKNOWN,
        _ => NOT_EXECUTED,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_error_has_the_code_of_its_fate() {
        let endpoint = || "message/send".to_owned();
        let rejected = |code| MessageError::Rejected { endpoint: endpoint(), code, msg: String::new(), attempts: 1 };
        let interrupted = |sent| MessageError::Interrupted { endpoint: endpoint(), sent, attempts: 1 };
        let reason = String::new;
        for (error, code) in [
            (MessageError::InvalidArgument { argument: "sender".into(), reason: "it is empty".into() }, USAGE),
            (MessageError::Unreachable { endpoint: endpoint(), attempts: 3, reason: reason() }, NOT_EXECUTED),
            (MessageError::RateLimited { endpoint: endpoint(), attempts: 3, msg: reason() }, LATER),
            (rejected(221), LATER),
            (rejected(253), NOT_EXECUTED),
            (rejected(249), UNKNOWN),
            (rejected(9999), UNKNOWN),
            (
                MessageError::Unauthorized {
                    endpoint: endpoint(),
                    code: 244,
                    msg: reason(),
                    attempts: 1,
                    clock_offset: None,
                },
                NOT_AUTHORIZED,
            ),
            (MessageError::NotSupported { endpoint: endpoint(), attempts: 1 }, NOT_EXECUTED),
            (MessageError::BadRequest { endpoint: endpoint(), status: 500, body: reason(), attempts: 1 }, NOT_EXECUTED),
            (MessageError::TimedOut { endpoint: endpoint(), attempts: 1, elapsed: Duration::ZERO }, UNKNOWN),
            (MessageError::ConnectionLost { endpoint: endpoint(), attempts: 1, reason: reason() }, UNKNOWN),
            (
                MessageError::InvalidResponse {
                    endpoint: endpoint(),
                    status: 502,
                    reason: reason(),
                    body: reason(),
                    attempts: 1,
                },
                UNKNOWN,
            ),
            (interrupted(false), NOT_EXECUTED),
            (interrupted(true), UNKNOWN),
            // An upload sends no message.
            (
                MessageError::TimedOut { endpoint: "file store".into(), attempts: 1, elapsed: Duration::ZERO },
                NOT_EXECUTED,
            ),
        ] {
            assert_eq!(code_of(&error), code, "{error}");
        }
    }
}
