//! HTTP as the server speaks it: heads, bodies, and when a connection ends.

use std::{
    net::Shutdown,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::raw::{
    Connection, End, call, community, now, post, request, sandbox, send_text, sign, signature, signed, text_payload,
};

const DELIVERY: &str = r#"{"userId":"u1"}"#;

#[test]
fn an_answer_is_this_to_the_byte() {
    let sandbox = sandbox();
    sandbox.set_delivery_timestamp("u1".into(), 1_700_000_000_000).unwrap();
    let mut connection = Connection::open(&sandbox);
    connection.send(&signed("message/delivery", DELIVERY));
    let answer = connection.answer();
    assert_eq!(
        answer.head,
        "HTTP/1.1 200 OK\r\n\
         content-type: application/json\r\n\
         content-encoding: utf-8\r\n\
         content-length: 63\r\n\
         connection: keep-alive\r\n\r\n"
    );
    assert_eq!(answer.text(), r#"{"code":0,"msg":"success","result":{"timestamp":1700000000000}}"#);
}

#[test]
fn an_unknown_path_is_500_without_a_body_and_stays_open_even_with_a_wrong_sign() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    for endpoint in ["message/no_such", "message/send/", "message", ""] {
        connection.send(&request(endpoint, "sign: wrong\r\n", "{}"));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.text()), (500, ""), "{endpoint}");
        assert_eq!(answer.header("content-length"), Some("0"));
        assert_eq!(answer.header("connection"), Some("keep-alive"));
    }
    assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
}

#[test]
fn a_wrong_method_is_500_without_a_body_and_stays_open() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    for method in ["GET", "PUT", "DELETE", "post"] {
        connection.send(format!("{method} /admin/message/send HTTP/1.1\r\n\r\n").as_bytes());
        let answer = connection.answer();
        assert_eq!((answer.status, answer.text()), (500, ""), "{method}");
    }
    assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
}

#[test]
fn a_community_server_lacks_the_professional_endpoints() {
    let sandbox = community();
    let mut connection = Connection::open(&sandbox);
    for endpoint in [
        "message/update",
        "message/delete",
        "message/clear_by_user",
        "conversation/delete",
        "message/recall_broadcast",
        "message/delete_broadcast",
        "message/delete_multicast",
        "message/conv_read",
        "message/delivery",
        "message/import",
    ] {
        connection.send(&signed(endpoint, "{}"));
        let answer = connection.answer();
        assert_eq!((answer.status, answer.text()), (500, ""), "{endpoint}");
    }
}

#[test]
fn a_community_server_has_the_others() {
    let sandbox = community();
    for endpoint in ["send", "recall", "broadcast", "get_one", "recall_multicast"] {
        assert_eq!(post(&sandbox, &format!("message/{endpoint}"), "{}").code(), 251, "{endpoint}");
    }
    assert_eq!(post(&sandbox, "message/multicast", r#"{"targets":[]}"#).code(), 251);
}

#[test]
fn a_body_without_length_or_chunking_is_empty() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    let headers = signature("n", "123456", now());
    connection.send(format!("POST /admin/message/send HTTP/1.1\r\n{headers}\r\n").as_bytes());
    assert_eq!(connection.answer().code(), 251);
}

#[test]
fn a_chunked_body_is_read() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    let headers = signature("n", "123456", now());
    connection.send(
        format!("POST /admin/message/delivery HTTP/1.1\r\n{headers}Transfer-Encoding: chunked\r\n\r\n").as_bytes(),
    );
    for piece in ["8;ext=1\r\n", "{\"userId", "\r\n6\r\n\":\"", "u1\"", "\r\n1\r\n}\r\n0\r", "\ntrailer: x\r\n\r\n"] {
        connection.send(piece.as_bytes());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(connection.answer().code(), 0);
    assert_eq!(sandbox.requests().unwrap()[0].body, DELIVERY.as_bytes());
    assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
}

#[test]
fn a_request_may_come_a_byte_at_a_time() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    for byte in signed("message/delivery", DELIVERY) {
        connection.send(&[byte]);
    }
    assert_eq!(connection.answer().code(), 0);
}

#[test]
fn pipelined_requests_are_all_answered() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    connection.send(&signed("message/delivery", DELIVERY).repeat(3));
    for _ in 0..3 {
        assert_eq!(connection.answer().code(), 0);
    }
}

#[test]
fn a_caller_that_waits_for_100_continue_is_asked_for_its_body() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    let headers = format!("{}Expect: 100-continue\r\n", signature("n", "123456", now()));
    let whole = request("message/delivery", &headers, DELIVERY);
    let (head, body) = whole.split_at(whole.len() - DELIVERY.len());
    connection.send(head);
    assert_eq!(connection.answer().status, 100);
    connection.send(body);
    assert_eq!(connection.answer().code(), 0);
}

#[test]
fn only_a_lower_case_connection_close_closes() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    for header in ["Connection: close", "connection: Close", "CONNECTION: close"] {
        let headers = format!("{}{header}\r\n", signature("n", "123456", now()));
        connection.send(&request("message/delivery", &headers, DELIVERY));
        assert_eq!(connection.answer().header("connection"), Some("keep-alive"), "{header}");
    }
    let headers = format!("{}connection: close\r\n", signature("n", "123456", now()));
    connection.send(&request("message/delivery", &headers, DELIVERY));
    assert_eq!(connection.answer().header("connection"), Some("close"));
    assert_eq!(connection.rest(), (Vec::new(), End::Closed));
}

#[test]
fn an_unreadable_body_is_500_with_text_and_a_keep_alive_that_lies() {
    let sandbox = sandbox();
    for _ in 0..20 {
        let mut connection = Connection::open(&sandbox);
        connection.send(&signed("message/delivery", "{"));
        let answer = connection.answer();
        let start = Instant::now();
        assert_eq!(answer.status, 500);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("connection"), Some("keep-alive"));
        assert_eq!(answer.text(), "Could not read the request: the body is not JSON at line 1, column 1");
        assert_eq!(connection.rest(), (Vec::new(), End::Closed));
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn a_body_over_100_mib_is_413_as_soon_as_its_length_is_known() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    let limit = 100 * 1024 * 1024;
    let headers = signature("n", "123456", now());
    connection.send(
        format!("POST /admin/message/send HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n", limit + 1).as_bytes(),
    );
    let answer = connection.answer();
    assert_eq!((answer.status, answer.text()), (413, ""));
    // The body is skipped, and the connection lives on.
    for _ in 0..100 {
        connection.send(&vec![b' '; limit / 100]);
    }
    connection.send(b" ");
    assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
    let received = sandbox.requests().unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].body, b""[..]);
}

#[test]
fn what_is_not_http_is_400_and_the_end() {
    let sandbox = sandbox();
    for nonsense in ["\0\0\0", "hello\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: many\r\n\r\n"] {
        let mut connection = Connection::open(&sandbox);
        connection.send(nonsense.as_bytes());
        assert_eq!(connection.answer().status, 400, "{nonsense:?}");
        assert_eq!(connection.rest().0, b"");
    }
    let mut connection = Connection::open(&sandbox);
    connection.send(b"POST / HTTP/1.1\r\nendless: ");
    // The rest may meet a connection that is closed already.
    for _ in 0..70 {
        let _ = std::io::Write::write_all(&mut connection.stream, &[b'x'; 1024]);
    }
    assert!(call(&sandbox, "message/delivery", &json!({"userId": "u1"}))["code"] == 0);
}

#[test]
fn a_half_closed_socket_executes_and_is_never_answered() {
    let sandbox = sandbox();
    // The close must arrive before the answer is written, so it may take a few tries.
    let unanswered = (0..50).any(|number| {
        let text = format!("half closed {number}");
        let body = json!({"sender": "a", "conv": {"type": 0, "target": "b"}, "payload": text_payload(&text)});
        let mut connection = Connection::open(&sandbox);
        connection.send(&signed("message/send", &body.to_string()));
        connection.stream.shutdown(Shutdown::Write).unwrap();
        let (answer, _) = connection.rest();
        assert_eq!(sandbox.messages_with_text(text).unwrap().len(), 1);
        answer.is_empty()
    });
    assert!(unanswered);
}

#[test]
fn a_query_is_no_part_of_the_path() {
    let sandbox = sandbox();
    assert_eq!(post(&sandbox, "message/delivery?trace=1", DELIVERY).code(), 0);
    assert_eq!(sandbox.requests().unwrap()[0].path, "/admin/message/delivery?trace=1");
}

#[test]
fn many_connections_are_served_at_once() {
    let sandbox = sandbox();
    let mut idle: Vec<_> = (0..50).map(|_| Connection::open(&sandbox)).collect();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in 0..50 {
                    send_text(sandbox, "a", "b", &format!("{thread}/{number}"));
                }
            });
        }
    });
    assert_eq!(sandbox.message_uids().unwrap().len(), 400);
    for connection in &mut idle {
        assert_eq!(connection.post("message/delivery", DELIVERY).code(), 0);
    }
}

#[test]
fn the_signature_headers_may_be_capitalised() {
    let sandbox = sandbox();
    let mut connection = Connection::open(&sandbox);
    let timestamp = now();
    let headers = format!("Nonce: n\r\nTimestamp: {timestamp}\r\nSign: {}\r\n", sign("n", "123456", timestamp));
    connection.send(&request("message/delivery", &headers, DELIVERY));
    assert_eq!(connection.answer().code(), 0);
}
