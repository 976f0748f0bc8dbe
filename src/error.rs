//! What can go wrong: [`MessageError`], one variant for each thing a caller does differently.

use std::{fmt, time::Duration};

use crate::{
    numbers::ErrorCode,
    proof::{Proof, proof_of},
    steps,
};

/// Why a call failed, and whether the server may have executed the request even though the call failed.
///
/// Its text is one plain sentence that names the endpoint; neither the text nor a field contains the secret or
/// the request's body.
// Every variant, and what to do: docs/errors.md.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Error)]
#[uniffi(name = "NativeMessageError")]
// The program has the library's version and tells each of them in its own way: there the compiler says which one it forgot.
#[cfg_attr(not(feature = "cli"), non_exhaustive)]
pub enum MessageError {
    /// The arguments can never work; nothing was sent.
    InvalidArgument {
        /// The argument, as a path: `payload.remote_media_url`, `targets[2]`.
        argument: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server was not reached: connection refused, no such host, TLS failed, no connection in time; or a program in front
    /// of the server did not pass the request on: a redirect, a proxy that requires a password. Nothing was executed.
    Unreachable {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// How often the call was tried; 0 for one of many messages, if the others had found no connection.
        attempts: i32,
        /// Why the last attempt failed.
        reason: String,
    },
    /// The server accepts no more calls for now (code 250 or HTTP 429), or the client's own `rate_limit` left no turn within
    /// the total time-out; this call was not executed.
    RateLimited {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// How often the call was tried; 0 if the client's own limit left no turn, or for one of many messages, if the
        /// server accepted no message until the patience was over.
        attempts: i32,
        /// The server's own words, or which limit it was.
        msg: String,
    },
    /// The server does not accept the signature (codes 239, 243, 244; HTTP 401; its own HTTP 403): nothing was executed.
    Unauthorized {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// The server's code, or the HTTP status if the server sent no code.
        code: i32,
        /// The server's own words: one line of at most 200 characters.
        msg: String,
        /// How often the call was tried.
        attempts: i32,
        /// By how many milliseconds this machine's clock is ahead of the date in the answer; negative if it is behind. Only for
        /// code 243, and only if the answer contains a date.
        clock_offset: Option<i64>,
    },
    /// The server answered with an error code. Most codes prove that nothing was executed; codes 4, 222, 249, 252, 255
    /// and unknown codes do not.
    Rejected {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// The server's code; `ErrorCode` names the known ones.
        code: i32,
        /// The server's own words: one line of at most 200 characters.
        msg: String,
        /// How often the call was tried.
        attempts: i32,
    },
    /// This server, or its edition, does not have the endpoint (the server's own HTTP 500 without a text, or 404); nothing
    /// was executed.
    NotSupported {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// How often the call was tried.
        attempts: i32,
    },
    /// The server could not read the request (its own HTTP 500 with a text, or 400; HTTP 413 from any sender); nothing was
    /// executed.
    BadRequest {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// The HTTP status.
        status: i32,
        /// The beginning of the server's text, on one line.
        body: String,
        /// How often the call was tried.
        attempts: i32,
    },
    /// The answer did not arrive in time; it is unknown whether the server executed the request.
    TimedOut {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// How often the call was tried.
        attempts: i32,
        /// How long the call took.
        elapsed: Duration,
    },
    /// The connection was reset or closed after the request was sent; it is unknown whether the server executed the
    /// request.
    ConnectionLost {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// How often the call was tried.
        attempts: i32,
        /// What happened to the connection.
        reason: String,
    },
    /// The answer does not belong to this API, or did not come from the server itself: HTML, incomplete JSON, wrong types, too
    /// large, HTTP 502 to 504, a gateway's HTTP 500. It is unknown whether the server executed the request.
    InvalidResponse {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// The HTTP status.
        status: i32,
        /// What is wrong with the answer.
        reason: String,
        /// The beginning of the answer, on one line.
        body: String,
        /// How often the call was tried.
        attempts: i32,
    },
    /// The caller interrupted the call: Ctrl-C, Thread.interrupt, a cancelled task.
    Interrupted {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// Whether a request had been sent and it is unknown whether the server executed it.
        sent: bool,
        /// How often the call was tried.
        attempts: i32,
    },
    /// A growing text was not finished: it was cancelled, or the server did not accept it. The error says what receivers see
    /// of it.
    StreamFailed {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// What went wrong: the text of the error of the message that failed, or that the text was cancelled.
        reason: String,
        /// The server's code; 0 if it gave none.
        code: i32,
        /// How many characters of the text had been appended.
        characters: i64,
        /// How many of them receivers may see.
        shown: i64,
        /// Whether receivers see that the text was cancelled.
        is_marked: bool,
        /// Whether the whole text may have been sent: its message was sent, and it is unknown whether the server executed it.
        may_be_finished: bool,
    },
    /// A message with a file was not sent, or it is unknown whether it was: the upload had succeeded, and then the sending
    /// failed. To send it again without a second upload, call the same method with this `remote_media_url`.
    FailedAfterUpload {
        /// The endpoint, such as `message/send`.
        endpoint: String,
        /// The URL of the uploaded file.
        remote_media_url: String,
        /// The name of the error that the sending failed with, such as `Rejected` or `TimedOut`.
        kind: String,
        /// The sentence of that error.
        reason: String,
        /// Whether the request had been sent and it is unknown whether the server executed it.
        sent: bool,
        /// How often the sending was tried.
        attempts: i32,
        /// The server's code, if the server answered with one.
        code: Option<i32>,
    },
    /// This is not an outcome: the call continues. Only a client that waits in slices returns this error; pass the
    /// ticket to `resume` to wait on, or to `cancel`.
    Pending {
        /// What `resume` and `cancel` take.
        ticket: i64,
    },
}

impl MessageError {
    /// The same error, of a call that was tried this often.
    pub(crate) fn after(mut self, tried: i32) -> Self {
        if let Some(attempts) = self.attempts() {
            *attempts = tried;
        }
        self
    }

    fn attempts(&mut self) -> Option<&mut i32> {
        match self {
            Self::Unreachable { attempts, .. }
            | Self::RateLimited { attempts, .. }
            | Self::Unauthorized { attempts, .. }
            | Self::Rejected { attempts, .. }
            | Self::NotSupported { attempts, .. }
            | Self::BadRequest { attempts, .. }
            | Self::TimedOut { attempts, .. }
            | Self::ConnectionLost { attempts, .. }
            | Self::InvalidResponse { attempts, .. }
            | Self::FailedAfterUpload { attempts, .. }
            | Self::Interrupted { attempts, .. } => Some(attempts),
            Self::InvalidArgument { .. } | Self::StreamFailed { .. } | Self::Pending { .. } => None,
        }
    }

    /// The same error, of a message whose file lies at this URL. An interrupt stays what it is: the caller wanted an end.
    pub(crate) fn after_upload(mut self, remote_media_url: String) -> Self {
        if matches!(self, Self::Interrupted { .. } | Self::Pending { .. }) {
            return self;
        }
        let code = match &self {
            Self::Rejected { code, .. } | Self::Unauthorized { code, .. } => Some(*code),
            _ => None,
        };
        Self::FailedAfterUpload {
            endpoint: self.endpoint().unwrap_or_default().to_owned(),
            remote_media_url,
            kind: self.kind().to_owned(),
            sent: self.may_have_executed(),
            attempts: self.attempts().map_or(0, |attempts| *attempts),
            code,
            reason: self.to_string(),
        }
    }

    /// The name of each kind of error that a call can end with, which is that of its variant.
    pub(crate) const KINDS: [&str; 12] = [
        "InvalidArgument",
        "Unreachable",
        "RateLimited",
        "Unauthorized",
        "Rejected",
        "NotSupported",
        "BadRequest",
        "TimedOut",
        "ConnectionLost",
        "InvalidResponse",
        "Interrupted",
        "StreamFailed",
    ];

    /// Which of [`KINDS`](Self::KINDS) it is.
    pub(crate) fn kind_index(&self) -> usize {
        match self {
            Self::InvalidArgument { .. } => 0,
            Self::Unreachable { .. } => 1,
            Self::RateLimited { .. } => 2,
            Self::Unauthorized { .. } => 3,
            Self::Rejected { .. } => 4,
            Self::NotSupported { .. } => 5,
            Self::BadRequest { .. } => 6,
            Self::TimedOut { .. } => 7,
            Self::ConnectionLost { .. } => 8,
            Self::InvalidResponse { .. } => 9,
            // What the call itself ended with is counted, which is one of these.
            Self::FailedAfterUpload { kind, .. } => {
                Self::KINDS.iter().position(|each| each == kind).unwrap_or_default()
            }
            // `Pending` is not an outcome; a call that is given up becomes `Interrupted`.
            Self::Interrupted { .. } | Self::Pending { .. } => 10,
            // Its messages were counted one by one.
            Self::StreamFailed { .. } => 11,
        }
    }

    /// The name of its kind.
    pub(crate) fn kind(&self) -> &'static str {
        Self::KINDS[self.kind_index()]
    }

    /// What the error itself proves of the request.
    fn proof(&self) -> Proof {
        match self {
            Self::Rejected { code, .. } => proof_of(*code),
            Self::TimedOut { .. }
            | Self::ConnectionLost { .. }
            | Self::InvalidResponse { .. }
            | Self::Interrupted { sent: true, .. }
            | Self::StreamFailed { may_be_finished: true, .. }
            | Self::FailedAfterUpload { sent: true, .. }
            | Self::Pending { .. } => Proof::Unknown,
            Self::Interrupted { sent: false, .. }
            | Self::StreamFailed { may_be_finished: false, .. }
            | Self::FailedAfterUpload { sent: false, .. }
            | Self::InvalidArgument { .. }
            | Self::Unreachable { .. }
            | Self::RateLimited { .. }
            | Self::Unauthorized { .. }
            | Self::NotSupported { .. }
            | Self::BadRequest { .. } => Proof::NotExecuted,
        }
    }

    /// What was asked, or the step of an upload that failed.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Unreachable { endpoint, .. }
            | Self::RateLimited { endpoint, .. }
            | Self::Unauthorized { endpoint, .. }
            | Self::Rejected { endpoint, .. }
            | Self::NotSupported { endpoint, .. }
            | Self::BadRequest { endpoint, .. }
            | Self::TimedOut { endpoint, .. }
            | Self::ConnectionLost { endpoint, .. }
            | Self::InvalidResponse { endpoint, .. }
            | Self::Interrupted { endpoint, .. }
            | Self::FailedAfterUpload { endpoint, .. }
            | Self::StreamFailed { endpoint, .. } => Some(endpoint),
            Self::InvalidArgument { .. } | Self::Pending { .. } => None,
        }
    }

    pub(crate) fn invalid(argument: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::InvalidArgument { argument: argument.into(), reason: reason.into() }
    }
}

#[uniffi::export(name = "NativeMessageError")]
impl MessageError {
    /// What went wrong, as one plain sentence: the text of the error in every language.
    pub fn sentence(&self) -> String {
        self.to_string()
    }

    /// The text of an `Interrupted` whose call had been answered: it was executed, as the message of this id
    /// where it made one.
    pub fn sentence_when_executed(&self, message_uid: Option<i64>) -> String {
        let Self::Interrupted { endpoint, .. } = self else { return self.sentence() };
        let as_message = message_uid.map(|uid| format!(" as message {uid}")).unwrap_or_default();
        format!("{endpoint}: interrupted when the answer had already arrived; the request was executed{as_message}")
    }

    /// Whether the server may have executed the request even though the call failed. If so, repeat a sending call only
    /// if a second message does no harm.
    pub fn may_have_executed(&self) -> bool {
        let in_an_upload = self.endpoint().is_some_and(steps::is_step);
        !in_an_upload && self.proof() != Proof::NotExecuted
    }
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidArgument { argument, reason } => write!(f, "invalid argument {argument}: {reason}"),
            Self::Unreachable { endpoint, attempts: 0, reason } => {
                write!(
                    f,
                    "{endpoint}: not tried, because there is no connection to the server: {reason}; nothing was sent"
                )
            }
            Self::Unreachable { endpoint, attempts, reason } => {
                write!(
                    f,
                    "{endpoint}: no connection to the server in {}: {reason}; nothing was sent",
                    Attempts(*attempts)
                )
            }
            Self::RateLimited { endpoint, attempts: 0, msg } => {
                write!(f, "{endpoint}: the call got no turn in time{}; nothing was sent", Said(msg))
            }
            Self::RateLimited { endpoint, attempts, msg } => {
                write!(
                    f,
                    "{endpoint}: the server accepts no more calls for now{} ({}); nothing was executed",
                    Said(msg),
                    Attempts(*attempts)
                )
            }
            Self::Unauthorized { endpoint, code, msg, attempts, clock_offset } => {
                write!(
                    f,
                    "{endpoint}: the server does not accept the signature (code {code}{}{}); {}",
                    Said(msg),
                    MoreThanOne(*attempts),
                    Advice(*code, *clock_offset)
                )
            }
            Self::Rejected { endpoint, code, msg, attempts } => {
                let answered = if steps::is_store(endpoint) { "HTTP" } else { "code" };
                write!(f, "{endpoint}: the server answered with {answered} {code}{}", Said(msg))?;
                if *attempts > 1 {
                    write!(f, " ({})", Attempts(*attempts))?;
                }
                match self.proof() != Proof::NotExecuted || steps::is_store(endpoint) {
                    true => write!(f, "{}", Doubt(endpoint)),
                    false => Ok(()),
                }
            }
            Self::NotSupported { endpoint, .. } => {
                write!(f, "{endpoint}: this server, or its edition, does not have the endpoint; nothing was executed")
            }
            Self::BadRequest { endpoint, status, body, attempts } => {
                write!(
                    f,
                    "{endpoint}: the server could not read the request (HTTP {status}{}{}); nothing was executed",
                    Excerpt(body),
                    MoreThanOne(*attempts)
                )
            }
            Self::TimedOut { endpoint, attempts, elapsed } => {
                let seconds = elapsed.as_secs_f64();
                write!(
                    f,
                    "{endpoint}: no complete answer within {seconds:.1} s ({}){}",
                    Attempts(*attempts),
                    Doubt(endpoint)
                )
            }
            Self::ConnectionLost { endpoint, attempts, reason } => {
                write!(
                    f,
                    "{endpoint}: the connection was lost after the request was sent: {reason} ({}){}",
                    Attempts(*attempts),
                    Doubt(endpoint)
                )
            }
            Self::InvalidResponse { endpoint, status, reason, body, attempts } => {
                write!(
                    f,
                    "{endpoint}: the answer {}: {reason} (HTTP {status}{}{}){}",
                    match steps::is_store(endpoint) {
                        true => "is not one that a file store gives",
                        false => "does not belong to this API",
                    },
                    Excerpt(body),
                    MoreThanOne(*attempts),
                    Doubt(endpoint)
                )
            }
            Self::Interrupted { endpoint, sent: false, .. } => {
                write!(f, "{endpoint}: interrupted; nothing was executed")
            }
            Self::Interrupted { endpoint, sent: true, .. } => {
                write!(f, "{endpoint}: interrupted after the request was sent{}", Doubt(endpoint))
            }
            Self::StreamFailed { reason, characters, shown, is_marked, may_be_finished, .. } => {
                let seen = Seen { characters: *characters, shown: *shown };
                match (*may_be_finished, *shown, *is_marked) {
                    (true, 0, _) => write!(f, "{reason}; receivers see the whole text, or nothing of it"),
                    (true, ..) => write!(f, "{reason}; receivers see the whole text, or {seen}, which look unfinished"),
                    (false, 0, _) => write!(f, "{reason}; receivers see nothing of the text"),
                    (false, _, true) => write!(f, "{reason}; receivers see {seen}, marked as cancelled"),
                    (false, _, false) => write!(f, "{reason}; receivers may see {seen}, which look unfinished"),
                }
            }
            Self::FailedAfterUpload { reason, .. } => {
                write!(f, "{reason}; the file has been uploaded, and remote_media_url says where it is")
            }
            Self::Pending { ticket } => write!(f, "the call continues: resume or cancel ticket {ticket}"),
        }
    }
}

impl std::error::Error for MessageError {}

/// What nobody knows of a call; and what is known of an upload, whatever became of it.
struct Doubt<'a>(&'a str);

impl fmt::Display for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if steps::is_step(self.0) {
            "; no message was sent"
        } else {
            "; the server may have executed the request"
        })
    }
}

/// ": " and the server's words, where it gave any.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

/// "12 of 34 characters".
struct Seen {
    characters: i64,
    shown: i64,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} characters", self.shown, self.characters)
    }
}

/// "1 attempt", "3 attempts".
struct Attempts(i32);

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} attempt{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// "; 3 attempts", where it took more than one.
struct MoreThanOne(i32);

impl fmt::Display for MoreThanOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 1 { write!(f, "; {}", Attempts(self.0)) } else { Ok(()) }
    }
}

/// What to look at first when a signature is refused: the code, and what the answer's date said of the clocks.
struct Advice(i32, Option<i64>);

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 != ErrorCode::SignExpired as i32 {
            f.write_str(
                "check that the secret is right and has no spaces, line break or quotes around it, and that no proxy on the way to the server removes the headers nonce, timestamp and sign",
            )?;
            return match self.0 {
                401 | 403 => f.write_str(" or requires a login of its own"),
                _ => Ok(()),
            };
        }
        match self.1 {
            Some(offset) if offset.unsigned_abs() >= WORTH_NAMING_MS => {
                let side = if offset < 0 { "behind" } else { "ahead of" };
                write!(f, "this machine's clock is {} {side} the clock that dated the answer", Span(offset.unsigned_abs()))
            }
            Some(_) => f.write_str(
                "this machine's clock agrees with the clock that dated the answer, which may be a proxy's: compare the server's own clock with the true time (`date -u`)",
            ),
            None => f.write_str(
                "this machine's clock is more than 2 hours behind or ahead of the server's: compare both with the \
                 true time (`date -u`)",
            ),
        }
    }
}

/// Clocks that differ by less are as good as the same: the way of the answer and its date's whole seconds are in it too.
const WORTH_NAMING_MS: u64 = 60_000;

/// "2 h 5 min", "3 d 1 h", "7 min": milliseconds, in the two largest units.
pub struct Span(pub u64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.0 / 60_000;
        let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        match (days, hours) {
            (0, 0) => write!(f, "{minutes} min"),
            (0, _) => write!(f, "{hours} h {minutes} min"),
            _ => write!(f, "{days} d {hours} h"),
        }
    }
}

/// The first words of what the server sent, on one line.
struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 120;
        let words: Vec<&str> = self.0.split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(LONGEST) {
            _ if line.is_empty() => Ok(()),
            Some((end, _)) => write!(f, ": {}…", &line[..end]),
            None => write!(f, ": {line}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text, with what it says of the server having acted.
    #[test]
    fn every_error_is_one_plain_sentence_that_names_the_endpoint() {
        let endpoint = || "message/send".to_owned();
        let elapsed = Duration::from_millis(15_020);
        let failed = |shown, is_marked, may_be_finished| MessageError::StreamFailed {
            endpoint: endpoint(),
            reason: MessageError::TimedOut { endpoint: endpoint(), attempts: 1, elapsed: Duration::from_secs(1) }
                .to_string(),
            code: 0,
            characters: 9,
            shown,
            is_marked,
            may_be_finished,
        };
        #[rustfmt::skip]
        let table = [
            (MessageError::invalid("targets[2]", "it is empty"), false,
             "invalid argument targets[2]: it is empty"),
            (MessageError::Unreachable { endpoint: endpoint(), attempts: 1, reason: "Connection refused".into() }, false,
             "message/send: no connection to the server in 1 attempt: Connection refused; nothing was sent"),
            (MessageError::Unreachable { endpoint: endpoint(), attempts: 0, reason: "Connection refused".into() }, false,
             "message/send: not tried, because there is no connection to the server: Connection refused; nothing was sent"),
            (MessageError::RateLimited { endpoint: endpoint(), attempts: 3, msg: "over frequency".into() }, false,
             "message/send: the server accepts no more calls for now: over frequency (3 attempts); nothing was executed"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 244, msg: "auth failure".into(), attempts: 1, clock_offset: None }, false,
             "message/send: the server does not accept the signature (code 244: auth failure); check that the secret is right and has no spaces, line break or quotes around it, and that no proxy on the way to the server removes the headers nonce, timestamp and sign"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 401, msg: "HTTP 401".into(), attempts: 1, clock_offset: None }, false,
             "message/send: the server does not accept the signature (code 401: HTTP 401); check that the secret is right and has no spaces, line break or quotes around it, and that no proxy on the way to the server removes the headers nonce, timestamp and sign or requires a login of its own"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 243, msg: "sign expired".into(), attempts: 1, clock_offset: None }, false,
             "message/send: the server does not accept the signature (code 243: sign expired); this machine's clock is more than 2 hours behind or ahead of the server's: compare both with the true time (`date -u`)"),
            (MessageError::Rejected { endpoint: endpoint(), code: 253, msg: "not exist".into(), attempts: 1 }, false,
             "message/send: the server answered with code 253: not exist"),
            (MessageError::Rejected { endpoint: endpoint(), code: 221, msg: String::new(), attempts: 1 }, false,
             "message/send: the server answered with code 221"),
            (MessageError::Rejected { endpoint: endpoint(), code: 900, msg: String::new(), attempts: 1 }, true,
             "message/send: the server answered with code 900; the server may have executed the request"),
            (MessageError::Rejected { endpoint: endpoint(), code: 249, msg: "timeout".into(), attempts: 1 }, true,
             "message/send: the server answered with code 249: timeout; the server may have executed the request"),
            (MessageError::Rejected { endpoint: endpoint(), code: 4, msg: "server error".into(), attempts: 1 }, true,
             "message/send: the server answered with code 4: server error; the server may have executed the request"),
            (MessageError::NotSupported { endpoint: endpoint(), attempts: 1 }, false,
             "message/send: this server, or its edition, does not have the endpoint; nothing was executed"),
            (MessageError::BadRequest { endpoint: endpoint(), status: 500, body: "bad\n  base64".into(), attempts: 1 }, false,
             "message/send: the server could not read the request (HTTP 500: bad base64); nothing was executed"),
            (MessageError::BadRequest { endpoint: endpoint(), status: 413, body: String::new(), attempts: 1 }, false,
             "message/send: the server could not read the request (HTTP 413); nothing was executed"),
            (MessageError::TimedOut { endpoint: endpoint(), attempts: 1, elapsed }, true,
             "message/send: no complete answer within 15.0 s (1 attempt); the server may have executed the request"),
            (MessageError::ConnectionLost { endpoint: endpoint(), attempts: 1, reason: "reset by peer".into() }, true,
             "message/send: the connection was lost after the request was sent: reset by peer (1 attempt); the server may have executed the request"),
            (MessageError::InvalidResponse { endpoint: endpoint(), status: 200, reason: "it is empty".into(), body: String::new(), attempts: 1 }, true,
             "message/send: the answer does not belong to this API: it is empty (HTTP 200); the server may have executed the request"),
            (MessageError::InvalidResponse { endpoint: endpoint(), status: 502, reason: "it is HTML".into(), body: "<p>".into(), attempts: 1 }, true,
             "message/send: the answer does not belong to this API: it is HTML (HTTP 502: <p>); the server may have executed the request"),
            (MessageError::Interrupted { endpoint: endpoint(), sent: false, attempts: 1 }, false,
             "message/send: interrupted; nothing was executed"),
            (MessageError::Interrupted { endpoint: endpoint(), sent: true, attempts: 1 }, true,
             "message/send: interrupted after the request was sent; the server may have executed the request"),
            (MessageError::RateLimited { endpoint: endpoint(), attempts: 0, msg: "the client's own rate_limit is 5 per second".into() }, false,
             "message/send: the call got no turn in time: the client's own rate_limit is 5 per second; nothing was sent"),
            (MessageError::Rejected { endpoint: endpoint(), code: 249, msg: "timeout".into(), attempts: 3 }, true,
             "message/send: the server answered with code 249: timeout (3 attempts); the server may have executed the request"),
            (MessageError::InvalidResponse { endpoint: endpoint(), status: 502, reason: "it is HTML".into(), body: "<p>".into(), attempts: 3 }, true,
             "message/send: the answer does not belong to this API: it is HTML (HTTP 502: <p>; 3 attempts); the server may have executed the request"),
            (MessageError::BadRequest { endpoint: endpoint(), status: 500, body: "bad".into(), attempts: 2 }, false,
             "message/send: the server could not read the request (HTTP 500: bad; 2 attempts); nothing was executed"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 243, msg: "sign expired".into(), attempts: 2, clock_offset: Some(-7_500_000) }, false,
             "message/send: the server does not accept the signature (code 243: sign expired; 2 attempts); this \
              machine's clock is 2 h 5 min behind the clock that dated the answer"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 243, msg: "sign expired".into(), attempts: 1, clock_offset: Some(90_000_000_000) }, false,
             "message/send: the server does not accept the signature (code 243: sign expired); this machine's clock \
              is 1041 d 16 h ahead of the clock that dated the answer"),
            (MessageError::Unauthorized { endpoint: endpoint(), code: 243, msg: "sign expired".into(), attempts: 1, clock_offset: Some(2_000) }, false,
             "message/send: the server does not accept the signature (code 243: sign expired); this machine's clock \
              agrees with the clock that dated the answer, which may be a proxy's: compare the server's own clock \
              with the true time (`date -u`)"),
            (MessageError::Unreachable { endpoint: "file store".into(), attempts: 3, reason: "up.example.com: Connection refused".into() }, false,
             "file store: no connection to the server in 3 attempts: up.example.com: Connection refused; nothing was sent"),
            (MessageError::Rejected { endpoint: "file store".into(), code: 403, msg: "<Code>Expired</Code>".into(), attempts: 2 }, false,
             "file store: the server answered with HTTP 403: <Code>Expired</Code> (2 attempts); no message was sent"),
            (MessageError::TimedOut { endpoint: "backup file store".into(), attempts: 2, elapsed }, false,
             "backup file store: no complete answer within 15.0 s (2 attempts); no message was sent"),
            (MessageError::TimedOut { endpoint: "oss/get_upload_url".into(), attempts: 1, elapsed }, false,
             "oss/get_upload_url: no complete answer within 15.0 s (1 attempt); no message was sent"),
            (MessageError::ConnectionLost { endpoint: "file store".into(), attempts: 1, reason: "reset".into() }, false,
             "file store: the connection was lost after the request was sent: reset (1 attempt); no message was sent"),
            (MessageError::InvalidResponse { endpoint: "file store".into(), status: 502, reason: "its status is neither 200 nor 201".into(), body: "<p>".into(), attempts: 1 }, false,
             "file store: the answer is not one that a file store gives: its status is neither 200 nor 201 (HTTP 502: <p>); no message was sent"),
            (MessageError::Interrupted { endpoint: "file store".into(), sent: true, attempts: 1 }, false,
             "file store: interrupted after the request was sent; no message was sent"),
            (failed(3, false, true), true,
             "message/send: no complete answer within 1.0 s (1 attempt); the server may have executed the request; receivers see the whole text, or 3 of 9 characters, which look unfinished"),
            (failed(0, false, true), true,
             "message/send: no complete answer within 1.0 s (1 attempt); the server may have executed the request; receivers see the whole text, or nothing of it"),
            (failed(0, false, false), false,
             "message/send: no complete answer within 1.0 s (1 attempt); the server may have executed the request; receivers see nothing of the text"),
            (failed(3, true, false), false,
             "message/send: no complete answer within 1.0 s (1 attempt); the server may have executed the request; receivers see 3 of 9 characters, marked as cancelled"),
            (failed(3, false, false), false,
             "message/send: no complete answer within 1.0 s (1 attempt); the server may have executed the request; receivers may see 3 of 9 characters, which look unfinished"),
            (MessageError::Rejected { endpoint: endpoint(), code: 248, msg: "no right".into(), attempts: 1 }.after_upload("http://s/1.jpg".into()), false,
             "message/send: the server answered with code 248: no right; the file has been uploaded, and remote_media_url says where it is"),
            (MessageError::TimedOut { endpoint: endpoint(), attempts: 1, elapsed }.after_upload("http://s/1.jpg".into()), true,
             "message/send: no complete answer within 15.0 s (1 attempt); the server may have executed the request; the file has been uploaded, and remote_media_url says where it is"),
            (MessageError::Pending { ticket: 7 }, true,
             "the call continues: resume or cancel ticket 7"),
        ];
        for (error, may_have_executed, text) in table {
            assert_eq!(error.to_string(), text);
            assert_eq!(error.may_have_executed(), may_have_executed, "{text}");
            if let MessageError::FailedAfterUpload { kind, .. } = &error {
                assert_eq!(error.kind(), kind);
            } else if !matches!(error, MessageError::Pending { .. }) {
                let name = format!("{error:?}");
                assert_eq!(error.kind(), name.split(' ').next().unwrap_or_default());
            }
        }
    }

    #[test]
    fn an_interrupt_at_the_answer_says_that_it_was_executed() {
        let interrupted = MessageError::Interrupted { endpoint: "message/send".into(), sent: true, attempts: 1 };
        assert_eq!(
            interrupted.sentence_when_executed(Some(588_582_842_607_370_241)),
            "message/send: interrupted when the answer had already arrived; the request was executed as message 588582842607370241"
        );
        let text = interrupted.sentence_when_executed(None);
        assert_eq!(text, "message/send: interrupted when the answer had already arrived; the request was executed");
        let other = MessageError::NotSupported { endpoint: "message/send".into(), attempts: 1 };
        assert_eq!(other.sentence_when_executed(None), other.sentence());
    }

    #[test]
    fn a_long_answer_is_cut_at_a_whole_character() {
        let body = "🔥".repeat(200);
        let error = MessageError::BadRequest { endpoint: "message/send".into(), status: 400, body, attempts: 1 };
        assert!(error.to_string().contains(&format!(": {}…)", "🔥".repeat(120))), "{error}");
    }
}
