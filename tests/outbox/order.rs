//! Order within a conversation, with one worker and with several.

use std::{collections::HashMap, thread};

use wildfirechat_message::{
    Outbox, OutboxState, PutOptions, RunOptions,
    sandbox::{Fault, FaultRule, Sandbox},
};

use crate::stores::{Store, client, fill, message, run, sandbox};

/// How many messages arrived before the one in front of them in the same conversation: a uid tells when one arrived.
pub fn out_of_order(outbox: &Outbox) -> usize {
    let mut last = HashMap::new();
    let sent = outbox.entries(OutboxState::Sent).map(Result::unwrap);
    sent.filter(|entry| {
        let Some(wildfirechat_message::OutboxRequest::Send { value: request }) = &entry.request else { return false };
        let uid = entry.message_uid.unwrap();
        last.insert(request.conversation.clone(), uid).is_some_and(|before| before >= uid)
    })
    .count()
}

#[test]
fn messages_of_one_conversation_go_in_their_order() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 5, 2_000);
    assert_eq!((run(&outbox).sent, out_of_order(&outbox)), (2_000, 0));
}

#[test]
fn several_workers_send_each_message_once_and_in_order() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    several(&store, &sandbox, 3_000);
}

pub fn several(store: &Store, sandbox: &Sandbox, count: usize) {
    let outboxes: Vec<Outbox> = (0..3).map(|_| store.outbox(&client(sandbox))).collect();
    fill(&outboxes[0], 20, count);
    let shares: Vec<i64> = thread::scope(|scope| {
        let workers: Vec<_> = outboxes.iter().map(|outbox| scope.spawn(|| run(outbox).sent)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(shares.iter().sum::<i64>(), i64::try_from(count).unwrap(), "{shares:?}");
    assert_eq!(sandbox.message_uids().unwrap().len(), count);
    assert_eq!(out_of_order(&outboxes[0]), 0);
}

#[test]
fn any_order_is_for_those_who_do_not_care() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 1, 20);
    // The first one is held up, and the others do not wait for it.
    let delay = Some(std::time::Duration::from_millis(500));
    sandbox.fail(FaultRule { delay, ..Fault::DelayAfterReading.into() }).unwrap();
    let options = RunOptions { any_order: true, ..RunOptions::default() };
    assert_eq!(outbox.run(options, |_| {}).unwrap().sent, 20);
    assert!(out_of_order(&outbox) > 0);
}

#[test]
fn a_worker_sees_what_is_put_while_it_runs() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    let worker = outbox.begin_run(RunOptions { until_empty: false, ..RunOptions::default() }).unwrap();
    for number in 0..20 {
        let key = number.to_string();
        outbox.put(message(3, number), PutOptions::key(&*key)).unwrap();
        let entry = outbox.wait(&key, std::time::Duration::from_secs(20)).unwrap().unwrap();
        assert_eq!(entry.state, OutboxState::Sent);
    }
    assert!(!worker.is_done());
    worker.stop();
    assert_eq!(worker.finish().unwrap().sent, 20);
}
