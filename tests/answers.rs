//! Answers in the form of real servers, and answers that a program on the way has changed: the client reads what matters in all of them.

#![cfg(feature = "sandbox")]

use std::io::Write;

use flate2::{Compression, write::GzEncoder, write::ZlibEncoder};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use wildfirechat_message::{
    BroadcastRequest, ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, MulticastRequest,
    RecallRequest, SendRequest,
    sandbox::{Header, Sandbox, ScriptedAnswer},
};

const UID: i64 = 588_582_842_607_370_241;
const TIME: i64 = 1_795_394_170_036;

/// A message with every field that the vendor's page names.
fn message() -> Value {
    json!({
        "messageId": UID,
        "sender": "ann",
        "conv": {"type": 1, "target": "g1", "line": 2},
        "payload": {
            "type": 3, "searchableContent": "[图片]", "pushContent": "p", "pushData": "d", "content": "c",
            "base64edData": "/9j/2w==", "mediaType": 1, "remoteMediaUrl": "https://h/i.png", "persistFlag": 3,
            "expireDuration": 5, "mentionedType": 1, "mentionedTarget": ["bob"], "extra": "e"
        },
        "toUsers": ["bob", "eve"],
        "timestamp": TIME,
        "client": {"platform": 7, "clientId": "c1"},
        "senderUserInfo": {"userId": "ann", "name": "a", "gender": 1, "type": 0, "updateDt": TIME, "deleted": 0},
        "targetUserInfo": {"userId": "bob", "displayName": "Bob", "extra": "{}"},
        "targetGroupInfo": {"target_id": "g1", "max_member_count": 500, "super_group": true, "member_count": 3},
        "targetChannelInfo": {"channelId": "c", "menus": [{"a": 1}], "state": 1, "updateDt": 1},
        "toRobotId": "r1"
    })
}

/// What must be understood. All else is detail.
const DECIDES: [&str; 5] = ["code", "result", "messageUid", "messageId", "timestamp"];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(1e300)),
        "\\PC{0,12}".prop_map(Value::from),
        "[0-9]{1,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z]{0,6}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// How an answer is changed on its way.
#[derive(Debug, Clone)]
struct Changes {
    /// For each detail in turn, whether it is replaced, and by what.
    details: Vec<Option<Value>>,
    /// Fields that no page names.
    more: Vec<(String, Value)>,
    blanks: bool,
    before: String,
    behind: String,
    wrapping: Wrapping,
}

#[derive(Debug, Clone, Copy)]
enum Wrapping {
    Plain,
    Utf16 { big: bool, marked: bool },
    Gzip { told: bool },
    Deflate,
}

fn changes() -> impl Strategy<Value = Changes> {
    let marks = prop::collection::vec(
        prop::sample::select(vec![' ', '\n', '\t', '\r', '\0', '\u{feff}', '\u{200b}', '\u{a0}']),
        0..4,
    );
    let behind = prop_oneof![
        marks.clone().prop_map(String::from_iter),
        Just("\n<!-- counter --><script src='/c.js'></script>".to_owned()),
    ];
    let wrapping = prop_oneof![
        Just(Wrapping::Plain),
        (any::<bool>(), any::<bool>()).prop_map(|(big, marked)| Wrapping::Utf16 { big, marked }),
        any::<bool>().prop_map(|told| Wrapping::Gzip { told }),
        Just(Wrapping::Deflate),
    ];
    let details = prop::collection::vec(prop::option::of(any_json()), 48);
    let more = prop::collection::vec(("x[a-z]{1,6}", any_json()), 0..3);
    (details, more, any::<bool>(), marks.prop_map(String::from_iter), behind, wrapping).prop_map(
        |(details, more, blanks, before, behind, wrapping)| Changes { details, more, blanks, before, behind, wrapping },
    )
}

impl Changes {
    fn apply(&self, answer: &Value) -> ScriptedAnswer {
        let mut answer = answer.clone();
        let mut replacements = self.details.iter().cycle();
        change(&mut answer, &mut replacements, &self.more);
        let json =
            if self.blanks { serde_json::to_string_pretty(&answer) } else { serde_json::to_string(&answer) }.unwrap();
        let text = format!("{}{json}{}", self.before, self.behind);
        let (coding, body) = match self.wrapping {
            Wrapping::Plain => (None, text.into_bytes()),
            Wrapping::Utf16 { big, marked } => (None, utf16(&text, big, marked || !text.starts_with('{'))),
            Wrapping::Gzip { told } => (told.then_some("gzip"), {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text.as_bytes()).unwrap();
                encoder.finish().unwrap()
            }),
            Wrapping::Deflate => (Some("deflate"), {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text.as_bytes()).unwrap();
                encoder.finish().unwrap()
            }),
        };
        let header = |value: &str| Header { name: "content-encoding".into(), value: value.into() };
        ScriptedAnswer { status: 200, headers: coding.map(header).into_iter().collect(), body: body.into() }
    }
}

fn utf16(text: &str, big: bool, marked: bool) -> Vec<u8> {
    let units = marked.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Gives details other values, of any type, and objects other fields.
fn change<'a>(value: &mut Value, replacements: &mut impl Iterator<Item = &'a Option<Value>>, more: &[(String, Value)]) {
    let Value::Object(fields) = value else { return };
    for (name, value) in fields.iter_mut() {
        if DECIDES.contains(&name.as_str()) {
            change(value, replacements, more);
            continue;
        }
        match replacements.next().expect("they never end") {
            Some(other) => *value = other.clone(),
            None => change(value, replacements, more),
        }
    }
    fields.extend(more.iter().cloned().collect::<Map<_, _>>());
}

fn envelope(code: i32, result: Option<Value>) -> Value {
    let mut answer = json!({"code": code, "msg": "success"});
    if let Some(result) = result {
        answer["result"] = result;
    }
    answer
}

/// A sandbox, and a client that tries once.
fn setting() -> (Sandbox, MessageClient) {
    let sandbox = Sandbox::start().unwrap();
    let options = ClientOptions { max_attempts: 1, ..ClientOptions::default() };
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap();
    (sandbox, client)
}

fn hello() -> MessagePayload {
    MessagePayload::text("hello")
}

#[test]
fn whatever_its_details_are_an_answer_gives_code_uid_and_time() {
    let (sandbox, client) = setting();
    TestRunner::new(ProptestConfig::with_cases(300))
        .run(&changes(), |changes| {
            let script = |answer: Value| sandbox.answer_next(changes.apply(&answer)).unwrap();

            script(envelope(0, Some(json!({"messageUid": UID, "timestamp": TIME}))));
            let sent = client.send_message(SendRequest::new("ann", Conversation::single("bob"), hello()));
            prop_assert_eq!(sent.map(|sent| (sent.message_uid, sent.timestamp)), Ok((UID, TIME)));

            script(envelope(0, Some(json!({"messageUid": UID, "timestamp": TIME}))));
            let targets = vec!["bob".to_owned()];
            let sent =
                client.multicast_message(MulticastRequest { sender: "ann".into(), targets, line: 0, payload: hello() });
            prop_assert_eq!(sent.map(|sent| (sent.message_uid, sent.timestamp)), Ok((UID, TIME)));

            script(envelope(0, Some(json!({"messageUid": UID, "count": 3}))));
            let sent = client.broadcast_message(BroadcastRequest { sender: "ann".into(), line: 0, payload: hello() });
            prop_assert_eq!(sent.map(|sent| sent.message_uid), Ok(UID));

            script(envelope(0, Some(message())));
            let found = client.get_message(UID);
            prop_assert_eq!(found.map(|found| (found.message_uid, found.timestamp)), Ok((UID, TIME)));

            script(envelope(0, Some(json!("{\"s\":\"ann\",\"ts\":1,\"t\":1,\"sc\":\"hello\"}"))));
            let recalled = client.recall_message(RecallRequest { operator: "ann".into(), message_uid: UID });
            prop_assert!(recalled.is_ok_and(|recalled| recalled.is_some_and(|recalled| recalled.sender == "ann")));

            script(envelope(0, Some(json!({"timestamp": TIME}))));
            prop_assert_eq!(client.get_delivery_timestamp("bob".into()), Ok(TIME));

            script(envelope(253, Some(json!({"code": 253, "msg": "not exist"}))));
            let refused = client.delete_message(UID);
            prop_assert!(matches!(refused, Err(MessageError::Rejected { code: 253, .. })), "{:?}", refused);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_field_that_decides_is_never_guessed() {
    let (sandbox, client) = setting();
    for uid in
        ["0", "-1", "null", "true", "\"\"", "\"word\"", "5.8858284260737e+17", "588582842607370240.0", "[]", "1e999"]
    {
        let body = format!(r#"{{"code":0,"msg":"success","result":{{"messageUid":{uid},"timestamp":{TIME}}}}}"#);
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let sent = client.send_message(SendRequest::new("ann", Conversation::single("bob"), hello()));
        let error = sent.expect_err(uid);
        assert!(matches!(error, MessageError::InvalidResponse { status: 200, .. }), "{uid}: {error:?}");
        assert!(error.may_have_executed());
    }
    for code in ["null", "\"0\"", "0.0", "false", "[0]", "0e0"] {
        let body = format!(r#"{{"code":{code},"msg":"success","result":{{"messageUid":{UID},"timestamp":{TIME}}}}}"#);
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let error = client.send_message(SendRequest::new("ann", Conversation::single("bob"), hello())).expect_err(code);
        assert!(error.may_have_executed(), "{code}: {error}");
    }
}

#[test]
fn an_answer_that_nobody_understands_is_asked_for_once() {
    let sandbox = Sandbox::start().unwrap();
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap();
    for body in ["", "<html>", "{}", "not json", r#"{"code":0}"#, r#"{"code":0,"result":{"messageId":"x"}}"#] {
        sandbox.clear_requests().unwrap();
        sandbox.answer_next(ScriptedAnswer { body: body.into(), ..ScriptedAnswer::default() }).unwrap();
        let error = client.get_message(UID).expect_err(body);
        assert!(matches!(error, MessageError::InvalidResponse { attempts: 1, .. }), "{body}: {error:?}");
        assert_eq!(sandbox.requests().unwrap().len(), 1, "{body}");
    }
}
