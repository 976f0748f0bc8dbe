//! What the server's answer means: the HTTP status, then `{"code", "msg", "result"}`. Source: wire.md §2.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    reply::Reply,
    retry::{Failed, Fate},
};
use crate::{
    MessageError,
    endpoints::{
        Endpoint,
        answer::{Answer, what_is_wrong},
    },
    model::numbers::ErrorCode,
};

/// Every error here is of one attempt; whoever made several says so afterwards.
const ATTEMPTS: i32 = 1;

/// What must not show up in an error, even when the server sends it back.
pub(crate) struct Private<'a> {
    pub(crate) secret: &'a SecretString,
    pub(crate) request: &'a [u8],
}

#[derive(Deserialize)]
struct Envelope<'a> {
    code: i32,
    #[serde(default, borrow)]
    msg: Option<Cow<'a, str>>,
    /// Left unread unless the code is 0: error answers put a copy of the error here.
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
}

/// The caller's answer, or why the attempt failed.
pub(crate) fn open<E: Endpoint>(request: &E, reply: &Reply, private: &Private<'_>) -> Result<E::Answer, Failed> {
    let endpoint = E::NAME.to_owned();
    let status = i32::from(reply.status);
    let unusable = |endpoint, reason: String| {
        let told = if E::ANSWER_IS_SECRET && (200..300).contains(&status) { &[][..] } else { &reply.body };
        let (reason, body) = (private.clean(&reason), private.excerpt(told));
        MessageError::InvalidResponse { endpoint, status, reason, body, attempts: ATTEMPTS }
    };
    let error = match reply.status {
        200..=299 => match serde_json::from_slice::<Envelope>(&reply.body) {
            Ok(Envelope { code: 0, result, .. }) => {
                let answer = E::Answer::read(result);
                match answer.and_then(|answer| request.suits(&answer).map(|()| answer)) {
                    Ok(answer) => return Ok(answer),
                    Err(reason) => unusable(endpoint, reason),
                }
            }
            Ok(Envelope { code, msg, .. }) => refusal(endpoint, code, private.clean(&msg.unwrap_or_default()), reply),
            Err(_) if reply.body.is_empty() => unusable(endpoint, "it is empty".into()),
            Err(_) if reply.is_html() => unusable(endpoint, "it is HTML, as from a proxy".into()),
            Err(error) => unusable(endpoint, format!("it is not the API's JSON: {}", what_is_wrong(&error))),
        },
        300..=399 => {
            let error = unusable(endpoint, "it is a redirect, which is not followed".into());
            return Err(Failed { error, fate: Fate::Decided, retry_after: None });
        }
        401 | 403 => {
            let told: Option<Envelope> = serde_json::from_slice(&reply.body).ok();
            let code = told.as_ref().map(|envelope| envelope.code).filter(|code| *code != 0).unwrap_or(status);
            let msg = told.and_then(|envelope| envelope.msg).unwrap_or_else(|| format!("HTTP {status}").into());
            unauthorized(endpoint, code, private.clean(&msg), reply)
        }
        404 => MessageError::NotSupported { endpoint, attempts: ATTEMPTS },
        429 => MessageError::RateLimited { endpoint, attempts: ATTEMPTS, msg: "HTTP 429".into() },
        500 if reply.body.is_empty() => MessageError::NotSupported { endpoint, attempts: ATTEMPTS },
        // A proxy's page says nothing of what the server behind it did.
        500 if reply.is_html() => unusable(endpoint, "it is HTML, as from a proxy".into()),
        400 | 413 | 500 => {
            MessageError::BadRequest { endpoint, status, body: private.excerpt(&reply.body), attempts: ATTEMPTS }
        }
        502..=504 => unusable(endpoint, "a proxy had no answer from the server".into()),
        _ => unusable(endpoint, "its HTTP status has no meaning in this API".into()),
    };
    Err(Failed { retry_after: reply.retry_after, ..Failed::from(error) })
}

/// The error for a code other than 0.
fn refusal(endpoint: String, code: i32, msg: String, reply: &Reply) -> MessageError {
    const UNAUTHORIZED: [i32; 3] =
        [ErrorCode::ApiNotSigned as i32, ErrorCode::SignExpired as i32, ErrorCode::AuthFailure as i32];
    if code == ErrorCode::OverFrequency as i32 {
        MessageError::RateLimited { endpoint, attempts: ATTEMPTS, msg }
    } else if UNAUTHORIZED.contains(&code) {
        unauthorized(endpoint, code, msg, reply)
    } else {
        MessageError::Rejected { endpoint, code, msg, attempts: ATTEMPTS }
    }
}

/// The error for a signature that is refused; where its age is the reason, with what the answer's date tells.
fn unauthorized(endpoint: String, code: i32, msg: String, reply: &Reply) -> MessageError {
    let clock_offset = reply.clock_offset.filter(|_| code == ErrorCode::SignExpired as i32);
    MessageError::Unauthorized { endpoint, code, msg, attempts: ATTEMPTS, clock_offset }
}

impl Private<'_> {
    /// The beginning of an answer, for people to read.
    fn excerpt(&self, body: &[u8]) -> String {
        const LONGEST: usize = 512;
        let cut = &body[..body.len().min(LONGEST + self.secret.expose_secret().len())];
        let mut text = self.clean(&String::from_utf8_lossy(cut));
        text.truncate(text.floor_char_boundary(LONGEST));
        text
    }

    /// A server's words, without the secret and the request.
    fn clean(&self, text: &str) -> String {
        if self.is_echo(text.as_bytes()) {
            return "(the request itself)".into();
        }
        text.replace(self.secret.expose_secret(), "***")
    }

    /// Whether an answer repeats the request, as misconfigured proxies and echo servers do; also within a JSON text,
    /// where quotes are escaped.
    fn is_echo(&self, answer: &[u8]) -> bool {
        const ENOUGH: usize = 40;
        let plain = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\\').collect::<Vec<u8>>();
        let beginning = plain(&self.request[..self.request.len().min(ENOUGH)]);
        let answer = plain(&answer[..answer.len().min(64 * 1024)]);
        !beginning.is_empty() && answer.windows(beginning.len()).any(|window| window == beginning)
    }
}
