//! The censor: an application that the server asks about a message before it goes out, and what its answer means.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{
    post::{self, PATIENCE, Post},
    records::{CallbackFault, PostedCallback},
};
use crate::sandbox::{
    fields::{self, Fields},
    message::Payload,
};

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum Verdict {
    Send,
    /// It goes out with this payload in place of its own.
    Replace(Box<Payload>),
    Refuse,
}

/// A message about which the censor is asked.
pub(in crate::sandbox) struct Question {
    pub(super) post: Post,
    pub(super) fault: Option<(CallbackFault, Duration)>,
}

impl Question {
    /// Asks; gives what the first answer means, and what was posted. No answer in time lets the message go out.
    pub(in crate::sandbox) async fn ask(self) -> (Verdict, Vec<PostedCallback>) {
        let late = match self.fault {
            Some((CallbackFault::Lose, _)) => return (Verdict::Send, Vec::new()),
            Some((CallbackFault::Delay, delay)) => delay,
            _ => Duration::ZERO,
        };
        let mut answers = vec![self.answer(late).await];
        if matches!(self.fault, Some((CallbackFault::Repeat, _))) {
            answers.push(self.answer(Duration::ZERO).await);
        }
        let verdict = answers.first().map_or(Verdict::Send, |(status, body)| verdict(*status, body));
        let Post { url, body } = self.post;
        let body = Bytes::from(body);
        let posted =
            answers.iter().map(|(status, _)| PostedCallback { url: url.clone(), body: body.clone(), status: *status });
        (verdict, posted.collect())
    }

    /// The status and the body of the answer; status 0 where there is none in time.
    async fn answer(&self, late: Duration) -> (i32, Vec<u8>) {
        let asking = async {
            tokio::time::sleep(late).await;
            post::ask(&self.post.url, &self.post.body).await
        };
        tokio::time::timeout(PATIENCE, asking).await.ok().and_then(Result::ok).unwrap_or_default()
    }
}

/// Only two answers keep a message from going out as it is.
fn verdict(status: i32, body: &[u8]) -> Verdict {
    match status {
        403 => Verdict::Refuse,
        200 => payload(body).map_or(Verdict::Send, |payload| Verdict::Replace(Box::new(payload))),
        _ => Verdict::Send,
    }
}

/// A payload with a type. What cannot be read is none.
fn payload(body: &[u8]) -> Option<Payload> {
    let object = Map::from_iter([("payload".to_owned(), Value::Object(fields::read(body).ok()?))]);
    Fields(&object).payload().ok()?.filter(|payload| payload.kind > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_payload_and_a_refusal_change_anything() {
        let good = br#"{"type":1,"searchableContent":"***"}"#;
        for (status, body) in [
            (0, &b""[..]),
            (200, b""),
            (200, b"null"),
            (200, b"{}"),
            (200, b"ok"),
            (200, b"[1]"),
            (200, br#"{"searchableContent":"***"}"#),
            (200, br#"{"type":0,"searchableContent":"***"}"#),
            (200, br#"{"type":-1}"#),
            (200, br#"{"type":"1"}"#),
            (200, br#"{"type":1,"searchableContent":7}"#),
            (201, good),
            (204, b""),
            (302, b""),
            (400, good),
            (401, b""),
            (404, b""),
            (500, good),
        ] {
            assert_eq!(verdict(status, body), Verdict::Send, "{status} {body:?}");
        }
        assert_eq!(verdict(403, b""), Verdict::Refuse);
        assert_eq!(verdict(403, good), Verdict::Refuse);
        let Verdict::Replace(payload) = verdict(200, good) else { panic!("it is a payload") };
        assert_eq!((payload.kind, payload.searchable_content.as_str()), (1, "***"));
    }
}
