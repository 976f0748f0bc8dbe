//! The bytes of requests, and what happens if connections end, stall or deliver wrong data.

mod support;

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use support::{SECRET, Server, answer, sent};
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest, SentMessage,
};

const SENT: SentMessage = SentMessage { message_uid: 588582842607370241, timestamp: 1795391931000 };

fn hello() -> SendRequest {
    SendRequest::new("admin", Conversation::group("g1"), MessagePayload::text("hello"))
}

fn milliseconds(milliseconds: u64) -> Option<Duration> {
    Some(Duration::from_millis(milliseconds))
}

#[test]
fn the_request_is_the_documented_one_byte_for_byte() {
    let server = Server::always(sent());
    assert_eq!(server.client().send_message(hello()), Ok(SENT));

    let [request] = &server.requests()[..] else { panic!("not one request") };
    let (nonce, timestamp, sign) = (request.header("nonce"), request.header("timestamp"), request.header("sign"));
    let expected = format!(
        "POST /admin/message/send HTTP/1.1\r\n\
         content-type: application/json; charset=utf-8\r\n\
         nonce: {nonce}\r\n\
         timestamp: {timestamp}\r\n\
         sign: {sign}\r\n\
         accept: */*\r\n\
         user-agent: wildfirechat-message/{}\r\n\
         host: {}\r\n\
         content-length: {}\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
        server.address,
        request.body.len(),
    );
    assert_eq!(request.head, expected);
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        r#"{"sender":"admin","conv":{"type":1,"target":"g1","line":0},"payload":{"type":1,"searchableContent":"hello","persistFlag":3}}"#
    );
    assert_eq!(nonce.len(), 32);
    assert_eq!(timestamp.len(), 13);
    assert!(sign.len() == 40 && sign.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{sign}");
}

#[test]
fn every_call_signs_anew() {
    let server = Server::always(sent());
    let client = server.client();
    for _ in 0..3 {
        client.send_message(hello()).unwrap();
    }
    let mut signs: Vec<String> = server.requests().iter().map(|request| request.header("sign").to_owned()).collect();
    signs.sort();
    signs.dedup();
    assert_eq!(signs.len(), 3);
}

#[test]
fn calls_one_after_the_other_share_a_connection() {
    let server = Server::always(sent());
    let client = server.client();
    for _ in 0..100 {
        client.send_message(hello()).unwrap();
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_answered_500_with_a_text_is_never_used_again() {
    // It says keep-alive and closes half a millisecond later, as the server was seen to do.
    let server = Server::start(|request, stream| {
        if !request.body.windows(4).any(|window| window == b"evil") {
            return stream.write_all(sent().as_bytes()).is_ok();
        }
        let refusal = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-encoding: utf-8\r\n\
                       connection: keep-alive\r\ncontent-length: 9\r\n\r\nbad input";
        stream.write_all(refusal.as_bytes()).unwrap();
        thread::sleep(Duration::from_micros(500));
        let _ = stream.shutdown(Shutdown::Both);
        false
    });
    let client = server.client();
    let mut evil = hello();
    evil.payload.searchable_content = "evil".into();
    for round in 0..1000 {
        let refused = client.send_message(evil.clone());
        assert!(matches!(refused, Err(MessageError::BadRequest { status: 500, .. })), "round {round}: {refused:?}");
        assert_eq!(client.send_message(hello()), Ok(SENT), "round {round}");
    }
    assert_eq!(server.requests().len(), 2000);
    for pair in server.requests().windows(2).filter(|pair| pair[0].body.len() != pair[1].body.len()) {
        if pair[0].body.windows(4).any(|window| window == b"evil") {
            assert_ne!(pair[0].connection, pair[1].connection);
        }
    }
}

#[test]
fn a_connection_that_answered_500_without_a_text_is_kept() {
    let server = Server::always(answer("500 Internal Server Error", ""));
    let client = server.client();
    for _ in 0..3 {
        assert_eq!(
            client.delete_message(1),
            Err(MessageError::NotSupported { endpoint: "message/delete".into(), attempts: 1 })
        );
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_lost_connection_is_one_request_and_an_honest_error() {
    let server = Server::start(|_, _| false);
    let error = server.client().send_message(hello()).unwrap_err();
    assert!(matches!(error, MessageError::ConnectionLost { attempts: 1, .. }), "{error:?}");
    assert!(error.may_have_executed());
    thread::sleep(Duration::from_millis(100));
    assert_eq!(server.requests().len(), 1, "a hidden retry");
}

#[test]
fn a_reused_connection_that_ends_after_the_request_is_not_tried_again_either() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |_, stream| {
        count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) && stream.write_all(sent().as_bytes()).is_ok()
    });
    let client = server.client();
    for _ in 0..20 {
        assert_eq!(client.send_message(hello()), Ok(SENT));
        assert!(matches!(client.send_message(hello()), Err(MessageError::ConnectionLost { .. })));
    }
    assert_eq!(server.requests().len(), 40);
}

#[test]
fn a_connection_the_server_closed_while_idle_costs_no_call() {
    let server = Server::start(|_, stream| {
        stream.write_all(sent().as_bytes()).unwrap();
        false
    });
    let client = server.client();
    for round in 0..100 {
        assert_eq!(client.send_message(hello()), Ok(SENT), "round {round}");
        let begun = Instant::now();
        while server.closed() == round {
            assert!(begun.elapsed() < Duration::from_secs(10), "the server does not close, round {round}");
            thread::sleep(Duration::from_millis(1));
        }
    }
    assert_eq!(server.requests().len(), 100);
}

#[test]
fn a_refused_connection_is_unreachable_and_nothing_was_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = MessageClient::new(format!("http://{closed}"), SECRET.into(), None).unwrap();
    let error = client.send_message(hello()).unwrap_err();
    assert!(
        matches!(&error, MessageError::Unreachable { attempts: 3, reason, .. } if reason.contains("refused")),
        "{error:?}"
    );
    assert!(!error.may_have_executed());
}

#[test]
fn a_host_that_does_not_exist_is_unreachable() {
    let client = MessageClient::new("http://no-such-host.invalid".into(), SECRET.into(), None).unwrap();
    assert!(matches!(client.send_message(hello()), Err(MessageError::Unreachable { .. })));
}

#[test]
fn a_tls_handshake_that_stalls_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let options = ClientOptions { connect_timeout: milliseconds(200), ..ClientOptions::default() };
    let error = MessageClient::new(url, SECRET.into(), Some(options)).unwrap().send_message(hello()).unwrap_err();
    let MessageError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason, "it took longer than 200ms");
}

#[test]
fn a_silent_server_is_a_time_out_within_the_read_time_out() {
    let server = Server::start(|_, stream| stream.read(&mut [0]).is_ok_and(|read| read > 0));
    let client = server.client_with(ClientOptions { read_timeout: milliseconds(200), ..ClientOptions::default() });
    let begun = Instant::now();
    let error = client.send_message(hello()).unwrap_err();
    assert!(matches!(error, MessageError::TimedOut { attempts: 1, .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_server_that_answers_byte_by_byte_meets_the_total_time_out() {
    let server = Server::start(|_, stream| {
        sent().bytes().all(|byte| {
            thread::sleep(Duration::from_millis(20));
            stream.write_all(&[byte]).is_ok()
        })
    });
    let client = server.client_with(ClientOptions { total_timeout: milliseconds(300), ..ClientOptions::default() });
    assert!(matches!(client.send_message(hello()), Err(MessageError::TimedOut { .. })));
}

#[test]
fn an_answer_cut_short_is_a_lost_connection() {
    let server = Server::start(|_, stream| {
        let whole = sent();
        stream.write_all(&whole.as_bytes()[..whole.len() - 5]).unwrap();
        false
    });
    let error = server.client().send_message(hello()).unwrap_err();
    assert!(matches!(error, MessageError::ConnectionLost { .. }), "{error:?}");
}

#[test]
fn something_that_is_not_http_is_an_invalid_response() {
    let server = Server::always("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    let error = server.client().send_message(hello()).unwrap_err();
    assert!(matches!(error, MessageError::InvalidResponse { .. }), "{error:?}");
}

#[test]
fn an_answer_over_the_limit_is_refused_whether_it_says_so_or_not() {
    let options = || ClientOptions { max_response_bytes: 1000, ..ClientOptions::default() };
    let honest = Server::always(answer("200 OK", &" ".repeat(1001)));
    let endless = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        while stream.write_all(&[b' '; 4096]).is_ok() {}
        false
    });
    for server in [honest, endless] {
        let error = server.client_with(options()).send_message(hello()).unwrap_err();
        let MessageError::InvalidResponse { reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(reason, "it is longer than the 1000 bytes that are allowed");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::always(sent());
    let location =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
    let server = Server::always(location);
    let error = server.client().send_message(hello()).unwrap_err();
    let MessageError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(&format!("redirects to {}/:", elsewhere.url())), "{reason}");
    assert!(!error.may_have_executed());
    assert_eq!((server.connections(), elsewhere.connections()), (1, 0));
}

#[test]
fn chunked_answers_are_read_too() {
    let body = r#"{"code":0,"result":{"messageUid":588582842607370241,"timestamp":1795391931000}}"#;
    let server = Server::always(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    ));
    assert_eq!(server.client().send_message(hello()), Ok(SENT));
}

#[test]
fn the_base_url_may_have_a_prefix_and_a_slash() {
    let server = Server::always(sent());
    for (base, path) in [
        (server.url(), "/admin/message/send"),
        (server.url() + "/", "/admin/message/send"),
        (server.url() + "/im/api", "/im/api/admin/message/send"),
        (server.url() + "/im/api/", "/im/api/admin/message/send"),
    ] {
        let client = MessageClient::new(base, SECRET.into(), None).unwrap();
        client.send_message(hello()).unwrap();
        let request = server.requests().pop().unwrap();
        assert_eq!(request.head.split(' ').nth(1), Some(path));
    }
}

/// Proxies of the environment count from a process's start, so a process of its own has them.
#[test]
fn the_environments_proxy_is_not_used() {
    const CHILD: &str = "CHILD_OF_THE_PROXY_TEST";
    if let Ok(url) = std::env::var(CHILD) {
        let client = MessageClient::new(url, SECRET.into(), None).unwrap();
        client.send_message(hello()).unwrap();
        return;
    }
    let (proxy, server) = (Server::always(sent()), Server::always(sent()));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "the_environments_proxy_is_not_used"]).env(CHILD, server.url());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, proxy.url());
    }
    assert!(child.status().unwrap().success());
    assert_eq!((proxy.requests().len(), server.requests().len()), (0, 1));
}

#[test]
fn the_proxy_of_the_options_is_used() {
    let (proxy, server) = (Server::always(sent()), Server::always(sent()));
    let options = ClientOptions { proxy: Some(proxy.url()), ..ClientOptions::default() };
    server.client_with(options).send_message(hello()).unwrap();
    assert_eq!((proxy.requests().len(), server.requests().len()), (1, 0));
    let line = format!("POST {}/admin/message/send HTTP/1.1", server.url());
    assert!(proxy.requests()[0].head.starts_with(&line), "{}", proxy.requests()[0].head);
}

#[test]
fn the_user_agent_takes_a_suffix() {
    let server = Server::always(sent());
    let options = ClientOptions { user_agent: Some("shop/2.1".into()), ..ClientOptions::default() };
    server.client_with(options).send_message(hello()).unwrap();
    assert!(server.requests()[0].header("user-agent").ends_with(" shop/2.1"));
}

#[test]
fn an_answer_that_repeats_the_request_or_the_secret_does_not_bring_them_into_an_error() {
    let echo = Server::start(|request, stream| {
        let body = String::from_utf8_lossy(&request.body);
        stream.write_all(answer("500 Internal Server Error", &format!("cannot read {body}")).as_bytes()).is_ok()
    });
    let echo_in_msg = Server::start(|request, stream| {
        let body = format!("cannot read {}", String::from_utf8_lossy(&request.body));
        let envelope = serde_json::json!({"code": 99, "msg": body}).to_string();
        stream.write_all(answer("200 OK", &envelope).as_bytes()).is_ok()
    });
    let echo_in_result = Server::start(|request, stream| {
        let body = String::from_utf8_lossy(&request.body);
        let envelope = serde_json::json!({"code": 0, "result": {"messageUid": body}}).to_string();
        stream.write_all(answer("200 OK", &envelope).as_bytes()).is_ok()
    });
    let leak = Server::always(answer("500 Internal Server Error", &format!("secret is {SECRET}")));
    let message = Server::always(answer("200 OK", &format!(r#"{{"code":99,"msg":"not {SECRET}"}}"#)));
    let mut request = hello();
    request.payload.searchable_content = "canary-b0dy".into();
    for server in [echo, echo_in_msg, echo_in_result, leak, message] {
        let error = server.client().send_message(request.clone()).unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(!told.contains("canary"), "{told}");
    }
}
