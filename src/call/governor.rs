//! Many workers before one server that counts requests: [`Governor`] slows them all down together.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::retry::{Failed, Fate};

/// How long everybody waits after a refusal. The server's budget fills up a little meanwhile.
const REST: Duration = Duration::from_millis(100);
/// What is taken of the rate that was measured, so that the budget does not run out again.
const SHARE: f64 = 0.98;
/// By what share of it the rate grows in the first second without a refusal, and ever faster afterwards: it was measured too
/// low, or other callers have gone.
const GROWTH: f64 = 0.01;
/// Turns that nobody took in time are made up for, as far back as this: what they did not use is still in the budget.
const CATCH_UP: Duration = Duration::from_secs(1);
/// A rate that was measured over less says nothing.
const ENOUGH: u32 = 10;

/// Finds out how many requests a second a server takes.
///
/// It lets everybody go as fast as they can until the server refuses (code 250): then its budget is empty. All rest, and
/// go on until it is empty again. What was taken in between, over that time, is the rate at which the server refills it,
/// and from then on the rate of the workers. One refusal is enough for all of them, so few requests are wasted.
pub(crate) struct Governor(Mutex<State>);

struct State {
    /// Requests a second, as of the last refusal; None for as many as can be.
    rate: Option<f64>,
    /// When the next turn is, and since when the rate grows.
    due: Instant,
    since: Instant,
    /// When the budget was last seen empty, and what was taken since.
    empty: Option<Instant>,
    taken: u32,
}

impl Governor {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State { rate: None, due: now, since: now, empty: None, taken: 0 }))
    }

    /// Takes the next turn and says how long to wait for it.
    pub(crate) fn turn(&self, now: Instant) -> Duration {
        let mut state = self.state();
        let Some(rate) = state.rate else { return state.due.saturating_duration_since(now) };
        let seconds = now.saturating_duration_since(state.since).as_secs_f64();
        let rate = rate * (1.0 + GROWTH * seconds * (1.0 + seconds));
        let due = now.checked_sub(CATCH_UP).map_or(state.due, |earliest| state.due.max(earliest));
        state.due = due + Duration::from_secs_f64(1.0 / rate);
        due.saturating_duration_since(now)
    }

    /// Takes an attempt's outcome in. True where it was refused: then all rest.
    pub(crate) fn hears<A>(&self, outcome: &Result<A, Failed>) -> bool {
        match outcome {
            Err(Failed { fate: Fate::Refused, .. }) => self.refused(Instant::now()),
            // The server counted it, whatever it made of it.
            Ok(_) | Err(Failed { fate: Fate::Decided, .. }) => self.taken(),
            Err(_) => {}
        }
        matches!(outcome, Err(Failed { fate: Fate::Refused, .. }))
    }

    /// The server took a request.
    fn taken(&self) {
        self.state().taken += 1;
    }

    /// The server refused one.
    fn refused(&self, now: Instant) {
        let mut state = self.state();
        let before = state.empty;
        // Those that were under way together are refused together: that is one refusal.
        if before.is_some_and(|before| now < before + REST) {
            return;
        }
        if let Some(before) = before
            && state.taken >= ENOUGH
        {
            let rate = f64::from(state.taken) / (now - before).as_secs_f64();
            state.rate = Some(SHARE * rate);
        } else if let Some(rate) = state.rate {
            state.rate = Some(rate / 2.0);
        }
        (state.empty, state.taken) = (Some(now), 0);
        state.due = now + REST;
        state.since = state.due;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server with a budget, met by workers that have so many requests under way.
    struct Trial {
        refused: u32,
        taken: u32,
        seconds: f64,
    }

    /// Plays on a clock of its own: a request takes `way` there and back, and every 100 ms nothing moves for `stall`.
    fn play(budget: f64, refill: f64, workers: usize, way: Duration, stall: Duration, messages: u32) -> Trial {
        let stalled = |now: Instant, start: Instant| {
            let within = Duration::from_nanos((now - start).as_nanos() as u64 % 100_000_000);
            now + stall.saturating_sub(within)
        };

        let start = Instant::now();
        let governor = Governor::new(start);
        let (mut left, mut filled) = (budget, start);
        let (mut refused, mut taken) = (0, 0);
        // When each worker's request arrives.
        let mut arrivals: Vec<Instant> = (0..workers).map(|_| start + governor.turn(start) + way / 2).collect();
        let mut now = start;
        while taken < messages {
            let worker = (0..workers).min_by_key(|worker| arrivals[*worker]).unwrap();
            now = arrivals[worker];
            left = (left + (now - filled).as_secs_f64() * refill).min(budget);
            filled = now;
            let answered = stalled(now + way / 2, start);
            if left >= 1.0 {
                left -= 1.0;
                taken += 1;
                governor.taken();
            } else {
                refused += 1;
                governor.refused(answered);
            }
            arrivals[worker] = stalled(answered + governor.turn(answered), start) + way / 2;
        }
        Trial { refused, taken, seconds: (now - start).as_secs_f64() }
    }

    #[test]
    fn it_settles_near_the_servers_rate_and_wastes_few_requests() {
        for (budget, refill, workers, way, stall, messages) in [
            (10_000.0, 1_000.0, 32, Duration::from_millis(1), 0, 40_000),
            (10_000.0, 1_000.0, 64, Duration::from_millis(20), 0, 40_000),
            (1_000.0, 100.0, 8, Duration::from_micros(200), 0, 4_000),
            (100_000.0, 10_000.0, 256, Duration::from_millis(2), 0, 300_000),
            // A busy machine, and a long way.
            (10_000.0, 1_000.0, 8, Duration::from_millis(1), 60, 60_000),
            (10_000.0, 1_000.0, 64, Duration::from_millis(30), 30, 60_000),
        ] {
            let trial = play(budget, refill, workers, way, Duration::from_millis(stall), messages);
            let could = budget + refill * trial.seconds;
            let used = f64::from(trial.taken) / could;
            let wasted = f64::from(trial.refused) / f64::from(trial.refused + trial.taken);
            let what =
                format!("{used:.3} of the budget used, {wasted:.4} refused: {workers} workers, {way:?}, {stall}");
            assert!(used >= 0.95 && wasted < 0.02, "{what}");
        }
    }

    #[test]
    fn nobody_waits_before_the_first_refusal() {
        let now = Instant::now();
        let governor = Governor::new(now);
        for _ in 0..1000 {
            assert_eq!(governor.turn(now), Duration::ZERO);
            governor.taken();
        }
    }

    #[test]
    fn a_storm_of_refusals_is_one_and_all_rest() {
        let now = Instant::now();
        let governor = Governor::new(now);
        (0..100).for_each(|_| governor.taken());
        for late in 0..32 {
            governor.refused(now + Duration::from_millis(late));
        }
        assert_eq!(governor.turn(now + Duration::from_millis(40)), Duration::from_millis(60));
    }
}
