//! `outbox`: a list of messages in a database.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    arguments::{Common, FileArguments, OutboxArguments, OutboxCommand},
    console::Console,
    environment::Variable,
    exit::{self, Failure},
    records::{self, Outgoing, Record, Source},
    session::Session,
    stop::Stop,
    tally, told,
};
use wildfirechat_message::{
    ClientOptions, MessageClient, Outbox, OutboxEntry, OutboxRequest, OutboxState, PutCounts, PutOptions, Resolution,
    RunOptions, RunProgress, RunWaitsFor, SendRequest, endpoints::Endpoint,
};

/// How long to wait at a time; in between it checks for signals.
const MOMENT: Duration = Duration::from_millis(50);

pub(super) fn perform(arguments: OutboxArguments, common: &Common, console: &mut Console) -> Result<(), Failure> {
    let OutboxArguments { store, command } = arguments;
    let store = store_of(store)?;
    match command {
        OutboxCommand::Put { file, key_prefix } => put(&store, file, key_prefix.as_deref(), common, console),
        OutboxCommand::Run { for_ever, concurrency, rate, patience, lease, confirm_all, any_order } => {
            let options = RunOptions {
                until_empty: !for_ever,
                concurrency,
                rate_limit: rate,
                patience,
                lease,
                confirm_all,
                any_order,
            };
            run(&store, options, Session::new(common, console)?)
        }
        command => {
            let options = ClientOptions { allow_unsendable_types: true, ..ClientOptions::default() };
            // This client sends nothing.
            let client = MessageClient::new("http://127.0.0.1".into(), "none".into(), Some(options))?;
            look(&Outbox::open(&store, &client)?, command, console)
        }
    }
}

/// The commands that need no server.
fn look(outbox: &Outbox, command: OutboxCommand, console: &mut Console) -> Result<(), Failure> {
    match command {
        OutboxCommand::Status => status(outbox, console),
        OutboxCommand::Unknown => list(outbox, &[OutboxState::Unknown], console),
        OutboxCommand::Lost => list(outbox, &[OutboxState::Lost], console),
        OutboxCommand::Failed => list(outbox, &[OutboxState::Failed], console),
        OutboxCommand::Export { state: None } => list(outbox, &OutboxState::ALL, console),
        OutboxCommand::Export { state: Some(name) } => {
            match OutboxState::ALL.into_iter().find(|state| state.to_string() == name) {
                Some(state) => list(outbox, &[state], console),
                None => {
                    let names = OutboxState::ALL.map(|state| state.to_string()).join(", ");
                    Err(Failure::usage("--state", format!("{name} is not one of {names}")))
                }
            }
        }
        OutboxCommand::Resolve { ids, resend, .. } => {
            let (decision, said) = match resend {
                true => (Resolution::Resend, "it is sent again"),
                false => (Resolution::Drop, "it is not sent again"),
            };
            for id in ids {
                outbox.resolve(id, decision)?;
                console.tell(&format!("{id}: {said}"), &json!({"id": id, "resend": resend}));
            }
            Ok(())
        }
        OutboxCommand::Purge { older_than, undecided } => {
            let removed = outbox.purge(older_than, undecided)?;
            console.tell(&format!("{removed} removed"), &json!({"removed": removed}));
            Ok(())
        }
        OutboxCommand::Put { .. } | OutboxCommand::Run { .. } => unreachable!("they have been performed"),
    }
}

/// The database of the outbox. A URL with a password is refused on the command line, where every user could read it.
fn store_of(flag: Option<String>) -> Result<String, Failure> {
    let Some(store) = flag else {
        let reason = "it is missing: give this flag, such as sqlite:outbox.db, or the variable WILDFIRECHAT_OUTBOX";
        return Variable::Outbox.text()?.ok_or_else(|| Failure::usage("--store", reason));
    };
    let authority = store.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
    let login = authority.and_then(|authority| authority.rsplit_once('@')).map(|(login, _)| login);
    if login.is_some_and(|login| login.contains(':')) || store.contains("password=") {
        let reason = "every user who lists processes can see a password on the command line, and the shell keeps it \
                      in its history: give the store by WILDFIRECHAT_OUTBOX";
        return Err(Failure::usage("--store", reason));
    }
    Ok(store)
}

fn put(
    store: &str,
    file: FileArguments,
    key_prefix: Option<&str>,
    common: &Common,
    console: &mut Console,
) -> Result<(), Failure> {
    let mut session = Session::without_a_secret(common, console)?;
    let sender = session.sender().ok();
    let mut source = Source::of(file, sender, session.console)?;
    if session.is_dry() {
        source.keep()?;
    }
    let rules = session.client.rules();
    let check = |message: &Outgoing| message.request.check(&rules).map_err(|error| error.to_string());
    let total = match source.is_stream() {
        true => None,
        false => Some(records::look_through(&mut source, session.console, check)?),
    };
    if let Some(total) = total.filter(|_| session.is_dry()) {
        let text = format!("would put {total} messages");
        session.console.tell(&text, &json!({"dry_run": true, "messages": total}));
        return Ok(());
    }
    let outbox = Outbox::open(store, &session.client)?;
    let bar = session.bar(total, "{bar:30} {pos} of {len}, {per_sec}, {eta} left");
    let (mut counts, mut bad, stop) = (PutCounts::default(), 0, Stop::watch());
    let mut chunk: Vec<(SendRequest, PutOptions)> = Vec::new();
    for record in source.read::<Outgoing>()? {
        let Record { line, message } = record.map_err(|error| Failure::usage(&source.name, error.to_string()))?;
        match message.and_then(|message| check(&message).map(|()| message)) {
            Ok(Outgoing { request, mut options }) => {
                options.key = options.key.or_else(|| key_prefix.map(|prefix| format!("{prefix}{line}")));
                chunk.push((request, options));
            }
            Err(reason) => {
                bad += 1;
                bar.suspend(|| tally::tell_bad(session.console, line, &reason));
            }
        }
        const CHUNK: usize = 2_000;
        // The messages of a stream are put while it is read.
        if chunk.len() == CHUNK || total.is_none() {
            put_some(&outbox, &mut chunk, &mut counts, session.console)?;
            bar.set_position(u64::try_from(counts.put + counts.known).unwrap_or_default());
            if stop.is_asked() {
                break;
            }
        }
    }
    put_some(&outbox, &mut chunk, &mut counts, session.console)?;
    bar.finish_and_clear();
    let PutCounts { put, known } = counts;
    let text = format!("{put} put; {known} were already in the outbox with the same keys");
    session.console.tell(&text, &json!({"put": put, "known": known, "bad": bad, "stopped": stop.is_asked()}));
    match bad > 0 || stop.is_asked() {
        true => Err(Failure::Told(exit::SOME_FAILED)),
        false => Ok(()),
    }
}

fn put_some(
    outbox: &Outbox,
    chunk: &mut Vec<(SendRequest, PutOptions)>,
    counts: &mut PutCounts,
    console: &mut Console,
) -> Result<(), Failure> {
    let new = outbox.put_many(std::mem::take(chunk)).inspect_err(|_| {
        let there = counts.put + counts.known;
        console.remark(&format!("{there} messages are in the outbox; with keys it is safe to put all of them again"));
    })?;
    counts.put += new.put;
    counts.known += new.known;
    Ok(())
}

fn run(store: &str, options: RunOptions, session: Session<'_>) -> Result<(), Failure> {
    let outbox = Outbox::open(store, &session.client)?;
    if session.is_dry() {
        let queued = outbox.status()?.queued;
        let text = format!("would send {queued} messages to {}", session.url);
        session.console.tell(&text, &json!({"dry_run": true, "messages": queued}));
        return Ok(());
    }
    let stop = Stop::watch();
    let run = outbox.begin_run(options)?;
    let bar = session.bar(Some(0), "{bar:30} {pos} of {len}, {per_sec}, {eta} left");
    let (mut asked, mut waits_for) = (0, None);
    while !run.is_done() {
        if stop.is_asked_again() {
            asked += 1;
            match asked {
                1 => {
                    let remark = "the messages that are on their way are still awaited; interrupt once more to give \
                                  them up";
                    bar.suspend(|| session.console.remark(remark));
                    run.stop();
                }
                _ => run.cancel(),
            }
        }
        let Some(progress) = run.wait(MOMENT) else { continue };
        let done = progress.sent + progress.failed + progress.unknown;
        bar.set_length(u64::try_from(done + progress.left).unwrap_or_default());
        bar.set_position(u64::try_from(done).unwrap_or_default());
        if progress.waiting_for != waits_for {
            let remark = match (progress.waiting_for, waits_for) {
                (Some(RunWaitsFor::Server), _) => {
                    "there is no connection to the server; the program waits until there is one again"
                }
                (Some(RunWaitsFor::Database), _) => {
                    "the database does not answer; the program waits until it answers again"
                }
                (_, Some(RunWaitsFor::Server)) => "the server is back",
                (_, Some(RunWaitsFor::Database)) => "the database answers again",
                _ => "",
            };
            if !remark.is_empty() {
                bar.suspend(|| session.console.remark(remark));
            }
            waits_for = progress.waiting_for;
        }
    }
    bar.finish_and_clear();
    let progress = run.finish()?;
    sum_up(&progress, asked > 0, session.console)
}

fn sum_up(progress: &RunProgress, is_stopped: bool, console: &mut Console) -> Result<(), Failure> {
    let RunProgress { sent, failed, unknown, confirmed, lost, .. } = progress;
    let mut text = format!("{sent} sent, {failed} failed, {unknown} of unknown fate");
    if confirmed + lost > 0 {
        text += &format!("; of those accepted {confirmed} were found and {lost} are lost");
    }
    let json = json!({"sent": sent, "failed": failed, "unknown": unknown, "confirmed": confirmed, "lost": lost, "stopped": is_stopped});
    console.tell(&text, &json);
    match (unknown + lost, *failed) {
        (1.., _) => Err(Failure::Told(exit::UNKNOWN)),
        (_, 1..) => Err(Failure::Told(exit::SOME_FAILED)),
        _ if is_stopped => Err(Failure::Told(exit::SOME_FAILED)),
        _ => Ok(()),
    }
}

fn status(outbox: &Outbox, console: &mut Console) -> Result<(), Failure> {
    let status = outbox.status()?;
    let mut json = json!({"rate": status.rate, "oldest_queued": status.oldest_queued});
    let mut lines = Vec::new();
    for state in OutboxState::ALL {
        let (name, count) = (state.to_string(), status.count(state));
        lines.push(format!("{name:<10} {count}"));
        json[name] = count.into();
    }
    if let Some(oldest) = status.oldest_queued {
        lines.push(format!("the oldest waiting message was put {}", told::time(oldest)));
    }
    console.tell(&lines.join("\n"), &json);
    Ok(())
}

/// Prints the entries, one per line.
fn list(outbox: &Outbox, states: &[OutboxState], console: &mut Console) -> Result<(), Failure> {
    for state in states {
        for entry in outbox.entries(*state) {
            let (text, json) = told_of(&entry?);
            console.tell(&text, &json);
            if console.is_cut() {
                return Err(Failure::Told(exit::SOME_FAILED));
            }
        }
    }
    Ok(())
}

fn told_of(entry: &OutboxEntry) -> (String, Value) {
    let (endpoint, request) = match &entry.request {
        Some(OutboxRequest::Send { value: request }) => (SendRequest::NAME, serde_json::to_value(request)),
        Some(OutboxRequest::Multicast { value: request }) => {
            (wildfirechat_message::MulticastRequest::NAME, serde_json::to_value(request))
        }
        Some(OutboxRequest::Broadcast { value: request }) => {
            (wildfirechat_message::BroadcastRequest::NAME, serde_json::to_value(request))
        }
        None => ("", Ok(Value::Null)),
    };
    let mut text = format!("{}: {}", entry.id, entry.state);
    if let Some(key) = &entry.key {
        text += &format!(", key {}", told::plain(key));
    }
    if let Some(robot) = &entry.robot {
        text += &format!(", robot {}", told::plain(robot));
    }
    if let Some(uid) = entry.message_uid {
        text += &format!(", message {uid}");
    }
    if let Some(error) = &entry.error {
        text += &format!(": {}", told::plain(error));
    }
    let json = json!({
        "id": entry.id, "key": entry.key, "state": entry.state.to_string(), "endpoint": endpoint,
        "request": request.unwrap_or_default(), "priority": entry.priority, "error": entry.error, "code": entry.code,
        "message_uid": entry.message_uid.map(|uid| uid.to_string()), "timestamp": entry.timestamp,
        "created_at": entry.created_at, "finished_at": entry.finished_at, "attempts": entry.attempts,
        "robot": entry.robot,
    });
    (text, json)
}
