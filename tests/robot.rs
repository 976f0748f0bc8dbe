//! The example for axum, against the callbacks of the sandbox.

#![cfg(feature = "sandbox")]

#[allow(dead_code, reason = "its `main` is for whoever starts it")]
#[path = "../examples/axum_robot.rs"]
mod axum_robot;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{
    Conversation, Mention, MessageClient, RobotClient, SendTextRequest,
    sandbox::{CallbackFault, Fault, FaultRule, Sandbox},
};

const ROBOT: &str = "FireRobot";
const PATH: &str = "/a-path-that-nobody-guesses";

/// A server, and the example, which listens until the tests end.
struct World {
    sandbox: Sandbox,
    admin: MessageClient,
    address: String,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_robot(ROBOT.into(), Some("secret".into())).unwrap();
        let admin = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let robot = RobotClient::new(sandbox.base_url().unwrap(), ROBOT.into(), "secret".into(), None).unwrap();
        let url = format!("http://{address}");
        thread::spawn(move || axum_robot::run(robot, ROBOT.into(), listener, &url, PATH).unwrap());
        let world = Self { sandbox, admin, address };
        world.until("the robot has set its callback", || !world.sandbox.requests().unwrap().is_empty());
        world
    }

    fn say(&self, sender: &str, conversation: Conversation, text: &str, mention: Vec<Mention>) -> i64 {
        let request = SendTextRequest { mention, ..SendTextRequest::new(sender, conversation, text) };
        self.admin.send_text(request).unwrap().message_uid
    }

    fn answers(&self, text: &str) -> Vec<i64> {
        self.sandbox.messages_with_text(text.into()).unwrap()
    }

    fn until(&self, what: &str, happened: impl Fn() -> bool) {
        let begun = Instant::now();
        while !happened() {
            assert!(begun.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The answer to a post of somebody who is no server.
    fn post(&self, path: &str, body: &str) -> String {
        let mut connection = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            connection,
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn the_robot_answers_each_mention_once_and_neither_itself_nor_others() {
    let world = World::new();
    world.sandbox.fail_callbacks(CallbackFault::Repeat, 1, None).unwrap();
    let question = world.say("ann", Conversation::group("g1"), "are you there?", vec![Mention::user(ROBOT, "Robot")]);
    world.until("an answer", || !world.answers("You said: @Robot are you there?").is_empty());
    world.say("ann", Conversation::group("g1"), "nobody is meant", Vec::new());
    world.say("bob", Conversation::single(ROBOT), "hello", Vec::new());
    world.until("an answer", || !world.answers("You said: hello").is_empty());
    // All is posted: the mention twice, its answer, what nobody is meant by, and what was said to the robot alone.
    world.until("all is posted", || world.sandbox.callbacks().unwrap().len() == 5);
    assert!(world.sandbox.callbacks().unwrap().iter().all(|posted| posted.status == 200));
    assert_eq!(world.sandbox.message_uids().unwrap().len(), 5);
    let [answer] = world.answers("You said: @Robot are you there?")[..] else { panic!("it is answered once") };
    let answer = world.admin.get_message(answer).unwrap();
    assert_eq!((answer.sender.as_str(), answer.conversation), (ROBOT, Conversation::group("g1")));
    assert!(String::from_utf8_lossy(&answer.payload.data).contains(&question.to_string()), "it quotes the question");
    let [hello] = world.answers("You said: hello")[..] else { panic!("it is answered once") };
    assert_eq!(world.admin.get_message(hello).unwrap().conversation, Conversation::single("bob"));
}

#[test]
fn what_is_no_message_is_refused_and_another_path_is_not_there() {
    let world = World::new();
    assert!(world.post("/", "{}").starts_with("HTTP/1.1 404 "));
    assert!(world.post("/guessed", "{}").starts_with("HTTP/1.1 404 "));
    let refused = world.post(PATH, "{}");
    assert!(refused.starts_with("HTTP/1.1 400 ") && refused.contains("it is no message"), "{refused}");
}

#[test]
fn the_server_does_not_wait_for_the_work() {
    let world = World::new();
    let silent = FaultRule { endpoint: Some("robot/message/send".into()), ..Fault::NeverAnswer.into() };
    world.sandbox.fail(silent).unwrap();
    let body = r#"{"messageId":7,"sender":"ann","conv":{"type":0,"target":"FireRobot"},"payload":{"type":1,"searchableContent":"hello"},"timestamp":1}"#;
    // The robot's own call waits for 15 seconds.
    let begun = Instant::now();
    assert!(world.post(PATH, body).starts_with("HTTP/1.1 200 "));
    assert!(begun.elapsed() < Duration::from_secs(12));
    world.until("the robot answers", || {
        world.sandbox.requests().unwrap().iter().any(|request| request.fault == Some(Fault::NeverAnswer))
    });
}
