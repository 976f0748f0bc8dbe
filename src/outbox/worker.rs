//! A worker: takes entries to itself, says that it begins, sends, and writes what became of them, until there is no more.
//!
//! Everything happens on one thread. While a page is being written, messages are on their way, and what they bring goes on
//! the next page: so a page has more on it the longer writing takes.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    future::pending,
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};

use super::{
    OutboxError, OutboxRequest, OutboxSender, RunProgress, RunWaitsFor,
    claim::{Claimed, Claims, ToLookUp, Wish, claim},
    database::{Connection, Store, timed_out},
    forks,
    journal::{self, Fate, Found, Landed, LookedUp, Noted, Page},
    queries, schema,
    shared::{Orders, Shared},
};
use crate::{
    BroadcastRequest, ErrorCode, MessageError, MulticastRequest, RobotSendRequest, SendRequest, WaitingFor,
    bulk::{
        order::{LineFinder, Order},
        progress::Counter,
    },
    call::{Checked, Lanes, Pace, Progress, Throttle},
    endpoints::GetMessage,
};

/// Where there is nothing to send, it is looked for more as often as this.
const POLL: Duration = Duration::from_millis(250);
/// The longest pause before the database is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// So many messages are looked up at once.
const LOOK_UPS: usize = 16;
/// How often the messages that wait are counted.
const COUNTING: Duration = Duration::from_secs(30);
/// How often it is looked how the server does.
const CHECK_EVERY: Duration = Duration::from_millis(100);

/// What a worker works with.
pub(super) struct Worker {
    pub(super) sender: OutboxSender,
    pub(super) store: Arc<Store>,
    pub(super) shared: Arc<Shared>,
    pub(super) orders: Orders,
}

impl Worker {
    /// Works to the end.
    pub(super) async fn run(&self, lanes: &Lanes) -> Result<(), OutboxError> {
        let mut tally = Tally::new();
        loop {
            let pace = self.orders.rate_limit.map(Pace::new);
            let throttle = Throttle::new(&self.sender.caller, self.orders.patience, pace);
            match Session::new(self, lanes, &throttle, &mut tally)?.work().await {
                Ok(End::Done) => return Ok(()),
                // Others have what it held. It begins anew, under another number.
                Ok(End::Late) => log::warn!("the worker of the outbox lost its lease and starts again"),
                Err(error) => return Err(error),
            }
        }
    }
}

enum End {
    Done,
    Late,
}

/// What is counted over the whole run.
struct Tally {
    counter: Counter,
    confirmed: i64,
    lost: i64,
    left: i64,
    counted: Option<Instant>,
}

impl Tally {
    fn new() -> Self {
        let counter = Counter::new(None, Instant::now());
        Self { counter, confirmed: 0, lost: 0, left: 0, counted: None }
    }
}

/// A request that can be sent.
enum Call {
    Send(Checked<SendRequest>),
    Robot(Checked<RobotSendRequest>),
    Multicast(Checked<MulticastRequest>),
    Broadcast(Checked<BroadcastRequest>),
}

/// An entry that this worker holds and has not begun.
struct Held {
    number: i64,
    call: Call,
    resend_unknown: bool,
}

/// One that is under way.
struct Flying {
    number: i64,
    resend_unknown: bool,
    progress: Arc<Progress>,
}

/// What comes back from the server.
enum Event {
    Landed(i64, Result<(i64, i64), MessageError>),
    LookedUp(LookedUp),
}

/// What is asked of the database.
enum Work {
    Join,
    Write(Page),
    Claim(Wish),
    Count(Arc<str>),
    NoteAway,
    NoteBack(Option<i64>),
    Leave,
}

/// What it answers.
enum Answer {
    Nothing,
    Joined,
    Noted(Noted),
    Claims(Claims),
    Count(i64),
    Left,
}

/// How the work with the database went; the work comes along, to be done again where that failed.
type Worked = (Option<Connection>, Work, Instant, Result<Answer, OutboxError>);

/// A worker under one number.
struct Session<'a> {
    worker: &'a Worker,
    lanes: &'a Lanes,
    throttle: &'a Throttle,
    tally: &'a mut Tally,
    me: i64,
    joined: bool,
    /// Until then nobody takes anything from it.
    lease_until: Instant,
    line_finder: LineFinder,
    order: Option<Order>,
    /// The next number in `order`.
    next: i64,
    /// Entries by their ids.
    held: HashMap<i64, Held>,
    ids: HashMap<i64, i64>,
    /// The numbers of those that nobody is in front of.
    ready: BinaryHeap<Reverse<i64>>,
    /// Those that are being begun.
    beginning: usize,
    flying: HashMap<i64, Flying>,
    landed: Vec<Landed>,
    looked_up: Vec<LookedUp>,
    looking_up: usize,
    claim_at: Instant,
    is_first_claim: bool,
    /// When it was found that the server is away.
    away: Option<Instant>,
    /// The same is written in the database, as far as is known.
    away_noted: bool,
    /// The server is back, after so many milliseconds; None for what was noted before this run.
    to_note: Vec<Option<i64>>,
    database: Database,
    /// Why it ends; None where it was told to.
    ending: Option<Option<OutboxError>>,
    is_late: bool,
    has_left: bool,
}

/// What is known of the database.
#[derive(Default)]
struct Database {
    connection: Option<Connection>,
    away_since: Option<Instant>,
    pause: Duration,
    try_at: Option<Instant>,
    is_given_up: bool,
}

impl<'a> Session<'a> {
    fn new(
        worker: &'a Worker,
        lanes: &'a Lanes,
        throttle: &'a Throttle,
        tally: &'a mut Tally,
    ) -> Result<Self, OutboxError> {
        let now = Instant::now();
        let number = getrandom::u64().map_err(|error| OutboxError::StoreUnavailable {
            reason: format!("the system gave no random number: {error}"),
        })?;
        Ok(Self {
            worker,
            lanes,
            throttle,
            tally,
            me: i64::try_from(number >> 1).unwrap_or(1).max(1),
            joined: false,
            lease_until: now,
            line_finder: LineFinder::default(),
            order: (!worker.orders.any_order).then(Order::default),
            next: 0,
            held: HashMap::new(),
            ids: HashMap::new(),
            ready: BinaryHeap::new(),
            beginning: 0,
            flying: HashMap::new(),
            landed: Vec::new(),
            looked_up: Vec::new(),
            looking_up: 0,
            claim_at: now,
            is_first_claim: true,
            away: None,
            away_noted: false,
            to_note: vec![None],
            database: Database::default(),
            ending: None,
            is_late: false,
            has_left: false,
        })
    }

    async fn work(mut self) -> Result<End, OutboxError> {
        let mut flights: FuturesUnordered<BoxFuture<'a, Event>> = FuturesUnordered::new();
        let mut working: Option<BoxFuture<'a, Worked>> = None;
        loop {
            self.look_around();
            if self.worker.shared.is_cancelled() && !flights.is_empty() {
                // Dropped: whether they had left is known.
                flights.clear();
                self.abandon();
            }
            if working.is_none()
                && forks::is_near()
                && let Some(connection) = self.database.connection.take()
            {
                connection.close().await;
            }
            if working.is_none() && self.database.try_at.is_none_or(|at| at <= Instant::now()) {
                working = self.next_work().map(|work| self.perform(work));
            }
            if working.is_none() && flights.is_empty() && (self.has_left || self.database.is_given_up) {
                return self.end();
            }
            let shared = &self.worker.shared;
            tokio::select! {
                Some(event) = flights.next(), if !flights.is_empty() => {
                    self.take_event(event);
                    // All that is there already goes on the same page.
                    while let Some(Some(event)) = flights.next().now_or_never() {
                        self.take_event(event);
                    }
                }
                worked = async { match &mut working { Some(working) => working.await, None => pending().await } } => {
                    working = None;
                    self.take_answer(worked, &flights);
                }
                () = shared.news() => self.claim_at = self.claim_at.min(Instant::now()),
                () = tokio::time::sleep(CHECK_EVERY.min(POLL)) => {}
            }
        }
    }

    /// What there is to do with the database: the most pressing thing.
    fn next_work(&mut self) -> Option<Work> {
        let now = Instant::now();
        if self.has_left {
            return None;
        }
        if !self.joined {
            return if self.ending.is_some() { self.leaves() } else { Some(Work::Join) };
        }
        let sends = self.ending.is_none() && !self.is_late;
        let concurrency = self.worker.orders.concurrency;
        if sends && let Some(away) = self.to_note.pop() {
            return Some(Work::NoteBack(away));
        }
        if sends && self.away.is_some() && !self.away_noted {
            return Some(Work::NoteAway);
        }
        let (waiting, sender) = (self.held.len(), &self.worker.sender);
        if sends && now >= self.claim_at && waiting < 2 * concurrency {
            let most = (8 * concurrency).clamp(256, 4096);
            return Some(Work::Claim(Wish {
                entries: most - waiting.min(most),
                // A robot cannot look its messages up.
                look_ups: if self.away.is_some() || sender.is_robot() { 0 } else { LOOK_UPS - self.looking_up },
                in_order: self.order.is_some(),
                is_first: self.is_first_claim,
                rules: *sender.caller.rules(),
                robot: Arc::clone(&sender.robot),
            }));
        }
        let counted = self.tally.counted.is_some_and(|counted| now < counted + COUNTING);
        if sends && !counted {
            return Some(Work::Count(Arc::clone(&sender.robot)));
        }
        let page = self.page(sends, now);
        if page.is_some() {
            return page.map(Work::Write);
        }
        let is_idle = self.flying.is_empty() && self.looking_up == 0;
        if !sends && is_idle { self.leaves() } else { None }
    }

    fn leaves(&mut self) -> Option<Work> {
        if self.joined || self.database.connection.is_some() {
            return Some(Work::Leave);
        }
        self.has_left = true;
        None
    }

    /// What is to be written now, if anything.
    fn page(&mut self, sends: bool, now: Instant) -> Option<Page> {
        let Orders { concurrency, lease, confirm_all, .. } = self.worker.orders;
        let mut begins = Vec::new();
        if sends {
            let free = concurrency.saturating_sub(self.flying.len() + self.beginning);
            while begins.len() < free
                && let Some(Reverse(number)) = self.ready.pop()
            {
                if let Some(id) = self.ids.get(&number) {
                    begins.push(*id);
                }
            }
        }
        // Who is too late has nothing left to renew.
        let renews = !self.is_late && self.lease_until.saturating_duration_since(now) < lease * 2 / 3;
        if begins.is_empty() && self.landed.is_empty() && self.looked_up.is_empty() && !renews {
            return None;
        }
        self.beginning = begins.len();
        Some(Page {
            landed: mem::take(&mut self.landed),
            looked_up: mem::take(&mut self.looked_up),
            begins,
            lease: renews.then(|| milliseconds(lease)),
            confirm_all,
        })
    }

    /// Does some work with the database, on the connection that there is or a new one.
    fn perform(&mut self, work: Work) -> BoxFuture<'a, Worked> {
        let (connection, store, me) = (self.database.connection.take(), &self.worker.store, self.me);
        let lease = self.worker.orders.lease;
        let limit = lease.max(Duration::from_secs(10));
        let begun = Instant::now();
        async move {
            let attempt = async {
                let mut connection = match connection {
                    Some(connection) => connection,
                    None => {
                        let mut connection = store.connect().await?;
                        schema::prepare(&mut connection, store.is_read_only()).await?;
                        connection
                    }
                };
                let answer = answer(&mut connection, me, milliseconds(lease), &work).await?;
                Ok((connection, answer))
            };
            match tokio::time::timeout(limit, attempt).await {
                Ok(Ok((connection, answer))) => (Some(connection), work, begun, Ok(answer)),
                Ok(Err(error)) => (None, work, begun, Err(error)),
                Err(_) => (None, work, begun, Err(timed_out(limit))),
            }
        }
        .boxed()
    }

    /// Takes in what the database answered.
    fn take_answer(&mut self, worked: Worked, flights: &FuturesUnordered<BoxFuture<'a, Event>>) {
        let (connection, work, begun, answer) = worked;
        self.database.connection = connection;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return self.database_failed(work, error),
        };
        if mem::take(&mut self.database.away_since).is_some() {
            log::info!("the database of the outbox can be used again");
        }
        self.database.pause = Duration::ZERO;
        self.database.try_at = None;
        match (answer, work) {
            (Answer::Joined, _) => {
                self.joined = true;
                self.lease_until = begun + self.worker.orders.lease;
            }
            (Answer::Noted(noted), Work::Write(page)) => {
                if noted.is_late {
                    self.is_too_late();
                } else if page.lease.is_some() {
                    self.lease_until = begun + self.worker.orders.lease;
                }
                self.take_off(&page.begins, &noted.begun, flights);
            }
            (Answer::Claims(claims), Work::Claim(wish)) => self.take_claims(claims, &wish, flights),
            (Answer::Count(count), _) => {
                self.tally.left = count;
                self.tally.counted = Some(Instant::now());
            }
            (Answer::Left, _) => self.has_left = true,
            (_, Work::NoteAway) => self.away_noted = true,
            // There may be something to look up now.
            (_, Work::NoteBack(_)) => self.claim_at = self.claim_at.min(Instant::now() + POLL),
            _ => {}
        }
    }

    /// The database did not do what it was asked: it is asked again, as long as the patience lasts.
    fn database_failed(&mut self, work: Work, error: OutboxError) {
        let now = Instant::now();
        match work {
            Work::Write(page) => {
                self.landed.splice(0..0, page.landed);
                self.looked_up.extend(page.looked_up);
                // Perhaps they stand as begun; nothing of them has left.
                let numbers = page.begins.iter().filter_map(|id| self.held.get(id)).map(|held| Reverse(held.number));
                self.ready.extend(numbers);
                self.beginning = 0;
            }
            Work::NoteBack(away) => self.to_note.push(away),
            _ => {}
        }
        let since = *self.database.away_since.get_or_insert_with(|| {
            log::warn!("{error}");
            now
        });
        let is_over = now.saturating_duration_since(since) >= self.worker.orders.patience;
        if !error.is_temporary() || is_over || self.worker.shared.is_cancelled() {
            if self.ending.is_some() && self.flying.is_empty() {
                self.database.is_given_up = true;
            }
            self.ends(Some(error));
        } else if self.lease_until <= now && self.joined {
            self.is_too_late();
        }
        self.database.pause = (self.database.pause * 2).clamp(Duration::from_millis(50), LONGEST_PAUSE);
        self.database.try_at = Some(now + self.database.pause);
    }

    /// Others may have taken over what it holds: nothing more leaves under this number.
    fn is_too_late(&mut self) {
        self.is_late = true;
        self.throttle.end();
    }

    fn ends(&mut self, why: Option<OutboxError>) {
        match &mut self.ending {
            None => self.ending = Some(why),
            Some(known) => *known = known.take().or(why),
        }
        self.throttle.end();
    }

    /// Holds what was claimed, each behind those in front of it.
    fn take_claims(&mut self, claims: Claims, wish: &Wish, flights: &FuturesUnordered<BoxFuture<'a, Event>>) {
        self.is_first_claim = false;
        let now = Instant::now();
        let is_all = claims.entries.len() < wish.entries;
        self.claim_at = if is_all { now + POLL } else { now };
        for entry in claims.entries {
            self.hold(entry);
        }
        for entry in claims.look_ups {
            self.looking_up += 1;
            flights.push(self.look_up(entry));
        }
        let is_idle = self.held.is_empty() && self.flying.is_empty() && self.looking_up == 0;
        let is_written = self.landed.is_empty() && self.looked_up.is_empty();
        if self.worker.orders.until_empty && !claims.is_open && is_idle && is_written {
            self.ends(None);
        }
    }

    fn hold(&mut self, entry: Claimed) {
        let Claimed { id, endpoint, request, resend_unknown } = entry;
        let number = self.next;
        let OutboxSender { caller, robot } = &self.worker.sender;
        let checked = OutboxRequest::read(&endpoint, &request).and_then(|request| {
            let request = request.checked(robot, caller.rules())?;
            let lines = match &request {
                OutboxRequest::Send { value: request } => self.line_finder.lines(request),
                _ => self.line_finder.alone(number),
            };
            Ok((
                lines,
                match request {
                    OutboxRequest::Send { value: request } if robot.is_empty() => Call::Send(caller.check(request)?),
                    OutboxRequest::Send { value: request } => Call::Robot(caller.check(request.into())?),
                    OutboxRequest::Multicast { value: request } => Call::Multicast(caller.check(request)?),
                    OutboxRequest::Broadcast { value: request } => Call::Broadcast(caller.check(request)?),
                },
            ))
        });
        match checked {
            Ok((lines, call)) => {
                self.next += 1;
                self.held.insert(id, Held { number, call, resend_unknown });
                self.ids.insert(number, id);
                if self.order.as_mut().is_none_or(|order| order.enter(lines)) {
                    self.ready.push(Reverse(number));
                }
            }
            Err(error) => {
                let fate = Fate::Failed { error: error.to_string(), code: None };
                self.count(&fate);
                self.landed.push(Landed { id, fate });
            }
        }
    }

    /// Sends those that are written down as begun. Those that others have, or whose time is over, are let go.
    fn take_off(&mut self, asked: &[i64], begun: &[i64], flights: &FuturesUnordered<BoxFuture<'a, Event>>) {
        self.beginning = 0;
        for id in begun {
            let Some(Held { number, call, resend_unknown }) = self.held.remove(id) else { continue };
            let progress = Arc::<Progress>::default();
            self.flying.insert(*id, Flying { number, resend_unknown, progress: Arc::clone(&progress) });
            if self.is_late || self.ending.is_some() {
                // It was written down meanwhile, and does not leave.
                self.land(*id, Fate::Back);
                continue;
            }
            flights.push(self.fly(*id, call, progress));
        }
        for id in asked.iter().filter(|id| !begun.contains(id)) {
            if let Some(Held { number, .. }) = self.held.remove(id) {
                self.moves_on(number);
            }
        }
    }

    fn fly(&self, id: i64, call: Call, progress: Arc<Progress>) -> BoxFuture<'a, Event> {
        let (caller, lanes, throttle) = (&self.worker.sender.caller, self.lanes, self.throttle);
        async move {
            let outcome = match &call {
                Call::Send(call) => {
                    let sent = caller.run_of_many(call, &progress, lanes, throttle).await;
                    sent.map(|sent| (sent.message_uid, sent.timestamp))
                }
                Call::Robot(call) => {
                    let sent = caller.run_of_many(call, &progress, lanes, throttle).await;
                    sent.map(|sent| (sent.message_uid, sent.timestamp))
                }
                Call::Multicast(call) => {
                    let sent = caller.run_of_many(call, &progress, lanes, throttle).await;
                    sent.map(|sent| (sent.message_uid, sent.timestamp))
                }
                Call::Broadcast(call) => {
                    let sent = caller.run_of_many(call, &progress, lanes, throttle).await;
                    sent.map(|sent| (sent.message_uid, 0))
                }
            };
            Event::Landed(id, outcome)
        }
        .boxed()
    }

    fn look_up(&self, entry: ToLookUp) -> BoxFuture<'a, Event> {
        let (caller, lanes, throttle) = (&self.worker.sender.caller, self.lanes, self.throttle);
        async move {
            let ToLookUp { id, message_uid, resend_lost } = entry;
            let found = match caller.check(GetMessage { message_uid }) {
                Err(_) => Found::Never,
                Ok(call) => match caller.run_of_many(&call, &Arc::default(), lanes, throttle).await {
                    Ok(_) => Found::There,
                    Err(MessageError::Rejected { code, .. }) if code == ErrorCode::NotExist as i32 => {
                        Found::Gone { resend: resend_lost }
                    }
                    Err(MessageError::NotSupported { .. } | MessageError::BadRequest { .. }) => Found::Never,
                    Err(_) => Found::Later,
                },
            };
            Event::LookedUp(LookedUp { id, found })
        }
        .boxed()
    }

    fn take_event(&mut self, event: Event) {
        match event {
            Event::Landed(id, outcome) => {
                let resend = self.flying.get(&id).is_some_and(|flying| flying.resend_unknown);
                let fate = match outcome {
                    Ok((message_uid, timestamp)) => Fate::Sent { message_uid, timestamp },
                    Err(error) => self.fate_of(error, resend),
                };
                self.land(id, fate);
            }
            Event::LookedUp(looked_up) => {
                self.looking_up -= 1;
                match looked_up.found {
                    Found::There => self.tally.confirmed += 1,
                    Found::Gone { .. } => self.tally.lost += 1,
                    Found::Later | Found::Never => {}
                }
                self.looked_up.push(looked_up);
            }
        }
    }

    /// What an error means for a message, and for the run.
    fn fate_of(&mut self, error: MessageError, resend: bool) -> Fate {
        let code = match &error {
            MessageError::Rejected { code, .. } => Some(*code),
            _ => None,
        };
        if error.may_have_executed() {
            return Fate::Unknown { error: error.to_string(), code, resend };
        }
        match error {
            MessageError::Interrupted { .. } => Fate::Back,
            // Every further one would fail as this one did.
            MessageError::Unreachable { .. } | MessageError::RateLimited { .. } | MessageError::Unauthorized { .. } => {
                self.ends(Some(OutboxError::Call { error }));
                Fate::Back
            }
            MessageError::Rejected { code, .. } if code == ErrorCode::ServerBusy as i32 => {
                self.ends(Some(OutboxError::Call { error }));
                Fate::Back
            }
            error => Fate::Failed { error: error.to_string(), code },
        }
    }

    /// An entry has its outcome: those behind it may go.
    fn land(&mut self, id: i64, fate: Fate) {
        self.count(&fate);
        if let Some(Flying { number, .. }) = self.flying.remove(&id) {
            self.moves_on(number);
        }
        self.landed.push(Landed { id, fate });
    }

    fn moves_on(&mut self, number: i64) {
        self.ids.remove(&number);
        if let Some(order) = &mut self.order {
            self.ready.extend(order.leave(number).map(Reverse));
        }
    }

    fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Sent { .. } => self.tally.counter.add(true, false),
            Fate::Failed { .. } => self.tally.counter.add(false, false),
            Fate::Unknown { .. } => self.tally.counter.add(false, true),
            Fate::Back => return,
        }
        self.tally.left = (self.tally.left - 1).max(0);
    }

    /// Nobody waits for what was under way any more.
    fn abandon(&mut self) {
        const GIVEN_UP: &str = "the run was given up after the request was sent; the server may have executed the \
                                request";
        let flying: Vec<(i64, bool, bool)> =
            self.flying.iter().map(|(id, flying)| (*id, flying.progress.sent(), flying.resend_unknown)).collect();
        for (id, has_left, resend) in flying {
            let unknown = Fate::Unknown { error: GIVEN_UP.to_owned(), code: None, resend };
            self.land(id, if has_left { unknown } else { Fate::Back });
        }
        self.looking_up = 0;
    }

    /// Whether it is to end, how the server does, and what is told of it.
    fn look_around(&mut self) {
        let now = Instant::now();
        if self.worker.shared.is_stopped() && self.ending.is_none() {
            self.ends(None);
        }
        let waiting = self.throttle.waiting(now);
        match (self.away, waiting.is_some_and(|waiting| waiting.is_server_away)) {
            (None, true) => {
                self.away = Some(now);
                self.away_noted = false;
            }
            (Some(since), false) => {
                self.away = None;
                let away = milliseconds(now.saturating_duration_since(since));
                self.to_note.push(Some(away));
            }
            _ => {}
        }
        self.tally.counter.expects(self.tally.left);
        let waiting = waiting.filter(|_| self.ending.is_none());
        if let Some(told) = self.tally.counter.tell(now, false, waiting) {
            self.worker.shared.tell(self.progress(told));
        }
    }

    fn progress(&self, told: crate::BulkProgress) -> RunProgress {
        let waiting_for = match told.waiting_for {
            _ if self.database.away_since.is_some() => Some(RunWaitsFor::Database),
            Some(WaitingFor::RateLimit) => Some(RunWaitsFor::RateLimit),
            Some(WaitingFor::Server) => Some(RunWaitsFor::Server),
            None => None,
        };
        RunProgress {
            sent: told.sent,
            failed: told.failed,
            unknown: told.unknown,
            confirmed: self.tally.confirmed,
            lost: self.tally.lost,
            left: self.tally.left,
            rate: told.rate,
            time_left: told.time_left,
            waiting_for,
            waited: told.waited,
            patience_left: told.patience_left,
        }
    }

    fn end(mut self) -> Result<End, OutboxError> {
        let unwritten = self.landed.len();
        if unwritten > 0 {
            log::error!(
                "what became of {unwritten} messages could not be written to the outbox; their fate will be unknown"
            );
        }
        if let Some(told) = self.tally.counter.tell(Instant::now(), true, None) {
            self.worker.shared.tell(self.progress(told));
        }
        match self.ending.take() {
            Some(Some(error)) => Err(error),
            Some(None) => Ok(End::Done),
            None => Ok(End::Late),
        }
    }
}

async fn answer(connection: &mut Connection, me: i64, lease: i64, work: &Work) -> Result<Answer, OutboxError> {
    Ok(match work {
        Work::Join => {
            journal::join(connection, me, lease).await?;
            Answer::Joined
        }
        Work::Write(page) => Answer::Noted(journal::write(connection, me, page).await?),
        Work::Claim(wish) => Answer::Claims(claim(connection, me, wish).await?),
        Work::Count(robot) => Answer::Count(queries::count_due(connection, robot).await?),
        Work::NoteAway => {
            journal::note_away(connection).await?;
            Answer::Nothing
        }
        Work::NoteBack(away) => {
            journal::note_back(connection, *away).await?;
            Answer::Nothing
        }
        Work::Leave => {
            journal::leave(connection, me).await?;
            Answer::Left
        }
    })
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4)
}
