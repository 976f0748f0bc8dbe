//! `bulk`: sends the messages of a file and prints the outcome of each, in their order.

use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel},
    thread,
    time::Duration,
};

use indicatif::ProgressBar;
use serde_json::json;

use super::{
    arguments::{FileArguments, StopOn as StopOnArgument},
    exit::Failure,
    lines::Lines,
    records::{self, Record, Source},
    session::{CHECK_EVERY, Session},
    stop::Stop,
    tally::Tally,
};
use wildfirechat_message::{
    Bulk, BulkOptions, BulkProgress, MessageError, SendOutcome, SendRequest, StopOn, WaitingFor, endpoints::Endpoint,
    program,
};

/// How many messages wait for an outcome at the same time: enough for many conversations at once. If the bulk ends early, the
/// lines that were not sent are no further apart than this.
const AHEAD: usize = 1024;
/// How long to wait for outcomes before it reads more messages.
const MOMENT: Duration = Duration::from_millis(20);

pub(super) fn options(
    concurrency: i32,
    rate_limit: i32,
    stop_on: Option<StopOnArgument>,
    any_order: bool,
    patience: Option<Duration>,
) -> BulkOptions {
    let stop_on = stop_on.map(|what| match what {
        StopOnArgument::Unknown => StopOn::Unknown,
        StopOnArgument::Failure => StopOn::Failure,
    });
    BulkOptions { concurrency, rate_limit, stop_on, any_order, patience }
}

pub(super) fn send(mut session: Session<'_>, file: FileArguments, options: BulkOptions) -> Result<(), Failure> {
    let sender = session.sender().ok();
    let mut source = Source::of(file, sender, session.console)?;
    if session.is_dry() {
        source.keep()?;
    }
    let rules = session.client.rules();
    let check = |request: &SendRequest| request.check(&rules).map_err(|error| error.to_string());
    let total = match source.is_stream() {
        true => None,
        false => Some(records::look_through(&mut source, session.console, check)?),
    };
    if let Some(total) = total.filter(|_| session.is_dry()) {
        let text = format!("would send {total} messages to {}", session.url);
        session.console.tell(&text, &json!({"dry_run": true, "messages": total}));
        return Ok(());
    }
    let lines = source.lines.clone();
    let records = read_on_a_thread(&mut source)?;
    let stop = Stop::watch();
    let bulk = session.client.begin_bulk(Some(options), total.and_then(|total| i64::try_from(total).ok()))?;
    let bar = match total {
        Some(_) => session.bar(total, "{bar:30} {pos} of {len}, {per_sec}, {eta} left"),
        None => session.bar(None, "{spinner} {pos}, {per_sec}"),
    };
    let sending = Sending {
        session: &mut session,
        bulk,
        stop,
        bar,
        tally: Tally::default(),
        records,
        queue: VecDeque::new(),
        stage: Stage::Reads,
        is_read: false,
        next_line: 1,
        waits_for: None,
    };
    let tally = sending.run(&lines)?;
    tally.sum_up(session.console)
}

/// What the reading thread passes on: a message, or the reason why it cannot continue; None at the end of the file.
type Read = Option<io::Result<Record<SendRequest>>>;

/// Reads on a thread of its own while messages are sent: so outcomes are printed and Ctrl-C works while a stream pauses.
fn read_on_a_thread(source: &mut Source) -> Result<Receiver<Read>, Failure> {
    let records = source.read::<SendRequest>()?;
    let (give, take) = sync_channel(AHEAD);
    // The thread ends with the file, or when nobody receives its messages any more.
    let read = move || records.map(Some).chain([None]).all(|record| give.send(record).is_ok());
    let reading = thread::Builder::new().name("wildfirechat-read".into()).spawn(read);
    reading.map_err(|error| Failure::usage("a thread to read with", error.to_string()))?;
    Ok(take)
}

/// A message whose outcome has not been printed.
struct Queued {
    line: u64,
    /// Why it could never be sent; such a message is not given to the bulk.
    bad: Option<String>,
}

/// A file whose messages are being sent.
struct Sending<'a, 's> {
    session: &'a mut Session<'s>,
    bulk: Bulk,
    stop: Stop,
    bar: ProgressBar,
    tally: Tally,
    records: Receiver<Read>,
    queue: VecDeque<Queued>,
    stage: Stage,
    /// All has been read.
    is_read: bool,
    /// The first line that has not been read.
    next_line: u64,
    waits_for: Option<WaitingFor>,
}

/// What the program still does with the file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Reads,
    /// It sends the messages that it reads.
    Sends,
    /// It waits for the messages that are under way, and sends no others.
    Stops,
}

impl Sending<'_, '_> {
    /// Sends the messages and returns the counts of their outcomes.
    fn run(mut self, lines: &Lines) -> Result<Tally, Failure> {
        let mut told = 0;
        loop {
            self.look_for_a_stop()?;
            if self.stage == Stage::Reads {
                self.feed()?;
            }
            let news = self.bulk.wait_for_outcomes(MOMENT)?;
            self.tell_bad();
            for outcome in program::outcomes(&news, told) {
                told += 1;
                self.tell(&outcome);
                // Every further message would fail for the same reason.
                if matches!(outcome, Err(MessageError::Unauthorized { .. })) {
                    self.stop()?;
                }
            }
            self.tell_waiting(news.progress.as_ref());
            if news.stopped {
                self.stop()?;
            }
            if news.done && self.stage != Stage::Reads {
                break;
            }
        }
        self.bar.finish_and_clear();
        if !self.is_read {
            self.tally.ends_before(lines, self.next_line);
        }
        Ok(self.tally)
    }

    /// Reacts to Ctrl-C and to an output that accepts no more: waits for the messages under way; at the second Ctrl-C gives them
    /// up.
    fn look_for_a_stop(&mut self) -> Result<(), MessageError> {
        if self.stop.is_asked_again() {
            if self.stage == Stage::Stops {
                return self.bulk.cancel();
            }
            let remark = "the messages that are on their way are still awaited; interrupt once more to give them up";
            self.bar.suspend(|| self.session.console.remark(remark));
            self.stop()?;
        }
        if self.session.console.is_cut() { self.stop() } else { Ok(()) }
    }

    fn stop(&mut self) -> Result<(), MessageError> {
        if self.stage == Stage::Stops {
            return Ok(());
        }
        self.stage = Stage::Stops;
        self.bulk.stop();
        self.bulk.end()
    }

    /// Passes messages that were read to the bulk, as long as it has room.
    fn feed(&mut self) -> Result<(), MessageError> {
        const CHUNK: usize = 256;
        let mut requests = Vec::new();
        while self.queue.len() < AHEAD && requests.len() < CHUNK {
            let record = match self.queue.is_empty() {
                true => self.records.recv_timeout(CHECK_EVERY).map_err(|error| error == RecvTimeoutError::Timeout),
                false => self.records.try_recv().map_err(|error| error == TryRecvError::Empty),
            };
            match record {
                Ok(Some(Ok(Record { line, message }))) => {
                    self.next_line = line + 1;
                    let bad = message.map(|request| requests.push(request)).err();
                    self.queue.push_back(Queued { line, bad });
                    continue;
                }
                Ok(Some(Err(error))) => {
                    let remark = format!("the file cannot be read to its end: {error}");
                    self.bar.suspend(|| self.session.console.remark(&remark));
                    self.stage = Stage::Sends;
                }
                Ok(None) => {
                    self.is_read = true;
                    self.stage = Stage::Sends;
                }
                // No message has been read yet.
                Err(true) => {}
                Err(false) => self.stage = Stage::Sends,
            }
            break;
        }
        if !requests.is_empty() {
            self.bulk.feed(requests, true)?;
        }
        if self.stage == Stage::Sends { self.bulk.end() } else { Ok(()) }
    }

    fn tell(&mut self, outcome: &SendOutcome) {
        if let Some(Queued { line, .. }) = self.queue.pop_front() {
            self.bar.suspend(|| self.tally.take(self.session.console, line, outcome));
            self.bar.inc(1);
        }
        self.tell_bad();
    }

    /// Prints the messages at the head of the queue that could never be sent.
    fn tell_bad(&mut self) {
        while let Some(Queued { line, bad: Some(reason) }) = self.queue.front() {
            self.bar.suspend(|| self.tally.take_bad(self.session.console, *line, reason));
            self.queue.pop_front();
        }
    }

    /// Says once that it waits for the server, and once that this is over.
    fn tell_waiting(&mut self, progress: Option<&BulkProgress>) {
        let Some(progress) = progress.filter(|progress| progress.waiting_for != self.waits_for) else { return };
        let is_away = progress.waiting_for == Some(WaitingFor::Server);
        if is_away {
            let remark = "there is no connection to the server; the program waits until there is one again";
            self.bar.suspend(|| self.session.console.remark(remark));
        } else if self.waits_for == Some(WaitingFor::Server) && self.stage != Stage::Stops {
            self.bar.suspend(|| self.session.console.remark("the connection to the server works again"));
        }
        self.waits_for = progress.waiting_for;
    }
}
