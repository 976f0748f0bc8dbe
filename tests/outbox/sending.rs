//! Fates: what the outbox says of a message is what happened to it.

use std::{
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{
    ClientOptions, MessageClient, MessageError, OutboxError, OutboxPolicy, OutboxState, PutOptions, Resolution,
    RunOptions, RunWaitsFor,
    sandbox::{Fault, FaultRule, Sandbox, SandboxOptions},
};

use crate::stores::{Store, client, client_of, entry, executions, fill, message, run, sandbox, state};

fn meet(sandbox: &Sandbox, fault: Fault, times: i32) {
    sandbox.fail(FaultRule { times, endpoint: Some("message/send".into()), ..fault.into() }).unwrap();
}

#[test]
fn an_unknown_fate_stays_until_a_person_decides() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 1, 2);
    meet(&sandbox, Fault::CloseAfterExecuting, 1);
    let progress = run(&outbox);
    assert_eq!((progress.sent, progress.unknown), (1, 1));
    run(&outbox);
    assert_eq!((state(&outbox, "0"), executions(&sandbox, 0)), (OutboxState::Unknown, 1));
    let unknown: Vec<_> = outbox.unknown().map(Result::unwrap).collect();
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].error.as_ref().unwrap().contains("the server may have executed the request"));
    outbox.resolve(unknown[0].id, Resolution::Resend).unwrap();
    run(&outbox);
    assert_eq!((state(&outbox, "0"), executions(&sandbox, 0)), (OutboxState::Sent, 2));
}

#[test]
fn what_is_harmless_twice_is_sent_again_by_itself() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let options = PutOptions { on_unknown: OutboxPolicy::Resend, ..PutOptions::key("0") };
    outbox.put(message(1, 0), options).unwrap();
    meet(&sandbox, Fault::CloseAfterExecuting, 1);
    run(&outbox);
    let entry = entry(&outbox, "0");
    assert_eq!((entry.state, entry.attempts, executions(&sandbox, 0)), (OutboxState::Sent, 2, 2));
}

#[test]
fn a_server_that_goes_away_is_waited_for_and_what_it_lost_is_told() {
    let store = Store::sqlite();
    let first = sandbox();
    let port = first.port().unwrap();
    let client = client(&first);
    let outbox = store.outbox(&client);
    fill(&outbox, 50, 400);
    let resent = PutOptions { on_lost: OutboxPolicy::Resend, ..PutOptions::key("resent") };
    outbox.put(message(50, 1_000), resent).unwrap();
    let worker = outbox.begin_run(RunOptions { rate_limit: 400, until_empty: false, ..RunOptions::default() }).unwrap();
    while first.message_uids().unwrap().len() < 100 {
        thread::sleep(Duration::from_millis(5));
    }
    let kept = first.message_uids().unwrap();
    first.stop().unwrap();
    let begun = Instant::now();
    let mut waited = false;
    while !waited {
        waited = worker.wait(Duration::from_secs(1)).is_some_and(|told| told.waiting_for == Some(RunWaitsFor::Server));
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
    // Another one, which has nothing of what the first one took: what was accepted and not stored.
    let options = SandboxOptions { rate_limit: 0, port, ..SandboxOptions::default() };
    let second = Sandbox::new(None, Some(options)).unwrap();
    outbox.wait("399", Duration::from_secs(60)).unwrap();
    let settled = || {
        let status = outbox.status().unwrap();
        (status.lost + status.unknown >= i64::try_from(kept.len()).unwrap()).then_some(status)
    };
    let status = loop {
        match settled() {
            Some(status) => break status,
            None => assert!(begun.elapsed() < Duration::from_secs(100), "{:?}", outbox.status()),
        }
        thread::sleep(Duration::from_millis(50));
    };
    worker.stop();
    let progress = worker.finish().unwrap();
    assert!(progress.lost >= i64::try_from(kept.len()).unwrap() - status.unknown, "{progress:?} {status:?}");
    for lost in outbox.lost().map(Result::unwrap) {
        assert!(kept.contains(&lost.message_uid.unwrap()) && second.executions(lost.message_uid.unwrap()) == Ok(0));
        assert!(lost.error.unwrap().contains("does not have it"));
    }
    let executed = first.message_uids().unwrap().len() + second.message_uids().unwrap().len();
    assert!(status.lost > 0 && executed + usize::try_from(status.unknown).unwrap() >= 401, "{executed} {status:?}");
    // The server kept none twice.
    for number in (0..400).chain([1_000]) {
        assert!(executions(&second, number) <= 1, "{number}");
    }
}

#[test]
fn all_can_be_confirmed() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 3, 5);
    let progress = outbox.run(RunOptions { confirm_all: true, ..RunOptions::default() }, |_| {}).unwrap();
    assert_eq!((progress.sent, progress.confirmed, progress.lost), (5, 5, 0));
    assert_eq!(outbox.status().unwrap().confirmed, 5);
}

#[test]
fn a_run_ends_where_every_message_would_be_refused_and_burns_none() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let wrong = MessageClient::new(sandbox.base_url().unwrap(), "wrong".into(), None).unwrap();
    let outbox = store.outbox(&wrong);
    fill(&outbox, 10, 100);
    let error = outbox.run(RunOptions::default(), |_| {}).unwrap_err();
    assert!(matches!(error, OutboxError::Call { error: MessageError::Unauthorized { .. } }), "{error}");
    let status = outbox.status().unwrap();
    assert_eq!((status.queued, status.sending, status.failed), (100, 0, 0));
    let nobody = store.outbox(&client_of("http://127.0.0.1:1".into()));
    let error = nobody.run(RunOptions::default(), |_| {}).unwrap_err();
    assert!(matches!(error, OutboxError::Call { error: MessageError::Unreachable { .. } }), "{error}");
    assert_eq!(nobody.status().unwrap().queued, 100);
    assert_eq!(run(&store.outbox(&client(&sandbox))).sent, 100);
}

#[test]
fn a_stopped_worker_finishes_or_gives_back_what_it_holds() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 100, 2_000);
    let lease = Some(Duration::from_secs(24 * 3600));
    let worker = outbox.begin_run(RunOptions { rate_limit: 200, lease, ..RunOptions::default() }).unwrap();
    while sandbox.message_uids().unwrap().len() < 20 {
        thread::sleep(Duration::from_millis(5));
    }
    worker.stop();
    let progress = worker.finish().unwrap();
    let status = outbox.status().unwrap();
    assert_eq!((status.sending, status.unknown, status.sent), (0, 0, progress.sent));
    assert_eq!(sandbox.message_uids().unwrap().len(), usize::try_from(progress.sent).unwrap());
    assert_eq!(status.queued, 2_000 - progress.sent);
    assert!(progress.sent < 2_000);
    // Nobody has to wait for its lease, which is a day.
    run(&outbox);
    assert_eq!(sandbox.message_uids().unwrap().len(), 2_000);
}

#[test]
fn a_worker_that_is_given_up_writes_what_it_knows() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    // An answer would be waited for longer than any test takes.
    let long = Duration::from_secs(3600);
    let options = ClientOptions { read_timeout: Some(long), total_timeout: Some(long), ..ClientOptions::default() };
    let patient = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap();
    let outbox = store.outbox(&patient);
    fill(&outbox, 10, 30);
    meet(&sandbox, Fault::NeverAnswerAfterExecuting, 3);
    let worker = outbox.begin_run(RunOptions { concurrency: 10, ..RunOptions::default() }).unwrap();
    // Three users' first messages get no answer, and keep their other six waiting.
    while sandbox.message_uids().unwrap().len() < 24 {
        thread::sleep(Duration::from_millis(5));
    }
    worker.cancel();
    worker.finish().unwrap();
    let status = outbox.status().unwrap();
    assert_eq!((status.sending, status.sent + status.unknown + status.queued), (0, 30));
    assert!((3..=10).contains(&status.unknown), "{status:?}");
    for number in 0..30 {
        let (state, executed) = (state(&outbox, &number.to_string()), executions(&sandbox, number));
        let fits = match state {
            OutboxState::Sent => executed == 1,
            OutboxState::Queued => executed == 0,
            _ => executed <= 1,
        };
        assert!(fits, "{number} is {state} and was executed {executed} times");
    }
}

#[test]
fn messages_that_can_be_lost_for_good_are_not_looked_up() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let mut request = message(1, 0);
    request.payload.persist_flag = 0;
    outbox.put(request, PutOptions::key("0")).unwrap();
    let progress = outbox.run(RunOptions { confirm_all: true, ..RunOptions::default() }, |_| {}).unwrap();
    assert_eq!((progress.sent, progress.confirmed, progress.lost), (1, 0, 0));
    assert_eq!(state(&outbox, "0"), OutboxState::Sent);
}
