//! Calls under way, and those whose callers went away for a moment: to look for Ctrl-C, an interrupt, a cancelled task.

use std::{
    collections::HashMap,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use super::{Progress, record::Journal, station::Station};
use crate::{MessageError, per_process::PerProcess, stats::Tally};

/// A call that continues while a thread waits for it; dropping it ends the call and its connection.
pub(crate) struct Running<T> {
    pub(crate) endpoint: &'static str,
    pub(crate) progress: Arc<Progress>,
    /// What it writes down, where somebody listens.
    pub(super) journal: Option<Arc<Journal>>,
    /// What gives the call's outcome. It ends before the station that it happens at.
    pub(super) task: T,
    pub(super) station: Station,
}

/// What gives a call's outcome.
pub(crate) type Task<T> = Pin<Box<dyn Future<Output = Result<T, MessageError>> + Send>>;

/// A call that waits to be waited for again.
pub(crate) type Parked<A> = Running<Task<A>>;

impl<T: Send + 'static> Running<Task<T>> {
    /// The same call, for keeping.
    pub(crate) fn parked<A>(self) -> Parked<A>
    where
        T: Into<A>,
    {
        let Self { endpoint, progress, journal, task, station } = self;
        Running { endpoint, progress, journal, task: Box::pin(async move { task.await.map(Into::into) }), station }
    }
}

impl<T> Running<T> {
    /// Ends it: no request goes out afterwards. Tells whether one had already left.
    pub(crate) fn interrupt(self) -> MessageError {
        self.end(interrupted)
    }

    /// Ends it because nobody can wait for it.
    pub(super) fn fails_for(self, reason: &io::Error) -> MessageError {
        self.end(|endpoint, progress| no_runtime(endpoint, progress, reason))
    }

    fn end(self, told: impl FnOnce(&str, &Progress) -> MessageError) -> MessageError {
        let Self { endpoint, progress, journal, task, station } = self;
        drop(task);
        // With it all that the call still had to do.
        drop(station);
        let error = told(endpoint, &progress);
        if let Some(journal) = journal {
            journal.closes(progress.attempts(), Some(&error));
        }
        error
    }
}

/// A call that is counted: as under way, and by its outcome at the end. If it is dropped before, the call was given up.
pub(super) struct Counted {
    tally: Arc<Tally>,
    endpoint: &'static str,
    progress: Arc<Progress>,
    ended: bool,
}

impl Counted {
    pub(super) fn new(tally: &Arc<Tally>, endpoint: &'static str, progress: &Arc<Progress>) -> Self {
        tally.begins();
        Self { tally: Arc::clone(tally), endpoint, progress: Arc::clone(progress), ended: false }
    }

    pub(super) fn ends(mut self, error: Option<&MessageError>) {
        self.ended = true;
        self.tally.ends(error);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if !self.ended {
            self.tally.ends(Some(&interrupted(self.endpoint, &self.progress)));
        }
    }
}

/// What is known of a call that nobody waits for any more.
pub(crate) fn interrupted(endpoint: &str, progress: &Progress) -> MessageError {
    MessageError::Interrupted { endpoint: endpoint.to_owned(), sent: progress.sent(), attempts: attempts(progress) }
}

/// The system gives no thread or no file to wait with.
pub(crate) fn no_runtime(endpoint: &str, progress: &Progress, error: &io::Error) -> MessageError {
    let (endpoint, attempts) = (endpoint.to_owned(), attempts(progress));
    let reason = format!("the internal runtime does not work: {error}");
    match progress.sent() {
        true => MessageError::ConnectionLost { endpoint, attempts, reason },
        false => MessageError::Unreachable { endpoint, attempts, reason },
    }
}

fn attempts(progress: &Progress) -> i32 {
    i32::try_from(progress.attempts()).unwrap_or(i32::MAX)
}

/// The parked calls of a client, by ticket. A forked child has none: those of its parent continue there.
pub(crate) struct ParkedCalls<A> {
    calls: PerProcess<Mutex<HashMap<i64, Parked<A>>>>,
    next_ticket: AtomicI64,
}

impl<A> Default for ParkedCalls<A> {
    fn default() -> Self {
        Self { calls: PerProcess::new(), next_ticket: AtomicI64::new(1) }
    }
}

impl<A> ParkedCalls<A> {
    /// Keeps a call and gives its ticket.
    pub(crate) fn park(&self, call: Parked<A>) -> i64 {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        self.calls().insert(ticket, call);
        ticket
    }

    /// Takes a call out, for waiting on or for dropping.
    pub(crate) fn take(&self, ticket: i64) -> Result<Parked<A>, MessageError> {
        let unknown = || MessageError::invalid("ticket", format!("{ticket} is not the ticket of an unfinished call"));
        self.calls().remove(&ticket).ok_or_else(unknown)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<i64, Parked<A>>> {
        self.calls.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}
