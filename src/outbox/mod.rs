//! Lists of messages that survive everything: [`Outbox`]. The intent is written before a request leaves, and the outcome
//! after; what was begun and has no outcome is *unknown*, and never sent again by itself.
//!
//! | File | What lives there |
//! | --- | --- |
//! | `mod.rs`, `run.rs` | what callers hold: [`Outbox`] and [`OutboxRun`] |
//! | `shared.rs` | what a run and its worker have in common |
//! | `exported.rs` | the same for other languages |
//! | `records.rs`, `error.rs` | what goes in and comes out |
//! | `worker.rs` | the worker: what it holds, what is under way, what is to be written |
//! | `claim.rs`, `journal.rs` | what a worker takes to itself; what it writes |
//! | `queries.rs` | what everybody else asks and puts |
//! | `request.rs`, `sender.rs` | a message as it lies in the table; who sends it |
//! | `forks.rs` | what a fork may not go through |
//! | `plans.rs` | a test: no statement goes through all entries |
//! | `schema.rs`, `state.rs`, `database.rs` | the tables, the numbers of states; the way to them, and what the database's errors mean |

mod claim;
mod database;
mod error;
mod exported;
mod forks;
mod journal;
#[cfg(test)]
mod plans;
mod queries;
mod records;
mod request;
mod run;
mod schema;
mod sender;
mod shared;
mod state;
mod worker;

use std::{
    collections::VecDeque,
    fmt, io, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Notify;

use database::{Connection, Store, timed_out};
pub use error::OutboxError;
use forks::Idle;
use queries::{Cursor, Prepared};
pub use records::{
    OutboxEntry, OutboxPolicy, OutboxRequest, OutboxState, OutboxStatus, PutCounts, PutOptions, Resolution, RunOptions,
    RunProgress, RunWaitsFor,
};
pub use run::OutboxRun;
pub use sender::OutboxSender;
use shared::Orders;

use crate::{MulticastRequest, per_process::PerProcess, runtime::Engine};

/// A list of messages in a database, which are sent by workers in any number of processes and machines.
///
/// The store is a SQLite file (`sqlite:outbox.db`), which is made where there is none, or a MySQL, MariaDB or PostgreSQL
/// database that you already run (`mysql://user:password@host/database`, `postgres://…`). Its tables are made at the first
/// use. Whoever runs a database of their own may insert into the table in the same transaction as their order or invoice.
///
/// It may be used from many threads at once, and before and after a fork.
pub struct Outbox {
    sender: OutboxSender,
    store: Arc<Store>,
    desks: Arc<Desks>,
    /// Somebody has put something.
    news: PerProcess<Arc<Notify>>,
}

/// A connection, with the runtime that it lives on.
struct Desk {
    // In this order they end.
    connection: Connection,
    engine: Engine,
    used: Instant,
}

/// A connection that was not used for so long is looked at first.
const FRESH: Duration = Duration::from_secs(1);
/// So many connections are kept that nobody uses.
const KEPT: usize = 4;
/// A database that answers nothing for so long is away.
const ANSWERING: Duration = Duration::from_secs(60);
/// So many messages go in one transaction.
const CHUNK: usize = 2_000;

impl Outbox {
    /// The outbox in a store, whose messages the client sends: a [`MessageClient`](crate::MessageClient), or a
    /// [`RobotClient`](crate::RobotClient), whose messages name the robot as their sender, or nobody. Makes the tables where
    /// there are none.
    pub fn open(store: &str, client: impl Into<OutboxSender>) -> Result<Self, OutboxError> {
        let outbox = Self {
            sender: client.into(),
            store: Arc::new(Store::parse(store)?),
            desks: Arc::new(Desks(PerProcess::new())),
            news: PerProcess::new(),
        };
        let desks: Weak<Desks> = Arc::downgrade(&outbox.desks);
        forks::closes(desks);
        outbox.with(|_| async { Ok(()) }.boxed())?;
        Ok(outbox)
    }

    /// Puts a message, and gives its id. The same key twice is one message: the second time gives the id of the first, and
    /// what is put then is not looked at. Nothing is sent before a worker runs.
    pub fn put(&self, request: impl Into<OutboxRequest>, options: PutOptions) -> Result<i64, OutboxError> {
        let message = self.prepared(request.into(), options)?;
        self.put_each(vec![message]).map(|ids| ids.first().copied().unwrap_or_default())
    }

    /// Puts many messages, some thousands in a transaction. A message that can never be sent ends it with an error that names
    /// its place, from 0; those in earlier transactions stay, as they do when the process dies. With keys it is safe to put
    /// all of them again.
    pub fn put_many<R: Into<OutboxRequest>>(
        &self,
        messages: impl IntoIterator<Item = (R, PutOptions)>,
    ) -> Result<PutCounts, OutboxError> {
        let mut counts = PutCounts::default();
        let mut messages = messages.into_iter().zip(0..).peekable();
        while messages.peek().is_some() {
            let chunk = messages.by_ref().take(CHUNK);
            let chunk = self.put_chunk(chunk.map(|((request, options), index)| ((request.into(), options), index)))?;
            counts.put += chunk.put;
            counts.known += chunk.known;
        }
        Ok(counts)
    }

    /// Puts messages in one transaction, each with its place among all.
    fn put_chunk(
        &self,
        messages: impl Iterator<Item = ((OutboxRequest, PutOptions), i64)>,
    ) -> Result<PutCounts, OutboxError> {
        let prepared = |((request, options), index)| -> Result<Prepared, OutboxError> {
            self.prepared(request, options).map_err(|error| at(index, error))
        };
        let chunk: Vec<Prepared> = messages.map(prepared).collect::<Result<_, _>>()?;
        let count = i64::try_from(chunk.len()).unwrap_or_default();
        let put = self.with(|connection| queries::put_all(connection, chunk).boxed())?;
        self.poke();
        let put = i64::try_from(put).unwrap_or_default();
        Ok(PutCounts { put, known: count - put })
    }

    /// The next entries of a state.
    fn page(&self, from: Cursor) -> Result<Vec<OutboxEntry>, OutboxError> {
        self.with(|connection| queries::entries(connection, from).boxed())
    }

    /// Puts one message to many receivers, split into multicasts of `size` receivers each: a thousandth of the requests, where
    /// the size is 1,000. With a key, each part has that key with `#` and its number behind it. Gives the ids of the parts,
    /// which are put in one transaction: all of them, or none.
    pub fn multicast_each(
        &self,
        request: MulticastRequest,
        size: usize,
        options: PutOptions,
    ) -> Result<Vec<i64>, OutboxError> {
        let parts = request.parts(size)?;
        self.prepared(request.clone().into(), options.clone())?;
        let part = |(request, number): (MulticastRequest, usize)| {
            let key = options.key.as_ref().map(|key| format!("{key}#{number}"));
            self.prepared(request.into(), PutOptions { key, ..options.clone() })
        };
        let parts: Vec<Prepared> = parts.zip(0..).map(part).collect::<Result<_, _>>()?;
        self.put_each(parts)
    }

    /// Puts messages in one transaction.
    fn put_each(&self, messages: Vec<Prepared>) -> Result<Vec<i64>, OutboxError> {
        /// A million of them takes minutes.
        const PUTTING: Duration = Duration::from_secs(600);
        let limit = if messages.len() > CHUNK { PUTTING } else { ANSWERING };
        let ids = self.within(limit, |connection| queries::put_each(connection, messages).boxed())?;
        self.poke();
        Ok(ids)
    }

    /// Sends what is in the outbox, until all that is due has an outcome, or for ever; `progress` is told how it goes, ten
    /// times a second at the most. Any number of processes and machines may do so at the same time: no message is sent by two.
    ///
    /// Order is kept within a conversation, over all workers. A server that goes away is waited for, and so is the database.
    /// What the server accepted in the last seconds before it went away is looked up when it is back.
    pub fn run(&self, options: RunOptions, mut progress: impl FnMut(&RunProgress)) -> Result<RunProgress, OutboxError> {
        /// How long to wait for news at a time.
        const CHECK_EVERY: Duration = Duration::from_millis(500);
        let run = self.begin_run(options)?;
        while !run.is_done() {
            if let Some(news) = run.wait(CHECK_EVERY) {
                progress(&news);
            }
        }
        run.finish()
    }

    /// Begins to send on a thread of its own, for whoever wants to stop it.
    pub fn begin_run(&self, options: RunOptions) -> Result<OutboxRun, OutboxError> {
        let orders = Orders::try_from(options)?;
        let news = Arc::clone(self.news.get_or_init(Arc::default));
        OutboxRun::begin(self.sender.clone(), Arc::clone(&self.store), orders, news)
    }

    /// How many messages are in which state, those of all senders.
    pub fn status(&self) -> Result<OutboxStatus, OutboxError> {
        self.with(|connection| queries::status(connection).boxed())
    }

    /// The messages that have a state, sender by sender, the first ones first; read as they are asked for.
    pub fn entries(&self, state: OutboxState) -> OutboxEntries<'_> {
        OutboxEntries { outbox: self, cursors: Cursor::all(state), read: VecDeque::new() }
    }

    /// Those of which nobody knows whether they were executed.
    pub fn unknown(&self) -> OutboxEntries<'_> {
        self.entries(OutboxState::Unknown)
    }

    /// Those that the server accepted and does not have.
    pub fn lost(&self) -> OutboxEntries<'_> {
        self.entries(OutboxState::Lost)
    }

    /// Those that the server refused for good, or that can never be sent.
    pub fn failed(&self) -> OutboxEntries<'_> {
        self.entries(OutboxState::Failed)
    }

    /// The message with a key; None where there is none.
    pub fn find(&self, key: &str) -> Result<Option<OutboxEntry>, OutboxError> {
        self.with(|connection| queries::entry_of_key(connection, key.to_owned()).boxed())
    }

    /// The message with an id; None where there is none.
    pub fn get(&self, id: i64) -> Result<Option<OutboxEntry>, OutboxError> {
        self.with(|connection| queries::entry_of_id(connection, id).boxed())
    }

    /// What a person decides of a message that failed, is lost, or of which nobody knows whether it was executed.
    pub fn resolve(&self, id: i64, decision: Resolution) -> Result<(), OutboxError> {
        self.with(|connection| queries::resolve(connection, id, decision).boxed())?;
        self.poke();
        Ok(())
    }

    /// Does not send a message that no worker has begun to send.
    pub fn cancel(&self, id: i64) -> Result<(), OutboxError> {
        self.with(|connection| queries::cancel(connection, id).boxed())
    }

    /// Waits until the message with a key has an outcome, at most for so long; gives it as it is then, None where there is
    /// none with that key. Somebody has to run a worker.
    pub fn wait(&self, key: &str, patience: Duration) -> Result<Option<OutboxEntry>, OutboxError> {
        const LONGEST: Duration = Duration::from_millis(500);
        let begun = Instant::now();
        let mut pause = Duration::from_millis(5);
        loop {
            let entry = self.find(key)?;
            let left = patience.saturating_sub(begun.elapsed());
            if left.is_zero() || !entry.as_ref().is_some_and(OutboxEntry::waits) {
                return Ok(entry);
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Removes messages that have had their outcome for so long, and tells how many: those sent, confirmed, expired and
    /// cancelled; with `also_undecided` also those failed, lost and unknown. A SQLite file gets smaller, and what was removed is
    /// overwritten. A key that is removed is forgotten: the same key is a new message then.
    pub fn purge(&self, older_than: Duration, also_undecided: bool) -> Result<i64, OutboxError> {
        /// Millions of rows take minutes.
        const PURGING: Duration = Duration::from_secs(4 * 3600);
        self.within(PURGING, |connection| queries::purge(connection, older_than, also_undecided).boxed())
    }

    fn prepared(&self, request: OutboxRequest, options: PutOptions) -> Result<Prepared, OutboxError> {
        let OutboxSender { caller, robot } = &self.sender;
        let request = request.checked(robot, caller.rules())?;
        Prepared::new(&request, options, robot)
    }

    /// Tells the workers of this process that there is something new.
    fn poke(&self) {
        self.news.get_or_init(Arc::default).notify_waiters();
    }

    /// Does something with the database, on a connection that nobody else uses meanwhile.
    fn with<T, F>(&self, work: F) -> Result<T, OutboxError>
    where
        T: Send,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, OutboxError>> + Send,
    {
        self.within(ANSWERING, work)
    }

    fn within<T, F>(&self, limit: Duration, work: F) -> Result<T, OutboxError>
    where
        T: Send,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, OutboxError>> + Send,
    {
        let mut desk = self.desk()?;
        let connection = &mut desk.connection;
        let limited = async {
            let outcome = tokio::time::timeout(limit, work(connection)).await;
            outcome.unwrap_or_else(|_| Err(timed_out(limit)))
        };
        let outcome = desk.engine.drive(limited).map_err(|error| no_runtime(&error))?;
        let is_well = !matches!(outcome, Err(OutboxError::StoreUnavailable { .. } | OutboxError::StoreUnusable { .. }));
        desk.used = Instant::now();
        if is_well && !forks::is_near() {
            self.desks.keep(desk);
        } else {
            desk.close();
        }
        outcome
    }

    fn desk(&self) -> Result<Desk, OutboxError> {
        loop {
            let Some(mut desk) = self.desks.take() else { break };
            if desk.used.elapsed() < FRESH {
                return Ok(desk);
            }
            let asked = desk.connection.number("SELECT 1");
            if desk.engine.drive(asked).is_ok_and(|answer| answer.is_ok()) {
                return Ok(desk);
            }
        }
        let engine = Engine::new().map_err(|error| no_runtime(&error))?;
        let store = Arc::clone(&self.store);
        let connecting = engine.drive(async move {
            let mut connection = store.connect().await?;
            schema::prepare(&mut connection, store.is_read_only()).await?;
            Ok::<_, OutboxError>(connection)
        });
        let connection = connecting.map_err(|error| no_runtime(&error))??;
        Ok(Desk { connection, engine, used: Instant::now() })
    }
}

/// Connections that nobody uses just now. A connection is its process's own.
struct Desks(PerProcess<Mutex<Vec<Desk>>>);

impl Desks {
    fn take(&self) -> Option<Desk> {
        self.here().pop()
    }

    fn keep(&self, desk: Desk) {
        let mut desks = self.here();
        if desks.len() < KEPT {
            desks.push(desk);
        }
    }

    fn here(&self) -> MutexGuard<'_, Vec<Desk>> {
        self.0.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle for Desks {
    fn close(&self) {
        let desks = mem::take(&mut *self.here());
        desks.into_iter().for_each(Desk::close);
    }
}

impl Desk {
    fn close(self) {
        let Self { connection, engine, .. } = self;
        let _ = engine.drive(connection.close());
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        // So that a SQLite file lies there alone, without its journal.
        self.desks.close();
    }
}

/// Says nothing of the store: its URL may have a password in it.
impl fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Outbox").finish_non_exhaustive()
    }
}

/// Entries of an outbox, read as they are asked for.
pub struct OutboxEntries<'a> {
    outbox: &'a Outbox,
    /// Where to go on, number by number of the state.
    cursors: VecDeque<Cursor>,
    read: VecDeque<OutboxEntry>,
}

impl Iterator for OutboxEntries<'_> {
    type Item = Result<OutboxEntry, OutboxError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.read.is_empty() {
            let cursor = self.cursors.front_mut()?;
            match self.outbox.page(cursor.clone()) {
                Ok(entries) => {
                    match entries.last() {
                        Some(last) => cursor.moves_behind(last),
                        None => drop(self.cursors.pop_front()),
                    }
                    self.read = entries.into();
                }
                Err(error) => {
                    self.cursors.clear();
                    return Some(Err(error));
                }
            }
        }
        self.read.pop_front().map(Ok)
    }
}

/// An error of one message of many.
fn at(index: i64, error: OutboxError) -> OutboxError {
    match error {
        OutboxError::InvalidArgument { argument, reason } => {
            OutboxError::InvalidArgument { argument: format!("messages[{index}].{argument}"), reason }
        }
        error => error,
    }
}

fn no_runtime(error: &io::Error) -> OutboxError {
    OutboxError::StoreUnavailable { reason: format!("the internal runtime does not work: {error}") }
}
