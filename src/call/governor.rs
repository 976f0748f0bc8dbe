//! Many workers before one server that counts requests: [`Governor`] slows them all down together.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::retry::{Failed, Fate};

/// How long everybody waits after a refusal. The server's budget fills up a little meanwhile.
const REST: Duration = Duration::from_millis(100);
/// How long they wait at the most, where the server took nothing since the last refusal: others use its budget up.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// What is taken of the rate that was measured, so that the budget does not run out again.
const SHARE: f64 = 0.98;
/// By what share of it the rate grows in the first second without a refusal, at the least, and ever faster afterwards: it
/// was measured too low, or other callers have gone.
const GROWTH: f64 = 0.01;
/// The rate is measured over this at the least, once there was so much.
const WINDOW: Duration = Duration::from_secs(2);
/// Turns that nobody took in time are made up for, as far back as this: what they did not use is still in the budget.
const CATCH_UP: Duration = Duration::from_secs(1);
/// Turns are given no further ahead, so that a rate that rises is everybody's at once.
const AHEAD: Duration = Duration::from_millis(250);

/// Finds out how many requests a second a server takes.
///
/// It lets everybody go as fast as they can until the server refuses (code 250): then its budget is empty. All rest, and
/// go on until it is empty again. What was taken in between, over that time, is the rate at which the server refills it,
/// and from then on the rate of the workers. One refusal is enough for all of them, so few requests are wasted.
///
/// Nobody knows when exactly within a refused request's way there and back the budget was empty. So a rate that was
/// measured over a short time is a guess: how wrong it may be says how fast the rate grows until the next refusal, and
/// each refusal measures over a longer time, until that is [`WINDOW`].
pub(crate) struct Governor(Mutex<State>);

/// A worker's turn to send a request.
#[derive(Debug, PartialEq)]
pub(crate) enum Turn {
    /// It is his, so long from now.
    In(Duration),
    /// There is none so soon: he asks again, so long from now.
    AskIn(Duration),
}

struct State {
    /// Requests a second, as of the last refusal; None for as many as can be.
    rate: Option<f64>,
    /// By what share it grows in the first second.
    growth: f64,
    /// When the next turn is.
    due: Instant,
    /// Requests that the server took.
    taken: u32,
    /// When the budget was seen empty: the refusal from which the rate is measured, a later one that takes its place, and
    /// the last.
    from: Option<Empty>,
    later: Option<Empty>,
    last: Option<Empty>,
    rest: Duration,
}

/// The budget was empty: in the middle of a request's way, give or take half of it.
#[derive(Clone, Copy)]
struct Empty {
    when: Instant,
    spread: Duration,
    /// What the server had taken.
    taken: u32,
    /// The end of the rest. Refusals of what was begun before are this one; from then on the rate grows.
    until: Instant,
}

impl Governor {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            rate: None,
            growth: GROWTH,
            due: now,
            taken: 0,
            from: None,
            later: None,
            last: None,
            rest: REST,
        }))
    }

    /// Takes the next turn.
    pub(crate) fn turn(&self, now: Instant) -> Turn {
        let mut state = self.state();
        if let (Some(rate), Some(last)) = (state.rate, state.last) {
            if state.due > now + AHEAD {
                return Turn::AskIn(AHEAD);
            }
            let seconds = now.saturating_duration_since(last.until).as_secs_f64();
            let rate = rate * (state.growth * seconds * (1.0 + seconds)).exp();
            let due = now.checked_sub(CATCH_UP).map_or(state.due, |earliest| state.due.max(earliest));
            // Where hardly anything was wanted, little was taken: that is no reason to stand still.
            state.due = due + Duration::from_secs_f64(1.0 / rate).min(LONGEST_REST);
            return Turn::In(due.saturating_duration_since(now));
        }
        Turn::In(state.due.saturating_duration_since(now))
    }

    /// Takes the outcome of an attempt in that was begun then. True where it was refused: then all rest.
    pub(crate) fn hears<A>(&self, outcome: &Result<A, Failed>, begun: Instant) -> bool {
        match outcome {
            Err(Failed { fate: Fate::Refused, .. }) => self.refused(begun, Instant::now()),
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
    fn refused(&self, begun: Instant, now: Instant) {
        let mut state = self.state();
        // Those that were under way together are refused together: that is one refusal.
        if state.last.is_some_and(|last| begun < last.until) {
            return;
        }
        let nothing = state.last.is_some_and(|last| last.taken == state.taken);
        state.rest = if nothing { (2 * state.rest).min(LONGEST_REST) } else { REST };
        let spread = now.saturating_duration_since(begun) / 2;
        let empty = Empty { when: begun + spread, spread, taken: state.taken, until: now + state.rest };
        state.measure(empty);
        state.last = Some(empty);
        state.due = state.due.max(empty.until);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The budget is empty again.
    fn measure(&mut self, empty: Empty) {
        let Some(from) = self.from else {
            self.from = Some(empty);
            return;
        };
        let taken = f64::from(empty.taken - from.taken);
        let seconds = (empty.when - from.when).as_secs_f64();
        if taken > 0.0 {
            self.rate = Some(SHARE * taken / seconds);
        }
        let unsure = (empty.spread + from.spread).as_secs_f64() / seconds + 1.0 / taken;
        self.growth = (unsure / seconds).clamp(GROWTH, 1.0);
        match self.later {
            None => self.later = Some(empty),
            Some(later) if empty.when - later.when >= WINDOW => (self.from, self.later) = (Some(later), Some(empty)),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cmp::Reverse, collections::BinaryHeap};

    use super::*;

    /// Workers before a server with a budget, on a clock of its own, from a start at 0.
    #[derive(Clone, Copy)]
    struct Trial {
        budget: f64,
        /// A second.
        refill: f64,
        workers: usize,
        /// A request's, there and back.
        way: Duration,
        /// How often and how long nothing moves, on the average.
        stalls: Option<(Duration, Duration)>,
        /// What share of the refill others take, and from when to when.
        others: (f64, Duration, Duration),
        messages: u32,
    }

    const NOBODY: (f64, Duration, Duration) = (0.0, Duration::ZERO, Duration::ZERO);

    #[derive(Debug)]
    struct Played {
        /// Of the requests that the server would have taken.
        used: f64,
        /// Of the requests made.
        refused: f64,
    }

    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Event {
        Asks,
        Arrives { begun: Instant },
        Answered { begun: Instant, taken: bool },
    }

    impl Trial {
        fn play(self, seed: u64) -> Played {
            let (start, mut random) = (Instant::now(), Random(seed));
            let stalls = self.stalls(start, &mut random);
            let moves = |at: Instant| {
                let last = stalls[..stalls.partition_point(|(from, _)| *from <= at)].last();
                last.map_or(at, |(_, to)| at.max(*to))
            };
            let governor = Governor::new(start);
            let (mut left, mut could, mut filled) = (self.budget, self.budget, start);
            let (mut refused, mut taken) = (0, 0);
            let mut events: BinaryHeap<_> =
                (0..self.workers).map(|worker| Reverse((start, worker, Event::Asks))).collect();
            while let Some(Reverse((now, worker, event))) = events.pop() {
                let half = self.way / 2 + random.about(self.way / 10);
                let next = match event {
                    Event::Arrives { begun } => {
                        let (share, from, to) = self.others;
                        let others = if (from..to).contains(&(now - start)) { share } else { 0.0 };
                        let refill = (now - filled).as_secs_f64() * self.refill * (1.0 - others);
                        (left, could, filled) = ((left + refill).min(self.budget), could + refill, now);
                        let takes = left >= 1.0;
                        left -= f64::from(u8::from(takes));
                        taken += u32::from(takes);
                        refused += u32::from(!takes);
                        if taken == self.messages {
                            break;
                        }
                        (moves(now + half), Event::Answered { begun, taken: takes })
                    }
                    Event::Answered { begun, taken } => {
                        if taken {
                            governor.taken();
                        } else {
                            governor.refused(begun, now);
                        }
                        (now, Event::Asks)
                    }
                    Event::Asks => match governor.turn(now) {
                        Turn::In(wait) => {
                            let begun = moves(now + wait);
                            (moves(begun + half), Event::Arrives { begun })
                        }
                        Turn::AskIn(wait) => (moves(now + wait), Event::Asks),
                    },
                };
                events.push(Reverse((next.0, worker, next.1)));
            }
            Played { used: f64::from(taken) / could, refused: f64::from(refused) / f64::from(refused + taken) }
        }

        /// From when to when nothing moves.
        fn stalls(&self, start: Instant, random: &mut Random) -> Vec<(Instant, Instant)> {
            let Some((every, long)) = self.stalls else { return Vec::new() };
            let mut at = start;
            let times = std::iter::from_fn(|| {
                let from = at + random.about(every);
                at = from + random.about(long);
                Some((from, at))
            });
            times.take_while(|(from, _)| *from < start + Duration::from_secs(300)).collect()
        }
    }

    /// A generator with 64 bits of state.
    struct Random(u64);

    impl Random {
        /// Times of this average, in an exponential distribution.
        fn about(&mut self, average: Duration) -> Duration {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            average.mul_f64(-(1.0 - (self.0 >> 11) as f64 / (1_u64 << 53) as f64).ln())
        }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const THOUSAND: Trial = Trial {
        budget: 10_000.0,
        refill: 1_000.0,
        workers: 32,
        way: ms(1),
        stalls: None,
        others: NOBODY,
        messages: 40_000,
    };

    #[test]
    fn it_settles_near_the_servers_rate_and_wastes_few_requests() {
        for trial in [
            THOUSAND,
            Trial { workers: 64, way: ms(20), ..THOUSAND },
            Trial { budget: 1_000.0, refill: 100.0, workers: 8, messages: 4_000, ..THOUSAND },
            Trial { budget: 100_000.0, refill: 10_000.0, workers: 256, way: ms(2), messages: 300_000, ..THOUSAND },
        ] {
            for seed in 0..4 {
                let played = trial.play(seed);
                assert!(played.used >= 0.99 && played.refused < 0.01, "{played:?} of {} workers", trial.workers);
            }
        }
    }

    #[test]
    fn it_does_where_nothing_moves_at_times() {
        for stalls in [(ms(300), ms(50)), (ms(300), ms(100)), (ms(100), ms(50)), (ms(1000), ms(200))] {
            let stalls = Some(stalls);
            for trial in [
                Trial { stalls, ..THOUSAND },
                Trial { stalls, workers: 64, way: ms(20), ..THOUSAND },
                Trial { stalls, budget: 2_000.0, refill: 200.0, workers: 8, messages: 3_000, ..THOUSAND },
            ] {
                for seed in 0..5 {
                    let played = trial.play(seed);
                    assert!(played.used >= 0.95 && played.refused < 0.02, "{played:?} {stalls:?}, seed {seed}");
                }
            }
        }
    }

    #[test]
    fn others_that_come_and_go_get_their_share_and_leave_it() {
        for (share, from, to) in [(0.5, 15, 30), (0.9, 5, 15), (1.0, 15, 20)] {
            let others = (share, Duration::from_secs(from), Duration::from_secs(to));
            for trial in [THOUSAND, Trial { workers: 64, way: ms(20), ..THOUSAND }] {
                for seed in 0..4 {
                    let played = Trial { others, messages: 60_000, ..trial }.play(seed);
                    assert!(played.used >= 0.95 && played.refused < 0.03, "{played:?} {others:?}, seed {seed}");
                }
            }
        }
    }

    #[test]
    fn a_server_that_takes_few_is_not_stormed() {
        for seed in 0..4 {
            let played = Trial { budget: 100.0, refill: 10.0, messages: 400, ..THOUSAND }.play(seed);
            // The first two refusals are of all 32.
            assert!(played.used >= 0.95 && played.refused < 0.3, "{played:?}, seed {seed}");
        }
    }

    #[test]
    fn nobody_waits_before_the_first_refusal() {
        let now = Instant::now();
        let governor = Governor::new(now);
        for _ in 0..1000 {
            assert_eq!(governor.turn(now), Turn::In(Duration::ZERO));
            governor.taken();
        }
    }

    #[test]
    fn a_storm_of_refusals_is_one_and_all_rest() {
        let now = Instant::now();
        let governor = Governor::new(now);
        (0..100).for_each(|_| governor.taken());
        // However late it is heard of.
        for late in [0, 1, 31, 150, 500] {
            governor.refused(now, now + ms(late));
        }
        assert_eq!(governor.turn(now + ms(40)), Turn::In(ms(60)));
    }

    /// Takes so many requests over so many milliseconds before each refusal, few in all, and says how far apart turns are then.
    fn apart(refusals: &[(u64, u32)]) -> Duration {
        let mut now = Instant::now();
        let governor = Governor::new(now);
        governor.refused(now, now);
        for (milliseconds, taken) in refusals {
            (0..*taken).for_each(|_| governor.taken());
            now += ms(*milliseconds);
            governor.refused(now, now);
        }
        assert_eq!(governor.turn(now), Turn::In(REST));
        let mut asked = Duration::ZERO;
        while governor.turn(now + asked) == Turn::AskIn(AHEAD) {
            asked += ms(1);
        }
        asked + AHEAD - REST
    }

    #[test]
    fn a_rate_is_measured_over_two_seconds_and_more() {
        // 1.5 a second all in all, and 98 % of that.
        let all = ms(680);
        assert!(apart(&[(2000, 3)]).abs_diff(all) < ms(3));
        assert!(apart(&[(500, 1), (500, 0), (500, 1), (500, 1)]).abs_diff(all) < ms(3));
    }

    #[test]
    fn turns_are_given_no_further_ahead_and_never_further_apart_than_a_second() {
        // One request in an hour.
        assert_eq!(apart(&[(3_600_000, 1)]), LONGEST_REST);
    }

    #[test]
    fn where_nothing_is_taken_at_all_the_rests_grow_longer() {
        let mut now = Instant::now();
        let governor = Governor::new(now);
        for rest in [100, 200, 400, 800, 1000, 1000] {
            governor.refused(now, now);
            assert_eq!(governor.turn(now), Turn::In(ms(rest)));
            now += ms(rest);
        }
        governor.taken();
        governor.refused(now, now);
        assert_eq!(governor.turn(now), Turn::In(ms(100)));
    }
}
