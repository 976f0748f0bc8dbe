//! One message to many users, in several multicasts.

#![cfg(feature = "sandbox")]

use wildfirechat_message::{
    BulkOptions, ClientOptions, MessageClient, MessageError, MessagePayload, MulticastEach, MulticastRequest,
    sandbox::{Fault, FaultRule, Sandbox},
};

fn request(count: usize) -> MulticastRequest {
    let targets = (0..count).map(|number| format!("u{number}")).collect();
    MulticastRequest { sender: "admin".into(), targets, line: 0, payload: MessagePayload::text("to all of you") }
}

fn client(sandbox: &Sandbox) -> MessageClient {
    MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(ClientOptions::default())).unwrap()
}

#[test]
fn each_part_has_its_outcome_and_everybody_gets_it_once() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.fail_next(Fault::CloseAfterExecuting).unwrap();
    let parts = client(&sandbox).multicast_each(request(2_500), 1_000, None).unwrap();
    assert_eq!(parts.iter().map(|part| part.receivers.len()).collect::<Vec<_>>(), [1_000, 1_000, 500]);
    assert_eq!(parts[2].receivers[0], "u2000");
    let unknown: Vec<_> = parts.iter().filter_map(|part| part.outcome.as_ref().err()).collect();
    assert!(matches!(unknown[..], [MessageError::ConnectionLost { .. }]), "{unknown:?}");
    for user in ["u0", "u999", "u1000", "u2499"] {
        assert_eq!(sandbox.messages_of_user(user.into()).unwrap().len(), 1, "{user}");
    }
}

#[test]
fn what_can_never_work_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().unwrap();
    let client = client(&sandbox);
    let mut with_nobody = request(3);
    with_nobody.targets[2].clear();
    for (request, size) in [(request(10), 0), (request(0), 10), (with_nobody, 1)] {
        let error = client.multicast_each(request, size, None).unwrap_err();
        assert!(matches!(error, MessageError::InvalidArgument { .. }), "{error}");
    }
    assert!(sandbox.requests().unwrap().is_empty());
}

#[test]
fn parts_are_told_in_order_whichever_comes_first() {
    let sandbox = Sandbox::start().unwrap();
    let delay = Some(std::time::Duration::from_millis(300));
    // All but one are held up, whichever of them arrive first.
    sandbox.fail(FaultRule { delay, times: 9, ..Fault::DelayAfterReading.into() }).unwrap();
    let parts = client(&sandbox).multicast_each(request(10), 1, None).unwrap();
    let uids: Vec<i64> = parts.iter().map(|part| part.outcome.as_ref().unwrap().message_uid).collect();
    assert_eq!(parts[0].receivers, ["u0"]);
    assert!(!uids.is_sorted(), "they were sent in this order: {uids:?}");
    assert_eq!(parts.iter().map(|part| part.receivers[0].clone()).collect::<Vec<_>>(), request(10).targets);
}

#[test]
fn what_is_given_up_tells_of_each_part_whether_it_may_have_left() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.fail(FaultRule { times: 2, ..Fault::NeverAnswerAfterExecuting.into() }).unwrap();
    let one_at_a_time = BulkOptions { concurrency: 2, ..BulkOptions::default() };
    let receivers = request(5).targets;
    let payload = MessagePayload::text("to all of you");
    let each = MulticastEach { sender: "admin".into(), receivers, payload, line: 0, size: 1 };
    let multicasts = client(&sandbox).begin_multicasts(each, Some(one_at_a_time)).unwrap();
    while sandbox.message_uids().unwrap().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    multicasts.cancel().unwrap();
    let mut outcomes = Vec::new();
    loop {
        let news = multicasts.wait(std::time::Duration::from_secs(60)).unwrap();
        outcomes.extend(news.parts.into_iter().map(|part| part.error.unwrap().may_have_executed()));
        if news.done {
            break;
        }
    }
    assert_eq!(outcomes, [true, true, false, false, false]);
    assert_eq!(sandbox.message_uids().unwrap().len(), 2);
}
