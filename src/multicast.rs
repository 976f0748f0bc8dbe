//! One message to many users, in as many multicasts as it takes: [`multicast_each`](crate::MessageClient::multicast_each).
//!
//! It goes on a thread of its own, as a bulk does, so that whoever waits can look whether to stop.

use std::{
    io, process,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use futures_util::stream::{self, StreamExt};
use tokio::sync::Notify;

use crate::{
    BulkOptions, MessageError, MessagePayload, MulticastRequest, SendOutcome, SentMessage,
    bulk::PATIENCE,
    call::{Caller, Checked, Pace, Progress, Throttle, interrupted, no_runtime},
    endpoints::Endpoint,
};

/// What became of a part of the receivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MulticastPart {
    /// Ids of the users in this part.
    pub receivers: Vec<String>,
    /// What became of their multicast.
    pub outcome: SendOutcome,
}

/// One message to many users, and how many of them each multicast has.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MulticastEach {
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
}

/// The outcome of a part: one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MulticastOutcome {
    /// Ids of the users in this part.
    pub receivers: Vec<String>,
    /// The message that was sent.
    pub sent: Option<SentMessage>,
    /// Why it failed.
    pub error: Option<MessageError>,
}

/// What is new of many multicasts.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct MulticastNews {
    /// The outcomes of the next parts, in order.
    pub parts: Vec<MulticastOutcome>,
    /// Whether these were the last ones.
    pub done: bool,
}

/// An argument as callers name it who give receivers, which the endpoint calls targets.
pub(crate) fn named_receivers(argument: &str) -> String {
    argument.strip_prefix("targets").map_or_else(|| argument.to_owned(), |rest| format!("receivers{rest}"))
}

impl MulticastRequest {
    /// The same message in parts of this many receivers; refused where that is none.
    pub(crate) fn parts(&self, size: usize) -> Result<impl Iterator<Item = Self> + '_, MessageError> {
        if size == 0 {
            return Err(MessageError::invalid("size", "it is 0, but a part must have at least one receiver"));
        }
        Ok(self.targets.chunks(size).map(|targets| Self { targets: targets.to_vec(), ..self.without_targets() }))
    }

    fn without_targets(&self) -> Self {
        let Self { sender, line, payload, .. } = self;
        Self { sender: sender.clone(), targets: Vec::new(), line: *line, payload: payload.clone() }
    }
}

/// Many multicasts on their way.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeMulticasts")]
pub struct Multicasts {
    shared: Arc<Shared>,
    process: u32,
}

struct Shared {
    state: Mutex<State>,
    news: Condvar,
    stop: Notify,
}

struct State {
    parts: Vec<Part>,
    /// How many of them were told of.
    told: usize,
    cancelled: bool,
    done: bool,
}

struct Part {
    receivers: Vec<String>,
    progress: Arc<Progress>,
    outcome: Option<SendOutcome>,
}

#[uniffi::export(name = "NativeMulticasts")]
impl Multicasts {
    /// Waits for news, at most for so long.
    pub fn wait(&self, patience: Duration) -> Result<MulticastNews, MessageError> {
        let (parts, done) = self.next(patience)?;
        let outcome = |MulticastPart { receivers, outcome }| match outcome {
            Ok(sent) => MulticastOutcome { receivers, sent: Some(sent), error: None },
            Err(error) => MulticastOutcome { receivers, sent: None, error: Some(error) },
        };
        Ok(MulticastNews { parts: parts.into_iter().map(outcome).collect(), done })
    }

    /// Ends it at once: requests under way are dropped. `wait` then tells of each whether it may have left.
    pub fn cancel(&self) -> Result<(), MessageError> {
        self.here()?.state().cancelled = true;
        self.shared.stop.notify_one();
        Ok(())
    }
}

impl Multicasts {
    pub(crate) fn begin(
        caller: &Arc<Caller>,
        request: &MulticastRequest,
        size: usize,
        options: Option<BulkOptions>,
    ) -> Result<Self, MessageError> {
        let parts: Vec<MulticastRequest> = request.parts(size)?.collect();
        let options = options.unwrap_or_default();
        let (concurrency, pace) = options.checked()?;
        // Arguments that can never work are refused before anything is sent.
        request.check(caller.rules())?;
        let state_of =
            |part: &MulticastRequest| Part { receivers: part.targets.clone(), progress: Arc::default(), outcome: None };
        let state = State { parts: parts.iter().map(state_of).collect(), told: 0, cancelled: false, done: false };
        let calls = parts.into_iter().map(|part| caller.check(part)).collect::<Result<Vec<_>, MessageError>>()?;
        let shared = Arc::new(Shared { state: Mutex::new(state), news: Condvar::new(), stop: Notify::new() });
        let throttle = Throttle::new(caller, options.patience.unwrap_or(PATIENCE), pace.map(Pace::new));
        let job = Job { caller: Arc::clone(caller), shared: Arc::clone(&shared), throttle };
        let thread = thread::Builder::new().name("wildfirechat-multicast".to_owned());
        thread.spawn(move || job.run(calls, concurrency)).map_err(|error| broken(&error))?;
        Ok(Self { shared, process: process::id() })
    }

    /// The parts that have an outcome by now, in order, and whether they are the last ones.
    pub(crate) fn next(&self, patience: Duration) -> Result<(Vec<MulticastPart>, bool), MessageError> {
        let shared = self.here()?;
        let waited = shared.news.wait_timeout_while(shared.state(), patience, |state| !state.has_news());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let State { parts, told, done, .. } = &mut *state;
        let mut next = Vec::new();
        while let Some(part) = parts.get_mut(*told)
            && let Some(outcome) = part.outcome.take()
        {
            next.push(MulticastPart { receivers: std::mem::take(&mut part.receivers), outcome });
            *told += 1;
        }
        Ok((next, *done && *told == parts.len()))
    }

    /// A forked child has a copy of the memory and no copy of the thread.
    fn here(&self) -> Result<&Shared, MessageError> {
        if self.process == process::id() {
            return Ok(&self.shared);
        }
        Err(MessageError::invalid("multicasts", "they were started before a fork, in the parent process"))
    }
}

impl Drop for Multicasts {
    fn drop(&mut self) {
        let _ = self.cancel();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, at: usize, outcome: SendOutcome) {
        if let Some(part) = self.state().parts.get_mut(at) {
            part.outcome = Some(outcome);
        }
        self.news.notify_all();
    }

    /// Gives those an outcome that have none.
    fn fill(&self, error: impl Fn(&Part) -> MessageError) {
        let State { parts, told, .. } = &mut *self.state();
        for part in parts.iter_mut().skip(*told).filter(|part| part.outcome.is_none()) {
            part.outcome = Some(Err(error(part)));
        }
    }

    async fn cancelled(&self) {
        while !self.state().cancelled {
            self.stop.notified().await;
        }
    }
}

impl State {
    fn has_news(&self) -> bool {
        self.done || self.parts.get(self.told).is_some_and(|part| part.outcome.is_some())
    }
}

/// What the thread sends with.
struct Job {
    caller: Arc<Caller>,
    shared: Arc<Shared>,
    throttle: Throttle,
}

impl Job {
    fn run(self, calls: Vec<Checked<MulticastRequest>>, concurrency: usize) {
        // Also where it panics: nobody is to wait for it for ever.
        let ended = Ended(&self.shared);
        if let Err(error) = self.drive(calls, concurrency) {
            ended.0.fill(|part| no_runtime(MulticastRequest::NAME, &part.progress, &error));
        }
    }

    fn drive(&self, calls: Vec<Checked<MulticastRequest>>, concurrency: usize) -> io::Result<()> {
        let station = self.caller.station()?;
        let progresses: Vec<_> = self.shared.state().parts.iter().map(|part| Arc::clone(&part.progress)).collect();
        let lanes = &station.lanes;
        let sending = stream::iter(calls.into_iter().zip(progresses).enumerate());
        let sending = sending.for_each_concurrent(concurrency, |(at, (call, progress))| async move {
            let outcome = self.caller.run_of_many(&call, &progress, lanes, &self.throttle).await;
            self.shared.land(at, outcome);
        });
        let cancelled = station.engine.drive(async {
            tokio::select! {
                () = sending => false,
                () = self.shared.cancelled() => true,
            }
        })?;
        // Otherwise what is under way ends with the station, before anybody is told.
        if !cancelled {
            self.caller.keep(station);
        }
        Ok(())
    }
}

/// Says at its end that nothing is under way any more.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.fill(|part| interrupted(MulticastRequest::NAME, &part.progress));
        self.0.state().done = true;
        self.0.news.notify_all();
    }
}

fn broken(error: &io::Error) -> MessageError {
    no_runtime(MulticastRequest::NAME, &Progress::default(), error)
}
