//! What a bulk knows: requests that wait, that are under way, and outcomes that nobody has been told of yet.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use super::{BulkFailure, BulkNews, SendOutcome, StopOn, progress::Counter};
use crate::{
    MessageError, SendRequest,
    call::{Progress, interrupted},
    endpoints::Endpoint,
};

/// How many requests may be in it, from the moment they are fed until their outcomes are told.
pub(super) const WINDOW: usize = 8192;
/// So many outcomes are worth waking somebody for.
const BATCH: usize = 1024;

/// A request that is sent now.
pub(super) struct Flight {
    pub(super) index: i64,
    pub(super) request: SendRequest,
    pub(super) progress: Arc<Progress>,
}

/// What there is to do for whoever could send.
pub(super) enum Next {
    Flight(Box<Flight>),
    /// Perhaps later.
    Nothing,
    Over,
}

pub(super) struct State {
    /// Those that wait; the last one is number `fed - 1`.
    queue: VecDeque<SendRequest>,
    fed: i64,
    flying: HashMap<i64, Arc<Progress>>,
    /// Outcomes from number `told` on, with gaps where one is not there yet.
    landed: VecDeque<Option<SendOutcome>>,
    told: i64,
    /// How many outcomes from the first on have no gap.
    ready: usize,
    /// No more requests come.
    ended: bool,
    /// Nothing more is sent.
    stopped: bool,
    /// And what is under way is dropped.
    cancelled: bool,
    /// Nobody sends any more.
    closed: bool,
    stop_on: Option<StopOn>,
    counter: Counter,
}

impl State {
    pub(super) fn new(stop_on: Option<StopOn>, total: Option<i64>, now: Instant) -> Self {
        Self {
            queue: VecDeque::new(),
            fed: 0,
            flying: HashMap::new(),
            landed: VecDeque::new(),
            told: 0,
            ready: 0,
            ended: false,
            stopped: false,
            cancelled: false,
            closed: false,
            stop_on,
            counter: Counter::new(total, now),
        }
    }

    pub(super) fn feed(&mut self, requests: Vec<SendRequest>) {
        self.landed.resize_with(self.landed.len() + requests.len(), || None);
        self.fed += requests.len() as i64;
        self.queue.extend(requests);
        if self.stopped {
            self.abandon_queue();
        }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    pub(super) fn cancel(&mut self) {
        self.cancelled = true;
        self.stop();
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    pub(super) fn take_off(&mut self) -> Next {
        if self.stopped {
            return Next::Over;
        }
        let index = self.fed - self.queue.len() as i64;
        match self.queue.pop_front() {
            Some(request) => {
                let progress = Arc::<Progress>::default();
                self.flying.insert(index, Arc::clone(&progress));
                Next::Flight(Box::new(Flight { index, request, progress }))
            }
            None if self.ended => Next::Over,
            None => Next::Nothing,
        }
    }

    /// Takes an outcome in.
    pub(super) fn land(&mut self, index: i64, outcome: SendOutcome) {
        self.flying.remove(&index);
        let may_have_executed = outcome.as_ref().err().is_some_and(MessageError::may_have_executed);
        self.counter.add(outcome.is_ok(), may_have_executed);
        let ends_it = match self.stop_on {
            Some(StopOn::Failure) => outcome.is_err(),
            Some(StopOn::Unknown) => may_have_executed,
            None => false,
        };
        let place = usize::try_from(index - self.told).ok().and_then(|at| self.landed.get_mut(at));
        if let Some(place) = place {
            *place = Some(outcome);
        }
        while self.landed.get(self.ready).is_some_and(Option::is_some) {
            self.ready += 1;
        }
        if ends_it && !self.stopped {
            self.stop();
        }
    }

    /// Nobody sends any more: what was under way has been dropped.
    pub(super) fn close(&mut self) {
        let dropped: Vec<(i64, Arc<Progress>)> = self.flying.drain().collect();
        for (index, progress) in dropped {
            self.land(index, Err(interrupted(SendRequest::NAME, &progress)));
        }
        self.stop();
        self.closed = true;
    }

    pub(super) fn has_news(&self) -> bool {
        self.ready >= BATCH || self.is_done()
    }

    pub(super) fn news(&mut self, now: Instant) -> BulkNews {
        let mut sent = Vec::with_capacity(self.ready * 16);
        let mut failures = Vec::new();
        for outcome in self.landed.drain(..self.ready).flatten() {
            let index = self.told;
            let (uid, timestamp) = match outcome {
                Ok(message) => (message.message_uid, message.timestamp),
                Err(error) => {
                    failures.push(BulkFailure { index, error });
                    (0, 0)
                }
            };
            sent.extend_from_slice(&uid.to_le_bytes());
            sent.extend_from_slice(&timestamp.to_le_bytes());
            self.told += 1;
        }
        self.ready = 0;
        let done = self.is_done();
        let progress = self.counter.tell(now, done);
        BulkNews {
            sent: sent.into(),
            failures,
            room: self.room(),
            progress,
            stopped: self.stopped && !self.is_complete(),
            done,
        }
    }

    fn room(&self) -> i32 {
        let outstanding = usize::try_from(self.fed - self.told).unwrap_or(usize::MAX);
        i32::try_from(WINDOW.saturating_sub(outstanding)).unwrap_or(i32::MAX)
    }

    /// Whether every request that came has been told of, and none can follow.
    fn is_done(&self) -> bool {
        self.closed && self.ready == self.landed.len()
    }

    /// Whether it came to its end by itself.
    fn is_complete(&self) -> bool {
        self.closed && self.ended && !self.cancelled
    }

    fn stop(&mut self) {
        self.stopped = true;
        self.abandon_queue();
    }

    fn abandon_queue(&mut self) {
        let first = self.fed - self.queue.len() as i64;
        for index in first..self.fed {
            self.queue.pop_front();
            self.land(index, Err(interrupted(SendRequest::NAME, &Progress::default())));
        }
    }
}
