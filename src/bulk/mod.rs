//! Many messages in one call, several under way at once: [`Bulk`].
//!
//! A bulk runs on a thread of its own, so that the feeding thread can make the next requests while the first ones are
//! on their way. It takes in as many requests as it has room for, and returns outcomes in the order of the requests:
//! that bounds its memory, however many there are.

mod bulk_log;
mod feeding;
pub(crate) mod order;
pub(crate) mod progress;
mod records;
mod state;

use std::{
    io, process,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::Notify;

use bulk_log::BulkLog;
use order::LineFinder;
pub use progress::{BulkProgress, WaitingFor};
pub use records::{BulkFailure, BulkNews, BulkOptions, SendOutcome, StopOn};
use state::{Flight, Next, State};

use crate::{
    LogLevel, MessageError, RobotSendRequest, SendRequest, SentMessage,
    call::{Caller, Lanes, Notifier, Pace, Progress, Throttle},
    endpoints::Endpoint,
};

/// As whom the messages are sent.
pub(crate) enum SendAs {
    /// As the users that the requests name.
    Users,
    /// As this robot, whatever sender the requests name.
    Robot(String),
}

impl SendAs {
    pub(crate) fn endpoint(&self) -> &'static str {
        match self {
            Self::Users => SendRequest::NAME,
            Self::Robot(_) => RobotSendRequest::NAME,
        }
    }

    /// A request as it is sent: who sends it matters to the order, too.
    fn of(&self, mut request: SendRequest) -> Box<SendRequest> {
        if let Self::Robot(robot_id) = self {
            request.sender.clone_from(robot_id);
        }
        Box::new(request)
    }
}

/// Many messages on their way.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeBulk")]
pub struct Bulk {
    shared: Arc<Shared>,
    process: u32,
}

/// What the feeding thread and the sending ones share.
struct Shared {
    state: Mutex<State>,
    bulk_log: Mutex<BulkLog>,
    line_finder: LineFinder,
    throttle: Throttle,
    send_as: SendAs,
    /// There is something to send, or to stop.
    work: Notify,
    /// There is something to tell.
    news: std::sync::Condvar,
    /// For somebody who does not wait for news in a thread: whether he wants to hear of it, and has not looked since it rang.
    notifier: Option<Notifier>,
    is_heard: AtomicBool,
    rung: AtomicBool,
}

#[uniffi::export(name = "NativeBulk")]
impl Bulk {
    /// Takes more requests in; arguments that can never work fail one by one, as the outcome of their request. `in_time` is
    /// whether the source gave them within the time of the last news.
    pub fn feed(&self, requests: Vec<SendRequest>, in_time: bool) -> Result<(), MessageError> {
        self.here()?;
        // Before the others are kept waiting.
        let line_finder = &self.shared.line_finder;
        let requests: Vec<_> = requests
            .into_iter()
            .map(|request| self.shared.send_as.of(request))
            .map(|request| (line_finder.lines(&request), request))
            .collect();
        self.shared.change(|state| state.feed(requests, in_time));
        Ok(())
    }

    /// Says that no more requests come.
    pub fn end(&self) -> Result<(), MessageError> {
        self.here()?;
        self.shared.change(State::end);
        Ok(())
    }

    /// Waits for news, at most for so long: outcomes, room for more requests, or the end. Where it takes more requests in
    /// it does not wait.
    pub fn wait(&self, patience: Duration) -> Result<BulkNews, MessageError> {
        self.wait_for(patience, |state| state.has_news() || state.takes_more())
    }

    /// What each of its messages asks the server: for whoever gives one up that has not left.
    pub fn endpoint(&self) -> Result<String, MessageError> {
        Ok(self.shared.send_as.endpoint().to_owned())
    }

    /// The ticket under which its client's access reports from now on that there is news; 0 if calls of that client are waited
    /// for.
    pub fn ticket(&self) -> Result<i64, MessageError> {
        self.here()?;
        self.shared.is_heard.store(true, Ordering::Release);
        // It may have had news before.
        self.shared.note(|_| ());
        Ok(self.shared.notifier.as_ref().map_or(0, |notifier| notifier.ticket))
    }

    /// Ends it at once: requests under way are dropped. `wait` then tells of each whether it may have left.
    pub fn cancel(&self) -> Result<(), MessageError> {
        self.here()?;
        self.shared.change(State::cancel);
        Ok(())
    }
}

impl Bulk {
    /// Begins one; `total` is how many requests will come, where that is known.
    pub(crate) fn begin(
        caller: Arc<Caller>,
        send_as: SendAs,
        options: Option<BulkOptions>,
        total: Option<i64>,
        notifier: Option<Notifier>,
    ) -> Result<Self, MessageError> {
        let options = options.unwrap_or_default();
        let (concurrency, rate) = options.checked()?;
        let pace = rate.map(Pace::new);
        let throttle = Throttle::new(&caller, options.patience.unwrap_or(PATIENCE), pace);
        let state = State::new(send_as.endpoint(), options.stop_on, options.any_order, total, Instant::now());
        let shared = Arc::new(Shared::new(state, throttle, send_as, caller.listening().level(), notifier));
        let job = Arc::new(Job { caller, shared: Arc::clone(&shared) });
        thread::Builder::new().name(NAME.to_owned()).spawn(move || job.run(concurrency)).map_err(|error| {
            MessageError::Unreachable {
                endpoint: shared.send_as.endpoint().to_owned(),
                attempts: 0,
                reason: format!("no thread could be started to send from: {error}"),
            }
        })?;
        Ok(Self { shared, process: process::id() })
    }

    /// Sends nothing more; what is under way comes to its end.
    #[cfg(feature = "cli")]
    #[doc(hidden)]
    pub fn stop(&self) {
        self.shared.change(State::stop);
    }

    /// Waits for outcomes or the end, also where it takes more requests in.
    #[cfg(feature = "cli")]
    #[doc(hidden)]
    pub fn wait_for_outcomes(&self, patience: Duration) -> Result<BulkNews, MessageError> {
        self.wait_for(patience, State::has_news)
    }

    fn wait_for(&self, patience: Duration, is_enough: impl Fn(&State) -> bool) -> Result<BulkNews, MessageError> {
        self.here()?;
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.rung.store(false, Ordering::Release);
        let waited = self.shared.news.wait_timeout_while(state, patience, |state| !is_enough(state));
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let waiting = self.shared.throttle.waiting(now);
        let mut news = state.news(now, waiting);
        let counts = state.counts();
        drop(state);
        let mut bulk_log = self.shared.bulk_log.lock().unwrap_or_else(PoisonError::into_inner);
        news.lines = bulk_log.tell(now, waiting, counts, news.done);
        Ok(news)
    }

    /// A forked child has a copy of the memory and no copy of the thread.
    fn here(&self) -> Result<(), MessageError> {
        if self.process == process::id() {
            return Ok(());
        }
        Err(MessageError::invalid("bulk", "it was started before a fork, in the parent process"))
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        if self.process == process::id() {
            self.shared.change(State::cancel);
        }
    }
}

impl Shared {
    fn new(
        state: State,
        throttle: Throttle,
        send_as: SendAs,
        listening: Option<LogLevel>,
        notifier: Option<Notifier>,
    ) -> Self {
        Self {
            state: Mutex::new(state),
            bulk_log: Mutex::new(BulkLog::new(send_as.endpoint(), listening, Instant::now())),
            line_finder: LineFinder::default(),
            throttle,
            send_as,
            work: Notify::new(),
            news: std::sync::Condvar::new(),
            notifier,
            is_heard: AtomicBool::new(false),
            rung: AtomicBool::new(false),
        }
    }

    /// Changes the state, and lets everybody who waits look at it.
    fn change(&self, change: impl FnOnce(&mut State)) {
        self.note(change);
        self.work.notify_waiters();
    }

    /// Takes an outcome in. Whoever brings it goes on with what may be sent now; where that is more, others help.
    fn land(&self, index: i64, outcome: SendOutcome) {
        if self.note(|state| state.land(index, outcome)) > 1 {
            self.work.notify_waiters();
        }
    }

    /// Changes the state in a way that gives nobody else anything to send.
    fn note<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (changed, stopped) = (change(&mut state), state.is_stopped());
        if state.has_news() {
            self.news.notify_all();
            self.notify();
        }
        drop(state);
        if stopped {
            self.throttle.end();
        }
        changed
    }

    fn notify(&self) {
        if let Some(notifier) = &self.notifier
            && self.is_heard.load(Ordering::Acquire)
            && !self.rung.swap(true, Ordering::AcqRel)
        {
            notifier.notify();
        }
    }

    /// The next request to send; waits for one. None at the end.
    async fn next(&self) -> Option<Flight> {
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            // From here on no call for work is missed.
            work.as_mut().enable();
            let (next, is_over) = {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                (state.take_off(), state.is_over())
            };
            if is_over {
                // The others need not wait for what this one brings.
                self.work.notify_waiters();
            }
            match next {
                Next::Flight(flight) => return Some(flight),
                Next::Over => return None,
                Next::Nothing => {}
            }
            work.await;
        }
    }

    async fn cancelled(&self) {
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            work.as_mut().enable();
            if self.state.lock().unwrap_or_else(PoisonError::into_inner).is_cancelled() {
                return;
            }
            work.await;
        }
    }
}

/// What the threads of a bulk send with.
struct Job {
    caller: Arc<Caller>,
    shared: Arc<Shared>,
}

impl Job {
    /// Sends until there is no more: the whole life of a bulk.
    fn run(self: &Arc<Self>, concurrency: usize) {
        // Also where a thread panics: nobody is to wait for it for ever.
        let _closes = Closes(&self.shared);
        let threads = thread::available_parallelism().map_or(1, usize::from).min(concurrency).min(THREADS);
        thread::scope(|scope| {
            for number in 1..threads {
                let share = concurrency / threads;
                let helper = thread::Builder::new().name(format!("{NAME}-{number}"));
                if let Err(error) = helper.spawn_scoped(scope, move || self.drive(share)) {
                    log::warn!("many messages are sent with fewer threads, because one could not be started: {error}");
                }
            }
            self.drive(concurrency - (threads - 1) * (concurrency / threads));
        });
    }

    /// The share of one thread: it has this many messages under way at the same time.
    fn drive(self: &Arc<Self>, concurrency: usize) {
        let driven = self.caller.station().and_then(|station| -> io::Result<()> {
            let workers: FuturesUnordered<_> = (0..concurrency).map(|_| self.work(&station.lanes)).collect();
            let cancelled = station.engine.drive(async {
                tokio::select! {
                    () = workers.collect() => false,
                    () = self.shared.cancelled() => true,
                }
            })?;
            // Otherwise what is under way ends with the station, before anybody is told.
            if !cancelled {
                self.caller.keep(station);
            }
            Ok(())
        });
        if let Err(error) = driven {
            log::error!("the internal runtime does not work: {error}");
        }
    }

    /// Sends one message after the other.
    async fn work(&self, lanes: &Lanes) {
        while let Some(Flight { index, request, progress }) = self.shared.next().await {
            let outcome = match self.shared.send_as {
                SendAs::Users => self.send(*request, &progress, lanes).await,
                SendAs::Robot(_) => self.send(RobotSendRequest::from(*request), &progress, lanes).await,
            };
            self.shared.land(index, outcome);
        }
    }

    async fn send<E>(&self, request: E, progress: &Arc<Progress>, lanes: &Lanes) -> SendOutcome
    where
        E: Endpoint<Answer = SentMessage>,
    {
        let call = self.caller.check(request)?;
        self.caller.run_of_many(&call, progress, lanes, &self.shared.throttle).await
    }
}

impl BulkOptions {
    /// How many are under way at once, and the limit of requests a second, where there is one.
    pub(crate) fn checked(&self) -> Result<(usize, Option<u32>), MessageError> {
        let concurrency = match usize::try_from(self.concurrency) {
            Ok(concurrency @ 1..=1024) => concurrency,
            _ => {
                return Err(invalid(
                    "concurrency",
                    format!("{} is out of range: it must be from 1 to 1024", self.concurrency),
                ));
            }
        };
        match u32::try_from(self.rate_limit) {
            Ok(0) => Ok((concurrency, None)),
            Ok(requests) => Ok((concurrency, Some(requests))),
            Err(_) => Err(invalid("rate_limit", format!("{} is below 0", self.rate_limit))),
        }
    }
}

/// Says at its end that nobody sends any more.
struct Closes<'a>(&'a Shared);

impl Drop for Closes<'_> {
    fn drop(&mut self) {
        self.0.change(State::close);
    }
}

fn invalid(option: &str, reason: String) -> MessageError {
    MessageError::invalid(format!("options.{option}"), reason)
}

/// How long a server is waited for that takes nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);
/// The name of a bulk's threads.
const NAME: &str = "wildfirechat-bulk";
/// More threads than this do not send more.
const THREADS: usize = 4;

/// How long to wait for news where there is nothing else to do; progress is told in between.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// Feeds a bulk with these requests, and gives the outcome of each, in their order.
pub(crate) fn send_all(
    bulk: &Bulk,
    requests: Vec<SendRequest>,
    progress: impl FnMut(&BulkProgress),
) -> Result<Vec<SendOutcome>, MessageError> {
    let mut outcomes = Vec::with_capacity(requests.len());
    feed_all(bulk, requests, progress, |outcome| outcomes.push(outcome))?;
    Ok(outcomes)
}

/// Feeds a bulk from an iterator and gives each outcome out, in order. A bulk that stops takes the rest only where its end
/// is known: an endless source is left alone.
pub(crate) fn feed_all(
    bulk: &Bulk,
    requests: impl IntoIterator<Item = SendRequest>,
    mut progress: impl FnMut(&BulkProgress),
    mut outcome: impl FnMut(SendOutcome),
) -> Result<(), MessageError> {
    let mut requests = requests.into_iter();
    let (mut ended, mut told) = (false, 0);
    let mut news = bulk.wait(Duration::ZERO)?;
    loop {
        if !ended && news.wanted > 0 {
            let (some, in_time) = next_requests(&mut requests, &news, &mut ended);
            bulk.feed(some, in_time)?;
            if ended {
                bulk.end()?;
            }
        }
        news = bulk.wait(CHECK_EVERY)?;
        for each in outcomes(&news, told) {
            outcome(each);
            told += 1;
        }
        if let Some(news) = &news.progress {
            progress(news);
        }
        if news.stopped && !ended && requests.size_hint().1.is_none() {
            ended = true;
            bulk.end()?;
        }
        if news.done && ended {
            return Ok(());
        }
    }
}

/// The next requests that the news want, fewer where they take their time, and whether they came in time; notes when there
/// are no more.
fn next_requests(
    requests: &mut impl Iterator<Item = SendRequest>,
    news: &BulkNews,
    ended: &mut bool,
) -> (Vec<SendRequest>, bool) {
    let begun = Instant::now();
    let mut some = Vec::new();
    let mut in_time = true;
    while in_time && some.len() < news.wanted as usize {
        let Some(request) = requests.next() else {
            *ended = true;
            break;
        };
        some.push(request);
        in_time = begun.elapsed() < news.within;
    }
    (some, in_time)
}

/// The outcomes that news brings, in their order; the first one is that of request number `first`.
pub fn outcomes(news: &BulkNews, first: i64) -> impl Iterator<Item = SendOutcome> + '_ {
    let mut failures = news.failures.iter().peekable();
    (first..).zip(news.sent.chunks_exact(16)).map(move |(index, pair)| {
        let number = |at: usize| i64::from_le_bytes(pair[at..at + 8].try_into().unwrap_or_default());
        match failures.next_if(|failure| failure.index == index) {
            Some(failure) => Err(failure.error.clone()),
            None => Ok(SentMessage { message_uid: number(0), timestamp: number(8) }),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ClientOptions, Conversation, Credentials, MessagePayload,
        call::{Identity, Settings},
    };

    #[test]
    fn a_thread_that_panics_leaves_nobody_waiting() {
        let settings = Settings::try_from(ClientOptions::default()).unwrap();
        let caller =
            Caller::new("http://127.0.0.1", Identity::admin(), "secret".to_owned(), settings, Credentials::default());
        let caller = caller.unwrap();
        let state = State::new(SendRequest::NAME, None, true, None, Instant::now());
        let shared = Arc::new(Shared::new(state, Throttle::new(&caller, PATIENCE, None), SendAs::Users, None, None));
        let bulk = Bulk { shared: Arc::clone(&shared), process: process::id() };
        let request = SendRequest::new("admin", Conversation::single("u1"), MessagePayload::text("hello"));
        bulk.feed(vec![request; 2], true).unwrap();
        let sending = thread::spawn(move || {
            let _closes = Closes(&shared);
            let flight = match shared.state.lock().unwrap().take_off() {
                Next::Flight(flight) => flight,
                _ => unreachable!("two were fed"),
            };
            flight.progress.begin().leaves();
            panic!("as it was asked to");
        });
        assert!(sending.join().is_err());
        let news = bulk.wait(Duration::from_secs(60)).unwrap();
        assert!(news.done && news.stopped);
        let interrupted =
            |sent, attempts| Err(MessageError::Interrupted { endpoint: SendRequest::NAME.to_owned(), sent, attempts });
        assert_eq!(outcomes(&news, 0).collect::<Vec<_>>(), [interrupted(true, 1), interrupted(false, 0)]);
    }
}
