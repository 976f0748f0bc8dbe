//! What a run and its worker have in common: what is wanted of it, and how it goes.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::{OutboxError, RunOptions, RunProgress};
use crate::{BulkOptions, bulk};

/// The options of a run with every default filled in and every number checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orders {
    pub(super) until_empty: bool,
    pub(super) concurrency: usize,
    pub(super) rate_limit: Option<u32>,
    pub(super) patience: Duration,
    pub(super) lease: Duration,
    pub(super) confirm_all: bool,
    pub(super) any_order: bool,
}

impl TryFrom<RunOptions> for Orders {
    type Error = OutboxError;

    fn try_from(options: RunOptions) -> Result<Self, OutboxError> {
        const SHORTEST: Duration = Duration::from_secs(1);
        const LONGEST: Duration = Duration::from_secs(24 * 3600);
        let RunOptions { concurrency, rate_limit, .. } = options;
        let (concurrency, rate_limit) = BulkOptions { concurrency, rate_limit, ..BulkOptions::default() }.checked()?;
        let lease = options.lease.unwrap_or(Duration::from_secs(30));
        if !(SHORTEST..=LONGEST).contains(&lease) {
            let reason = format!("{lease:?} is out of range: it must be from {SHORTEST:?} to {LONGEST:?}");
            return Err(OutboxError::invalid("options.lease", reason));
        }
        Ok(Self {
            until_empty: options.until_empty,
            concurrency,
            rate_limit,
            patience: options.patience.unwrap_or(bulk::PATIENCE),
            lease,
            confirm_all: options.confirm_all,
            any_order: options.any_order,
        })
    }
}

/// What the worker and those who watch it share.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) told: Condvar,
    news: Arc<Notify>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) stopped: bool,
    pub(super) cancelled: bool,
    pub(super) progress: RunProgress,
    pub(super) is_new: bool,
    pub(super) outcome: Option<Result<(), OutboxError>>,
}

impl Shared {
    pub(super) fn new(news: Arc<Notify>) -> Self {
        Self { state: Mutex::default(), told: Condvar::new(), news }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.state().cancelled
    }

    pub(super) fn tell(&self, progress: RunProgress) {
        self.change_quietly(|state| {
            state.progress = progress;
            state.is_new = true;
        });
    }

    /// Somebody has put something, or wants it to end.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        self.change_quietly(change);
        self.news.notify_waiters();
        self.news.notify_one();
    }

    fn change_quietly(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.told.notify_all();
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
