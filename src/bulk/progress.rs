//! How a bulk goes: [`BulkProgress`], and the clock that tells it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::bulk_log::Counts;
use crate::call::Waiting;

/// How often it is told.
const EVERY: Duration = Duration::from_millis(100);
/// The rate is measured over this many reports of progress.
const LATELY: usize = 20;

/// How far the sending of many messages has come.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct BulkProgress {
    /// How many were sent.
    pub sent: i64,
    /// How many failed and were not executed.
    pub failed: i64,
    /// How many failed and may have been executed.
    pub unknown: i64,
    /// How many messages there are in total, if that is known.
    pub total: Option<i64>,
    /// Messages per second, in the last seconds.
    pub rate: f64,
    /// How long the rest will take at this rate, if the total is known.
    pub time_left: Option<Duration>,
    /// What it waits for; nothing when left out.
    pub waiting_for: Option<WaitingFor>,
    /// How long the server has accepted no message, if the sending waits for that reason.
    pub waited: Option<Duration>,
    /// How much longer the sending waits for the server to accept a message before messages fail: the rest of the
    /// `patience`.
    pub patience_left: Option<Duration>,
}

/// What the sending of many messages waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Enum)]
pub enum WaitingFor {
    /// For its turn: the server accepts no more for now (code 250 or HTTP 429), and all messages keep to the rate that it accepts.
    RateLimit,
    /// For the server to come back: no connection can be made. One request at a time checks whether it is back.
    Server,
}

/// Counts outcomes and tells of them now and then.
pub(crate) struct Counter {
    sent: i64,
    failed: i64,
    unknown: i64,
    total: Option<i64>,
    /// When it was told, and how many had an outcome then.
    told: VecDeque<(Instant, i64)>,
}

impl Counter {
    pub(crate) fn new(total: Option<i64>, now: Instant) -> Self {
        Self { sent: 0, failed: 0, unknown: 0, total, told: VecDeque::from([(now, 0)]) }
    }

    /// The number of messages in total, as far as it is known.
    #[cfg(feature = "outbox")]
    pub(crate) fn expects(&mut self, left: i64) {
        self.total = Some(self.sent + self.failed + self.unknown + left);
    }

    pub(crate) fn add(&mut self, sent: bool, may_have_executed: bool) {
        let count = match (sent, may_have_executed) {
            (true, _) => &mut self.sent,
            (false, true) => &mut self.unknown,
            (false, false) => &mut self.failed,
        };
        *count += 1;
    }

    pub(super) fn counts(&self) -> Counts {
        let Self { sent, failed, unknown, .. } = *self;
        Counts { sent, failed, unknown }
    }

    /// What there is to tell, where it is time for it or the end.
    pub(crate) fn tell(&mut self, now: Instant, last: bool, waiting: Option<Waiting>) -> Option<BulkProgress> {
        let (newest, _) = *self.told.back()?;
        if !last && now.saturating_duration_since(newest) < EVERY {
            return None;
        }
        let finished = self.sent + self.failed + self.unknown;
        self.told.push_back((now, finished));
        if self.told.len() > LATELY {
            self.told.pop_front();
        }
        let (since, before) = *self.told.front()?;
        let seconds = now.saturating_duration_since(since).as_secs_f64();
        let rate = if seconds > 0.0 { (finished - before) as f64 / seconds } else { 0.0 };
        let left = self.total.map(|total| (total - finished).max(0));
        let time_left = match left {
            Some(0) => Some(Duration::ZERO),
            Some(left) if rate > 0.0 => Duration::try_from_secs_f64(left as f64 / rate).ok(),
            _ => None,
        };
        let Self { sent, failed, unknown, total, .. } = *self;
        Some(BulkProgress {
            sent,
            failed,
            unknown,
            total,
            rate,
            time_left,
            waiting_for: waiting.map(|waiting| match waiting.is_server_away {
                true => WaitingFor::Server,
                false => WaitingFor::RateLimit,
            }),
            waited: waiting.and_then(|waiting| waiting.waited),
            patience_left: waiting.and_then(|waiting| waiting.patience_left),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_ten_times_a_second_and_at_the_end() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut counter = Counter::new(Some(1000), start);
        let told: Vec<u64> = (0..1000).filter(|now| counter.tell(at(*now), false, None).is_some()).collect();
        assert_eq!(told, [100, 200, 300, 400, 500, 600, 700, 800, 900]);
        assert!(counter.tell(at(901), true, None).is_some());
    }

    #[test]
    fn the_rate_is_that_of_late_and_says_how_long_the_rest_takes() {
        let start = Instant::now();
        let mut counter = Counter::new(Some(1_000), start);
        let mut progress = None;
        for tenth in 1..=40 {
            // 100 a second for two seconds, then 200.
            (0..if tenth <= 20 { 10 } else { 20 }).for_each(|_| counter.add(true, false));
            progress = counter.tell(start + Duration::from_millis(tenth * 100), false, None);
        }
        let progress = progress.unwrap();
        assert_eq!((progress.sent, progress.failed, progress.unknown, progress.total), (600, 0, 0, Some(1_000)));
        assert!((progress.rate - 200.0).abs() < 1.0, "{}", progress.rate);
        assert!((progress.time_left.unwrap().as_secs_f64() - 2.0).abs() < 0.01);
    }

    #[test]
    fn outcomes_are_counted_by_what_is_known_of_them() {
        let start = Instant::now();
        let mut counter = Counter::new(None, start);
        for (sent, may_have_executed) in [(true, false), (false, true), (false, false), (false, false)] {
            counter.add(sent, may_have_executed);
        }
        let progress = counter.tell(start, true, None).unwrap();
        assert_eq!((progress.sent, progress.unknown, progress.failed, progress.time_left), (1, 1, 2, None));
    }
}
