//! Each command, from the command line to the server's state and back to what is told.

use serde_json::{Value, json};
use wildfirechat_message::sandbox::Sandbox;

use crate::tool::{Folder, Outcome, SECRET, bare, program, sandbox};

fn json(server: &Sandbox, arguments: &[&str]) -> Value {
    let outcome = program(server).args(arguments).args(["--json"]).run();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{arguments:?} {outcome:?}");
    outcome.object()
}

fn text(server: &Sandbox, arguments: &[&str]) -> String {
    let outcome = program(server).args(arguments).run();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{arguments:?} {outcome:?}");
    outcome.out
}

/// Sends, and gives the id: a text, as 60 bits are more than many readers of JSON keep.
fn sent(server: &Sandbox, arguments: &[&str]) -> String {
    let object = json(server, arguments);
    assert!(object["timestamp"].as_i64().unwrap() > 1_700_000_000_000);
    object["message_uid"].as_str().unwrap().to_owned()
}

/// The body of the last request.
fn body(server: &Sandbox) -> Value {
    serde_json::from_slice(&server.requests().unwrap().last().unwrap().body).unwrap()
}

#[test]
fn a_message_is_sent_looked_up_changed_recalled_and_deleted() {
    let server = sandbox();
    let uid = sent(&server, &["send", "--to", "group:g1", "--line", "2", "hello", "--mention", "ann,ben"]);
    assert_eq!(
        body(&server),
        json!({"sender": "admin", "conv": {"type": 1, "target": "g1", "line": 2}, "payload": {"type": 1,
            "searchableContent": "hello", "persistFlag": 3, "mentionedType": 1, "mentionedTarget": ["ann", "ben"]}})
    );
    let got = json(&server, &["get", &uid]);
    assert_eq!(got["message_uid"], uid.as_str());
    assert_eq!(got["conversation"], json!({"type": 1, "target": "g1", "line": 2}));
    assert_eq!(got["payload"]["searchableContent"], "hello");
    assert!(text(&server, &["get", &uid]).contains("\nto       group:g1\n"));
    assert_eq!(
        json(&server, &["update", &uid, "changed", "--quietly"]),
        json!({"message_uid": uid, "done": "updated"})
    );
    assert_eq!((&body(&server)["distribute"], &body(&server)["operator"]), (&json!(0), &json!("admin")));
    let recalled = json(&server, &["recall", &uid]);
    assert_eq!(
        (&recalled["recalled"]["searchableContent"], &recalled["message_uid"]),
        (&json!("changed"), &json!(uid))
    );
    assert_eq!(json(&server, &["recall", &uid])["recalled"], Value::Null);
    assert_eq!(json(&server, &["delete", &uid]), json!({"message_uid": uid, "done": "deleted"}));
    assert_eq!(program(&server).args(["get", &uid]).run().code, 1);
}

#[test]
fn many_users_and_all_of_them_get_a_message_that_can_be_taken_back() {
    let server = sandbox();
    let folder = Folder::new();
    let users = folder.file("users", "u3\n\n u4 \r\n");
    let arguments = ["multicast", "--users", "u1,u2", "--users-file", users.to_str().unwrap(), "hello"];
    let uid = sent(&server, &arguments);
    assert_eq!(body(&server)["targets"], json!(["u1", "u2", "u3", "u4"]));
    assert_eq!(json(&server, &["recall", &uid, "--from", "u1,u2"])["done"], "recalled");
    assert_eq!(body(&server)["receivers"], json!(["u1", "u2"]));
    assert_eq!(json(&server, &["delete", &uid, "--from", "u1"])["done"], "deleted");
    let broadcast = json(&server, &["broadcast", "--yes", "hello all"]);
    assert_eq!(broadcast["count"], 5);
    let uid = broadcast["message_uid"].as_str().unwrap().to_owned();
    assert_eq!(json(&server, &["recall", &uid, "--broadcast"])["done"], "recalled");
    assert_eq!(json(&server, &["delete", &uid, "--broadcast"])["done"], "deleted");
}

#[test]
fn times_are_told_in_milliseconds_or_in_words() {
    let server = sandbox();
    sent(&server, &["send", "--to", "user:u1", "hello"]);
    assert!(json(&server, &["delivery", "u1"])["timestamp"].as_i64().unwrap() > 0);
    assert!(json(&server, &["read-time", "u1", "--to", "user:admin"])["timestamp"].is_i64());
    assert!(text(&server, &["delivery", "u1"]).ends_with("GMT\n"));
    assert_eq!(text(&server, &["delivery", "nobody"]), "never\n");
}

#[test]
fn the_text_may_come_from_the_standard_input() {
    let server = sandbox();
    for (arguments, input, expected) in [
        (&["send", "--to", "user:u1"][..], "two\nlines\n", "two\nlines"),
        (&["send", "--to", "user:u1", "-"], "line\r\n", "line"),
        (&["send", "--to", "user:u1"], "  blanks  ", "  blanks  "),
    ] {
        let outcome = program(&server).args(arguments).run_with(input);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert_eq!(body(&server)["payload"]["searchableContent"], expected);
    }
    let requests = server.requests().unwrap().len();
    let too_long = "x".repeat(400_000);
    for (input, sentence) in
        [("", "TEXT: it is empty"), ("\n", "TEXT: it is empty"), (too_long.as_str(), "more than 307200")]
    {
        let outcome = program(&server).args(["send", "--to", "user:u1"]).run_with(input);
        assert_eq!(outcome.code, 2);
        assert!(outcome.err.contains(sentence), "{outcome:?}");
    }
    assert_eq!(server.requests().unwrap().len(), requests);
}

#[test]
fn an_image_and_a_file_are_uploaded_and_sent() {
    let server = sandbox();
    let folder = Folder::new();
    let image = folder.file("photo.png", include_bytes!("photo.png"));
    let file = folder.file("report.txt", "the report");
    sent(&server, &["send", "--to", "user:u1", "--image", image.to_str().unwrap(), "--extra", "mine"]);
    let payload = &body(&server)["payload"];
    let stored = server.files().unwrap().pop().unwrap();
    assert_eq!((stored.file_name.as_str(), stored.media_type), ("photo.png", 1));
    assert_eq!(
        (&payload["type"], &payload["remoteMediaUrl"], &payload["extra"]),
        (&json!(3), &json!(stored.url), &json!("mine"))
    );
    // The beginning of a JPEG in base64.
    assert!(payload["base64edData"].as_str().unwrap().starts_with("/9j/"), "{payload}");
    sent(&server, &["send", "--to", "user:u1", "--file", file.to_str().unwrap(), "--name", "Report"]);
    let payload = &body(&server)["payload"];
    assert_eq!(
        (&payload["type"], &payload["searchableContent"], &payload["content"]),
        (&json!(5), &json!("Report"), &json!("10"))
    );
    let url = json(&server, &["upload", file.to_str().unwrap(), "--media-type", "voice", "--name", "x.amr"]);
    let stored = server.files().unwrap().pop().unwrap();
    assert_eq!(
        (url["url"].as_str().unwrap(), stored.media_type, stored.file_name.as_str()),
        (stored.url.as_str(), 2, "x.amr")
    );
    assert_eq!(stored.data.unwrap(), "the report");
}

#[test]
fn what_lies_somewhere_already_is_not_uploaded() {
    let server = sandbox();
    for (arguments, payload) in [
        (
            &["--image", "https://x/a.jpg"][..],
            json!({"type": 3, "searchableContent": "[图片]", "mediaType": 1, "remoteMediaUrl": "https://x/a.jpg", "persistFlag": 3}),
        ),
        (
            &["--file", "https://x/y/report.pdf?v=1"],
            json!({"type": 5, "searchableContent": "report.pdf", "content": "0", "mediaType": 4,
                "remoteMediaUrl": "https://x/y/report.pdf?v=1", "persistFlag": 3}),
        ),
        (
            &["--payload", r#"{"type":1000,"content":"c"}"#, "--mention-all"],
            json!({"type": 1000, "content": "c", "persistFlag": 3, "mentionedType": 2}),
        ),
    ] {
        sent(&server, &[&["send", "--to", "user:u1"], arguments].concat());
        assert_eq!(body(&server)["payload"], payload);
    }
    sent(&server, &["send", "--to", "user:u1", "--link", "https://x", "--title", "T", "--digest", "D"]);
    assert_eq!(body(&server)["payload"]["searchableContent"], "T");
    assert!(server.files().unwrap().is_empty());
}

#[test]
fn what_can_never_be_sent_is_not_uploaded() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("report.txt", "the report");
    let too_much = "x".repeat(60_000);
    let outcome = program(&server)
        .args(["send", "--to", "user:u1", "--extra", &too_much, "--file", file.to_str().unwrap()])
        .run();
    assert_eq!(outcome.code, 2, "{outcome:?}");
    assert!(server.requests().unwrap().is_empty());
}

#[test]
fn a_file_whose_message_fails_is_named_with_its_url() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("report.txt", "the report");
    let outcome = program(&server).args(["send", "--to", "group:unknown", "--file", file.to_str().unwrap()]).run();
    assert_eq!(outcome.code, 1);
    let stored = server.files().unwrap().pop().unwrap();
    assert!(outcome.err.contains(&format!("the file itself is uploaded; its URL is {}\n", stored.url)), "{outcome:?}");
}

#[test]
fn a_dry_run_checks_all_and_sends_nothing() {
    let server = sandbox();
    let folder = Folder::new();
    let file = folder.file("report.txt", "the report");
    let messages = folder.file("m.jsonl", r#"{"to":"user:u1","text":"x"}"#);
    let imported = folder.file("i.jsonl", r#"{"to":"user:u1","text":"x","timestamp":1}"#);
    let (file, messages, imported) = (file.to_str().unwrap(), messages.to_str().unwrap(), imported.to_str().unwrap());
    // It needs no secret.
    let dry = |arguments: &[&str]| -> Outcome {
        program(&server).without("WILDFIRECHAT_SECRET").args(arguments).args(["--dry-run", "--json"]).run()
    };
    for (arguments, count) in [
        (&["send", "--to", "user:u1", "hello"][..], 1),
        (&["send", "--to", "user:u1", "--file", file], 2),
        (&["multicast", "--users", "u1", "hello"], 1),
        (&["broadcast", "hello"], 1),
        (&["recall", "7"], 1),
        (&["get", "7"], 1),
        (&["update", "7", "hello"], 1),
        (&["delete", "7"], 1),
        (&["read-time", "u1", "--to", "user:u2"], 1),
        (&["delivery", "u1"], 1),
        (&["upload", file], 1),
        (&["bulk", messages], 1),
        (&["import", imported], 1),
    ] {
        let outcome = dry(arguments);
        assert_eq!((outcome.code, outcome.err.as_str()), (0, ""), "{arguments:?} {outcome:?}");
        let told = outcome.json();
        assert_eq!(told.len(), count, "{arguments:?}");
        assert!(told.iter().all(|object| object["dry_run"] == true), "{told:?}");
    }
    assert_eq!(dry(&["get", "0"]).code, 2);
    let shown = dry(&["send", "--to", "user:u1", "hello"]).object();
    assert_eq!(shown["url"], format!("{}/admin/message/send", server.base_url().unwrap()));
    assert_eq!(shown["body"]["payload"]["searchableContent"], "hello");
    assert!(server.requests().unwrap().is_empty());
}

#[test]
fn messages_of_another_system_are_imported_in_batches() {
    let server = sandbox();
    let folder = Folder::new();
    let lines: String = (1..=25)
        .map(|number| {
            format!("{{\"to\":\"user:u1\",\"text\":\"old {number}\",\"timestamp\":15000000000{number:02}}}\n")
        })
        .collect();
    let file = folder.file("old.jsonl", &lines);
    let arguments = ["import", file.to_str().unwrap(), "--batch", "10", "--json"];
    let outcome = program(&server).args(arguments).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let batches: Vec<Value> = outcome.json().iter().map(|object| object["lines"].clone()).collect();
    assert_eq!(batches, ["1-10", "11-20", "21-25"]);
    assert_eq!(server.message_uids().unwrap().len(), 25);

    // The second batch fails: what is left is named, and imported then.
    let server = sandbox();
    let refused = wildfirechat_message::sandbox::Fault::UnreadableRequest;
    program(&server).args(["import", file.to_str().unwrap(), "--lines", "1-10"]).run();
    crate::tool::fail(&server, refused, 1);
    let outcome = program(&server).args(["import", file.to_str().unwrap(), "--lines", "11-", "--batch", "10"]).run();
    assert_eq!(outcome.code, 1, "{outcome:?}");
    assert!(outcome.err.contains("Continue with: --lines 11-\n"), "{outcome:?}");
    let outcome = program(&server).args(["import", file.to_str().unwrap(), "--lines", "11-"]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(server.message_uids().unwrap().len(), 25);

    let bad = folder.file("bad.jsonl", lines + "{\"to\":\"user:u1\",\"text\":\"x\"}\n");
    let outcome = program(&sandbox()).args(["import", bad.to_str().unwrap()]).run();
    assert_eq!(outcome.code, 2);
    assert!(outcome.out.starts_with("26: failed: timestamp: it is missing"), "{outcome:?}");
    assert!(outcome.err.contains("1 of its 26 messages cannot be sent; nothing was sent"), "{outcome:?}");
}

#[cfg(unix)]
#[test]
fn its_sandbox_answers_with_the_secret_that_it_is_told() {
    use std::io::{BufRead, BufReader};
    let mut server = bare().env("WILDFIRECHAT_SECRET", SECRET).args(["sandbox", "--port", "0", "--json"]).start();
    let mut line = String::new();
    BufReader::new(server.child().stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url: Value = serde_json::from_str(&line).unwrap();
    let client = || {
        let environment =
            bare().env("WILDFIRECHAT_URL", url["url"].as_str().unwrap()).env("WILDFIRECHAT_SENDER", "admin");
        environment.args(["send", "--to", "user:u1", "hello"])
    };
    assert_eq!(client().env("WILDFIRECHAT_SECRET", SECRET).run().code, 0);
    assert_eq!(client().env("WILDFIRECHAT_SECRET", "123456").run().code, 4);
    server.signal("TERM");
    assert_eq!(server.end().code, 0);
    let faults = bare().args(["sandbox", "--list-faults"]).run();
    assert!(faults.out.contains("never_answer_after_executing\n"));
}
