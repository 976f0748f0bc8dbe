//! Ctrl-C and SIGTERM, as whoever waits for a call looks for them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use signal_hook::{
    SigId,
    consts::{SIGINT, SIGTERM},
};

/// Notes the signals that ask the program to stop. Made when the first request is about to leave: up to then such a signal
/// ends the program as it ends any other.
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    noted: Vec<SigId>,
}

impl Stop {
    pub(super) fn watch() -> Self {
        let asked = Arc::<AtomicBool>::default();
        // Where a signal cannot be noted, it does what it did.
        let noted =
            [SIGINT, SIGTERM].iter().filter_map(|signal| signal_hook::flag::register(*signal, Arc::clone(&asked)).ok());
        Self { noted: noted.collect(), asked }
    }

    /// Whether one came.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether one came since this was asked last.
    pub(super) fn is_asked_again(&self) -> bool {
        self.asked.swap(false, Ordering::Relaxed)
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        for id in self.noted.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}
