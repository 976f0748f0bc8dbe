//! Trying again: when, how long after, and never against the caller's wishes.

#![cfg(feature = "sandbox")]

#[path = "support/limit.rs"]
mod limit;

use std::{
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{
    Bytes, ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest,
    sandbox::{Fault, FaultRule, Header, Sandbox, SandboxOptions, ScriptedAnswer},
};

const SECRET: &str = "123456";

fn hello() -> SendRequest {
    SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text("hello"))
}

fn milliseconds(milliseconds: u64) -> Option<Duration> {
    Some(Duration::from_millis(milliseconds))
}

fn client(sandbox: &Sandbox, options: ClientOptions) -> MessageClient {
    limit::this_program_to(Duration::from_secs(120));
    MessageClient::new(sandbox.base_url().unwrap(), SECRET.into(), Some(options)).unwrap()
}

fn in_slices(sandbox: &Sandbox, options: ClientOptions) -> MessageClient {
    limit::this_program_to(Duration::from_secs(120));
    // Long enough for an answer on a machine that does other things too, and shorter than what the tests wait for.
    let slice = Duration::from_millis(400);
    MessageClient::in_slices(sandbox.base_url().unwrap(), SECRET.into(), Some(options), slice).unwrap()
}

fn busy_for(sandbox: &Sandbox, times: i32) {
    sandbox.fail(FaultRule { times, ..Fault::OverFrequency.into() }).unwrap();
}

/// HTTP 429 that names a pause in seconds.
fn come_back_after(seconds: u64) -> ScriptedAnswer {
    let header = Header { name: "Retry-After".into(), value: seconds.to_string() };
    ScriptedAnswer { status: 429, headers: vec![header], body: Bytes::new() }
}

#[test]
fn a_server_that_restarts_costs_no_call() {
    let sandbox = Sandbox::start().unwrap();
    let options = ClientOptions { max_attempts: 50, retry_pause: milliseconds(20), ..ClientOptions::default() };
    let client = client(&sandbox, options);
    client.send_message(hello()).unwrap();
    sandbox.refuse_connections(Duration::from_millis(200)).unwrap();
    client.send_message(hello()).unwrap();
    assert_eq!(sandbox.messages_with_text("hello".into()).unwrap().len(), 2);
}

#[test]
fn the_pause_that_a_server_names_is_kept() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.answer_next(come_back_after(1)).unwrap();
    let begun = Instant::now();
    client(&sandbox, ClientOptions::default()).send_message(hello()).unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(sandbox.requests().unwrap().len(), 2);
}

#[test]
fn all_attempts_share_the_total_timeout() {
    let sandbox = Sandbox::start().unwrap();
    busy_for(&sandbox, i32::MAX);
    let options = ClientOptions {
        max_attempts: i32::MAX,
        retry_pause: milliseconds(10),
        retry_pause_max: milliseconds(20),
        total_timeout: milliseconds(300),
        ..ClientOptions::default()
    };
    let begun = Instant::now();
    let error = client(&sandbox, options).send_message(hello()).unwrap_err();
    // The last attempt is refused like the others, or the time is over while it is on its way.
    let attempts = match error {
        MessageError::RateLimited { attempts, .. }
        | MessageError::TimedOut { attempts, .. }
        | MessageError::Unreachable { attempts, .. } => attempts,
        _ => panic!("{error:?}"),
    };
    assert!(begun.elapsed() < Duration::from_secs(5));
    let arrived = i32::try_from(sandbox.requests().unwrap().len()).unwrap();
    assert!((0..=1).contains(&(attempts - arrived)), "{attempts} attempts, {arrived} arrived");
    assert!(attempts > 5, "{attempts}");
    assert_eq!(sandbox.messages_with_text("hello".into()).unwrap().len(), 0);
}

#[test]
fn a_call_that_is_cancelled_in_a_pause_was_not_executed_and_sends_nothing_more() {
    let sandbox = Sandbox::start().unwrap();
    let client = in_slices(&sandbox, ClientOptions::default());
    sandbox.answer_next(come_back_after(1)).unwrap();
    let Err(MessageError::Pending { ticket }) = client.send_message(hello()) else { panic!("it does not pause") };
    let cancelled = client.access().unwrap().cancel(ticket);
    assert_eq!(cancelled, Err(MessageError::Interrupted { endpoint: "message/send".into(), sent: false, attempts: 1 }));
    thread::sleep(Duration::from_millis(1300));
    assert_eq!(sandbox.requests().unwrap().len(), 1);
}

#[test]
fn a_look_up_that_is_cancelled_in_a_pause_after_a_lost_answer_may_have_been_executed() {
    let sandbox = Sandbox::start().unwrap();
    let client = in_slices(&sandbox, ClientOptions::default());
    let header = Header { name: "Retry-After".into(), value: "9".into() };
    sandbox.answer_next(ScriptedAnswer { status: 503, headers: vec![header], body: Bytes::new() }).unwrap();
    let Err(MessageError::Pending { ticket }) = client.delete_message(1) else { panic!("it does not pause") };
    let cancelled = client.access().unwrap().cancel(ticket);
    assert_eq!(
        cancelled,
        Err(MessageError::Interrupted { endpoint: "message/delete".into(), sent: true, attempts: 1 })
    );
}

#[test]
fn a_clients_own_rate_is_shared_by_its_threads() {
    let sandbox = Sandbox::start().unwrap();
    let client = client(&sandbox, ClientOptions { rate_limit: 50, ..ClientOptions::default() });
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| assert!(client.send_message(hello()).is_ok())));
        }
    });
    // The first 5 at once, 20 ms for each of the others.
    assert!(begun.elapsed() >= Duration::from_millis(680), "{:?}", begun.elapsed());
    assert_eq!(sandbox.requests().unwrap().len(), 40);
}

#[test]
fn attempts_keep_to_the_clients_own_rate_too() {
    let sandbox = Sandbox::start().unwrap();
    busy_for(&sandbox, 2);
    let options = ClientOptions { rate_limit: 5, retry_pause: milliseconds(1), ..ClientOptions::default() };
    let begun = Instant::now();
    client(&sandbox, options).send_message(hello()).unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(390), "{:?}", begun.elapsed());
}

#[test]
fn a_call_whose_turn_comes_too_late_is_not_sent() {
    let sandbox = Sandbox::start().unwrap();
    let options = ClientOptions { rate_limit: 1, total_timeout: milliseconds(500), ..ClientOptions::default() };
    let client = client(&sandbox, options);
    client.send_message(hello()).unwrap();
    // It says so at once: waiting would not help. The quickest of some, on a machine that does other things too.
    let quickest = (0..5).map(|_| {
        let begun = Instant::now();
        let error = client.send_message(hello()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "message/send: the call got no turn in time: the client's own rate_limit is 1 per second; nothing was sent"
        );
        assert!(matches!(error, MessageError::RateLimited { attempts: 0, .. }) && !error.may_have_executed());
        begun.elapsed()
    });
    assert!(quickest.min() < Some(Duration::from_millis(400)));
    assert_eq!(sandbox.requests().unwrap().len(), 1);
}

#[test]
fn a_call_that_is_cancelled_before_its_turn_sent_nothing() {
    let sandbox = Sandbox::start().unwrap();
    let client = in_slices(&sandbox, ClientOptions { rate_limit: 1, ..ClientOptions::default() });
    client.send_message(hello()).unwrap();
    let Err(MessageError::Pending { ticket }) = client.send_message(hello()) else { panic!("it does not wait") };
    let cancelled = client.access().unwrap().cancel(ticket);
    assert_eq!(cancelled, Err(MessageError::Interrupted { endpoint: "message/send".into(), sent: false, attempts: 0 }));
    thread::sleep(Duration::from_millis(1200));
    assert_eq!(sandbox.requests().unwrap().len(), 1);
}

/// What is left on a connection behind an answer is never taken for the answer to the next request.
#[test]
fn a_connection_with_a_doubtful_answer_is_not_used_again() {
    for fault in [Fault::WrongLength, Fault::ForeignAnswer, Fault::HtmlAnswer, Fault::UnreadableRequest] {
        let sandbox = Sandbox::start().unwrap();
        let client = client(&sandbox, ClientOptions::default());
        sandbox.fail_next(fault).unwrap();
        client.send_message(hello()).unwrap_err();
        client.send_message(hello()).unwrap();
        let connections: Vec<i64> = sandbox.requests().unwrap().iter().map(|request| request.connection).collect();
        assert_eq!(connections, [1, 2], "{fault:?}");
    }
}

/// The server's bucket, met by more callers than it has room for.
#[test]
fn a_server_that_is_over_its_rate_loses_and_doubles_nothing() {
    let options = SandboxOptions { rate_limit: 200, ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(options)).unwrap();
    let patient = ClientOptions { max_attempts: 1000, retry_pause: milliseconds(20), ..ClientOptions::default() };
    let client = client(&sandbox, patient);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..30).for_each(|_| assert!(client.send_message(hello()).is_ok())));
        }
    });
    assert_eq!(sandbox.messages_with_text("hello".into()).unwrap().len(), 240);
}
