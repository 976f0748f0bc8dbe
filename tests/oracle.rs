//! The oracle: makes calls through random faults, and compares what each call reported with what the server really did.
//!
//! `WILDFIRECHAT_ORACLE_CALLS` says how many calls (5,000), `WILDFIRECHAT_ORACLE_SEED` which faults they meet. The table goes to standard output.

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
    Answer, BroadcastRequest, ClientOptions, Conversation, ImportedMessage, MessageClient, MessageError,
    MessagePayload, MulticastRequest, RecallRequest, SendRequest,
    sandbox::{Fault, RandomFaults, Sandbox, SandboxOptions},
};

const SECRET: &str = "123456";
const THREADS: usize = 16;
const PROBABILITY: f64 = 0.5;
/// How long a call waits for the next byte.
const PATIENCE: Duration = Duration::from_millis(100);
/// After this no request is under way any more, executed or not.
const ALL_OVER: Duration = Duration::from_millis(400);

#[test]
fn what_a_call_says_is_what_the_server_did() {
    let (calls, seed) =
        (number("WILDFIRECHAT_ORACLE_CALLS", 5_000), number("WILDFIRECHAT_ORACLE_SEED", 20_261_124) as i64);
    let mut plans: Vec<Plan> = Fault::ALL.iter().map(|&fault| Plan::of(fault.name(), &[fault])).collect();
    plans.push(Plan::of("any", Fault::ALL));
    plans.push(Plan { interrupted: true, ..Plan::of("any, and callers that give up", Fault::ALL) });
    let each = calls.div_ceil(plans.len());
    let mut table = vec![format!("{} calls, seed {seed}, {THREADS} threads", each * plans.len())];
    table.extend(HEAD.map(str::to_owned));
    let mut violations = Vec::new();
    for plan in &plans {
        let row = plan.run(each, seed, &|client, call| client.make(call));
        table.push(row.to_string());
        violations.extend(row.violations);
    }
    table.push(format!("{} violations", violations.len()));
    for line in table {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(std::io::stdout(), "oracle: {line}");
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

/// Who sends again when a connection is lost sends twice, and the oracle sees it.
#[test]
fn a_careless_retry_is_found_out() {
    let careless = |client: &Caller, call: &Call| {
        let mut outcome = client.make(call);
        for _ in 0..3 {
            if !matches!(outcome, Outcome::Unknown(MessageError::ConnectionLost { .. })) {
                break;
            }
            outcome = client.make(call);
        }
        outcome
    };
    let plan = Plan::of("a careless caller", &[Fault::ResetAfterExecuting]);
    let row = plan.run(200, 1, &careless);
    assert!(row.violations.iter().any(|violation| violation.contains("executed 2 times")), "{row}");
}

/// Who takes a gateway's HTTP 500 for the server's word says "not executed" of what was, and the oracle sees it.
#[test]
fn the_old_reading_of_a_500_is_found_out() {
    let trusting = |client: &Caller, call: &Call| match client.make(call) {
        Outcome::Unknown(error @ MessageError::InvalidResponse { status: 500, .. }) => Outcome::NotExecuted(error),
        outcome => outcome,
    };
    let plan = Plan::of("a trusting caller", &[Fault::GatewayAnswerAfterExecuting]);
    let row = plan.run(400, 1, &trusting);
    assert!(row.violations.iter().any(|violation| violation.contains("was said not to be executed")), "{row}");
}

/// Which faults strike in a part of the run.
struct Plan {
    name: String,
    faults: Vec<Fault>,
    /// What faults take that take time.
    delay: Duration,
    /// Whether callers give up half of the calls that take longer than a moment.
    interrupted: bool,
}

type Making = dyn Fn(&Caller, &Call) -> Outcome + Sync;

impl Plan {
    fn of(name: impl Into<String>, faults: &[Fault]) -> Self {
        // A delay as long as the patience: every other such call times out, and is executed only then.
        let close = matches!(
            faults,
            [Fault::DelayBeforeReading | Fault::DelayAfterReading | Fault::DelayAfterExecuting | Fault::DelayInAnswer]
        );
        let delay = if close { PATIENCE } else { PATIENCE / 10 };
        Self { name: name.into(), faults: faults.to_vec(), delay, interrupted: false }
    }

    fn run(&self, calls: usize, seed: i64, make: &Making) -> Row {
        let sandbox = Sandbox::new(None, Some(SandboxOptions { rate_limit: 0, ..SandboxOptions::default() })).unwrap();
        let caller = Caller::of(&sandbox, self.interrupted);
        let patient = MessageClient::new(sandbox.base_url().unwrap(), SECRET.to_owned(), None).unwrap();
        let calls: Vec<Call> = (0..calls).map(|number| Call::prepared(number, &patient)).collect();
        let faults = RandomFaults {
            faults: self.faults.clone(),
            probability: PROBABILITY,
            seed,
            endpoint: None,
            delay: Some(self.delay),
        };
        sandbox.fail_randomly(faults).unwrap();
        let next = AtomicUsize::new(0);
        let outcomes: Vec<(usize, Outcome)> = thread::scope(|scope| {
            let worker = || {
                let mine = std::iter::from_fn(|| calls.get(next.fetch_add(1, Ordering::Relaxed)));
                mine.map(|call| (call.number, make(&caller, call))).collect::<Vec<_>>()
            };
            let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        thread::sleep(ALL_OVER);
        let mut row = Row { name: self.name.clone(), ..Row::default() };
        for (number, outcome) in outcomes {
            row.add(&calls[number], &outcome, calls[number].executions(&sandbox));
        }
        row
    }
}

/// A client, and how it waits.
struct Caller {
    client: MessageClient,
    gives_up: bool,
}

impl Caller {
    fn of(sandbox: &Sandbox, gives_up: bool) -> Self {
        let options = ClientOptions {
            read_timeout: Some(PATIENCE),
            total_timeout: Some(Duration::from_millis(400)),
            retry_pause: Some(Duration::from_millis(1)),
            max_response_bytes: 64 * 1024,
            ..ClientOptions::default()
        };
        let (url, slice) = (sandbox.base_url().unwrap(), Duration::from_millis(if gives_up { 5 } else { 60_000 }));
        let client = MessageClient::in_slices(url, SECRET.to_owned(), Some(options), slice).unwrap();
        Self { client, gives_up }
    }

    fn make(&self, call: &Call) -> Outcome {
        let mut outcome = call.begin(&self.client);
        let mut slices = 0;
        while let Err(MessageError::Pending { ticket }) = outcome {
            slices += 1;
            outcome = match self.gives_up && (call.number + slices).is_multiple_of(2) {
                true => self.client.access().unwrap().cancel(ticket).map(|()| Answer::Done),
                false => self.client.access().unwrap().resume(ticket),
            };
        }
        match outcome {
            Ok(answer) => Outcome::Succeeded(Box::new(answer)),
            Err(error) if error.may_have_executed() => Outcome::Unknown(error),
            Err(error) => Outcome::NotExecuted(error),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Send,
    Multicast,
    Broadcast,
    Import,
    Recall,
    Delete,
    Get,
}

impl Kind {
    /// Half of the calls send; the rest is everything else.
    const ALL: [Self; 10] = [
        Self::Send,
        Self::Multicast,
        Self::Send,
        Self::Broadcast,
        Self::Send,
        Self::Import,
        Self::Send,
        Self::Recall,
        Self::Delete,
        Self::Get,
    ];

    /// Whether each execution makes another message.
    fn acts_each_time(self) -> bool {
        matches!(self, Self::Send | Self::Multicast | Self::Broadcast | Self::Import)
    }
}

/// A call that nobody else makes: its message has a text of its own.
struct Call {
    number: usize,
    kind: Kind,
    text: String,
    /// The message that it is about, sent while all was well.
    message_uid: i64,
}

impl Call {
    fn prepared(number: usize, client: &MessageClient) -> Self {
        let kind = Kind::ALL[number % Kind::ALL.len()];
        let text = format!("call {number}");
        let message_uid = match kind.acts_each_time() {
            true => 0,
            false => client.send_message(send(&text)).expect("nothing fails yet").message_uid,
        };
        Self { number, kind, text, message_uid }
    }

    fn begin(&self, client: &MessageClient) -> Result<Answer, MessageError> {
        let (sender, payload) = ("admin".to_owned(), MessagePayload::text(&self.text));
        match self.kind {
            Kind::Send => client.send_message(send(&self.text)).map(Answer::from),
            Kind::Multicast => {
                let targets = vec!["u1".to_owned(), "u2".to_owned()];
                client.multicast_message(MulticastRequest { sender, targets, line: 0, payload }).map(Answer::from)
            }
            Kind::Broadcast => {
                client.broadcast_message(BroadcastRequest { sender, line: 0, payload }).map(Answer::from)
            }
            Kind::Import => {
                let (conversation, receivers) = (Conversation::group("g1"), Vec::new());
                let timestamp = 1_600_000_000_000;
                let message = ImportedMessage { sender, conversation, payload, timestamp, receivers };
                client.import_messages(vec![message]).map(Answer::from)
            }
            Kind::Recall => {
                let request = RecallRequest { operator: sender, message_uid: self.message_uid };
                client.recall_message(request).map(Answer::from)
            }
            Kind::Delete => client.delete_message(self.message_uid).map(Answer::from),
            Kind::Get => client.get_message(self.message_uid).map(Answer::from),
        }
    }

    /// How often the server executed it; what only reads leaves no mark.
    fn executions(&self, sandbox: &Sandbox) -> usize {
        match self.kind {
            kind if kind.acts_each_time() => sandbox.messages_with_text(self.text.clone()).unwrap().len(),
            _ => usize::try_from(sandbox.executions(self.message_uid).unwrap() - 1).unwrap(),
        }
    }

    /// What is wrong with an outcome, given what the server did.
    fn violation(&self, outcome: &Outcome, executions: usize) -> Option<&'static str> {
        match (outcome, self.kind) {
            (Outcome::Succeeded(answer), Kind::Get) => match &**answer {
                Answer::Message { value } if value.payload.searchable_content == self.text => None,
                _ => Some("gave another message"),
            },
            (_, Kind::Get) => (executions > 0).then_some("changed what it reads"),
            (Outcome::Succeeded(_), kind) if kind.acts_each_time() && executions != 1 => Some("succeeded"),
            (Outcome::Succeeded(_), _) if executions == 0 => Some("succeeded"),
            (Outcome::NotExecuted(_), _) if executions > 0 => Some("was said not to be executed"),
            (Outcome::Unknown(_), kind) if kind.acts_each_time() && executions > 1 => Some("was said to be unknown"),
            _ => None,
        }
    }
}

fn send(text: &str) -> SendRequest {
    SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text(text))
}

enum Outcome {
    Succeeded(Box<Answer>),
    /// The error says that nothing was executed.
    NotExecuted(MessageError),
    Unknown(MessageError),
}

const HEAD: [&str; 2] = [
    "| fault | calls | succeeded | failed, not executed | unknown | of these executed | violations |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
];

#[derive(Default)]
struct Row {
    name: String,
    succeeded: usize,
    not_executed: usize,
    unknown: usize,
    unknown_but_executed: usize,
    violations: Vec<String>,
}

impl Row {
    fn add(&mut self, call: &Call, outcome: &Outcome, executions: usize) {
        let told = match outcome {
            Outcome::Succeeded(_) => {
                self.succeeded += 1;
                "no error".to_owned()
            }
            Outcome::NotExecuted(error) => {
                self.not_executed += 1;
                error.to_string()
            }
            Outcome::Unknown(error) => {
                self.unknown += 1;
                self.unknown_but_executed += usize::from(executions > 0);
                error.to_string()
            }
        };
        if let Some(wrong) = call.violation(outcome, executions) {
            self.violations
                .push(format!("{}: {} {wrong} and was executed {executions} times: {told}", self.name, call.text));
        }
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let calls = self.succeeded + self.not_executed + self.unknown;
        let Self { name, succeeded, not_executed, unknown, unknown_but_executed, violations } = self;
        write!(
            f,
            "| {name} | {calls} | {succeeded} | {not_executed} | {unknown} | {unknown_but_executed} | {} |",
            violations.len()
        )
    }
}
