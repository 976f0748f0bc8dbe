//! What differs by version and edition: sizes, lists of users, a user's own rights, the length of a queue.

use serde_json::{Value, json};
use wildfirechat_message::sandbox::{Edition, Sandbox, SandboxOptions};

use crate::raw::{code_of, result_of, sandbox, send_text, text_payload};

fn of_version(version: &str) -> Sandbox {
    let server_version = Some(version.to_owned());
    Sandbox::new(None, Some(SandboxOptions { server_version, ..SandboxOptions::default() })).unwrap()
}

fn message(kind: i32, target: &str, to_users: &[&str]) -> Value {
    json!({"sender": "a", "conv": {"type": kind, "target": target}, "payload": text_payload("t"), "toUsers": to_users})
}

/// Which of these users a message reaches.
fn reached<'a>(sandbox: &Sandbox, message: &Value, users: &[&'a str]) -> Vec<&'a str> {
    let uid = result_of(sandbox, "message/send", message)["messageUid"].as_i64().unwrap();
    let has = |user: &&&str| sandbox.messages_of_user((**user).to_owned()).unwrap().contains(&uid);
    users.iter().filter(has).copied().collect()
}

#[test]
fn a_list_of_users_means_what_it_means_in_each_kind_of_conversation() {
    let (old, new) = (of_version("1.2.4"), sandbox());
    let users = ["a", "b", "c", "d"];
    #[rustfmt::skip]
    type Users<'a> = &'a [&'a str];
    let table: [(i32, &str, Users<'_>, Users<'_>, Users<'_>); 8] = [
        // kind, target, listed, reached by 1.2.4, reached by the newest
        (0, "b", &[], &["a", "b"], &["a", "b"]),
        (0, "b", &["b"], &["a", "b"], &["a", "b"]),
        (0, "b", &["c"], &["a"], &["a"]),
        (1, "g1", &["b", "c"], &["a", "b", "c"], &["a", "b", "c"]),
        (2, "room", &["b"], &["a", "b", "c", "d"], &["a", "b"]),
        (2, "room", &[], &["a", "b", "c", "d"], &["a", "b", "c", "d"]),
        (3, "channel", &["b"], &["a", "b"], &["a", "b"]),
        (3, "others-channel", &["b"], &["a", "b", "c", "d"], &["a", "b", "c", "d"]),
    ];
    for (kind, target, listed, by_old, by_new) in table {
        let message = message(kind, target, listed);
        assert_eq!(reached(&old, &message, &users), by_old, "1.2.4: {kind} {target} {listed:?}");
        assert_eq!(reached(&new, &message, &users), by_new, "newest: {kind} {target} {listed:?}");
    }
}

#[test]
fn a_users_own_rights_hold_only_where_they_are_asked_for() {
    let (old, new) = (of_version("1.3.7"), of_version("1.3.8"));
    let mut sensitive = message(1, "g1", &[]);
    sensitive["payload"]["searchableContent"] = "a sensitive-word".into();
    let of_type =
        |kind: i32| json!({"sender": "a", "conv": {"target": "b"}, "payload": {"type": kind, "persistFlag": 3}});
    let from = |sender: &str| json!({"sender": sender, "conv": {"target": "b"}, "payload": text_payload("t")});
    #[rustfmt::skip]
    let table = [
        (message(0, "b", &[]), 0), (of_type(80), 251), (of_type(81), 251), (of_type(100), 251), (of_type(199), 251),
        (of_type(200), 248), (of_type(299), 248), (of_type(300), 0), (from("muted-1"), 247), (from("blocked-1"), 247),
        (message(0, "unfriendly-1", &[]), 246), (message(0, "blocked-1", &[]), 8), (message(1, "others-1", &[]), 9),
        (message(1, "muted-1", &[]), 241), (message(2, "others-1", &[]), 20), (message(3, "others-1", &[]), 21),
        (sensitive, 242),
    ];
    for (message, code) in table {
        assert_eq!(code_of(&new, "message/send", &message), 0, "without the flag: {message}");
        for flag in ["isUserMessage", "userMessage"] {
            let mut by_user = message.clone();
            by_user[flag] = true.into();
            assert_eq!(code_of(&new, "message/send", &by_user), code, "{by_user}");
            assert_eq!(code_of(&old, "message/send", &by_user), 0, "1.3.7: {by_user}");
        }
    }
}

#[test]
fn a_message_is_measured_in_utf_16_units_before_anything_else() {
    let (old, new) = (of_version("1.3.7"), of_version("1.3.8"));
    let of = |content: String, data: &str| json!({"sender": "", "conv": {"target": "b"}, "payload": {"type": 1, "content": content, "base64edData": data}});
    // An emoji has two units, a Chinese letter one.
    for (letter, just) in [("x", 65_536), ("好", 65_536), ("😀", 32_768)] {
        assert_eq!(code_of(&new, "message/send", &of(letter.repeat(just), "")), 251, "{letter}");
        assert_eq!(code_of(&new, "message/send", &of(letter.repeat(just + 1), "")), 35, "{letter}");
        assert_eq!(code_of(&old, "message/send", &of(letter.repeat(just + 1), "")), 251, "{letter}");
    }
    // Three bytes.
    assert_eq!(code_of(&new, "message/send", &of("x".repeat(65_533), "AAAA")), 251);
    assert_eq!(code_of(&new, "message/send", &of("x".repeat(65_534), "AAAA")), 35);
    for endpoint in ["message/multicast", "message/broadcast"] {
        let mut body = of("x".repeat(65_537), "");
        body["targets"] = json!([]);
        assert_eq!(code_of(&new, endpoint, &body), 35, "{endpoint}");
    }
}

#[test]
fn a_users_queue_keeps_the_newest() {
    for (edition, longest) in [(Edition::Community, 1024), (Edition::Professional, 5000)] {
        let options = SandboxOptions { edition: Some(edition), rate_limit: 0, ..SandboxOptions::default() };
        let sandbox = Sandbox::new(None, Some(options)).unwrap();
        let uids: Vec<i64> = (0..longest + 10).map(|_| send_text(&sandbox, "a", "b", "t")).collect();
        assert_eq!(sandbox.messages_of_user("b".into()).unwrap(), uids[10..]);
    }
}

#[test]
fn what_is_no_version_is_refused() {
    for version in ["", "1.3", "newest", "1.3.x"] {
        let server_version = Some(version.to_owned());
        let refused = Sandbox::new(None, Some(SandboxOptions { server_version, ..SandboxOptions::default() }));
        assert!(refused.unwrap_err().to_string().contains("is not a version such as 1.2.4"), "{version}");
    }
}
