//! What became of a call, attempt by attempt: the [`Journal`] that a call keeps where somebody listens, and the
//! [`CallRecord`] that its caller may take afterwards.
//!
//! The library makes no callbacks: the code that gets the answer or the error asks for the record, on the same thread
//! (docs/adr/0026).

use std::{
    cell::RefCell,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use reqwest::Url;

use crate::{
    MessageError,
    log_line::{LogLevel, LogLine, lower, wanted_by_rust},
    numbers::ErrorCode,
};

/// What became of a call. Neither the secret nor anything of the request is in it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CallRecord {
    /// The endpoint, such as `message/send`.
    pub endpoint: String,
    /// When it was begun.
    pub started: SystemTime,
    /// How long it took in all.
    pub duration: Duration,
    /// How long it waited for its turns, because of the client's limit.
    pub waited: Duration,
    /// How often it was tried.
    pub attempts: i64,
    /// The name of the error that it failed with, such as `TimedOut`.
    pub error: Option<String>,
    /// Whether the server may have executed the request although the call failed.
    pub may_have_executed: bool,
    /// The attempts: all of them where each call is listened to, otherwise those that failed.
    pub tries: Vec<AttemptRecord>,
    /// What the application's log should say of it.
    pub lines: Vec<LogLine>,
}

/// What became of one attempt of a call.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AttemptRecord {
    /// What was asked, such as `message/send`. It is not the call's endpoint where a message has a file: first the server is
    /// asked for an address.
    pub endpoint: String,
    /// Which one, from 1.
    pub number: i32,
    /// The server's host, as the base URL names it.
    pub host: String,
    /// The server's port.
    pub port: i32,
    /// When it was begun.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// How long it waited for its turn, because of the client's limit.
    pub waited: Duration,
    /// The HTTP status of the answer; left out where none came.
    pub status: Option<i32>,
    /// The server's code; left out where it said none.
    pub code: Option<i32>,
    /// The name of the error that it failed with, such as `TimedOut`.
    pub error: Option<String>,
    /// What it failed with, as one sentence.
    pub reason: Option<String>,
    /// Whether the server may have executed the request although the call failed.
    pub may_have_executed: bool,
    /// The pause after it, where it was tried again.
    pub pause: Option<Duration>,
}

/// What of its calls a client's application wants to hear.
#[derive(Default)]
pub(crate) struct Listening(AtomicU8);

impl Listening {
    pub(crate) fn set(&self, level: Option<LogLevel>) {
        self.0.store(level.map_or(0, LogLevel::much), Ordering::Relaxed);
    }

    pub(crate) fn level(&self) -> Option<LogLevel> {
        LogLevel::of(self.0.load(Ordering::Relaxed).into())
    }

    /// A journal for a call that begins, where somebody listens: the application, or Rust's own log.
    pub(crate) fn journal(&self, endpoint: &'static str) -> Option<Journal> {
        let asked = self.level();
        if asked.is_some() {
            forget();
        }
        let level = lower(asked, wanted_by_rust())?;
        Some(Journal {
            endpoint,
            asked,
            level,
            started: SystemTime::now(),
            begun: Instant::now(),
            book: Mutex::default(),
        })
    }
}

/// What a call writes down about itself.
pub(crate) struct Journal {
    endpoint: &'static str,
    /// What the application wants to hear, and what it or Rust's own log does.
    asked: Option<LogLevel>,
    level: LogLevel,
    started: SystemTime,
    begun: Instant,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    tries: Vec<AttemptRecord>,
    lines: Vec<LogLine>,
    /// How long it has waited for the turns that it had, and for the one of the next attempt.
    waited: Duration,
    waiting: Duration,
    /// The status and code of the last answer.
    status: Option<i32>,
    code: Option<i32>,
}

impl Journal {
    /// It waits for its turn.
    pub(crate) fn waits(&self, time: Duration) {
        self.book().waiting += time;
    }

    /// An answer has come.
    pub(crate) fn answered(&self, status: u16) {
        self.book().status = Some(status.into());
    }

    /// An attempt at the server of this base URL, begun so long ago, has come to its end.
    pub(crate) fn ends(&self, number: u32, base: &str, took: Duration, error: Option<&MessageError>) {
        let mut book = self.book();
        let waited = std::mem::take(&mut book.waiting);
        book.waited += waited;
        let status = book.status;
        book.code = match error {
            None => Some(0),
            Some(error) => code_of(error, status),
        };
        if error.is_none() && self.level > LogLevel::Debug {
            return;
        }
        let url = Url::parse(base).ok();
        let code = book.code;
        book.tries.push(AttemptRecord {
            endpoint: self.endpoint.to_owned(),
            number: i32::try_from(number).unwrap_or(i32::MAX),
            host: url.as_ref().and_then(Url::host_str).unwrap_or_default().to_owned(),
            port: url.as_ref().and_then(Url::port_or_known_default).unwrap_or_default().into(),
            started: SystemTime::now().checked_sub(took).unwrap_or(self.started),
            duration: took,
            waited,
            status,
            code,
            error: error.map(|error| error.kind().to_owned()),
            reason: error.map(ToString::to_string),
            may_have_executed: error.is_some_and(MessageError::may_have_executed),
            pause: None,
        });
    }

    /// It is tried again after a pause.
    pub(crate) fn again(&self, pause: Duration) {
        let mut book = self.book();
        // The next attempt has an answer of its own, or none.
        (book.status, book.code) = (None, None);
        let Some(last) = book.tries.last_mut() else { return };
        last.pause = Some(pause);
        if self.level <= LogLevel::Info {
            let line = tried_again(self.endpoint, last, pause);
            line.say();
            book.lines.push(line);
        }
    }

    /// The call is over: what is worth a line goes to Rust's log, and what the application asked for is kept for it on this
    /// thread.
    pub(crate) fn closes(&self, attempts: u32, error: Option<&MessageError>) {
        let book = std::mem::take(&mut *self.book());
        let may_have_executed = error.is_some_and(MessageError::may_have_executed);
        let mut record = CallRecord {
            endpoint: self.endpoint.to_owned(),
            started: self.started,
            duration: self.begun.elapsed(),
            waited: book.waited + book.waiting,
            attempts: attempts.into(),
            error: error.map(|error| error.kind().to_owned()),
            may_have_executed,
            tries: book.tries,
            lines: book.lines,
        };
        let level = if may_have_executed { LogLevel::Warning } else { LogLevel::Debug };
        if self.level <= level {
            let last = LogLine { status: book.status, code: book.code, ..ended(level, &record, error) };
            last.say();
            record.lines.push(last);
        }
        let Some(asked) = self.asked else { return };
        record.lines.retain(|line| line.level >= asked);
        if asked == LogLevel::Debug || !record.lines.is_empty() {
            keep(record);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server's code, where the answer had one.
fn code_of(error: &MessageError, status: Option<i32>) -> Option<i32> {
    match error {
        MessageError::Rejected { code, .. } | MessageError::Unauthorized { code, .. } if Some(*code) != status => {
            Some(*code)
        }
        MessageError::RateLimited { .. } if status == Some(200) => Some(ErrorCode::OverFrequency as i32),
        _ => None,
    }
}

fn tried_again(endpoint: &str, attempt: &AttemptRecord, pause: Duration) -> LogLine {
    let reason = attempt.reason.as_deref().unwrap_or_default();
    let text = format!("{reason}; tried again after {:.1} s", pause.as_secs_f64());
    LogLine {
        outcome: attempt.error.clone().unwrap_or_default(),
        attempts: attempt.number.into(),
        status: attempt.status,
        code: attempt.code,
        duration: attempt.duration,
        waited: attempt.waited,
        may_have_executed: attempt.may_have_executed,
        ..LogLine::of_call(LogLevel::Info, endpoint, text)
    }
}

fn ended(level: LogLevel, record: &CallRecord, error: Option<&MessageError>) -> LogLine {
    let seconds = record.duration.as_secs_f64();
    let text = match (error, record.attempts) {
        (Some(error), _) => format!("{error}; it took {seconds:.3} s"),
        (None, 1) => format!("{}: answered in {seconds:.3} s", record.endpoint),
        (None, attempts) => format!("{}: answered in {seconds:.3} s ({attempts} attempts)", record.endpoint),
    };
    LogLine {
        outcome: record.error.clone().unwrap_or_else(|| "Answered".to_owned()),
        attempts: record.attempts,
        duration: record.duration,
        waited: record.waited,
        may_have_executed: record.may_have_executed,
        ..LogLine::of_call(level, &record.endpoint, text)
    }
}

thread_local! {
    /// What became of the last call whose outcome this thread has had.
    static LAST: RefCell<Option<Box<CallRecord>>> = const { RefCell::new(None) };
}

/// The records of calls that are one call for the caller, such as an upload and the message after it.
#[derive(Default)]
pub(crate) struct Joined(Option<CallRecord>);

impl Joined {
    /// Takes what this thread has of the call that has just ended, if one has.
    pub(crate) fn adds_last(&mut self) {
        let Some(last) = take() else { return };
        self.0 = Some(match self.0.take() {
            Some(earlier) => last.after(earlier),
            None => last,
        });
    }

    /// All of it is over: keeps it for the caller on this thread. `error` is what it failed with.
    pub(crate) fn closes(&mut self, error: Option<&MessageError>) {
        let Some(mut record) = self.0.take() else { return };
        record.duration = record.started.elapsed().unwrap_or(record.duration);
        if let (Some(error), None) = (error, &record.error) {
            record.fails_after_all(error);
        }
        keep(record);
    }
}

impl CallRecord {
    /// Together with the calls before it, which are one with it for the caller.
    fn after(self, earlier: Self) -> Self {
        let Self { started, waited, mut tries, mut lines, .. } = earlier;
        tries.extend(self.tries);
        lines.extend(self.lines);
        Self { started, waited: waited + self.waited, tries, lines, ..self }
    }

    /// Its calls were answered, but what came in between failed: the store of a file, which is no call.
    fn fails_after_all(&mut self, error: &MessageError) {
        if let Some(step) = error.endpoint() {
            step.clone_into(&mut self.endpoint);
        }
        self.error = Some(error.kind().to_owned());
        self.may_have_executed = error.may_have_executed();
        // Who hears that the question was answered hears of the store, too.
        if self.lines.iter().any(|line| line.level == LogLevel::Debug) {
            let line = ended(LogLevel::Debug, self, Some(error));
            line.say();
            self.lines.push(line);
        }
    }
}

fn keep(record: CallRecord) {
    // In the last moments of a thread nobody can ask any more.
    let _ = LAST.try_with(|last| *last.borrow_mut() = Some(Box::new(record)));
}

/// Removes the record of the call before.
pub(crate) fn forget() {
    take();
}

/// Takes what is known of the last call whose outcome this thread has had, where it was asked for.
pub(crate) fn take() -> Option<CallRecord> {
    LAST.try_with(|last| last.borrow_mut().take()).ok().flatten().map(|record| *record)
}
