//! What the other languages hold: the same objects, in shapes that cross. Their facades wait in slices, so that a thread that
//! is to stop sees it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{
    Outbox, OutboxEntry, OutboxError, OutboxPolicy, OutboxRequest, OutboxRun, OutboxState, OutboxStatus, PutCounts,
    PutOptions, Resolution, RunOptions, RunProgress, queries::Cursor,
};
use crate::{MessageClient, MessagePayload, MulticastRequest, RobotClient, multicast::named_receivers};

/// A message to put into an outbox, with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxMessage {
    /// What is sent: the request of one of the sending calls.
    pub request: OutboxRequest,
    /// Your own name for the message, of 255 characters at the most: the same key twice is one message. None for no name:
    /// then each put is a message.
    #[uniffi(default)]
    pub key: Option<String>,
    /// Messages of a higher priority are sent first, in a conversation too; 0 is the ordinary one.
    #[uniffi(default = 0)]
    pub priority: i32,
    /// It is not sent before this time, in milliseconds since the epoch. It stands in its conversation from then on.
    #[uniffi(default)]
    pub not_before: Option<i64>,
    /// It is not sent any more from this time on, in milliseconds since the epoch.
    #[uniffi(default)]
    pub expires_at: Option<i64>,
    /// What becomes of it when its fate is unknown; None leaves it until a person decides.
    #[uniffi(default)]
    pub on_unknown: Option<OutboxPolicy>,
    /// What becomes of it when the server accepted it and does not have it; None leaves it until a person decides.
    #[uniffi(default)]
    pub on_lost: Option<OutboxPolicy>,
}

impl OutboxMessage {
    fn parts(self) -> (OutboxRequest, PutOptions) {
        let Self { request, key, priority, not_before, expires_at, on_unknown, on_lost } = self;
        let (on_unknown, on_lost) = (on_unknown.unwrap_or_default(), on_lost.unwrap_or_default());
        (request, PutOptions { key, priority, not_before, expires_at, on_unknown, on_lost })
    }
}

/// One message to many receivers, to put into an outbox in parts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxMulticast {
    /// Id of the user who sends it.
    pub sender: String,
    /// Ids of the users who get it.
    pub receivers: Vec<String>,
    /// What it says.
    pub payload: MessagePayload,
    /// The conversation line that it is sent on.
    #[uniffi(default = 0)]
    pub line: i32,
    /// How many receivers each part has.
    #[uniffi(default = 1000)]
    pub size: i32,
    /// Your own name for it: each part has that key with `#` and its number behind it. None for no name.
    #[uniffi(default)]
    pub key: Option<String>,
}

/// What is new of a run.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct OutboxNews {
    /// How it goes; None where nothing is new.
    pub progress: Option<RunProgress>,
    /// Whether it has come to its end.
    pub done: bool,
}

/// A message that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OutboxWaited {
    /// As it is now; None where there is none with that key.
    pub entry: Option<OutboxEntry>,
    /// Whether there is nothing more to wait for.
    pub is_over: bool,
}

/// A list of messages in a database, which workers send.
#[derive(Debug, uniffi::Object)]
#[uniffi(name = "NativeOutbox")]
pub struct SharedOutbox(Arc<Outbox>);

#[uniffi::export(name = "NativeOutbox")]
impl SharedOutbox {
    /// The outbox in a store, whose messages the client sends.
    #[uniffi::constructor]
    pub fn open(store: String, client: Arc<MessageClient>) -> Result<Self, OutboxError> {
        Outbox::open(&store, &*client).map(|outbox| Self(Arc::new(outbox)))
    }

    /// The outbox in a store, whose messages the robot of the client sends.
    #[uniffi::constructor]
    pub fn open_for_robot(store: String, client: Arc<RobotClient>) -> Result<Self, OutboxError> {
        Outbox::open(&store, &*client).map(|outbox| Self(Arc::new(outbox)))
    }

    /// Puts a message, and gives its id. The same key twice is one message: the second time gives the id of the first, and
    /// what is put then is not looked at. Nothing is sent before a worker runs.
    pub fn put(&self, message: OutboxMessage) -> Result<i64, OutboxError> {
        let (request, options) = message.parts();
        self.0.put(request, options)
    }

    /// Puts messages in one transaction; the first one is number `first` of all, for the error that names one.
    pub fn put_all(&self, messages: Vec<OutboxMessage>, first: i64) -> Result<PutCounts, OutboxError> {
        self.0.put_chunk(messages.into_iter().map(OutboxMessage::parts).zip(first..))
    }

    /// Puts one message to many receivers, split into multicasts: a thousandth of the requests. Gives the ids of the parts,
    /// which are put in one transaction: all of them, or none.
    pub fn multicast_each(&self, message: OutboxMulticast) -> Result<Vec<i64>, OutboxError> {
        let OutboxMulticast { sender, receivers, payload, line, size, key } = message;
        let request = MulticastRequest { sender, targets: receivers, line, payload };
        let options = PutOptions { key, ..PutOptions::default() };
        let put = self.0.multicast_each(request, usize::try_from(size).unwrap_or(0), options);
        put.map_err(|error| match error {
            OutboxError::InvalidArgument { argument, reason } => {
                OutboxError::invalid(named_receivers(&argument), reason)
            }
            error => error,
        })
    }

    /// Begins to send.
    #[uniffi::method(default(options))]
    pub fn begin_run(&self, options: Option<RunOptions>) -> Result<SharedRun, OutboxError> {
        self.0.begin_run(options.unwrap_or_default()).map(SharedRun)
    }

    /// How many messages are in which state.
    pub fn status(&self) -> Result<OutboxStatus, OutboxError> {
        self.0.status()
    }

    /// The message with a key; None where there is none. `key` is the key that it was put with.
    pub fn find(&self, key: String) -> Result<Option<OutboxEntry>, OutboxError> {
        self.0.find(&key)
    }

    /// The message with an id; None where there is none. `id` is its number, which `put` gave.
    pub fn get(&self, id: i64) -> Result<Option<OutboxEntry>, OutboxError> {
        self.0.get(id)
    }

    /// What a person decides of a message that failed, is lost, or of which nobody knows whether it was executed. `id` is its
    /// number. `decision` is what becomes of it.
    pub fn resolve(&self, id: i64, decision: Resolution) -> Result<(), OutboxError> {
        self.0.resolve(id, decision)
    }

    /// Does not send a message that no worker has begun to send. `id` is its number, which `put` gave.
    pub fn cancel(&self, id: i64) -> Result<(), OutboxError> {
        self.0.cancel(id)
    }

    /// Removes messages that have had their outcome for so long, and tells how many: those sent, confirmed, expired and
    /// cancelled. A SQLite file gets smaller, and what was removed is overwritten. A key that is removed is forgotten: the
    /// same key is a new message then. `older_than` is how long ago they had their outcome. `also_undecided` is whether
    /// those failed, lost and unknown are removed too.
    #[uniffi::method(default(also_undecided = false))]
    pub fn purge(&self, older_than: Duration, also_undecided: bool) -> Result<i64, OutboxError> {
        self.0.purge(older_than, also_undecided)
    }

    /// Waits until the message with a key has an outcome, at most for so long.
    pub fn wait(&self, key: String, patience: Duration) -> Result<OutboxWaited, OutboxError> {
        let entry = self.0.wait(&key, patience)?;
        let is_over = !entry.as_ref().is_some_and(OutboxEntry::waits);
        Ok(OutboxWaited { entry, is_over })
    }

    /// The messages that have a state, the first ones first.
    pub fn entries(&self, state: OutboxState) -> Result<SharedEntries, OutboxError> {
        Ok(SharedEntries { outbox: Arc::clone(&self.0), cursors: Mutex::new(Cursor::all(state)) })
    }
}

/// Entries of an outbox, read as they are asked for.
#[derive(Debug, uniffi::Object)]
#[uniffi(name = "NativeOutboxEntries")]
pub struct SharedEntries {
    outbox: Arc<Outbox>,
    /// Where to go on, state by state.
    cursors: Mutex<VecDeque<Cursor>>,
}

#[uniffi::export(name = "NativeOutboxEntries")]
impl SharedEntries {
    /// The next ones; none at the end.
    pub fn next(&self) -> Result<Vec<OutboxEntry>, OutboxError> {
        let mut cursors = self.cursors.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(cursor) = cursors.front_mut() {
            let entries = self.outbox.page(cursor.clone())?;
            if let Some(last) = entries.last() {
                cursor.moves_behind(last);
                return Ok(entries);
            }
            cursors.pop_front();
        }
        Ok(Vec::new())
    }
}

/// A worker on its way.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeOutboxRun")]
pub struct SharedRun(OutboxRun);

#[uniffi::export(name = "NativeOutboxRun")]
impl SharedRun {
    /// Waits for news, at most for so long: how it goes, ten times a second at the most, or its end.
    pub fn wait(&self, patience: Duration) -> Result<OutboxNews, OutboxError> {
        let run = self.0.here()?;
        let progress = run.wait(patience);
        Ok(OutboxNews { progress, done: run.is_done() })
    }

    /// Begins nothing new: what is under way comes to its end, and what it holds goes back.
    pub fn stop(&self) -> Result<(), OutboxError> {
        self.0.here().map(OutboxRun::stop)
    }

    /// Ends it at once: requests under way are dropped. Those that had left are of unknown fate, and are written as such.
    pub fn cancel(&self) -> Result<(), OutboxError> {
        self.0.here().map(OutboxRun::cancel)
    }

    /// What became of it, once it has come to its end; the error says why it ended before it was told to.
    pub fn finish(&self) -> Result<RunProgress, OutboxError> {
        self.0.here()?.outcome()
    }
}
