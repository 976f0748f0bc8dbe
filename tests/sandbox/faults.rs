//! The trouble that a sandbox makes on demand: what the caller meets, and whether the call was executed.

use std::{
    io::Read,
    time::{Duration, Instant},
};

use serde_json::json;
use wildfirechat_message::sandbox::{Fault, Sandbox, ScriptedAnswer};

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
        assert_eq!(sandbox.requests().unwrap()[0].body, b"");
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
