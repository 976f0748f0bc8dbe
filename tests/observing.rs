//! What a client reports about its calls: a record of each, its numbers, and the lines for the application's log.

#![cfg(feature = "sandbox")]

#[path = "support/limit.rs"]
mod limit;

use std::{collections::HashMap, thread, time::Duration};

use wildfirechat_message::{
    Bulk, BulkOptions, CallRecord, ClientOptions, Conversation, LogLevel, LogLine, MessageClient, MessageError,
    MessagePayload, SendRequest,
    sandbox::{Fault, FaultRule, Sandbox, SandboxOptions},
};

const SECRET: &str = "canary-of-the-secret";
const BODY: &str = "canary-of-the-body";
const USER: &str = "canary-of-the-user";

fn message() -> SendRequest {
    SendRequest::new(USER, Conversation::single(USER), MessagePayload::text(BODY))
}

fn milliseconds(milliseconds: u64) -> Option<Duration> {
    Some(Duration::from_millis(milliseconds))
}

fn sandbox() -> Sandbox {
    limit::this_program_to(Duration::from_secs(180));
    Sandbox::new(Some(SECRET.into()), None).unwrap()
}

fn options() -> ClientOptions {
    ClientOptions {
        read_timeout: milliseconds(300),
        total_timeout: Some(Duration::from_secs(20)),
        retry_pause: milliseconds(1),
        ..ClientOptions::default()
    }
}

fn client(sandbox: &Sandbox) -> MessageClient {
    MessageClient::new(sandbox.base_url().unwrap(), SECRET.into(), Some(options())).unwrap()
}

/// What is known of the last call, to whoever listens from this level on.
/// Sends so many messages; what the log should say of them.
fn lines_of(bulk: &Bulk, count: usize) -> Vec<LogLine> {
    bulk.feed(vec![message(); count], true).unwrap();
    bulk.end().unwrap();
    let mut lines = Vec::new();
    loop {
        let news = bulk.wait(Duration::from_millis(50)).unwrap();
        lines.extend(news.lines);
        if news.done {
            return lines;
        }
    }
}

fn record_of(level: Option<LogLevel>, fault: Option<(Fault, i32)>) -> Option<CallRecord> {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(level);
    if let Some((fault, times)) = fault {
        sandbox.fail(FaultRule { times, ..fault.into() }).unwrap();
    }
    let _ = client.send_message(message());
    client.take_record().unwrap()
}

#[test]
fn a_record_is_given_from_the_level_on_that_its_lines_have() {
    use LogLevel::{Debug, Info, Warning};
    let nothing = None;
    let busy_once = Some((Fault::OverFrequency, 1));
    let lost = Some((Fault::CloseAfterExecuting, 1));
    #[rustfmt::skip]
    let table: [(_, _, Option<&[LogLevel]>); 12] = [
        (nothing,   None,          None),
        (nothing,   Some(Warning), None),
        (nothing,   Some(Info),    None),
        (nothing,   Some(Debug),   Some(&[Debug])),
        (busy_once, None,          None),
        (busy_once, Some(Warning), None),
        (busy_once, Some(Info),    Some(&[Info])),
        (busy_once, Some(Debug),   Some(&[Info, Debug])),
        (lost,      None,          None),
        (lost,      Some(Warning), Some(&[Warning])),
        (lost,      Some(Info),    Some(&[Warning])),
        (lost,      Some(Debug),   Some(&[Warning])),
    ];
    for (fault, level, expected) in table {
        let levels =
            record_of(level, fault).map(|record| record.lines.iter().map(|line| line.level).collect::<Vec<_>>());
        assert_eq!(levels.as_deref(), expected, "{fault:?} for {level:?}");
    }
}

#[test]
fn a_record_tells_of_each_attempt_what_it_met() {
    let record = record_of(Some(LogLevel::Debug), Some((Fault::OverFrequency, 2))).unwrap();
    assert_eq!((record.endpoint.as_str(), record.attempts, record.error.as_deref()), ("message/send", 3, None));
    assert!(!record.may_have_executed);
    let met: Vec<_> =
        record.tries.iter().map(|each| (each.number, each.status, each.code, each.error.as_deref())).collect();
    let busy = Some("RateLimited");
    assert_eq!(met, [(1, Some(200), Some(250), busy), (2, Some(200), Some(250), busy), (3, Some(200), Some(0), None)]);
    assert!(record.tries[..2].iter().all(|each| each.pause.is_some() && each.reason.is_some()));
    assert_eq!(record.tries[2].pause, None);
    assert!(record.tries.iter().all(|each| each.host == "127.0.0.1" && each.port > 0));
    let took: Duration = record.tries.iter().map(|each| each.duration).sum();
    assert!(Duration::ZERO < took && took <= record.duration, "{record:?}");
    let last = record.lines.last().unwrap();
    assert_eq!((last.outcome.as_str(), last.attempts, last.status, last.code), ("Answered", 3, Some(200), Some(0)));
    assert!(
        last.text.starts_with("message/send: answered in ") && last.text.ends_with(" (3 attempts)"),
        "{}",
        last.text
    );
    let again = &record.lines[0];
    assert_eq!((again.outcome.as_str(), again.attempts, again.code), ("RateLimited", 1, Some(250)));
    assert!(again.text.contains("; tried again after 0.0 s"), "{}", again.text);
}

#[test]
fn an_unknown_fate_is_a_warning_with_the_errors_own_sentence() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Warning));
    for (fault, outcome, status) in [
        (Fault::CloseAfterExecuting, "ConnectionLost", None),
        (Fault::NeverAnswer, "TimedOut", None),
        (Fault::HtmlAnswerAfterExecuting, "InvalidResponse", Some(200)),
    ] {
        sandbox.fail_next(fault).unwrap();
        let error = client.send_message(message()).unwrap_err();
        let record = client.take_record().unwrap().unwrap();
        let [line] = record.lines.as_slice() else { panic!("{record:?}") };
        assert!(line.text.starts_with(&format!("{error}; it took ")), "{}", line.text);
        assert_eq!((line.outcome.as_str(), line.may_have_executed), (outcome, true), "{fault:?}");
        assert_eq!(line.status.is_some(), status.is_some(), "{fault:?}");
        assert_eq!(client.take_record().unwrap(), None, "it is given once");
    }
}

/// Otherwise what became of the call before would be told of this one.
#[test]
fn a_call_that_is_refused_before_it_is_sent_has_no_record() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Debug));
    client.send_message(message()).unwrap();
    client.send_message(SendRequest { sender: String::new(), ..message() }).unwrap_err();
    assert_eq!(client.take_record().unwrap(), None);
}

#[test]
fn a_call_that_is_given_up_has_a_record_with_its_fate() {
    let sandbox = sandbox();
    let slice = Duration::from_millis(20);
    let client = MessageClient::in_slices(sandbox.base_url().unwrap(), SECRET.into(), None, slice).unwrap();
    client.listen(Some(LogLevel::Warning));
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let Err(MessageError::Pending { ticket }) = client.send_message(message()) else { panic!("it is answered") };
    assert_eq!(client.take_record().unwrap(), None, "it goes on");
    thread::sleep(Duration::from_millis(50));
    client.access().unwrap().cancel(ticket).unwrap_err();
    let record = client.take_record().unwrap().unwrap();
    assert_eq!((record.error.as_deref(), record.may_have_executed), (Some("Interrupted"), true));
}

#[test]
fn who_listens_on_one_thread_hears_of_that_threads_calls_alone() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Debug));
    thread::scope(|scope| {
        for times in 1..=8 {
            let client = &client;
            scope.spawn(move || {
                for _ in 0..times {
                    client.find_message(times).unwrap();
                }
                client.get_delivery_timestamp(USER.into()).unwrap();
                assert_eq!(client.take_record().unwrap().unwrap().endpoint, "message/delivery");
            });
        }
    });
}

#[test]
fn neither_secret_nor_text_nor_user_shows_up_in_any_field() {
    for level in [LogLevel::Debug, LogLevel::Info, LogLevel::Warning] {
        for fault in Fault::ALL {
            // Those that take a second and more are met by the time-out.
            let told = format!("{:?}", record_of(Some(level), Some((*fault, 2))));
            for canary in [SECRET, BODY, USER] {
                assert!(!told.contains(canary), "{fault:?} at {level:?}: {told}");
            }
        }
    }
}

#[test]
fn the_numbers_of_a_client_add_up() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    assert_eq!((client.stats().unwrap().calls, client.stats().unwrap().connections), (0, 0));
    for _ in 0..5 {
        client.send_message(message()).unwrap();
    }
    sandbox.fail(FaultRule { times: 2, ..Fault::OverFrequency.into() }).unwrap();
    client.send_message(message()).unwrap();
    sandbox.fail_next(Fault::CloseAfterExecuting).unwrap();
    client.send_message(message()).unwrap_err();
    client.get_message(1).unwrap_err();
    client.find_message(1).unwrap();
    client.send_message(SendRequest { sender: String::new(), ..message() }).unwrap_err();
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight, stats.attempts), (10, 0, 11), "{stats:?}");
    let failed: Vec<_> = stats.errors.iter().filter(|(_, count)| **count > 0).collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    assert_eq!(["ConnectionLost", "Rejected", "InvalidArgument"].map(|name| stats.errors[name]), [1; 3]);
    assert_eq!((stats.errors.len(), stats.unknown_fates), (12, 1));
    assert_eq!(stats.latencies.iter().map(|bucket| bucket.attempts).sum::<i64>(), 11);
    assert!(stats.latencies.is_sorted_by_key(|bucket| bucket.up_to.unwrap_or(Duration::MAX)), "{stats:?}");
    assert!(stats.latency_sum > Duration::ZERO);
    assert_eq!(stats.waits, 2, "after each refusal");
    assert_eq!(stats.connections, 1);
    assert!(stats.connections_opened >= 2, "one was lost: {stats:?}");
    client.close_idle().unwrap();
    assert_eq!(client.stats().unwrap().connections, 0);
}

#[test]
fn a_call_under_way_is_counted_as_such_and_one_that_is_given_up_by_its_fate() {
    let sandbox = sandbox();
    let slice = Duration::from_millis(20);
    let client = MessageClient::in_slices(sandbox.base_url().unwrap(), SECRET.into(), None, slice).unwrap();
    sandbox.fail_next(Fault::NeverAnswer).unwrap();
    let Err(MessageError::Pending { ticket }) = client.send_message(message()) else { panic!("it is answered") };
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight, stats.connections), (1, 1, 1));
    client.access().unwrap().cancel(ticket).unwrap_err();
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight, stats.connections), (1, 0, 0));
    assert_eq!((stats.errors["Interrupted"], stats.unknown_fates), (1, 1));
}

#[test]
fn the_clients_own_limit_is_seen_in_waits() {
    let sandbox = sandbox();
    let options = ClientOptions { rate_limit: 20, ..options() };
    let client = MessageClient::new(sandbox.base_url().unwrap(), SECRET.into(), Some(options)).unwrap();
    client.listen(Some(LogLevel::Debug));
    for _ in 0..4 {
        client.send_message(message()).unwrap();
    }
    let (stats, record) = (client.stats().unwrap(), client.take_record().unwrap().unwrap());
    assert!(stats.waits > 0 && stats.waited > Duration::ZERO, "{stats:?}");
    assert_eq!(record.waited, record.tries[0].waited);
    assert_eq!(record.waited, record.lines[0].waited);
}

#[test]
fn each_message_of_a_bulk_is_counted_and_the_bulk_logs_its_end() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Debug));
    sandbox.fail_next(Fault::CloseAfterExecuting).unwrap();
    let outcomes = client.send_messages(vec![message(); 50], None, |_| ()).unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight, stats.attempts, stats.unknown_fates), (50, 0, 50, 1), "{stats:?}");
    assert_eq!(client.take_record().unwrap(), None, "not each message");

    let bulk = client.begin_bulk(None, None).unwrap();
    let lines = lines_of(&bulk, 3);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0].level, lines[0].sent, lines[0].outcome.as_str()), (LogLevel::Debug, Some(3), "Finished"));
    assert!(!format!("{lines:?}").contains("canary"), "{lines:?}");
}

#[test]
fn a_bulk_that_meets_the_servers_limit_says_so_once() {
    limit::this_program_to(Duration::from_secs(180));
    let strict = SandboxOptions { rate_limit: 100, ..SandboxOptions::default() };
    let sandbox = Sandbox::new(Some(SECRET.into()), Some(strict)).unwrap();
    let client = client(&sandbox);
    client.listen(Some(LogLevel::Info));
    let bulk = client.begin_bulk(Some(BulkOptions { any_order: true, ..BulkOptions::default() }), None).unwrap();
    let lines = lines_of(&bulk, 130);
    let of = |outcome: &str| lines.iter().filter(|line| line.outcome == outcome).count();
    assert_eq!((of("Waiting"), of("Finished")), (1, 1), "{lines:?}");
    assert!(lines[0].text.contains("accepts no more messages for now"), "{}", lines[0].text);
}

/// One process, one count: what the parent did is not the child's.
#[test]
fn clients_count_for_themselves() {
    let sandbox = sandbox();
    let (one, other) = (client(&sandbox), client(&sandbox));
    one.send_message(message()).unwrap();
    assert_eq!((one.stats().unwrap().calls, other.stats().unwrap().calls), (1, 0));
}

#[test]
fn sixty_four_threads_lose_no_count() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| (0..20).for_each(|_| assert!(client.find_message(1).is_ok())));
        }
    });
    let stats = client.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight), (64 * 20, 0));
    assert_eq!(stats.errors.values().sum::<i64>(), 0, "{stats:?}");
    assert_eq!(stats.latencies.iter().map(|bucket| bucket.attempts).sum::<i64>(), stats.attempts);
}

#[test]
fn the_next_call_of_a_thread_carries_headers_in_each_attempt_and_none_in_the_place_of_its_own() {
    let sandbox = sandbox();
    let client = client(&sandbox);
    let access = client.access().unwrap();
    let carry = |name: &str, value: &str| access.carry(HashMap::from([(name.to_owned(), value.to_owned())]));
    let sent = |name: &str| -> Vec<Vec<String>> {
        let of =
            |headers: Vec<_>| headers.into_iter().filter(|(each, _)| each == name).map(|(_, value)| value).collect();
        let requests = sandbox.requests().unwrap();
        sandbox.clear_requests().unwrap();
        requests
            .into_iter()
            .map(|request| of(request.headers.into_iter().map(|it| (it.name, it.value)).collect()))
            .collect()
    };
    let context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    carry("traceparent", context).unwrap();
    sandbox.fail_next(Fault::OverFrequency).unwrap();
    client.send_message(message()).unwrap();
    assert_eq!(sent("traceparent"), [[context], [context]]);
    client.send_message(message()).unwrap();
    assert_eq!(sent("traceparent"), [Vec::<String>::new()]);
    carry("nonce", "mine").unwrap();
    client.send_message(message()).unwrap();
    let nonces = sent("nonce");
    assert!(nonces[0].len() == 1 && nonces[0][0] != "mine", "{nonces:?}");
    for (name, value) in [("a name", "v"), ("name", "a\r\nb: c"), ("", "v")] {
        assert!(matches!(carry(name, value), Err(MessageError::InvalidArgument { .. })), "{name}: {value}");
    }
    // One that is refused before it is sent takes them away, too.
    carry("traceparent", context).unwrap();
    client.send_message(SendRequest { sender: String::new(), ..message() }).unwrap_err();
    client.send_message(message()).unwrap();
    assert_eq!(sent("traceparent"), [Vec::<String>::new()]);
}
