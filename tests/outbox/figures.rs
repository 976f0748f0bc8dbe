//! What the outbox costs: messages a second, whether that stays so with millions of rows, and memory. Each prints what it
//! finds as `measured:`; in the suite they are short, and long by hand (CONTRIBUTING.md).

use std::{
    env, fs,
    io::{self, Write as _},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use wildfirechat_message::{
    BulkOptions, MessageClient, Outbox, PutOptions, RunOptions,
    sandbox::{Sandbox, SandboxOptions},
};

use crate::{
    setting::number,
    stores::{Store, client, client_of, fill, message, run, sandbox},
};

/// Past what the suite keeps of a test that is good.
macro_rules! tell {
    ($($told:tt)*) => {{
        let _ = writeln!(io::stdout(), $($told)*);
    }};
}

const STORE: &str = "WILDFIRECHAT_OUTBOX_STORE";
const URL: &str = "WILDFIRECHAT_OUTBOX_URL";
const COUNT: &str = "WILDFIRECHAT_OUTBOX_COUNT";
/// As many are under way at once, with the outbox and without it.
const CONCURRENCY: i32 = 64;
/// So many conversations that the order keeps nobody waiting.
const USERS: usize = 1_000;

fn a_second(count: usize, took: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64()
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// How fast messages go in and out, beside a bulk without an outbox on the same server.
pub fn throughput(name: &str, store: &Store) {
    let count = number("WILDFIRECHAT_OUTBOX_SENT", 500);
    let sandbox = sandbox();
    let client = client(&sandbox);
    let bulk = timed(|| {
        let options = BulkOptions { concurrency: CONCURRENCY, ..BulkOptions::default() };
        let requests = (0..count).map(|number| message(USERS, number)).collect();
        let outcomes = client.send_messages(requests, Some(options), |_| {}).unwrap();
        assert!(outcomes.iter().all(Result::is_ok));
    });
    let outbox = store.outbox(&client);
    let put = timed(|| fill(&outbox, USERS, count));
    let sent = timed(|| assert_eq!(run(&outbox).sent, i64::try_from(count).unwrap()));
    assert_eq!(sandbox.message_uids().unwrap().len(), 2 * count);
    let [bulk, put, sent] = [bulk, put, sent].map(|took| a_second(count, took));
    tell!(
        "measured: outbox on {name}: {count} messages: put {put:.0} a second, sent {sent:.0} a second, which is {:.2} of a \
         bulk without it ({bulk:.0})",
        sent / bulk
    );
    store.sql("DELETE FROM wildfirechat_outbox");
}

/// How much of what a server with a limit takes goes through the outbox, once the server's first allowance is used up.
fn share_of_a_limit(name: &str, store: &Store) {
    let count = number("WILDFIRECHAT_OUTBOX_SENT", 500);
    // Refilled so fast that the whole takes about five seconds.
    let budget = i32::try_from(count).unwrap();
    let limited = SandboxOptions { rate_limit: budget, ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(limited)).unwrap();
    let client = client(&sandbox);
    let outbox = store.outbox(&client);
    fill(&outbox, USERS, count * 3 / 2);
    let took = timed(|| assert_eq!(run(&outbox).sent, i64::try_from(count * 3 / 2).unwrap()));
    // At once what the bucket has at first, and the rest as it is refilled.
    let fastest = Duration::from_secs(5);
    tell!(
        "measured: outbox on {name}: a server that takes {budget} in 10 s: {} messages in {took:.1?}, {:.2} of what it allows",
        count * 3 / 2,
        fastest.as_secs_f64() / took.as_secs_f64()
    );
    assert!(took >= fastest / 2, "the limit was none");
    store.sql("DELETE FROM wildfirechat_outbox");
}

/// What a message costs as the table grows: half of it sent, half of it to be sent.
pub fn flat_cost(name: &str, store: &Store) {
    let most = number("WILDFIRECHAT_OUTBOX_ROWS", 4_000);
    let sandbox = sandbox();
    let outbox = store.outbox(&client(&sandbox));
    let first = (most / 2).min(10_000);
    fill(&outbox, USERS, first);
    store.sql(
        "UPDATE wildfirechat_outbox SET state = 5, message_uid = id, finished_at = created_at, wake_at = NULL \
         WHERE id % 2 = 0",
    );
    let mut rows = first;
    for wanted in [first, most / 5, most].into_iter().filter(|wanted| *wanted >= first) {
        while rows < wanted {
            let some = (wanted - rows).min(rows);
            store.sql(&format!(
                "INSERT INTO wildfirechat_outbox \
                 (message_key, request, state, lane, kept, finished_at, message_uid) \
                 SELECT CONCAT('copy-{rows}-', id), request, state, lane, kept, finished_at, message_uid \
                 FROM wildfirechat_outbox ORDER BY id LIMIT {some}"
            ));
            rows += some;
        }
        cost_at(name, rows, &outbox, &sandbox);
        // Those that were sent and put meanwhile are as good as those that were there.
        rows += PUT;
    }
    store.sql("DELETE FROM wildfirechat_outbox");
}

/// So many are put for the measurement.
const PUT: usize = 500;

fn cost_at(name: &str, rows: usize, outbox: &Outbox, sandbox: &Sandbox) {
    let messages = (rows / 5).min(4_000);
    let put = timed(|| {
        let messages = (0..PUT).map(|number| (message(USERS, number), PutOptions::key(format!("{rows}-{number}"))));
        assert_eq!(outbox.put_many(messages).unwrap().put, i64::try_from(PUT).unwrap());
    });
    let mut queued = 0;
    let status = timed(|| queued = usize::try_from(outbox.status().unwrap().queued).unwrap());
    let before = sandbox.message_uids().unwrap().len();
    let begun = Instant::now();
    let worker = outbox.begin_run(RunOptions { until_empty: false, ..RunOptions::default() }).unwrap();
    // What a worker asks once, when it begins, does not count, where there is enough left to measure.
    let mut first = None;
    let (sent, took) = loop {
        let Some(told) = worker.wait(Duration::from_secs(60)) else { panic!("the worker tells nothing") };
        let sent = usize::try_from(told.sent).unwrap();
        if sent == 0 {
            continue;
        }
        let (from, since) =
            *first.get_or_insert_with(|| if sent < queued / 2 { (sent, Instant::now()) } else { (0, begun) });
        if sent >= (from + messages).min(queued) {
            break (sent - from, since.elapsed());
        }
        assert!(!worker.is_done(), "{told:?}");
    };
    worker.stop();
    let all = worker.finish().unwrap().sent;
    assert_eq!(sandbox.message_uids().unwrap().len() - before, usize::try_from(all).unwrap());
    let milliseconds = |took: Duration, count: usize| 1_000.0 / a_second(count, took);
    tell!(
        "measured: outbox on {name}: {rows} rows: put {:.3} ms, claimed, sent and written {:.3} ms a message; status {:.0} ms",
        milliseconds(put, PUT),
        milliseconds(took, sent),
        milliseconds(status, 1),
    );
}

#[test]
fn messages_a_second() {
    throughput("sqlite", &Store::sqlite());
}

#[test]
fn a_servers_limit_is_used_up() {
    share_of_a_limit("sqlite", &Store::sqlite());
}

#[test]
fn the_cost_of_a_message_with_many_rows() {
    flat_cost("sqlite", &Store::sqlite());
}

/// A process that puts so many and sends them, and tells how much memory it took at the most.
#[test]
#[ignore = "it is begun by another test"]
fn a_sender() {
    let (Ok(store), Ok(url)) = (env::var(STORE), env::var(URL)) else { return };
    let count = number(COUNT, 0);
    let client: MessageClient = client_of(url);
    let outbox = Outbox::open(&store, &client).unwrap();
    fill(&outbox, USERS, count);
    assert_eq!(run(&outbox).sent, i64::try_from(count).unwrap());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    println!("peak: {}", peak.trim().trim_end_matches(" kB"));
}

/// In KiB.
#[cfg(target_os = "linux")]
fn peak_of(count: usize) -> usize {
    let (store, sandbox) = (Store::sqlite(), sandbox());
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "figures::a_sender", "--ignored", "--nocapture"])
        .env(STORE, &store.url)
        .env(URL, sandbox.base_url().unwrap())
        .env(COUNT, count.to_string())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let peak = told.split("peak: ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    peak.unwrap_or_else(|| panic!("{told}{}", String::from_utf8_lossy(&output.stderr)))
}

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_flat_however_many_messages_there_are() {
    /// What may come and go by chance.
    const SOME: usize = 16 * 1024;
    let many = number("WILDFIRECHAT_OUTBOX_MEMORY", 10_000);
    // At least as many as a chunk and a claim have: with fewer, not all of what is kept for reuse has been needed yet.
    let few = (many / 10).max(5_000).min(many);
    let (small, large) = (peak_of(few), peak_of(many));
    tell!(
        "measured: outbox on sqlite: memory of a process that puts and sends {few} messages: {} MiB, {many}: {} MiB",
        small / 1024,
        large / 1024
    );
    assert!(large <= small + SOME, "{few} messages took {small} KiB, and {many} took {large} KiB");
}
