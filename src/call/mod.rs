//! One call, start to end: check, sign, post, read, envelope, answer, and again where that is safe. It knows no endpoint
//! in particular.

mod address;
mod awaited;
mod carried;
mod clock;
mod decode;
#[cfg(test)]
mod echoes;
mod envelope;
mod governor;
mod identity;
mod lane;
mod pace;
mod presence;
mod private;
mod progress;
mod readable_file;
mod reasons;
mod record;
mod reply;
mod retry;
mod route;
mod running;
mod settings;
mod signature;
mod station;
mod throttle;
mod trace;
mod transport;
mod trust;
mod verdict;
mod wire;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use hyper::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};

pub(crate) use awaited::{AwaitedCalls, Notifier};
pub(crate) use carried::carry;
use clock::Clock;
use envelope::{Asking, Question, Way};
pub(crate) use identity::Identity;
pub(crate) use pace::Pace;
use private::{Private, check_secret};
use progress::Attempt;
pub(crate) use progress::Progress;
pub(crate) use reasons::reason;
pub use record::{AttemptRecord, CallRecord};
pub(crate) use record::{Joined, Listening, take as take_record};
use record::{Journal, forget};
pub(crate) use reply::Reply;
pub(crate) use retry::{Failed, Fate, Next, Policy, next};
use running::Counted;
pub(crate) use running::no_runtime;
pub(crate) use running::{Parked, ParkedCalls, Running, Task, interrupted};
pub(crate) use settings::Settings;
pub(crate) use station::{Lanes, Station};
pub(crate) use throttle::{Throttle, Waiting};
pub use trace::{CallTrace, TraceAttribute, TraceSpan, TraceValue};
pub(crate) use transport::tls;
use transport::{Failure, Post, Transport};

use crate::{
    Credentials, MessageError,
    endpoints::{Endpoint, Rules},
    stats::{ClientStats, Tally},
};

/// Everything a call needs besides its endpoint: the way to the server, the secret, the rules.
pub(crate) struct Caller {
    transport: Transport,
    secret: SecretString,
    total_timeout: Duration,
    max_response_bytes: usize,
    policy: Policy,
    /// With the calls a second that it lets through.
    pace: Option<(Pace, u32)>,
    begun: Instant,
    rules: Rules,
    /// What of its calls the application wants to hear.
    listening: Listening,
    /// Requests are signed for a time that differs from now by this many milliseconds: in this way the program finds
    /// out what the server's clock shows.
    #[cfg(feature = "cli")]
    clock_shift: std::sync::atomic::AtomicI64,
}

impl Caller {
    /// Checks its arguments; nothing is opened or read before the first call.
    pub(crate) fn new(
        base_url: &str,
        identity: Identity,
        mut secret: String,
        settings: Settings,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        check_secret(&secret)?;
        // A copy of just its length, which is never moved again; the one that came is wiped.
        let kept = SecretString::from(secret.as_str());
        secret.zeroize();
        Ok(Self {
            secret: kept,
            total_timeout: settings.total_timeout,
            max_response_bytes: settings.max_response_bytes,
            policy: settings.policy,
            pace: settings.rate_limit.map(|calls| (Pace::new(calls), calls)),
            begun: Instant::now(),
            rules: Rules { any_content_type: settings.allow_unsendable_types },
            transport: Transport::new(base_url, identity, settings, credentials)?,
            listening: Listening::default(),
            #[cfg(feature = "cli")]
            clock_shift: Default::default(),
        })
    }

    /// The URLs below which all endpoints lie; the first one is the client's own.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &str> {
        self.transport.bases()
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    #[cfg(feature = "cli")]
    pub(crate) fn shift_clock(&self, milliseconds: i64) {
        self.clock_shift.store(milliseconds, std::sync::atomic::Ordering::Relaxed);
    }

    #[cfg(feature = "cli")]
    fn clock_shift(&self) -> i64 {
        self.clock_shift.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[cfg(not(feature = "cli"))]
    const fn clock_shift(&self) -> i64 {
        0
    }

    /// Makes a connection, and closes it again.
    #[cfg(feature = "cli")]
    pub(crate) fn try_connection(&self) -> Result<(), MessageError> {
        const NAME: &str = "connection";
        let clock = Clock { begun: Instant::now(), total: self.total_timeout };
        let tried = self.transport.station().and_then(|station| station.engine.drive(self.transport.try_way(&clock)));
        match tried {
            Ok(outcome) => outcome.map_err(|failure| *failure.at(NAME, clock.begun.elapsed()).error),
            Err(error) => Err(no_runtime(NAME, &Progress::default(), &error)),
        }
    }

    /// Checks a call's arguments: from then on only what happens to it can make it fail.
    pub(crate) fn check<E: Endpoint>(&self, endpoint: E) -> Result<Checked<E>, MessageError> {
        let carried = carried::take();
        let body = endpoint.check(&self.rules).and_then(|()| {
            serde_json::to_vec(&endpoint)
                .map_err(|error| MessageError::invalid("request", format!("it cannot be written as JSON: {error}")))
        });
        match body {
            Ok(body) => Ok(Checked { endpoint, body: body.into(), carried, begun: Instant::now() }),
            Err(error) => {
                // What is known of the call before is not to be taken for this one's.
                forget();
                self.transport.tally().refuses(&error);
                Err(error)
            }
        }
    }

    /// What of its calls the application wants to hear.
    pub(crate) fn listening(&self) -> &Listening {
        &self.listening
    }

    /// What counts the calls of this process.
    pub(crate) fn tally(&self) -> &Arc<Tally> {
        self.transport.tally_of_this_process()
    }

    /// What the client has done so far.
    pub(crate) fn stats(&self) -> ClientStats {
        self.tally().stats()
    }

    /// Starts a call, whose outcome `then` turns into the value for its caller; the call continues while a thread waits
    /// for it.
    pub(crate) fn begin<E, T, F>(self: &Arc<Self>, call: Checked<E>, then: F) -> Result<Running<Task<T>>, MessageError>
    where
        E: Endpoint + 'static,
        T: Send + 'static,
        F: FnOnce(Result<E::Answer, MessageError>) -> Result<T, MessageError> + Send + 'static,
    {
        let progress = Arc::<Progress>::default();
        let station = self.transport.station().map_err(|error| no_runtime(E::NAME, &progress, &error))?;
        let journal = self.listening.journal(E::NAME).map(Arc::new);
        let counted = Counted::new(self.transport.tally(), E::NAME, &progress);
        let lanes = Arc::clone(&station.lanes);
        let task = self.task(call, then, lanes, Arc::clone(&progress), journal.clone(), counted);
        Ok(Running { endpoint: E::NAME, progress, journal, task, station })
    }

    /// What makes a call and gives its outcome.
    fn task<E, T, F>(
        self: &Arc<Self>,
        call: Checked<E>,
        then: F,
        lanes: Arc<Lanes>,
        progress: Arc<Progress>,
        journal: Option<Arc<Journal>>,
        counted: Counted,
    ) -> Task<T>
    where
        E: Endpoint + 'static,
        T: Send + 'static,
        F: FnOnce(Result<E::Answer, MessageError>) -> Result<T, MessageError> + Send + 'static,
    {
        let caller = Arc::clone(self);
        Box::pin(async move {
            let outcome = then(caller.run(&call, &progress, &lanes, journal.as_deref()).await);
            counted.ends(outcome.as_ref().err());
            outcome
        })
    }

    /// Until when a call may wait for a connection; None if that is farther away than can be said. In the last tenth of its
    /// time it would be sent, and its answer would hardly be there in time.
    pub(crate) fn latest_start<E>(&self, call: &Checked<E>) -> Option<Instant> {
        call.begun.checked_add(self.total_timeout - self.total_timeout / 10)
    }

    /// Closes the connections that nobody uses just now.
    pub(crate) fn close_idle(&self) {
        self.transport.close_idle();
    }

    /// A place from which to make many calls.
    pub(crate) fn station(&self) -> io::Result<Station> {
        self.transport.station()
    }

    /// Keeps a place for later calls.
    pub(crate) fn keep(&self, station: Station) {
        self.transport.keep(station);
    }

    /// Waits for a call: its outcome, or the call itself when the patience is over.
    pub(crate) fn wait<T, F>(
        &self,
        mut call: Running<F>,
        patience: Option<Duration>,
    ) -> Result<Result<T, MessageError>, Running<F>>
    where
        T: Send,
        F: Future<Output = Result<T, MessageError>> + Send + Unpin,
    {
        match call.station.engine.wait(&mut call.task, patience) {
            Ok(Some(outcome)) => {
                self.transport.keep(call.station);
                if let Some(journal) = &call.journal {
                    journal.closes(call.progress.attempts(), outcome.as_ref().err());
                }
                Ok(outcome)
            }
            Ok(None) => Err(call),
            Err(error) => Ok(Err(call.fails_for(&error))),
        }
    }

    /// Makes the call: as many attempts as are safe and allowed, all within the total time-out.
    pub(crate) async fn run<E: Endpoint>(
        &self,
        call: &Checked<E>,
        progress: &Arc<Progress>,
        lanes: &Lanes,
        journal: Option<&Journal>,
    ) -> Result<E::Answer, MessageError> {
        let mut asking = Asking::of(&call.endpoint);
        let clock = Clock { begun: call.begun, total: self.total_timeout };
        let about = About { body: &call.body, clock: &clock, lanes, journal, carried: call.carried.as_deref() };
        self.ask(&mut asking, progress, &about).await?;
        // It is there by now.
        asking.answer.ok_or_else(|| interrupted(E::NAME, progress))
    }

    /// Makes the call, where nobody waits for it or may give it up.
    pub(crate) async fn run_counted<E: Endpoint>(
        &self,
        call: &Checked<E>,
        lanes: &Lanes,
    ) -> Result<E::Answer, MessageError> {
        let progress = Arc::<Progress>::default();
        let counted = Counted::new(self.transport.tally(), E::NAME, &progress);
        let outcome = self.run(call, &progress, lanes, None).await;
        counted.ends(outcome.as_ref().err());
        outcome
    }

    /// Makes one attempt of a call, whatever becomes of it.
    pub(crate) async fn run_once<E: Endpoint>(&self, call: &Checked<E>, lanes: &Lanes) -> Result<E::Answer, Failed> {
        let progress = Arc::<Progress>::default();
        let counted = Counted::new(self.transport.tally(), E::NAME, &progress);
        let mut asking = Asking::of(&call.endpoint);
        let clock = Clock { begun: call.begun, total: self.total_timeout };
        let outcome = match self.wait_for_a_turn(E::NAME, &clock, None).await {
            Ok(()) => {
                let attempt = progress.begin();
                let on = On { attempt: &attempt, clock: &clock, lanes, journal: None, carried: None };
                self.attempt(&mut asking, &call.body, &on).await
            }
            Err(error) => Err(error.into()),
        };
        counted.ends(outcome.as_ref().err().map(|failed| &*failed.error));
        outcome?;
        asking.answer.ok_or_else(|| interrupted(E::NAME, &progress).into())
    }

    async fn ask(
        &self,
        question: &mut dyn Question,
        progress: &Arc<Progress>,
        about: &About<'_>,
    ) -> Result<(), MessageError> {
        let About { body, clock, lanes, journal, carried } = *about;
        let (name, effect) = (question.about().name, question.about().effect);
        // The first failed attempt that may have been executed.
        let mut doubt = None;
        self.wait_for_a_turn(name, clock, journal).await?;
        loop {
            let attempt = progress.begin();
            let on = On { attempt: &attempt, clock, lanes, journal, carried };
            let Err(failed) = self.attempt(question, body, &on).await else {
                return Ok(());
            };
            let unknown = failed.error.may_have_executed();
            attempt.ends(unknown);
            let (fate, retry_after) = (failed.fate, failed.retry_after);
            let next = retry::next(&self.policy, effect, fate, attempt.number, retry_after, clock.left(), jitter());
            let paused = match next {
                Next::Pause(pause) => Box::pin(self.pause(&failed, pause, name, &on)).await,
                Next::GiveUp => false,
            };
            if !paused {
                let tried = i32::try_from(attempt.number).unwrap_or(i32::MAX);
                return Err(retry::told(effect, doubt, failed).after(tried));
            }
            if unknown {
                doubt.get_or_insert(*failed.error);
            }
        }
    }

    /// Signs, posts and reads once, at the server whose turn it is; where that does not come through, the next attempt of
    /// whoever it is goes to another one.
    async fn attempt(&self, question: &mut dyn Question, body: &Bytes, on: &On<'_>) -> Result<(), Failed> {
        let (way, begun) = (self.transport.way(), Instant::now());
        self.transport.tally().tries();
        let outcome = self.attempt_at(way, question, body, on).await;
        let took = begun.elapsed();
        self.transport.tally().took(took);
        if let Some(journal) = on.journal {
            let error = outcome.as_ref().err().map(|failed| &*failed.error);
            journal.ends(on.attempt.number, self.transport.base(way), took, error);
        }
        if outcome.as_ref().is_err_and(|failed| matches!(failed.fate, Fate::NotSent | Fate::Unknown)) {
            self.transport.leaves(way);
        }
        outcome
    }

    async fn attempt_at(
        &self,
        way: usize,
        question: &mut dyn Question,
        body: &Bytes,
        on: &On<'_>,
    ) -> Result<(), Failed> {
        let name = question.about().name;
        let On { attempt, clock, lanes, journal, carried } = *on;
        let signed = lanes.sign(self.secret.expose_secret(), self.clock_shift()).map_err(|error| Failure::NotSent {
            reason: format!("the system gave no random bytes for a nonce: {error}"),
        });
        let posted = match signed {
            Ok(signature) => {
                let post = Post { name, signature, body: body.clone(), attempt, carried };
                self.transport.post(lanes, way, post, clock).await
            }
            Err(failure) => Err(failure),
        };
        let (reply, lane) = posted.map_err(|failure| failure.at(name, clock.begun.elapsed()))?;
        if let Some(journal) = journal {
            journal.answered(reply.status);
        }
        let private = Private { secret: &self.secret, credentials: Some(self.transport.credentials()), request: body };
        let base = self.transport.base(way);
        let proxy = || self.transport.proxy();
        let outcome =
            envelope::open(question, &reply, &Way { private, base, proxy: &proxy, limit: self.max_response_bytes });
        let told_clearly = outcome.as_ref().err().is_none_or(|failed| !failed.error.may_have_executed());
        // After a text the server closes the connection that it says to keep.
        if told_clearly && (reply.status < 400 || reply.body.is_empty()) {
            lanes.give_back(lane);
        }
        outcome
    }

    /// Waits before the next attempt; false where no time would be left for it.
    async fn pause(&self, failed: &Failed, pause: Duration, endpoint: &str, on: &On<'_>) -> bool {
        if failed.fate == Fate::Refused {
            self.transport.tally().waits(pause);
        }
        tokio::time::sleep(pause).await;
        if self.wait_for_a_turn(endpoint, on.clock, on.journal).await.is_err() {
            return false;
        }
        if let Some(journal) = on.journal {
            journal.again(pause);
        }
        true
    }

    /// Waits until the client's own rate limit lets another request out.
    async fn wait_for_a_turn(
        &self,
        endpoint: &str,
        clock: &Clock,
        journal: Option<&Journal>,
    ) -> Result<(), MessageError> {
        if let Some((pace, calls)) = &self.pace {
            let wait = pace.turn(self.begun.elapsed(), clock.left()).ok_or_else(|| MessageError::RateLimited {
                endpoint: endpoint.to_owned(),
                attempts: 0,
                msg: format!("the client's own rate_limit is {calls} per second"),
            })?;
            self.waits_for_a_turn(wait).await;
            if let Some(journal) = journal {
                journal.waits(wait);
            }
        }
        Ok(())
    }

    /// Waits because of a limit, and counts that.
    async fn waits_for_a_turn(&self, time: Duration) {
        if !time.is_zero() {
            self.transport.tally().waits(time);
            sleep(time).await;
        }
    }
}

/// What a call is made with.
#[derive(Clone, Copy)]
struct About<'a> {
    body: &'a Bytes,
    clock: &'a Clock,
    lanes: &'a Lanes,
    journal: Option<&'a Journal>,
    carried: Option<&'a HeaderMap>,
}

/// What an attempt is made with.
#[derive(Clone, Copy)]
struct On<'a> {
    attempt: &'a Attempt,
    clock: &'a Clock,
    lanes: &'a Lanes,
    journal: Option<&'a Journal>,
    /// Headers besides those of every request.
    carried: Option<&'a HeaderMap>,
}

async fn sleep(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// A call whose arguments can work, with its body.
pub(crate) struct Checked<E> {
    endpoint: E,
    body: Bytes,
    /// Headers besides its own.
    carried: Option<Arc<HeaderMap>>,
    /// Its total time-out counts from here.
    begun: Instant,
}

/// Headers that go with calls of one piece of work.
#[cfg(feature = "files")]
pub(crate) type Carried = Option<Arc<HeaderMap>>;

#[cfg(feature = "files")]
impl<E> Checked<E> {
    /// The headers that go with it besides its own.
    pub(crate) fn carried(&self) -> Carried {
        self.carried.clone()
    }

    /// The same call, with those headers.
    pub(crate) fn carrying(self, carried: &Carried) -> Self {
        Self { carried: carried.clone(), ..self }
    }
}

/// A number from 0 to 1; where the system has no random bytes, the longest pause.
pub(crate) fn jitter() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}

impl Failure {
    /// The failed attempt of a call that had no answer.
    fn at(self, endpoint: &str, elapsed: Duration) -> Failed {
        let (endpoint, attempts) = (endpoint.to_owned(), 1);
        let unreadable = |endpoint, status, reason| MessageError::InvalidResponse {
            endpoint,
            status,
            reason,
            body: String::new(),
            attempts,
        };
        match self {
            Self::NotSent { reason } => MessageError::Unreachable { endpoint, attempts, reason }.into(),
            Self::TimedOut => MessageError::TimedOut { endpoint, attempts, elapsed }.into(),
            Self::Lost { reason } => MessageError::ConnectionLost { endpoint, attempts, reason }.into(),
            Self::Unreadable { reason } => unreadable(endpoint, 0, reason).into(),
            Self::TooLarge { status, limit } => {
                let error =
                    unreadable(endpoint, status, format!("it is longer than the {limit} bytes that are allowed"));
                Failed { error: error.into(), fate: Fate::Decided, retry_after: None }
            }
        }
    }
}
