//! Messages removed and times asked for: delete, clear, conv_read, delivery.

use std::time::Duration;

use serde_json::{Value, json};
use wildfirechat_message::sandbox::Sandbox;

use crate::raw::{call, code_of, result_of, sandbox, send_text, text_payload};

fn done() -> Value {
    json!({"code": 0, "msg": "success"})
}

fn timestamp_of(sandbox: &Sandbox, uid: i64) -> i64 {
    result_of(sandbox, "message/get_one", &json!({"messageUid": uid}))["timestamp"].as_i64().unwrap()
}

fn messages_of(sandbox: &Sandbox, user: &str) -> Vec<i64> {
    sandbox.messages_of_user(user.into()).unwrap()
}

#[test]
fn a_deleted_message_is_gone() {
    let sandbox = sandbox();
    let uid = send_text(&sandbox, "a", "b", "hi");
    assert_eq!(call(&sandbox, "message/delete", &json!({"messageUid": uid})), done());
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 253);
    assert_eq!(code_of(&sandbox, "message/delete", &json!({"messageUid": uid})), 253);
    assert_eq!(code_of(&sandbox, "message/delete", &json!({})), 251);
    assert_eq!(sandbox.executions(uid), Ok(2));
    assert!(messages_of(&sandbox, "b").is_empty());
}

#[test]
fn a_broadcast_can_be_deleted_and_only_a_broadcast() {
    let sandbox = sandbox();
    let body = json!({"sender": "admin", "payload": text_payload("t")});
    let uid = result_of(&sandbox, "message/broadcast", &body)["messageUid"].clone();
    let delete = json!({"operator": "admin", "messageUid": uid});
    assert_eq!(call(&sandbox, "message/delete_broadcast", &delete), done());
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 253);
    let sent = send_text(&sandbox, "a", "b", "hi");
    assert_eq!(code_of(&sandbox, "message/delete_broadcast", &json!({"operator": "a", "messageUid": sent})), 253);
    assert_eq!(code_of(&sandbox, "message/delete_broadcast", &json!({"messageUid": sent})), 251);
}

#[test]
fn a_multicast_is_gone_when_it_was_deleted_for_its_last_receiver() {
    let sandbox = sandbox();
    let body = json!({"sender": "a", "targets": ["u1", "u2"], "payload": text_payload("t")});
    let uid = result_of(&sandbox, "message/multicast", &body)["messageUid"].as_i64().unwrap();
    let delete = |receiver: &str| {
        let body = json!({"operator": "admin", "messageUid": uid, "receivers": [receiver]});
        call(&sandbox, "message/delete_multicast", &body)
    };
    assert_eq!(delete("u1"), done());
    assert!(messages_of(&sandbox, "u1").is_empty());
    assert_eq!(messages_of(&sandbox, "u2"), [uid]);
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 0);
    assert_eq!(delete("u2"), done());
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 253);
    assert_eq!(delete("u2")["code"], 253);
}

#[test]
fn clearing_a_conversation_hides_it_from_one_user() {
    let sandbox = sandbox();
    let to_b = send_text(&sandbox, "a", "b", "1");
    let to_a = send_text(&sandbox, "b", "a", "2");
    let to_c = send_text(&sandbox, "a", "c", "3");
    let body = json!({"userId": "a", "conversation": {"type": 0, "target": "b", "line": 0}});
    assert_eq!(call(&sandbox, "conversation/delete", &body), done());
    assert_eq!(messages_of(&sandbox, "a"), [to_c]);
    assert_eq!(messages_of(&sandbox, "b"), [to_b, to_a]);
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": to_b})), 0);
    assert_eq!(code_of(&sandbox, "conversation/delete", &json!({"userId": "a"})), 251);
    assert_eq!(code_of(&sandbox, "conversation/delete", &json!({"conversation": {"target": "b"}})), 251);
}

#[test]
fn clearing_takes_a_range() {
    let sandbox = sandbox();
    let uids: Vec<i64> = (0..3)
        .map(|number| {
            std::thread::sleep(Duration::from_millis(3));
            send_text(&sandbox, "a", "b", &number.to_string())
        })
        .collect();
    let second = timestamp_of(&sandbox, uids[1]);
    let clear = |start: Value, end: Value| {
        let body = json!({"userId": "b", "conversation": {"target": "a"}, "startTime": start, "endTime": end});
        assert_eq!(call(&sandbox, "message/clear_by_user", &body), done());
    };
    clear(json!(second), json!(second));
    assert_eq!(messages_of(&sandbox, "b"), [uids[0], uids[2]]);
    clear(json!(second), json!(null));
    assert_eq!(messages_of(&sandbox, "b"), [uids[0]]);
    clear(json!(null), json!(second));
    assert!(messages_of(&sandbox, "b").is_empty());
    assert_eq!(messages_of(&sandbox, "a"), uids);
}

#[test]
fn misspelled_bounds_are_ignored_and_clear_everything() {
    let sandbox = sandbox();
    send_text(&sandbox, "a", "b", "hi");
    let body = json!({"userId": "b", "conversation": {"target": "a"}, "fromTime": 1, "toTime": 2});
    assert_eq!(call(&sandbox, "message/clear_by_user", &body), done());
    assert!(messages_of(&sandbox, "b").is_empty());
}

#[test]
fn conv_read_tells_the_newest_message_of_the_conversation() {
    let sandbox = sandbox();
    let read = |user: &str, target: &str, kind: Value| {
        let body = json!({"userId": user, "target": target, "line": 0, "type": kind, "conversationType": kind});
        result_of(&sandbox, "message/conv_read", &body)["timestamp"].as_i64().unwrap()
    };
    assert_eq!(read("b", "a", json!(0)), 0);
    let first = send_text(&sandbox, "a", "b", "hi");
    assert_eq!(read("b", "a", json!(0)), timestamp_of(&sandbox, first));
    assert_eq!(read("a", "b", json!(0)), timestamp_of(&sandbox, first));
    assert_eq!(read("c", "a", json!(0)), 0);
    assert_eq!(read("b", "a", json!(1)), 0);
    sandbox.set_read_timestamp("b".into(), 0, "a".into(), 0, 1_700_000_000_000).unwrap();
    assert_eq!(read("b", "a", json!(0)), 1_700_000_000_000);
    assert_eq!(read("a", "b", json!(0)), timestamp_of(&sandbox, first));
}

#[test]
fn conv_read_takes_either_name_of_the_type() {
    let sandbox = sandbox();
    sandbox.set_read_timestamp("u".into(), 1, "g".into(), 0, 5).unwrap();
    for body in [
        json!({"userId": "u", "target": "g", "type": 1}),
        json!({"userId": "u", "target": "g", "conversationType": 1}),
        json!({"userId": "u", "target": "g", "type": 1, "conversationType": 1}),
    ] {
        assert_eq!(result_of(&sandbox, "message/conv_read", &body), json!({"timestamp": 5}));
    }
    let torn = json!({"userId": "u", "target": "g", "type": 1, "conversationType": 0});
    assert_eq!(code_of(&sandbox, "message/conv_read", &torn), 251);
    assert_eq!(code_of(&sandbox, "message/conv_read", &json!({"userId": "u"})), 251);
    assert_eq!(code_of(&sandbox, "message/conv_read", &json!({"target": "g"})), 251);
}

#[test]
fn delivery_tells_the_newest_message_that_reached_the_user() {
    let sandbox = sandbox();
    let delivered = |user: &str| result_of(&sandbox, "message/delivery", &json!({"userId": user}))["timestamp"].clone();
    assert_eq!(delivered("b"), 0);
    let uid = send_text(&sandbox, "a", "b", "hi");
    assert_eq!(delivered("b"), timestamp_of(&sandbox, uid));
    sandbox.set_delivery_timestamp("b".into(), 7).unwrap();
    assert_eq!(delivered("b"), 7);
    assert_eq!(code_of(&sandbox, "message/delivery", &json!({})), 251);
}

#[test]
fn a_group_message_reaches_everybody_or_those_named() {
    let sandbox = sandbox();
    let send = |to_users: Value| {
        let body = json!({
            "sender": "a", "conv": {"type": 1, "target": "g"}, "payload": text_payload("t"), "toUsers": to_users,
        });
        result_of(&sandbox, "message/send", &body)["messageUid"].as_i64().unwrap()
    };
    let to_all = send(json!(null));
    let to_one = send(json!(["u1"]));
    assert_eq!(messages_of(&sandbox, "u1"), [to_all, to_one]);
    assert_eq!(messages_of(&sandbox, "u2"), [to_all]);
    assert_eq!(messages_of(&sandbox, "a"), [to_all, to_one]);
}
