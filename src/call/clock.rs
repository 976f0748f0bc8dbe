//! The time of one call: [`Clock`].

use std::time::{Duration, Instant};

/// When a call began, and how long it may take in all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) begun: Instant,
    pub(crate) total: Duration,
}

impl Clock {
    /// How much of the call's time is left.
    pub(crate) fn left(&self) -> Duration {
        self.total.saturating_sub(self.begun.elapsed())
    }

    /// The moment at which the call has to be over; None where that is beyond all clocks.
    pub(crate) fn end(&self) -> Option<Instant> {
        self.begun.checked_add(self.total)
    }
}
