//! Robots and channels: what their clients send and receive, and what a second execution of each call does.

#![cfg(feature = "sandbox")]

use std::{sync::Arc, thread, time::Duration};

use wildfirechat_message::{
    BulkOptions, ChannelClient, ChannelSendRequest, ClientOptions, Conversation, LogLevel, Message, MessageClient,
    MessageError, MessagePayload, ReplyRequest, RepublishRequest, RobotClient, RobotSendRequest, RobotUpdateRequest,
    SendRequest, StopOn, UploadRequest,
    endpoints::{CHANNEL_ENDPOINTS, Effect, ROBOT_ENDPOINTS},
    sandbox::{Edition, Fault, FaultRule, Sandbox, SandboxOptions},
};

// Printed as the pages show it.
#[rustfmt::skip]
#[path = "../docs/examples/senders.rs"]
mod examples;

const ROBOT: &str = "FireRobot";
const ROBOT_SECRET: &str = "canary-of-the-robot";
const CHANNEL: &str = "news";
const CHANNEL_SECRET: &str = "canary-of-the-channel";

/// A server with a robot and a channel, and a message of each.
struct World {
    sandbox: Sandbox,
    admin: MessageClient,
    robot: RobotClient,
    channel: ChannelClient,
    of_robot: i64,
    of_channel: i64,
}

/// All that anybody could see of it.
#[derive(Debug, PartialEq)]
struct Seen {
    messages: Vec<Option<Message>>,
    of_users: Vec<Vec<i64>>,
    callback: Option<String>,
}

fn text(words: &str) -> MessagePayload {
    MessagePayload::text(words)
}

fn group() -> Conversation {
    Conversation::group("g1")
}

fn sandbox(options: SandboxOptions) -> Sandbox {
    let sandbox = Sandbox::new(None, Some(options)).unwrap();
    sandbox.set_robot(ROBOT.into(), Some(ROBOT_SECRET.into())).unwrap();
    sandbox.set_channel(CHANNEL.into(), "ann".into(), Some(CHANNEL_SECRET.into())).unwrap();
    sandbox
}

fn quick() -> Option<ClientOptions> {
    Some(ClientOptions { retry_pause: Some(Duration::from_millis(1)), ..ClientOptions::default() })
}

fn robot_of(sandbox: &Sandbox) -> RobotClient {
    RobotClient::new(sandbox.base_url().unwrap(), ROBOT.into(), ROBOT_SECRET.into(), quick()).unwrap()
}

fn channel_of(sandbox: &Sandbox) -> ChannelClient {
    ChannelClient::new(sandbox.base_url().unwrap(), CHANNEL.into(), CHANNEL_SECRET.into(), quick()).unwrap()
}

impl World {
    fn new() -> Self {
        let sandbox = sandbox(SandboxOptions::default());
        let (robot, channel) = (robot_of(&sandbox), channel_of(&sandbox));
        let admin = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), quick()).unwrap();
        let of_robot = robot.send_message(RobotSendRequest::new(group(), text("of the robot"))).unwrap().message_uid;
        let some = ChannelSendRequest { targets: vec!["u1".into()], ..ChannelSendRequest::new(text("of the channel")) };
        let of_channel = channel.send_message(some).unwrap().message_uid;
        Self { sandbox, admin, robot, channel, of_robot, of_channel }
    }

    fn seen(&self) -> Seen {
        let uids = self.sandbox.message_uids().unwrap();
        Seen {
            messages: uids.iter().map(|uid| self.admin.find_message(*uid).unwrap()).collect(),
            of_users: ["u1", "u2"].map(|user| self.sandbox.messages_of_user(user.into()).unwrap()).into(),
            callback: self.robot.get_callback().unwrap(),
        }
    }

    /// Somebody else changes what a call has just changed.
    fn goes_on(&self) {
        let update = wildfirechat_message::UpdateRequest {
            message_uid: self.of_robot,
            payload: text("newer"),
            distribute: true,
            operator: None,
        };
        self.admin.update_message(update).unwrap();
        robot_of(&self.sandbox).set_callback("http://newer/".into()).unwrap();
    }
}

type Doing = fn(&World) -> Result<(), MessageError>;

/// Every endpoint that changes something, with what it does in the world.
fn deeds() -> Vec<(&'static str, Doing)> {
    vec![
        ("robot/message/send", |w| w.robot.send_message(RobotSendRequest::new(group(), text("again"))).map(|_| ())),
        ("robot/message/reply", |w| {
            let request = ReplyRequest { message_uid: w.of_robot, payload: text("again"), only_to_sender: false };
            w.robot.reply_message(request).map(|_| ())
        }),
        ("robot/message/update", |w| {
            w.robot.update_message(RobotUpdateRequest {
                message_uid: w.of_robot,
                payload: text("new"),
                distribute: true,
            })
        }),
        ("robot/message/recall", |w| w.robot.recall_message(w.of_robot).map(|_| ())),
        ("robot/set_callback", |w| w.robot.set_callback("http://app/path".into())),
        ("robot/delete_callback", |w| w.robot.delete_callback()),
        ("channel/message/send", |w| w.channel.send_message(ChannelSendRequest::new(text("again"))).map(|_| ())),
        ("channel/message/recall", |w| w.channel.recall_message(w.of_channel).map(|_| ())),
        ("channel/message/republish", |w| {
            w.channel.republish_message(RepublishRequest { message_uid: w.of_channel, targets: vec!["u2".into()] })
        }),
    ]
}

/// Every endpoint that only reads.
fn questions() -> Vec<(&'static str, Doing)> {
    vec![
        ("robot/get_callback", |w| w.robot.get_callback().map(|_| ())),
        ("robot/profile", |w| w.robot.get_profile().map(|_| ())),
        ("robot/oss/get_upload_url", |w| w.robot.upload(UploadRequest::bytes("a.txt", "words", 4), |_| ()).map(|_| ())),
    ]
}

fn effect_of(name: &str) -> Effect {
    ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS).find(|endpoint| endpoint.name == name).unwrap().effect
}

#[test]
fn every_endpoint_is_held_here() {
    let held: Vec<&str> = deeds().into_iter().chain(questions()).map(|(name, _)| name).collect();
    let mut sorted = held.clone();
    sorted.sort_unstable();
    let mut expected: Vec<&str> =
        ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS).map(|endpoint| endpoint.name).collect();
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert!(questions().iter().all(|(name, _)| effect_of(name) == Effect::None));
    assert!(deeds().iter().all(|(name, _)| effect_of(name) != Effect::None));
}

#[test]
fn a_second_execution_of_what_is_done_once_changes_nothing() {
    for (name, deed) in deeds().into_iter().filter(|(name, _)| effect_of(name) == Effect::Once) {
        let world = World::new();
        let before = world.seen();
        deed(&world).unwrap();
        let after = world.seen();
        assert_ne!(before, after, "{name} does nothing");
        deed(&world).unwrap();
        assert_eq!(world.seen(), after, "{name}");
    }
}

/// A second message, a second delivery to devices, or a change over what came in between.
#[test]
fn what_acts_each_time_could_not_be_tried_again() {
    // What a second delivery does on a device, the server does not show.
    let delivered_again = ["channel/message/republish"];
    for (name, deed) in deeds().into_iter().filter(|(name, _)| effect_of(name) == Effect::EachTime) {
        let world = World::new();
        deed(&world).unwrap();
        world.goes_on();
        let (before, executed) = (world.seen(), world.sandbox.executions(world.of_channel).unwrap());
        deed(&world).unwrap();
        match delivered_again.contains(&name) {
            true => assert_eq!(world.sandbox.executions(world.of_channel).unwrap(), executed + 1, "{name}"),
            false => assert_ne!(world.seen(), before, "{name} could be tried again"),
        }
    }
}

/// The whole way: executed, the answer lost, tried again exactly where that is safe.
#[test]
fn an_answer_that_is_lost_is_asked_for_again_exactly_where_that_is_safe() {
    for (name, deed) in deeds().into_iter().chain(questions()) {
        let world = World::new();
        world.sandbox.clear_requests().unwrap();
        let rule = FaultRule { endpoint: Some(name.into()), ..Fault::CloseAfterExecuting.into() };
        world.sandbox.fail(rule).unwrap();
        let outcome = deed(&world);
        let requests = world.sandbox.requests().unwrap().len();
        match effect_of(name) {
            Effect::EachTime => {
                assert_eq!(requests, 1, "{name}");
                let error = outcome.unwrap_err();
                assert!(error.may_have_executed() && error.to_string().starts_with(name), "{error}");
            }
            _ => {
                assert_eq!(requests, 2, "{name}");
                outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}

#[test]
fn each_request_names_its_sender_beside_a_signature_of_its_own() {
    for (name, call) in deeds().into_iter().chain(questions()) {
        let world = World::new();
        world.sandbox.clear_requests().unwrap();
        call(&world).unwrap();
        let request = world.sandbox.requests().unwrap().remove(0);
        let values = |wanted: &str| -> Vec<String> {
            request.headers.iter().filter(|header| header.name == wanted).map(|header| header.value.clone()).collect()
        };
        assert_eq!(request.path, format!("/{name}"));
        assert!(request.signature_valid, "{name}");
        let expected = if name.starts_with("robot/") { [ROBOT, ""] } else { ["", CHANNEL] };
        assert_eq!([values("rid").concat(), values("cid").concat()], expected, "{name}");
    }
}

#[test]
fn the_sender_is_the_robot_and_the_channels_owner() {
    let world = World::new();
    let sender = |uid| world.admin.get_message(uid).unwrap().sender;
    assert_eq!((sender(world.of_robot).as_str(), sender(world.of_channel).as_str()), (ROBOT, "ann"));
    let recalled = world.robot.recall_message(world.of_robot).unwrap().unwrap();
    assert_eq!((recalled.sender.as_str(), recalled.searchable_content.as_str()), (ROBOT, "of the robot"));
    assert_eq!(world.robot.recall_message(world.of_robot), Ok(None));
}

#[test]
fn a_callback_is_set_told_and_deleted() {
    let world = World::new();
    assert_eq!(world.robot.get_callback(), Ok(None));
    world.robot.set_callback("https://app.example.com/hook/k3y".into()).unwrap();
    assert_eq!(world.robot.get_callback(), Ok(Some("https://app.example.com/hook/k3y".into())));
    world.robot.delete_callback().unwrap();
    assert_eq!(world.robot.get_callback(), Ok(None));
    for url in ["", "app.example.com/canary", "ftp://app/canary", "canary"] {
        let error = world.robot.set_callback(url.into()).unwrap_err();
        assert!(matches!(&error, MessageError::InvalidArgument { argument, .. } if argument == "url"), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

#[test]
fn a_profile_is_a_user() {
    let profile = World::new().robot.get_profile().unwrap();
    assert_eq!((profile.user_id.as_str(), profile.display_name.as_str(), profile.kind), (ROBOT, ROBOT, 1));
    assert!(profile.update_dt > 0);
}

#[test]
fn what_a_community_server_lacks_is_not_supported() {
    let community = sandbox(SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() });
    let (robot, channel) = (robot_of(&community), channel_of(&community));
    assert!(robot.send_message(RobotSendRequest::new(group(), text("hi"))).is_ok());
    assert!(robot.get_profile().is_ok() && channel.send_message(ChannelSendRequest::new(text("hi"))).is_ok());
    let lacking = [
        robot.recall_message(1).unwrap_err(),
        robot.update_message(RobotUpdateRequest { message_uid: 1, payload: text("x"), distribute: true }).unwrap_err(),
        robot.reply_message(ReplyRequest { message_uid: 1, payload: text("x"), only_to_sender: true }).unwrap_err(),
        robot.upload(UploadRequest::bytes("a", "b", 4), |_| ()).unwrap_err(),
        channel.recall_message(1).unwrap_err(),
        channel.republish_message(RepublishRequest { message_uid: 1, targets: vec!["u1".into()] }).unwrap_err(),
    ];
    for error in lacking {
        assert!(matches!(error, MessageError::NotSupported { .. }) && !error.may_have_executed(), "{error}");
    }
}

#[test]
fn nothing_shows_the_secret() {
    let world = World::new();
    let url = world.sandbox.base_url().unwrap();
    let wrong = RobotClient::new(url.clone(), ROBOT.into(), CHANNEL_SECRET.into(), None).unwrap();
    let unknown = ChannelClient::new(url.clone(), "nobody".into(), CHANNEL_SECRET.into(), None).unwrap();
    let errors = [
        wrong.get_profile().unwrap_err(),
        unknown.send_message(ChannelSendRequest::new(text("canary of the text"))).unwrap_err(),
        RobotClient::new(url.clone(), String::new(), ROBOT_SECRET.into(), None).unwrap_err(),
        ChannelClient::new("ftp://x".into(), CHANNEL.into(), CHANNEL_SECRET.into(), None).unwrap_err(),
        RobotClient::new(url, ROBOT.into(), "canary\nline".into(), None).unwrap_err(),
    ];
    let shown = format!("{errors:?} {:?} {:?} {wrong:?}", world.robot, world.channel);
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains(ROBOT) && shown.contains("robot_id") && shown.contains("channel_id"), "{shown}");
    let code = |error: &MessageError| match error {
        MessageError::Unauthorized { code, .. } | MessageError::Rejected { code, .. } => Some(*code),
        _ => None,
    };
    let codes: Vec<i32> = errors.iter().filter_map(code).collect();
    assert_eq!(codes, [244, 236]);
}

#[test]
fn a_robot_sends_many_as_itself_and_in_order() {
    let world = World::new();
    let request = |number: usize| SendRequest {
        // It says somebody else, and a flag that robots have not.
        is_user_message: true,
        ..SendRequest::new("somebody", group(), text(&format!("number {number}")))
    };
    world.sandbox.clear_requests().unwrap();
    let outcomes = world.robot.send_messages((0..300).map(request).collect(), None, |_| ()).unwrap();
    let uids: Vec<i64> = outcomes.into_iter().map(|outcome| outcome.unwrap().message_uid).collect();
    assert_eq!(uids.len(), 300);
    assert!(uids.is_sorted(), "the messages of a conversation keep their order");
    let sent = world.admin.get_message(uids[7]).unwrap();
    assert_eq!((sent.sender.as_str(), sent.payload.searchable_content.as_str()), (ROBOT, "number 7"));
    let requests = world.sandbox.requests().unwrap();
    let body = String::from_utf8(requests[0].body.to_vec()).unwrap();
    assert!(requests[0].path == "/robot/message/send" && !body.contains("somebody") && !body.contains("serMessage"));
}

/// A chat with the robot is one conversation, whoever the requests say.
#[test]
fn messages_to_one_user_keep_their_order_whatever_sender_they_name() {
    let world = World::new();
    let requests = (0..200).map(|number| {
        SendRequest::new(format!("u{number}"), Conversation::single("bob"), text(&format!("to bob {number}")))
    });
    let mut uids = Vec::new();
    let options = BulkOptions { concurrency: 16, ..BulkOptions::default() };
    world.robot.send_each(requests, Some(options), |_| (), |outcome| uids.push(outcome.unwrap().message_uid)).unwrap();
    assert!(uids.len() == 200 && uids.is_sorted());
}

#[test]
fn a_bulk_of_a_robot_waits_for_its_rate() {
    let world = World::new();
    world.sandbox.set_sender_rate_limit(50).unwrap();
    let requests = (0..70).map(|number| {
        SendRequest::new("", Conversation::single(format!("u{number}")), text(&format!("limited {number}")))
    });
    let outcomes = world.robot.send_messages(requests.collect(), None, |_| ()).unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    for number in 0..70 {
        assert_eq!(world.sandbox.messages_with_text(format!("limited {number}")).unwrap().len(), 1);
    }
}

#[test]
fn what_is_not_sent_of_many_names_the_robots_endpoint() {
    let world = World::new();
    let options = BulkOptions { concurrency: 1, stop_on: Some(StopOn::Failure), ..BulkOptions::default() };
    let not_in_it = SendRequest::new("", Conversation::group("others1"), text("refused"));
    let next = SendRequest::new("", group(), text("not sent"));
    let outcomes = world.robot.send_messages(vec![not_in_it, next.clone(), next], Some(options), |_| ()).unwrap();
    let words: Vec<String> = outcomes.into_iter().map(|outcome| outcome.unwrap_err().to_string()).collect();
    assert!(words.iter().all(|words| words.starts_with("robot/message/send: ")), "{words:?}");
    assert!(words[0].contains("code 9"), "{words:?}");
}

#[test]
fn a_file_of_a_robots_goes_to_the_store() {
    let world = World::new();
    let url = world.robot.upload(UploadRequest::bytes("a.txt", "words", 4), |_| ()).unwrap();
    let files = world.sandbox.files().unwrap();
    assert!(files.len() == 1 && files[0].url == url && files[0].data.as_deref() == Some(b"words"));
    // No message goes out in an upload.
    let lost = FaultRule { times: 3, ..Fault::CloseAfterExecuting.into() };
    world.sandbox.fail(lost).unwrap();
    let error = world.robot.upload(UploadRequest::bytes("a.txt", "words", 4), |_| ()).unwrap_err();
    assert!(!error.may_have_executed() && error.to_string().starts_with("robot/oss/get_upload_url: "), "{error}");
    assert!(error.to_string().ends_with("no message was sent"), "{error}");
}

#[test]
fn what_became_of_a_robots_calls_is_told_as_of_every_client() {
    let world = World::new();
    let begun = world.robot.stats().unwrap().calls;
    world.robot.listen(Some(LogLevel::Debug));
    world.sandbox.fail_next(Fault::OverFrequency).unwrap();
    world.robot.get_profile().unwrap();
    let stats = world.robot.stats().unwrap();
    assert_eq!((stats.calls, stats.in_flight), (begun + 1, 0));
    let record = world.robot.take_record().unwrap().unwrap();
    assert_eq!((record.endpoint.as_str(), record.attempts), ("robot/profile", 2));
    assert_eq!(world.robot.take_record(), Ok(None));
    world.channel.listen(Some(LogLevel::Debug));
    world.channel.send_message(ChannelSendRequest::new(text("told"))).unwrap();
    assert_eq!(world.channel.take_record().unwrap().unwrap().endpoint, "channel/message/send");
    assert!(world.channel.stats().unwrap().calls >= 2);
}

#[test]
fn many_threads_share_a_robot_beside_the_channel_and_the_admin() {
    let world = Arc::new(World::new());
    let threads: Vec<_> = (0..16)
        .map(|number| {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                for turn in 0..10 {
                    let words = text(&format!("thread {number} turn {turn}"));
                    world.robot.send_message(RobotSendRequest::new(group(), words.clone())).unwrap();
                    world.channel.send_message(ChannelSendRequest::new(words.clone())).unwrap();
                    world.admin.send_message(SendRequest::new("ann", group(), words)).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    for number in 0..16 {
        assert_eq!(world.sandbox.messages_with_text(format!("thread {number} turn 9")).unwrap().len(), 3);
    }
    world.robot.close_idle().unwrap();
    world.channel.close_idle().unwrap();
}

#[test]
fn the_examples_of_the_page_work() {
    for (name, example) in examples::EXAMPLES {
        let world = World::new();
        let uid = if name.starts_with("channel") { world.of_channel } else { world.of_robot };
        world.sandbox.clear_requests().unwrap();
        example(&world.robot, &world.channel, uid).unwrap();
        let sent: Vec<String> = world.sandbox.requests().unwrap().into_iter().map(|request| request.path).collect();
        if name.starts_with("robot-stream_text") {
            // A text that grows is several messages, whose steps depend on the time.
            assert!(sent.len() > 1 && sent.iter().all(|path| path == "/robot/message/send"), "{name}: {sent:?}");
            continue;
        }
        // Making a client sends nothing.
        let paths: Vec<String> = if *name == "robot" { vec![] } else { vec![format!("/{}", name.replace('-', "/"))] };
        assert_eq!(sent, paths);
    }
}
