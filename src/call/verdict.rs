//! Whose word an answer is, and what it proves of the request: ran, did not run, or nobody knows.
//!
//! A gateway, a proxy or a firewall in front of the server may answer before it passes a request on, after it did, or in
//! the place of an answer that never came. So only two things prove that nothing ran: the server's own word, and an
//! answer that is only ever given before a request is passed on. The reasons for each are in docs/adr/0016.

use crate::{
    numbers::ErrorCode,
    proof::{Proof, proof_of},
};

/// What of an answer tells whose word it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) status: u16,
    /// The head has the server's mark.
    pub(super) marked: bool,
    pub(super) shape: Shape,
    pub(super) redirect: Redirect,
}

/// How an answer's body looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Empty,
    Html,
    /// The server's envelope, with this code.
    Envelope(i32),
    /// A web server says that its port wants TLS. It says so to what is no TLS, before it reads a request.
    WantsTls,
    Other,
}

/// Where a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirect {
    /// Nowhere that can be read.
    Nowhere,
    /// To the same endpoint at another address.
    SameEndpoint,
    /// To something else: a login, a notice of maintenance.
    Elsewhere,
}

/// What of the endpoint that was asked decides what an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    /// Every edition of the server has it.
    pub(super) everywhere: bool,
    /// It changes nothing.
    pub(super) only_reads: bool,
}

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Success,
    RateLimited,
    Unauthorized,
    Rejected,
    NotSupported,
    BadRequest,
    /// The request came no further than to somebody before the server, who says why.
    NotReached(Detour),
    /// It is no word of the server, and this is what it may be.
    NotTheServer(&'static str),
}

/// Why a request did not reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detour {
    Redirect,
    Proxy,
    Network,
    WantsTls,
}

/// The judgement on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) says: Meaning,
    pub(super) proof: Proof,
    /// It is a state that passes: another attempt may meet a better one.
    pub(super) passes: bool,
}

impl Verdict {
    const fn new(says: Meaning, proof: Proof) -> Self {
        Self { says, proof, passes: false }
    }

    const fn passing(self) -> Self {
        Self { passes: true, ..self }
    }
}

/// What an answer that was understood as nothing else proves: nothing.
const fn not_the_server(what: &'static str) -> Verdict {
    Verdict::new(Meaning::NotTheServer(what), Proof::Unknown)
}

/// Judges an answer.
pub(super) fn judge(seen: Seen, asked: Asked) -> Verdict {
    match (seen.status, seen.shape) {
        // An envelope under HTTP 200 is the server's, with its mark or without: a proxy may have dropped that.
        (200, Shape::Envelope(code)) => of_envelope(code),
        // The server itself uses no other good status. Success is recognized by the answer; a refusal would come from
        // another program.
        (201..=299, Shape::Envelope(0)) => of_envelope(0),
        (200..=299, shape) => not_the_server(of_success(shape)),
        (300..=399, _) => of_redirect(seen),
        // Permission to call is checked before anything else, by the server (according to its page) and by every
        // program in front of it.
        (401, _) => Verdict::new(Meaning::Unauthorized, Proof::NotExecuted),
        (403, Shape::Envelope(code)) if is_about_the_signature(code) => of_envelope(code),
        (403, _) if seen.marked => Verdict::new(Meaning::Unauthorized, Proof::NotExecuted),
        // Firewalls look at answers too, and put this in the place of one that they do not like.
        (403, _) => {
            not_the_server("a firewall or gateway on the way to the server refused the request, or the server's answer")
        }
        (404, shape) => of_absence(seen, shape == Shape::Empty, asked),
        // A proxy asks for its own password before it connects to anybody.
        (407, _) => Verdict::new(Meaning::NotReached(Detour::Proxy), Proof::NotExecuted),
        (511, _) => Verdict::new(Meaning::NotReached(Detour::Network), Proof::NotExecuted),
        (408, _) => not_the_server("a proxy did not receive the request in time").passing(),
        (400, Shape::WantsTls) => Verdict::new(Meaning::NotReached(Detour::WantsTls), Proof::NotExecuted),
        // Read from the head of a request alone, before any of it is passed on.
        (413 | 414 | 431, _) => Verdict::new(Meaning::BadRequest, Proof::NotExecuted),
        (429, _) => Verdict::new(Meaning::RateLimited, Proof::NotExecuted).passing(),
        (500, Shape::Html) => not_the_server("it is HTML, such as a proxy sends"),
        (500, Shape::Empty) => of_absence(seen, true, asked),
        (400 | 500, _) if seen.marked => Verdict::new(Meaning::BadRequest, Proof::NotExecuted),
        (500, _) => not_the_server(
            "it lacks the server's mark, so a gateway may have put it in the place of the server's answer",
        ),
        (502..=504 | 520..=527 | 530, _) => not_the_server("a proxy got no answer from the server").passing(),
        (400 | 405 | 410 | 421 | 501, _) => not_the_server(SOMEBODY_ELSE),
        _ => not_the_server("its HTTP status has no meaning in this API"),
    }
}

const SOMEBODY_ELSE: &str =
    "another program answers at this address: check host, port and path of the base URL, and the gateway's routes";

fn of_success(shape: Shape) -> &'static str {
    match shape {
        Shape::Empty => "it is empty",
        Shape::Html => "it is HTML, such as a proxy, a firewall or a login page sends",
        Shape::Envelope(_) => "the server itself never answers with this HTTP status",
        Shape::WantsTls | Shape::Other => "it is not JSON as this API sends it",
    }
}

fn of_envelope(code: i32) -> Verdict {
    let proof = proof_of(code);
    match code {
        0 => Verdict::new(Meaning::Success, proof),
        239 | 243 | 244 => Verdict::new(Meaning::Unauthorized, proof),
        250 => Verdict::new(Meaning::RateLimited, proof).passing(),
        // Busy, or out of time: both pass.
        221 | 249 => Verdict::new(Meaning::Rejected, proof).passing(),
        _ => Verdict::new(Meaning::Rejected, proof),
    }
}

/// Somebody says that there is no such endpoint.
fn of_absence(seen: Seen, bare: bool, asked: Asked) -> Verdict {
    let lacking = Verdict::new(Meaning::NotSupported, Proof::NotExecuted);
    match seen.marked {
        true => lacking,
        // Nothing can have been done by a look-up, and not every edition has it.
        false if bare && asked.only_reads && !asked.everywhere => lacking,
        false if asked.everywhere => not_the_server(SOMEBODY_ELSE),
        false => not_the_server(
            "this edition of the server may lack the endpoint, but the answer may also come from a gateway",
        ),
    }
}

/// The server never redirects, so a redirect comes from a program in front of it.
fn of_redirect(seen: Seen) -> Verdict {
    let there = Verdict::new(Meaning::NotReached(Detour::Redirect), Proof::NotExecuted);
    match (seen.status, seen.redirect) {
        // The same request is to be made elsewhere: that is said to a request that was not passed on.
        (301 | 302 | 303 | 307 | 308, Redirect::SameEndpoint) => there,
        // "Moved for good", and "repeat it there as it is".
        (301 | 307 | 308, Redirect::Elsewhere) => there,
        // Gateways put these in the place of answers, too: a notice of maintenance after a time-out.
        _ => not_the_server(
            "it is a redirect to something else, which a gateway may have put in the place of the server's answer",
        ),
    }
}

pub(super) fn is_about_the_signature(code: i32) -> bool {
    [ErrorCode::ApiNotSigned, ErrorCode::SignExpired, ErrorCode::AuthFailure].iter().any(|known| *known as i32 == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Proof::{NotExecuted, Unknown};

    const SEND: Asked = Asked { everywhere: true, only_reads: false };
    const GET: Asked = Asked { everywhere: true, only_reads: true };
    const DELETE: Asked = Asked { everywhere: false, only_reads: false };
    const DELIVERY: Asked = Asked { everywhere: false, only_reads: true };

    const ALL_ASKED: [Asked; 4] = [SEND, GET, DELETE, DELIVERY];
    const ALL_SHAPES: [Shape; 8] = [
        Shape::Empty,
        Shape::Html,
        Shape::Envelope(0),
        Shape::Envelope(253),
        Shape::Envelope(500),
        Shape::Envelope(244),
        Shape::WantsTls,
        Shape::Other,
    ];

    fn seen(status: u16, marked: bool, shape: Shape) -> Seen {
        Seen { status, marked, shape, redirect: Redirect::Nowhere }
    }

    #[test]
    fn an_envelope_under_http_200_says_what_its_code_says_with_the_mark_or_without() {
        #[rustfmt::skip]
        let table = [
            (0, Meaning::Success, false), (4, Meaning::Rejected, false), (35, Meaning::Rejected, false), (221, Meaning::Rejected, true),
            (222, Meaning::Rejected, false), (239, Meaning::Unauthorized, false), (243, Meaning::Unauthorized, false),
            (244, Meaning::Unauthorized, false), (249, Meaning::Rejected, true), (250, Meaning::RateLimited, true),
            (251, Meaning::Rejected, false), (253, Meaning::Rejected, false), (500, Meaning::Rejected, false),
        ];
        for (code, says, passes) in table {
            for (marked, asked) in [(true, SEND), (false, SEND), (false, DELIVERY)] {
                let expected = Verdict { says, proof: proof_of(code), passes };
                assert_eq!(judge(seen(200, marked, Shape::Envelope(code)), asked), expected, "{code}");
            }
        }
    }

    /// Every status that does not depend on more than itself: all shapes, with the mark and without, for all endpoints.
    #[test]
    fn what_is_only_said_before_a_request_is_passed_on_proves_that_it_did_not_run() {
        for (status, says) in [
            (401, Meaning::Unauthorized),
            (407, Meaning::NotReached(Detour::Proxy)),
            (413, Meaning::BadRequest),
            (414, Meaning::BadRequest),
            (429, Meaning::RateLimited),
            (431, Meaning::BadRequest),
            (511, Meaning::NotReached(Detour::Network)),
        ] {
            for (shape, asked) in ALL_SHAPES.into_iter().flat_map(|shape| ALL_ASKED.map(|asked| (shape, asked))) {
                for marked in [true, false] {
                    let verdict = judge(seen(status, marked, shape), asked);
                    assert_eq!((verdict.says, verdict.proof), (says, NotExecuted), "{status} {shape:?}");
                }
            }
        }
    }

    /// The rule itself, over every status: without the mark, only what stands in this list proves anything.
    #[test]
    fn what_lacks_the_mark_proves_nothing_but_for_a_short_list() {
        for status in 100..1000 {
            for (shape, asked) in ALL_SHAPES.into_iter().flat_map(|shape| ALL_ASKED.map(|asked| (shape, asked))) {
                let verdict = judge(seen(status, false, shape), asked);
                let proves = match (status, shape) {
                    (200, Shape::Envelope(code)) => proof_of(code) != Unknown,
                    (201..=299, Shape::Envelope(0)) => true,
                    (400, Shape::WantsTls) => true,
                    (401 | 407 | 413 | 414 | 429 | 431 | 511, _) => true,
                    (403, Shape::Envelope(244)) => true,
                    (404 | 500, Shape::Empty) => asked == DELIVERY,
                    _ => false,
                };
                assert_eq!(verdict.proof != Unknown, proves, "{status} {shape:?} {asked:?}: {verdict:?}");
                let is_somebody_elses = matches!(verdict.says, Meaning::NotTheServer(_));
                assert!(
                    proves || is_somebody_elses || (status, verdict.says) == (200, Meaning::Rejected),
                    "{status} {shape:?}"
                );
            }
        }
    }

    #[test]
    fn the_servers_mark_decides_where_the_shape_of_the_answer_cannot() {
        for asked in ALL_ASKED {
            for (status, shape, says) in [
                (400, Shape::Other, Meaning::BadRequest),
                (403, Shape::Other, Meaning::Unauthorized),
                (404, Shape::Empty, Meaning::NotSupported),
                (500, Shape::Empty, Meaning::NotSupported),
                (500, Shape::Other, Meaning::BadRequest),
                (500, Shape::Envelope(500), Meaning::BadRequest),
            ] {
                assert_eq!(
                    judge(seen(status, true, shape), asked),
                    Verdict::new(says, NotExecuted),
                    "{status} {shape:?}"
                );
                if asked != DELIVERY {
                    assert_eq!(judge(seen(status, false, shape), asked).proof, Unknown, "{status} {shape:?}");
                }
            }
        }
    }

    #[test]
    fn what_every_edition_has_is_lacking_only_by_the_servers_own_word() {
        for (status, asked) in [(500, SEND), (500, GET), (404, SEND), (404, GET)] {
            assert_eq!(judge(seen(status, true, Shape::Empty), asked).says, Meaning::NotSupported);
            assert_eq!(judge(seen(status, false, Shape::Empty), asked).says, Meaning::NotTheServer(SOMEBODY_ELSE));
        }
    }

    #[test]
    fn a_redirect_of_the_same_request_proves_that_it_was_not_passed_on() {
        #[rustfmt::skip]
        let table = [
            // status, to the same endpoint, elsewhere, nowhere
            (300, [false, false, false]),
            (301, [true, true, false]),
            (302, [true, false, false]),
            (303, [true, false, false]),
            (304, [false, false, false]),
            (307, [true, true, false]),
            (308, [true, true, false]),
            (399, [false, false, false]),
        ];
        for (status, proves) in table {
            let all = [Redirect::SameEndpoint, Redirect::Elsewhere, Redirect::Nowhere];
            for (redirect, proves) in all.into_iter().zip(proves) {
                for (marked, asked) in [(true, SEND), (false, SEND), (false, DELIVERY)] {
                    let verdict = judge(Seen { redirect, ..seen(status, marked, Shape::Empty) }, asked);
                    assert_eq!(verdict.proof, if proves { NotExecuted } else { Unknown }, "{status} {redirect:?}");
                    assert!(!verdict.passes, "{status}: another attempt meets the same");
                }
            }
        }
    }

    #[test]
    fn what_passes_is_worth_another_attempt() {
        for status in 100..1000 {
            let passes = judge(seen(status, false, Shape::Other), SEND).passes;
            assert_eq!(passes, matches!(status, 408 | 429 | 502..=504 | 520..=527 | 530), "{status}");
        }
    }
}
