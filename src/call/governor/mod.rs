//! Many workers before one server that counts requests: [`Governor`] slows them all down together, and shares the server's
//! budget with other processes that do the same.

#[cfg(test)]
mod model;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::retry::{Failed, Fate};

/// How long all workers wait after the first refusal. The server's budget fills up a little in this time.
const FIRST_REST: Duration = Duration::from_millis(100);
/// How long they wait after a later one, at the least.
const REST: Duration = Duration::from_millis(50);
/// How long they wait at the most, where the server took nothing since the last refusal: others use its budget up.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// A longer one that a server asks for is as good as for ever.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// After the first refusal all begin at this rate …
const FIRST_RATE: f64 = 1.0;
/// … which grows e-fold in this time, until the next one.
const SEEKING: f64 = 0.25;
/// What a refusal takes off the rate: of one who is alone …
const CUT: f64 = 0.2;
/// … and of one in company, where each hears only of some.
const CUT_IN_COMPANY: f64 = 0.08;
/// How fast the rate grows between refusals: for a process that is alone, by this many times its square root per second
/// …
const GROWTH: f64 = 0.4;
/// … and at least by this many requests per second …
const LEAST_GROWTH: f64 = 4.0;
/// … with other processes, by itself in this many seconds …
const GROWTH_IN_COMPANY: f64 = 3.0;
/// … and twice as fast if no refusal came for this many seconds, and faster and faster afterwards: the other processes
/// have ended.
const QUIET: f64 = 1.75;
/// How much one refusal says of whether there is company.
const HINT: f64 = 0.3;
/// The usual rate is measured over this many seconds.
const USUAL: f64 = 4.0;
/// What differs by so little is the same.
const SAME: f64 = 0.1;
/// The used budget is measured over this many seconds, over which servers count too.
const SPAN: f64 = 10.0;
/// Who has had less than its share lately goes faster than its rate by so much of what it lacks, and who has had more goes
/// slower …
const MAKING_UP: f64 = 1.0;
/// … where it is more than this share of the rate …
const UNEVEN: f64 = 0.2;
/// … and between these bounds.
const SLOWEST: f64 = 0.15;
const FASTEST: f64 = 2.0;
/// Requests a second, at the least and at the most.
const BOUNDS: (f64, f64) = (0.5, 1e6);
/// Turns that nobody took in time are made up for, as far back as this: what they did not use is still in the budget.
const CATCH_UP: Duration = Duration::from_secs(1);
/// Turns are handed out at most this far ahead, so that every worker benefits immediately when the rate changes.
const AHEAD: Duration = Duration::from_millis(50);

/// Finds out how many requests a second a server takes from this process, where others want their share of it.
///
/// It lets everybody go as fast as they can until the server refuses (code 250): then its budget is empty, and all who
/// send to this server learn so at about the same time. From there all go the same way: they begin at the same low rate,
/// which grows equally fast, and at the next refusal each has measured its share. From then on a refusal cuts the rate,
/// and without one it grows: by less the higher it is, so that unequal rates grow equal. A refused request uses nothing
/// up, so the budget is used although it is empty nearly all the time.
///
/// A process that is alone is refused only while its rate is above the usual one, and it gets the same rate from one
/// refusal to the next. A process that observes something else knows that there are others. Alone, it avoids refusals;
/// with others, it sees only some of the refusals, and takes them less seriously.
///
/// Before the first refusal, some processes were faster than others. A process that recently used more than its share
/// of the budget is slower for some seconds, and who had less goes faster.
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
    stage: Stage,
    /// Requests a second that are a fair share, as far as is known.
    rate: f64,
    /// What it was lately.
    usual: f64,
    /// What was taken a second between the last two refusals, and when the last one was.
    got: f64,
    refused: Option<Instant>,
    /// Until when it has grown.
    grown: Instant,
    /// From 0, where nobody else uses the server, to 1.
    company: f64,
    /// Requests a second that the server took lately, and as of when.
    used: (f64, Instant),
    /// When the next turn is.
    due: Instant,
    /// Requests that the server took in all, and until the last refusal.
    taken: u32,
    taken_before: u32,
    /// The end of the last rest. Refusals of what was begun before belong to it.
    until: Option<Instant>,
    rest: Duration,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Before the first refusal.
    Free,
    /// The rate grows from nearly nothing, since then.
    Seeking {
        since: Instant,
    },
    Sharing,
}

impl Governor {
    pub(crate) fn new(now: Instant) -> Self {
        Self(Mutex::new(State {
            stage: Stage::Free,
            rate: BOUNDS.1,
            usual: BOUNDS.1,
            got: BOUNDS.1,
            refused: None,
            grown: now,
            company: 1.0,
            used: (0.0, now),
            due: now,
            taken: 0,
            taken_before: 0,
            until: None,
            rest: REST,
        }))
    }

    /// Takes the next turn.
    pub(crate) fn turn(&self, now: Instant) -> Turn {
        let mut state = self.state();
        let wait = state.due.saturating_duration_since(now);
        if state.stage == Stage::Free {
            return Turn::In(wait);
        }
        if wait > AHEAD {
            return Turn::AskIn(AHEAD.max(wait - AHEAD));
        }
        state.advance(now);
        let due = now.checked_sub(CATCH_UP).map_or(state.due, |earliest| state.due.max(earliest));
        // Where hardly anything was wanted, little was taken: that is no reason to stand still.
        state.due = due + Duration::from_secs_f64(1.0 / state.rate_now()).min(LONGEST_REST);
        Turn::In(due.saturating_duration_since(now))
    }

    /// Whether somebody who asks now has to wait.
    pub(crate) fn holds_back(&self, now: Instant) -> bool {
        let state = self.state();
        state.stage != Stage::Free && state.due > now
    }

    /// Takes the outcome of an attempt in that was begun then.
    pub(crate) fn learn<A>(&self, outcome: &Result<A, Failed>, begun: Instant, now: Instant) {
        match outcome {
            Err(Failed { fate: Fate::Refused, retry_after, .. }) => {
                self.refused(begun, now, retry_after.unwrap_or_default());
            }
            // The server counted it, whatever it made of it.
            Ok(_) | Err(Failed { fate: Fate::Decided, .. }) => self.taken(now),
            Err(_) => {}
        }
    }

    /// The server took a request.
    fn taken(&self, now: Instant) {
        let mut state = self.state();
        state.taken += 1;
        state.age(now);
        state.used.0 += 1.0 / SPAN;
    }

    /// The server refused one, and wants to be left alone for a while.
    fn refused(&self, begun: Instant, now: Instant, pause: Duration) {
        let mut state = self.state();
        if !pause.is_zero() {
            state.due = state.due.max(now + pause.min(LONGEST_PAUSE));
        }
        // Those that were under way together are refused together: that is one refusal.
        if state.until.is_some_and(|until| begun < until) {
            return;
        }
        state.advance(now);
        state.learns_from_refusal(now);
        state.taken_before = state.taken;
        // Turns that were given at the rate before are what that rate has brought about.
        let until = state.due.max(now + state.rest);
        (state.due, state.until) = (until, Some(until));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn learns_from_refusal(&mut self, now: Instant) {
        let nothing_taken = self.taken == self.taken_before;
        self.rest = match self.stage {
            Stage::Free => FIRST_REST,
            _ if nothing_taken => (2 * self.rest).min(LONGEST_REST),
            _ => REST,
        };
        match self.stage {
            Stage::Free => self.seek(now),
            Stage::Seeking { .. } if nothing_taken => self.seek(now),
            Stage::Seeking { since } => {
                let taken = f64::from(self.taken - self.taken_before);
                self.stage = Stage::Sharing;
                self.set_rate(taken / (now - since).as_secs_f64());
                (self.usual, self.got, self.refused) = (self.rate, self.rate, Some(now));
            }
            // Others take all: that says nothing of how much it will be when they have gone.
            Stage::Sharing if nothing_taken => {}
            Stage::Sharing => {
                self.looks_for_company(now);
                self.cut();
            }
        }
    }

    fn seek(&mut self, now: Instant) {
        self.stage = Stage::Seeking { since: now };
        self.set_rate(FIRST_RATE);
    }

    /// A process that is alone gets, on average, the same rate from each refusal to the next: the rate at which the
    /// server's budget is refilled.
    fn looks_for_company(&mut self, now: Instant) {
        let taken = f64::from(self.taken - self.taken_before);
        let since = self.refused.replace(now).map_or(0.0, |before| now.saturating_duration_since(before).as_secs_f64());
        let got = taken / since;
        let differs = (got / self.got - 1.0).abs() > SAME + 1.5 / taken;
        let surprise = differs || self.rate < 0.98 * self.usual;
        self.got = got;
        self.company = (self.company + HINT * (if surprise { 2.0 } else { 0.0 } - self.company)).min(1.0);
    }

    fn cut(&mut self) {
        let cut = CUT + self.company * (CUT_IN_COMPANY - CUT);
        // A process that is slower than the rate sees fewer refusals, so each of them counts more.
        let heard = self.rate / self.rate_now();
        self.set_rate(self.rate * (1.0 - (cut * heard).min(0.5)));
    }

    /// Lets the rate grow until now.
    fn advance(&mut self, now: Instant) {
        let since = self.until.map_or(self.grown, |until| self.grown.max(until));
        let seconds = now.saturating_duration_since(since).as_secs_f64();
        if seconds == 0.0 {
            return;
        }
        self.grown = now;
        let quiet = self.until.map_or(0.0, |until| now.saturating_duration_since(until).as_secs_f64());
        let grown = match self.stage {
            Stage::Free => return,
            Stage::Seeking { .. } => self.rate * (seconds / SEEKING).exp(),
            Stage::Sharing => {
                let alone = (GROWTH * self.rate.sqrt()).max(LEAST_GROWTH);
                let growth = alone + self.company * (self.rate / GROWTH_IN_COMPANY - alone);
                self.rate + growth * (1.0 + (quiet / QUIET).powi(2)) * seconds
            }
        };
        self.set_rate(grown);
        self.usual += (self.rate - self.usual) * (1.0 - (-seconds / USUAL).exp());
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate.clamp(BOUNDS.0, BOUNDS.1);
    }

    /// Requests a second that may leave now, for the share to be a fair one over some seconds.
    fn rate_now(&mut self) -> f64 {
        if self.stage != Stage::Sharing {
            return self.rate;
        }
        self.age(self.grown);
        let behind = self.rate - self.used.0;
        let uneven = behind.signum() * (behind.abs() - UNEVEN * self.rate).max(0.0);
        (self.rate + MAKING_UP * uneven).clamp(SLOWEST * self.rate, FASTEST * self.rate)
    }

    /// What was used long ago does not matter any more.
    fn age(&mut self, now: Instant) {
        let (used, as_of) = self.used;
        let seconds = now.saturating_duration_since(as_of).as_secs_f64();
        self.used = (used * (-seconds / SPAN).exp(), now.max(as_of));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn wait(turn: &Turn) -> Duration {
        let (Turn::In(wait) | Turn::AskIn(wait)) = turn;
        *wait
    }

    #[test]
    fn nobody_waits_before_the_first_refusal() {
        let now = Instant::now();
        let governor = Governor::new(now);
        for _ in 0..1000 {
            assert_eq!(governor.turn(now), Turn::In(Duration::ZERO));
            governor.taken(now);
        }
        assert!(!governor.holds_back(now));
    }

    #[test]
    fn a_storm_of_refusals_is_one_and_all_rest() {
        let now = Instant::now();
        let governor = Governor::new(now);
        (0..100).for_each(|_| governor.taken(now));
        // However late it is heard of.
        for late in [0, 1, 31, 150, 500] {
            governor.refused(now, now + ms(late), Duration::ZERO);
        }
        assert_eq!(governor.turn(now + ms(60)), Turn::In(ms(40)));
        assert!(governor.holds_back(now + ms(60)));
    }

    #[test]
    fn a_server_is_left_alone_for_as_long_as_it_asks() {
        let now = Instant::now();
        let governor = Governor::new(now);
        governor.refused(now, now, ms(5_000));
        // Of the same storm: one that wants more time.
        governor.refused(now, now + ms(10), ms(6_000));
        assert!(wait(&governor.turn(now + ms(10))) >= ms(5_900));
        assert_eq!(governor.turn(now + ms(6_010)), Turn::In(Duration::ZERO));
        governor.refused(now, now, Duration::MAX);
        assert!(governor.holds_back(now + Duration::from_secs(3600)));
    }

    #[test]
    fn turns_are_never_further_apart_than_a_second() {
        let mut now = Instant::now();
        let governor = Governor::new(now);
        governor.refused(now, now, Duration::ZERO);
        // One request in an hour.
        governor.taken(now);
        now += Duration::from_secs(3_600);
        governor.refused(now, now, Duration::ZERO);
        assert_eq!(governor.turn(now + REST), Turn::In(Duration::ZERO));
        assert!(wait(&governor.turn(now + REST)) <= LONGEST_REST);
    }

    #[test]
    fn where_nothing_is_taken_at_all_the_rests_grow_longer() {
        let mut now = Instant::now();
        let governor = Governor::new(now);
        for rest in [100, 200, 400, 800, 1000, 1000] {
            governor.refused(now, now, Duration::ZERO);
            assert!(governor.holds_back(now + ms(rest - 1)) && !governor.holds_back(now + ms(rest)), "{rest}");
            now += ms(rest);
        }
        governor.taken(now);
        governor.refused(now, now, Duration::ZERO);
        assert!(!governor.holds_back(now + REST));
    }

    #[test]
    fn a_rate_grows_without_bounds_where_nobody_refuses_any_more() {
        let mut now = Instant::now();
        let governor = Governor::new(now);
        governor.refused(now, now, Duration::ZERO);
        governor.taken(now);
        now += ms(1_000);
        governor.refused(now, now, Duration::ZERO);
        now += Duration::from_secs(3_600);
        let begun = now;
        for _ in 0..10_000 {
            now += wait(&governor.turn(now));
        }
        assert!(now - begun < ms(200), "{:?}", now - begun);
    }
}
