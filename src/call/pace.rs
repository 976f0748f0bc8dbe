//! A client's own rate limit: [`Pace`], shared by all its threads.

use std::time::Duration;

use crate::atomic::{AtomicU64, Ordering};

/// Hands out turns at a steady rate. After idle time, the turns of at most a tenth of a second may be made up for.
///
/// Turns are times on a clock that the caller reads, in nanoseconds from whenever; no lock, so that a fork finds it
/// whole.
pub(crate) struct Pace {
    interval: u64,
    tolerance: u64,
    /// When the next turn is, if everybody keeps to the rate.
    due: AtomicU64,
}

const SECOND: u64 = 1_000_000_000;

impl Pace {
    pub(crate) fn new(calls_a_second: u32) -> Self {
        let interval = SECOND / u64::from(calls_a_second.max(1));
        Self { interval, tolerance: (SECOND / 10).saturating_sub(interval), due: AtomicU64::new(0) }
    }

    /// Takes the next turn and says how long to wait for it. Takes none where that is longer than `patience`.
    pub(crate) fn turn(&self, now: Duration, patience: Duration) -> Option<Duration> {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let mut due = self.due.load(Ordering::Relaxed);
        loop {
            let wait = Duration::from_nanos(due.saturating_sub(self.tolerance).saturating_sub(now));
            if wait > patience {
                return None;
            }
            let next = due.max(now).saturating_add(self.interval);
            match self.due.compare_exchange_weak(due, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Some(wait),
                Err(other) => due = other,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn turns_come_at_the_rate_after_a_tenth_of_a_second_at_once() {
        let pace = Pace::new(100);
        let waits: Vec<Duration> = (0..14).map(|_| pace.turn(ms(5000), ms(1000)).unwrap()).collect();
        assert_eq!(waits[..10], [ms(0); 10]);
        assert_eq!(waits[10..], [ms(10), ms(20), ms(30), ms(40)]);
    }

    #[test]
    fn a_slow_rate_lets_nobody_go_early() {
        let pace = Pace::new(2);
        let turn = |now| pace.turn(ms(now), ms(10_000)).unwrap();
        assert_eq!([turn(0), turn(0), turn(0), turn(400), turn(9000)], [ms(0), ms(500), ms(1000), ms(1100), ms(0)]);
    }

    #[test]
    fn who_has_no_patience_takes_no_turn() {
        let pace = Pace::new(1);
        assert_eq!(pace.turn(ms(0), ms(0)), Some(ms(0)));
        assert_eq!(pace.turn(ms(0), ms(999)), None);
        assert_eq!(pace.turn(ms(0), ms(1000)), Some(ms(1000)));
        assert_eq!(pace.turn(ms(0), ms(1000)), None);
    }
}
