//! A run of an outbox's worker, on a thread of its own: [`OutboxRun`].

use std::{
    process,
    sync::{Arc, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::Notify;

use super::{
    OutboxError, OutboxSender, RunProgress,
    database::Store,
    shared::{Orders, Shared},
    worker::Worker,
};

/// A worker on its way.
///
/// When it is dropped it stops: what is under way comes to its end, in the background, and what it holds goes back.
pub struct OutboxRun {
    shared: Arc<Shared>,
    thread: Option<thread::JoinHandle<()>>,
    process: u32,
}

impl OutboxRun {
    /// Begins one; `news` wakes it when somebody in this process has put something.
    pub(super) fn begin(
        sender: OutboxSender,
        store: Arc<Store>,
        orders: Orders,
        news: Arc<Notify>,
    ) -> Result<Self, OutboxError> {
        let shared = Arc::new(Shared::new(news));
        let worker = Worker { sender, store, shared: Arc::clone(&shared), orders };
        let thread = thread::Builder::new()
            .name("wildfirechat-outbox".to_owned())
            .spawn(move || worker.live())
            .map_err(|error| OutboxError::StoreUnavailable {
                reason: format!("no thread could be started for the worker: {error}"),
            })?;
        Ok(Self { shared, thread: Some(thread), process: process::id() })
    }

    /// Waits for news, at most for so long: how it goes, ten times a second at the most; None where there is nothing new.
    pub fn wait(&self, patience: Duration) -> Option<RunProgress> {
        let state = self.shared.state();
        let waited =
            self.shared.told.wait_timeout_while(state, patience, |state| !state.is_new && state.outcome.is_none());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.is_new).then(|| state.progress.clone())
    }

    /// Whether it has come to its end.
    pub fn is_done(&self) -> bool {
        self.shared.state().outcome.is_some()
    }

    /// Begins nothing new: what is under way comes to its end, and what it holds goes back.
    pub fn stop(&self) {
        self.shared.change(|state| state.stopped = true);
    }

    /// Ends it at once: requests under way are dropped. Those that had left are of unknown fate, and are written as such.
    pub fn cancel(&self) {
        self.shared.change(|state| (state.stopped, state.cancelled) = (true, true));
    }

    /// Waits for its end, and gives what became of it; the error says why it ended before it was told to.
    pub fn finish(mut self) -> Result<RunProgress, OutboxError> {
        let outcome = self.here()?.outcome();
        if let Some(thread) = self.thread.take() {
            // Where it panicked, the outcome says so.
            let _ = thread.join();
        }
        outcome
    }

    /// The same, which may be asked again.
    pub(super) fn outcome(&self) -> Result<RunProgress, OutboxError> {
        let waited = self.shared.told.wait_while(self.shared.state(), |state| state.outcome.is_none());
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        let outcome = state.outcome.clone().unwrap_or_else(panicked);
        outcome.map(|()| state.progress.clone())
    }

    /// A forked child has a copy of the memory and no copy of the thread.
    pub(super) fn here(&self) -> Result<&Self, OutboxError> {
        if self.process == process::id() {
            return Ok(self);
        }
        Err(OutboxError::invalid("run", "it was started before a fork, in the parent process"))
    }
}

fn panicked() -> Result<(), OutboxError> {
    Err(OutboxError::StoreUnavailable { reason: "its worker panicked".into() })
}

impl Drop for OutboxRun {
    fn drop(&mut self) {
        if self.process == process::id() {
            self.stop();
        }
    }
}

impl Worker {
    /// The whole life of the thread.
    fn live(self) {
        // Also where it panics: nobody is to wait for it for ever.
        let ended = Ended(&self.shared);
        let caller = &self.sender.caller;
        let outcome = caller.station().and_then(|station| {
            let outcome = station.engine.drive(self.run(&station.lanes))?;
            caller.keep(station);
            Ok(outcome)
        });
        let outcome = outcome.unwrap_or_else(|error| {
            Err(OutboxError::StoreUnavailable { reason: format!("the internal runtime does not work: {error}") })
        });
        ended.0.change(|state| state.outcome = Some(outcome));
    }
}

struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.outcome.get_or_insert_with(panicked);
        });
    }
}
