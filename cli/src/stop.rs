//! Ctrl-C and SIGTERM: noted, so that the code that waits for a call can check for them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use signal_hook::{
    SigId,
    consts::{SIGINT, SIGTERM},
};

/// Notes the signals that ask the program to stop. It is made just before the first request is sent: until then such a signal
/// ends the program as it ends any other.
pub(super) struct Stop {
    asked: Arc<AtomicBool>,
    noted: Vec<SigId>,
}

impl Stop {
    pub(super) fn watch() -> Self {
        let asked = Arc::<AtomicBool>::default();
        // A signal that cannot be noted ends the program as before.
        let noted =
            [SIGINT, SIGTERM].iter().filter_map(|signal| signal_hook::flag::register(*signal, Arc::clone(&asked)).ok());
        Self { noted: noted.collect(), asked }
    }

    /// Whether a signal has come.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether a signal has come since the last call of this method.
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
