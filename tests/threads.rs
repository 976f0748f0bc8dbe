//! Many threads, many clients, a runtime of the caller, and callers that give up waiting.

#[path = "support/limit.rs"]
mod limit;
#[path = "support/setting.rs"]
mod setting;
mod support;

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use setting::number;
use support::{SECRET, Server, answer, sent};
use wildfirechat_message::{
    Answer, ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest,
};

fn hello() -> SendRequest {
    limit::this_program_to(Duration::from_secs(120));
    SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text("hello"))
}

#[test]
fn sixty_four_threads_share_a_client() {
    let server = Server::always(sent());
    let client = Arc::new(server.client_with(ClientOptions { pool_max_idle: 64, ..ClientOptions::default() }));
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let client = Arc::clone(&client);
            thread::spawn(move || (0..50).for_each(|_| assert!(client.send_message(hello()).is_ok())))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(server.requests().len(), 64 * 50);
    assert!(server.connections() <= 64, "{} connections", server.connections());
}

#[test]
fn clients_of_different_servers_live_side_by_side() {
    let server_of = |count: u32| {
        Server::always(answer("200 OK", &format!(r#"{{"code":0,"result":{{"messageUid":7,"count":{count}}}}}"#)))
    };
    let servers: Vec<Server> = (0..8).map(server_of).collect();
    let clients: Vec<MessageClient> = servers.iter().map(Server::client).collect();
    for _ in 0..10 {
        for (client, count) in clients.iter().zip(0..) {
            let request = wildfirechat_message::BroadcastRequest {
                sender: "admin".into(),
                line: 0,
                payload: MessagePayload::text("hello"),
            };
            assert_eq!(client.broadcast_message(request).unwrap().count, count);
        }
    }
}

#[test]
fn a_client_works_inside_of_a_runtime_of_the_caller() {
    let server = Server::always(sent());
    let client = Arc::new(server.client());
    let one = tokio::runtime::Builder::new_current_thread().build().unwrap();
    one.block_on(async { client.send_message(hello()).unwrap() });
    // On a blocking thread of a runtime, too, and when the client is dropped in it.
    one.block_on(async {
        let client = Arc::clone(&client);
        tokio::task::spawn_blocking(move || client.send_message(hello()).unwrap()).await.unwrap()
    });
    one.block_on(async move { drop(client) });
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn the_connections_of_a_dropped_client_are_closed() {
    let (closed, seen) = std::sync::mpsc::channel();
    let server = Server::start(move |_, stream| {
        stream.write_all(sent().as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let end = stream.peek(&mut [0]);
        closed.send(matches!(end, Ok(0))).unwrap();
        false
    });
    let client = server.client();
    client.send_message(hello()).unwrap();
    drop(client);
    assert!(seen.recv().unwrap(), "the server still sees the connection open");
}

fn slow_server() -> Server {
    Server::start(|_, stream| {
        thread::sleep(Duration::from_millis(250));
        stream.write_all(sent().as_bytes()).is_ok()
    })
}

fn sliced(server: &Server) -> MessageClient {
    MessageClient::in_slices(server.url(), SECRET.into(), None, Duration::from_millis(50)).unwrap()
}

fn ticket_of(outcome: Result<impl std::fmt::Debug, MessageError>) -> i64 {
    let Err(MessageError::Pending { ticket }) = outcome else { panic!("{outcome:?}") };
    ticket
}

#[test]
fn a_call_in_slices_comes_back_pending_and_is_resumed_to_its_answer() {
    let server = slow_server();
    let client = sliced(&server);
    let mut ticket = ticket_of(client.send_message(hello()));
    let mut slices = 1;
    let answer = loop {
        match client.access().unwrap().resume(ticket) {
            Err(MessageError::Pending { ticket: next }) => ticket = next,
            outcome => break outcome,
        }
        slices += 1;
    };
    assert!(matches!(answer, Ok(Answer::Sent { value }) if value.message_uid == 588582842607370241));
    assert!((2..=6).contains(&slices), "{slices}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_call_that_is_cancelled_after_its_request_left_says_so_and_ends_its_connection() {
    let (closed, seen) = std::sync::mpsc::channel();
    let server = Server::start(move |_, stream| {
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        closed.send(matches!(stream.peek(&mut [0]), Ok(0))).unwrap();
        false
    });
    let client = sliced(&server);
    let ticket = ticket_of(client.send_message(hello()));
    assert_eq!(
        client.access().unwrap().cancel(ticket),
        Err(MessageError::Interrupted { endpoint: "message/send".into(), sent: true, attempts: 1 })
    );
    assert!(seen.recv().unwrap(), "the connection is still open");
    assert!(matches!(client.access().unwrap().resume(ticket), Err(MessageError::InvalidArgument { .. })));
}

#[test]
fn a_call_that_is_cancelled_before_a_connection_stands_sent_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // Nobody speaks TLS here, so the connection never stands.
    let url = format!("https://{}", listener.local_addr().unwrap());
    let client = MessageClient::in_slices(url, SECRET.into(), None, Duration::from_millis(50)).unwrap();
    let ticket = ticket_of(client.send_message(hello()));
    assert_eq!(
        client.access().unwrap().cancel(ticket),
        Err(MessageError::Interrupted { endpoint: "message/send".into(), sent: false, attempts: 1 })
    );
}

#[test]
fn a_fast_call_in_slices_is_an_ordinary_one() {
    let server = Server::always(sent());
    let client = sliced(&server);
    let begun = Instant::now();
    assert!(client.send_message(hello()).is_ok());
    assert!(begun.elapsed() < Duration::from_secs(5));
}

/// The end of a slice, the answer and a caller who is late meet in every order.
#[test]
fn no_answer_is_lost_between_two_slices() {
    let server = Server::start(|request, stream| {
        let micros = u32::from_str_radix(&request.header("nonce")[..4], 16).unwrap() % 3_000;
        thread::sleep(Duration::from_micros(micros.into()));
        stream.write_all(sent().as_bytes()).is_ok()
    });
    let options = ClientOptions { read_timeout: Some(Duration::from_secs(5)), ..ClientOptions::default() };
    let slice = Duration::from_millis(1);
    let client = MessageClient::in_slices(server.url(), SECRET.into(), Some(options), slice).unwrap();
    let calls = number("WILDFIRECHAT_SLICED_CALLS", 2_000) / 8;
    thread::scope(|scope| {
        for caller in 0..8 {
            let client = &client;
            scope.spawn(move || {
                for call in 0..calls {
                    let mut outcome = client.send_message(hello()).map(|_| ());
                    while let Err(MessageError::Pending { ticket }) = outcome {
                        thread::sleep(Duration::from_micros((call * 37 + caller * 11) as u64 % 500));
                        outcome = client.access().unwrap().resume(ticket).map(|_| ());
                    }
                    assert_eq!(outcome, Ok(()), "call {call} of caller {caller}");
                }
            });
        }
    });
}

/// 64 calls at once have a runtime each, and those beyond share one.
#[test]
fn more_calls_than_runtimes_are_answered_and_ended_alike() {
    const CALLS: usize = 100;
    let (closed, seen) = std::sync::mpsc::channel();
    let (answers, waiting) = (Arc::new(AtomicUsize::new(0)), Duration::from_secs(30));
    let allowed = Arc::clone(&answers);
    // Answers as many as it may, and tells of each of the others whether its connection was closed.
    let server = Server::start(move |_, stream| {
        stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        let begun = Instant::now();
        while begun.elapsed() < waiting {
            if matches!(stream.peek(&mut [0]), Ok(0)) {
                closed.send(()).unwrap();
                return false;
            }
            if allowed.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                return stream.write_all(sent().as_bytes()).is_ok();
            }
        }
        false
    });
    let client = sliced(&server);
    let mut tickets: Vec<i64> = (0..CALLS).map(|_| ticket_of(client.send_message(hello()))).collect();
    assert_eq!(server.connections(), CALLS);
    // Every third is ended: some of those with a runtime of their own, some of the others.
    let ended: Vec<i64> = tickets.iter().copied().step_by(3).collect();
    tickets.retain(|ticket| !ended.contains(ticket));
    for ticket in &ended {
        let interrupted = MessageError::Interrupted { endpoint: "message/send".into(), sent: true, attempts: 1 };
        assert_eq!(client.access().unwrap().cancel(*ticket), Err(interrupted));
    }
    (0..ended.len()).for_each(|_| seen.recv_timeout(waiting).expect("a connection is still open"));
    // The rest is waited for by threads of their own, all at once.
    answers.store(tickets.len(), Ordering::SeqCst);
    thread::scope(|scope| {
        for ticket in tickets {
            let client = &client;
            scope.spawn(move || {
                let mut outcome = client.access().unwrap().resume(ticket);
                while let Err(MessageError::Pending { ticket }) = outcome {
                    outcome = client.access().unwrap().resume(ticket);
                }
                assert!(matches!(outcome, Ok(Answer::Sent { .. })), "{outcome:?}");
            });
        }
    });
    assert_eq!(server.requests().len(), CALLS);
    // As many end with their client.
    let _: Vec<i64> = (0..CALLS).map(|_| ticket_of(client.send_message(hello()))).collect();
    drop(client);
    (0..CALLS).for_each(|_| seen.recv_timeout(waiting).expect("a connection is still open"));
}
