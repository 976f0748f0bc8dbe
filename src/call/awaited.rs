//! Calls that no thread waits for: a [`AwaitedCalls`] drives all of them on one thread of its own, and says which have finished.
//!
//! The asynchronous clients of other languages are made of them. The library has no callbacks: whoever starts calls here
//! watches a file for news, or lets one thread wait for it (docs/adr/0031).

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    future::poll_fn,
    io, mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use futures_util::{
    future::{AbortHandle, AbortRegistration, Abortable},
    stream::{FuturesUnordered, StreamExt},
};
use tokio::{
    sync::Notify,
    time::{sleep, sleep_until},
};

use super::{
    Caller, Checked, Progress,
    readable_file::ReadableFile,
    record::Journal,
    running::{Counted, Task, interrupted, no_runtime},
    station::Lanes,
};
use crate::{MessageError, endpoints::Endpoint, per_process::PerProcess};

/// The number of calls that are under way at the same time, each on a connection of its own. The others wait for one.
const MOST: usize = 128;
/// How long the thread waits for the next call before it ends.
const LINGER: Duration = Duration::from_secs(1);
/// The thread's name.
const NAME: &str = "wildfirechat-calls";

/// The calls of a client that no thread waits for. A forked child has none of its parent's.
pub(crate) struct AwaitedCalls<A: Send + 'static> {
    here: PerProcess<Arc<Shared<A>>>,
}

/// What is shared with the thread that drives the calls.
struct Shared<A> {
    state: Mutex<State<A>>,
    /// Notified when there is a call to start or to end.
    work: Notify,
    /// Notified when there is news: for a thread that waits for it; the file is for an event loop.
    news: Condvar,
    readable_file: ReadableFile,
}

struct State<A> {
    last_ticket: i64,
    queue: VecDeque<Queued<A>>,
    /// Those in the queue, those under way, and those that have finished.
    calls: HashMap<i64, Phase<A>>,
    /// The tickets with news that were not returned yet.
    with_news: Vec<i64>,
    /// Whether the thread runs, and the connections that it uses.
    is_driven: bool,
    lanes: Option<Arc<Lanes>>,
    is_over: bool,
}

enum Phase<A> {
    UnderWay(AbortHandle),
    Finished(Finished<A>),
}

/// A call that has not started.
struct Queued<A> {
    ticket: i64,
    endpoint: &'static str,
    /// Until when it may wait for a connection.
    latest_start: Option<Instant>,
    progress: Arc<Progress>,
    journal: Option<Arc<Journal>>,
    counted: Counted,
    aborting: AbortRegistration,
    begin: Box<dyn FnOnce(Arc<Lanes>, Counted) -> Task<A> + Send>,
}

/// A call that has come to its end.
struct Finished<A> {
    outcome: Result<Result<A, MessageError>, Box<dyn Any + Send>>,
    attempts: u32,
    journal: Option<Arc<Journal>>,
}

/// Reports news for a ticket that is not a call's, such as a bulk's.
#[derive(Clone)]
pub(crate) struct Notifier {
    pub(crate) ticket: i64,
    notify: Arc<dyn Fn() + Send + Sync>,
}

impl Notifier {
    pub(crate) fn notify(&self) {
        (self.notify)();
    }
}

impl<A: Send + 'static> AwaitedCalls<A> {
    pub(crate) fn new() -> Self {
        Self { here: PerProcess::new() }
    }

    /// Starts a call and returns its ticket.
    pub(crate) fn begin<E, T, F>(&self, caller: &Arc<Caller>, call: Checked<E>, then: F) -> Result<i64, MessageError>
    where
        E: Endpoint + 'static,
        T: Into<A> + Send + 'static,
        F: FnOnce(Result<E::Answer, MessageError>) -> Result<T, MessageError> + Send + 'static,
    {
        let shared = self.shared();
        let progress = Arc::<Progress>::default();
        let journal = caller.listening().journal(E::NAME).map(Arc::new);
        let counted = Counted::new(caller.tally(), E::NAME, &progress);
        let latest_start = caller.latest_start(&call);
        let (abort, aborting) = AbortHandle::new_pair();
        let (its_caller, its_progress, its_journal) = (Arc::clone(caller), Arc::clone(&progress), journal.clone());
        let begin = Box::new(move |lanes, counted| {
            let task = its_caller.task(call, then, lanes, its_progress, its_journal, counted);
            Box::pin(async move { task.await.map(Into::into) }) as Task<A>
        });
        let mut state = shared.state();
        if !state.is_driven {
            shared.is_driven_for(caller).map_err(|error| no_runtime(E::NAME, &progress, &error))?;
            state.is_driven = true;
        }
        let ticket = state.next_ticket();
        state.calls.insert(ticket, Phase::UnderWay(abort));
        let endpoint = E::NAME;
        state.queue.push_back(Queued { ticket, endpoint, latest_start, progress, journal, counted, aborting, begin });
        drop(state);
        shared.work.notify_waiters();
        Ok(ticket)
    }

    /// The outcome of a call that has finished; fails with `Pending` as long as it has not.
    pub(crate) fn take(&self, ticket: i64) -> Result<A, MessageError> {
        let mut state = self.shared().state();
        let finished = match state.calls.remove(&ticket) {
            Some(Phase::Finished(finished)) => finished,
            Some(under_way) => {
                state.calls.insert(ticket, under_way);
                return Err(MessageError::Pending { ticket });
            }
            None => return Err(MessageError::invalid("ticket", format!("{ticket} stands for no call that goes on"))),
        };
        drop(state);
        let outcome = finished.outcome.unwrap_or_else(|panic| resume_unwind(panic));
        if let Some(journal) = finished.journal {
            journal.closes(finished.attempts, outcome.as_ref().err());
        }
        outcome
    }

    /// Ends a call. It then finishes like every other one: with `Interrupted`, or with its outcome if that was there before.
    pub(crate) fn cancel(&self, ticket: i64) {
        let shared = self.shared();
        let mut state = shared.state();
        let queued = state.queue.iter().position(|queued| queued.ticket == ticket);
        match queued.and_then(|at| state.queue.remove(at)) {
            Some(queued) => {
                drop(state);
                let error = interrupted(queued.endpoint, &queued.progress);
                shared.finish(ticket, queued.fails_with(error));
            }
            None => {
                if let Some(Phase::UnderWay(abort)) = state.calls.get(&ticket) {
                    abort.abort();
                }
            }
        }
    }

    /// Waits for news, for `patience` at the longest: the tickets of calls that have finished, and of bells that have rung.
    pub(crate) fn wait(&self, patience: Duration) -> Vec<i64> {
        let shared = self.shared();
        let waited = shared.news.wait_timeout_while(shared.state(), patience, |state| state.with_news.is_empty());
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        shared.readable_file.clear();
        mem::take(&mut state.with_news)
    }

    /// A file that is readable while there is news; None if this system has no such file.
    pub(crate) fn file(&self) -> io::Result<Option<i32>> {
        let shared = self.shared();
        let state = shared.state();
        let file = shared.readable_file.file()?;
        if !state.with_news.is_empty() {
            shared.readable_file.notify();
        }
        Ok(file)
    }

    /// A ticket for something else that has news now and then.
    pub(crate) fn notifier(&self) -> Notifier {
        let shared = Arc::clone(self.shared());
        let ticket = shared.state().next_ticket();
        Notifier { ticket, notify: Arc::new(move || shared.tell(&mut shared.state(), ticket)) }
    }

    /// Closes the connections that no call uses just now.
    pub(crate) fn close_idle(&self) {
        let lanes = self.shared().state().lanes.clone();
        if let Some(lanes) = lanes {
            lanes.keep_at_most(0);
        }
    }

    fn shared(&self) -> &Arc<Shared<A>> {
        self.here.get_or_init(Arc::default)
    }
}

impl<A: Send + 'static> Drop for AwaitedCalls<A> {
    fn drop(&mut self) {
        if let Some(shared) = self.here.take() {
            shared.state().is_over = true;
            shared.work.notify_waiters();
            shared.news.notify_all();
        }
    }
}

impl<A> Default for Shared<A> {
    fn default() -> Self {
        let (state, work, news, readable_file) = Default::default();
        Self { state, work, news, readable_file }
    }
}

impl<A> Default for State<A> {
    fn default() -> Self {
        let (last_ticket, queue, calls, with_news, is_driven, lanes, is_over) = Default::default();
        Self { last_ticket, queue, calls, with_news, is_driven, lanes, is_over }
    }
}

impl<A> State<A> {
    fn next_ticket(&mut self) -> i64 {
        self.last_ticket += 1;
        self.last_ticket
    }

    /// Takes out the calls that may not wait any longer: all calls may wait equally long, so they are in front.
    fn overdue(&mut self) -> Vec<Queued<A>> {
        let now = Instant::now();
        let is_overdue = |queued: &Queued<A>| queued.latest_start.is_some_and(|latest| latest <= now);
        let many = self.queue.iter().take_while(|queued| is_overdue(queued)).count();
        self.queue.drain(..many).collect()
    }
}

impl<A: Send + 'static> Shared<A> {
    fn is_driven_for(self: &Arc<Self>, caller: &Arc<Caller>) -> io::Result<()> {
        let (shared, caller) = (Arc::clone(self), Arc::clone(caller));
        thread::Builder::new().name(NAME.to_owned()).spawn(move || shared.drive(&caller)).map(drop)
    }

    /// The whole life of the thread.
    fn drive(&self, caller: &Caller) {
        let driven = caller.station().and_then(|station| {
            self.state().lanes = Some(Arc::clone(&station.lanes));
            station.engine.drive(self.work_off(&station.lanes))?;
            caller.keep(station);
            Ok(())
        });
        let Err(error) = driven else { return };
        let queue = {
            let mut state = self.state();
            state.stops_being_driven();
            mem::take(&mut state.queue)
        };
        for queued in queue {
            let failed = no_runtime(queued.endpoint, &queued.progress, &error);
            self.finish(queued.ticket, queued.fails_with(failed));
        }
    }

    /// Drives the calls until there have been none for a while.
    async fn work_off(&self, lanes: &Arc<Lanes>) {
        let mut under_way = FuturesUnordered::new();
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            // From here on no call for work is missed.
            work.as_mut().enable();
            let (overdue, next_overdue) = {
                let mut state = self.state();
                if state.is_over {
                    return;
                }
                let overdue = state.overdue();
                let room = MOST.saturating_sub(under_way.len()).min(state.queue.len());
                under_way.extend(state.queue.drain(..room).map(|queued| queued.run(Arc::clone(lanes))));
                (overdue, state.queue.front().and_then(|queued| queued.latest_start))
            };
            for queued in overdue {
                let failed = queued.has_no_connection();
                self.finish(queued.ticket, queued.fails_with(failed));
            }
            if under_way.is_empty() {
                tokio::select! {
                    () = &mut work => {}
                    () = sleep(LINGER) => {
                        let mut state = self.state();
                        if state.queue.is_empty() {
                            return state.stops_being_driven();
                        }
                    }
                }
                continue;
            }
            tokio::select! {
                Some((ticket, finished)) = under_way.next() => self.finish(ticket, finished),
                () = &mut work => {}
                () = passed(next_overdue) => {}
            }
        }
    }

    fn finish(&self, ticket: i64, finished: Finished<A>) {
        let mut state = self.state();
        state.calls.insert(ticket, Phase::Finished(finished));
        self.tell(&mut state, ticket);
    }

    fn tell(&self, state: &mut State<A>, ticket: i64) {
        state.with_news.push(ticket);
        if state.with_news.len() == 1 {
            self.news.notify_all();
            self.readable_file.notify();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A> State<A> {
    fn stops_being_driven(&mut self) {
        self.is_driven = false;
        self.lanes = None;
    }
}

impl<A: Send + 'static> Queued<A> {
    /// Makes the call. A panic in it reaches whoever asks for the outcome, as in any other call.
    async fn run(self, lanes: Arc<Lanes>) -> (i64, Finished<A>) {
        let Self { ticket, endpoint, progress, journal, counted, aborting, begin, .. } = self;
        let mut task = begin(lanes, counted);
        let guarded = poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(context))) {
            Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        });
        // A call that is aborted is dropped at the end of this line: nothing of it goes out any more.
        let outcome = Abortable::new(guarded, aborting).await;
        let outcome = outcome.unwrap_or_else(|_| Ok(Err(interrupted(endpoint, &progress))));
        (ticket, Finished { outcome, attempts: progress.attempts(), journal })
    }

    /// What becomes of a call that never began.
    fn fails_with(self, error: MessageError) -> Finished<A> {
        self.counted.ends(Some(&error));
        Finished { outcome: Ok(Err(error)), attempts: 0, journal: self.journal }
    }

    fn has_no_connection(&self) -> MessageError {
        MessageError::Unreachable {
            endpoint: self.endpoint.to_owned(),
            attempts: 0,
            reason: format!("none of the client's {MOST} connections became free in time"),
        }
    }
}

/// Waits until a time has passed; for ever where there is none.
async fn passed(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
