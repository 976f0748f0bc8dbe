//! Callbacks: the client reads what servers post, and the sandbox posts the same.

#![cfg(feature = "sandbox")]

#[allow(dead_code, reason = "the players of the cases use the rest")]
#[path = "player/outcome.rs"]
mod outcome;

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Value, json};
use wildfirechat_message::{
    CensorAnswer, ChannelClient, ChannelSendTextRequest, Conversation, MessageClient, MessageError, MessagePayload,
    RecallRequest, ReplyRequest, RobotClient, RobotSendTextRequest, SendRequest, SendTextRequest, TextContent,
    parse_message_callback, parse_recall_callback, parse_subscription_callback,
    sandbox::{CallbackFault, Fault, FaultRule, ForwardedCallback, PostedCallback, Sandbox, ScriptedAnswer},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    parse: String,
    body: String,
    result: Option<Value>,
    error: Option<String>,
}

#[test]
fn every_vector_holds() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("callbacks/vectors.json")).unwrap();
    for Vector { name, parse, body, result, error } in &vectors {
        let outcome = match parse.as_str() {
            "message" => parse_message_callback(body.as_bytes()).map(outcome::message),
            "recall" => parse_recall_callback(body.as_bytes()).map(|recall| {
                json!({
                    "message": outcome::message(recall.message),
                    "user_id": recall.user_id,
                    "timestamp": recall.timestamp,
                    "is_admin": recall.is_admin,
                })
            }),
            "subscription" => parse_subscription_callback(body.as_bytes()).map(|subscription| {
                json!({
                    "user_id": subscription.user_id,
                    "channel_id": subscription.channel_id,
                    "is_subscribed": subscription.is_subscribed,
                })
            }),
            other => panic!("{name}: {other}"),
        };
        match (outcome, result, error) {
            (Ok(given), Some(result), None) => assert_eq!(given, *result, "{name}"),
            (Err(MessageError::InvalidArgument { argument, reason }), None, Some(error)) => {
                assert_eq!((argument.as_str(), &reason), ("body", error), "{name}");
            }
            (outcome, ..) => panic!("{name}: {outcome:?}"),
        }
    }
    assert!(vectors.len() > 15);
}

#[test]
fn a_censor_answers_by_status_and_body() {
    assert_eq!((CensorAnswer::send().status, CensorAnswer::send().body.len()), (200, 0));
    assert_eq!((CensorAnswer::refuse().status, CensorAnswer::refuse().body.len()), (403, 0));
    let answer = CensorAnswer::replace(&MessagePayload::text("***")).unwrap();
    let body = r#"{"type":1,"searchableContent":"***","persistFlag":3}"#;
    assert_eq!((answer.status, answer.body.as_ref()), (200, body.as_bytes()));
    for payload in [MessagePayload::text(""), MessagePayload { content_type: 0, ..MessagePayload::text("a") }] {
        let refused = CensorAnswer::replace(&payload);
        assert!(matches!(refused, Err(MessageError::InvalidArgument { .. })), "{refused:?}");
    }
}

/// A server, and an application that takes what is posted; it is another sandbox, which tells what it received.
struct World {
    server: Sandbox,
    application: Sandbox,
    admin: MessageClient,
    robot: RobotClient,
}

impl World {
    fn new() -> Self {
        let (server, application) = (Sandbox::start().unwrap(), Sandbox::start().unwrap());
        server.set_robot("FireRobot".into(), Some("secret".into())).unwrap();
        server.set_channel("news".into(), "ann".into(), Some("secret".into())).unwrap();
        let url = server.base_url().unwrap();
        let admin = MessageClient::new(url.clone(), "123456".into(), None).unwrap();
        let robot = RobotClient::new(url, "FireRobot".into(), "secret".into(), None).unwrap();
        Self { server, application, admin, robot }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.application.base_url().unwrap())
    }

    fn say(&self, sender: &str, conversation: Conversation, text: &str) -> i64 {
        let request = SendRequest::new(sender, conversation, MessagePayload::text(text));
        self.admin.send_message(request).unwrap().message_uid
    }

    /// The callbacks, once there are so many.
    fn posted(&self, count: usize) -> Vec<PostedCallback> {
        let begun = Instant::now();
        loop {
            let posted = self.server.callbacks().unwrap();
            if posted.len() >= count || begun.elapsed() > Duration::from_secs(20) {
                assert_eq!(posted.len(), count, "{posted:?}");
                return posted;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_robot_hears_what_is_sent_to_it_and_what_its_groups_hear_its_own_words_too() {
    let world = World::new();
    world.robot.set_callback(world.url("secret-path")).unwrap();
    let mut heard = vec![
        world.say("ann", Conversation::single("FireRobot"), "to the robot"),
        world.say("ann", Conversation::group("g1"), "to the group"),
    ];
    let own = RobotSendTextRequest::new(Conversation::group("g1"), "of the robot");
    heard.push(world.robot.send_text(own).unwrap().message_uid);
    // What it does not hear.
    world.say("ann", Conversation::single("bob"), "to bob");
    world.say("ann", Conversation::group("others1"), "to strangers");
    world.robot.send_text(RobotSendTextRequest::new(Conversation::single("ann"), "to ann")).unwrap();

    let mut posted: Vec<i64> = world
        .posted(3)
        .iter()
        .map(|posted| {
            assert_eq!(posted.url, world.url("secret-path"));
            parse_message_callback(&posted.body).unwrap().message_uid
        })
        .collect();
    posted.sort_unstable();
    assert_eq!(posted, heard);
    let received = world.application.requests().unwrap();
    assert_eq!(received.len(), 3);
    for request in received {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/secret-path"));
        let types: Vec<_> = request.headers.iter().filter(|header| header.name == "Content-Type").collect();
        assert_eq!(types[0].value, "application/json; charset=utf-8");
        assert!(!request.signature_valid);
    }
}

#[test]
fn a_channel_hears_what_others_send_to_it_and_who_subscribes() {
    let world = World::new();
    world.server.set_channel_callback("news".into(), world.url("app")).unwrap();
    world.say("bob", Conversation::channel("news"), "a question");
    world.server.subscribe("bob".into(), "news".into()).unwrap();
    world.posted(2);
    world.server.unsubscribe("bob".into(), "news".into()).unwrap();
    let channel = ChannelClient::new(world.server.base_url().unwrap(), "news".into(), "secret".into(), None).unwrap();
    channel.send_text(ChannelSendTextRequest::new("an answer")).unwrap();
    let posted = world.posted(3);
    let at = |path: &str| posted.iter().filter(|post| post.url == world.url(path)).collect::<Vec<_>>();
    let [question] = at("app/message")[..] else { panic!("{posted:?}") };
    assert_eq!(parse_message_callback(&question.body).unwrap().sender, "bob");
    let changes: Vec<bool> =
        at("app/subscribe").iter().map(|post| parse_subscription_callback(&post.body).unwrap().is_subscribed).collect();
    assert_eq!(changes, [true, false]);
    assert!(world.server.subscribe("bob".into(), "nowhere".into()).is_err());
    assert!(world.server.set_channel_callback("nowhere".into(), String::new()).is_err());
}

#[test]
fn messages_mentions_and_recalls_are_forwarded_where_that_is_set() {
    let world = World::new();
    for (what, path) in [
        (ForwardedCallback::Messages, "all"),
        (ForwardedCallback::Mentions, "mentions"),
        (ForwardedCallback::Recalls, "recalls"),
    ] {
        world.server.forward_to(what, world.url(path)).unwrap();
    }
    let group = Conversation::group("g1");
    world.say("ann", group.clone(), "to nobody in particular");
    let text = SendTextRequest {
        mention: vec![wildfirechat_message::Mention::user("bob", "Bob")],
        ..SendTextRequest::new("ann", group, "hi")
    };
    let uid = world.admin.send_text(text).unwrap().message_uid;
    for _ in 0..2 {
        world.admin.recall_message(RecallRequest { operator: "boss".into(), message_uid: uid }).unwrap();
    }
    let posted = world.posted(4);
    let at = |path: &str| posted.iter().filter(|post| post.url == world.url(path)).collect::<Vec<_>>();
    assert_eq!(at("all").len(), 2);
    let [mention] = at("mentions")[..] else { panic!("{posted:?}") };
    assert_eq!(parse_message_callback(&mention.body).unwrap().payload.mentioned_targets, ["bob"]);
    let [recall] = at("recalls")[..] else { panic!("{posted:?}") };
    let recall = parse_recall_callback(&recall.body).unwrap();
    assert_eq!((recall.user_id.as_str(), recall.is_admin, recall.message.message_uid), ("boss", true, uid));
    assert_eq!(recall.message.payload.searchable_content, "@Bob hi");
    world.server.forward_to(ForwardedCallback::Messages, String::new()).unwrap();
    world.say("ann", Conversation::single("bob"), "in silence");
    thread::sleep(Duration::from_millis(100));
    assert_eq!(world.server.callbacks().unwrap().len(), 4);
}

/// What the server does with what its senders say, while the application answers the censor's questions.
fn with_a_censor() -> World {
    let world = World::new();
    world.server.set_censor(world.url("censor")).unwrap();
    world
}

fn answering(world: &World, status: i32, body: &[u8]) {
    let body = body.to_vec().into();
    world.application.answer_next(ScriptedAnswer { status, body, ..ScriptedAnswer::default() }).unwrap();
}

fn robots_text(world: &World, text: &str) -> Result<i64, MessageError> {
    let request = RobotSendTextRequest::new(Conversation::group("g1"), text);
    world.robot.send_text(request).map(|sent| sent.message_uid)
}

fn text_of(world: &World, uid: i64) -> String {
    world.admin.get_message(uid).unwrap().payload.searchable_content
}

#[test]
fn the_censor_sends_replaces_and_refuses() {
    let world = with_a_censor();
    let given = |answer: CensorAnswer| answering(&world, answer.status, &answer.body);

    given(CensorAnswer::send());
    let sent = robots_text(&world, "as it is").unwrap();
    given(CensorAnswer::replace(&MessagePayload::text("***")).unwrap());
    let replaced = robots_text(&world, "a bad word").unwrap();
    given(CensorAnswer::refuse());
    let refused = robots_text(&world, "a worse word");
    assert!(matches!(refused, Err(MessageError::Rejected { code: 242, .. })), "{refused:?}");

    assert_eq!((text_of(&world, sent), text_of(&world, replaced)), ("as it is".into(), "***".into()));
    assert_eq!(world.server.message_uids().unwrap(), [sent, replaced]);
    assert!(world.server.messages_with_text("a bad word".into()).unwrap().is_empty());
    // It was asked about each message as it was written, under the uid that it has got.
    let asked: Vec<_> = world
        .posted(3)
        .iter()
        .map(|asked| {
            assert_eq!(asked.url, world.url("censor"));
            let message = parse_message_callback(&asked.body).unwrap();
            (message.message_uid, message.sender, message.payload.searchable_content, asked.status)
        })
        .collect();
    assert_eq!(asked[0], (sent, "FireRobot".into(), "as it is".into(), 200));
    assert_eq!(asked[1], (replaced, "FireRobot".into(), "a bad word".into(), 200));
    assert_eq!((asked[2].2.as_str(), asked[2].3), ("a worse word", 403));
    let received = world.application.requests().unwrap();
    assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("POST", "/censor"));
}

#[test]
fn every_answer_that_is_neither_a_payload_nor_a_refusal_lets_the_message_go_out() {
    let world = with_a_censor();
    let payload = br#"{"type":1,"searchableContent":"***"}"#;
    for (status, body) in [
        (200, &b"OK"[..]),
        (200, br#"{"code":0}"#),
        (200, br#"{"type":0,"searchableContent":"***"}"#),
        (201, payload),
        (404, b""),
        (500, payload),
    ] {
        answering(&world, status, body);
        let uid = robots_text(&world, "untouched").unwrap();
        assert_eq!(text_of(&world, uid), "untouched", "{status} {body:?}");
    }
    // Nobody there.
    world.application.stop().unwrap();
    let uid = robots_text(&world, "to nobody").unwrap();
    assert_eq!((text_of(&world, uid).as_str(), world.posted(7)[6].status), ("to nobody", 0));
}

#[test]
fn an_answer_is_read_to_its_end_however_a_web_framework_frames_it() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    world.server.set_censor(format!("http://{}/censor", listener.local_addr().unwrap())).unwrap();
    let (first, rest) = (r#"{"type":1,"persistFlag":3,"searchable"#, r#"Content":"***"}"#);
    for answer in [
        format!("HTTP/1.1 200 OK\r\nContent-Length: 52\r\n\r\n{first}{rest}"),
        format!(
            "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n25\r\n{first}\r\nf;x=y\r\n{rest}\r\n0\r\nT: 1\r\n\r\n"
        ),
        format!("HTTP/1.0 200 OK\r\n\r\n{first}{rest}"),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nCONTENT-LENGTH: 52\r\n\r\n{first}{rest}"),
    ] {
        let uid = thread::scope(|scope| {
            scope.spawn(|| {
                let mut connection = listener.accept().unwrap().0;
                let mut request = [0; 4096];
                assert!(connection.read(&mut request).unwrap() > 0);
                let (begin, end) = answer.split_at(answer.len() - 9);
                connection.write_all(begin.as_bytes()).unwrap();
                thread::sleep(Duration::from_millis(20));
                connection.write_all(end.as_bytes()).unwrap();
            });
            robots_text(&world, "a bad word").unwrap()
        });
        assert_eq!(text_of(&world, uid), "***", "{answer}");
    }
}

#[test]
fn who_is_asked_about_is_whose_rights_are_checked() {
    let world = with_a_censor();
    let channel = ChannelClient::new(world.server.base_url().unwrap(), "news".into(), "secret".into(), None).unwrap();
    let user = |sender: &str| SendRequest {
        is_user_message: true,
        ..SendRequest::new(sender, Conversation::single("bob"), MessagePayload::text("by a user"))
    };
    // Not asked: the admin's own messages, and those that are refused before.
    world.say("ann", Conversation::single("bob"), "by the admin");
    assert!(world.admin.send_message(user("muted1")).is_err());
    assert!(robots_text(&world, "a sensitive-word").is_err());
    assert!(world.server.callbacks().unwrap().is_empty());

    for sender in ["a user", "a robot", "a robot that replies", "a channel"] {
        answering(&world, 403, b"");
        let refused = match sender {
            "a user" => world.admin.send_message(user("ann")).map(|_| ()),
            "a robot" => robots_text(&world, "text").map(|_| ()),
            "a channel" => channel.send_text(ChannelSendTextRequest::new("text")).map(|_| ()),
            _ => {
                let message_uid = world.say("ann", Conversation::single("FireRobot"), "a question");
                let payload = MessagePayload::text("an answer");
                world.robot.reply_message(ReplyRequest { message_uid, payload, only_to_sender: false }).map(|_| ())
            }
        };
        assert!(matches!(refused, Err(MessageError::Rejected { code: 242, .. })), "{sender}: {refused:?}");
    }
    world.server.set_censor(String::new()).unwrap();
    robots_text(&world, "nobody is asked").unwrap();
    world.posted(4);
}

#[test]
fn a_question_to_the_censor_is_lost_comes_twice_or_comes_too_late() {
    let world = with_a_censor();
    let refuse = || answering(&world, 403, b"");

    world.server.fail_callbacks(CallbackFault::Lose, 1, None).unwrap();
    robots_text(&world, "never asked").unwrap();
    assert!(world.server.callbacks().unwrap().is_empty());

    // The first answer counts.
    world.server.fail_callbacks(CallbackFault::Repeat, 1, None).unwrap();
    refuse();
    answering(&world, 200, b"");
    robots_text(&world, "asked twice").unwrap_err();
    assert_eq!(world.posted(2).iter().map(|asked| asked.status).collect::<Vec<_>>(), [403, 200]);

    world.server.fail_callbacks(CallbackFault::Delay, 1, Some(Duration::from_millis(20))).unwrap();
    refuse();
    robots_text(&world, "asked late").unwrap_err();

    world.server.fail_callbacks(CallbackFault::Delay, 1, Some(Duration::from_secs(60))).unwrap();
    let begun = Instant::now();
    robots_text(&world, "asked too late").unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(3));
    assert_eq!(world.posted(4)[3].status, 0);
}

#[test]
fn a_slow_censor_holds_up_its_message_and_no_other() {
    let world = with_a_censor();
    let slow = FaultRule { delay: Some(Duration::from_secs(60)), ..Fault::DelayBeforeReading.into() };
    world.application.fail(slow).unwrap();
    thread::scope(|scope| {
        let held = scope.spawn(|| robots_text(&world, "held up").unwrap());
        while world.application.requests().unwrap().is_empty() && !held.is_finished() {
            thread::sleep(Duration::from_millis(5));
            // Whoever comes meanwhile is served; what it sends is newer.
            world.say("ann", Conversation::single("bob"), "meanwhile");
        }
        let held = held.join().unwrap();
        let meanwhile = world.server.messages_with_text("meanwhile".into()).unwrap();
        assert!(!meanwhile.is_empty() && meanwhile.iter().any(|uid| *uid > held));
        assert_eq!(text_of(&world, held), "held up");
    });
    assert_eq!(world.posted(1)[0].status, 0);
}

#[test]
fn a_message_with_a_sensitive_word_is_forwarded_and_not_sent() {
    let world = World::new();
    world.server.forward_to(ForwardedCallback::Sensitive, world.url("sensitive")).unwrap();
    world.server.forward_to(ForwardedCallback::Messages, world.url("all")).unwrap();
    let refused = robots_text(&world, "a sensitive-word");
    assert!(matches!(refused, Err(MessageError::Rejected { code: 242, .. })), "{refused:?}");
    let [forwarded] = &world.posted(1)[..] else { panic!("one is forwarded") };
    assert_eq!(forwarded.url, world.url("sensitive"));
    assert_eq!(parse_message_callback(&forwarded.body).unwrap().payload.searchable_content, "a sensitive-word");
    assert!(world.server.message_uids().unwrap().is_empty());
}

#[test]
fn callbacks_get_lost_come_twice_and_come_late_and_nobody_answers() {
    let world = World::new();
    world.server.forward_to(ForwardedCallback::Messages, world.url("app")).unwrap();
    let bob = Conversation::single("bob");
    let uid_of = |posted: &PostedCallback| parse_message_callback(&posted.body).unwrap().message_uid;

    world.server.fail_callbacks(CallbackFault::Lose, 1, None).unwrap();
    world.say("ann", bob.clone(), "lost");
    let heard = world.say("ann", bob.clone(), "heard");
    assert_eq!(world.posted(1).iter().map(uid_of).collect::<Vec<_>>(), [heard]);

    world.server.fail_callbacks(CallbackFault::Repeat, 1, None).unwrap();
    let twice = world.say("ann", bob.clone(), "twice");
    assert_eq!(world.posted(3).iter().map(uid_of).collect::<Vec<_>>(), [heard, twice, twice]);

    world.server.fail_callbacks(CallbackFault::Delay, 1, Some(Duration::from_millis(300))).unwrap();
    let late = world.say("ann", bob.clone(), "late");
    let next = world.say("ann", bob.clone(), "next");
    assert_eq!(world.posted(5).iter().map(uid_of).collect::<Vec<_>>()[3..], [next, late]);

    // An application that is not there loses what is posted, and costs the server nothing.
    world.application.stop().unwrap();
    world.say("ann", bob.clone(), "to nobody");
    assert_eq!(world.posted(6)[5].status, 0);
    for times in [0, -1, 10_001] {
        assert!(world.server.fail_callbacks(CallbackFault::Lose, times, None).is_err());
    }
    world.server.fail_callbacks(CallbackFault::Lose, 5, None).unwrap();
    world.server.stop_failing().unwrap();
    world.say("ann", bob, "again");
    world.posted(7);
}

#[test]
fn a_robot_answers_each_mention_once() {
    let world = World::new();
    world.robot.set_callback(world.url("app")).unwrap();
    world.server.fail_callbacks(CallbackFault::Repeat, 1, None).unwrap();
    let question = SendTextRequest {
        mention: vec![wildfirechat_message::Mention::user("FireRobot", "FireRobot")],
        ..SendTextRequest::new("ann", Conversation::group("g1"), "are you there?")
    };
    world.admin.send_text(question).unwrap();
    let mut seen = Vec::new();
    for posted in world.posted(2) {
        let message = parse_message_callback(&posted.body).unwrap();
        if message.sender == "FireRobot" || seen.contains(&message.message_uid) {
            continue;
        }
        seen.push(message.message_uid);
        let payload = TextContent::new("I am").to_payload(None).unwrap();
        let reply = ReplyRequest { message_uid: message.message_uid, payload, only_to_sender: false };
        world.robot.reply_message(reply).unwrap();
    }
    assert_eq!(world.server.messages_with_text("I am".into()).unwrap().len(), 1);
    // It hears its own answer, and leaves it alone.
    assert_eq!(parse_message_callback(&world.posted(3)[2].body).unwrap().sender, "FireRobot");
}
