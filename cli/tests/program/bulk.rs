//! `bulk`: a result for each message, in order, at once.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use serde_json::{Value, json};
use wildfirechat_message::sandbox::{Fault, FaultRule};

use crate::tool::{Folder, fail, program, sandbox};

/// Messages to some users, one a line.
pub fn messages(count: usize) -> String {
    (1..=count).fold(String::new(), |mut text, number| {
        let user = number % 7;
        writeln!(text, "{{\"to\":\"user:u{user}\",\"text\":\"message {number}\"}}").unwrap();
        text
    })
}

#[test]
fn each_message_has_its_line_in_order_and_the_sum_comes_last() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("m.jsonl", messages(200));
    let outcome = program(&server).args(["bulk", file.to_str().unwrap(), "--json"]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let mut told = outcome.json();
    assert_eq!(
        told.pop().unwrap()["summary"],
        json!({"sent": 200, "failed": 0, "unknown": 0, "failed_lines": null, "unknown_lines": null, "go_on": null})
    );
    assert_eq!(told.len(), 200);
    for (number, object) in (1..).zip(told) {
        assert_eq!((&object["line"], &object["status"]), (&json!(number), &json!("sent")));
        let uid: i64 = object["message_uid"].as_str().unwrap().parse().unwrap();
        assert_eq!(server.messages_with_text(format!("message {number}")).unwrap(), [uid]);
    }
    let outcome = program(&server).args(["bulk", file.to_str().unwrap(), "--lines", "3"]).run();
    assert!(outcome.out.starts_with("3: sent as message ") && outcome.out.lines().count() == 1, "{outcome:?}");
    assert_eq!(outcome.err, "wildfirechat-message: 1 sent, 0 failed, 0 of unknown fate\n");
}

#[test]
fn the_exit_code_is_that_of_the_worst_and_the_lines_are_named() {
    #[rustfmt::skip]
    let table = [
        // fault, how often, arguments, exit code, failed, unknown
        (None, 0, &[][..], 0, json!(null), json!(null)),
        (Some(Fault::UnreadableRequest), 1, &["--concurrency", "1"], 5, json!("1"), json!(null)),
        (Some(Fault::UnreadableRequest), 9, &[], 1, json!("1-4"), json!(null)),
        (Some(Fault::AuthFailure), 9, &[], 4, json!("1-4"), json!(null)),
        (Some(Fault::CloseAfterExecuting), 1, &["--concurrency", "1"], 3, json!(null), json!("1")),
        (Some(Fault::CloseAfterExecuting), 9, &[], 3, json!(null), json!("1-4")),
        (Some(Fault::OverFrequency), 99, &["--patience", "0"], 75, json!("1-4"), json!(null)),
        (Some(Fault::OverFrequency), 2, &[], 0, json!(null), json!(null)),
    ];
    for (fault, times, arguments, code, failed, unknown) in table {
        let server = sandbox();
        let folder = Folder::new();
        let file = folder.file("m.jsonl", messages(4));
        if let Some(fault) = fault {
            fail(&server, fault, times);
        }
        let outcome = program(&server).args(["bulk", file.to_str().unwrap(), "--json"]).args(arguments).run();
        assert_eq!(outcome.code, code, "{fault:?} {outcome:?}");
        let summary = outcome.json().pop().unwrap()["summary"].clone();
        let lines = summary["failed_lines"].clone();
        if fault == Some(Fault::AuthFailure) {
            // A wrong secret ends it at once: lines that had not been read by then are not sent.
            assert!([json!("1"), json!("1-2"), json!("1-3"), json!("1-4")].contains(&lines), "{outcome:?}");
        } else {
            assert_eq!(lines, failed, "{fault:?}");
        }
        assert_eq!(summary["unknown_lines"], unknown, "{fault:?}");
        for line in 1..=4 {
            let executed = server.messages_with_text(format!("message {line}")).unwrap().len();
            let status =
                outcome.json().iter().find(|object| object["line"] == line).map(|object| object["status"].clone());
            match status.as_ref().and_then(Value::as_str) {
                Some("sent") => assert_eq!(executed, 1),
                Some("failed") | None => assert_eq!(executed, 0),
                Some("unknown") => assert!(executed <= 1),
                Some(other) => panic!("{other}"),
            }
        }
    }
}

#[test]
fn it_stops_where_it_is_told_to_and_says_where_to_go_on() {
    for (fault, stop_on) in [(Fault::UnreadableRequest, "failure"), (Fault::CloseAfterExecuting, "unknown")] {
        let server = sandbox();
        let folder = Folder::new();
        let file = folder.file("m.jsonl", messages(20));
        // The tenth message.
        let arguments = ["bulk", file.to_str().unwrap(), "--concurrency", "1", "--stop-on", stop_on];
        assert_eq!(program(&server).args(arguments).args(["--lines", "1-9"]).run().code, 0);
        fail(&server, fault, 1);
        let outcome = program(&server).args(arguments).args(["--lines", "10-"]).run();
        assert_eq!(outcome.code, if stop_on == "failure" { 1 } else { 3 }, "{outcome:?}");
        // Those that wait have not begun, and the end of the file may not have been read.
        assert!(matches!(outcome.go_on(), "11-" | "11-20"), "{outcome:?}");
        let go_on = outcome.go_on().to_owned();
        let outcome = program(&server).args(arguments).args(["--lines", &go_on]).run();
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let counts: Vec<usize> =
            (1..=20).map(|number| server.messages_with_text(format!("message {number}")).unwrap().len()).collect();
        let tenth = usize::from(stop_on == "unknown");
        assert_eq!(counts, [vec![1; 9], vec![tenth], vec![1; 10]].concat());
    }
}

#[test]
fn a_secret_that_is_wrong_is_not_tried_with_every_message() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("m.jsonl", messages(20_000));
    let outcome = program(&server).env("WILDFIRECHAT_SECRET", "wrong").args(["bulk", file.to_str().unwrap()]).run();
    assert_eq!(outcome.code, 4, "{}", outcome.err);
    assert!(server.requests().unwrap().len() < 10_000);
    assert!(outcome.go_on().ends_with("20000") || outcome.go_on().ends_with('-'), "{}", outcome.err);
}

#[test]
fn a_file_with_a_bad_line_sends_nothing_and_names_each() {
    let server = sandbox();
    let folder = Folder::new();
    let good = r#"{"to":"user:u1","text":"good"}"#;
    let file = folder.file("m.jsonl", format!("{good}\nnonsense\n{good}\n{{\"to\":\"user:u1\",\"txt\":\"x\"}}\n"));
    let outcome = program(&server).args(["bulk", file.to_str().unwrap()]).run();
    assert_eq!(outcome.code, 2);
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(lines[0], "2: failed: it is not JSON: see line 1, column 2");
    assert!(
        lines[1].starts_with("4: failed: txt: there is no such field; the known fields are: to, line,"),
        "{outcome:?}"
    );
    assert!(outcome.err.contains("2 of its 4 messages cannot be sent; nothing was sent"), "{outcome:?}");
    assert!(server.requests().unwrap().is_empty());
    for (name, content, sentence) in [
        ("none.jsonl", "\n\n", "there is no message in it"),
        ("none.csv", "to,text\n", "there is no message in it"),
        ("odd.csv", "to,txt\nuser:u1,x\n", "there is no column \"txt\""),
    ] {
        let file = folder.file(name, content);
        let outcome = program(&server).args(["bulk", file.to_str().unwrap()]).run();
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.err.contains(sentence), "{outcome:?}");
    }
    for (path, sentence) in [("/nothing.jsonl", "No such file"), ("/tmp", "is a directory")] {
        let outcome = program(&server).args(["bulk", path]).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
        assert!(outcome.err.contains(sentence), "{outcome:?}");
    }
}

#[test]
fn a_stream_with_a_bad_line_sends_the_others() {
    let server = sandbox();
    let input = "{\"to\":\"user:u1\",\"text\":\"one\"}\nnonsense\n{\"to\":\"user:u1\",\"text\":\"three\"}\n";
    let outcome = program(&server).args(["bulk", "-", "--json"]).run_with(input);
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let told = outcome.json();
    let statuses: Vec<&Value> = told.iter().map(|object| &object["status"]).collect();
    assert_eq!(statuses, [&json!("sent"), &json!("failed"), &json!("sent"), &Value::Null]);
    assert_eq!(told[1]["error"], "InvalidArgument");
    assert_eq!(told[3]["summary"]["failed_lines"], "2");
}

#[test]
fn csv_is_read_by_its_ending_or_when_it_is_said() {
    let server = sandbox();
    let folder = Folder::new();
    let csv = "to,text,mention\nuser:u1,\"one, two\n\"\"three\"\"\",\ngroup:g1,look,ann;ben\n";
    let file = folder.file("m.csv", csv);
    let outcome = program(&server).args(["bulk", file.to_str().unwrap()]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(server.messages_with_text("one, two\n\"three\"".into()).unwrap().len(), 1);
    // By the line that a message begins on.
    let lines: Vec<&str> = outcome.out.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["2", "4"]);
    let outcome = program(&server).args(["bulk", "-", "--format", "csv", "--lines", "4"]).run_with(csv);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(server.messages_with_text("look".into()).unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_pipe_with_a_name_is_read_as_a_stream() {
    let server = sandbox();
    let folder = Folder::new();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let running = program(&server).args(["bulk", pipe.to_str().unwrap()]).start();
    std::fs::write(&pipe, messages(5)).unwrap();
    let outcome = running.end();
    assert_eq!((outcome.code, outcome.out.lines().count()), (0, 5), "{outcome:?}");
}

/// The next message is made of the answer to the one before: that works only where each outcome comes at once.
#[test]
fn a_stream_is_sent_as_it_comes_and_each_outcome_told_at_once() {
    let server = sandbox();
    let mut tail = program(&server).args(["bulk", "-", "--json"]);
    tail.0.stdin(Stdio::piped());
    let mut running = tail.start();
    let mut input = running.child().stdin.take().unwrap();
    let mut outcomes = BufReader::new(running.child().stdout.take().unwrap()).lines();
    let mut before = "begin".to_owned();
    for _ in 0..5 {
        writeln!(input, "{{\"to\":\"user:u1\",\"text\":\"after {before}\"}}").unwrap();
        let outcome: Value = serde_json::from_str(&outcomes.next().unwrap().unwrap()).unwrap();
        assert_eq!(server.messages_with_text(format!("after {before}")).unwrap().len(), 1);
        before = outcome["message_uid"].as_str().unwrap().to_owned();
    }
    drop(input);
    let summary: Value = serde_json::from_str(&outcomes.next().unwrap().unwrap()).unwrap();
    assert_eq!(summary["summary"]["sent"], 5);
    assert_eq!(running.end().code, 0);
}

#[test]
fn a_server_that_goes_away_for_a_while_costs_no_message() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("m.jsonl", messages(60));
    let rule =
        FaultRule { fault: Fault::Refuse, times: 1, endpoint: None, delay: Some(std::time::Duration::from_secs(2)) };
    assert_eq!(program(&server).args(["bulk", file.to_str().unwrap(), "--lines", "1-5"]).run().code, 0);
    server.fail(rule).unwrap();
    let outcome =
        program(&server).args(["bulk", file.to_str().unwrap(), "--lines", "6-", "--concurrency", "1", "--json"]).run();
    // The one that met the refusal may be unknown; all others are sent.
    let summary = outcome.json().pop().unwrap()["summary"].clone();
    assert!(summary["sent"].as_u64().unwrap() >= 54, "{outcome:?}");
    assert!(summary["failed"] == 0 || outcome.err.contains("waits until there is one again"), "{outcome:?}");
    let executed = |number: usize| server.messages_with_text(format!("message {number}")).unwrap().len();
    assert!((1..=60).all(|number| executed(number) <= 1));
}
