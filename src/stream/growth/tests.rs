//! What holds for any split of a text, whatever becomes of its steps. Time is played: a step takes no time but what the
//! fault says.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Growth, Next, Outcome, SETTLES, Step, Trouble};
use crate::{MessageError, SentMessage};

const INTERVAL: Duration = Duration::from_millis(500);
const SENT: SentMessage = SentMessage { message_uid: 7, timestamp: 1 };

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Accepted,
    /// Executed, but the answer was lost.
    Lost,
    /// Not executed, and the answer was lost.
    LostBefore,
    /// The server takes no more for now.
    Refused,
    /// The server takes this text never.
    Rejected,
}

/// What its owner does.
#[derive(Debug, Clone)]
enum Act {
    Append(String),
    Wait(u64),
    Cancel,
    Finish,
}

/// What receivers see: the kind of the last message, and its text.
#[derive(Default)]
struct World {
    shown: Vec<(Step, String)>,
    sent: Vec<(Step, Instant, Fate)>,
}

fn error(fate: Fate) -> MessageError {
    let (endpoint, attempts) = ("message/send".to_owned(), 1);
    match fate {
        Fate::Rejected => MessageError::Rejected { endpoint, code: 241, msg: String::new(), attempts },
        Fate::Refused => MessageError::RateLimited { endpoint, attempts, msg: String::new() },
        _ => MessageError::ConnectionLost { endpoint, attempts, reason: "reset".into() },
    }
}

impl World {
    /// Does all that can be done now; returns when there is more to do.
    fn turn(&mut self, growth: &mut Growth, now: Instant, fates: &mut impl Iterator<Item = Fate>) -> Option<Instant> {
        loop {
            match growth.next(now) {
                Next::Send(step) => {
                    let fate = fates.next().unwrap_or(Fate::Accepted);
                    self.sent.push((step, now, fate));
                    if matches!(fate, Fate::Accepted | Fate::Lost) {
                        self.shown.push((step, growth.text()[..step.bytes()].to_owned()));
                    }
                    if fate == Fate::Accepted {
                        growth.accepted(SENT, now);
                    } else {
                        let passes = fate != Fate::Rejected;
                        growth.failed(Trouble { error: error(fate), passes, retry_after: None, sent_at: now });
                    }
                }
                Next::WaitUntil(at) => return Some(at),
                Next::Wait | Next::Over => return None,
            }
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Accepted),
        1 => Just(Fate::Lost),
        1 => Just(Fate::LostBefore),
        1 => Just(Fate::Refused),
        1 => Just(Fate::Rejected),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => "[a-z好😀]{0,4}".prop_map(Act::Append),
        4 => (0_u64..1500).prop_map(Act::Wait),
    ]
}

proptest! {
    #[test]
    fn receivers_see_the_truth(
        acts in prop::collection::vec(act(), 0..40),
        end in prop_oneof![Just(Act::Finish), Just(Act::Cancel)],
        fates in prop::collection::vec(fate(), 0..30),
    ) {
        let begun = Instant::now();
        let (mut now, mut growth, mut world) = (begun, Growth::new(INTERVAL), World::default());
        let mut fates = fates.into_iter();
        let mut whole = String::new();
        for act in acts.into_iter().chain([end.clone()]) {
            match act {
                Act::Append(piece) => {
                    whole.push_str(&piece);
                    growth.append(&piece, now);
                }
                Act::Wait(time) => {
                    let until = now + Duration::from_millis(time);
                    while let Some(at) = world.turn(&mut growth, now, &mut fates).filter(|at| *at <= until) {
                        now = at;
                    }
                    now = until;
                }
                Act::Cancel => growth.cancel(),
                // An empty text is refused before.
                Act::Finish if whole.is_empty() => growth.cancel(),
                Act::Finish => growth.finish(),
            }
            world.turn(&mut growth, now, &mut fates);
        }
        while let Some(at) = world.turn(&mut growth, now, &mut fates) {
            now = at;
        }

        prop_assert_eq!(growth.next(now), Next::Over);
        // Each text is a part of the whole from its beginning, and no step comes after an end.
        let ends: Vec<usize> = (0..world.shown.len()).filter(|at| world.shown[*at].0.is_end()).collect();
        for (_, text) in &world.shown {
            prop_assert!(whole.starts_with(text.as_str()));
        }
        prop_assert!(ends.is_empty() || ends == [world.shown.len() - 1], "{:?}", world.shown);
        // So many requests in so much time, the end besides.
        for (at, (step, time, _)) in world.sent.iter().enumerate() {
            if let Some((_, before, _)) = at.checked_sub(1).map(|before| world.sent[before])
                && !step.is_end()
            {
                prop_assert!(*time - before >= INTERVAL);
            }
        }
        prop_assert!(world.sent.iter().filter(|(step, ..)| step.is_end()).count() <= 2);
        let last = world.shown.last();
        match growth.outcome() {
            Some(Outcome::Finished(_)) => {
                prop_assert!(last.is_some_and(|(step, text)| matches!(step, Step::Generated(_)) && *text == whole));
            }
            Some(Outcome::Failed(seen)) if seen.is_marked => {
                prop_assert!(last.is_some_and(|(step, text)| matches!(step, Step::Cancelled(_)) && text.len() == seen.bytes));
            }
            Some(Outcome::Failed(seen)) => {
                let is_whole = last.is_some_and(|(step, _)| matches!(step, Step::Generated(_)));
                prop_assert!(seen.may_be_finished || !is_whole, "{:?}", world.shown);
                // Nothing is told to be seen of which more is seen.
                prop_assert!(is_whole || last.is_none_or(|(step, text)| step.is_end() || text.len() <= seen.bytes));
            }
            None => prop_assert!(false, "it has no outcome"),
        }
        // Where a step's fate is unknown, the end waits until the step can come no more.
        for (_, end, _) in world.sent.iter().filter(|(step, ..)| step.is_end()) {
            for (step, time, fate) in &world.sent {
                let is_unknown = matches!(fate, Fate::Lost | Fate::LostBefore);
                prop_assert!(step.is_end() || !is_unknown || *end - *time >= SETTLES);
            }
        }
    }
}

#[test]
fn the_first_piece_goes_out_at_once_and_the_others_are_gathered() {
    let now = Instant::now();
    let mut growth = Growth::new(INTERVAL);
    assert_eq!(growth.next(now), Next::Wait);
    growth.append("", now);
    assert_eq!(growth.next(now), Next::Wait);
    growth.append("a", now);
    growth.append("bc", now);
    assert_eq!(growth.next(now), Next::Send(Step::Generating(1)));
    growth.accepted(SENT, now);
    assert_eq!(growth.next(now), Next::WaitUntil(now + INTERVAL));
    growth.append("d", now);
    assert_eq!(growth.next(now + INTERVAL), Next::Send(Step::Generating(4)));
    growth.accepted(SENT, now + INTERVAL);
    assert_eq!(growth.next(now + 5 * INTERVAL), Next::Wait);
    growth.append("e", now + 5 * INTERVAL);
    growth.finish();
    assert_eq!(growth.next(now + 5 * INTERVAL), Next::Send(Step::Generating(5)));
    growth.accepted(SENT, now + 5 * INTERVAL);
    assert_eq!(growth.next(now + 5 * INTERVAL), Next::Send(Step::Generated(5)));
}

#[test]
fn after_trouble_the_pauses_grow_and_the_next_step_has_all() {
    let mut now = Instant::now();
    let mut growth = Growth::new(INTERVAL);
    growth.append("a", now);
    for pause in [1, 2, 4, 8, 16, 16] {
        assert!(matches!(growth.next(now), Next::Send(Step::Generating(_))));
        growth.append("b", now);
        let trouble = Trouble { error: error(Fate::Refused), passes: true, retry_after: None, sent_at: now };
        growth.failed(trouble);
        let at = now + Duration::from_secs(pause);
        assert_eq!(growth.next(now), Next::WaitUntil(at));
        now = at;
    }
    assert_eq!(growth.next(now), Next::Send(Step::Generating(7)));
}

#[test]
fn an_end_waits_until_a_step_of_unknown_fate_can_come_no_more() {
    for is_cancelled in [false, true] {
        let now = Instant::now();
        let mut growth = Growth::new(INTERVAL);
        growth.append("a", now);
        assert_eq!(growth.next(now), Next::Send(Step::Generating(1)));
        growth.failed(Trouble { error: error(Fate::Lost), passes: true, retry_after: None, sent_at: now });
        match is_cancelled {
            true => growth.cancel(),
            false => growth.finish(),
        }
        assert_eq!(growth.next(now), Next::WaitUntil(now + SETTLES));
        assert!(matches!(growth.next(now + SETTLES), Next::Send(step) if step.is_end()));
    }
}

#[test]
fn a_text_of_which_nothing_was_seen_is_cancelled_without_a_word() {
    let now = Instant::now();
    let mut growth = Growth::new(INTERVAL);
    growth.append("a", now);
    assert_eq!(growth.next(now), Next::Send(Step::Generating(1)));
    growth.failed(Trouble { error: error(Fate::Rejected), passes: false, retry_after: None, sent_at: now });
    assert_eq!(growth.next(now), Next::Over);
    assert!(matches!(growth.outcome(), Some(Outcome::Failed(seen)) if seen.bytes == 0 && !seen.may_be_finished));
}
