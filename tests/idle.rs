//! Calls over connections that the other side closes while they are idle, timed so that closes and calls meet.
//!
//! `WILDFIRECHAT_IDLE_CALLS` says how many calls (2,000), `WILDFIRECHAT_IDLE_MS` after how long a connection is closed (20), `WILDFIRECHAT_IDLE_THREADS` how
//! many threads make them (16). The counts go to standard output.

#![cfg(feature = "sandbox")]

#[path = "support/setting.rs"]
mod setting;

use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use setting::number;
use wildfirechat_message::{
    ClientOptions, Conversation, MessageClient, MessageError, MessagePayload, SendRequest,
    sandbox::{Sandbox, SandboxOptions},
};

#[test]
fn a_connection_that_is_closed_while_idle_costs_no_call_or_says_so() {
    let (calls, threads) = (number("WILDFIRECHAT_IDLE_CALLS", 2_000), number("WILDFIRECHAT_IDLE_THREADS", 16));
    let idle = Duration::from_millis(number("WILDFIRECHAT_IDLE_MS", 20) as u64);
    let options = SandboxOptions { idle_timeout: Some(idle), rate_limit: 0, ..SandboxOptions::default() };
    let sandbox = Sandbox::new(None, Some(options)).unwrap();
    let options =
        ClientOptions { pool_max_idle: 1024, pool_idle_timeout: Some(Duration::MAX), ..ClientOptions::default() };
    let client = MessageClient::new(sandbox.base_url().unwrap(), "123456".into(), Some(options)).unwrap();
    let next = AtomicUsize::new(0);
    let mut failures: Vec<(usize, MessageError)> = Vec::new();
    thread::scope(|scope| {
        let worker = || {
            let mut failures = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return failures;
                }
                let payload = MessagePayload::text(format!("call {number}"));
                let request = SendRequest::new("admin", Conversation::single("u1"), payload);
                if let Err(error) = client.send_message(request) {
                    failures.push((number, error));
                }
                // From 5 % before the close to 5 % after it.
                thread::sleep(idle.mul_f64(0.95 + (number % 101) as f64 / 1000.0));
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        failures.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
    });
    let executions = |number: usize| sandbox.messages_with_text(format!("call {number}")).unwrap().len();
    for (number, error) in &failures {
        assert!(matches!(error, MessageError::ConnectionLost { attempts: 1, .. }), "{error:?}");
        assert!(error.may_have_executed() && executions(*number) <= 1);
    }
    let failed: Vec<usize> = failures.iter().map(|(number, _)| *number).collect();
    assert!((0..calls).filter(|number| !failed.contains(number)).all(|number| executions(number) == 1));
    let closes = sandbox.requests().unwrap().iter().map(|request| request.connection).max().unwrap_or_default();
    let _ = writeln!(
        std::io::stdout(),
        "measured: {calls} calls by {threads} threads, over {closes} connections closed after {idle:?}: {} lost, each of \
         them told as unknown",
        failures.len(),
    );
    // A close that had arrived before the call is always seen. The others fall into the moment between the look and the
    // first byte, which is longer where the machine does other things. Who did not look would lose a call for each close.
    let closes = usize::try_from(closes).unwrap();
    assert!(failures.len() * 4 <= closes * 3, "{} calls lost for {closes} closes", failures.len());
}
