//! Robots and channels: their secrets, the order in which they are refused, their rights, and what they may do.

use serde_json::{Value, json};
use wildfirechat_message::{
    endpoints::{CHANNEL_ENDPOINTS, ENDPOINTS, ROBOT_ENDPOINTS},
    sandbox::{Edition, Fault, FaultRule, Sandbox, SandboxOptions},
};

use crate::raw::{Answer, Connection, code_of, now, result_of, sign, text_payload};

const ROBOT: (&str, &str, &str) = ("rid", "FireRobot", "robot secret");
const CHANNEL: (&str, &str, &str) = ("cid", "news", "channel secret");
const HOURS: i64 = 60 * 60 * 1000;

fn sandbox() -> Sandbox {
    with(SandboxOptions::default())
}

fn of_version(version: &str) -> Sandbox {
    with(SandboxOptions { server_version: Some(version.into()), ..SandboxOptions::default() })
}

fn with(options: SandboxOptions) -> Sandbox {
    let sandbox = Sandbox::new(None, Some(options)).unwrap();
    sandbox.set_robot(ROBOT.1.into(), Some(ROBOT.2.into())).unwrap();
    sandbox.set_robot("Mute".into(), None).unwrap();
    sandbox.set_channel(CHANNEL.1.into(), "ann".into(), Some(CHANNEL.2.into())).unwrap();
    sandbox.set_channel("silent".into(), "ann".into(), None).unwrap();
    sandbox
}

fn post(sandbox: &Sandbox, path: &str, headers: &str, body: &str) -> Answer {
    let mut connection = Connection::open(sandbox);
    let length = body.len();
    let request = format!("POST {path} HTTP/1.1\r\nhost: sandbox\r\n{headers}content-length: {length}\r\n\r\n{body}");
    connection.send(request.as_bytes());
    connection.answer()
}

fn signed_by((header, id, secret): (&str, &str, &str), timestamp: i64) -> String {
    let sign = sign("n1", secret, timestamp);
    format!("nonce: n1\r\ntimestamp: {timestamp}\r\nsign: {sign}\r\n{header}: {id}\r\n")
}

fn call(sandbox: &Sandbox, who: (&str, &str, &str), path: &str, body: &Value) -> Value {
    let answer = post(sandbox, path, &signed_by(who, now()), &body.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn code(sandbox: &Sandbox, who: (&str, &str, &str), path: &str, body: &Value) -> i64 {
    call(sandbox, who, path, body)["code"].as_i64().unwrap()
}

fn result(sandbox: &Sandbox, who: (&str, &str, &str), path: &str, body: &Value) -> Value {
    let envelope = call(sandbox, who, path, body);
    assert_eq!(envelope["code"], 0, "{envelope}");
    envelope["result"].clone()
}

fn to(kind: i32, target: &str) -> Value {
    json!({"conv": {"type": kind, "target": target, "line": 0}, "payload": text_payload("hi")})
}

fn uid_of(result: &Value) -> i64 {
    result["messageUid"].as_i64().unwrap()
}

fn message(sandbox: &Sandbox, uid: i64) -> Value {
    result_of(sandbox, "message/get_one", &json!({"messageUid": uid}))
}

#[test]
fn their_endpoints_are_those_of_the_clients() {
    let mut of_the_clients: Vec<String> =
        ROBOT_ENDPOINTS.iter().chain(CHANNEL_ENDPOINTS).map(|endpoint| format!("/{}", endpoint.name)).collect();
    let mut of_the_sandbox: Vec<String> = Sandbox::sender_paths(Edition::Professional).map(str::to_owned).collect();
    of_the_clients.sort();
    of_the_sandbox.sort();
    assert_eq!(of_the_sandbox, of_the_clients);
    let on_community: Vec<&str> = Sandbox::sender_paths(Edition::Community).collect();
    let expected = [
        "/robot/message/send",
        "/robot/set_callback",
        "/robot/get_callback",
        "/robot/delete_callback",
        "/robot/profile",
        "/channel/message/send",
    ];
    assert_eq!(on_community, expected);
    let names = ENDPOINTS.iter().chain(ROBOT_ENDPOINTS).chain(CHANNEL_ENDPOINTS).map(|endpoint| endpoint.name);
    assert_eq!(names.clone().collect::<std::collections::HashSet<_>>().len(), names.count());
}

#[test]
fn what_an_edition_or_a_version_lacks_is_an_empty_500_even_without_a_signature() {
    let community = with(SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() });
    for path in Sandbox::sender_paths(Edition::Professional) {
        let answer = post(&community, path, "", "");
        match Sandbox::sender_paths(Edition::Community).any(|there| there == path) {
            true => assert_eq!((answer.status, answer.code()), (200, 239), "{path}"),
            false => assert_eq!((answer.status, answer.text()), (500, ""), "{path}"),
        }
    }
    for (version, path, there) in [
        ("1.2.4", "/robot/profile", false),
        ("1.3.0", "/robot/profile", true),
        ("1.3.8", "/robot/message/reply", false),
        ("1.3.9", "/robot/message/reply", true),
    ] {
        assert_eq!(post(&of_version(version), path, "", "").status == 200, there, "{version} {path}");
    }
    let mut connection = Connection::open(&community);
    connection.send(b"GET /robot/get_callback HTTP/1.1\r\nhost: sandbox\r\n\r\n");
    assert_eq!(connection.answer().status, 500);
}

/// 239, 250, 239, 243, 253, 248, 244: each request has all the faults that come after its own.
#[test]
fn a_robot_is_refused_in_the_servers_order() {
    let sandbox = sandbox();
    let path = "/robot/message/send";
    let code = |headers: &str| post(&sandbox, path, headers, "no JSON").code();
    let old = now() - 3 * HOURS;
    for missing in ["nonce", "timestamp", "sign", "rid"] {
        let headers = signed_by(("rid", "nobody", "wrong"), old);
        let rest: String =
            headers.lines().filter(|line| !line.starts_with(missing)).map(|line| format!("{line}\r\n")).collect();
        assert_eq!(code(&rest), 239, "without {missing}");
    }
    assert_eq!(code("nonce: n\r\ntimestamp: now\r\nsign: x\r\nrid: nobody\r\n"), 239);
    assert_eq!(code(&signed_by(("rid", "nobody", "wrong"), old)), 243);
    assert_eq!(code(&signed_by(("rid", "nobody", "wrong"), now())), 253);
    assert_eq!(code(&signed_by(("rid", "Mute", "wrong"), now())), 248);
    assert_eq!(code(&signed_by(("rid", ROBOT.1, "wrong"), now())), 244);
    assert_eq!(post(&sandbox, path, &signed_by(ROBOT, now()), "no JSON").status, 500);
    // As on the server: only the past is too far away.
    assert_eq!(post(&sandbox, path, &signed_by(ROBOT, now() + 3 * HOURS), "no JSON").status, 500);
    sandbox.set_sender_rate_limit(1).unwrap();
    let strange = "nonce: n\r\ntimestamp: now\r\nsign: x\r\nrid: nobody\r\n";
    assert_eq!([code(strange), code(strange)], [239, 250], "the rate comes before the timestamp");
}

/// 239, 250, 239, 243, 236, 237, 244.
#[test]
fn a_channel_is_refused_in_the_servers_order() {
    let sandbox = sandbox();
    let code = |headers: &str| post(&sandbox, "/channel/message/send", headers, "no JSON").code();
    let old = now() - 3 * HOURS;
    assert_eq!(code(&signed_by(("rid", "nobody", "wrong"), old)), 239, "a robot's header names no channel");
    assert_eq!(code("nonce: n\r\ntimestamp: now\r\nsign: x\r\ncid: nobody\r\n"), 239);
    assert_eq!(code(&signed_by(("cid", "nobody", "wrong"), old)), 243);
    assert_eq!(code(&signed_by(("cid", "nobody", "wrong"), now())), 236);
    assert_eq!(code(&signed_by(("cid", "silent", "wrong"), now())), 237);
    assert_eq!(code(&signed_by(("cid", CHANNEL.1, ROBOT.2), now())), 244);
    assert_eq!(
        post(&sandbox, "/channel/message/send", &signed_by(("Cid", CHANNEL.1, CHANNEL.2), now()), "{").status,
        500
    );
}

#[test]
fn a_refusal_repeats_the_error_as_its_result_before_1_4_7() {
    let refused = |sandbox: &Sandbox| call(sandbox, ("rid", "nobody", "x"), "/robot/profile", &json!({}));
    let error = json!({"code": 253, "msg": "not exist"});
    let mut repeated = error.clone();
    repeated["result"] = error.clone();
    assert_eq!(refused(&of_version("1.4.6")), repeated);
    assert_eq!(refused(&of_version("1.4.7")), error);
    assert_eq!(refused(&sandbox()), error);
}

#[test]
fn each_robot_has_a_rate_of_its_own() {
    let sandbox = sandbox();
    let other = ("rid", "Other", "other secret");
    sandbox.set_robot(other.1.into(), Some(other.2.into())).unwrap();
    sandbox.set_sender_rate_limit(3).unwrap();
    let asks = |who| code(&sandbox, who, "/robot/get_callback", &json!({}));
    assert_eq!([asks(ROBOT), asks(ROBOT), asks(ROBOT), asks(ROBOT)], [0, 0, 0, 250]);
    assert_eq!(asks(other), 0);
    assert_eq!(code(&sandbox, CHANNEL, "/channel/message/send", &json!({"payload": text_payload("x")})), 0);
    // The admin API has another one.
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": 1})), 253);
    sandbox.set_sender_rate_limit(0).unwrap();
    assert!((0..5).all(|_| asks(ROBOT) == 0));
    assert!(sandbox.set_sender_rate_limit(-1).is_err());
}

#[test]
fn a_robots_message_is_the_robots_whatever_the_body_says() {
    let sandbox = sandbox();
    let mut body = to(1, "g1");
    body["sender"] = "ann".into();
    body["toUsers"] = json!(["bob"]);
    let sent = message(&sandbox, uid_of(&result(&sandbox, ROBOT, "/robot/message/send", &body)));
    assert_eq!((sent["sender"].as_str(), &sent["toUsers"]), (Some(ROBOT.1), &json!(["bob"])));
}

#[test]
fn a_robot_has_a_users_rights_on_every_version() {
    for sandbox in [sandbox(), of_version("1.2.4")] {
        let sends = |body: &Value| code(&sandbox, ROBOT, "/robot/message/send", body);
        for (kind, target, expected) in [
            (1, "g1", 0),
            (1, "others1", 9),
            (1, "muted1", 241),
            (1, "unknown1", 253),
            (2, "others1", 20),
            (3, "others1", 21),
            (0, "bob", 0),
            (0, "unfriendly1", 246),
            (0, "blocked1", 8),
            (9, "g1", 251),
            (0, "", 251),
        ] {
            assert_eq!(sends(&to(kind, target)), expected, "{kind} {target}");
        }
        let of_type = |number: i32| {
            let mut body = to(1, "g1");
            body["payload"]["type"] = number.into();
            sends(&body)
        };
        assert_eq!([of_type(80), of_type(104), of_type(200), of_type(299)], [251, 251, 0, 0]);
        let mut sensitive = to(1, "g1");
        sensitive["payload"]["searchableContent"] = "a sensitive-word".into();
        assert_eq!(sends(&sensitive), 242);
    }
    let sandbox = sandbox();
    sandbox.set_robot("mutedRobot".into(), Some("s".into())).unwrap();
    assert_eq!(code(&sandbox, ("rid", "mutedRobot", "s"), "/robot/message/send", &to(1, "g1")), 247);
}

#[test]
fn a_reply_goes_where_the_question_stands() {
    let sandbox = sandbox();
    let ask = |conv: Value| {
        let body = json!({"sender": "bob", "conv": conv, "payload": text_payload("?")});
        uid_of(&result_of(&sandbox, "message/send", &body))
    };
    let reply = |uid: i64, only: bool| {
        let body = json!({"messageUid": uid, "payload": text_payload("!"), "only2Sender": only});
        message(&sandbox, uid_of(&result(&sandbox, ROBOT, "/robot/message/reply", &body)))
    };
    let alone = reply(ask(json!({"type": 0, "target": ROBOT.1, "line": 2})), true);
    assert_eq!(alone["conv"], json!({"type": 0, "target": "bob", "line": 2}));
    assert_eq!((&alone["toUsers"], alone["sender"].as_str()), (&Value::Null, Some(ROBOT.1)));
    let in_group = ask(json!({"type": 1, "target": "g1"}));
    assert_eq!(reply(in_group, false)["conv"], json!({"type": 1, "target": "g1", "line": 0}));
    assert_eq!(reply(in_group, true)["toUsers"], json!(["bob"]));
    let elsewhere = json!({"messageUid": ask(json!({"type": 1, "target": "others1"})), "payload": text_payload("!")});
    assert_eq!(code(&sandbox, ROBOT, "/robot/message/reply", &elsewhere), 9);
    let unknown = json!({"messageUid": 1, "payload": text_payload("!")});
    assert_eq!(code(&sandbox, ROBOT, "/robot/message/reply", &unknown), 253);
}

#[test]
fn a_robot_changes_and_recalls_its_own_messages_alone() {
    let sandbox = sandbox();
    let own = uid_of(&result(&sandbox, ROBOT, "/robot/message/send", &to(1, "g1")));
    let body = json!({"sender": "bob", "conv": {"type": 1, "target": "g1"}, "payload": text_payload("bob's")});
    let foreign = uid_of(&result_of(&sandbox, "message/send", &body));
    let update = |uid: i64| {
        let body = json!({"messageUid": uid, "payload": text_payload("new"), "distribute": 1});
        code(&sandbox, ROBOT, "/robot/message/update", &body)
    };
    let recall = |uid: i64| call(&sandbox, ROBOT, "/robot/message/recall", &json!({"messageUid": uid}));
    assert_eq!([update(own), update(foreign), update(7)], [0, 248, 253]);
    assert_eq!(message(&sandbox, own)["payload"]["searchableContent"], "new");
    assert_eq!([&recall(foreign)["code"], &recall(7)["code"]], [248, 253]);
    let told: Value = serde_json::from_str(recall(own)["result"].as_str().unwrap()).unwrap();
    assert_eq!((&told["s"], &told["sc"]), (&json!(ROBOT.1), &json!("new")));
    assert_eq!(recall(own)["result"], "");
    assert_eq!(message(&sandbox, own)["payload"]["type"], 80);
    assert_eq!(sandbox.executions(own).unwrap(), 4);
}

#[test]
fn a_robot_recalls_for_a_minute() {
    let sandbox = sandbox();
    let imported = |age: i64| {
        let message = json!({"sender": ROBOT.1, "conversation": {"type": 1, "target": "g1"},
            "payload": text_payload(&age.to_string()), "timestamp": now() - age});
        result_of(&sandbox, "message/import", &json!({"messages": [message]}));
        let uid = sandbox.messages_with_text(age.to_string()).unwrap()[0];
        code(&sandbox, ROBOT, "/robot/message/recall", &json!({"messageUid": uid}))
    };
    assert_eq!([imported(30_000), imported(61_000)], [0, 24]);
}

#[test]
fn a_callback_is_kept_until_it_is_deleted() {
    let sandbox = sandbox();
    let asked = || result(&sandbox, ROBOT, "/robot/get_callback", &json!({}));
    assert_eq!(asked(), json!({"url": ""}));
    let set = |url: &str| code(&sandbox, ROBOT, "/robot/set_callback", &json!({"url": url}));
    assert_eq!([set(""), set("http://app/secret-path")], [251, 0]);
    assert_eq!(asked(), json!({"url": "http://app/secret-path"}));
    // Another secret is no other robot.
    sandbox.set_robot(ROBOT.1.into(), Some("changed".into())).unwrap();
    let changed = (ROBOT.0, ROBOT.1, "changed");
    assert_eq!(code(&sandbox, ROBOT, "/robot/get_callback", &json!({})), 244);
    assert_eq!(result(&sandbox, changed, "/robot/get_callback", &json!({})), json!({"url": "http://app/secret-path"}));
    assert_eq!(code(&sandbox, changed, "/robot/delete_callback", &json!({})), 0);
    assert_eq!(result(&sandbox, changed, "/robot/get_callback", &json!({})), json!({"url": ""}));
}

#[test]
fn a_channel_sends_as_its_owner_to_whom_it_lists() {
    let sandbox = sandbox();
    let send = |body: &Value| message(&sandbox, uid_of(&result(&sandbox, CHANNEL, "/channel/message/send", body)));
    let all = send(&json!({"payload": text_payload("to all"), "sender": "bob", "line": 1}));
    assert_eq!(all["sender"], "ann");
    assert_eq!(all["conv"], json!({"type": 3, "target": "news", "line": 1}));
    assert_eq!(all["toUsers"], Value::Null);
    let some = send(&json!({"payload": text_payload("to bob"), "targets": ["bob", "others1"]}));
    assert_eq!(some["toUsers"], json!(["bob"]));
    // Nobody is left of this list, and so nobody gets it.
    let nobody = send(&json!({"payload": text_payload("to nobody"), "targets": ["others1"]}));
    let uid = nobody["messageId"].as_i64().unwrap();
    assert!(!sandbox.messages_of_user("bob".into()).unwrap().contains(&uid));
    let body = json!({"payload": text_payload("x"), "targets": ["bob", "others1"]});
    assert_eq!(code(&of_version("1.2.4"), CHANNEL, "/channel/message/send", &body), 248);
}

#[test]
fn a_channel_recalls_and_republishes_its_own() {
    let sandbox = sandbox();
    let send = |targets: Value| {
        let body = json!({"payload": text_payload("news"), "targets": targets});
        uid_of(&result(&sandbox, CHANNEL, "/channel/message/send", &body))
    };
    let has = |user: &str, uid: i64| sandbox.messages_of_user(user.into()).unwrap().contains(&uid);
    let uid = send(json!(["bob"]));
    let republish = |uid: i64, targets: Value| {
        code(&sandbox, CHANNEL, "/channel/message/republish", &json!({"messageId": uid, "targets": targets}))
    };
    assert!(has("bob", uid) && !has("eve", uid));
    assert_eq!(republish(uid, json!(["eve", "bob"])), 0);
    assert!(has("eve", uid));
    assert_eq!([republish(uid, json!([])), republish(7, json!(["eve"]))], [251, 253]);
    let foreign = uid_of(&result(&sandbox, ROBOT, "/robot/message/send", &to(1, "g1")));
    assert_eq!(republish(foreign, json!(["eve"])), 248);
    let recall = |uid: i64| call(&sandbox, CHANNEL, "/channel/message/recall", &json!({"messageUid": uid}));
    assert_eq!(recall(foreign)["code"], 248);
    assert!(recall(uid)["result"].as_str().unwrap().contains("news"));
    assert_eq!(recall(uid)["result"], "");
}

#[test]
fn a_recorded_request_says_whether_the_sender_that_it_names_signed_it() {
    let sandbox = sandbox();
    code(&sandbox, ROBOT, "/robot/profile", &json!({}));
    code(&sandbox, ("rid", ROBOT.1, CHANNEL.2), "/robot/profile", &json!({}));
    code(&sandbox, ("rid", "nobody", ROBOT.2), "/robot/profile", &json!({}));
    code(&sandbox, ("rid", ROBOT.1, "123456"), "/robot/profile", &json!({}));
    let valid: Vec<bool> = sandbox.requests().unwrap().iter().map(|request| request.signature_valid).collect();
    assert_eq!(valid, [true, false, false, false]);
}

#[test]
fn a_fault_may_be_for_one_of_their_endpoints_alone() {
    let sandbox = sandbox();
    let rule = FaultRule { endpoint: Some("robot/message/send".into()), ..Fault::ServiceUnavailable.into() };
    sandbox.fail(rule).unwrap();
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": 1})), 253);
    let sends = || post(&sandbox, "/robot/message/send", &signed_by(ROBOT, now()), &to(1, "g1").to_string()).status;
    assert_eq!([sends(), sends()], [503, 200]);
}

#[test]
fn an_empty_id_or_secret_of_a_sender_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    assert!(sandbox.set_robot(String::new(), None).is_err());
    assert!(sandbox.set_robot("r".into(), Some(String::new())).is_err());
    assert!(sandbox.set_channel(String::new(), "ann".into(), None).is_err());
    assert!(sandbox.set_channel("c".into(), String::new(), None).is_err());
    let debug = format!("{:?}", {
        sandbox.set_robot("r".into(), Some("canary".into())).unwrap();
        sandbox
    });
    assert!(!debug.contains("canary"));
}

#[test]
fn the_answers_of_a_community_server_are_these_bytes() {
    let sandbox = of_version("1.2.4");
    let old = now() - 3 * HOURS;
    let stranger = ("rid", "nobody", "x");
    let refused = |path: &str, headers: &str, error: &str| {
        let text = post(&sandbox, path, headers, "{}").text().to_owned();
        assert_eq!(text, format!("{{{error},\"result\":{{{error}}}}}"), "{path} {headers}");
    };
    for (path, headers, error) in [
        ("/robot/get_callback", String::new(), r#""code":239,"msg":"api not signed""#),
        ("/robot/get_callback", signed_by(stranger, old), r#""code":243,"msg":"sign expired""#),
        ("/robot/get_callback", signed_by(stranger, now()), r#""code":253,"msg":"not exist""#),
        ("/robot/get_callback", signed_by(("rid", "Mute", "x"), now()), r#""code":248,"msg":"no right""#),
        ("/robot/get_callback", signed_by(("rid", ROBOT.1, "x"), now()), r#""code":244,"msg":"auth failure""#),
        ("/channel/message/send", signed_by(("cid", "nobody", "x"), now()), r#""code":236,"msg":"channel not exist""#),
        ("/channel/message/send", signed_by(("cid", "silent", "x"), now()), r#""code":237,"msg":"channel no secret""#),
        ("/channel/message/send", signed_by(("cid", CHANNEL.1, "x"), now()), r#""code":244,"msg":"auth failure""#),
    ] {
        refused(path, &headers, error);
    }
    let answered = |who, path: &str, body: &Value| {
        post(&sandbox, path, &signed_by(who, now()), &body.to_string()).text().to_owned()
    };
    let bare = |path, body: Value| answered(ROBOT, path, &body);
    assert_eq!(bare("/robot/set_callback", json!({"url": ""})), r#"{"code":251,"msg":"invalid parameter"}"#);
    assert_eq!(bare("/robot/set_callback", json!({"url": "http://app/x"})), r#"{"code":0,"msg":"success"}"#);
    let told = r#"{"code":0,"msg":"success","result":{"url":"http://app/x"}}"#;
    assert_eq!(bare("/robot/get_callback", json!({})), told);
    assert_eq!(bare("/robot/delete_callback", json!({})), r#"{"code":0,"msg":"success"}"#);
    let group = json!({"conv": {"type": 1, "target": "g1", "line": 0}, "payload": text_payload("Hello")});
    let user = json!({"conv": {"type": 0, "target": "ann", "line": 0}, "payload": text_payload("Hello")});
    let news = json!({"payload": text_payload("Hello")});
    for (who, path, body) in [
        (ROBOT, "/robot/message/send", &group),
        (ROBOT, "/robot/message/send", &user),
        (CHANNEL, "/channel/message/send", &news),
    ] {
        let text = answered(who, path, body);
        let sent: Value = serde_json::from_str(&text).unwrap();
        let (uid, time) = (&sent["result"]["messageUid"], &sent["result"]["timestamp"]);
        assert_eq!(text, format!(r#"{{"code":0,"msg":"success","result":{{"messageUid":{uid},"timestamp":{time}}}}}"#));
    }
    sandbox.set_sender_rate_limit(1).unwrap();
    let asks = || answered(ROBOT, "/robot/get_callback", &json!({}));
    let over = r#"{"code":250,"msg":"over frequency","result":{"code":250,"msg":"over frequency"}}"#;
    assert!((0..3).any(|_| asks() == over));
}
