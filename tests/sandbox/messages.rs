//! Messages that go out and come back: send, update, multicast, broadcast, import, recall.

use std::time::Duration;

use serde_json::{Value, json};

use crate::raw::{call, code_of, community, now, post, result_of, sandbox, send_text, text_payload};

#[test]
fn a_message_can_be_read_back() {
    let sandbox = community();
    let body = json!({
        "sender": "admin",
        "conv": {"type": 1, "target": "g1", "line": 2},
        "payload": text_payload("hello"),
        "toUsers": ["u1", "u2"],
    });
    let sent = result_of(&sandbox, "message/send", &body);
    let (uid, timestamp) = (sent["messageUid"].as_i64().unwrap(), sent["timestamp"].as_i64().unwrap());
    assert!((now() - timestamp).abs() < 5000);
    assert_eq!((uid >> 21) + 1_514_736_000_000, timestamp);
    assert_eq!(i64::BITS - uid.leading_zeros(), 60);

    let message = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));
    assert_eq!(
        message,
        json!({
            "messageId": uid,
            "sender": "admin",
            "conv": {"type": 1, "target": "g1", "line": 2},
            "payload": {
                "type": 1, "searchableContent": "hello", "mediaType": 0, "persistFlag": 3, "expireDuration": 0,
                "mentionedType": 0,
            },
            "toUsers": ["u1", "u2"],
            "timestamp": timestamp,
        })
    );
}

#[test]
fn get_one_of_an_unknown_uid_is_253_and_of_none_251() {
    let sandbox = sandbox();
    assert_eq!(
        post(&sandbox, "message/get_one", r#"{"messageUid":588582842607370241}"#).text(),
        r#"{"code":253,"msg":"not exist"}"#
    );
    for uid in [json!(0), json!(-1), json!(null)] {
        assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 251);
    }
}

#[test]
fn a_message_to_an_unknown_group_or_channel_is_253_and_nothing_else_is_checked() {
    let sandbox = sandbox();
    for (kind, target, code) in [
        (1, "unknown-group", 253),
        (1, "g1", 0),
        (3, "unknown", 253),
        (3, "c1", 0),
        (0, "unknown-user", 0),
        (2, "unknown-chatroom", 0),
    ] {
        let body = json!({"sender": "a", "conv": {"type": kind, "target": target}, "payload": {"type": 1}});
        assert_eq!(code_of(&sandbox, "message/send", &body), code, "{kind} {target}");
    }
}

#[test]
fn a_message_that_is_not_to_be_stored_is_never_found() {
    let sandbox = sandbox();
    for payload in [json!({"type": 1, "persistFlag": 0}), json!({"type": 1})] {
        let body = json!({"sender": "a", "conv": {"target": "b"}, "payload": payload});
        let uid = result_of(&sandbox, "message/send", &body)["messageUid"].clone();
        assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 253);
        assert_eq!(sandbox.executions(uid.as_i64().unwrap()), Ok(1));
    }
    let body = json!({"sender": "a", "conv": {"target": "b"}, "payload": {"type": 1, "persistFlag": 4}});
    let uid = result_of(&sandbox, "message/send", &body)["messageUid"].clone();
    assert_eq!(code_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), 0);
}

#[test]
fn a_recall_tells_what_was_said_and_leaves_a_notice() {
    let sandbox = community();
    let body = json!({
        "sender": "a",
        "conv": {"type": 0, "target": "b", "line": 0},
        "payload": {
            "type": 3, "searchableContent": "picture", "pushContent": "gone", "content": "c", "base64edData": "+/8=",
            "mediaType": 1, "remoteMediaUrl": "http://x/y.png", "persistFlag": 3, "extra": "e",
        },
    });
    let sent = result_of(&sandbox, "message/send", &body);
    let (uid, timestamp) = (&sent["messageUid"], &sent["timestamp"]);
    let before = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));

    let told = result_of(&sandbox, "message/recall", &json!({"operator": "admin", "messageUid": uid}));
    let told = told.as_str().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(told).unwrap(),
        json!({
            "s": "a", "ts": timestamp, "t": 3, "sc": "picture", "c": "c", "e": "e", "b": "+/8=", "mt": 1,
            "mu": "http://x/y.png",
        })
    );

    let after = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));
    for same in ["messageId", "sender", "conv", "timestamp"] {
        assert_eq!(after[same], before[same]);
    }
    assert_eq!(
        after["payload"],
        json!({
            "type": 80, "content": "admin", "base64edData": base64_of(&uid.to_string()),
            "pushData": format!("{{\"messageUid\":{uid}}}"), "persistFlag": 1, "extra": told,
            "mediaType": 0, "expireDuration": 0, "mentionedType": 0,
        })
    );

    let again = call(&sandbox, "message/recall", &json!({"operator": "other", "messageUid": uid}));
    assert_eq!(again, json!({"code": 0, "msg": "success", "result": ""}));
    assert_eq!(result_of(&sandbox, "message/get_one", &json!({"messageUid": uid})), after);
}

#[test]
fn the_recall_of_a_text_tells_no_media() {
    let sandbox = sandbox();
    let uid = send_text(&sandbox, "a", "b", "hi");
    let told = result_of(&sandbox, "message/recall", &json!({"operator": "a", "messageUid": uid}));
    let told: Value = serde_json::from_str(told.as_str().unwrap()).unwrap();
    let fields: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 6);
    assert!(["s", "ts", "t", "sc", "c", "e"].iter().all(|name| fields.contains(name)));
}

#[test]
fn a_recall_of_an_unknown_uid_is_253_and_without_an_operator_251() {
    let sandbox = sandbox();
    for uid in [588_582_842_607_370_241_i64, 0, -1] {
        assert_eq!(code_of(&sandbox, "message/recall", &json!({"operator": "a", "messageUid": uid})), 253);
    }
    let uid = send_text(&sandbox, "a", "b", "hi");
    for operator in [json!(null), json!("")] {
        assert_eq!(code_of(&sandbox, "message/recall", &json!({"operator": operator, "messageUid": uid})), 251);
    }
}

#[test]
fn an_update_replaces_the_payload() {
    let sandbox = sandbox();
    let uid = send_text(&sandbox, "a", "b", "before");
    let body = json!({"messageUid": uid, "payload": text_payload("after"), "distribute": 1, "updateTimestamp": 0});
    assert_eq!(call(&sandbox, "message/update", &body), json!({"code": 0, "msg": "success"}));
    let message = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));
    assert_eq!(message["payload"]["searchableContent"], "after");
    assert_eq!(sandbox.executions(uid), Ok(2));
    let unknown = json!({"messageUid": 1, "payload": text_payload("after"), "operator": "admin"});
    assert_eq!(code_of(&sandbox, "message/update", &unknown), 253);
    assert_eq!(code_of(&sandbox, "message/update", &json!({"messageUid": uid})), 251);
}

#[test]
fn a_multicast_goes_to_any_list_of_targets() {
    let sandbox = community();
    let thousands: Vec<String> = (0..10_000).map(|number| format!("u{number}")).collect();
    for targets in [json!([]), json!(["u1", "u1"]), json!(["nobody"]), json!(thousands)] {
        let body = json!({"sender": "a", "targets": targets, "payload": text_payload("t")});
        let uid = &result_of(&sandbox, "message/multicast", &body)["messageUid"];
        let message = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));
        assert_eq!(message["conv"], json!({"type": 0, "target": "a", "line": 0}));
    }
    assert_eq!(code_of(&sandbox, "message/multicast", &json!({"targets": [], "payload": {"type": 1}})), 251);
    assert_eq!(code_of(&sandbox, "message/multicast", &json!({"sender": "a", "targets": []})), 251);
}

#[test]
fn a_multicast_can_be_recalled_for_some_again_and_again() {
    let sandbox = community();
    let body = json!({"sender": "a", "targets": ["u1", "u2"], "payload": text_payload("t")});
    let uid = result_of(&sandbox, "message/multicast", &body)["messageUid"].as_i64().unwrap();
    let body = json!({"operator": "admin", "messageUid": uid, "receivers": ["u1"]});
    for _ in 0..2 {
        assert_eq!(call(&sandbox, "message/recall_multicast", &body), json!({"code": 0, "msg": "success"}));
        let message = result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}));
        assert_eq!((&message["payload"]["type"], &message["payload"]["persistFlag"]), (&json!(80), &json!(0)));
    }
    assert_eq!(sandbox.executions(uid), Ok(3));
    let unknown = json!({"operator": "admin", "messageUid": 1, "receivers": ["u1"]});
    assert_eq!(code_of(&sandbox, "message/recall_multicast", &unknown), 253);
    let incomplete = json!({"messageUid": uid, "receivers": ["u1"]});
    assert_eq!(code_of(&sandbox, "message/recall_multicast", &incomplete), 251);
}

#[test]
fn a_broadcast_counts_the_users_seen_so_far() {
    let sandbox = community();
    let body = json!({"sender": "admin", "payload": text_payload("t")});
    assert_eq!(result_of(&sandbox, "message/broadcast", &body)["count"], 1);
    send_text(&sandbox, "u1", "u2", "hi");
    let sent = result_of(&sandbox, "message/broadcast", &body);
    assert_eq!(sent["count"], 3);
    assert!(sandbox.messages_of_user("u9".into()).unwrap().contains(&sent["messageUid"].as_i64().unwrap()));
    assert_eq!(code_of(&sandbox, "message/broadcast", &json!({"payload": {"type": 1}})), 251);
}

#[test]
fn a_broadcast_can_be_recalled() {
    let sandbox = sandbox();
    let body = json!({"sender": "admin", "payload": text_payload("t")});
    let uid = &result_of(&sandbox, "message/broadcast", &body)["messageUid"];
    let recall = json!({"operator": "admin", "messageUid": uid});
    assert_eq!(call(&sandbox, "message/recall_broadcast", &recall), json!({"code": 0, "msg": "success"}));
    assert_eq!(result_of(&sandbox, "message/get_one", &json!({"messageUid": uid}))["payload"]["type"], 80);
    let other = send_text(&sandbox, "a", "b", "no broadcast");
    let recall = json!({"operator": "admin", "messageUid": other});
    assert_eq!(code_of(&sandbox, "message/recall_broadcast", &recall), 253);
}

#[test]
fn imported_messages_keep_their_time() {
    let sandbox = sandbox();
    let message = |text: &str, timestamp: i64| {
        json!({
            "sender": "a", "conversation": {"type": 0, "target": "b", "line": 0}, "payload": text_payload(text),
            "timestamp": timestamp,
        })
    };
    let body = json!({"messages": [message("one", 1_600_000_000_000), message("two", 1_600_000_000_000)]});
    assert_eq!(call(&sandbox, "message/import", &body), json!({"code": 0, "msg": "success"}));
    for text in ["one", "two"] {
        let uids = sandbox.messages_with_text(text.into()).unwrap();
        assert_eq!(uids.len(), 1);
        let message = result_of(&sandbox, "message/get_one", &json!({"messageUid": uids[0]}));
        assert_eq!(message["timestamp"], 1_600_000_000_000_i64);
        assert_eq!(message["payload"]["searchableContent"], text);
    }
    assert_eq!(sandbox.messages_of_user("b".into()).unwrap().len(), 2);
}

#[test]
fn an_import_is_all_or_nothing() {
    let sandbox = sandbox();
    let good = json!({"sender": "a", "conversation": {"target": "b"}, "payload": {"type": 1}, "timestamp": 1});
    for (field, value) in
        [("sender", json!("")), ("conversation", json!({})), ("payload", json!(null)), ("timestamp", json!(0))]
    {
        let mut bad = good.clone();
        bad[field] = value;
        assert_eq!(code_of(&sandbox, "message/import", &json!({"messages": [good, bad]})), 251, "{field}");
    }
    for messages in [json!([]), json!(null)] {
        assert_eq!(code_of(&sandbox, "message/import", &json!({"messages": messages})), 251);
    }
    assert_eq!(post(&sandbox, "message/import", &json!({"messages": [good, null]}).to_string()).status, 500);
    assert!(sandbox.message_uids().unwrap().is_empty());
}

#[test]
fn uids_grow_from_call_to_call() {
    let sandbox = sandbox();
    let uids: Vec<i64> = (0..200).map(|number| send_text(&sandbox, "a", "b", &number.to_string())).collect();
    assert!(uids.is_sorted_by(|earlier, later| earlier < later));
    std::thread::sleep(Duration::from_millis(2));
    assert!(send_text(&sandbox, "a", "b", "later") > uids[199]);
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
