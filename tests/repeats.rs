//! What a second execution of each endpoint does: by this, calls with an unknown fate are tried again or not.

#![cfg(feature = "sandbox")]

use std::time::Duration;

use wildfirechat_message::{
    ClearConversationRequest, ClearUserMessagesRequest, ClientOptions, Conversation, ConversationReadRequest,
    DeleteBroadcastRequest, DeleteMulticastRequest, Message, MessageClient, MessageError, MessagePayload,
    MulticastRequest, RecallBroadcastRequest, RecallMulticastRequest, RecallRequest, SendRequest, UpdateRequest,
    UploadRequest,
    endpoints::{ENDPOINTS, Effect},
    sandbox::{Fault, Sandbox},
};

const ADMIN: &str = "admin";

/// A world with a message of each kind in it.
struct World {
    sandbox: Sandbox,
    client: MessageClient,
    message: i64,
    multicast: i64,
    broadcast: i64,
}

/// All that anybody could see of it.
#[derive(Debug, PartialEq)]
struct Seen {
    messages: Vec<Option<Message>>,
    of_users: Vec<Vec<i64>>,
    count: usize,
}

fn text(words: &str) -> MessagePayload {
    MessagePayload::text(words)
}

fn group() -> Conversation {
    Conversation::group("g1")
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::start().unwrap();
        let options = ClientOptions { retry_pause: Some(Duration::from_millis(1)), ..ClientOptions::default() };
        let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap();
        let message = client.send_message(SendRequest::new("u1", group(), text("to a group"))).unwrap().message_uid;
        let targets = vec!["u1".to_owned(), "u2".to_owned()];
        let multicast = MulticastRequest { sender: ADMIN.into(), targets, line: 0, payload: text("to many") };
        let multicast = client.multicast_message(multicast).unwrap().message_uid;
        let broadcast =
            wildfirechat_message::BroadcastRequest { sender: ADMIN.into(), line: 0, payload: text("to all") };
        let broadcast = client.broadcast_message(broadcast).unwrap().message_uid;
        Self { sandbox, client, message, multicast, broadcast }
    }

    fn seen(&self) -> Seen {
        let uids = self.sandbox.message_uids().unwrap();
        Seen {
            messages: uids.iter().map(|uid| self.client.find_message(*uid).unwrap()).collect(),
            of_users: ["u1", "u2"].map(|user| self.sandbox.messages_of_user(user.into()).unwrap()).into(),
            count: uids.len(),
        }
    }

    /// Something else that happens: somebody writes to the group, and the message is given another text.
    fn goes_on(&self) {
        self.client.send_message(SendRequest::new("u2", group(), text("in between"))).unwrap();
        let update =
            UpdateRequest { message_uid: self.message, payload: text("newer"), distribute: true, operator: None };
        // It may be gone by now.
        let _ = self.client.update_message(update);
    }
}

type Doing = fn(&World) -> Result<(), MessageError>;

/// Every endpoint that changes something, but the four that make messages, with what it does in the world.
fn deeds() -> Vec<(&'static str, Doing)> {
    fn receivers() -> Vec<String> {
        vec!["u1".into()]
    }
    fn admin() -> String {
        ADMIN.into()
    }
    vec![
        ("message/recall", |w| {
            w.client.recall_message(RecallRequest { operator: admin(), message_uid: w.message }).map(|_| ())
        }),
        ("message/recall_broadcast", |w| {
            w.client.recall_broadcast_message(RecallBroadcastRequest { operator: admin(), message_uid: w.broadcast })
        }),
        ("message/recall_multicast", |w| {
            let request =
                RecallMulticastRequest { operator: admin(), message_uid: w.multicast, receivers: receivers() };
            w.client.recall_multicast_message(request)
        }),
        ("message/delete", |w| w.client.delete_message(w.message)),
        ("message/delete_broadcast", |w| {
            w.client.delete_broadcast_message(DeleteBroadcastRequest { operator: admin(), message_uid: w.broadcast })
        }),
        ("message/delete_multicast", |w| {
            let request =
                DeleteMulticastRequest { operator: admin(), message_uid: w.multicast, receivers: receivers() };
            w.client.delete_multicast_message(request)
        }),
        ("message/clear_by_user", |w| {
            let request = ClearUserMessagesRequest {
                user_id: "u1".into(),
                conversation: group(),
                start_time: None,
                end_time: None,
            };
            w.client.clear_user_messages(request)
        }),
        ("conversation/delete", |w| {
            w.client.clear_conversation(ClearConversationRequest { user_id: "u1".into(), conversation: group() })
        }),
        ("message/update", |w| {
            let update =
                UpdateRequest { message_uid: w.message, payload: text("new"), distribute: true, operator: None };
            w.client.update_message(update)
        }),
    ]
}

fn effect_of(name: &str) -> Effect {
    ENDPOINTS.iter().find(|endpoint| endpoint.name == name).unwrap().effect
}

#[test]
fn every_endpoint_that_changes_something_is_held_here() {
    let makes_messages = ["message/send", "message/multicast", "message/broadcast", "message/import"];
    let changes = |name: &&str| effect_of(name) != Effect::None && !makes_messages.contains(name);
    let mut expected: Vec<&str> = ENDPOINTS.iter().map(|endpoint| endpoint.name).filter(changes).collect();
    let mut held: Vec<&str> = deeds().iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    held.sort_unstable();
    assert_eq!(held, expected);
    assert!(makes_messages.iter().all(|name| effect_of(name) == Effect::EachTime));
}

/// The first execution changes the world and, where the effect is `Once`, the second leaves it.
#[test]
fn a_second_execution_of_what_is_done_once_changes_nothing() {
    for (name, deed) in deeds() {
        let world = World::new();
        let before = world.seen();
        deed(&world).unwrap();
        let after = world.seen();
        assert_ne!(before, after, "{name} does nothing");
        // A second delete finds nothing, which is an answer as well.
        let again = deed(&world);
        assert!(matches!(again, Ok(()) | Err(MessageError::Rejected { code: 253, .. })), "{name}: {again:?}");
        assert_eq!(world.seen(), after, "{name}");
    }
}

/// What may have come in between is the difference between `Once` and `EachTime`.
#[test]
fn what_acts_each_time_would_undo_what_came_in_between() {
    for (name, deed) in deeds().into_iter().filter(|(name, _)| effect_of(name) == Effect::EachTime) {
        let world = World::new();
        deed(&world).unwrap();
        world.goes_on();
        let before = world.seen();
        deed(&world).unwrap();
        assert_ne!(world.seen(), before, "{name} could be tried again");
    }
}

/// A message is recalled or deleted for good: the writing that goes on is not touched by a second time.
#[test]
fn what_is_done_once_leaves_what_came_in_between() {
    for (name, deed) in deeds().into_iter().filter(|(name, _)| effect_of(name) == Effect::Once) {
        let world = World::new();
        deed(&world).unwrap();
        world.client.send_message(SendRequest::new("u2", group(), text("in between"))).unwrap();
        let before = world.seen();
        let _ = deed(&world);
        assert_eq!(world.seen(), before, "{name}");
    }
}

#[test]
fn clearing_up_to_a_time_leaves_what_came_later() {
    let world = World::new();
    let end = world.client.get_message(world.broadcast).unwrap().timestamp;
    let clear = || {
        world.client.clear_user_messages(ClearUserMessagesRequest {
            user_id: "u1".into(),
            conversation: group(),
            start_time: None,
            end_time: Some(end),
        })
    };
    clear().unwrap();
    std::thread::sleep(Duration::from_millis(2));
    world.goes_on();
    let before = world.seen();
    clear().unwrap();
    assert_eq!(world.seen(), before);
    // So the client does it by itself: one call, two executions, no error.
    world.sandbox.clear_requests().unwrap();
    world.sandbox.fail_next(Fault::CloseAfterExecuting).unwrap();
    clear().unwrap();
    assert_eq!(world.sandbox.requests().unwrap().len(), 2);
    assert_eq!(world.seen(), before);
}

/// The whole way: executed, the answer lost, tried again.
#[test]
fn an_answer_that_is_lost_is_asked_for_again_exactly_where_that_is_safe() {
    for (name, deed) in deeds() {
        let world = World::new();
        world.sandbox.clear_requests().unwrap();
        world.sandbox.fail_next(Fault::CloseAfterExecuting).unwrap();
        let outcome = deed(&world);
        let requests = world.sandbox.requests().unwrap().len();
        match effect_of(name) {
            Effect::EachTime => {
                assert_eq!(requests, 1, "{name}");
                assert!(outcome.unwrap_err().may_have_executed(), "{name}");
            }
            _ => {
                assert_eq!(requests, 2, "{name}");
                // A delete finds nothing the second time: whether the first did it, nobody knows.
                assert!(outcome.is_ok() || outcome.unwrap_err().may_have_executed(), "{name}");
            }
        }
    }
}

#[test]
fn what_only_reads_is_asked_again() {
    let world = World::new();
    let faults = [Fault::CloseAfterExecuting, Fault::HtmlAnswerAfterExecuting];
    faults.iter().for_each(|fault| world.sandbox.fail_next(*fault).unwrap());
    assert_eq!(world.client.get_message(world.message).unwrap().message_uid, world.message);
    faults.iter().for_each(|fault| world.sandbox.fail_next(*fault).unwrap());
    assert!(world.client.get_delivery_timestamp("u1".into()).unwrap() > 0);
    faults.iter().for_each(|fault| world.sandbox.fail_next(*fault).unwrap());
    let question = ConversationReadRequest { user_id: "u1".into(), conversation: group() };
    assert!(world.client.get_conversation_read_timestamp(question).unwrap() > 0);
}

/// Nothing is in a place that a lost answer named, and nobody sees that there is one.
#[test]
fn asking_for_an_address_changes_nothing() {
    assert_eq!(effect_of("oss/get_upload_url"), Effect::None);
    let world = World::new();
    let before = (world.seen(), world.sandbox.files().unwrap());
    let faults = [Fault::CloseAfterExecuting, Fault::HtmlAnswerAfterExecuting];
    faults.iter().for_each(|fault| world.sandbox.fail_next(*fault).unwrap());
    world.sandbox.clear_requests().unwrap();
    let url = world.client.upload(UploadRequest::bytes("a.txt", "words", 4), |_| ()).unwrap();
    assert_eq!(world.sandbox.requests().unwrap().len(), 3);
    let files = world.sandbox.files().unwrap();
    assert_eq!((files.len(), &files[0].url), (1, &url));
    assert_eq!((world.seen(), Vec::new()), before);
    // A second upload of the same is another file, and the first one stays as it is.
    let again = world.client.upload(UploadRequest::bytes("a.txt", "others", 4), |_| ()).unwrap();
    let files = world.sandbox.files().unwrap();
    assert!(files.len() == 2 && again != url && files[0].data.as_deref() == Some(b"words"));
}
