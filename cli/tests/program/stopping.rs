//! Ctrl-C, SIGTERM, and an output that nobody reads: no outcome is lost without a word, and what is left is named.

#![cfg(unix)]

use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use wildfirechat_message::sandbox::{Fault, RandomFaults, Sandbox};

use crate::{
    bulk::messages,
    tool::{Folder, Outcome, fail, program, sandbox},
};

fn wait_for_requests(server: &Sandbox, count: usize) {
    let begun = Instant::now();
    while server.requests().unwrap().len() < count {
        assert!(begun.elapsed() < Duration::from_secs(60), "no request comes");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_call_that_waits_is_ended_and_its_fate_told() {
    for signal in ["INT", "TERM"] {
        let server = sandbox();
        fail(&server, Fault::NeverAnswerAfterExecuting, 1);
        let mut running = program(&server).args(["send", "--to", "user:u1", "hello", "--json"]).start();
        wait_for_requests(&server, 1);
        let begun = Instant::now();
        running.signal(signal);
        let outcome = running.end();
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(outcome.code, 3, "{outcome:?}");
        let object = outcome.object();
        assert_eq!((&object["error"], &object["sent"]), (&json!("Interrupted"), &json!(true)));
        assert!(
            outcome.err.contains("interrupted after the request was sent; the server may have executed the request")
        );
    }
}

#[test]
fn a_call_that_waits_between_attempts_is_ended_and_was_not_executed() {
    let server = sandbox();
    fail(&server, Fault::OverFrequency, 1000);
    let mut running = program(&server).args(["send", "--to", "user:u1", "hello", "--attempts", "1000"]).start();
    wait_for_requests(&server, 3);
    running.signal("INT");
    let outcome = running.end();
    // The signal may meet the moment in which a request is under way.
    assert!(matches!(outcome.code, 1 | 3), "{outcome:?}");
    assert_eq!(outcome.code == 1, outcome.err.contains("interrupted; nothing was executed"), "{outcome:?}");
    assert!(server.message_uids().unwrap().is_empty());
}

/// A server that takes its time with some messages, so that others overtake them.
fn uneven() -> Sandbox {
    let server = sandbox();
    let (faults, delay) = (vec![Fault::DelayAfterReading], Some(Duration::from_millis(150)));
    server.fail_randomly(RandomFaults { faults, probability: 0.3, seed: 5, endpoint: None, delay }).unwrap();
    server
}

/// Every message was executed once.
fn all_were_sent_once(server: &Sandbox, count: usize) {
    for number in 1..=count {
        let executed = server.messages_with_text(format!("message {number}")).unwrap().len();
        assert_eq!(executed, 1, "message {number}");
    }
}

fn go_on(server: &Sandbox, file: &str, outcome: &Outcome) {
    server.stop_failing().unwrap();
    let outcome = program(server).args(["bulk", file, "--lines", outcome.go_on()]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

#[test]
fn an_interrupted_bulk_goes_on_exactly_where_it_stopped() {
    const COUNT: usize = 300;
    for signal in ["INT", "TERM"] {
        let server = uneven();
        let folder = Folder::new();
        let file = folder.file("m.jsonl", messages(COUNT));
        let file = file.to_str().unwrap();
        let mut running = program(&server).args(["bulk", file, "--json"]).start();
        wait_for_requests(&server, 40);
        running.signal(signal);
        let outcome = running.end();
        // What was under way has come to its end.
        assert_eq!(outcome.code, 5, "{outcome:?}");
        let summary = outcome.json().pop().unwrap()["summary"].clone();
        assert_eq!((&summary["failed"], &summary["unknown"]), (&json!(0), &json!(0)));
        assert_eq!(summary["go_on"], outcome.go_on());
        let sent = usize::try_from(summary["sent"].as_u64().unwrap()).unwrap();
        assert!((40..COUNT).contains(&sent), "{sent}");
        assert_eq!(server.message_uids().unwrap().len(), sent);
        go_on(&server, file, &outcome);
        all_were_sent_once(&server, COUNT);
    }
}

#[test]
fn a_second_signal_gives_up_what_is_under_way_and_calls_it_unknown() {
    let server = sandbox();
    fail(&server, Fault::NeverAnswerAfterExecuting, 100);
    let folder = Folder::new();
    let file = folder.file("m.jsonl", messages(30));
    let mut running = program(&server).args(["bulk", file.to_str().unwrap()]).start();
    wait_for_requests(&server, 7);
    running.signal("INT");
    let stderr = running.child().stderr.take().unwrap();
    let mut told = BufReader::new(stderr).lines().map(Result::unwrap);
    assert!(told.next().unwrap().contains("interrupt once more to give them up"));
    running.signal("INT");
    let rest: Vec<String> = told.collect();
    let outcome = running.end();
    assert_eq!(outcome.code, 3, "{outcome:?}");
    assert_eq!(outcome.out.lines().filter(|line| line.contains(": unknown: ")).count(), 7, "{outcome:?}");
    assert!(
        rest.iter().any(|line| line.ends_with("continue with: --lines 8-30") || line.ends_with("--lines 8-")),
        "{rest:?}"
    );
}

#[test]
fn an_interrupt_is_heard_while_a_stream_pauses() {
    let server = sandbox();
    let mut paused = program(&server).args(["bulk", "-"]);
    paused.0.stdin(Stdio::piped());
    let mut running = paused.start();
    let mut input = running.child().stdin.take().unwrap();
    writeln!(input, "{{\"to\":\"user:u1\",\"text\":\"message 1\"}}").unwrap();
    wait_for_requests(&server, 1);
    thread::sleep(Duration::from_millis(300));
    running.signal("INT");
    let outcome = running.end();
    drop(input);
    assert_eq!((outcome.code, outcome.go_on()), (5, "2-"), "{outcome:?}");
}

#[test]
fn an_output_that_nobody_reads_stops_a_bulk_and_nothing_is_lost() {
    const COUNT: usize = 300;
    let server = uneven();
    let folder = Folder::new();
    let file = folder.file("m.jsonl", messages(COUNT));
    let file = file.to_str().unwrap();
    let mut running = program(&server).args(["bulk", file]).start();
    let mut told = Vec::new();
    let mut output = BufReader::new(running.child().stdout.take().unwrap());
    for _ in 0..3 {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        told.push(line);
    }
    drop(output);
    let outcome = running.end();
    assert_eq!(outcome.code, 5, "{outcome:?}");
    assert!(outcome.err.contains("the standard output accepts no more (Broken pipe"), "{outcome:?}");
    assert!(outcome.err.contains(": sent as message "), "{outcome:?}");
    go_on(&server, file, &outcome);
    all_were_sent_once(&server, COUNT);
}

#[test]
fn an_output_that_takes_no_more_loses_no_outcome() {
    let full = || OpenOptions::new().write(true).open("/dev/full");
    if full().is_err() {
        return;
    }
    let server = sandbox();
    for json in [&[][..], &["--json"]] {
        let mut sending = program(&server).args(["send", "--to", "user:u1", "hello"]).args(json);
        sending.0.stdout(Stdio::from(full().unwrap()));
        let outcome = sending.start().end();
        // It was sent, whoever hears of it.
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let uid = server.message_uids().unwrap().pop().unwrap().to_string();
        assert!(
            outcome.err.contains("the standard output accepts no more") && outcome.err.contains(&uid),
            "{outcome:?}"
        );
    }
}
