//! One message to many, in parts.

#![cfg(feature = "sandbox")]

use wildfirechat_message::{
    ClientOptions, MessageClient, MessageError, MessagePayload, MulticastRequest,
    sandbox::{Fault, Sandbox},
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
