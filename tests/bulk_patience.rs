//! Many messages wait, until their patience ends, for a server that is away or accepts no more, and report that they wait.

#![cfg(feature = "sandbox")]

#[path = "support/lists.rs"]
mod lists;
#[path = "support/setting.rs"]
mod setting;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use lists::{checked, client, message, messages, out_of_order, sandbox, send, silent};
use setting::number;
use wildfirechat_message::{
    Bulk, BulkOptions, BulkProgress, Bytes, ClientOptions, MessageError, SendOutcome, StopOn, WaitingFor,
    sandbox::{Fault, FaultRule, Header, Sandbox, ScriptedAnswer},
};

fn seconds(seconds: f64) -> Option<Duration> {
    Some(Duration::from_secs_f64(seconds))
}

fn patient(patience: f64) -> BulkOptions {
    BulkOptions { patience: seconds(patience), ..BulkOptions::default() }
}

/// The server is away after this, for so long.
fn goes_away(sandbox: &Sandbox, after: usize, away: Duration) {
    let arrived = || sandbox.message_uids().unwrap().len();
    let begun = Instant::now();
    while arrived() < after && begun.elapsed() < Duration::from_secs(60) {
        thread::sleep(Duration::from_millis(1));
    }
    sandbox.refuse_connections(away).unwrap();
}

fn unreachable(outcomes: &[SendOutcome]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome, Err(MessageError::Unreachable { .. }))).count()
}

/// 20,000 messages and 10 s, scaled down.
#[test]
fn a_server_that_goes_away_twice_gets_every_message_once_and_in_order() {
    let count = number("WILDFIRECHAT_AWAY_MESSAGES", 3_000);
    let away = Duration::from_millis(number("WILDFIRECHAT_AWAY_MS", 700) as u64);
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let requests = messages(100, count);
    let begun = Instant::now();
    let outcomes = thread::scope(|scope| {
        scope.spawn(|| {
            goes_away(&sandbox, count / 3, away);
            thread::sleep(away);
            goes_away(&sandbox, 2 * count / 3, away);
        });
        send(&client, &requests, BulkOptions::default())
    });
    let counts = checked(&[&sandbox], &requests, &outcomes);
    let told = format!("away: {counts:?} sent, failed, unknown in {:.1} s", begun.elapsed().as_secs_f64());
    let _ = writeln!(std::io::stdout(), "{told}");
    assert!(begun.elapsed() > 2 * away && counts[1] == 0 && counts[2] <= 64, "{told}");
}

/// The program, killed in the midst of its work and started again at the same port.
struct Program(Child);

impl Program {
    fn start(port: u16) -> (Self, u16) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wildfirechat-sandbox"))
            .args(["--rate-limit", "0", "--port", &port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().rsplit(':').next().unwrap().parse().unwrap();
        (Self(child), port)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_server_that_is_killed_and_started_again_gets_all_that_was_not_sent() {
    let count = number("WILDFIRECHAT_AWAY_MESSAGES", 3_000);
    let away = Duration::from_millis(number("WILDFIRECHAT_AWAY_MS", 700) as u64);
    let (program, port) = Program::start(0);
    let client = client(format!("http://127.0.0.1:{port}"), ClientOptions::default());
    let requests = messages(100, count);
    let (told, mut outcomes) = (AtomicUsize::new(0), Vec::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut running = program;
            for third in 1..3 {
                while told.load(Ordering::SeqCst) < third * count / 3 {
                    thread::sleep(Duration::from_millis(1));
                }
                drop(running);
                thread::sleep(away);
                running = Program::start(port).0;
            }
            while told.load(Ordering::SeqCst) < count {
                thread::sleep(Duration::from_millis(5));
            }
        });
        let take = |outcome: SendOutcome| {
            outcomes.push(outcome);
            told.fetch_add(1, Ordering::SeqCst);
        };
        client.send_each(requests.clone(), None, silent, take).unwrap();
    });
    let failed: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    let _ = writeln!(std::io::stdout(), "killed twice: {} sent, {} unknown", count - failed.len(), failed.len());
    // Those that were under way.
    assert!(failed.iter().all(|error| error.may_have_executed()) && failed.len() <= 80, "{failed:?}");
    assert_eq!(out_of_order(&requests, &outcomes), 0);
}

#[test]
fn a_server_that_was_never_reached_is_not_waited_for() {
    let sandbox = sandbox(0, 0);
    let closed = format!("http://127.0.0.1:{}", sandbox.port().unwrap());
    let https = closed.replace("http", "https");
    for url in [https, "http://no-such-host.invalid".to_owned(), closed] {
        if url.starts_with("http://127") {
            sandbox.stop().unwrap();
        }
        let begun = Instant::now();
        let client = client(url.clone(), ClientOptions::default());
        let outcomes = send(&client, &messages(50, 10_000), BulkOptions::default());
        assert_eq!(unreachable(&outcomes), 10_000, "{url}");
        assert!(begun.elapsed() < Duration::from_secs(10), "{url}: {:?}", begun.elapsed());
        let attempts: i64 = outcomes.iter().map(|outcome| i64::from(attempts(outcome))).sum();
        assert!(attempts < 120, "{attempts} attempts");
    }
}

fn attempts(outcome: &SendOutcome) -> i32 {
    match outcome {
        Err(MessageError::Unreachable { attempts, .. } | MessageError::RateLimited { attempts, .. }) => *attempts,
        _ => 0,
    }
}

#[test]
fn when_the_patience_is_over_all_fail_at_once_and_nothing_was_sent() {
    for (patience, at_least) in [(1.0, 0.9), (0.0, 0.0)] {
        let sandbox = sandbox(0, 0);
        let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
        let requests = messages(100, 4_000);
        let begun = Instant::now();
        let (outcomes, elapsed) = thread::scope(|scope| {
            scope.spawn(|| goes_away(&sandbox, 500, Duration::from_secs(30)));
            (send(&client, &requests, patient(patience)), begun.elapsed().as_secs_f64())
        });
        assert!(elapsed > at_least && elapsed < patience + 5.0, "{elapsed} s");
        let [sent, failed, unknown] = checked(&[&sandbox], &requests, &outcomes);
        assert!(sent >= 450 && failed > 2_000 && unknown <= 32, "{sent} sent, {failed} failed, {unknown} unknown");
        assert_eq!(unreachable(&outcomes), failed);
        // Those that looked, and those that were not even tried.
        assert!(outcomes.iter().filter(|outcome| outcome.is_err() && attempts(outcome) == 0).count() > 2_000);
        assert!(outcomes.iter().map(attempts).sum::<i32>() >= 3);
    }
}

#[test]
fn waiting_is_no_part_of_a_messages_total_timeout() {
    let sandbox = sandbox(0, 0);
    let impatient = ClientOptions { total_timeout: seconds(0.3), max_attempts: 1, ..ClientOptions::default() };
    let client = client(sandbox.base_url().unwrap(), impatient);
    let requests = messages(50, 1_000);
    let outcomes = thread::scope(|scope| {
        scope.spawn(|| goes_away(&sandbox, 200, Duration::from_secs(1)));
        send(&client, &requests, BulkOptions::default())
    });
    assert_eq!(unreachable(&outcomes), 0);
}

#[test]
fn a_limit_fails_no_message_however_many_are_under_way() {
    let sandbox = sandbox(200, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let requests = messages(300, 300);
    let outcomes = send(&client, &requests, BulkOptions::default());
    assert_eq!(checked(&[&sandbox], &requests, &outcomes), [300, 0, 0]);
}

#[test]
fn a_limit_that_lets_nothing_through_is_waited_for_until_the_patience_is_over() {
    // Of 36 refusals most are met at once; on a slow machine one after the other, with up to a second between them.
    for (patience, times, fails) in [(1.0, i32::MAX, true), (60.0, 36, false), (0.0, i32::MAX, true)] {
        let sandbox = sandbox(0, 0);
        let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
        sandbox.fail(FaultRule { times, ..Fault::OverFrequency.into() }).unwrap();
        let requests = messages(64, if patience > 0.0 { 1_000 } else { 40 });
        let begun = Instant::now();
        let outcomes = send(&client, &requests, patient(patience));
        let [sent, failed, _] = checked(&[&sandbox], &requests, &outcomes);
        assert_eq!((sent, failed), if fails { (0, requests.len()) } else { (requests.len(), 0) });
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(MessageError::RateLimited { .. }))));
        let elapsed = begun.elapsed().as_secs_f64();
        let (least, most) = if fails { (0.9 * patience, 15.0) } else { (0.0, 50.0) };
        assert!((least..most).contains(&elapsed), "{elapsed} s");
    }
}

#[test]
fn a_server_that_wants_to_be_left_alone_for_a_while_is() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let header = Header { name: "Retry-After".into(), value: "1".into() };
    for _ in 0..20 {
        let headers = vec![header.clone()];
        sandbox.answer_next(ScriptedAnswer { status: 429, headers, body: Bytes::new() }).unwrap();
    }
    let options = BulkOptions { concurrency: 8, ..BulkOptions::default() };
    let (requests, begun) = (messages(64, 100), Instant::now());
    let outcomes = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(700));
            // The first of each worker, and nothing since.
            assert!(sandbox.requests().unwrap().len() <= 8);
            sandbox.stop_failing().unwrap();
        });
        send(&client, &requests, options)
    });
    assert_eq!(checked(&[&sandbox], &requests, &outcomes), [100, 0, 0]);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn progress_tells_what_it_waits_for() {
    let sandbox = sandbox(500, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let mut told: Vec<BulkProgress> = Vec::new();
    let options = BulkOptions { patience: seconds(20.0), ..BulkOptions::default() };
    thread::scope(|scope| {
        scope.spawn(|| {
            // Longer than the pause after a refusal, in which nobody sees that it is away.
            goes_away(&sandbox, 520, Duration::from_secs(3));
        });
        client.send_messages(messages(64, 580), Some(options), |progress| told.push(progress.clone())).unwrap();
    });
    let of = |what| told.iter().filter(move |each| each.waiting_for == what).collect::<Vec<_>>();
    assert!(of(Some(WaitingFor::RateLimit)).len() > 3, "{told:?}");
    let away = of(Some(WaitingFor::Server));
    assert!(away.len() > 3, "{told:?}");
    for each in &away {
        let (waited, left) = (each.waited.unwrap(), each.patience_left.unwrap());
        assert_eq!((waited + left).as_secs(), 20);
    }
    assert!(away.last().unwrap().waited > away[0].waited);
    let last = told.last().unwrap();
    assert_eq!((last.sent, last.waiting_for, last.waited, last.patience_left), (580, None, None, None));
}

#[test]
fn while_the_server_is_away_one_looks_for_it() {
    let sandbox = sandbox(0, 0);
    let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
    let options = BulkOptions { concurrency: 64, ..patient(30.0) };
    let bulk = client.begin_bulk(Some(options), None).unwrap();
    bulk.feed(messages(200, 200), true).unwrap();
    wait_until(&bulk, |progress| progress.sent >= 200);
    sandbox.refuse_connections(Duration::from_secs(3)).unwrap();
    bulk.feed(messages(400, 400), true).unwrap();
    let mut attempts = 0;
    thread::sleep(Duration::from_millis(2_500));
    bulk.cancel().unwrap();
    loop {
        let news = bulk.wait(Duration::from_secs(5)).unwrap();
        attempts += news.failures.iter().map(|failure| interrupted(&failure.error).1).sum::<i32>();
        if news.done {
            break;
        }
    }
    // Those that set out together, and then one in a second or so.
    assert!((3..80).contains(&attempts), "{attempts} attempts");
}

fn interrupted(error: &MessageError) -> (bool, i32) {
    match error {
        MessageError::Interrupted { sent, attempts, .. } => (*sent, *attempts),
        other => panic!("{other}"),
    }
}

fn wait_until(bulk: &Bulk, is: impl Fn(&BulkProgress) -> bool) {
    let begun = Instant::now();
    loop {
        // It would take more requests in, and so it keeps nobody waiting.
        thread::sleep(Duration::from_millis(50));
        let news = bulk.wait(Duration::ZERO).unwrap();
        if news.progress.is_some_and(|progress| is(&progress)) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
fn a_bulk_that_waits_ends_at_once_when_it_is_told_to() {
    type End = fn(&Bulk);
    let by_cancelling: End = |bulk| bulk.cancel().unwrap();
    // Something that can never be sent, where the first failure is to end it.
    let by_a_failure: End = |bulk| {
        let mut request = message("u9999", 9_999);
        request.sender.clear();
        bulk.feed(vec![request], true).unwrap();
        bulk.end().unwrap();
    };
    for (end, limited) in [(by_cancelling, false), (by_cancelling, true), (by_a_failure, false), (by_a_failure, true)] {
        let sandbox = sandbox(if limited { 10 } else { 0 }, 0);
        let client = client(sandbox.base_url().unwrap(), ClientOptions::default());
        // One worker is left for what ends it.
        let options = BulkOptions { stop_on: Some(StopOn::Failure), concurrency: 9, ..BulkOptions::default() };
        let bulk = client.begin_bulk(Some(options), None).unwrap();
        bulk.feed(messages(8, 8), true).unwrap();
        wait_until(&bulk, |progress| progress.sent >= 8);
        if !limited {
            sandbox.refuse_connections(Duration::from_secs(60)).unwrap();
        }
        bulk.feed(messages(8, 300), true).unwrap();
        wait_until(&bulk, |progress| progress.waiting_for.is_some());
        let begun = Instant::now();
        end(&bulk);
        let mut failures = Vec::new();
        loop {
            let news = bulk.wait(Duration::from_secs(5)).unwrap();
            failures.extend(news.failures);
            if news.done {
                break;
            }
        }
        // The server is away for a minute, or takes so few that all would last longer.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let honest = failures.iter().filter(|failure| !failure.error.may_have_executed()).count();
        assert!(failures.len() > 280 && honest + 9 >= failures.len(), "{} of {}", honest, failures.len());
        // What had left before has arrived by then.
        thread::sleep(Duration::from_millis(200));
        let arrived = sandbox.requests().unwrap().len();
        thread::sleep(Duration::from_millis(300));
        assert_eq!(sandbox.requests().unwrap().len(), arrived);
    }
}
