//! Whether a call that failed is tried again, and when: the rule of docs/delivery.md as a pure function.

use std::time::Duration;

use crate::{MessageError, endpoints::Effect};

/// How often and how patiently calls are tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    /// The longest pause after the first attempt; it doubles with each.
    pub(crate) pause: Duration,
    pub(crate) pause_max: Duration,
}

/// What became of the request of an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No byte of it left.
    NotSent,
    /// The server was too busy to execute it.
    Refused,
    /// It may have been executed.
    Unknown,
    /// It was answered, by the server or in its place: another attempt would meet the same. What it did is another question.
    Decided,
}

/// An attempt that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    /// In a box, because an error is large and most attempts succeed.
    pub(crate) error: Box<MessageError>,
    pub(crate) fate: Fate,
    /// The pause that the server asked for.
    pub(crate) retry_after: Option<Duration>,
}

impl From<MessageError> for Failed {
    fn from(error: MessageError) -> Self {
        let fate = match &error {
            MessageError::Unreachable { .. } => Fate::NotSent,
            MessageError::RateLimited { .. } => Fate::Refused,
            MessageError::TimedOut { .. } | MessageError::ConnectionLost { .. } => Fate::Unknown,
            // An answer came; the code that judged it decides whether another attempt could get a better one.
            _ => Fate::Decided,
        };
        Self { error: error.into(), fate, retry_after: None }
    }
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    GiveUp,
    Pause(Duration),
}

/// What follows the failure of attempt number `attempt`, counted from 1, with `left` of the call's time to go.
///
/// `jitter`, from 0 to 1, says how much of the longest pause is taken: with full jitter, callers that failed together do
/// not come back together.
pub(crate) fn next(
    policy: &Policy,
    effect: Effect,
    fate: Fate,
    attempt: u32,
    retry_after: Option<Duration>,
    left: Duration,
    jitter: f64,
) -> Next {
    let harmless = match fate {
        Fate::NotSent | Fate::Refused => true,
        Fate::Unknown => effect != Effect::EachTime,
        Fate::Decided => false,
    };
    if !harmless || attempt >= policy.max_attempts {
        return Next::GiveUp;
    }
    let doubled = policy.pause.saturating_mul(1 << (attempt - 1).min(16));
    let pause = doubled.min(policy.pause_max).mul_f64(jitter).saturating_add(retry_after.unwrap_or_default());
    if pause < left { Next::Pause(pause) } else { Next::GiveUp }
}

/// The error of a call whose attempts all failed: `doubt` is the first one whose fate is unknown, `last` the last.
///
/// A later attempt cannot make an earlier one undone. So a doubt stays, unless the call only reads and the server has
/// given its answer.
pub(crate) fn told(effect: Effect, doubt: Option<MessageError>, last: Failed) -> MessageError {
    match doubt {
        Some(_) if last.error.may_have_executed() => *last.error,
        Some(_) if effect == Effect::None && last.fate == Fate::Decided => *last.error,
        Some(doubt) => doubt,
        None => *last.error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: Policy =
        Policy { max_attempts: 3, pause: Duration::from_millis(200), pause_max: Duration::from_millis(500) };
    const LONG: Duration = Duration::from_secs(30);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// The table of docs/delivery.md: what happened, and whether a call that reads, settles or acts is tried again.
    #[test]
    fn what_is_tried_again() {
        let endpoint = || "message/send".to_owned();
        let (attempts, reason, msg) = (1, String::new, String::new);
        let rejected = |code| MessageError::Rejected { endpoint: endpoint(), code, msg: msg(), attempts };
        let unauthorized =
            |code| MessageError::Unauthorized { endpoint: endpoint(), code, msg: msg(), attempts, clock_offset: None };
        let unusable = |status| MessageError::InvalidResponse {
            endpoint: endpoint(),
            status,
            reason: reason(),
            body: String::new(),
            attempts,
        };
        #[rustfmt::skip]
        let table = [
            // the failure                                                                              reads, once, each time
            (MessageError::Unreachable { endpoint: endpoint(), attempts, reason: reason() },                  [true, true, true]),
            (MessageError::RateLimited { endpoint: endpoint(), attempts, msg: msg() },                        [true, true, true]),
            (MessageError::TimedOut { endpoint: endpoint(), attempts, elapsed: LONG },                        [true, true, false]),
            (MessageError::ConnectionLost { endpoint: endpoint(), attempts, reason: reason() },               [true, true, false]),
            (unusable(200),                                                                                   [false, false, false]),
            (rejected(4),                                                                                     [false, false, false]),
            (rejected(251),                                                                                   [false, false, false]),
            (rejected(253),                                                                                   [false, false, false]),
            (rejected(9999),                                                                                  [false, false, false]),
            (unauthorized(239),                                                                               [false, false, false]),
            (unauthorized(243),                                                                               [false, false, false]),
            (unauthorized(244),                                                                               [false, false, false]),
            (unauthorized(401),                                                                               [false, false, false]),
            (MessageError::NotSupported { endpoint: endpoint(), attempts },                                   [false, false, false]),
            (MessageError::BadRequest { endpoint: endpoint(), status: 500, body: String::new(), attempts },   [false, false, false]),
            (MessageError::invalid("sender", "it is empty"),                                                  [false, false, false]),
        ];
        for (error, expected) in table {
            let text = error.to_string();
            let failed = Failed::from(error);
            let again = [Effect::None, Effect::Once, Effect::EachTime]
                .map(|effect| next(&POLICY, effect, failed.fate, 1, None, LONG, 0.5) != Next::GiveUp);
            assert_eq!(again, expected, "{text}");
            // What may have been executed is never sent a second time.
            assert!(!(failed.error.may_have_executed() && again[2]), "{text}");
        }
    }

    #[test]
    fn attempts_are_bounded() {
        for (attempt, expected) in [(1, true), (2, true), (3, false), (4, false)] {
            let next = next(&POLICY, Effect::EachTime, Fate::NotSent, attempt, None, LONG, 0.5);
            assert_eq!(next != Next::GiveUp, expected, "attempt {attempt}");
        }
        let once = Policy { max_attempts: 1, ..POLICY };
        assert_eq!(next(&once, Effect::None, Fate::NotSent, 1, None, LONG, 0.0), Next::GiveUp);
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_luck_takes_a_part_of_them() {
        let policy = Policy { max_attempts: u32::MAX, ..POLICY };
        let pause = |attempt, jitter| next(&policy, Effect::None, Fate::Refused, attempt, None, LONG, jitter);
        for (attempt, longest) in [(1, 200), (2, 400), (3, 500), (4, 500), (1000, 500)] {
            assert_eq!(pause(attempt, 1.0), Next::Pause(ms(longest)), "attempt {attempt}");
            assert_eq!(pause(attempt, 0.5), Next::Pause(ms(longest / 2)), "attempt {attempt}");
            assert_eq!(pause(attempt, 0.0), Next::Pause(ms(0)), "attempt {attempt}");
        }
    }

    #[test]
    fn the_server_is_not_called_before_the_time_it_names() {
        let pause = |jitter| next(&POLICY, Effect::EachTime, Fate::Refused, 1, Some(ms(2000)), LONG, jitter);
        assert_eq!(pause(0.0), Next::Pause(ms(2000)));
        assert_eq!(pause(1.0), Next::Pause(ms(2200)));
    }

    #[test]
    fn a_pause_that_outlasts_the_call_is_not_begun() {
        let within = |left| next(&POLICY, Effect::EachTime, Fate::Refused, 1, Some(ms(2000)), ms(left), 0.0);
        assert_eq!(within(2001), Next::Pause(ms(2000)));
        assert_eq!(within(2000), Next::GiveUp);
        assert_eq!(within(0), Next::GiveUp);
    }

    #[test]
    fn a_doubt_stays_until_the_server_answers_what_only_reads() {
        let endpoint = || "message/delete".to_owned();
        let doubt = || MessageError::ConnectionLost { endpoint: endpoint(), attempts: 1, reason: "reset".into() };
        let unreachable = || MessageError::Unreachable { endpoint: endpoint(), attempts: 2, reason: "refused".into() };
        let unknown = || MessageError::TimedOut { endpoint: endpoint(), attempts: 2, elapsed: LONG };
        let answered = || MessageError::Rejected { endpoint: endpoint(), code: 253, msg: String::new(), attempts: 2 };
        #[rustfmt::skip]
        let table = [
            (Effect::None, None,          answered(),    answered()),
            (Effect::None, Some(doubt()), answered(),    answered()),
            (Effect::None, Some(doubt()), unreachable(), doubt()),
            (Effect::None, Some(doubt()), unknown(),     unknown()),
            (Effect::Once, None,          unreachable(), unreachable()),
            (Effect::Once, Some(doubt()), unreachable(), doubt()),
            // The message is gone: by the first attempt, or long ago.
            (Effect::Once, Some(doubt()), answered(),    doubt()),
            (Effect::Once, Some(doubt()), unknown(),     unknown()),
        ];
        for (effect, doubt, last, expected) in table {
            assert_eq!(told(effect, doubt, last.into()), expected);
        }
    }
}
