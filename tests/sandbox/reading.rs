//! Request bodies as the server reads them: what is an HTTP 500, what a code 251, what is let through.

use serde_json::{Value, json};
use wildfirechat_message::sandbox::Sandbox;

use crate::raw::{call, code_of, post, result_of, sandbox, text_payload};

fn send_with_payload(sandbox: &Sandbox, payload: &str) -> (u16, String) {
    let body = format!(r#"{{"sender":"a","conv":{{"target":"b"}},"payload":{payload}}}"#);
    let answer = post(sandbox, "message/send", &body);
    (answer.status, answer.text().to_owned())
}

/// What get_one tells of the payload of a message sent with this one.
fn stored_payload(sandbox: &Sandbox, payload: &str) -> Value {
    let (status, answer) = send_with_payload(sandbox, payload);
    assert_eq!(status, 200, "{answer}");
    let uid = serde_json::from_str::<Value>(&answer).unwrap()["result"]["messageUid"].clone();
    result_of(sandbox, "message/get_one", &json!({"messageUid": uid}))["payload"].clone()
}

#[test]
fn what_cannot_be_read_is_500_with_a_text() {
    let sandbox = sandbox();
    for (body, text) in [
        (r#"{"sender":"a",}"#, "the body is not JSON at line 1, column 15"),
        ("[]", "the body is not an object"),
        (r#"{"sender":5}"#, "sender is not a string"),
        (r#"{"conv":"b"}"#, "conv is not an object"),
        (r#"{"conv":{"type":"0"}}"#, "type is not a whole number"),
        (r#"{"conv":{"type":0.5}}"#, "type is not a whole number"),
        (r#"{"conv":{"type":2147483648}}"#, "type is not an int"),
        (r#"{"toUsers":["a",null]}"#, "toUsers is not a list of strings"),
        (r#"{"toUsers":"a"}"#, "toUsers is not a list"),
        (r#"{"userMessage":1}"#, "userMessage is not true or false"),
        (r#"{"payload":{"mentionedTarget":[null]}}"#, "mentionedTarget is not a list of strings"),
        (r#"{"payload":{"base64edData":"-_8="}}"#, "base64edData is not base64"),
        (r#"{"payload":{"base64edData":"AAAA\nAAAA"}}"#, "base64edData is not base64"),
    ] {
        let answer = post(&sandbox, "message/send", body);
        assert_eq!(answer.status, 500, "{body}");
        assert_eq!(answer.text(), format!("Could not read the request: {text}"), "{body}");
    }
}

#[test]
fn a_multicast_without_targets_is_500_with_a_text() {
    let sandbox = sandbox();
    for targets in [json!(null), json!([null]), json!("b")] {
        let body = json!({"sender": "a", "targets": targets, "payload": text_payload("t")});
        assert_eq!(post(&sandbox, "message/multicast", &body.to_string()).status, 500);
    }
    let body = json!({"sender": "a", "payload": text_payload("t")});
    assert_eq!(post(&sandbox, "message/multicast", &body.to_string()).status, 500);
}

#[test]
fn what_is_missing_null_or_empty_is_251_without_a_result() {
    let sandbox = sandbox();
    let whole = json!({"sender": "a", "conv": {"type": 0, "target": "b", "line": 0}, "payload": {"type": 1}});
    for pointer in ["/sender", "/conv", "/conv/target", "/payload"] {
        for nothing in [json!(null), if pointer == "/payload" || pointer == "/conv" { json!({}) } else { json!("") }] {
            let mut body = whole.clone();
            *body.pointer_mut(pointer).unwrap() = nothing;
            assert_eq!(call(&sandbox, "message/send", &body), json!({"code": 251, "msg": "invalid parameter"}));
        }
    }
    assert_eq!(post(&sandbox, "message/send", "").code(), 251);
    assert_eq!(post(&sandbox, "message/send", "null").code(), 251);
    assert!(sandbox.message_uids().unwrap().is_empty());
}

#[test]
fn a_conversation_type_outside_0_to_6_is_251() {
    let sandbox = sandbox();
    for (kind, code) in [(-1, 251), (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 251)] {
        let body = json!({"sender": "a", "conv": {"type": kind, "target": "b"}, "payload": {"type": 1}});
        assert_eq!(code_of(&sandbox, "message/send", &body), code, "{kind}");
    }
}

#[test]
fn absent_numbers_are_0_and_unknown_fields_are_dropped() {
    let sandbox = sandbox();
    let payload = stored_payload(
        &sandbox,
        r#"{"type":1,"persistFlag":3,"mediaType":null,"binaryContent":"AAAA","mentionedTargets":["u1"]}"#,
    );
    let expected = json!({"type": 1, "mediaType": 0, "persistFlag": 3, "expireDuration": 0, "mentionedType": 0});
    assert_eq!(payload, expected);
}

#[test]
fn every_field_of_a_payload_comes_back() {
    let sandbox = sandbox();
    let payload = json!({
        "type": 1, "searchableContent": "s 😀 \u{1F468}\u{200D}\u{1F469}", "pushContent": "pc", "pushData": "pd",
        "content": "c", "base64edData": "+/8=", "mediaType": 3, "remoteMediaUrl": "http://x/y", "persistFlag": 1,
        "expireDuration": 7, "mentionedType": 1, "mentionedTarget": ["u1", "u2"], "extra": "{}",
    });
    assert_eq!(stored_payload(&sandbox, &payload.to_string()), payload);
}

#[test]
fn a_lone_surrogate_is_stored_as_a_question_mark() {
    let sandbox = sandbox();
    let payload = stored_payload(&sandbox, r#"{"persistFlag":3,"content":"a\ud83db\ud83d\ude00"}"#);
    assert_eq!(payload["content"], "a?b😀");
}

#[test]
fn hostile_bodies_are_500_and_do_no_harm() {
    let sandbox = sandbox();
    for body in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "\"\\".to_owned(), "\u{feff}{}".to_owned()] {
        assert_eq!(post(&sandbox, "message/send", &body).status, 500);
    }
    assert_eq!(code_of(&sandbox, "message/delivery", &json!({"userId": "u1"})), 0);
}
