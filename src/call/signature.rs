//! The three headers that prove a request comes from someone who knows the secret. Source: wire.md §1.

use std::{
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use sha1::{Digest, Sha1};

/// The values of the headers `nonce`, `timestamp` and `sign`, good for one attempt; all of them digits and letters.
pub(crate) struct Signature {
    pub(crate) nonce: Bytes,
    pub(crate) timestamp: Bytes,
    pub(crate) sign: Bytes,
}

/// Random bytes for nonces, fetched from the system for many at once. Never copied into another process: a forked child
/// would give the same ones out again.
#[derive(Default)]
pub(crate) struct Nonces(Vec<[u8; NONCE / 2]>);

impl Nonces {
    const AT_ONCE: usize = 32;

    fn next(&mut self) -> Result<[u8; NONCE / 2], getrandom::Error> {
        if self.0.is_empty() {
            let mut fresh = [[0; NONCE / 2]; Self::AT_ONCE];
            getrandom::fill(fresh.as_flattened_mut())?;
            self.0.extend(fresh);
        }
        Ok(self.0.pop().expect("some have just been fetched"))
    }
}

/// Signs with a fresh nonce, for the present time or one that lies so many milliseconds before or behind it.
pub(crate) fn sign(secret: &str, nonces: &mut Nonces, shift: i64) -> Result<Signature, getrandom::Error> {
    let random = nonces.next()?;
    // A clock before 1970 is as wrong as one at 1970: the server tells either by code 243.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timestamp = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX).saturating_add(shift).max(0);
    // All three in one piece of memory.
    let mut text = Vec::with_capacity(NONCE + TIMESTAMP + SIGN);
    hex(&random, &mut text);
    write!(text, "{timestamp}").expect("a Vec takes all");
    let (nonce, timestamp) = text.split_at(NONCE);
    let digest = digest(nonce, secret.as_bytes(), timestamp);
    let signed = text.len();
    hex(&digest, &mut text);
    let text = Bytes::from(text);
    Ok(Signature { nonce: text.slice(..NONCE), timestamp: text.slice(NONCE..signed), sign: text.slice(signed..) })
}

/// The lengths of the three; that of the timestamp holds for the next 8,000 years.
const NONCE: usize = 32;
const TIMESTAMP: usize = 14;
const SIGN: usize = 40;

/// SHA-1 over `nonce|secret|timestamp`.
fn digest(nonce: &[u8], secret: &[u8], timestamp: &[u8]) -> [u8; SIGN / 2] {
    let mut hash = Sha1::new();
    for part in [nonce, b"|", secret, b"|", timestamp] {
        hash.update(part);
    }
    hash.finalize().into()
}

/// In lower case.
fn hex(bytes: &[u8], text: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    text.extend(bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xf)]]));
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_documented_vector_gives_the_documented_sign() {
        let mut sign = Vec::new();
        hex(&digest(b"76616", b"123456", b"1558350862502"), &mut sign);
        assert_eq!(sign, b"b98f9b0717f59febccf1440067a7f50d9b31bdde");
    }

    #[test]
    fn every_signature_has_a_nonce_of_its_own_in_printable_ascii() {
        let mut nonces = Nonces::default();
        let many: Vec<Signature> = (0..1000).map(|_| sign("123456", &mut nonces, 0).unwrap()).collect();
        assert_eq!(many.iter().map(|signature| &signature.nonce).collect::<HashSet<_>>().len(), 1000);
        let one = &many[0];
        assert!(one.nonce.iter().all(u8::is_ascii_alphanumeric), "{:?}", one.nonce);
        assert_eq!((one.nonce.len(), one.sign.len()), (32, 40));
    }

    #[test]
    fn the_timestamp_is_now_in_milliseconds() {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let timestamp = |shift| sign("123456", &mut Nonces::default(), shift).unwrap().timestamp;
        let signed = |shift| std::str::from_utf8(&timestamp(shift)).unwrap().parse::<u128>().unwrap();
        for (shift, earlier) in [(0, 0), (-7_000, 7_000)] {
            // In this order: a range is made before it is asked.
            let before = now();
            let signed = signed(shift);
            assert!((before..=now()).contains(&(signed + earlier)), "{shift}: {before} {signed}");
        }
    }
}
