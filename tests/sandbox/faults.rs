//! The trouble that a sandbox makes on demand: what the caller meets, and whether the call was executed.

use std::{
    io::Read,
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;
use wildfirechat_message::sandbox::{Fault, FaultRule, Sandbox, ScriptedAnswer};

use crate::raw::{Connection, End, sandbox, signed, text_payload};

/// Sends a message into a fault.
fn send_into(sandbox: &Sandbox, fault: Fault) -> Connection {
    sandbox.fail_next(fault).unwrap();
    let body = json!({"sender": "a", "conv": {"target": "b"}, "payload": text_payload("t")});
    let mut connection = Connection::open(sandbox);
    connection.send(&signed("message/send", &body.to_string()));
    connection
}

fn executions(sandbox: &Sandbox) -> usize {
    sandbox.messages_with_text("t".into()).unwrap().len()
}

/// What arrives before the end, the end, and how often the call was executed.
fn outcome_of(fault: Fault) -> (Vec<u8>, End, usize) {
    let sandbox = sandbox();
    let (bytes, end) = send_into(&sandbox, fault).rest();
    assert_eq!(sandbox.requests().unwrap().len(), 1);
    (bytes, end, executions(&sandbox))
}

#[test]
fn closes_and_resets_are_told_apart_and_executed_or_not() {
    for (fault, end, executions) in [
        (Fault::CloseAfterReading, End::Closed, 0),
        (Fault::ResetAfterReading, End::Reset, 0),
        (Fault::CloseAfterExecuting, End::Closed, 1),
        (Fault::ResetAfterExecuting, End::Reset, 1),
        (Fault::ResetBeforeReading, End::Reset, 0),
    ] {
        assert_eq!(outcome_of(fault), (Vec::new(), end, executions), "{fault:?}");
    }
    // Whether this one is a close or a reset depends on how much of the body was under way.
    let (bytes, _, executions) = outcome_of(Fault::CloseBeforeReading);
    assert_eq!((bytes, executions), (Vec::new(), 0));
}

#[test]
fn a_connection_is_closed_before_the_body_is_there() {
    for (fault, end) in [(Fault::CloseBeforeReading, End::Closed), (Fault::ResetBeforeReading, End::Reset)] {
        let sandbox = sandbox();
        sandbox.fail_next(fault).unwrap();
        let mut connection = Connection::open(&sandbox);
        connection.send(b"POST /admin/message/send HTTP/1.1\r\ncontent-length: 1000\r\n\r\n");
        assert_eq!(connection.rest(), (Vec::new(), end));
        assert_eq!(sandbox.requests().unwrap()[0].body, b""[..]);
    }
}

#[test]
fn an_answer_breaks_off_in_its_head() {
    let (bytes, end, executions) = outcome_of(Fault::CloseInAnswer);
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && !text.contains("\r\n\r\n"), "{text}");
    assert_eq!((end, executions), (End::Closed, 1));
}

#[test]
fn an_answer_breaks_off_in_its_body() {
    let (bytes, end, executions) = outcome_of(Fault::TruncatedBody);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length: usize = head.split("content-length: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    assert_eq!(body.len(), length / 2);
    assert_eq!((end, executions), (End::Closed, 1));
}

#[test]
fn nothing_ever_comes() {
    for (fault, count) in [(Fault::NeverAnswer, 0), (Fault::NeverAnswerAfterExecuting, 1)] {
        let sandbox = sandbox();
        let mut connection = send_into(&sandbox, fault);
        assert!(connection.stays_silent(Duration::from_millis(300)));
        assert_eq!(executions(&sandbox), count, "{fault:?}");
    }
}

#[test]
fn a_proxy_answers_with_html() {
    let sandbox = sandbox();
    let answer = send_into(&sandbox, Fault::HtmlAnswer).answer();
    assert_eq!(answer.status, 502);
    assert_eq!(answer.header("content-type"), Some("text/html"));
    assert!(answer.text().starts_with("<html>"));
    assert_eq!(executions(&sandbox), 0);
}

#[test]
fn a_good_request_can_be_treated_as_unreadable() {
    let sandbox = sandbox();
    let mut connection = send_into(&sandbox, Fault::UnreadableRequest);
    let answer = connection.answer();
    assert_eq!((answer.status, answer.header("connection")), (500, Some("keep-alive")));
    assert_eq!(connection.rest(), (Vec::new(), End::Closed));
    assert_eq!(executions(&sandbox), 0);
}

#[test]
fn a_body_has_no_end_in_sight() {
    let sandbox = sandbox();
    let mut connection = send_into(&sandbox, Fault::HugeBody);
    let mut piece = vec![0; 1024 * 1024];
    let mut total = 0;
    while total < 64 * 1024 * 1024 {
        let read = connection.stream.read(&mut piece).unwrap();
        assert!(read > 0);
        if total == 0 {
            let head = String::from_utf8_lossy(&piece[..read]).into_owned();
            assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && !head.contains("content-length"));
        }
        total += read;
    }
}

#[test]
fn an_answer_drips_at_a_byte_a_second() {
    let sandbox = sandbox();
    let mut connection = send_into(&sandbox, Fault::SlowDrip);
    let start = Instant::now();
    let mut bytes = [0; 3];
    connection.stream.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"HTT");
    assert!((1500..3500).contains(&start.elapsed().as_millis()));
    assert_eq!(executions(&sandbox), 1);
}

#[test]
fn faults_and_answers_share_one_queue() {
    let sandbox = sandbox();
    sandbox.fail_next(Fault::CloseAfterReading).unwrap();
    sandbox.answer_next(ScriptedAnswer { status: 404, ..ScriptedAnswer::default() }).unwrap();
    sandbox.fail_next(Fault::HtmlAnswer).unwrap();
    let body = r#"{"userId":"u1"}"#;
    let mut connection = Connection::open(&sandbox);
    connection.send(&signed("message/delivery", body));
    assert_eq!(connection.rest(), (Vec::new(), End::Closed));
    let mut connection = Connection::open(&sandbox);
    assert_eq!(connection.post("message/delivery", body).status, 404);
    assert_eq!(connection.post("message/delivery", body).status, 502);
    assert_eq!(connection.post("message/delivery", body).status, 200);
}

/// Every fault that answers, with the status, the code in the answer where there is one, and whether it executes.
#[test]
fn an_answer_is_another_one_than_it_should_be() {
    for (fault, status, code, executed) in [
        (Fault::ForeignAnswer, 200, Some(0), 1),
        (Fault::Redirect, 307, None, 0),
        (Fault::HttpUnauthorized, 401, None, 0),
        (Fault::TooManyRequests, 429, None, 0),
        (Fault::HtmlAnswerAfterExecuting, 502, None, 1),
        (Fault::ServiceUnavailable, 503, None, 0),
        (Fault::GatewayTimeout, 504, None, 1),
        (Fault::SignExpired, 200, Some(243), 0),
        (Fault::AuthFailure, 200, Some(244), 0),
        (Fault::ServerTimeout, 200, Some(249), 0),
        (Fault::ServerTimeoutAfterExecuting, 200, Some(249), 1),
        (Fault::OverFrequency, 200, Some(250), 0),
        (Fault::UnknownCode, 200, Some(9999), 0),
    ] {
        let sandbox = sandbox();
        let mut connection = send_into(&sandbox, fault);
        let answer = connection.answer();
        assert_eq!((answer.status, code.map(|_| answer.code())), (status, code), "{fault:?}");
        assert_eq!(executions(&sandbox), executed, "{fault:?}");
        // The connection is as good as before.
        assert_eq!(connection.post("message/delivery", r#"{"userId":"u1"}"#).status, 200, "{fault:?}");
    }
}

#[test]
fn what_executes_leaves_its_mark_and_nothing_else_does() {
    for &fault in Fault::ALL {
        let sandbox = sandbox();
        sandbox.fail(FaultRule { delay: Some(Duration::from_millis(1)), ..fault.into() }).unwrap();
        let body = json!({"sender": "a", "conv": {"target": "b"}, "payload": text_payload("t")}).to_string();
        let mut connection = Connection::open(&sandbox);
        connection.send(&signed("message/send", &body));
        let _ = connection.stream.read(&mut [0; 1]);
        let deadline = Instant::now() + Duration::from_millis(300);
        while executions(&sandbox) == 0 && fault.executes() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(executions(&sandbox), usize::from(fault.executes()), "{fault:?}");
        assert_eq!(sandbox.requests().unwrap()[0].fault, Some(fault));
    }
}

#[test]
fn the_pause_that_is_asked_for_is_the_delay() {
    let sandbox = sandbox();
    sandbox.fail(FaultRule { delay: Some(Duration::from_secs(7)), ..Fault::TooManyRequests.into() }).unwrap();
    let answer = Connection::open(&sandbox).post("message/delivery", "{}");
    assert_eq!(answer.header("retry-after"), Some("7"));
}

#[test]
fn a_length_may_be_too_short_for_its_body() {
    let sandbox = sandbox();
    let mut connection = send_into(&sandbox, Fault::WrongLength);
    let cut = connection.answer();
    assert!(cut.text().starts_with("{\"code\":0") && serde_json::from_slice::<serde_json::Value>(&cut.body).is_err());
    // The other half lies behind it, and the next answer behind that.
    let next = connection.post("message/delivery", r#"{"userId":"u1"}"#);
    assert!(next.head.contains("}HTTP/1.1 200 OK"), "{}", next.head);
    assert_eq!(executions(&sandbox), 1);
}

#[test]
fn an_answer_may_come_in_chunks() {
    let sandbox = sandbox();
    let mut connection = send_into(&sandbox, Fault::ChunkedAnswer);
    let answer = connection.answer();
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.header("content-length"), None);
    assert_eq!(executions(&sandbox), 1);
}

#[test]
fn a_fault_waits_at_its_point() {
    let delay = Duration::from_millis(200);
    for (fault, executed_at_once, begins_at_once) in [
        (Fault::DelayBeforeReading, false, false),
        (Fault::DelayAfterReading, false, false),
        (Fault::DelayAfterExecuting, true, false),
        (Fault::DelayInAnswer, true, true),
    ] {
        let sandbox = sandbox();
        sandbox.fail(FaultRule { delay: Some(delay), ..fault.into() }).unwrap();
        let body = json!({"sender": "a", "conv": {"target": "b"}, "payload": text_payload("t")}).to_string();
        let begun = Instant::now();
        let mut connection = Connection::open(&sandbox);
        connection.send(&signed("message/send", &body));
        std::thread::sleep(delay / 4);
        let early = (executions(&sandbox) == 1, something_has_arrived(&connection.stream));
        let whole = connection.answer();
        assert!(begun.elapsed() >= delay, "{fault:?}");
        assert_eq!((whole.status, executions(&sandbox)), (200, 1), "{fault:?}");
        assert_eq!(early, (executed_at_once, begins_at_once), "{fault:?}");
    }
}

fn something_has_arrived(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let arrived = matches!(stream.peek(&mut [0]), Ok(1));
    stream.set_nonblocking(false).unwrap();
    arrived
}
