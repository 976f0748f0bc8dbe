//! Clients that are made, used and dropped leave nothing behind.
//!
//! `WILDFIRECHAT_CLIENTS` says how many clients are made (1,000), `WILDFIRECHAT_THREADS_SECONDS` for how long 64 threads call (2).

#![cfg(all(feature = "sandbox", target_os = "linux"))]

#[path = "support/limit.rs"]
mod limit;
#[path = "support/process.rs"]
mod process;
#[path = "support/setting.rs"]
mod setting;

use std::{
    cell::RefCell,
    env,
    io::Write,
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use process::{open_files, status, tasks};
use setting::number;
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, MulticastRequest, RecallRequest,
    SendRequest,
    sandbox::{Fault, Sandbox, SandboxOptions},
};

/// What is measured here is the process's: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// The harness's own threads come and go meanwhile; what a client leaves behind would be there for each of many.
const A_FEW: usize = 16;

fn sandbox() -> Sandbox {
    let asked_for = 3 * number("WILDFIRECHAT_THREADS_SECONDS", 2) + number("WILDFIRECHAT_CLIENTS", 1_000) / 50;
    limit::this_program_to(Duration::from_secs(120 + asked_for as u64));
    Sandbox::new(None, Some(SandboxOptions { rate_limit: 0, ..SandboxOptions::default() })).unwrap()
}

fn client(sandbox: &Sandbox) -> MessageClient {
    MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), None).unwrap()
}

/// Kept nowhere, so that the sandbox's own memory does not grow.
fn hello() -> SendRequest {
    let payload = MessagePayload { persist_flag: 0, ..MessagePayload::text("hello") };
    SendRequest::new("admin", Conversation::single("u1"), payload)
}

/// Runs a test once more, in a process that learns by a variable where the sandbox is, and shows what was measured there.
fn in_a_process_of_its_own(test: &str, variable: &str, sandbox: &Sandbox) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(variable, sandbox.base_url().unwrap())
        .output()
        .unwrap();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with("measured:")) {
        let _ = writeln!(std::io::stdout(), "{line}");
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn clients_that_were_used_and_dropped_leave_no_thread_no_socket_and_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (sandbox, clients) = (sandbox(), number("WILDFIRECHAT_CLIENTS", 1_000));
    let use_some = |count: usize| {
        for _ in 0..count {
            client(&sandbox).get_delivery_timestamp("u1".into()).unwrap();
            sandbox.clear_requests().unwrap();
        }
    };
    use_some(clients / 5);
    // The sandbox learns of the last closes a moment later.
    thread::sleep(Duration::from_millis(100));
    let before = (status("Threads"), open_files(), status("VmRSS"));
    use_some(clients);
    thread::sleep(Duration::from_millis(100));
    let after = (status("Threads"), open_files(), status("VmRSS"));
    let _ = writeln!(
        std::io::stdout(),
        "measured: {clients} clients; threads {} to {}, files {} to {}, memory {} to {} KiB",
        before.0,
        after.0,
        before.1,
        after.1,
        before.2,
        after.2
    );
    assert!(after.0 < before.0 + A_FEW && after.1 < before.1 + A_FEW, "{before:?} {after:?}");
    assert!(after.2 <= before.2 + 2048, "{before:?} {after:?}");
}

#[test]
fn a_client_may_be_dropped_with_calls_that_nobody_waits_for_any_more() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = sandbox();
    let files = open_files();
    for _ in 0..20 {
        let slice = Duration::from_millis(1);
        let client = MessageClient::in_slices(sandbox.base_url().unwrap(), "123456".into(), None, slice).unwrap();
        for fault in [Fault::NeverAnswer, Fault::SlowDrip, Fault::OverFrequency, Fault::NeverAnswerAfterExecuting] {
            sandbox.fail_next(fault).unwrap();
            let begun = client.send_message(hello());
            assert!(matches!(begun, Err(MessageError::Pending { .. }) | Ok(_)), "{begun:?}");
        }
    }
    sandbox.stop().unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(open_files() < files + A_FEW, "{files} files, and now {}", open_files());
}

#[test]
fn sixty_four_threads_make_every_kind_of_call_at_once() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (sandbox, seconds) = (sandbox(), number("WILDFIRECHAT_THREADS_SECONDS", 2));
    let client = client(&sandbox);
    let message = MessagePayload { persist_flag: 3, ..MessagePayload::text("found") };
    let found =
        client.send_message(SendRequest::new("admin", Conversation::single("u1"), message)).unwrap().message_uid;
    let made = AtomicUsize::new(0);
    let call_for = |time: Duration| {
        let end = Instant::now() + time;
        let one_of_each = || -> Result<(), MessageError> {
            let sent = client.send_message(hello())?;
            client.get_message(found)?;
            client.find_message(sent.message_uid)?;
            client.get_delivery_timestamp("u1".into())?;
            let targets = vec!["u1".to_owned(), "u2".to_owned()];
            let payload = hello().payload;
            client.multicast_message(MulticastRequest { sender: "admin".into(), targets, line: 0, payload })?;
            client.recall_message(RecallRequest { operator: "admin".into(), message_uid: found })?;
            Ok(())
        };
        thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    while Instant::now() < end {
                        one_of_each().unwrap();
                        made.fetch_add(6, Ordering::Relaxed);
                    }
                });
            }
            scope.spawn(|| {
                // What the sandbox writes down is not the library's.
                while Instant::now() < end {
                    sandbox.clear_requests().unwrap();
                    thread::sleep(Duration::from_millis(20));
                }
            });
        });
        sandbox.clear_requests().unwrap();
        status("VmRSS")
    };
    let before = call_for(Duration::from_secs(seconds.div_ceil(4) as u64));
    let kept = sandbox.message_uids().unwrap().len();
    let after = call_for(Duration::from_secs(seconds as u64));
    let grown = sandbox.message_uids().unwrap().len() - kept;
    let _ = writeln!(
        std::io::stdout(),
        "measured: 64 threads, {seconds} s, {} calls, no error; memory {before} to {after} KiB, of which the sandbox keeps \
         {grown} more messages",
        made.load(Ordering::Relaxed),
    );
    // A kept message takes the sandbox less than 1 KiB.
    assert!(after <= before + 8 * 1024 + grown, "{before} to {after} KiB");
}

/// The memory is a process's, so one of its own reads the answer.
#[test]
fn an_answer_of_1_gib_takes_less_than_32_mib() {
    const CHILD: &str = "CHILD_OF_THE_HUGE_ANSWER";
    if let Ok(url) = env::var(CHILD) {
        let client = MessageClient::new(url, "123456".into(), None).unwrap();
        let first = client.get_delivery_timestamp("u1".into());
        assert!(matches!(first, Err(MessageError::Rejected { code: 9999, .. })), "{first:?}");
        // Counts the peak anew.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        let idle = status("VmRSS");
        let error = client.get_delivery_timestamp("u1".into()).unwrap_err();
        assert!(error.to_string().contains("longer than the 16777216 bytes that are allowed"), "{error}");
        let peak = status("VmHWM") - idle;
        println!("measured: {peak} KiB above idle for an answer of 1 GiB");
        assert!(peak < 32 * 1024, "{peak} KiB above idle");
        return;
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = sandbox();
    sandbox.fail_next(Fault::UnknownCode).unwrap();
    sandbox.fail_next(Fault::HugeBody).unwrap();
    in_a_process_of_its_own("an_answer_of_1_gib_takes_less_than_32_mib", CHILD, &sandbox);
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_in_a_call_leaves_the_client_whole() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = sandbox();
    let client = client(&sandbox);
    let message = MessagePayload::text("found");
    let uid = client.send_message(SendRequest::new("admin", Conversation::single("u1"), message)).unwrap().message_uid;
    thread::scope(|scope| {
        let others: Vec<_> =
            (0..4).map(|_| scope.spawn(|| (0..50).for_each(|_| drop(client.get_message(uid).unwrap())))).collect();
        let panicking = scope.spawn(|| client.panic_in_a_call(uid));
        assert!(panicking.join().is_err());
        others.into_iter().for_each(|other| other.join().unwrap());
    });
    client.get_message(uid).unwrap();
}

/// A thread's own values are dropped in its last moments, the runtime's before the client: where the client lies in one
/// of them, or a language lets go of a thread's closure only then.
#[test]
fn a_client_may_end_in_the_last_moment_of_a_thread() {
    thread_local! {
        static LAST: RefCell<Option<MessageClient>> = const { RefCell::new(None) };
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = sandbox();
    let client = client(&sandbox);
    let ended = thread::spawn(move || {
        // The first of the thread's values is the last that is dropped.
        LAST.set(None);
        client.get_delivery_timestamp("u1".into()).unwrap();
        LAST.set(Some(client));
    });
    ended.join().unwrap();
}

/// The threads are a process's, so one of its own looks: there is the harness in it, and the client. The sandbox's threads
/// are in another.
#[test]
fn an_idle_client_has_no_thread_and_wakes_nobody() {
    const CHILD: &str = "CHILD_OF_THE_IDLE_CLIENT";
    const IDLE: Duration = Duration::from_millis(500);
    if let Ok(url) = env::var(CHILD) {
        let before = tasks();
        // By name, so that the thread that looks it up is among those that are to go.
        let url = url.replace("127.0.0.1", "localhost");
        let client = MessageClient::new(url, "123456".into(), None).unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        client.send_message(hello()).unwrap();
                    }
                });
            }
        });
        let outcomes = client.send_messages(vec![hello(); 1_000], None, |_| {}).unwrap();
        assert!(outcomes.iter().all(Result::is_ok));
        thread::sleep(IDLE);
        let idle = tasks();
        thread::sleep(IDLE);
        let after = tasks();
        let names = |tasks: &[process::Task]| -> Vec<String> { tasks.iter().map(|task| task.name.clone()).collect() };
        println!("measured: an idle client's process has the threads {}", names(&after).join(", "));
        assert_eq!(status("Threads"), before.len());
        assert_eq!(names(&idle), names(&before));
        assert_eq!(names(&after), names(&before));
        // This thread has slept, and is counted for that; the others have not been woken.
        let woken = |tasks: &[process::Task]| -> usize {
            tasks.iter().filter(|task| !task.is_this_thread).map(|task| task.switches).sum()
        };
        assert_eq!(woken(&after), woken(&idle));
        client.send_message(hello()).unwrap();
        return;
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = sandbox();
    in_a_process_of_its_own("an_idle_client_has_no_thread_and_wakes_nobody", CHILD, &sandbox);
}

/// Nothing waits for a client that is made and never used.
#[test]
fn a_client_that_was_never_used_opens_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (files, threads) = (open_files(), status("Threads"));
    let clients: Vec<MessageClient> = (0..100)
        .map(|number| {
            let url = format!("http://127.0.0.1:{}", 20_000 + number);
            MessageClient::new(url, "123456".into(), Some(ClientOptions::default())).unwrap()
        })
        .collect();
    assert!(open_files() < files + A_FEW && status("Threads") < threads + A_FEW);
    drop(clients);
}
