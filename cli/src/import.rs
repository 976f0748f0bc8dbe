//! `import`: imports the messages of a file with their times, some hundred per request.

use serde_json::{Value, json};

use super::{
    arguments::FileArguments,
    exit::{self, Failure, code_of},
    lines::Collected,
    records::{self, Record, Source},
    session::Session,
    stop::Stop,
    told,
};
use wildfirechat_message::{
    ImportedMessage,
    endpoints::{Endpoint, ImportMessages},
};

/// The messages of one request: the server imports all of them or none.
#[derive(Default)]
struct Batch {
    lines: Collected,
    messages: Vec<ImportedMessage>,
}

pub(super) fn import(mut session: Session<'_>, file: FileArguments, size: usize) -> Result<(), Failure> {
    let sender = session.sender().ok();
    let mut source = Source::of(file, sender, session.console)?;
    // The whole file is checked first, as far as that is possible here.
    source.keep()?;
    let rules = session.client.rules();
    let total = records::look_through(&mut source, session.console, |message: &ImportedMessage| {
        ImportMessages { messages: vec![message.clone()] }.check(&rules).map_err(|error| error.to_string())
    })?;
    if session.is_dry() {
        let text = format!("would import {total} messages into {}", session.url);
        session.console.tell(&text, &json!({"dry_run": true, "messages": total}));
        return Ok(());
    }
    let (mut batch, mut imported) = (Batch::default(), 0);
    let (mut next_line, stop) = (1, Stop::watch());
    for record in source.read::<ImportedMessage>()? {
        let Record { line, message } = record.map_err(|error| Failure::usage(&source.name, error.to_string()))?;
        // It was checked before.
        let message = message.map_err(|reason| Failure::usage(&source.name, format!("line {line}: {reason}")))?;
        next_line = line + 1;
        batch.lines.add(line);
        batch.messages.push(message);
        if batch.messages.len() == size {
            imported += one(&mut session, &source, std::mem::take(&mut batch), next_line, imported)?;
            if stop.is_asked() || session.console.is_cut() {
                return Err(stopped(&mut session, &source, next_line, imported));
            }
        }
    }
    if !batch.messages.is_empty() {
        imported += one(&mut session, &source, batch, next_line, imported)?;
    }
    session.console.remark(&format!("{imported} imported; restart the server before users connect"));
    Ok(())
}

/// Imports one batch, and returns how many messages it had.
fn one(
    session: &mut Session<'_>,
    source: &Source,
    batch: Batch,
    next_line: u64,
    imported: usize,
) -> Result<usize, Failure> {
    let Batch { lines, messages } = batch;
    let (count, shown) = (messages.len(), lines.to_string());
    let of_lines = |status: &str, mut json: Value| {
        json["lines"] = shown.clone().into();
        json["status"] = status.into();
        json
    };
    let failed = match session.call(ImportMessages { messages }) {
        Ok(_) => {
            let text = format!("{shown}: {count} imported");
            session.console.tell(&text, &of_lines("imported", json!({"count": count})));
            return Ok(count);
        }
        Err(Failure::Call(error)) => error,
        Err(other) => return Err(other),
    };
    let may_have_executed = failed.may_have_executed();
    let status = if may_have_executed { "unknown" } else { "failed" };
    session.console.tell(&format!("{shown}: {status}: {failed}"), &of_lines(status, told::error(&failed)));
    // Whether these messages were imported, the user must find out.
    let mut rest = if may_have_executed { Collected::default() } else { lines };
    rest.add_rest(&source.lines, next_line);
    session
        .console
        .remark(&format!("stopped at this batch; {imported} were imported before it. Continue with: --lines {rest}"));
    let code = if imported > 0 && !may_have_executed { exit::SOME_FAILED } else { code_of(&failed) };
    Err(Failure::Told(code))
}

/// Whether to stop: after a signal, or if nobody can receive further outcomes.
fn stopped(session: &mut Session<'_>, source: &Source, next_line: u64, imported: usize) -> Failure {
    let mut rest = Collected::default();
    rest.add_rest(&source.lines, next_line);
    session
        .console
        .remark(&format!("stopped after this batch; {imported} were imported. Continue with: --lines {rest}"));
    Failure::Told(exit::SOME_FAILED)
}
