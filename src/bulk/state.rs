//! The state of a bulk: requests that wait, requests that are under way, and outcomes that have not been returned yet.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::Instant,
};

use super::{
    bulk_log::Counts,
    feeding::{self, Feeding},
    order::{Lines, Order},
    progress::Counter,
    records::{BulkFailure, BulkNews, SendOutcome, StopOn},
};
use crate::{
    MessageError, SendRequest,
    call::{Progress, Waiting, interrupted},
};

/// How many requests may be in it, from the moment they are fed until their outcomes are told.
const WINDOW: usize = 8192;
/// A waiting thread is woken for this many outcomes.
const BATCH: usize = 1024;

/// A waiting thread is woken for this many outcomes if nothing can be sent before there is room.
const A_FEW: usize = 64;

/// A request that is sent now.
pub(super) struct Flight {
    pub(super) index: i64,
    pub(super) request: Box<SendRequest>,
    pub(super) progress: Arc<Progress>,
}

/// What a worker that could send has to do next.
pub(super) enum Next {
    Flight(Flight),
    /// Perhaps later.
    Nothing,
    Over,
}

/// How far a request has come.
enum Stage {
    Waits(Box<SendRequest>),
    Flies(Arc<Progress>),
    Landed(SendOutcome),
}

pub(super) struct State {
    /// The requests from number `told` on.
    stages: VecDeque<Stage>,
    told: i64,
    /// How many of them, from the first on, have an outcome.
    finished: usize,
    /// The numbers of those that may be sent now. The lowest is sent first: so that outcomes can be told, and make room.
    ready: BinaryHeap<Reverse<i64>>,
    /// How many have not been sent yet.
    waiting: usize,
    /// Which message waits for which; None if no message waits.
    order: Option<Order>,
    /// No more requests come.
    ended: bool,
    /// Nothing more is sent.
    stopped: bool,
    /// And what is under way is dropped.
    cancelled: bool,
    /// Nobody sends any more.
    closed: bool,
    stop_on: Option<StopOn>,
    feeding: Feeding,
    counter: Counter,
    /// What the messages are sent by, for errors.
    endpoint: &'static str,
}

impl State {
    pub(super) fn new(
        endpoint: &'static str,
        stop_on: Option<StopOn>,
        any_order: bool,
        total: Option<i64>,
        now: Instant,
    ) -> Self {
        Self {
            stages: VecDeque::new(),
            told: 0,
            finished: 0,
            ready: BinaryHeap::new(),
            waiting: 0,
            order: (!any_order).then(Order::default),
            ended: false,
            stopped: false,
            cancelled: false,
            closed: false,
            stop_on,
            feeding: Feeding::new(total),
            counter: Counter::new(total, now),
            endpoint,
        }
    }

    pub(super) fn feed(&mut self, requests: Vec<(Lines, Box<SendRequest>)>, in_time: bool) {
        self.feeding.fed(in_time);
        for (lines, request) in requests {
            let index = self.fed();
            self.stages.push_back(Stage::Waits(request));
            if self.stopped {
                self.land(index, Err(interrupted(self.endpoint, &Progress::default())));
                continue;
            }
            self.waiting += 1;
            if self.order.as_mut().is_none_or(|order| order.enter(lines)) {
                self.ready.push(Reverse(index));
            }
        }
    }

    /// How many requests came.
    fn fed(&self) -> i64 {
        self.told + self.stages.len() as i64
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

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn take_off(&mut self) -> Next {
        while let Some(Reverse(index)) = self.ready.pop() {
            let progress = Arc::<Progress>::default();
            if let Some(stage) = self.stage(index)
                && let Stage::Waits(request) = std::mem::replace(stage, Stage::Flies(Arc::clone(&progress)))
            {
                self.waiting -= 1;
                return Next::Flight(Flight { index, request, progress });
            }
        }
        // Those behind others that fly come when these land.
        if self.is_over() { Next::Over } else { Next::Nothing }
    }

    /// Whether there is nothing more to send.
    pub(super) fn is_over(&self) -> bool {
        self.stopped || (self.ended && self.waiting == 0)
    }

    fn stage(&mut self, index: i64) -> Option<&mut Stage> {
        usize::try_from(index - self.told).ok().and_then(|at| self.stages.get_mut(at))
    }

    /// Takes an outcome in, and gives how many may be sent now that waited for it.
    pub(super) fn land(&mut self, index: i64, outcome: SendOutcome) -> usize {
        let may_have_executed = outcome.as_ref().err().is_some_and(MessageError::may_have_executed);
        self.counter.add(outcome.is_ok(), may_have_executed);
        let ends_it = match self.stop_on {
            Some(StopOn::Failure) => outcome.is_err(),
            Some(StopOn::Unknown) => may_have_executed,
            None => false,
        };
        if let Some(stage) = self.stage(index) {
            *stage = Stage::Landed(outcome);
        }
        while matches!(self.stages.get(self.finished), Some(Stage::Landed(_))) {
            self.finished += 1;
        }
        let before = self.ready.len();
        if let Some(order) = &mut self.order {
            self.ready.extend(order.leave(index).map(Reverse));
        }
        let more = self.ready.len() - before;
        if ends_it && !self.stopped {
            self.stop();
        }
        more
    }

    /// Nobody sends any more: what was under way has been dropped.
    pub(super) fn close(&mut self) {
        self.stopped = true;
        self.abandon();
        let endpoint = self.endpoint;
        for index in self.told..self.fed() {
            if let Some(Stage::Flies(progress)) = self.stage(index) {
                let dropped = interrupted(endpoint, progress);
                self.land(index, Err(dropped));
            }
        }
        self.closed = true;
    }

    pub(super) fn has_news(&self) -> bool {
        let is_full = self.ready.is_empty() && self.stages.len() >= WINDOW;
        self.finished >= if is_full { A_FEW } else { BATCH } || self.is_done()
    }

    /// Whether more requests may come now.
    pub(super) fn takes_more(&self) -> bool {
        !self.ended && !self.cancelled && self.room() > 0
    }

    fn room(&self) -> usize {
        WINDOW.saturating_sub(self.stages.len())
    }

    /// What is new, told together with what it waits for.
    pub(super) fn news(&mut self, now: Instant, waiting: Option<Waiting>) -> BulkNews {
        let mut sent = Vec::with_capacity(self.finished * 16);
        let mut failures = Vec::new();
        for stage in self.stages.drain(..self.finished) {
            let (uid, timestamp) = match stage {
                Stage::Landed(Ok(message)) => (message.message_uid, message.timestamp),
                Stage::Landed(Err(error)) => {
                    failures.push(BulkFailure { index: self.told, error });
                    (0, 0)
                }
                Stage::Waits(_) | Stage::Flies(_) => continue,
            };
            sent.extend_from_slice(&uid.to_le_bytes());
            sent.extend_from_slice(&timestamp.to_le_bytes());
            self.told += 1;
        }
        self.finished = 0;
        let done = self.is_done();
        let progress = self.counter.tell(now, done, waiting.filter(|_| !self.stopped));
        BulkNews {
            sent: sent.into(),
            failures,
            wanted: if self.takes_more() {
                i32::try_from(self.feeding.wanted(self.room())).unwrap_or(i32::MAX)
            } else {
                0
            },
            within: feeding::WITHIN,
            progress,
            lines: Vec::new(),
            stopped: self.stopped && !self.is_complete(),
            done,
        }
    }

    /// How many messages have come to which end so far.
    pub(super) fn counts(&self) -> Counts {
        self.counter.counts()
    }

    /// Whether the outcome of every request has been returned and no more requests can follow.
    fn is_done(&self) -> bool {
        self.closed && self.finished == self.stages.len()
    }

    /// Whether it came to its end by itself.
    fn is_complete(&self) -> bool {
        self.closed && self.ended && !self.cancelled
    }

    pub(super) fn stop(&mut self) {
        self.stopped = true;
        self.abandon();
    }

    /// Those that wait are not sent any more.
    fn abandon(&mut self) {
        self.ready.clear();
        self.order = None;
        self.waiting = 0;
        for index in self.told..self.fed() {
            if let Some(Stage::Waits(_)) = self.stage(index) {
                self.land(index, Err(interrupted(self.endpoint, &Progress::default())));
            }
        }
    }
}
