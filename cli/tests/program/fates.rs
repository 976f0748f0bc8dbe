//! Exit code, JSON and sentence for each kind of failure: whatever happens on the way, they tell the truth.

use std::thread;

use serde_json::{Value, json};
use wildfirechat_message::sandbox::{Fault, Sandbox};

use crate::tool::{Outcome, SECRET, bare, community, fail, program, sandbox};

/// So short that a test need not wait, and so long that a loaded machine answers.
const QUICK: [&str; 6] = ["--timeout", "3", "--read-timeout", "1.5", "--attempts", "2"];

fn send(server: &Sandbox, text: &str, more: &[&str]) -> Outcome {
    program(server).args(["send", "--to", "user:u1", text, "-v"]).args(QUICK).args(more).run()
}

/// A failed call: fault, command, exit code, fields of the JSON, the sentence's part.
struct Case {
    fault: Option<Fault>,
    command: &'static [&'static str],
    code: i32,
    json: Value,
    sentence: &'static str,
}

fn cases() -> Vec<Case> {
    const SEND: &[&str] = &["send", "--to", "user:u1", "hello"];
    let case = |fault: Fault, code, json, sentence| Case { fault: Some(fault), command: SEND, code, json, sentence };
    let plain = |command, code, json, sentence| Case { fault: None, command, code, json, sentence };
    let unknown = |error: &str| json!({"error": error, "may_have_executed": true, "endpoint": "message/send"});
    let not_executed = |error: &str| json!({"error": error, "may_have_executed": false, "endpoint": "message/send"});
    vec![
        plain(SEND, 0, json!({}), ""),
        case(
            Fault::CloseAfterReading,
            3,
            unknown("ConnectionLost"),
            "the connection was lost after the request was sent",
        ),
        case(Fault::ResetAfterExecuting, 3, unknown("ConnectionLost"), "the server may have executed the request"),
        case(Fault::NeverAnswer, 3, unknown("TimedOut"), "no complete answer within"),
        case(Fault::NeverAnswerAfterExecuting, 3, unknown("TimedOut"), "the server may have executed the request"),
        case(Fault::TruncatedBody, 3, unknown("ConnectionLost"), "the server may have executed the request"),
        case(Fault::HtmlAnswer, 3, unknown("InvalidResponse"), "a proxy got no answer"),
        case(Fault::ServiceUnavailable, 3, unknown("InvalidResponse"), "the server may have executed the request"),
        case(Fault::ServerTimeout, 3, unknown("Rejected"), "code 249"),
        case(Fault::UnknownCode, 3, unknown("Rejected"), "code 9999"),
        case(Fault::Redirect, 1, not_executed("Unreachable"), "redirects to"),
        case(Fault::UnreadableRequest, 1, not_executed("BadRequest"), "could not read the request"),
        case(Fault::AuthFailure, 4, not_executed("Unauthorized"), "check that the secret"),
        case(Fault::SignExpired, 4, not_executed("Unauthorized"), "more than 2 hours behind or ahead"),
        case(Fault::HttpUnauthorized, 4, not_executed("Unauthorized"), "requires a login of its own"),
        case(Fault::OverFrequency, 75, not_executed("RateLimited"), "the server accepts no more calls for now"),
        case(Fault::TooManyRequests, 75, not_executed("RateLimited"), "the server accepts no more calls for now"),
        plain(&["get", "7"], 1, json!({"error": "Rejected", "code": 253}), "code 253: not exist"),
        plain(&["recall", "7"], 1, json!({"error": "Rejected", "code": 253}), "code 253"),
        plain(&["delete", "7"], 1, json!({"error": "Rejected", "code": 253}), "code 253"),
        plain(&["send", "--to", "group:unknown", "hello"], 1, json!({"code": 253}), "code 253"),
        plain(&["get", "-7"], 2, json!({"error": "InvalidArgument", "argument": "UID"}), "UID: -7 is not a message id"),
        plain(&["send", "--to", "user:u1", ""], 2, json!({"argument": "TEXT"}), "TEXT: it is empty"),
        plain(
            &["send", "--to", "user:u1", "--payload", r#"{"type":1,"texd":"x"}"#],
            2,
            json!({"argument": "--payload"}),
            "texd: there is no such field",
        ),
        plain(
            &["send", "--to", "user:u1", "--payload", r#"{"type":80}"#],
            2,
            json!({"argument": "payload.content_type"}),
            "content type 80",
        ),
        plain(&["send", "--to", "user:u1", "x", "--sender", ""], 2, json!({"argument": "--sender"}), "it is empty"),
        plain(&["get", "7", "--url", "localhost:1"], 2, json!({"argument": "--url"}), "it must begin with http://"),
        plain(&["get", "7", "--attempts", "0"], 2, json!({"argument": "--attempts"}), "0 is below 1"),
        plain(&["get", "7", "--proxy", "x"], 2, json!({"argument": "--proxy"}), "it is not a URL"),
        plain(&["get", "7", "--ca-file", "/nothing"], 2, json!({"argument": "/nothing"}), "No such file"),
        plain(&["upload", "/nothing"], 2, json!({"argument": "FILE"}), "No such file"),
        plain(&["get", "7", "--url", "http://127.0.0.1:1"], 1, json!({"error": "Unreachable"}), "Connection refused"),
        plain(&["broadcast", "hello"], 2, json!({"argument": "--yes"}), "nobody is there to confirm"),
        plain(&["send", "--to", "user:u1"], 2, json!({"argument": "TEXT"}), "TEXT: it is empty"),
    ]
}

#[test]
fn each_kind_of_failure_has_its_exit_code_its_json_and_its_sentence() {
    for Case { fault, command, code, json, sentence } in cases() {
        let server = sandbox();
        if let Some(fault) = fault {
            fail(&server, fault, 9);
        }
        let text = program(&server).args(QUICK).args(command).run();
        assert_eq!(text.code, code, "{fault:?} {command:?} {text:?}");
        assert!(text.err.contains(sentence), "{text:?}");
        if code != 0 {
            assert_eq!(text.out, "", "{command:?}");
            assert!(text.err.starts_with("wildfirechat-message: ") && text.err.lines().count() == 1, "{text:?}");
        }
        let server = sandbox();
        if let Some(fault) = fault {
            fail(&server, fault, 9);
        }
        let told = program(&server).args(QUICK).args(command).args(["--json"]).run();
        assert_eq!(told.code, code, "{command:?} {told:?}");
        let object = told.object();
        for (name, value) in json.as_object().unwrap() {
            assert_eq!(&object[name], value, "{name} of {object}");
        }
        if code != 0 {
            assert_eq!(told.err, format!("wildfirechat-message: {}\n", object["sentence"].as_str().unwrap()));
        }
    }
}

/// Success is exactly once, "not executed" is never, unknown is at most once: for every fault there is.
#[test]
fn whatever_happens_the_exit_code_tells_the_truth() {
    const TEXT: &str = "canary-7ext-of-a-message";
    thread::scope(|scope| {
        for faults in Fault::ALL.chunks(10) {
            scope.spawn(move || {
                for fault in faults {
                    let server = sandbox();
                    fail(&server, *fault, 9);
                    let outcome = send(&server, TEXT, &["--json"]);
                    let executed = server.messages_with_text(TEXT.into()).unwrap().len();
                    match outcome.code {
                        0 => assert_eq!(executed, 1, "{fault:?} {outcome:?}"),
                        1 | 4 | 75 => assert_eq!(executed, 0, "{fault:?} {outcome:?}"),
                        3 => assert!(executed <= 1, "{fault:?} {outcome:?}"),
                        _ => panic!("{fault:?} {outcome:?}"),
                    }
                    assert!(!outcome.out.contains(TEXT) && !outcome.err.contains(TEXT), "{fault:?} {outcome:?}");
                    let object = outcome.object();
                    assert_eq!(object.get("error").is_some(), outcome.code != 0, "{object}");
                    assert_eq!(object["may_have_executed"] == true, outcome.code == 3, "{object}");
                }
            });
        }
    });
}

#[test]
fn what_an_edition_lacks_is_certainly_not_executed() {
    let server = community();
    let folder = crate::tool::Folder::new();
    let file = folder.file("a.txt", "hello");
    for command in [
        &["update", "7", "text"][..],
        &["delete", "7"],
        &["delete", "7", "--broadcast"],
        &["delete", "7", "--from", "u1"],
        &["recall", "7", "--broadcast"],
        &["read-time", "u1", "--to", "group:g1"],
        &["delivery", "u1"],
        &["upload", file.to_str().unwrap()],
        &["send", "--to", "user:u1", "--file", file.to_str().unwrap()],
    ] {
        let outcome = program(&server).args(command).args(["--json"]).run();
        assert_eq!((outcome.code, &outcome.object()["error"]), (1, &json!("NotSupported")), "{command:?} {outcome:?}");
    }
    assert_eq!(server.message_uids().unwrap(), [0_i64; 0]);
}

#[test]
fn a_command_line_that_cannot_be_read_is_exit_code_2_and_says_why() {
    for (arguments, sentence) in [
        (&["--nothing"][..], "unexpected argument '--nothing'"),
        (&["sned"], "unrecognized subcommand 'sned'"),
        (&["send", "hello"], "--to <KIND:ID>"),
        (&["send", "--to", "u1", "hello"], "it does not have the form KIND:ID, such as user:u1 or group:g1"),
        (&["send", "--to", "user:", "hello"], "the id after the colon is empty"),
        (&["send", "--to", "user:u1", "hello", "--link", "http://x", "--title", "t"], "cannot be used with"),
        (&["send", "--to", "user:u1", "--link", "http://x"], "--title <TEXT>"),
        (&["get", "x"], "invalid digit"),
        (&["get", "7", "--timeout", "0"], "it is 0"),
        (&["get", "7", "--timeout", "-1"], "'-1'"),
        (&["bulk", "f", "--lines", "5-3"], "5-3 ends before it begins"),
        (&["recall", "7", "--broadcast", "--from", "u1"], "cannot be used with"),
        (&["import", "f", "--batch", "0"], "0 is not in 1..=10000"),
        (&["sandbox", "--faults", "x"], "there is no fault x; --list-faults prints their names"),
    ] {
        let outcome = bare().args(arguments).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{arguments:?} {outcome:?}");
        assert!(outcome.err.contains(sentence), "{arguments:?} {outcome:?}");
        let outcome = bare().args(arguments).args(["--json"]).run();
        assert_eq!((outcome.code, &outcome.object()["error"]), (2, &json!("InvalidArgument")), "{arguments:?}");
    }
}

#[test]
fn what_is_missing_is_named_with_where_it_can_come_from() {
    let server = sandbox();
    for (variable, name) in [
        ("WILDFIRECHAT_URL", "--url: it is missing: give this flag, the variable WILDFIRECHAT_URL"),
        ("WILDFIRECHAT_SENDER", "--sender: it is missing: give this flag, the variable WILDFIRECHAT_SENDER"),
        ("WILDFIRECHAT_SECRET", "secret: it is missing: give it by WILDFIRECHAT_SECRET, by --secret-file"),
    ] {
        for program in [program(&server).without(variable), program(&server).env(variable, "")] {
            let outcome = program.args(["send", "--to", "user:u1", "hello"]).run();
            assert_eq!(outcome.code, 2, "{outcome:?}");
            assert!(outcome.err.contains(name), "{outcome:?}");
        }
    }
    assert!(server.requests().unwrap().is_empty());
    assert!(!SECRET.is_empty());
}
