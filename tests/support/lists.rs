//! What the tests of many messages in one call have in common.

#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::HashMap;

use wildfirechat_message::{
    BulkOptions, BulkProgress, ClientOptions, Conversation, MessageClient, MessagePayload, SendOutcome, SendRequest,
    sandbox::{Sandbox, SandboxOptions},
};

pub fn sandbox(rate_limit: i32, port: i32) -> Sandbox {
    Sandbox::new(None, Some(SandboxOptions { rate_limit, port, ..SandboxOptions::default() })).unwrap()
}

pub fn client(url: String, options: ClientOptions) -> MessageClient {
    MessageClient::new(url, "123456".into(), Some(options)).unwrap()
}

/// Messages to so many conversations in turn.
pub fn messages(conversations: usize, count: usize) -> Vec<SendRequest> {
    (0..count).map(|number| message(&format!("u{}", number % conversations), number)).collect()
}

pub fn message(user: &str, number: usize) -> SendRequest {
    SendRequest::new("admin", Conversation::single(user), MessagePayload::text(format!("message {number}")))
}

pub fn send(client: &MessageClient, requests: &[SendRequest], options: BulkOptions) -> Vec<SendOutcome> {
    client.send_messages(requests.to_vec(), Some(options), silent).unwrap()
}

pub fn silent(_: &BulkProgress) {}

/// How often in all each message was executed by these servers.
pub fn executions(sandboxes: &[&Sandbox], number: usize) -> usize {
    let text = || format!("message {number}");
    sandboxes.iter().map(|sandbox| sandbox.messages_with_text(text()).unwrap().len()).sum()
}

/// How many messages arrived before the one in front of them in the same conversation: a uid tells when one arrived.
pub fn out_of_order(requests: &[SendRequest], outcomes: &[SendOutcome]) -> usize {
    let mut last = HashMap::new();
    let sent = requests.iter().zip(outcomes).filter_map(|(request, outcome)| Some((request, outcome.as_ref().ok()?)));
    sent.filter(|(request, sent)| {
        let before = last.insert(&request.conversation, sent.message_uid);
        before.is_some_and(|before| before >= sent.message_uid)
    })
    .count()
}

/// What the servers did is what the outcomes say; gives how many were sent, failed and are unknown.
pub fn checked(sandboxes: &[&Sandbox], requests: &[SendRequest], outcomes: &[SendOutcome]) -> [usize; 3] {
    assert_eq!(requests.len(), outcomes.len());
    assert_eq!(out_of_order(requests, outcomes), 0);
    let mut counts = [0; 3];
    for (number, outcome) in outcomes.iter().enumerate() {
        let executed = executions(sandboxes, number);
        let kind = outcome.as_ref().map_or_else(|error| 1 + usize::from(error.may_have_executed()), |_| 0);
        let fits = match kind {
            0 => executed == 1,
            1 => executed == 0,
            _ => executed <= 1,
        };
        assert!(fits, "message {number} was executed {executed} times: {outcome:?}");
        counts[kind] += 1;
    }
    counts
}
