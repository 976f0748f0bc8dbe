//! `outbox`: a list in a database, put, sent and looked at from a shell.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wildfirechat_message::sandbox::Fault;

use crate::{
    bulk::messages,
    tool::{Folder, Outcome, Program, SECRET, bare, fail, program, sandbox},
};

struct List {
    folder: Folder,
    server: wildfirechat_message::sandbox::Sandbox,
}

impl List {
    fn new() -> Self {
        Self { folder: Folder::new(), server: sandbox() }
    }

    fn store(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("outbox.db").display())
    }

    fn program(&self, arguments: &[&str]) -> Program {
        program(&self.server).env("WILDFIRECHAT_OUTBOX", self.store()).args(["outbox"]).args(arguments)
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.program(arguments).run()
    }

    fn put(&self, lines: &str) -> Outcome {
        let file = self.folder.file("m.jsonl", lines);
        self.run(&["put", file.to_str().unwrap(), "--json"])
    }

    fn status(&self) -> Value {
        self.run(&["status", "--json"]).object()
    }
}

#[test]
fn messages_are_put_once_and_sent_once() {
    let list = List::new();
    let file = list.folder.file("m.jsonl", messages(300));
    for (put, known) in [(300, 0), (0, 300)] {
        let outcome = list.run(&["put", file.to_str().unwrap(), "--key-prefix", "notice-"]);
        let text = format!("{put} put; {known} were already in the outbox with the same keys\n");
        assert_eq!((outcome.code, outcome.out), (0, text));
    }
    assert_eq!(list.status()["queued"], 300);
    let outcome = list.run(&["run"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "300 sent, 0 failed, 0 of unknown fate\n"), "{outcome:?}");
    for number in 1..=300 {
        assert_eq!(list.server.messages_with_text(format!("message {number}")).unwrap().len(), 1);
    }
    let entries = list.run(&["export", "--state", "sent", "--json"]).json();
    assert_eq!((entries.len(), &entries[6]["key"]), (300, &json!("notice-7")));
    assert_eq!(entries[6]["request"]["payload"]["searchableContent"], "message 7");
    assert_eq!(list.run(&["run", "--json"]).object()["sent"], 0);
    assert_eq!(list.run(&["purge", "--older-than", "0"]).out, "300 removed\n");
    assert_eq!(list.status()["sent"], 0);
}

#[test]
fn what_somebody_has_to_decide_is_told_and_decided() {
    let list = List::new();
    list.put(
        "{\"to\":\"user:u1\",\"text\":\"a\",\"key\":\"a\"}\n{\"to\":\"group:unknown-1\",\"text\":\"b\",\"key\":\"b\",\"priority\":-1}\n",
    );
    fail(&list.server, Fault::CloseAfterExecuting, 1);
    let outcome = list.run(&["run", "--json"]);
    assert_eq!((outcome.code, &outcome.object()["unknown"]), (3, &json!(1)), "{outcome:?}");
    let unknown = list.run(&["unknown", "--json"]).object();
    assert_eq!((&unknown["key"], &unknown["state"]), (&json!("a"), &json!("unknown")));
    let failed = list.run(&["failed"]);
    assert!(failed.out.starts_with("2: failed, key b: message/send: the server answered with code 253"), "{failed:?}");
    assert!(list.run(&["lost"]).out.is_empty());
    let id = unknown["id"].to_string();
    assert_eq!(list.run(&["resolve", &id, "--drop"]).out, format!("{id}: it is not sent again\n"));
    let again = list.run(&["resolve", &id, "--resend"]);
    assert_eq!(again.code, 1);
    assert!(again.err.contains(&format!("entry {id} of the outbox is cancelled")), "{again:?}");
    list.run(&["resolve", "2", "--resend"]);
    assert_eq!(list.run(&["run"]).code, 5);
    assert_eq!(list.run(&["resolve", &id]).code, 2);
}

#[test]
fn what_is_wrong_is_told_before_anything_is_put() {
    let list = List::new();
    let outcome =
        list.put("{\"to\":\"user:u1\",\"text\":\"a\"}\n{\"to\":\"user:u1\",\"text\":\"a\",\"on_lost\":\"maybe\"}\n");
    assert_eq!(outcome.code, 2);
    assert!(outcome.out.contains("on_lost: it is neither leave nor resend"), "{outcome:?}");
    // As they come, from a stream.
    let outcome = list.program(&["put", "-", "--json"]).run_with("{\"to\":\"user:u1\",\"text\":\"a\"}\n{}\n");
    assert_eq!((outcome.code, &outcome.json()[1]), (5, &json!({"put": 1, "known": 0, "bad": 1, "stopped": false})));
    let nowhere = bare().args(["outbox", "status"]).run();
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("WILDFIRECHAT_OUTBOX"), "{nowhere:?}");
    for store in [format!("mysql://u:{SECRET}@h/d"), format!("postgres://h/d?password={SECRET}")] {
        let outcome = bare().args(["outbox", "status", "--store", &store]).run();
        assert_eq!(outcome.code, 2);
        assert!(outcome.err.contains("a password on the command line"), "{outcome:?}");
    }
    let away =
        bare().env("WILDFIRECHAT_OUTBOX", format!("mysql://u:{SECRET}@127.0.0.1:1/d")).args(["outbox", "status"]);
    assert_eq!(away.run().code, 75);
    assert_eq!(list.run(&["export", "--state", "gone"]).code, 2);
    let wrong = list.program(&["run"]).env("WILDFIRECHAT_SECRET", "wrong").run();
    assert_eq!((wrong.code, &list.status()["queued"]), (4, &json!(1)));
}

#[test]
fn an_interrupted_run_gives_back_what_it_holds() {
    let list = List::new();
    list.put(&messages(2_000));
    let mut running = list.program(&["run", "--rate", "100"]).start();
    let until = Instant::now() + Duration::from_secs(60);
    while list.server.message_uids().unwrap().len() < 5 {
        assert!(Instant::now() < until, "nothing is sent");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal("INT");
    let outcome = running.end();
    assert_eq!(outcome.code, 5, "{outcome:?}");
    let status = list.status();
    assert_eq!((&status["sending"], &status["unknown"]), (&json!(0), &json!(0)));
    assert_eq!(list.run(&["run"]).code, 0);
    assert_eq!(list.server.message_uids().unwrap().len(), 2_000);
}
