//! What an application's log says of calls: [`LogLine`], worded here for every language.

use std::time::Duration;

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, uniffi::Enum)]
pub enum LogLevel {
    /// How each call came to its end.
    Debug,
    /// A call was tried again; many messages wait, continue, or ended after waiting or with failures.
    Info,
    /// Nobody knows whether the server executed a call.
    Warning,
}

impl LogLevel {
    /// How much is heard at this level, as a number: 1 for warnings, 2 for calls that were tried again too, 3 for each call.
    pub(crate) const fn much(self) -> u8 {
        match self {
            Self::Warning => 1,
            Self::Info => 2,
            Self::Debug => 3,
        }
    }

    /// The level of such a number; 0 is none.
    pub(crate) const fn of(much: i32) -> Option<Self> {
        match much {
            0 => None,
            1 => Some(Self::Warning),
            2 => Some(Self::Info),
            _ => Some(Self::Debug),
        }
    }
}

/// A line for the application's log, with what it says as fields. Neither the secret nor anything of a request is in it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// What there is to say, as one sentence.
    pub text: String,
    /// The endpoint, such as `message/send`.
    pub endpoint: String,
    /// `Answered`, or the name of the error, such as `TimedOut`; of many messages `Waiting`, `GoesOn` or `Finished`.
    pub outcome: String,
    /// How often it was tried so far.
    pub attempts: i64,
    /// The HTTP status of the last answer; left out where none came.
    pub status: Option<i32>,
    /// The server's code in the last answer; left out where it said none.
    pub code: Option<i32>,
    /// How long it took: the call, one attempt where it was tried again, or the wait of many messages.
    pub duration: Duration,
    /// How long it waited for its turn, because of a limit.
    pub waited: Duration,
    /// Whether the server may have executed the request although the call failed.
    pub may_have_executed: bool,
    /// Of many messages: how many were sent so far.
    pub sent: Option<i64>,
    /// Of many messages: how many failed so far and were not executed.
    pub failed: Option<i64>,
    /// Of many messages: how many failed so far and may have been executed.
    pub unknown: Option<i64>,
}

impl LogLine {
    /// A line of one call, of which nothing more is known yet.
    pub(crate) fn of_call(level: LogLevel, endpoint: &str, text: String) -> Self {
        Self {
            level,
            text,
            endpoint: endpoint.to_owned(),
            outcome: String::new(),
            attempts: 0,
            status: None,
            code: None,
            duration: Duration::ZERO,
            waited: Duration::ZERO,
            may_have_executed: false,
            sent: None,
            failed: None,
            unknown: None,
        }
    }

    /// Says it to Rust's own log.
    pub(crate) fn say(&self) {
        let level = match self.level {
            LogLevel::Debug => log::Level::Debug,
            LogLevel::Info => log::Level::Info,
            LogLevel::Warning => log::Level::Warn,
        };
        log::log!(target: "wildfirechat_message", level, "{}", self.text);
    }
}

/// What Rust's own log wants to hear.
pub(crate) fn wanted_by_rust() -> Option<LogLevel> {
    match log::max_level() {
        log::LevelFilter::Off | log::LevelFilter::Error => None,
        log::LevelFilter::Warn => Some(LogLevel::Warning),
        log::LevelFilter::Info => Some(LogLevel::Info),
        log::LevelFilter::Debug | log::LevelFilter::Trace => Some(LogLevel::Debug),
    }
}

/// The one that wants to hear more.
pub(crate) fn lower(one: Option<LogLevel>, other: Option<LogLevel>) -> Option<LogLevel> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
