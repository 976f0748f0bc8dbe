//! The three headers that prove a request comes from someone who knows the secret. Source: wire.md §1.

use std::time::{SystemTime, UNIX_EPOCH};

use sha1::{Digest, Sha1};

/// The values of the headers `nonce`, `timestamp` and `sign`, good for one attempt.
pub(crate) struct Signature {
    pub(crate) nonce: String,
    pub(crate) timestamp: String,
    pub(crate) sign: String,
}

/// Signs with a fresh nonce and the present time.
pub(crate) fn sign(secret: &str) -> Result<Signature, getrandom::Error> {
    let nonce = format!("{:016x}{:016x}", getrandom::u64()?, getrandom::u64()?);
    // A clock before 1970 is as wrong as one at 1970: the server tells either by code 243.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let timestamp = since_epoch.as_millis().to_string();
    let sign = digest(&nonce, secret, &timestamp);
    Ok(Signature { nonce, timestamp, sign })
}

/// Lower-case hex of SHA-1 over `nonce|secret|timestamp`.
fn digest(nonce: &str, secret: &str, timestamp: &str) -> String {
    let mut hash = Sha1::new();
    for part in [nonce, "|", secret, "|", timestamp] {
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_vector_gives_the_documented_sign() {
        assert_eq!(digest("76616", "123456", "1558350862502"), "b98f9b0717f59febccf1440067a7f50d9b31bdde");
    }

    #[test]
    fn every_signature_has_a_nonce_of_its_own_in_printable_ascii() {
        let (one, other) = (sign("123456").unwrap(), sign("123456").unwrap());
        assert_ne!(one.nonce, other.nonce);
        assert!(one.nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{}", one.nonce);
        assert_eq!(one.nonce.len(), 32);
    }

    #[test]
    fn the_timestamp_is_now_in_milliseconds() {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let before = now();
        let signed: u128 = sign("123456").unwrap().timestamp.parse().unwrap();
        assert!((before..=now()).contains(&signed));
    }
}
