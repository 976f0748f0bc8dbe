//! The way of one request through the server, and what it meets on the way.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::{
    Edition, Fault, ReceivedRequest, StoreFault,
    answers::{self, OVER_FREQUENCY},
    callbacks::Verdict,
    endpoints,
    fields::{self, Fields},
    http::{After, Head, Response},
    log::RequestLog,
    message::Message,
    now,
    options::SandboxSettings,
    rate::Bucket,
    refusal::Refusal,
    rights::SENSITIVE_WORD,
    script::Scripts,
    signature,
    state::State,
    store,
};

/// What all connections of a sandbox share.
pub(super) struct Responder {
    secret: String,
    edition: Edition,
    idle_timeout: Option<Duration>,
    memory: Mutex<Memory>,
    /// Until when the port is to be closed; whoever changes it closes the idle connections.
    closed_until: watch::Sender<Option<Instant>>,
    close_port: Notify,
    /// Something waits to be posted to an application.
    to_post: Notify,
    /// What was last done to the port.
    port: watch::Sender<Port>,
}

/// The port, which is opened and closed again and again.
#[derive(Clone, Copy)]
struct Port {
    open: bool,
    /// How often it was closed: who waits for that may come too late to see it closed.
    closes: u64,
}

/// What changes while a sandbox runs.
pub(super) struct Memory {
    pub(super) state: State,
    pub(super) log: RequestLog,
    pub(super) scripts: Scripts,
    bucket: Bucket,
}

impl Responder {
    pub(super) fn new(secret: String, settings: &SandboxSettings) -> Self {
        Self {
            secret,
            edition: settings.edition,
            idle_timeout: settings.idle_timeout,
            closed_until: watch::Sender::new(None),
            close_port: Notify::new(),
            to_post: Notify::new(),
            port: watch::Sender::new(Port { open: true, closes: 0 }),
            memory: Mutex::new(Memory {
                state: State::new(settings.edition, settings.version, settings.store),
                log: RequestLog::default(),
                scripts: Scripts::default(),
                bucket: Bucket::new(settings.rate_limit, Instant::now()),
            }),
        }
    }

    /// Memory stays usable after a panic: every change in it is complete at each point.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout
    }

    /// Has the port and the idle connections closed for a while. What comes back tells whether they are, or have been.
    pub(super) fn refuse(&self, delay: Duration) -> impl Fn() -> bool + use<> {
        let (port, before) = (self.port.subscribe(), self.port.borrow().closes);
        let until = Instant::now() + delay;
        self.closed_until.send_modify(|closed| *closed = Some(closed.map_or(until, |other| other.max(until))));
        // Only now that every idle connection has been woken: the port closes after them.
        self.close_port.notify_one();
        move || {
            let Port { open, closes } = *port.borrow();
            !open || closes > before
        }
    }

    /// Has them closed, and comes back when they are: a caller is not to find the port open after its connection has ended.
    pub(super) async fn refuse_now(&self, delay: Duration) {
        let closed = self.refuse(delay);
        while !closed() {
            tokio::task::yield_now().await;
        }
    }

    /// Says that the port is open from now on, or closed.
    pub(super) fn set_open(&self, open: bool) {
        self.port.send_modify(|port| {
            port.closes += u64::from(port.open && !open);
            port.open = open;
        });
    }

    /// Comes back when the port is to be closed.
    pub(super) async fn port_is_to_close(&self) {
        self.close_port.notified().await;
    }

    /// Has what waits posted to the applications.
    pub(super) fn have_posted(&self) {
        self.to_post.notify_one();
    }

    /// Comes back when something is to be posted.
    pub(super) async fn something_is_to_be_posted(&self) {
        self.to_post.notified().await;
    }

    /// Changes when idle connections are to be closed; for a connection that came when that had been asked for, at once.
    pub(super) fn closing(&self) -> watch::Receiver<Option<Instant>> {
        let mut closing = self.closed_until.subscribe();
        if self.closed_until().is_some() {
            closing.mark_changed();
        }
        closing
    }

    /// Until when the port is to be closed, if it is, as of now.
    pub(super) fn closed_until(&self) -> Option<Instant> {
        self.closed_until.borrow().filter(|until| *until > Instant::now())
    }

    /// Writes a request down as it arrived.
    pub(super) fn record(&self, head: &Head, body: &[u8], connection: i64, fault: Option<Fault>) {
        let request = ReceivedRequest {
            method: head.method.clone(),
            path: head.target.clone(),
            headers: head.headers.clone(),
            body: Bytes::copy_from_slice(body),
            signature_valid: self.is_signed(head),
            connection,
            fault,
        };
        self.memory().log.add(request);
    }

    /// Writes a request to the store down, without the file in it, and says what is to happen to it.
    pub(super) fn record_for_store(&self, head: &Head, connection: i64) -> (Option<StoreFault>, Option<Duration>) {
        let request = ReceivedRequest {
            method: head.method.clone(),
            path: head.target.clone(),
            headers: head.headers.clone(),
            body: Bytes::new(),
            signature_valid: false,
            connection,
            fault: None,
        };
        let store = &mut self.memory().state.store;
        store.log.add(request);
        store.next_fault().map_or((None, None), |(fault, delay)| (Some(fault), delay))
    }

    /// The door of the store that a request comes to, where this edition has a store.
    pub(super) fn store_door(&self, head: &Head) -> Option<store::Door> {
        store::Door::of(head).filter(|_| self.edition == Edition::Professional)
    }

    /// Does what a request asks for. The order is the server's: route, rate, signature, body, endpoint.
    pub(super) async fn answer(&self, head: &Head, body: &[u8]) -> Response {
        let mut response = self.execute(head, body).await;
        if response.after == After::Stay && head.wants_close() {
            response.after = After::Close;
        }
        response
    }

    fn is_signed(&self, head: &Head) -> bool {
        match endpoints::senders::kind_at(head.path()) {
            Some(kind) => self.memory().state.accounts.is_signed(kind, &head.headers, now()),
            None => signature::check(&head.headers, &self.secret, now()).is_ok(),
        }
    }

    async fn execute(&self, head: &Head, body: &[u8]) -> Response {
        if endpoints::senders::kind_at(head.path()).is_some() {
            return self.execute_for_a_sender(head, body).await;
        }
        let Some(endpoint) = endpoints::find(self.edition, head.path()).filter(|_| head.method == "POST") else {
            return answers::no_such_endpoint();
        };
        if !self.memory().bucket.take(Instant::now()) {
            return answers::refusal(OVER_FREQUENCY);
        }
        if let Err(code) = signature::check(&head.headers, &self.secret, now()) {
            return answers::refusal(code);
        }
        self.run(head, body, |state, fields| (endpoint.run)(state, fields)).await
    }

    /// The same for a robot or a channel, with a secret, a rate and an order of its own.
    async fn execute_for_a_sender(&self, head: &Head, body: &[u8]) -> Response {
        let version = self.memory().state.version;
        let endpoint = endpoints::senders::find(self.edition, version, head.path());
        let Some(endpoint) = endpoint.filter(|_| head.method == "POST") else {
            return answers::no_such_endpoint();
        };
        let admitted = self.memory().state.accounts.admit(endpoint.kind, &head.headers, now());
        match admitted {
            Ok(id) => self.run(head, body, |state, fields| (endpoint.run)(state, &id, fields)).await,
            Err(code) if version.repeats_errors() => answers::refusal(code),
            Err(code) => answers::business_error(code),
        }
    }

    async fn run(
        &self,
        head: &Head,
        body: &[u8],
        endpoint: impl FnOnce(&mut State, &Fields<'_>) -> Result<Option<Value>, Refusal>,
    ) -> Response {
        let object = match fields::read(body) {
            Ok(object) => object,
            Err(unreadable) => return answers::unreadable(&unreadable.0),
        };
        let outcome = {
            let mut memory = self.memory();
            // Whoever reaches the server by this name reaches its store by it.
            if let Some(host) = head.value("host").filter(|host| !host.is_empty()) {
                memory.state.store.set_base(format!("http://{host}"));
            }
            endpoint(&mut memory.state, &Fields(&object))
        };
        let response = match outcome {
            Ok(result) => answers::success(result),
            Err(Refusal::Code(code)) => answers::business_error(code),
            Err(Refusal::Unreadable(unreadable)) => answers::unreadable(&unreadable.0),
            Err(Refusal::CensorFirst(message)) => self.censor(*message).await,
        };
        if self.memory().state.callbacks.are_waiting() {
            self.have_posted();
        }
        response
    }

    /// Asks the censor about a message, without holding up other requests, and does what it says.
    async fn censor(&self, message: Message) -> Response {
        let question = self.memory().state.callbacks.question(&message.to_json());
        let (verdict, posted) = question.ask().await;
        let mut memory = self.memory();
        posted.into_iter().for_each(|posted| memory.state.callbacks.tell(posted));
        let message = match verdict {
            Verdict::Send => message,
            Verdict::Replace(payload) => message.with_payload(*payload),
            Verdict::Refuse => return answers::business_error(SENSITIVE_WORD),
        };
        answers::success(Some(endpoints::gone_out(memory.state.admit(message))))
    }
}
