//! Calls that no thread waits for; the asynchronous clients of the other languages are made of them.

#![cfg(feature = "sandbox")]

#[path = "support/limit.rs"]
mod limit;

use std::{
    collections::{HashMap, HashSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{
    Answer, ClientOptions, Conversation, LogLevel, MessageClient, MessageError, MessagePayload, SendRequest,
    sandbox::{Fault, FaultRule, Sandbox},
};

const SECRET: &str = "123456";

fn hello() -> SendRequest {
    SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text("hello"))
}

fn sandbox() -> Sandbox {
    limit::this_program_to(Duration::from_secs(180));
    Sandbox::new(Some(SECRET.into()), None).unwrap()
}

fn client(sandbox: &Sandbox) -> MessageClient {
    client_with(sandbox, ClientOptions::default())
}

fn client_with(sandbox: &Sandbox, options: ClientOptions) -> MessageClient {
    let url = sandbox.base_url().unwrap();
    MessageClient::in_slices_with(url, SECRET.into(), Some(options), Duration::ZERO, None, None, HashMap::new())
        .unwrap()
}

fn ticket<T: std::fmt::Debug>(begun: Result<T, MessageError>) -> i64 {
    match begun {
        Err(MessageError::Pending { ticket }) => ticket,
        other => panic!("{other:?}"),
    }
}

fn finished(client: &MessageClient) -> Vec<i64> {
    let told = client.access().unwrap().wait_finished(Duration::from_secs(20)).unwrap();
    told.chunks_exact(8).map(|octets| i64::from_le_bytes(octets.try_into().unwrap())).collect()
}

fn outcome(client: &MessageClient, ticket: i64) -> Result<Answer, MessageError> {
    while !finished(client).contains(&ticket) {}
    client.access().unwrap().resume(ticket)
}

/// The threads of this process that drive such calls.
fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("wildfirechat-ca")).count()
}

#[test]
fn a_thousand_calls_go_on_by_themselves_and_each_has_its_own_answer() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let mut tickets: HashSet<i64> = (0..1000).map(|_| ticket(client.send_message(hello()))).collect();
    assert_eq!(tickets.len(), 1000);
    #[cfg(target_os = "linux")]
    assert!(threads() >= 1);
    let mut uids = HashSet::new();
    while !tickets.is_empty() {
        for each in finished(&client) {
            assert!(tickets.remove(&each), "{each} is told twice");
            let Ok(Answer::Sent { value }) = client.access().unwrap().resume(each) else { panic!("{each}") };
            uids.insert(value.message_uid);
        }
        assert!(client.stats().unwrap().connections <= 128);
    }
    assert_eq!(uids.len(), 1000);
    assert_eq!(client.stats().unwrap().in_flight, 0);
}

#[test]
fn a_call_that_goes_on_is_pending_and_one_that_was_taken_is_nobodys() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    sandbox.fail(FaultRule { delay: Some(Duration::from_millis(300)), ..Fault::DelayAfterReading.into() }).unwrap();
    let ticket = ticket(client.send_message(hello()));
    assert_eq!(client.access().unwrap().resume(ticket), Err(MessageError::Pending { ticket }));
    assert!(matches!(outcome(&client, ticket), Ok(Answer::Sent { .. })));
    assert!(matches!(client.access().unwrap().resume(ticket), Err(MessageError::InvalidArgument { .. })));
}

#[test]
fn what_can_never_work_fails_at_once() {
    let sandbox = sandbox();
    let refused = client(&sandbox).send_message(SendRequest { sender: String::new(), ..hello() });
    assert!(matches!(refused, Err(MessageError::InvalidArgument { .. })), "{refused:?}");
}

#[test]
fn a_call_that_is_cancelled_ends_at_once_and_says_whether_it_had_left() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Warning));
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let ticket = ticket(client.send_message(hello()));
    while sandbox.requests().unwrap().is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    let begun = Instant::now();
    client.access().unwrap().cancel(ticket).unwrap();
    let error = outcome(&client, ticket).unwrap_err();
    assert!(matches!(error, MessageError::Interrupted { sent: true, attempts: 1, .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(client.take_record().unwrap().unwrap().lines.len(), 1);
    assert_eq!(client.stats().unwrap().errors["Interrupted"], 1);
}

#[test]
fn a_call_that_waits_for_its_place_never_goes_out_once_it_is_cancelled() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    sandbox.fail(FaultRule { times: 128, ..Fault::NeverAnswer.into() }).unwrap();
    let places: Vec<i64> = (0..128).map(|_| ticket(client.send_message(hello()))).collect();
    while sandbox.requests().unwrap().len() < 128 {
        thread::sleep(Duration::from_millis(5));
    }
    let waits = ticket(client.send_message(hello()));
    client.access().unwrap().cancel(waits).unwrap();
    let error = outcome(&client, waits).unwrap_err();
    assert!(matches!(error, MessageError::Interrupted { sent: false, attempts: 0, .. }), "{error:?}");
    places.into_iter().for_each(|place| client.access().unwrap().cancel(place).unwrap());
    assert_eq!(sandbox.requests().unwrap().len(), 128);
}

#[test]
fn cancelling_what_has_finished_loses_no_answer() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let ticket = ticket(client.send_message(hello()));
    while !finished(&client).contains(&ticket) {}
    client.access().unwrap().cancel(ticket).unwrap();
    assert!(matches!(client.access().unwrap().resume(ticket), Ok(Answer::Sent { .. })));
}

#[test]
fn a_call_whose_time_is_over_before_it_has_a_connection_fails_and_was_not_sent() {
    let sandbox = sandbox();
    let options = ClientOptions {
        total_timeout: Some(Duration::from_secs(4)),
        read_timeout: Some(Duration::from_secs(60)),
        ..ClientOptions::default()
    };
    let client = client_with(&sandbox, options);
    sandbox.fail(FaultRule { times: 128, ..Fault::NeverAnswer.into() }).unwrap();
    let tickets: HashSet<i64> = (0..140).map(|_| ticket(client.send_message(hello()))).collect();
    let mut errors = HashMap::new();
    let mut ended = HashSet::new();
    while ended.len() < tickets.len() {
        for each in finished(&client) {
            assert!(ended.insert(each));
            let error = client.access().unwrap().resume(each).unwrap_err();
            let name = format!("{error:?}").split(' ').next().unwrap().to_owned();
            *errors.entry((name, error.may_have_executed())).or_insert(0) += 1;
        }
    }
    let expected = [(("TimedOut".to_owned(), true), 128), (("Unreachable".to_owned(), false), 12)];
    assert_eq!(errors, HashMap::from(expected));
    assert_eq!(sandbox.requests().unwrap().len(), 128);
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight, stats.errors["Unreachable"]), (140, 0, 12));
}

#[test]
fn idle_connections_are_closed_when_asked_though_the_thread_is_still_there() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let tickets: Vec<i64> = (0..20).map(|_| ticket(client.send_message(hello()))).collect();
    let mut ended = HashSet::new();
    while ended.len() < tickets.len() {
        ended.extend(finished(&client));
    }
    assert!(client.stats().unwrap().connections > 0);
    client.close_idle().unwrap();
    assert_eq!(client.stats().unwrap().connections, 0);
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_in_one_call_is_that_calls_alone() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let uid = match outcome(&client, ticket(client.send_message(hello()))) {
        Ok(Answer::Sent { value }) => value.message_uid,
        other => panic!("{other:?}"),
    };
    let panics = ticket(client.panic_in_a_call(uid));
    while !finished(&client).contains(&panics) {}
    assert!(catch_unwind(AssertUnwindSafe(|| client.access().unwrap().resume(panics))).is_err());
    assert!(outcome(&client, ticket(client.send_message(hello()))).is_ok());
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_can_be_read_while_there_is_news_and_the_thread_goes_when_there_is_nothing_to_do() {
    use std::{io::Read, os::fd::FromRawFd};

    let sandbox = sandbox();
    let client = client(&sandbox);
    let number = client.access().unwrap().finished_file().unwrap().unwrap();
    // SAFETY: it is the client's, which lives longer, and is not closed here.
    let mut file = std::mem::ManuallyDrop::new(unsafe { fs::File::from_raw_fd(number) });
    assert!(file.read(&mut [0]).is_err(), "there is no news");
    let ticket = ticket(client.find_message(1));
    let deadline = Instant::now() + Duration::from_secs(30);
    while file.read(&mut [0]).is_err() {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(finished(&client), [ticket]);
    assert_eq!(client.access().unwrap().resume(ticket), Ok(Answer::MaybeMessage { value: None }));
    assert!(file.read(&mut [0]).is_err(), "it was told");
}

#[test]
fn a_client_that_goes_ends_what_goes_on_in_it() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let _ = ticket(client.send_message(hello()));
    while sandbox.requests().unwrap().is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    drop(client);
}

#[test]
fn many_messages_ring_when_they_have_news() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let bulk = client.begin_bulk(None, None).unwrap();
    let ticket = bulk.ticket().unwrap();
    bulk.feed(vec![hello(); 20], true).unwrap();
    bulk.end().unwrap();
    let mut sent = 0;
    loop {
        let told = finished(&client);
        assert_eq!(told, [ticket]);
        let news = bulk.wait(Duration::ZERO).unwrap();
        sent += news.sent.len() / 16;
        if news.done {
            break;
        }
    }
    assert_eq!(sent, 20);
}
