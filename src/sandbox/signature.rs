//! The server's check of `nonce`, `timestamp` and `sign`.

use std::fmt::Write;

use sha1::{Digest, Sha1};

use super::{
    Header,
    answers::{AUTH_FAILURE, NOT_SIGNED, SIGN_EXPIRED},
};

/// A timestamp may be this much older than the server's clock. One in the future passes, as seen.
const MAX_AGE_MS: i64 = 2 * 60 * 60 * 1000;

/// Passes a request, or gives the code that refuses it: presence first, then age, then the signature.
pub(super) fn check(headers: &[Header], secret: &str, now: i64) -> Result<(), i32> {
    let signed = Signed::of(headers)?;
    signed.is_young(now)?;
    signed.proves(secret)
}

/// The three headers of a request. What refuses one is a code.
pub(super) struct Signed<'a> {
    nonce: &'a str,
    timestamp: &'a str,
    sign: &'a str,
}

impl<'a> Signed<'a> {
    pub(super) fn of(headers: &'a [Header]) -> Result<Self, i32> {
        Ok(Self {
            nonce: look_up(headers, "nonce", "Nonce").ok_or(NOT_SIGNED)?,
            timestamp: look_up(headers, "timestamp", "Timestamp").ok_or(NOT_SIGNED)?,
            sign: look_up(headers, "sign", "Sign").ok_or(NOT_SIGNED)?,
        })
    }

    /// When it was signed; None where that cannot be read.
    pub(super) fn sent(&self) -> Option<i64> {
        self.timestamp.parse().ok()
    }

    pub(super) fn is_young(&self, now: i64) -> Result<(), i32> {
        let young = self.sent().is_some_and(|sent| now.saturating_sub(sent) <= MAX_AGE_MS);
        if young { Ok(()) } else { Err(SIGN_EXPIRED) }
    }

    pub(super) fn proves(&self, secret: &str) -> Result<(), i32> {
        if self.sign == expected(self.nonce, secret, self.timestamp) { Ok(()) } else { Err(AUTH_FAILURE) }
    }
}

/// A header's value. The server knows two spellings of each name and no other; an empty value is none.
pub(super) fn look_up<'a>(headers: &'a [Header], lower: &str, capitalised: &str) -> Option<&'a str> {
    let named = |name: &str| headers.iter().find(|header| header.name == name);
    named(lower).or_else(|| named(capitalised)).map(|header| header.value.as_str()).filter(|value| !value.is_empty())
}

/// The lower-case hex of SHA-1 over `nonce|secret|timestamp`; upper case does not compare equal.
fn expected(nonce: &str, secret: &str, timestamp: &str) -> String {
    let digest = Sha1::digest(format!("{nonce}|{secret}|{timestamp}"));
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: i64 = 1_558_350_862_502;

    fn headers(names: [&str; 3], values: [&str; 3]) -> Vec<Header> {
        names.into_iter().zip(values).map(|(name, value)| Header { name: name.into(), value: value.into() }).collect()
    }

    fn checked(names: [&str; 3], values: [&str; 3], now: i64) -> Result<(), i32> {
        check(&headers(names, values), "123456", now)
    }

    const NAMES: [&str; 3] = ["nonce", "timestamp", "sign"];
    const VALUES: [&str; 3] = ["76616", "1558350862502", "b98f9b0717f59febccf1440067a7f50d9b31bdde"];

    #[test]
    fn the_vendors_example_passes() {
        assert_eq!(checked(NAMES, VALUES, SENT), Ok(()));
    }

    #[test]
    fn names_are_lower_case_or_capitalised() {
        assert_eq!(checked(["Nonce", "Timestamp", "Sign"], VALUES, SENT), Ok(()));
        assert_eq!(checked(["NONCE", "timestamp", "sign"], VALUES, SENT), Err(239));
        assert_eq!(checked(["nonce", "timeStamp", "sign"], VALUES, SENT), Err(239));
    }

    #[test]
    fn an_empty_value_is_none() {
        assert_eq!(checked(NAMES, ["", VALUES[1], VALUES[2]], SENT), Err(239));
    }

    #[test]
    fn upper_case_hex_is_refused() {
        let upper = VALUES[2].to_uppercase();
        assert_eq!(checked(NAMES, [VALUES[0], VALUES[1], &upper], SENT), Err(244));
    }

    #[test]
    fn only_more_than_two_hours_in_the_past_is_expired() {
        assert_eq!(checked(NAMES, VALUES, SENT + MAX_AGE_MS), Ok(()));
        assert_eq!(checked(NAMES, VALUES, SENT + MAX_AGE_MS + 1), Err(243));
        assert_eq!(checked(NAMES, VALUES, SENT - 100 * MAX_AGE_MS), Ok(()));
    }

    #[test]
    fn age_is_checked_before_the_signature() {
        let wrong = [VALUES[0], VALUES[1], "00"];
        assert_eq!(checked(NAMES, wrong, SENT), Err(244));
        assert_eq!(checked(NAMES, wrong, SENT + 2 * MAX_AGE_MS), Err(243));
    }

    #[test]
    fn a_timestamp_that_is_no_number_is_expired() {
        assert_eq!(checked(NAMES, [VALUES[0], "now", VALUES[2]], SENT), Err(243));
    }
}
