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
/// By how much the rate grows each second: other callers may have gone.
const GROWTH: f64 = 1.01;
/// A rate that was measured over less says nothing.
const ENOUGH: u32 = 10;

/// Finds out how many requests a second a server takes.
///
/// It lets everybody go as fast as they can until the server refuses (code 250): then its budget is empty. All rest, and
/// go on until it is empty again. What was taken in between, over that time, is the rate at which the server refills it,
/// and from then on the rate of the workers. One refusal is enough for all of them, so few requests are wasted.
pub(crate) struct Governor(Mutex<State>);

struct State {
    /// Requests a second; None for as many as can be.
    rate: Option<f64>,
    /// When the next turn is, and since when the rate has not grown.
    due: Instant,
    grown: Instant,
    /// When the budget was last seen empty, and what was taken since.
    empty: Option<Instant>,
    taken: u32,
}

impl Governor {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State { rate: None, due: now, grown: now, empty: None, taken: 0 }))
    }

    /// Takes the next turn and says how long to wait for it.
    pub(crate) fn turn(&self, now: Instant) -> Duration {
        let mut state = self.state();
        state.due = state.due.max(now);
        let wait = state.due - now;
        if let Some(rate) = state.rate {
            let seconds = now.saturating_duration_since(state.grown).as_secs_f64();
            let rate = rate * GROWTH.powf(seconds);
            (state.rate, state.grown) = (Some(rate), now.max(state.grown));
            state.due += Duration::from_secs_f64(1.0 / rate);
        }
        wait
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
        state.grown = state.due;
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

    /// Plays on a clock of its own: a request takes `way` there and back.
    fn play(budget: f64, refill: f64, workers: usize, way: Duration, messages: u32) -> Trial {
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
            let answered = now + way / 2;
            if left >= 1.0 {
                left -= 1.0;
                taken += 1;
                governor.taken();
            } else {
                refused += 1;
                governor.refused(answered);
            }
            arrivals[worker] = answered + governor.turn(answered) + way / 2;
        }
        Trial { refused, taken, seconds: (now - start).as_secs_f64() }
    }

    #[test]
    fn it_settles_near_the_servers_rate_and_wastes_few_requests() {
        for (budget, refill, workers, way, messages) in [
            (10_000.0, 1_000.0, 32, Duration::from_millis(1), 40_000),
            (10_000.0, 1_000.0, 64, Duration::from_millis(20), 40_000),
            (1_000.0, 100.0, 8, Duration::from_micros(200), 4_000),
            (100_000.0, 10_000.0, 256, Duration::from_millis(2), 300_000),
        ] {
            let trial = play(budget, refill, workers, way, messages);
            let could = budget + refill * trial.seconds;
            let used = f64::from(trial.taken) / could;
            let wasted = f64::from(trial.refused) / f64::from(trial.refused + trial.taken);
            assert!(used >= 0.95, "{used:.3} of the budget used, {workers} workers");
            assert!(wasted < 0.02, "{wasted:.4} refused, {workers} workers");
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
