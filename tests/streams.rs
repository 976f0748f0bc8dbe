//! Texts that grow: what receivers see of them, step by step, whatever becomes of the steps.

#![cfg(feature = "sandbox")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wildfirechat_message::{
    ClientOptions, ContentExtras, Conversation, MessageClient, MessageError, RobotClient, RobotStreamTextRequest,
    StreamTextRequest, TextStream,
    sandbox::{Fault, FaultRule, Sandbox, StreamedText},
};

const GENERATING: i32 = 14;
const GENERATED: i32 = 15;
const CANCELLED: i32 = 20;

const PIECES: [&str; 6] = ["The capital ", "of ", "France", " is Paris.", " 巴黎", " 🗼"];
const QUICK: Duration = Duration::from_millis(20);
/// No second step comes while a test runs.
const NEVER: Duration = Duration::from_secs(3600);

struct World {
    sandbox: Sandbox,
    client: MessageClient,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_robot("FireRobot".into(), Some("of the robot".into())).unwrap();
        let options = ClientOptions {
            retry_pause: Some(Duration::from_millis(1)),
            total_timeout: Some(Duration::from_secs(3)),
            ..ClientOptions::default()
        };
        let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap();
        Self { sandbox, client }
    }

    fn robot(&self) -> RobotClient {
        RobotClient::new(self.sandbox.base_url().unwrap(), "FireRobot".into(), "of the robot".into(), None).unwrap()
    }

    fn begin(&self, interval: Duration) -> TextStream {
        let request = StreamTextRequest::new("admin", Conversation::single("u1"));
        self.client.stream_text(StreamTextRequest { interval: Some(interval), ..request }).unwrap()
    }

    fn shown(&self) -> Vec<(i32, String)> {
        let seen = |step: StreamedText| (step.content_type, step.text);
        self.sandbox.streamed_texts().unwrap().into_iter().map(seen).collect()
    }

    /// Waits until receivers have seen so many steps.
    fn wait_for(&self, steps: usize) {
        let begun = Instant::now();
        while self.shown().len() < steps {
            assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", self.shown());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn fail(&self, fault: Fault, times: i32) {
        let rule = FaultRule { times, endpoint: Some("message/send".into()), ..fault.into() };
        self.sandbox.fail(rule).unwrap();
    }
}

fn step(kind: i32, text: &str) -> (i32, String) {
    (kind, text.to_owned())
}

/// What an error says of what receivers see: how many characters there were, and are seen, and whether the text is marked,
/// and may be whole.
fn seen(error: &MessageError) -> (i64, i64, bool, bool) {
    match error {
        MessageError::StreamFailed { characters, shown, is_marked, may_be_finished, .. } => {
            (*characters, *shown, *is_marked, *may_be_finished)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn receivers_see_the_text_grow_and_at_the_end_the_whole() {
    let world = World::new();
    let stream = world.begin(QUICK);
    for piece in PIECES {
        stream.append(piece.into()).unwrap();
        thread::sleep(QUICK);
    }
    let sent = stream.finish().unwrap();
    assert_eq!(stream.finish().unwrap(), sent);
    assert_eq!(stream.cancel(), Ok(()));

    let whole = PIECES.concat();
    let steps = world.sandbox.streamed_texts().unwrap();
    let (last, growing) = steps.split_last().unwrap();
    assert_eq!(
        (last.content_type, last.text.as_str(), last.message_uid),
        (GENERATED, whole.as_str(), sent.message_uid)
    );
    assert_eq!((growing[0].content_type, growing[0].text.as_str()), (GENERATING, PIECES[0]));
    assert!(growing.len() > 1, "{steps:?}");
    for (step, next) in steps.iter().zip(&steps[1..]) {
        assert_eq!(step.content_type, GENERATING);
        assert!(next.text.starts_with(&step.text), "{steps:?}");
        assert_eq!((&step.stream_id, step.sender.as_str()), (&next.stream_id, "admin"));
    }
    assert_eq!(steps[0].stream_id, stream.stream_id().unwrap());
    // The end is there, and the steps are not.
    assert!(world.client.find_message(sent.message_uid).unwrap().is_some());
}

#[test]
fn so_many_requests_in_so_much_time() {
    let (world, begun) = (World::new(), Instant::now());
    let interval = Duration::from_millis(100);
    let stream = world.begin(interval);
    for _ in 0..200 {
        stream.append("x".into()).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    stream.finish().unwrap();
    let most = begun.elapsed().as_millis() / interval.as_millis() + 2;
    let many = world.sandbox.requests().unwrap().len() as u128;
    assert!((2..=most).contains(&many), "{many} of {most}");
}

#[test]
fn a_robot_streams_to_whom_it_wants_and_the_end_has_the_extras() {
    let world = World::new();
    let request = RobotStreamTextRequest {
        to_users: vec!["ann".into()],
        interval: Some(NEVER),
        stream_id: Some("s1".into()),
        extras: Some(ContentExtras::mention(["ann"])),
        ..RobotStreamTextRequest::new(Conversation::group("g1"))
    };
    world.robot().stream_text(request).unwrap().finish_with(PIECES).unwrap();
    let steps = world.sandbox.streamed_texts().unwrap();
    assert_eq!(steps.iter().map(|step| step.sender.as_str()).collect::<Vec<_>>(), ["FireRobot", "FireRobot"]);
    let bodies: Vec<_> = world
        .sandbox
        .requests()
        .unwrap()
        .iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    let frame = r#"{"conv":{"type":1,"target":"g1","line":0},"payload":{"#;
    assert_eq!(
        bodies[0],
        format!(
            r#"{frame}"type":14,"searchableContent":"The capital ","content":"s1","persistFlag":4}},"toUsers":["ann"]}}"#
        )
    );
    let whole = PIECES.concat();
    assert_eq!(
        bodies[1],
        format!(
            r#"{frame}"type":15,"searchableContent":"{whole}","content":"s1","persistFlag":3,"mentionedType":1,"mentionedTarget":["ann"]}},"toUsers":["ann"]}}"#
        )
    );
}

#[test]
fn a_text_that_is_dropped_cancelled_or_whose_source_panics_is_marked() {
    let endings: [fn(TextStream); 3] = [
        drop,
        |stream| stream.cancel().unwrap(),
        |stream| {
            let pieces = (0..3).map(|at| if at < 2 { "-" } else { panic!("the source broke") });
            assert!(catch_unwind(AssertUnwindSafe(|| stream.finish_with(pieces))).is_err());
        },
    ];
    for end in endings {
        let world = World::new();
        let stream = world.begin(NEVER);
        stream.append("The capital".into()).unwrap();
        world.wait_for(1);
        stream.append(" of".into()).unwrap();
        end(stream);
        // It is there as soon as the owner goes on.
        let shown = world.shown();
        assert_eq!((shown.len(), shown[1].0), (2, CANCELLED), "{shown:?}");
        assert!(shown[1].1.starts_with("The capital of"));
    }
}

#[test]
fn an_ended_text_takes_no_more() {
    let world = World::new();
    let stream = world.begin(NEVER);
    stream.append("a".into()).unwrap();
    stream.finish().unwrap();
    let refused = stream.append("b".into()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "invalid argument piece: the text is finished or cancelled: it takes no more pieces"
    );
    drop(stream);
    thread::sleep(Duration::from_millis(50));
    assert_eq!(world.shown(), [step(GENERATING, "a"), step(GENERATED, "a")]);

    let cancelled = world.begin(NEVER);
    cancelled.append("c".into()).unwrap();
    world.wait_for(3);
    cancelled.cancel().unwrap();
    let error = cancelled.finish().unwrap_err();
    assert_eq!(seen(&error), (1, 1, true, false));
    assert_eq!(
        error.to_string(),
        "message/send: the text was cancelled; receivers see 1 of 1 characters, marked as cancelled"
    );
    assert!(!error.may_have_executed());
    assert_eq!(world.shown().len(), 4);
}

#[test]
fn what_can_never_work_is_refused_by_name_before_anything_is_sent() {
    let world = World::new();
    let fine = StreamTextRequest::new("admin", Conversation::single("u1"));
    for (request, argument) in [
        (StreamTextRequest { sender: String::new(), ..fine.clone() }, "sender"),
        (StreamTextRequest { conversation: Conversation::single(""), ..fine.clone() }, "conversation.target"),
        (StreamTextRequest { to_users: vec!["u1".into(), String::new()], ..fine.clone() }, "to_users[1]"),
        (StreamTextRequest { stream_id: Some(String::new()), ..fine.clone() }, "stream_id"),
        (
            StreamTextRequest {
                extras: Some(ContentExtras { extra: "x".repeat(60_000), ..ContentExtras::default() }),
                ..fine.clone()
            },
            "payload",
        ),
    ] {
        match world.client.stream_text(request) {
            Err(MessageError::InvalidArgument { argument: named, .. }) => assert_eq!(named, argument),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{argument} passes"),
        }
    }
    let stream = world.client.stream_text(fine).unwrap();
    assert_eq!(
        stream.finish().unwrap_err().to_string(),
        "invalid argument text: it is empty: no piece of it was appended"
    );
    drop(stream);
    assert!(world.sandbox.requests().unwrap().is_empty());
}

#[test]
fn a_piece_for_which_there_is_no_room_is_refused_and_the_rest_can_be_finished() {
    let world = World::new();
    let request = StreamTextRequest::new("admin", Conversation::single("u1"));
    let request = StreamTextRequest { interval: Some(NEVER), stream_id: Some("s1".into()), ..request };
    let stream = world.client.stream_text(request).unwrap();
    let room = 50 * 1024 - "s1".len();
    stream.append("x".repeat(room)).unwrap();
    let error = stream.append("y".into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid argument piece: with it the message would have 51201 bytes, but receivers accept at most 51200: \
         finish the text before it, and begin another one"
    );
    stream.finish().unwrap();
    assert_eq!(world.shown().last(), Some(&step(GENERATED, &"x".repeat(room))));
}

#[test]
fn a_text_that_the_server_refuses_at_once_is_seen_by_nobody() {
    let world = World::new();
    let request = RobotStreamTextRequest::new(Conversation::group("muted1"));
    let stream = world.robot().stream_text(request).unwrap();
    stream.append("hi".into()).unwrap();
    let error = stream.finish().unwrap_err();
    assert_eq!(seen(&error), (2, 0, false, false));
    let MessageError::StreamFailed { endpoint, code, .. } = &error else { panic!("{error:?}") };
    assert_eq!((endpoint.as_str(), *code), ("robot/message/send", 241));
    assert!(error.to_string().ends_with("; receivers see nothing of the text"), "{error}");
    // And nobody is told that a text was cancelled which he has not seen.
    assert_eq!(world.sandbox.requests().unwrap().len(), 1);
    assert_eq!(stream.append("more".into()).unwrap_err(), error);
}

#[test]
fn a_text_that_the_server_refuses_in_its_midst_is_marked_as_far_as_it_was_seen() {
    let world = World::new();
    let request =
        RobotStreamTextRequest { interval: Some(QUICK), ..RobotStreamTextRequest::new(Conversation::group("g1")) };
    let stream = world.robot().stream_text(request).unwrap();
    stream.append("fine".into()).unwrap();
    world.wait_for(1);
    stream.append(" sensitive-word".into()).unwrap();
    let error = stream.finish().unwrap_err();
    assert_eq!(seen(&error), (19, 4, true, false));
    assert!(error.to_string().ends_with("; receivers see 4 of 19 characters, marked as cancelled"), "{error}");
    assert_eq!(world.shown(), [step(GENERATING, "fine"), step(CANCELLED, "fine")]);
}

#[test]
fn a_step_that_does_not_arrive_does_no_harm() {
    for fault in [Fault::OverFrequency, Fault::ResetAfterReading, Fault::ResetAfterExecuting] {
        let world = World::new();
        let stream = world.begin(QUICK);
        world.fail(fault, 1);
        stream.append("The capital".into()).unwrap();
        thread::sleep(2 * QUICK);
        stream.append(" of France".into()).unwrap();
        // After trouble the next step waits a second.
        let steps = if fault == Fault::ResetAfterExecuting { 2 } else { 1 };
        world.wait_for(steps);
        stream.finish().unwrap();
        let shown = world.shown();
        assert_eq!(shown[shown.len() - 2], step(GENERATING, "The capital of France"), "{fault:?}");
        assert_eq!(shown[shown.len() - 1], step(GENERATED, "The capital of France"), "{fault:?}");
    }
}

#[test]
fn while_the_server_is_away_nothing_floods_it_and_later_the_text_is_whole() {
    let world = World::new();
    let stream = world.begin(QUICK);
    stream.append("before ".into()).unwrap();
    world.wait_for(1);
    world.sandbox.refuse_connections(Duration::from_millis(700)).unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(800) {
        stream.append(".".into()).unwrap();
        thread::sleep(QUICK);
    }
    stream.append(" after".into()).unwrap();
    stream.finish().unwrap();
    let stats = world.client.stats().unwrap();
    // One step before, one or two in vain, perhaps one after, and the end, which may have been tried more than once.
    assert!(stats.attempts <= 8, "{stats:?}");
    let shown = world.shown();
    let (kind, text) = shown.last().unwrap();
    assert!(*kind == GENERATED && text.starts_with("before ..") && text.ends_with(" after"), "{shown:?}");
}

#[test]
fn an_end_of_unknown_fate_is_not_repeated_and_not_cancelled() {
    for (fault, is_executed) in [(Fault::ResetAfterExecuting, true), (Fault::ResetAfterReading, false)] {
        let world = World::new();
        let stream = world.begin(NEVER);
        stream.append("The capital".into()).unwrap();
        world.wait_for(1);
        stream.append(" of France".into()).unwrap();
        world.fail(fault, 1);
        let error = stream.finish().unwrap_err();
        assert_eq!(seen(&error), (21, 11, false, true));
        assert!(error.may_have_executed());
        assert!(
            error
                .to_string()
                .ends_with("; receivers see the whole text, or 11 of 21 characters, which look unfinished"),
            "{error}"
        );
        drop(stream);
        assert_eq!(world.shown().len(), 1 + usize::from(is_executed));
        assert_eq!(world.sandbox.requests().unwrap().len(), 2);
    }
}

#[test]
fn an_end_that_the_server_does_not_take_is_marked_or_the_error_says_that_it_is_not() {
    let world = World::new();
    let stream = world.begin(NEVER);
    stream.append("The capital".into()).unwrap();
    world.wait_for(1);
    stream.append(" of France".into()).unwrap();
    // As often as an end is tried; its cancellation goes through.
    world.fail(Fault::OverFrequency, 3);
    let error = stream.finish().unwrap_err();
    assert_eq!(seen(&error), (21, 11, true, false));
    assert_eq!(world.shown().last(), Some(&step(CANCELLED, "The capital")));

    let world = World::new();
    let stream = world.begin(NEVER);
    stream.append("The capital".into()).unwrap();
    world.wait_for(1);
    world.fail(Fault::OverFrequency, 6);
    let error = stream.finish().unwrap_err();
    assert_eq!(seen(&error), (11, 11, false, false));
    assert!(error.to_string().ends_with("; receivers may see 11 of 11 characters, which look unfinished"), "{error}");
}

#[test]
fn whoever_cancels_waits_two_seconds_at_most() {
    let world = World::new();
    let stream = world.begin(NEVER);
    stream.append("a".into()).unwrap();
    world.wait_for(1);
    world.fail(Fault::NeverAnswer, 1);
    let begun = Instant::now();
    let error = stream.cancel().unwrap_err();
    assert!(begun.elapsed() >= Duration::from_millis(1900), "{:?}", begun.elapsed());
    assert_eq!(seen(&error), (1, 1, false, false));
}

#[test]
fn many_texts_grow_on_one_thread() {
    let world = World::new();
    let streams: Vec<_> = (0..200).map(|_| world.begin(QUICK)).collect();
    for piece in PIECES {
        streams.iter().for_each(|stream| stream.append(piece.into()).unwrap());
        thread::sleep(QUICK);
    }
    for stream in &streams {
        stream.finish().unwrap();
    }
    let whole = PIECES.concat();
    let finished = world.shown().into_iter().filter(|(kind, text)| *kind == GENERATED && *text == whole).count();
    assert_eq!(finished, streams.len());
}

/// The client is only asked for at the beginning.
#[test]
fn a_text_outlives_its_client() {
    let World { sandbox, client } = World::new();
    let stream = client.stream_text(StreamTextRequest::new("admin", Conversation::single("u1"))).unwrap();
    stream.append("a".into()).unwrap();
    drop(client);
    stream.append("b".into()).unwrap();
    stream.finish().unwrap();
    assert_eq!(sandbox.streamed_texts().unwrap().last().map(|step| step.text.clone()), Some("ab".into()));
}

/// A thread that is done with its texts ends, and the next text has a new one.
#[test]
fn a_text_after_a_pause_is_sent_too() {
    let world = World::new();
    for _ in 0..2 {
        world.begin(NEVER).finish_with(["a"]).unwrap();
        thread::sleep(Duration::from_millis(1300));
    }
    assert_eq!(world.shown().len(), 4);
}

/// The vectors that every language plays.
#[test]
fn the_vectors_are_sent_to_the_byte() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("streams/vectors.json")).unwrap();
    assert!(vectors.len() >= 8);
    for vector in &vectors {
        let world = World::new();
        let name = vector["name"].as_str().unwrap();
        let arguments = &vector["arguments"];
        let text = |key: &str| arguments[key].as_str().map(str::to_owned);
        let conversation = &arguments["conversation"];
        let request = StreamTextRequest {
            sender: text("sender").unwrap_or_default(),
            conversation: Conversation {
                kind: conversation["kind"].as_i64().unwrap() as i32,
                target: conversation["target"].as_str().unwrap().into(),
                line: conversation["line"].as_i64().unwrap_or(0) as i32,
            },
            to_users: texts(&arguments["to_users"]),
            interval: Some(NEVER),
            stream_id: text("stream_id"),
            extras: arguments.get("extras").map(|extras| ContentExtras {
                mentioned_type: extras["mentioned_type"].as_i64().unwrap() as i32,
                mentioned_targets: texts(&extras["mentioned_targets"]),
                push_content: extras["push_content"].as_str().unwrap().into(),
                ..ContentExtras::default()
            }),
        };
        let begun = match vector["robot"].as_bool().unwrap() {
            false => world.client.stream_text(request),
            true => {
                let StreamTextRequest { conversation, to_users, interval, stream_id, extras, .. } = request;
                let request = RobotStreamTextRequest { conversation, to_users, interval, stream_id, extras };
                world.robot().stream_text(request)
            }
        };
        let outcome = begun.and_then(|stream| stream.finish_with(texts(&vector["pieces"])));
        match (vector.get("error"), outcome) {
            (None, Ok(sent)) => assert!(world.client.find_message(sent.message_uid).unwrap().is_some(), "{name}"),
            (Some(expected), Err(error)) => {
                assert_eq!(expected["text"], error.to_string(), "{name}");
                assert!(format!("{error:?}").starts_with(expected["variant"].as_str().unwrap()), "{name}: {error:?}");
                assert_eq!(expected["may_have_executed"], error.may_have_executed(), "{name}");
            }
            (_, outcome) => panic!("{name}: {outcome:?}"),
        }
        let bodies = world.sandbox.requests().unwrap().into_iter();
        let bodies = bodies.filter(|request| !request.path.ends_with("get_one"));
        let bodies: Vec<String> = bodies.map(|request| String::from_utf8(request.body.to_vec()).unwrap()).collect();
        assert_eq!(bodies, texts(&vector["bodies"]), "{name}");
        let shown: Vec<Value> = world.shown().into_iter().map(|(kind, text)| json!([kind, text])).collect();
        assert_eq!(Value::from(shown), vector["shown"], "{name}");
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().map_or_else(Vec::new, |list| list.iter().map(|text| text.as_str().unwrap().to_owned()).collect())
}

/// What receivers see of a language model's answer, piece by piece.
#[test]
fn the_answer_of_a_language_model_grows_on_the_phone() {
    let world = World::new();
    let pieces: Vec<Value> = serde_json::from_str(include_str!("streams/answer/pieces.json")).unwrap();
    let pieces: Vec<(u64, &str)> =
        pieces.iter().map(|piece| (piece["after_ms"].as_u64().unwrap(), piece["piece"].as_str().unwrap())).collect();
    let stream = world.begin(QUICK);
    for (pause, piece) in &pieces {
        thread::sleep(Duration::from_millis(*pause));
        stream.append((*piece).into()).unwrap();
    }
    stream.finish().unwrap();
    let shown = world.shown();
    for ((kind, text), (_, next)) in shown.iter().zip(&shown[1..]) {
        assert!(*kind == GENERATING && next.starts_with(text.as_str()), "{shown:?}");
    }
    let whole: String = pieces.into_iter().map(|(_, piece)| piece).collect();
    assert_eq!(shown.last(), Some(&(GENERATED, whole)));
    assert!(shown.len() > 3, "{shown:?}");
}
