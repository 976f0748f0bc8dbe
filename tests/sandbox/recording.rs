//! What a sandbox tells about the requests that arrived, and the answers made to order.

use wildfirechat_message::{
    Bytes,
    sandbox::{Header, SandboxError, ScriptedAnswer},
};

use crate::raw::{Connection, End, now, post, request, sandbox, signature, signed};

const DELIVERY: &str = r#"{"userId":"u1"}"#;

fn header(name: &str, value: &str) -> Header {
    Header { name: name.into(), value: value.into() }
}

#[test]
fn a_request_is_kept_as_it_arrived() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    connection
        .send(b"POST /admin/message/delivery HTTP/1.1\r\nX-Odd-Case: a b\r\ncontent-length: 5\r\n\r\n\xff\x00{}\n");
    connection.answer();
    let requests = sandbox.requests().unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/admin/message/delivery");
    assert_eq!(requests[0].headers, [header("X-Odd-Case", "a b"), header("content-length", "5")]);
    assert_eq!(requests[0].body, b"\xff\x00{}\n"[..]);
    assert!(!requests[0].signature_valid);
    assert_eq!(requests[0].connection, 1);
}

#[test]
fn a_recorded_request_says_whether_its_signature_is_valid_and_on_which_connection_it_came() {
    let sandbox = sandbox();
    let mut first = Connection::open(&sandbox);
    first.post("message/delivery", DELIVERY);
    let mut second = Connection::open(&sandbox);
    second.send(&request("message/delivery", &signature("n", "wrong", now()), DELIVERY));
    second.answer();
    first.post("message/delivery", DELIVERY);
    let seen: Vec<_> =
        sandbox.requests().unwrap().iter().map(|request| (request.signature_valid, request.connection)).collect();
    assert_eq!(seen, [(true, 1), (false, 2), (true, 1)]);
    sandbox.clear_requests().unwrap();
    assert!(sandbox.requests().unwrap().is_empty());
}

#[test]
fn the_next_request_gets_the_answer_made_for_it_and_is_not_executed() {
    let sandbox = sandbox();
    sandbox
        .answer_next(ScriptedAnswer {
            status: 503,
            headers: vec![header("Retry-After", "1"), header("x-empty", "")],
            body: b"busy"[..].into(),
        })
        .unwrap();
    let mut connection = Connection::open(&sandbox);
    let body = r#"{"sender":"a","conv":{"target":"b"},"payload":{"type":1,"persistFlag":3}}"#;
    connection.send(&signed("message/send", body));
    let answer = connection.answer();
    assert_eq!(
        answer.head,
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nx-empty: \r\ncontent-length: 4\r\n\r\n"
    );
    assert_eq!(answer.text(), "busy");
    assert!(sandbox.message_uids().unwrap().is_empty());
    assert!(sandbox.requests().unwrap()[0].signature_valid);
    assert_eq!(connection.post("message/send", body).code(), 0);
}

#[test]
fn answers_queue_up_for_requests_to_any_endpoint() {
    let sandbox = sandbox();
    for status in [401, 429, 204] {
        sandbox.answer_next(ScriptedAnswer { status, ..ScriptedAnswer::default() }).unwrap();
    }
    let mut connection = Connection::open(&sandbox);
    for (endpoint, status) in [("message/send", 401), ("no/such", 429), ("message/delivery", 204)] {
        assert_eq!(connection.post(endpoint, DELIVERY).status, status);
    }
    assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
}

#[test]
fn a_script_may_frame_its_body_itself() {
    let sandbox = sandbox();
    let answers = [("content-length", "100", &b"short"[..]), ("Connection", "Close", b"last")];
    for (name, value, body) in answers {
        let answer =
            ScriptedAnswer { headers: vec![header(name, value)], body: body.into(), ..ScriptedAnswer::default() };
        sandbox.answer_next(answer).unwrap();
        let mut connection = Connection::open(&sandbox);
        connection.send(&signed("message/delivery", DELIVERY));
        let (bytes, end) = connection.rest();
        assert!(bytes.ends_with(body));
        assert_eq!(end, End::Closed);
    }
    let chunked = ScriptedAnswer {
        headers: vec![header("transfer-encoding", "chunked")],
        body: b"2\r\n{}\r\n0\r\n\r\n"[..].into(),
        ..ScriptedAnswer::default()
    };
    sandbox.answer_next(chunked).unwrap();
    let answer = post(&sandbox, "message/delivery", DELIVERY);
    assert_eq!(answer.head, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
}

#[test]
fn an_answer_that_cannot_be_written_is_refused() {
    let sandbox = sandbox();
    for (status, name, value) in
        [(100, "a", "b"), (1000, "a", "b"), (200, "a b", "c"), (200, "", "c"), (200, "a", "b\r\nc: d")]
    {
        let answer = ScriptedAnswer { status, headers: vec![header(name, value)], body: Bytes::new() };
        assert!(matches!(sandbox.answer_next(answer), Err(SandboxError::Failed { .. })));
    }
    assert_eq!(post(&sandbox, "message/delivery", DELIVERY).code(), 0);
}
