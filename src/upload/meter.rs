//! How far an upload has come: [`Meter`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::records::UploadProgress;

/// The shortest time between two reports of progress.
const BETWEEN_NEWS: Duration = Duration::from_millis(100);

/// What the future of an upload notes, and the waiting thread reads.
pub(super) struct Meter {
    total: u64,
    begun: Instant,
    state: Mutex<State>,
}

struct State {
    attempts: i32,
    /// Where the attempt under way brings it.
    step: &'static str,
    /// Of this attempt.
    sent: u64,
    /// Whether anything of this attempt may have left.
    left: bool,
    /// When a byte last moved, either way.
    moved: Instant,
    /// What was told last, and when.
    told: Option<(i32, u64, Instant)>,
}

impl Meter {
    pub(super) fn new(total: u64, step: &'static str) -> Self {
        let begun = Instant::now();
        let state = State { attempts: 0, step, sent: 0, left: false, moved: begun, told: None };
        Self { total, begun, state: Mutex::new(state) }
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Begins the next attempt, and gives its number.
    pub(super) fn begin(&self, step: &'static str) -> i32 {
        let mut state = self.state();
        state.attempts = state.attempts.saturating_add(1);
        (state.step, state.sent, state.left, state.moved) = (step, 0, false, Instant::now());
        state.attempts
    }

    /// The network asks for the next piece: it took the ones before.
    pub(super) fn leaves(&self) {
        let mut state = self.state();
        (state.left, state.moved) = (true, Instant::now());
    }

    /// The network has accepted this many more bytes.
    pub(super) fn takes(&self, bytes: usize) {
        let mut state = self.state();
        state.sent += bytes as u64;
        state.moved = Instant::now();
    }

    /// Something came back.
    pub(super) fn note_answer(&self) {
        self.state().moved = Instant::now();
    }

    pub(super) fn has_left(&self) -> bool {
        self.state().left
    }

    pub(super) fn sent(&self) -> u64 {
        self.state().sent
    }

    pub(super) fn moved(&self) -> Instant {
        self.state().moved
    }

    /// Where it was when it was given up: the step, whether anything may have left, how often it was tried.
    pub(super) fn given_up(&self) -> (&'static str, bool, i32) {
        let state = self.state();
        (state.step, state.left, state.attempts)
    }

    /// How far it is, where there is something new to tell; `at_the_end` also where that is soon after the last time.
    pub(super) fn news(&self, at_the_end: bool) -> Option<UploadProgress> {
        let mut state = self.state();
        let now = (state.attempts, state.sent);
        let is_new = state.told.is_none_or(|(attempt, sent, _)| (attempt, sent) != now);
        let is_time = state.told.is_none_or(|(.., when)| at_the_end || when.elapsed() >= BETWEEN_NEWS);
        if !is_new || !is_time || state.attempts == 0 {
            return None;
        }
        state.told = Some((now.0, now.1, Instant::now()));
        let number = |bytes| i64::try_from(bytes).unwrap_or(i64::MAX);
        Some(UploadProgress { sent: number(now.1), total: number(self.total), attempt: now.0 })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_come_ten_times_a_second_at_the_most_and_at_the_end() {
        let meter = Meter::new(30, "file store");
        assert_eq!(meter.news(false), None);
        meter.begin("file store");
        assert_eq!(meter.news(false), Some(UploadProgress { sent: 0, total: 30, attempt: 1 }));
        meter.takes(10);
        assert_eq!(meter.news(false), None);
        std::thread::sleep(BETWEEN_NEWS);
        assert_eq!(meter.news(false), Some(UploadProgress { sent: 10, total: 30, attempt: 1 }));
        std::thread::sleep(BETWEEN_NEWS);
        assert_eq!(meter.news(false), None, "nothing moved");
        meter.takes(20);
        assert_eq!(meter.news(true), Some(UploadProgress { sent: 30, total: 30, attempt: 1 }));
        assert_eq!(meter.news(true), None);
    }

    #[test]
    fn each_attempt_begins_anew() {
        let meter = Meter::new(30, "file store");
        meter.begin("file store");
        meter.leaves();
        meter.takes(10);
        assert_eq!(meter.given_up(), ("file store", true, 1));
        meter.begin("backup file store");
        assert_eq!((meter.given_up(), meter.sent()), (("backup file store", false, 2), 0));
    }
}
