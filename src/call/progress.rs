//! How far a call has progressed, for the code that gives up waiting for it: [`Progress`].

use std::sync::Arc;

use crate::atomic::{AtomicBool, AtomicU32, Ordering};

/// The attempts of a call so far, and what is known of them.
pub(crate) struct Progress {
    attempts: AtomicU32,
    /// The last attempt whose request may have left.
    left: AtomicU32,
    /// Whether the fate of an attempt that has ended is unknown.
    in_doubt: AtomicBool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { attempts: AtomicU32::new(0), left: AtomicU32::new(0), in_doubt: AtomicBool::new(false) }
    }
}

impl Progress {
    /// How often the call was tried, the attempt under way included.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Acquire)
    }

    /// Whether a request has left of which nobody knows whether it was executed.
    pub(crate) fn sent(&self) -> bool {
        let under_way = self.left.load(Ordering::Acquire);
        self.in_doubt.load(Ordering::Acquire) || (under_way > 0 && under_way == self.attempts())
    }

    /// Begins the next attempt.
    pub(crate) fn begin(self: &Arc<Self>) -> Attempt {
        let number = self.attempts.fetch_add(1, Ordering::AcqRel) + 1;
        Attempt { number, progress: Arc::clone(self) }
    }
}

/// One attempt of a call.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    progress: Arc<Progress>,
}

impl Attempt {
    /// From now on its request may have left.
    pub(crate) fn leaves(&self) {
        self.progress.left.fetch_max(self.number, Ordering::AcqRel);
    }

    /// Whether its request may have left.
    pub(crate) fn has_left(&self) -> bool {
        self.progress.left.load(Ordering::Acquire) == self.number
    }

    /// It has ended: whether its request may have been executed, nobody knows, or everybody knows that it was not.
    pub(crate) fn ends(&self, in_doubt: bool) {
        if in_doubt {
            self.progress.in_doubt.store(true, Ordering::Release);
        }
        self.progress.left.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_sent_from_the_moment_its_request_leaves() {
        let progress = Arc::new(Progress::default());
        assert_eq!((progress.attempts(), progress.sent()), (0, false));
        let attempt = progress.begin();
        assert_eq!((progress.attempts(), progress.sent(), attempt.has_left()), (1, false, false));
        attempt.leaves();
        assert!(progress.sent() && attempt.has_left());
    }

    #[test]
    fn after_a_refused_attempt_nothing_counts_as_sent() {
        let progress = Arc::new(Progress::default());
        let refused = progress.begin();
        refused.leaves();
        refused.ends(false);
        assert!(!progress.sent());
        let next = progress.begin();
        assert_eq!((progress.attempts(), progress.sent()), (2, false));
        next.leaves();
        assert!(progress.sent());
    }

    #[test]
    fn a_doubt_stays() {
        let progress = Arc::new(Progress::default());
        let lost = progress.begin();
        lost.leaves();
        lost.ends(true);
        assert!(progress.sent());
        let refused = progress.begin();
        refused.leaves();
        refused.ends(false);
        assert!(progress.sent());
    }
}
