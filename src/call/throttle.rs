//! What the messages of a bulk share on their way to the server: [`Throttle`]. Its limit, its absence, and how long they wait
//! for it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{
    Asking, Caller, Checked, Clock, Counted, Lanes, On, Pace, Progress, Question,
    governor::{Governor, Turn},
    interrupted, jitter,
    presence::{Advice, Presence, Verdict},
    retry::Failed,
    sleep,
};
use crate::{
    MessageError,
    atomic::{AtomicBool, Ordering},
    endpoints::Endpoint,
};

/// Many messages that go to one server side by side.
pub(crate) struct Throttle {
    governor: Governor,
    presence: Mutex<Presence>,
    /// Their own limit.
    pace: Option<Pace>,
    begun: Instant,
    /// The server is there and takes what it gets, as far as is known: then nobody need ask `presence`.
    calm: AtomicBool,
    /// Nobody begins an attempt any more.
    ended: AtomicBool,
    /// Something has been found out of the server; or it has ended.
    news: Notify,
}

/// What those wait for who want to send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// The server is away; otherwise it accepts no more for now.
    pub(crate) is_server_away: bool,
    /// How long the server has taken nothing, where it takes nothing.
    pub(crate) waited: Option<Duration>,
    /// How long they wait on, where it takes nothing.
    pub(crate) patience_left: Option<Duration>,
}

impl Throttle {
    pub(crate) fn new(caller: &Caller, patience: Duration, pace: Option<Pace>) -> Self {
        let begun = Instant::now();
        Self {
            governor: Governor::new(begun),
            presence: Mutex::new(Presence::new(patience, caller.policy)),
            pace,
            begun,
            calm: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            news: Notify::new(),
        }
    }

    /// Lets nobody begin an attempt any more. Those that are under way come to their end.
    pub(crate) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.news.notify_waiters();
    }

    pub(crate) fn waiting(&self, now: Instant) -> Option<Waiting> {
        let presence = self.presence();
        let is_server_away = presence.is_server_away();
        let (waited, patience_left) = presence.patience(now);
        drop(presence);
        let waits = is_server_away || self.governor.holds_back(now);
        waits.then_some(Waiting { is_server_away, waited, patience_left })
    }

    /// Waits until another request may leave; fails where the server has been given up.
    async fn leave(&self, caller: &Caller, endpoint: &str) -> Result<Leave<'_>, MessageError> {
        let patient = Clock { begun: self.begun, total: Duration::MAX };
        loop {
            self.nobody_looks().await?;
            tokio::select! {
                biased;
                turn = self.turn(caller, endpoint, &patient) => turn?,
                error = self.given_up() => return Err(error),
            }
            if self.is_calm() {
                return Ok(Leave { throttle: self, looks: false });
            }
            let advice = self.presence().advise(Instant::now());
            match advice {
                Advice::Send => return Ok(Leave { throttle: self, looks: false }),
                Advice::LookAt(at) => {
                    let leave = Leave { throttle: self, looks: true };
                    sleep(at.saturating_duration_since(Instant::now())).await;
                    return Ok(leave);
                }
                Advice::Wait => {}
                Advice::GiveUp(error) => return Err(error),
            }
        }
    }

    /// Waits while somebody looks for the server.
    async fn nobody_looks(&self) -> Result<(), MessageError> {
        loop {
            // From here on no news is missed.
            let news = self.news.notified();
            if self.is_calm() {
                return Ok(());
            }
            let advice = self.presence().holds_back(Instant::now());
            match advice {
                Some(Advice::GiveUp(error)) => return Err(error),
                Some(_) => news.await,
                None => return Ok(()),
            }
        }
    }

    /// Waits for a turn at all the rates that hold: the client's, their own, and the one that the server takes.
    async fn turn(&self, caller: &Caller, endpoint: &str, patient: &Clock) -> Result<(), MessageError> {
        caller.wait_for_a_turn(endpoint, patient, None).await?;
        if let Some(wait) = self.pace.as_ref().and_then(|pace| pace.turn(self.begun.elapsed(), Duration::MAX)) {
            caller.waits_for_a_turn(wait).await;
        }
        loop {
            let turn = self.governor.turn(Instant::now());
            let (Turn::In(wait) | Turn::AskIn(wait)) = turn;
            caller.waits_for_a_turn(wait).await;
            if matches!(turn, Turn::In(_)) {
                return Ok(());
            }
        }
    }

    /// Waits until somebody has given the server up, and gives his reason.
    async fn given_up(&self) -> MessageError {
        loop {
            let news = self.news.notified();
            let advice = self.presence().holds_back(Instant::now());
            if let Some(Advice::GiveUp(error)) = advice {
                return error;
            }
            news.await;
        }
    }

    async fn ended(&self) {
        loop {
            let news = self.news.notified();
            if self.ended.load(Ordering::Acquire) {
                return;
            }
            news.await;
        }
    }

    /// Takes in what became of an attempt that was begun then.
    fn learn<A>(&self, outcome: &Result<A, Failed>, attempt: u32, begun: Instant) -> Verdict {
        let now = Instant::now();
        self.governor.learn(outcome, begun, now);
        if outcome.is_ok() && self.is_calm() {
            return Verdict::Final;
        }
        let mut presence = self.presence();
        let was_away = presence.is_server_away();
        let verdict = presence.learn(outcome, attempt, begun, now, jitter);
        let is_news = was_away != presence.is_server_away() || verdict == Verdict::GiveUp;
        self.calm.store(presence.is_calm(), Ordering::Release);
        drop(presence);
        if is_news {
            self.news.notify_waiters();
        }
        verdict
    }

    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Acquire)
    }

    fn presence(&self) -> MutexGuard<'_, Presence> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to send one request.
struct Leave<'a> {
    throttle: &'a Throttle,
    /// With it somebody looks for the server, and the others wait for what he finds.
    looks: bool,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if self.looks {
            self.throttle.presence().stops_looking();
            self.throttle.news.notify_waiters();
        }
    }
}

impl Caller {
    /// Makes one call of many, which must never be repeated while its fate is unknown. It is tried as often as it takes,
    /// each time with the total time-out for itself, while the throttle has patience with the server.
    pub(crate) async fn run_of_many<E: Endpoint>(
        &self,
        call: &Checked<E>,
        progress: &Arc<Progress>,
        lanes: &Lanes,
        throttle: &Throttle,
    ) -> Result<E::Answer, MessageError> {
        let counted = Counted::new(self.transport.tally(), E::NAME, progress);
        let mut asking = Asking::of(&call.endpoint);
        let outcome = self.try_of_many(&mut asking, &call.body, progress, lanes, throttle).await;
        counted.ends(outcome.as_ref().err());
        outcome?;
        // It is there by now.
        asking.answer.ok_or_else(|| interrupted(E::NAME, progress))
    }

    async fn try_of_many(
        &self,
        question: &mut dyn Question,
        body: &Bytes,
        progress: &Arc<Progress>,
        lanes: &Lanes,
        throttle: &Throttle,
    ) -> Result<(), MessageError> {
        let name = question.about().name;
        loop {
            let leave = tokio::select! {
                biased;
                leave = throttle.leave(self, name) => leave,
                () = throttle.ended() => return Err(interrupted(name, progress)),
            };
            let leave = leave.map_err(|error| error.after(number(progress.attempts())))?;
            let attempt = progress.begin();
            let clock = Clock { begun: Instant::now(), total: self.total_timeout };
            let on = On { attempt: &attempt, clock: &clock, lanes, journal: None, carried: None };
            let outcome = self.attempt(question, body, &on).await;
            let verdict = throttle.learn(&outcome, attempt.number, clock.begun);
            drop(leave);
            let Err(failed) = outcome else {
                return Ok(());
            };
            attempt.ends(failed.error.may_have_executed());
            if verdict != Verdict::Again {
                return Err(failed.error.after(number(attempt.number)));
            }
            log::debug!("{}; trying again", failed.error);
        }
    }
}

fn number(attempts: u32) -> i32 {
    i32::try_from(attempts).unwrap_or(i32::MAX)
}
