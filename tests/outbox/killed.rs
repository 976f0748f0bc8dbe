//! The oracle with kills: workers are killed at random moments, the server makes trouble, and what the outbox says of each
//! message is what happened to it.

use std::{
    env,
    io::Write as _,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use wildfirechat_message::{
    Outbox, OutboxPolicy, OutboxRequest, OutboxState, PutOptions, RunOptions,
    sandbox::{Fault, RandomFaults, Sandbox},
};

use crate::{
    order::out_of_order,
    setting::number,
    stores::{Store, client, client_of, executions, fill, message, sandbox},
};

const STORE: &str = "WILDFIRECHAT_OUTBOX_STORE";
const URL: &str = "WILDFIRECHAT_OUTBOX_URL";
const CARE: &str = "WILDFIRECHAT_OUTBOX_CARE";
const CONCURRENCY: usize = 16;

/// What a server does to messages under way.
const FAULTS: [Fault; 12] = [
    Fault::CloseBeforeReading,
    Fault::ResetBeforeReading,
    Fault::CloseAfterReading,
    Fault::ResetAfterReading,
    Fault::CloseAfterExecuting,
    Fault::ResetAfterExecuting,
    Fault::TruncatedBody,
    Fault::HtmlAnswerAfterExecuting,
    Fault::ServiceUnavailable,
    Fault::ServerTimeoutAfterExecuting,
    Fault::OverFrequency,
    Fault::UnknownCode,
];

/// What the workers take care of.
#[derive(Debug, Clone, Copy)]
enum Care {
    Full,
    /// They write what they did, and not what they are about to do.
    NoIntent,
    /// They take a message back from whoever has it for longer than an answer may take.
    ShortLease,
}

/// Chance that is the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What there was in the end.
#[derive(Debug, Default)]
pub struct Told {
    sent: usize,
    unknown: usize,
    unknown_executed: usize,
    lost: Vec<String>,
    twice: Vec<String>,
    kills: usize,
}

/// Sends so many messages with so many workers, which are killed so many times.
fn oracle(
    store: &Store,
    sandbox: &Sandbox,
    messages: usize,
    kills: usize,
    workers: usize,
    policy: OutboxPolicy,
    care: Care,
) -> Told {
    let client = client(sandbox);
    let outbox = store.outbox(&client);
    let put =
        |number: usize| (message(40, number), PutOptions { on_unknown: policy, ..PutOptions::key(number.to_string()) });
    outbox.put_many((0..messages).map(put)).unwrap();
    let seed = number("WILDFIRECHAT_OUTBOX_SEED", 20_261_125) as u64;
    let mut chance = Chance(seed.max(1));
    sandbox
        .fail_randomly(RandomFaults {
            faults: FAULTS.to_vec(),
            probability: 0.02,
            seed: i64::try_from(seed).unwrap(),
            endpoint: Some("message/send".into()),
            delay: Some(Duration::from_millis(20)),
        })
        .unwrap();
    let mut told = Told::default();
    let url = sandbox.base_url().unwrap();
    let start = || worker(&store.url, &url, care);
    let mut children: Vec<Child> = (0..workers).map(|_| start()).collect();
    let begun = Instant::now();
    let executed = || sandbox.message_uids().unwrap().len();
    for kill in 1..=kills {
        // A moment that depends on chance, between this kill and the one before.
        let part = messages * 9 / 10 / kills;
        let target = part * (kill - 1) + usize::try_from(chance.below(part.max(1) as u64)).unwrap();
        while executed() < target && begun.elapsed() < Duration::from_secs(2_000) {
            // One that has ended by itself was told that no message would be taken, or that there are none.
            for child in &mut children {
                if child.try_wait().unwrap().is_some() {
                    *child = start();
                }
            }
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(chance.below(20_000)));
        let which = usize::try_from(chance.below(workers as u64)).unwrap();
        told.kills += usize::from(children[which].try_wait().unwrap().is_none());
        let _ = children[which].kill();
        let _ = children[which].wait();
        children[which] = start();
    }
    for mut child in children {
        let _ = child.wait();
    }
    sandbox.stop_failing().unwrap();
    let mut last = start();
    assert!(last.wait().unwrap().success());
    judge(&outbox, sandbox, messages, &mut told);
    told
}

/// Compares what the outbox says with what the server did.
fn judge(outbox: &Outbox, sandbox: &Sandbox, messages: usize, told: &mut Told) {
    for number in 0..messages {
        let entry = outbox.find(&number.to_string()).unwrap().unwrap();
        let executed = executions(sandbox, number);
        let fits = match entry.state {
            OutboxState::Sent => {
                told.sent += 1;
                executed >= 1
            }
            OutboxState::Unknown => {
                told.unknown += 1;
                told.unknown_executed += executed;
                true
            }
            _ => false,
        };
        if !fits {
            told.lost.push(format!("{number} is {} and was executed {executed} times", entry.state));
        }
        if executed > 1 {
            told.twice.push(format!("{number} is {} and was executed {executed} times", entry.state));
        }
    }
}

fn worker(store: &str, url: &str, care: Care) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "killed::a_worker", "--ignored", "--nocapture"])
        .env(STORE, store)
        .env(URL, url)
        .env(CARE, format!("{care:?}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "it is begun by the others"]
fn a_worker() {
    let (Ok(store), Ok(url)) = (env::var(STORE), env::var(URL)) else { return };
    let client = client_of(url);
    let outbox = Outbox::open(&store, &client).unwrap();
    match env::var(CARE).as_deref() {
        Ok("NoIntent") => return outcome_without_intent(&store, &outbox, &client),
        Ok("ShortLease") => return lease_too_short(&store, &outbox, &client),
        _ => {}
    }
    let options = RunOptions {
        lease: Some(Duration::from_secs(1)),
        concurrency: i32::try_from(CONCURRENCY).unwrap(),
        ..RunOptions::default()
    };
    outbox.run(options, |_| {}).unwrap();
}

/// Somebody's own loop: takes a message, sends it, and then writes that it did.
fn outcome_without_intent(store: &str, outbox: &Outbox, client: &wildfirechat_message::MessageClient) {
    let sql = Store { url: store.to_owned(), folder: None };
    loop {
        let some: Vec<_> = outbox.entries(OutboxState::Queued).take(16).map(Result::unwrap).collect();
        if some.is_empty() {
            return;
        }
        for entry in some {
            let Some(OutboxRequest::Send { value: request }) = entry.request else { continue };
            let state = match client.send_message(request) {
                Ok(_) => 5,
                Err(error) if error.may_have_executed() => 9,
                Err(_) => continue,
            };
            sql.sql(&format!("UPDATE wildfirechat_outbox SET state = {state} WHERE id = {}", entry.id));
        }
    }
}

/// Somebody's own loop, with a lease that is over before a slow answer comes: then the message is anybody's again.
fn lease_too_short(store: &str, outbox: &Outbox, client: &wildfirechat_message::MessageClient) {
    const LEASE_MS: u32 = 1;
    const NOW: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
    let sql = Store { url: store.to_owned(), folder: None };
    let free = format!("(state = 2 OR (state = 4 AND wake_at < {NOW}))");
    loop {
        let taken = sql.sql(&format!(
            "UPDATE wildfirechat_outbox SET state = 4, wake_at = {NOW} + {LEASE_MS} \
             WHERE id = (SELECT id FROM wildfirechat_outbox WHERE {free} ORDER BY id LIMIT 1) AND {free} RETURNING id"
        ));
        let Some(id) = taken.first().map(|row| row[0].parse().unwrap()) else { return };
        let Some(OutboxRequest::Send { value: request }) = outbox.get(id).unwrap().unwrap().request else { continue };
        let state = match client.send_message(request) {
            Ok(_) => 5,
            Err(error) if error.may_have_executed() => 9,
            Err(_) => continue,
        };
        sql.sql(&format!("UPDATE wildfirechat_outbox SET state = {state}, wake_at = NULL WHERE id = {id}"));
    }
}

fn tell(what: &str, told: &Told, messages: usize) {
    let Told { sent, unknown, unknown_executed, lost, twice, kills } = told;
    let _ = writeln!(
        std::io::stdout(),
        "outbox oracle: {what}: {messages} messages, {kills} kills: {sent} sent, {unknown} unknown ({unknown_executed} of \
         them executed), {} wrong, {} twice",
        lost.len(),
        twice.len(),
    );
}

pub fn holds(what: &str, store: &Store, workers: usize) {
    let (messages, kills) = (number("WILDFIRECHAT_OUTBOX_MESSAGES", 1_000), number("WILDFIRECHAT_OUTBOX_KILLS", 8));
    let sandbox = sandbox();
    let told = oracle(store, &sandbox, messages, kills, workers, OutboxPolicy::Leave, Care::Full);
    tell(what, &told, messages);
    assert!(told.lost.is_empty() && told.twice.is_empty(), "{told:?}");
    assert_eq!(told.sent + told.unknown, messages);
    // What was under way at the kills, and what met a fault that hides its fate.
    assert!(told.unknown <= told.kills * CONCURRENCY + messages / 20, "{told:?}");
    let outbox = store.outbox(&client(&sandbox));
    assert_eq!(out_of_order(&outbox), 0);
}

#[test]
fn killed_workers_leave_every_message_executed_once_or_told_as_unknown() {
    holds("sqlite", &Store::sqlite(), 1);
}

#[test]
fn a_resend_of_what_is_unknown_is_found_out() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let told = oracle(&store, &sandbox, 400, 4, 1, OutboxPolicy::Resend, Care::Full);
    tell("resend what is unknown", &told, 400);
    assert!(told.lost.is_empty() && !told.twice.is_empty(), "{told:?}");
}

#[test]
fn an_outcome_without_an_intent_before_it_is_found_out() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let told = oracle(&store, &sandbox, 400, 12, 1, OutboxPolicy::Leave, Care::NoIntent);
    tell("no intent", &told, 400);
    assert!(!told.twice.is_empty(), "{told:?}");
}

#[test]
fn a_lease_that_is_shorter_than_an_answer_takes_is_found_out() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let told = oracle(&store, &sandbox, 400, 0, 3, OutboxPolicy::Leave, Care::ShortLease);
    tell("a lease too short", &told, 400);
    assert!(!told.twice.is_empty(), "{told:?}");
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Returns when every thread of the process stands still: a signal is sent before it has arrived everywhere.
fn stop(child: &Child) {
    signal(child, "-STOP");
    // Where there is no such folder, it has to be believed.
    let threads = || std::fs::read_dir(format!("/proc/{}/task", child.id())).into_iter().flatten().flatten();
    let stands_still = |thread: std::fs::DirEntry| match std::fs::read_to_string(thread.path().join("stat")) {
        Ok(stat) => stat.rsplit_once(") ").is_some_and(|(_, state)| state.starts_with('T')),
        // It has ended.
        Err(_) => true,
    };
    while !threads().all(stands_still) {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_worker_whose_lease_ran_out_sends_nothing_that_others_have() {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let outbox = store.outbox(&client(&sandbox));
    fill(&outbox, 10, 1_000);
    let child = worker(&store.url, &sandbox.base_url().unwrap(), Care::Full);
    while sandbox.message_uids().unwrap().len() < 20 {
        thread::sleep(Duration::from_millis(2));
    }
    // It stands still for longer than its lease, and others go on.
    stop(&child);
    // In the midst of a transaction it would keep everybody out of the file.
    while !store.takes_writes() {
        signal(&child, "-CONT");
        thread::sleep(Duration::from_millis(3));
        stop(&child);
    }
    let options = RunOptions { lease: Some(Duration::from_secs(1)), ..RunOptions::default() };
    let options = RunOptions { patience: Some(Duration::from_secs(30)), ..options };
    let progress = outbox.run(options, |_| {}).unwrap();
    let before = sandbox.message_uids().unwrap().len();
    signal(&child, "-CONT");
    let mut child = child;
    assert!(child.wait().unwrap().success());
    let mut told = Told::default();
    judge(&outbox, &sandbox, 1_000, &mut told);
    tell("a worker that stood still", &told, 1_000);
    assert!(told.lost.is_empty() && told.twice.is_empty(), "{told:?} {progress:?} {before}");
}
