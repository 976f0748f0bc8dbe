//! Many messages in one call.

#![cfg(feature = "sandbox")]

#[path = "support/setting.rs"]
mod setting;

use std::{
    cell::Cell,
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use setting::number;
use wildfirechat_message::{
    BulkOptions, BulkProgress, ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendOutcome,
    SendRequest, StopOn,
    sandbox::{Fault, FaultRule, RandomFaults, Sandbox, SandboxOptions, ScriptedAnswer},
};

fn sandbox(rate_limit: i32) -> Sandbox {
    Sandbox::new(None, Some(SandboxOptions { rate_limit, ..SandboxOptions::default() })).unwrap()
}

fn client(sandbox: &Sandbox, options: ClientOptions) -> MessageClient {
    MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap()
}

/// Those of a conversation would go one after the other.
fn message(number: usize) -> SendRequest {
    let conversation = Conversation::single(format!("u{}", number % 64));
    SendRequest::new("admin", conversation, MessagePayload::text(format!("message {number}")))
}

fn messages(count: usize) -> Vec<SendRequest> {
    (0..count).map(message).collect()
}

fn executions(sandbox: &Sandbox, number: usize) -> usize {
    sandbox.messages_with_text(format!("message {number}")).unwrap().len()
}

fn silent(_: &BulkProgress) {}

#[test]
fn every_message_is_sent_once_and_the_outcomes_have_the_order_of_the_requests() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    let outcomes = client.send_messages(messages(3_000), None, silent).unwrap();
    assert_eq!(outcomes.len(), 3_000);
    for (number, outcome) in outcomes.iter().enumerate() {
        let uid = outcome.as_ref().unwrap().message_uid;
        assert_eq!(sandbox.messages_with_text(format!("message {number}")).unwrap(), [uid]);
    }
    let connections = sandbox.requests().unwrap().iter().map(|request| request.connection).max();
    assert!(connections <= Some(32), "{connections:?}");
}

#[test]
fn no_messages_have_no_outcomes() {
    let sandbox = sandbox(0);
    assert_eq!(client(&sandbox, ClientOptions::default()).send_messages(Vec::new(), None, silent), Ok(Vec::new()));
}

#[test]
fn a_message_that_can_never_be_sent_fails_alone() {
    let sandbox = sandbox(0);
    let mut requests = messages(10);
    requests[4].sender.clear();
    let outcomes = client(&sandbox, ClientOptions::default()).send_messages(requests, None, silent).unwrap();
    for (number, outcome) in outcomes.iter().enumerate() {
        match number {
            4 => assert_eq!(outcome.as_ref().unwrap_err().to_string(), "invalid argument sender: it is empty"),
            _ => assert!(outcome.is_ok()),
        }
    }
    assert_eq!(sandbox.requests().unwrap().len(), 9);
}

/// A server's odd answer is told in its place, and mixes none up.
#[test]
fn an_outcome_is_told_by_the_number_of_its_request() {
    let sandbox = sandbox(0);
    let odd = r#"{"code":0,"msg":"success","result":{"messageUid":5}}"#;
    sandbox.answer_next(ScriptedAnswer { body: odd.into(), ..ScriptedAnswer::default() }).unwrap();
    let mut requests = messages(3);
    requests[1].sender.clear();
    let one_by_one = BulkOptions { concurrency: 1, ..BulkOptions::default() };
    let client = client(&sandbox, ClientOptions::default());
    let outcomes = client.send_messages(requests, Some(one_by_one), silent).unwrap();
    assert_eq!(outcomes[0].as_ref().map(|sent| (sent.message_uid, sent.timestamp)), Ok((5, 1_514_736_000_000)));
    assert!(outcomes[1].is_err() && outcomes[2].is_ok());
}

#[test]
fn options_that_can_never_work_are_refused() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    for (options, text) in [
        (
            BulkOptions { concurrency: 0, ..BulkOptions::default() },
            "options.concurrency: 0 is out of range: it must \
            be from 1 to 1024",
        ),
        (
            BulkOptions { concurrency: 1025, ..BulkOptions::default() },
            "options.concurrency: 1025 is out of range: it must be from 1 to 1024",
        ),
        (BulkOptions { rate_limit: -1, ..BulkOptions::default() }, "options.rate_limit: -1 is below 0"),
    ] {
        let error = client.send_messages(messages(1), Some(options), silent).unwrap_err();
        assert_eq!(error.to_string(), format!("invalid argument {text}"));
    }
}

/// The oracle over a bulk: what each outcome says is what the server did.
#[test]
fn outcomes_through_random_faults_are_the_truth() {
    let sandbox = sandbox(0);
    let impatient = ClientOptions {
        read_timeout: Some(Duration::from_millis(100)),
        total_timeout: Some(Duration::from_millis(400)),
        retry_pause: Some(Duration::from_millis(1)),
        max_response_bytes: 64 * 1024,
        ..ClientOptions::default()
    };
    let faults = RandomFaults {
        faults: Fault::ALL.to_vec(),
        probability: 0.2,
        seed: 20_261_125,
        endpoint: None,
        delay: Some(Duration::from_millis(10)),
    };
    sandbox.fail_randomly(faults).unwrap();
    let outcomes = client(&sandbox, impatient).send_messages(messages(2_000), None, silent).unwrap();
    thread::sleep(Duration::from_millis(400));
    let mut counts = [0; 3];
    for (number, outcome) in outcomes.iter().enumerate() {
        let executions = executions(&sandbox, number);
        match outcome {
            Ok(_) => assert_eq!(executions, 1, "message {number}"),
            Err(error) if error.may_have_executed() => assert!(executions <= 1, "message {number}: {error}"),
            Err(error) => assert_eq!(executions, 0, "message {number}: {error}"),
        }
        counts[match outcome {
            Ok(_) => 0,
            Err(error) => 1 + usize::from(error.may_have_executed()),
        }] += 1;
    }
    assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
}

/// The attempts that a server refused because it accepts no more for now, as an application's log tells of them.
struct Refusals;

static REFUSED: AtomicUsize = AtomicUsize::new(0);

impl Refusals {
    fn count() -> usize {
        if log::set_logger(&Self).is_ok() {
            log::set_max_level(log::LevelFilter::Debug);
        }
        REFUSED.load(Ordering::SeqCst)
    }
}

impl log::Log for Refusals {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let refused = record.args().to_string().contains("accepts no more");
        REFUSED.fetch_add(usize::from(refused), Ordering::SeqCst);
    }

    fn flush(&self) {}
}

/// The server's budget in 10 s, scaled down.
#[test]
fn a_server_that_takes_no_more_slows_all_down_together() {
    let budget = number("WILDFIRECHAT_BULK_BUDGET", 2_000);
    let sandbox = sandbox(i32::try_from(budget).unwrap());
    let client = client(&sandbox, ClientOptions::default());
    let options = BulkOptions { concurrency: 8, ..BulkOptions::default() };
    let (count, begun) = (number("WILDFIRECHAT_BULK_MESSAGES", 3_000), Instant::now());
    let before = Refusals::count();
    let outcomes = client.send_messages(messages(count), Some(options), silent).unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    assert!(outcomes.iter().all(Result::is_ok));
    assert!((0..count).all(|number| executions(&sandbox, number) == 1));
    // The sandbox keeps the newest 10,000. Where there were more, the log tells, if no other test writes to it meanwhile.
    let kept = sandbox.requests().unwrap().len();
    let refused = if kept < 10_000 { kept - count } else { Refusals::count() - before };
    let (requests, could) = (count + refused, budget as f64 * (1.0 + seconds / 10.0));
    let _ = writeln!(
        std::io::stdout(),
        "bulk: {count} messages in {seconds:.1} s; {:.1} % of the budget used, {refused} of {requests} requests \
         refused",
        100.0 * count as f64 / could,
    );
    assert!(refused * 50 < requests, "{refused} of {requests} refused");
    assert!(count as f64 / could >= 0.95, "{:.3} of the budget used", count as f64 / could);
}

#[test]
fn a_rate_of_its_own_is_kept() {
    let sandbox = sandbox(0);
    let options = BulkOptions { rate_limit: 100, ..BulkOptions::default() };
    let begun = Instant::now();
    client(&sandbox, ClientOptions::default()).send_messages(messages(60), Some(options), silent).unwrap();
    // The first 10 at once.
    assert!(begun.elapsed() >= Duration::from_millis(490), "{:?}", begun.elapsed());
}

/// Otherwise all for which there is no turn soon would fail at once, one after the other.
#[test]
fn the_time_of_each_begins_with_its_turn() {
    let sandbox = sandbox(0);
    let options =
        ClientOptions { rate_limit: 20, total_timeout: Some(Duration::from_millis(500)), ..ClientOptions::default() };
    let outcomes = client(&sandbox, options).send_messages(messages(50), None, silent).unwrap();
    let failed: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(failed.is_empty(), "{} failed: {}", failed.len(), failed[0]);
}

#[test]
fn progress_is_told_ten_times_a_second_at_the_most_and_at_the_end() {
    let sandbox = sandbox(0);
    let options = BulkOptions { rate_limit: 100, ..BulkOptions::default() };
    let mut told = Vec::new();
    let mut requests = messages(60);
    requests[0].sender.clear();
    let begun = Instant::now();
    client(&sandbox, ClientOptions::default())
        .send_messages(requests, Some(options), |progress| told.push(progress.clone()))
        .unwrap();
    let most = begun.elapsed().as_millis() / 100 + 1;
    assert!((3..=most as usize).contains(&told.len()), "told {} times, {most} at the most", told.len());
    let last = told.last().unwrap();
    assert_eq!((last.sent, last.failed, last.unknown, last.total), (59, 1, 0, Some(60)));
    assert_eq!(last.time_left, Some(Duration::ZERO));
    assert!(told[1].rate > 10.0 && told[1].time_left > Some(Duration::ZERO), "{:?}", told[1]);
}

fn counts(outcomes: &[SendOutcome]) -> (usize, usize, usize) {
    let count = |which: fn(&SendOutcome) -> bool| outcomes.iter().filter(|outcome| which(outcome)).count();
    (
        count(Result::is_ok),
        count(|outcome| matches!(outcome, Err(MessageError::Interrupted { sent: false, attempts: 0, .. }))),
        count(|outcome| matches!(outcome, Err(error) if error.may_have_executed())),
    )
}

#[test]
fn the_sending_ends_at_the_outcome_that_stop_on_names() {
    for (stop_on, fault, stops) in [
        (None, Fault::CloseAfterExecuting, false),
        (Some(StopOn::Unknown), Fault::AuthFailure, false),
        (Some(StopOn::Unknown), Fault::CloseAfterExecuting, true),
        (Some(StopOn::Failure), Fault::UnknownCode, true),
        (Some(StopOn::Failure), Fault::CloseAfterExecuting, true),
    ] {
        let sandbox = sandbox(0);
        let client = client(&sandbox, ClientOptions::default());
        sandbox.fail_next(fault).unwrap();
        let options = BulkOptions { concurrency: 4, stop_on, ..BulkOptions::default() };
        let outcomes = client.send_messages(messages(6_000), Some(options), silent).unwrap();
        let (sent, not_begun, _) = counts(&outcomes);
        assert_eq!(outcomes.len(), 6_000);
        assert_eq!(sent + not_begun, 5_999, "{stop_on:?} {fault:?}");
        assert_eq!(not_begun > 0, stops, "{stop_on:?} {fault:?}");
        assert_eq!(sandbox.message_uids().unwrap().len(), sent + usize::from(fault == Fault::CloseAfterExecuting));
    }
}

#[test]
fn an_endless_source_is_left_alone_when_it_stops() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    let options = BulkOptions { stop_on: Some(StopOn::Failure), ..BulkOptions::default() };
    let mut number = 0;
    let endless = std::iter::from_fn(|| {
        number += 1;
        let mut request = message(number);
        if number == 5_000 {
            request.sender.clear();
        }
        Some(request)
    });
    let mut outcomes = Vec::new();
    client.send_each(endless, Some(options), silent, |outcome| outcomes.push(outcome)).unwrap();
    assert!((5_000..20_000).contains(&outcomes.len()), "{}", outcomes.len());
}

#[test]
fn requests_are_taken_only_as_there_is_room() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    // The first one gets no answer for a second; all others are ready behind it.
    sandbox.fail(FaultRule { delay: Some(Duration::from_secs(1)), ..Fault::DelayAfterExecuting.into() }).unwrap();
    let (taken, told, furthest) = (Cell::new(0_usize), Cell::new(0_usize), Cell::new(0_usize));
    let requests = (0..30_000).map(message).inspect(|_| {
        taken.set(taken.get() + 1);
        furthest.set(furthest.get().max(taken.get() - told.get()));
    });
    client.send_each(requests, None, silent, |_| told.set(told.get() + 1)).unwrap();
    assert_eq!((taken.get(), told.get()), (30_000, 30_000));
    assert!(furthest.get() <= 8_192, "{} requests ahead", furthest.get());
}

#[test]
fn a_slow_source_is_not_waited_for() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    let told = Cell::new(0);
    // The first comes at once; each of the others takes its time, and until the one before it has arrived.
    let slow = (0..5).map(message).enumerate().map(|(number, message)| {
        let begun = Instant::now();
        thread::sleep(Duration::from_millis(if number == 0 { 0 } else { 20 }));
        while sandbox.requests().unwrap().len() < number {
            assert!(begun.elapsed() < Duration::from_secs(30), "message {} waits for message {number}", number - 1);
            thread::sleep(Duration::from_millis(20));
        }
        message
    });
    client.send_each(slow, None, silent, |outcome| told.set(told.get() + usize::from(outcome.is_ok()))).unwrap();
    assert_eq!(told.get(), 5);
}

#[test]
fn a_caller_who_cancels_keeps_what_is_finished_and_is_told_of_the_rest() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    sandbox.fail(FaultRule { times: 4, ..Fault::NeverAnswerAfterExecuting.into() }).unwrap();
    let options = BulkOptions { concurrency: 8, ..BulkOptions::default() };
    let bulk = client.begin_bulk(Some(options), None).unwrap();
    bulk.feed(messages(8_000), true).unwrap();
    while sandbox.requests().unwrap().len() < 1_000 {
        thread::sleep(Duration::from_millis(1));
    }
    bulk.cancel().unwrap();
    let mut failures = Vec::new();
    let mut outcomes = 0;
    loop {
        let news = bulk.wait(Duration::from_secs(10)).unwrap();
        outcomes += news.sent.len() / 16;
        failures.extend(news.failures);
        if news.done {
            break;
        }
    }
    assert_eq!(outcomes, 8_000);
    let errors: Vec<SendOutcome> = failures.into_iter().map(|failure| Err(failure.error)).collect();
    let (_, not_begun, unknown) = counts(&errors);
    // The four that get no answer, and perhaps the four others of the moment.
    assert!((4..=8).contains(&unknown), "{unknown}");
    thread::sleep(Duration::from_millis(300));
    let executed = sandbox.message_uids().unwrap().len();
    let sent = 8_000 - errors.len();
    assert!(executed >= sent + 4 && executed <= sent + unknown, "{executed} executed, {sent} sent, {unknown} unknown");
    assert!(not_begun > 1_000, "{not_begun}");
}

#[test]
fn a_bulk_that_is_dropped_ends() {
    let sandbox = sandbox(0);
    let client = client(&sandbox, ClientOptions::default());
    let bulk = client.begin_bulk(None, None).unwrap();
    bulk.feed(messages(8_000), true).unwrap();
    thread::sleep(Duration::from_millis(20));
    drop(bulk);
    thread::sleep(Duration::from_millis(100));
    let arrived = sandbox.requests().unwrap().len();
    thread::sleep(Duration::from_millis(100));
    assert_eq!(sandbox.requests().unwrap().len(), arrived);
    // The client is as good as before.
    client.send_message(message(9_999)).unwrap();
}
