//! Finds out the time of the server's clock, by signing requests for other times than now.
//!
//! A server accepts a signature that is up to 2 hours old by its own clock. The exact age at which it begins to refuse shows the
//! time of that clock. The requests only look a message up.

use wildfirechat_message::{ErrorCode, MessageClient, MessageError, endpoints::GetMessage, program::Span};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// The age in milliseconds from which on a server refuses a signature.
pub(super) const OLDEST: i64 = 2 * HOUR;
/// Clocks that differ by less than this count as equal.
const NEAR: i64 = 10 * MINUTE;
/// The largest difference that it looks for.
const FARTHEST: i64 = 72 * HOUR;

/// By how many milliseconds the server's clock is ahead of this machine's, exact to the minute; negative if it is behind; None if
/// that cannot be found out.
pub(super) fn offset(client: &MessageClient) -> Option<i64> {
    let found = find(|age| accepts(client, age));
    client.shift_clock(0);
    found
}

/// Whether the server accepts a signature of this age; None if its answer says neither.
fn accepts(client: &MessageClient, age: i64) -> Option<bool> {
    client.shift_clock(-age);
    match client.call_unless(GetMessage { message_uid: 1 }, || false) {
        Ok(_) | Err(MessageError::Rejected { .. }) => Some(true),
        // The server checks the secret after the time.
        Err(MessageError::Unauthorized { code, .. }) if code == ErrorCode::AuthFailure as i32 => Some(true),
        Err(MessageError::Unauthorized { .. }) => Some(false),
        Err(_) => None,
    }
}

/// `accepts` says of an age in milliseconds whether a signature that old is accepted.
fn find(accepts: impl Fn(i64) -> Option<bool>) -> Option<i64> {
    // The usual case.
    if accepts(OLDEST - NEAR)? && !accepts(OLDEST + NEAR)? {
        return Some(0);
    }
    // Some servers also refuse signatures that are 2 hours ahead of their clock: they accept a range of 4 hours.
    const STEP: i64 = 3 * HOUR;
    let ages = (0..=FARTHEST / STEP).flat_map(|steps| [steps * STEP, -steps * STEP]).skip(1);
    let mut young = accepted_one(ages, &accepts)?;
    let mut old = young + 4 * HOUR;
    while accepts(old)? {
        (young, old) = (old, old + (old - young));
        if old > FARTHEST {
            return None;
        }
    }
    while old - young > MINUTE / 6 {
        let middle = young + (old - young) / 2;
        if accepts(middle)? { young = middle } else { old = middle }
    }
    let offset = OLDEST - (young + old) / 2;
    Some((offset + MINUTE / 2).div_euclid(MINUTE) * MINUTE)
}

/// The first age that the server accepts.
fn accepted_one(ages: impl Iterator<Item = i64>, accepts: impl Fn(i64) -> Option<bool>) -> Option<i64> {
    for age in ages {
        if accepts(age)? {
            return Some(age);
        }
    }
    None
}

/// An offset as a sentence for people.
pub(super) fn told(offset: i64) -> String {
    if offset.abs() <= NEAR {
        return "this machine's clock and the server's agree, to within 10 min".into();
    }
    let side = if offset > 0 { "behind" } else { "ahead of" };
    format!("this machine's clock is {} {side} the server's", Span(offset.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// A server's clock is found out to the minute, whichever side it is on and however far, in few questions.
    #[test]
    fn a_servers_clock_is_found_out_whichever_side_it_is_on() {
        for is_two_sided in [false, true] {
            for minutes in [-4000, -1441, -185, -180, -121, -61, -11, 11, 45, 119, 121, 180, 185, 1441, 4000] {
                let (offset, asked) = (minutes * MINUTE, Cell::new(0));
                let found = find(|age| {
                    asked.set(asked.get() + 1);
                    let seen = age + offset;
                    Some(seen <= OLDEST && (!is_two_sided || seen >= -OLDEST))
                });
                let found = found.unwrap_or_else(|| panic!("{minutes} {is_two_sided}"));
                assert_eq!(found, offset, "{is_two_sided}");
                assert!(asked.get() <= 70, "{minutes}: {}", asked.get());
            }
            for minutes in [-9, 0, 9] {
                assert_eq!(find(|age| Some(age + minutes * MINUTE <= OLDEST)), Some(0));
            }
        }
    }

    #[test]
    fn what_cannot_be_found_out_is_not_guessed() {
        assert_eq!(find(|_| None), None);
        assert_eq!(find(|_| Some(true)), None);
        assert_eq!(find(|_| Some(false)), None);
    }

    #[test]
    fn an_offset_is_told_in_words() {
        assert_eq!(told(3 * HOUR), "this machine's clock is 3 h 0 min behind the server's");
        assert_eq!(told(-26 * HOUR), "this machine's clock is 1 d 2 h ahead of the server's");
        assert_eq!(told(5 * MINUTE), "this machine's clock and the server's agree, to within 10 min");
    }
}
