//! Calls whose callers went away for a moment: to look for Ctrl-C, an interrupt, a cancelled task.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use super::Progress;
use crate::{MessageError, per_process::PerProcess};

/// A call that goes on when somebody waits for it again; dropping it ends it.
pub(crate) struct ParkedCall<A> {
    pub(crate) endpoint: &'static str,
    pub(crate) progress: Arc<Progress>,
    pub(crate) future: Pin<Box<dyn Future<Output = Result<A, MessageError>> + Send>>,
}

/// The parked calls of a client, by ticket. A forked child has none: those of its parent go on there.
pub(crate) struct Parked<A> {
    calls: PerProcess<Mutex<HashMap<i64, ParkedCall<A>>>>,
    next_ticket: AtomicI64,
}

impl<A> Default for Parked<A> {
    fn default() -> Self {
        Self { calls: PerProcess::new(), next_ticket: AtomicI64::new(1) }
    }
}

impl<A> Parked<A> {
    /// Keeps a call and gives its ticket.
    pub(crate) fn park(&self, call: ParkedCall<A>) -> i64 {
        let ticket = self.next_ticket.fetch_add(1, Ordering::Relaxed);
        self.calls().insert(ticket, call);
        ticket
    }

    /// Takes a call out, for waiting on or for dropping.
    pub(crate) fn take(&self, ticket: i64) -> Result<ParkedCall<A>, MessageError> {
        let unknown = || MessageError::invalid("ticket", format!("{ticket} stands for no call that goes on"));
        self.calls().remove(&ticket).ok_or_else(unknown)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<i64, ParkedCall<A>>> {
        self.calls.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}
