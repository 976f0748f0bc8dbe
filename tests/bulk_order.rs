//! The messages of a conversation arrive in the order in which they were given.

#![cfg(feature = "sandbox")]

#[path = "support/lists.rs"]
mod lists;
#[path = "support/setting.rs"]
mod setting;

use std::{
    io::Write,
    time::{Duration, Instant},
};

use lists::{checked, client, message, messages, out_of_order, sandbox, send};
use setting::number;
use wildfirechat_message::{
    BulkOptions, ClientOptions, Conversation, MessageError, SendRequest,
    sandbox::{Fault, RandomFaults, Sandbox},
};

fn usual() -> BulkOptions {
    BulkOptions::default()
}

fn any_order() -> BulkOptions {
    BulkOptions { any_order: true, ..usual() }
}

fn fails_randomly(sandbox: &Sandbox, faults: Vec<Fault>) {
    let delay = Some(Duration::from_millis(5));
    sandbox.fail_randomly(RandomFaults { faults, probability: 0.3, seed: 5, endpoint: None, delay }).unwrap();
}

#[test]
fn messages_of_a_conversation_arrive_in_their_order_and_conversations_side_by_side() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    fails_randomly(&sandbox, vec![Fault::DelayBeforeReading]);
    let requests = messages(5, 1_000);
    let outcomes = send(&client, &requests, usual());
    assert_eq!(checked(&[&sandbox], &requests, &outcomes), [1_000, 0, 0]);
    let connections = sandbox.requests().unwrap().iter().map(|request| request.connection).max();
    assert!(connections >= Some(4), "{connections:?}");
    // The server keeps no order of its own.
    let outcomes = send(&client, &requests, any_order());
    assert!(out_of_order(&requests, &outcomes) > 100);
}

#[test]
fn a_conversation_is_one_whoever_sends_and_a_single_chat_is_one_for_both() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    fails_randomly(&sandbox, vec![Fault::DelayBeforeReading]);
    let from = |sender: usize, conversation, number| SendRequest {
        sender: format!("u{sender}"),
        conversation,
        ..message("", number)
    };
    let group = |number| from(number % 3, Conversation::group("g1"), number);
    let chat = |number| from(number % 2, Conversation::single(format!("u{}", (number + 1) % 2)), number);
    let of: [&dyn Fn(usize) -> SendRequest; 2] = [&group, &chat];
    for request in of {
        let requests: Vec<_> = (0..200).map(request).collect();
        let uids: Vec<_> =
            send(&client, &requests, usual()).into_iter().map(|sent| sent.unwrap().message_uid).collect();
        assert!(uids.is_sorted(), "{uids:?}");
    }
}

#[test]
fn a_message_that_is_tried_again_keeps_its_place() {
    let sandbox = sandbox(0, 0);
    let options = ClientOptions { retry_pause: Some(Duration::from_millis(1)), ..ClientOptions::default() };
    let client = client(sandbox.base_url().unwrap(), options);
    fails_randomly(&sandbox, vec![Fault::TooManyRequests]);
    let requests = messages(7, 140);
    let outcomes = send(&client, &requests, usual());
    assert_eq!(checked(&[&sandbox], &requests, &outcomes), [140, 0, 0]);
    assert!(sandbox.requests().unwrap().len() > 150);
}

#[test]
fn those_behind_one_that_failed_go_on() {
    for fault in [Fault::UnknownCode, Fault::CloseAfterExecuting, Fault::CloseAfterReading] {
        let sandbox = sandbox(0, 0);
        let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
        fails_randomly(&sandbox, vec![fault]);
        let requests = messages(3, 300);
        let outcomes = send(&client, &requests, usual());
        let [sent, failed, unknown] = checked(&[&sandbox], &requests, &outcomes);
        assert!(sent > 150 && failed + unknown > 50, "{fault:?}: {sent} sent");
    }
}

#[test]
fn a_message_that_can_never_be_sent_holds_no_other_up() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let mut requests = messages(1, 100);
    (0..100).step_by(3).for_each(|number| requests[number].sender.clear());
    let outcomes = send(&client, &requests, usual());
    assert_eq!(checked(&[&sandbox], &requests, &outcomes), [66, 34, 0]);
    assert!(matches!(outcomes[0], Err(MessageError::InvalidArgument { .. })));
}

/// More than there is room for.
#[test]
fn a_long_row_of_one_conversation_is_sent_as_well() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let row = (0..9_000).map(|number| message("u1", number));
    let requests: Vec<_> = row.chain((9_000..12_000).map(|number| message(&format!("u{number}"), number))).collect();
    let outcomes = send(&client, &requests, usual());
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(out_of_order(&requests, &outcomes), 0);
}

/// What the order costs: nothing, where there are as many conversations as messages under way.
#[test]
fn the_order_costs_nothing_where_there_are_conversations_enough() {
    let count = number("WILDFIRECHAT_ORDER_MESSAGES", 4_000);
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let rate = |requests: &[SendRequest], options: BulkOptions| {
        let begun = Instant::now();
        assert!(send(&client, requests, options).iter().all(Result::is_ok));
        requests.len() as f64 / begun.elapsed().as_secs_f64()
    };
    let (one, some, all) = (messages(1, count / 4), messages(32, count), messages(count, count));
    let cases = [(&some, any_order()), (&some, usual()), (&all, usual()), (&one, usual())];
    let mut rates = [const { Vec::new() }; 4];
    for _ in 0..5 {
        for ((requests, options), rates) in cases.iter().zip(&mut rates) {
            rates.push(rate(requests, options.clone()));
        }
    }
    // What else the machine does makes it slower, never faster.
    let [any, some, all, one] = rates.map(|rates: Vec<f64>| rates.into_iter().fold(0.0, f64::max));
    let told = format!(
        "measured: {any:.0} messages a second in any order; in order {:.2} times that with 32 conversations, {:.2} with one \
         each, {:.2} with one for all",
        some / any,
        all / any,
        one / any,
    );
    let _ = writeln!(std::io::stdout(), "{told}");
    // Other tests run beside it: less than is measured by hand, and never a fraction of it.
    assert!(some / any > 0.6 && all / any > 0.6, "{told}");
}
