//! Whether a server is there, as far as the messages of a bulk know together: [`Presence`].

use std::time::{Duration, Instant};

use super::retry::{Failed, Fate, Policy};
use crate::MessageError;

/// One looks for a server that is away as often as this at the least, however long it has been away.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Longer than anybody waits, and short enough for every clock.
const ENDLESS: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// What somebody has just found out is true for others too, for so long.
const FRESH: Duration = Duration::from_secs(1);

/// Knows when the server was last there, and when to give it up.
///
/// While it is away one looks for it, and the others wait for what he finds. A server that was there is waited for as
/// long as the patience lasts, from the last time that it took something. One that was never there is given up after as
/// many looks as a single call would make: then its address is wrong, or its certificate, or the port.
///
/// Where a connection was lost with a request on it, the server may just be dying, and still accept connections for a
/// moment: then one message finds out, and not each of those that are sent side by side.
pub(super) struct Presence {
    patience: Duration,
    policy: Policy,
    /// Whether it was ever there.
    reached: bool,
    /// When the first attempt was begun that failed, since the server took something.
    takes_none_since: Option<Instant>,
    away: Option<Away>,
    /// When a connection was lost with a request on it: what was begun before says nothing of whether the server is still
    /// there.
    in_doubt: Option<Instant>,
    /// Somebody looks, or is about to.
    looking: bool,
    given_up: Option<GivenUp>,
}

struct Away {
    /// What was begun before says nothing of whether it is back.
    since: Instant,
    /// How often somebody has looked for it and not found it.
    looks: u32,
    /// When it is looked for next.
    next: Instant,
    /// Why a request did not leave.
    error: MessageError,
}

struct GivenUp {
    until: Instant,
    error: MessageError,
}

/// What somebody is to do who wants to send.
#[derive(Debug, PartialEq)]
pub(super) enum Advice {
    Send,
    /// He is the one who looks, at this time.
    LookAt(Instant),
    /// Somebody looks already.
    Wait,
    GiveUp(MessageError),
}

/// What follows an attempt.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It stays as it is.
    Final,
    /// The message is tried again as soon as it may.
    Again,
    /// It is not, and no other one for now.
    GiveUp,
}

impl Presence {
    pub(super) fn new(patience: Duration, policy: Policy) -> Self {
        Self {
            patience: patience.min(ENDLESS),
            policy,
            reached: false,
            takes_none_since: None,
            away: None,
            in_doubt: None,
            looking: false,
            given_up: None,
        }
    }

    /// What to do now.
    pub(super) fn advise(&mut self, now: Instant) -> Advice {
        if let Some(advice) = self.holds_back(now) {
            return advice;
        }
        let next = self.away.as_ref().map(|away| away.next).or_else(|| self.in_doubt.map(|_| now));
        self.looking = next.is_some();
        next.map_or(Advice::Send, Advice::LookAt)
    }

    /// What to do until it is worth while to ask for advice: to wait, to give up, or nothing.
    pub(super) fn holds_back(&self, now: Instant) -> Option<Advice> {
        match &self.given_up {
            Some(given_up) if now < given_up.until => Some(Advice::GiveUp(given_up.error.clone())),
            _ => self.looking.then_some(Advice::Wait),
        }
    }

    /// The message that was to check the server does not check it any more.
    pub(super) fn stops_looking(&mut self) {
        self.looking = false;
    }

    /// Takes in what became of an attempt, the message's own so many-th. `jitter` gives how much of a pause is taken, from 0
    /// to 1.
    pub(super) fn learn<A>(
        &mut self,
        outcome: &Result<A, Failed>,
        attempt: u32,
        begun: Instant,
        now: Instant,
        jitter: impl FnOnce() -> f64,
    ) -> Verdict {
        let failed = match outcome {
            Ok(_) => return self.is_there(begun, true),
            Err(failed) => failed,
        };
        match failed.fate {
            Fate::Decided => self.is_there(begun, true),
            // Something took it on, perhaps the server. That is no word of its own: it is looked for on.
            Fate::Unknown => {
                self.reached = true;
                if let Some(error) = self.away.as_ref().map(|away| away.error.clone()) {
                    self.is_away(&error, begun, now, jitter);
                } else if matches!(*failed.error, MessageError::ConnectionLost { .. }) {
                    self.in_doubt = Some(now);
                } else {
                    self.is_not_dying(begun);
                }
                Verdict::Final
            }
            Fate::Refused => self.takes_no_more(failed, attempt, begun, now),
            Fate::NotSent => self.is_away(&failed.error, begun, now, jitter),
        }
    }

    /// It gave an answer of its own, to what was begun then.
    fn is_there(&mut self, begun: Instant, took_it: bool) -> Verdict {
        self.reached = true;
        self.is_not_dying(begun);
        // What was under way before it went away does not bring it back.
        if self.away.as_ref().is_none_or(|away| begun >= away.since) {
            (self.away, self.given_up) = (None, None);
            if took_it {
                self.takes_none_since = None;
            }
        }
        Verdict::Final
    }

    /// What was begun then has not lost its connection.
    fn is_not_dying(&mut self, begun: Instant) {
        self.in_doubt.take_if(|since| begun >= *since);
    }

    fn takes_no_more(&mut self, failed: &Failed, attempt: u32, begun: Instant, now: Instant) -> Verdict {
        self.is_there(begun, false);
        let since = *self.takes_none_since.get_or_insert(begun);
        let pause = failed.retry_after.unwrap_or_default();
        let is_patient = !self.patience.is_zero();
        let time = match is_patient {
            true => (since + self.patience).saturating_duration_since(now),
            false => self.policy.pause_max.max(LONGEST_PAUSE),
        };
        if pause < time && (is_patient || attempt < self.policy.max_attempts) {
            return Verdict::Again;
        }
        // Without patience others have their own attempts, where the server takes something in between.
        if is_patient || pause >= time || now >= since + LONGEST_PAUSE {
            // What the server does not want to hear of for so long is not asked for either.
            return self.give_up(&failed.error, now, pause.clamp(FRESH, ENDLESS));
        }
        Verdict::GiveUp
    }

    fn is_away(&mut self, error: &MessageError, begun: Instant, now: Instant, jitter: impl FnOnce() -> f64) -> Verdict {
        self.in_doubt = None;
        let since = *self.takes_none_since.get_or_insert(begun);
        let away = self.away.get_or_insert_with(|| Away { since: now, looks: 0, next: now, error: error.clone() });
        if begun < away.since && away.looks > 0 {
            // Of those that were under way together, which all found it gone.
            return Verdict::Again;
        }
        let doubled = self.policy.pause.saturating_mul(1 << away.looks.min(16));
        let longest = self.policy.pause_max.min(LONGEST_PAUSE.max(self.policy.pause));
        away.looks += 1;
        away.next = now + doubled.min(longest).mul_f64(jitter());
        if self.reached && !self.patience.is_zero() {
            away.next = away.next.min(since + self.patience);
            if now < since + self.patience {
                return Verdict::Again;
            }
        } else if away.looks < self.policy.max_attempts {
            return Verdict::Again;
        }
        self.give_up(error, now, FRESH)
    }

    fn give_up(&mut self, error: &MessageError, now: Instant, long: Duration) -> Verdict {
        self.given_up = Some(GivenUp { until: now + long, error: error.clone() });
        Verdict::GiveUp
    }

    /// Whether it is there and has taken what it got: another success tells nothing new.
    pub(super) fn is_calm(&self) -> bool {
        self.reached
            && self.takes_none_since.is_none()
            && self.away.is_none()
            && self.in_doubt.is_none()
            && self.given_up.is_none()
    }

    pub(super) fn is_server_away(&self) -> bool {
        self.away.is_some()
    }

    /// How long the server has taken nothing, and how long it is waited for on.
    pub(super) fn patience(&self, now: Instant) -> (Option<Duration>, Option<Duration>) {
        let waited = self.takes_none_since.map(|since| now.saturating_duration_since(since));
        let is_patient = self.reached && !self.patience.is_zero();
        (waited, waited.filter(|_| is_patient).map(|waited| self.patience.saturating_sub(waited)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy =
        Policy { max_attempts: 3, pause: Duration::from_millis(200), pause_max: Duration::from_secs(5) };
    const PATIENCE: Duration = Duration::from_secs(10);

    struct Story {
        presence: Presence,
        now: Instant,
    }

    impl Story {
        fn new(patience: Duration) -> Self {
            Self { presence: Presence::new(patience, POLICY), now: Instant::now() }
        }

        fn passes(&mut self, milliseconds: u64) {
            self.now += Duration::from_millis(milliseconds);
        }

        fn advice(&mut self) -> Advice {
            self.presence.advise(self.now)
        }

        fn learn(&mut self, outcome: Result<(), Failed>, begun: Instant) -> Verdict {
            self.presence.learn(&outcome, 1, begun, self.now, || 1.0)
        }

        /// Somebody looks and meets this: what follows, and how long he waited before.
        fn looks(&mut self, outcome: Result<(), Failed>) -> (Verdict, Duration) {
            let Advice::LookAt(at) = self.advice() else { panic!("nobody is to look") };
            let pause = at.saturating_duration_since(self.now);
            self.now += pause;
            assert_eq!(self.advice(), Advice::Wait);
            let begun = self.now;
            self.passes(1);
            let verdict = self.learn(outcome, begun);
            self.presence.stops_looking();
            (verdict, pause)
        }
    }

    fn error() -> MessageError {
        MessageError::Unreachable { endpoint: "message/send".into(), attempts: 1, reason: "refused".into() }
    }

    fn unreachable() -> Result<(), Failed> {
        Err(error().into())
    }

    fn lost() -> Result<(), Failed> {
        let reason = "reset".to_owned();
        Err(MessageError::ConnectionLost { endpoint: "message/send".into(), attempts: 1, reason }.into())
    }

    fn refused(retry_after: u64) -> Result<(), Failed> {
        let error = MessageError::RateLimited { endpoint: "message/send".into(), attempts: 1, msg: String::new() };
        Err(Failed { error: error.into(), fate: Fate::Refused, retry_after: Some(Duration::from_secs(retry_after)) })
    }

    #[test]
    fn a_server_that_was_there_is_waited_for_and_one_looks() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        assert_eq!((story.advice(), story.learn(Ok(()), begun)), (Advice::Send, Verdict::Final));
        story.passes(5);
        // Three were under way.
        assert_eq!([(); 3].map(|()| story.learn(unreachable(), begun)), [(); 3].map(|()| Verdict::Again));
        let pauses: Vec<u128> = (0..6).map(|_| story.looks(unreachable()).1.as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1000, 1000, 1000]);
        assert!(story.presence.is_server_away());
        let (waited, left) = story.presence.patience(story.now);
        assert_eq!(waited.unwrap() + left.unwrap(), PATIENCE);
        assert_eq!(story.looks(Ok(())).0, Verdict::Final);
        assert_eq!((story.advice(), story.presence.patience(story.now)), (Advice::Send, (None, None)));
    }

    #[test]
    fn it_is_given_up_when_the_patience_is_over_and_looked_for_once_a_second() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        story.learn(Ok(()), begun);
        // Nothing was wanted for an hour: the patience begins with the first request that finds it gone.
        story.passes(3_600_000);
        let begun = story.now;
        assert_eq!(story.learn(unreachable(), begun), Verdict::Again);
        let looks = (1..).find(|_| story.looks(unreachable()).0 == Verdict::GiveUp).unwrap();
        assert!((12..=14).contains(&looks) && story.now - begun < PATIENCE + Duration::from_millis(100), "{looks}");
        for _ in 0..3 {
            assert_eq!([(); 2].map(|()| story.advice()), [(); 2].map(|()| Advice::GiveUp(error())));
            story.passes(1_000);
            assert_eq!(story.looks(unreachable()).0, Verdict::GiveUp);
        }
        story.passes(1_000);
        assert_eq!(story.looks(Ok(())).0, Verdict::Final);
        assert_eq!(story.advice(), Advice::Send);
    }

    #[test]
    fn a_server_that_was_never_there_is_given_up_after_as_many_looks_as_a_call_makes() {
        for patience in [PATIENCE, Duration::ZERO] {
            let mut story = Story::new(patience);
            let begun = story.now;
            story.passes(1);
            assert_eq!([(); 32].map(|()| story.learn(unreachable(), begun)), [(); 32].map(|()| Verdict::Again));
            assert_eq!(story.looks(unreachable()).0, Verdict::Again);
            assert_eq!(story.looks(unreachable()).0, Verdict::GiveUp);
            assert_eq!(story.advice(), Advice::GiveUp(error()));
        }
    }

    #[test]
    fn without_patience_a_server_that_went_away_is_given_up_as_well() {
        let mut story = Story::new(Duration::ZERO);
        let begun = story.now;
        story.learn(Ok(()), begun);
        assert_eq!(story.learn(unreachable(), begun), Verdict::Again);
        let verdicts = [(); 2].map(|()| story.looks(unreachable()).0);
        assert_eq!(verdicts, [Verdict::Again, Verdict::GiveUp]);
    }

    #[test]
    fn an_unknown_fate_is_final_and_no_sign_that_the_server_is_back() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        assert_eq!(story.learn(lost(), begun), Verdict::Final);
        assert_eq!(story.learn(unreachable(), begun), Verdict::Again);
        assert_eq!(story.looks(lost()).0, Verdict::Final);
        assert!(story.presence.is_server_away());
        assert_eq!(story.looks(refused(0)).0, Verdict::Again);
        assert!(!story.presence.is_server_away());
    }

    #[test]
    fn after_a_lost_connection_one_finds_out_and_the_others_wait() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        story.passes(1);
        // Three were under way, and one of them had an answer.
        assert_eq!([(); 2].map(|()| story.learn(lost(), begun)), [(); 2].map(|()| Verdict::Final));
        story.learn(Ok(()), begun);
        assert!(!story.presence.is_server_away() && !story.presence.is_calm());
        for _ in 0..3 {
            assert_eq!(story.looks(lost()), (Verdict::Final, Duration::ZERO));
        }
        assert_eq!(story.looks(Ok(())), (Verdict::Final, Duration::ZERO));
        assert_eq!(story.advice(), Advice::Send);
        assert!(story.presence.is_calm());
        // A server that is silent is not dying, and keeps only itself waiting.
        let silence = MessageError::TimedOut { endpoint: "message/send".into(), attempts: 1, elapsed: PATIENCE };
        assert_eq!(story.learn(Err(silence.clone().into()), story.now), Verdict::Final);
        assert_eq!(story.advice(), Advice::Send);
        story.learn(lost(), story.now);
        assert_eq!(story.looks(Err(silence.into())), (Verdict::Final, Duration::ZERO));
        assert_eq!(story.advice(), Advice::Send);
        // Gone for good.
        story.learn(lost(), story.now);
        assert_eq!(story.looks(unreachable()), (Verdict::Again, Duration::ZERO));
        assert!(story.presence.is_server_away());
        assert!(matches!(story.advice(), Advice::LookAt(_)));
    }

    #[test]
    fn nobody_else_looks_while_one_finds_out_whatever_others_meet() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        story.passes(1);
        story.learn(lost(), begun);
        assert_eq!(story.advice(), Advice::LookAt(story.now));
        // One of those that were under way before finds no connection any more.
        assert_eq!(story.learn(unreachable(), begun), Verdict::Again);
        assert_eq!([(); 3].map(|()| story.advice()), [(); 3].map(|()| Advice::Wait));
        story.presence.stops_looking();
        assert!(matches!(story.advice(), Advice::LookAt(_)));
        assert_eq!(story.advice(), Advice::Wait);
    }

    #[test]
    fn answers_that_were_under_way_are_no_sign_that_the_server_is_back() {
        let mut story = Story::new(PATIENCE);
        let begun = story.now;
        story.passes(1);
        story.learn(unreachable(), begun);
        story.passes(1);
        story.learn(Ok(()), begun);
        assert!(story.presence.is_server_away());
        let (waited, left) = story.presence.patience(story.now);
        assert_eq!(waited.unwrap() + left.unwrap(), PATIENCE);
    }

    #[test]
    fn a_limit_is_waited_for_as_long_as_something_is_taken_now_and_then() {
        let mut story = Story::new(PATIENCE);
        for _ in 0..100 {
            let begun = story.now;
            story.passes(9_000);
            assert_eq!(story.learn(refused(0), begun), Verdict::Again);
            story.learn(Ok(()), begun);
        }
        let begun = story.now;
        assert_eq!(story.learn(refused(0), begun), Verdict::Again);
        story.passes(9_000);
        // It wants to be left alone for longer than the patience lasts.
        let begun = story.now;
        assert_eq!(story.learn(refused(1), begun), Verdict::GiveUp);
        assert!(matches!(story.advice(), Advice::GiveUp(MessageError::RateLimited { .. })));
        story.passes(1_001);
        assert_eq!(story.advice(), Advice::Send);
        // For an hour nobody asks again.
        let begun = story.now;
        assert_eq!(story.learn(refused(3_600), begun), Verdict::GiveUp);
        story.passes(3_599_000);
        assert!(matches!(story.advice(), Advice::GiveUp(_)));
        story.passes(1_001);
        assert_eq!(story.advice(), Advice::Send);
    }

    #[test]
    fn no_time_is_too_long() {
        let mut story = Story::new(Duration::MAX);
        let begun = story.now;
        assert_eq!(story.learn(refused(u64::MAX), begun), Verdict::GiveUp);
        let mut story = Story::new(Duration::MAX);
        assert_eq!(story.learn(refused(3_600), begun), Verdict::Again);
        assert_eq!(story.learn(unreachable(), begun), Verdict::Again);
        assert!(story.presence.patience(story.now).1 > Some(Duration::from_secs(1 << 30)));
    }

    #[test]
    fn without_patience_a_limit_is_met_as_often_as_a_call_is_tried() {
        let mut presence = Presence::new(Duration::ZERO, POLICY);
        let now = Instant::now();
        let verdicts = [1, 2, 3].map(|attempt| presence.learn(&refused(0), attempt, now, now, || 1.0));
        assert_eq!(verdicts, [Verdict::Again, Verdict::Again, Verdict::GiveUp]);
        // The next message has its own attempts …
        assert_eq!(presence.advise(now), Advice::Send);
        // … unless nothing at all is taken.
        let later = now + LONGEST_PAUSE;
        assert_eq!(presence.learn(&refused(0), 3, later, later, || 1.0), Verdict::GiveUp);
        assert!(matches!(presence.advise(later), Advice::GiveUp(_)));
    }
}
