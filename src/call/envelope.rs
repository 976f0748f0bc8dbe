//! What an answer means: the envelope `{"code", "msg", "result"}` in it, and the caller's answer or error. Source: wire.md §2.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    address::{self, Target},
    decode::{self, Text, Unread},
    private::Private,
    reply::Reply,
    retry::{Failed, Fate},
    verdict::{Asked, Detour, Meaning, Redirect, Seen, Shape, Verdict, is_about_the_signature, judge},
};
use crate::{
    MessageError,
    endpoints::{
        Effect, Endpoint,
        answer::{Answer, what_is_wrong},
    },
    numbers::ErrorCode,
    proof::Proof,
};

/// Every error here belongs to one attempt; code that made several attempts sets their number afterwards.
const ATTEMPTS: i32 = 1;
/// An error contains at most this many letters of a text that came from outside.
const MSG_LETTERS: usize = 200;
const BODY_LETTERS: usize = 300;
const CODING_LETTERS: usize = 40;

/// What a call asks, whichever endpoint that is of. What makes calls is compiled once, and not once an endpoint: it is much of
/// the library.
pub(crate) trait Question: Send {
    fn about(&self) -> About;

    /// Takes the body of a success in one go, where it is one without anything odd.
    fn takes_at_once(&mut self, body: &[u8]) -> bool;

    /// Takes the `result` of a success; the error says what is wrong with it.
    fn takes(&mut self, result: Option<&RawValue>) -> Result<(), String>;
}

/// What of an endpoint matters to a call.
#[derive(Clone, Copy)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    is_in_every_edition: bool,
    answer_is_secret: bool,
}

/// A question, with a place for its answer.
pub(crate) struct Asking<'e, E: Endpoint> {
    endpoint: &'e E,
    pub(crate) answer: Option<E::Answer>,
}

impl<'e, E: Endpoint> Asking<'e, E> {
    pub(crate) fn of(endpoint: &'e E) -> Self {
        Self { endpoint, answer: None }
    }
}

impl<E: Endpoint> Question for Asking<'_, E> {
    fn about(&self) -> About {
        About {
            name: E::NAME,
            effect: self.endpoint.effect(),
            is_in_every_edition: E::IN_EVERY_EDITION,
            answer_is_secret: E::ANSWER_IS_SECRET,
        }
    }

    fn takes_at_once(&mut self, body: &[u8]) -> bool {
        self.answer = E::Answer::at_once(body).filter(|answer| self.endpoint.suits(answer).is_ok());
        self.answer.is_some()
    }

    fn takes(&mut self, result: Option<&RawValue>) -> Result<(), String> {
        let answer = E::Answer::read(result)?;
        self.endpoint.suits(&answer)?;
        self.answer = Some(answer);
        Ok(())
    }
}

/// What of a call matters to its answer.
pub(crate) struct Way<'a> {
    pub(crate) private: Private<'a>,
    /// The URL below which the endpoints lie.
    pub(crate) base: &'a str,
    /// Host and port of the proxy, where there is one.
    pub(crate) proxy: &'a dyn Fn() -> Option<String>,
    /// The longest answer that is read, in bytes.
    pub(crate) limit: usize,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    code: i32,
    #[serde(default, borrow)]
    msg: Option<&'a RawValue>,
    /// Left unread unless the code is 0: error answers put a copy of the error here.
    #[serde(default, borrow)]
    result: Option<&'a RawValue>,
}

impl Envelope<'_> {
    /// The server's words, of whatever type.
    fn msg(&self) -> String {
        let msg = self.msg.map_or("", RawValue::get);
        serde_json::from_str(msg).unwrap_or_else(|_| msg.to_owned())
    }
}

/// Gives the question its answer, or tells why the attempt failed.
pub(crate) fn open(question: &mut dyn Question, reply: &Reply, way: &Way<'_>) -> Result<(), Failed> {
    // What nearly every answer is: a success that needs no second look.
    if reply.status == 200 && reply.codings.is_empty() && question.takes_at_once(&reply.body) {
        return Ok(());
    }
    let about = question.about();
    // Nearly always it is plainly the server's; only for the rest is a copy made and put right.
    let plain = if reply.codings.is_empty() { serde_json::from_slice(&reply.body).ok() } else { None };
    let decoded = if plain.is_some() { Decoded::default() } else { Decoded::of(reply, way.limit) };
    let envelope = plain.map_or_else(|| decoded.envelope(), Ok);
    let (redirect, target) = match reply.location {
        Some(_) => address::redirect(&format!("{}{}", way.base, about.name), reply.location.as_deref()),
        None => (Redirect::Nowhere, None),
    };
    let seen = Seen { status: reply.status, marked: reply.marked, shape: shape(reply, &decoded, &envelope), redirect };
    let asked = Asked { everywhere: about.is_in_every_edition, only_reads: about.effect == Effect::None };
    let verdict = judge(seen, asked);
    if let (Meaning::Success, Ok(Envelope { result, .. })) = (verdict.says, &envelope) {
        return decoded.whole(*result).and_then(|()| question.takes(*result)).map_err(|reason| {
            let error = way.unusable(about.name, reply, &decoded, way.private.mixed(&reason, BODY_LETTERS));
            Failed { error: about.discreet(error).into(), fate: Fate::Decided, retry_after: reply.retry_after }
        });
    }
    let error = about.discreet(way.error(about.name, reply, verdict, &envelope, &decoded, target));
    Err(Failed { error: error.into(), fate: fate(verdict), retry_after: reply.retry_after })
}

impl About {
    /// An error without a good answer's own words, where these are nobody's business.
    fn discreet(&self, mut error: MessageError) -> MessageError {
        match &mut error {
            MessageError::InvalidResponse { status: 200..=299, body, .. } if self.answer_is_secret => body.clear(),
            _ => {}
        }
        error
    }
}

fn shape(reply: &Reply, decoded: &Decoded, envelope: &Result<Envelope<'_>, String>) -> Shape {
    match envelope {
        Ok(envelope) => Shape::Envelope(envelope.code),
        Err(_) if reply.body.is_empty() => Shape::Empty,
        Err(_) if wants_tls(decoded.words()) => Shape::WantsTls,
        Err(_) if reply.html || decoded.words().trim_start().starts_with('<') => Shape::Html,
        Err(_) => Shape::Other,
    }
}

/// What nginx, Apache and Go say to plain HTTP on a port of TLS.
fn wants_tls(text: &str) -> bool {
    const WORDS: [&str; 3] =
        ["plain HTTP request was sent to HTTPS port", "plain HTTP to an SSL", "HTTP request to an HTTPS server"];
    let beginning = &text[..text.floor_char_boundary(2048)];
    WORDS.iter().any(|words| beginning.contains(words))
}

fn fate(verdict: Verdict) -> Fate {
    match (verdict.proof, verdict.passes) {
        (Proof::NotExecuted, true) => Fate::Refused,
        (Proof::Unknown, true) => Fate::Unknown,
        _ => Fate::Decided,
    }
}

/// The text of an answer that was not plainly the server's JSON.
#[derive(Default)]
struct Decoded {
    text: Option<Result<Text, Unread>>,
    tidy: Option<String>,
}

impl Decoded {
    fn of(reply: &Reply, limit: usize) -> Self {
        let text = decode::text(reply, limit);
        let tidy = text.as_ref().ok().and_then(|text| decode::tidy(&text.text));
        Self { text: Some(text), tidy }
    }

    /// As it can be read; empty where it cannot.
    fn words(&self) -> &str {
        self.text.as_ref().and_then(|text| text.as_ref().ok()).map_or("", |text| &text.text)
    }

    /// The envelope at its beginning, whatever somebody has put behind it; or what is wrong with it.
    fn envelope(&self) -> Result<Envelope<'_>, String> {
        let text = self.tidy.as_deref().ok_or("it is not a JSON object")?;
        let first = serde_json::Deserializer::from_str(text).into_iter().next();
        first.unwrap_or_else(|| serde_json::from_str("")).map_err(|error| what_is_wrong(&error))
    }

    /// Refuses a result of which some letters were lost.
    fn whole(&self, result: Option<&RawValue>) -> Result<(), String> {
        match (&self.text, result) {
            (Some(Ok(Text { damaged: true, .. })), Some(result))
                if result.get().contains(char::REPLACEMENT_CHARACTER) =>
            {
                Err("its text is not UTF-8".into())
            }
            _ => Ok(()),
        }
    }
}

impl Way<'_> {
    fn error(
        &self,
        endpoint: &str,
        reply: &Reply,
        verdict: Verdict,
        envelope: &Result<Envelope<'_>, String>,
        decoded: &Decoded,
        target: Option<Target>,
    ) -> MessageError {
        let name = endpoint.to_owned();
        let status = i32::from(reply.status);
        let told = envelope.as_ref().ok();
        let msg = || told.map(|envelope| self.private.words(&envelope.msg(), MSG_LETTERS)).unwrap_or_default();
        match verdict.says {
            Meaning::RateLimited => {
                let msg = if reply.status == 429 { "HTTP 429".into() } else { msg() };
                MessageError::RateLimited { endpoint: name, attempts: ATTEMPTS, msg }
            }
            Meaning::Unauthorized => {
                let code = told.map(|envelope| envelope.code).filter(|code| is_about_the_signature(*code));
                let msg = if code.is_some() { msg() } else { format!("HTTP {status}") };
                let code = code.unwrap_or(status);
                let clock_offset = reply.clock_offset.filter(|_| code == ErrorCode::SignExpired as i32);
                MessageError::Unauthorized { endpoint: name, code, msg, attempts: ATTEMPTS, clock_offset }
            }
            Meaning::Rejected | Meaning::Success => {
                let code = told.map_or(ErrorCode::ServerError as i32, |envelope| envelope.code);
                MessageError::Rejected { endpoint: name, code, msg: msg(), attempts: ATTEMPTS }
            }
            Meaning::NotSupported => MessageError::NotSupported { endpoint: name, attempts: ATTEMPTS },
            Meaning::BadRequest => {
                let body = self.excerpt(reply, decoded);
                MessageError::BadRequest { endpoint: name, status, body, attempts: ATTEMPTS }
            }
            Meaning::NotReached(detour) => {
                let reason = match target {
                    Some(target) if detour == Detour::Redirect => self.advice(&target),
                    _ => self.why(detour),
                };
                MessageError::Unreachable { endpoint: name, attempts: ATTEMPTS, reason }
            }
            Meaning::NotTheServer(what) => {
                let reason = match (&decoded.text, envelope, reply.status) {
                    (Some(Err(Unread::TooLarge)), ..) => {
                        format!("it is longer than the {} bytes that are allowed", self.limit)
                    }
                    (Some(Err(Unread::Packed(coding))), ..) => {
                        let coding = self.private.words(coding, CODING_LETTERS);
                        format!(
                            "it is compressed ({coding}), although the client did not ask for that, and cannot be read"
                        )
                    }
                    (_, Err(wrong), 200..=299) if shape(reply, decoded, envelope) == Shape::Other => {
                        format!("{what}: {}", self.private.mixed(wrong, BODY_LETTERS))
                    }
                    _ => target.map_or_else(|| what.to_owned(), |target| self.advice(&target)),
                };
                self.unusable(endpoint, reply, decoded, reason)
            }
        }
    }

    /// The error for an answer of which it is not known whose it is, or what it means.
    fn unusable(&self, endpoint: &str, reply: &Reply, decoded: &Decoded, reason: String) -> MessageError {
        MessageError::InvalidResponse {
            endpoint: endpoint.to_owned(),
            status: i32::from(reply.status),
            reason,
            body: self.excerpt(reply, decoded),
            attempts: ATTEMPTS,
        }
    }

    /// The beginning of an answer, for people to read.
    fn excerpt(&self, reply: &Reply, decoded: &Decoded) -> String {
        match &decoded.text {
            Some(Ok(text)) => self.private.words(&text.text, BODY_LETTERS),
            // What is compressed is nothing to read.
            Some(Err(_)) => String::new(),
            None => self.private.words(&String::from_utf8_lossy(&reply.body), BODY_LETTERS),
        }
    }

    fn advice(&self, target: &Target) -> String {
        target.advice(|address, most| self.private.words(address, most))
    }

    fn why(&self, detour: Detour) -> String {
        match detour {
            Detour::Redirect => "a gateway in front of the server redirects".into(),
            Detour::Proxy => {
                let proxy = (self.proxy)()
                    .map_or_else(|| "a proxy on the way to the server".into(), |proxy| format!("the proxy {proxy}"));
                format!("{proxy} requires a user name and a password (HTTP 407)")
            }
            Detour::Network => "the network requires a login before it lets any request through (HTTP 511)".into(),
            Detour::WantsTls => "the port requires TLS: use https:// in the base URL".into(),
        }
    }
}
