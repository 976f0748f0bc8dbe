//! The way of one request through the server, and what it meets on the way.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::{
    Edition, ReceivedRequest,
    answers::{self, OVER_FREQUENCY},
    endpoints::{self, Refusal},
    fields::{self, Fields},
    http::{After, Head, Response},
    log::RequestLog,
    now,
    rate::Bucket,
    script::Scripts,
    signature,
    state::State,
};

/// What all connections of a sandbox share.
pub(super) struct Desk {
    secret: String,
    edition: Edition,
    memory: Mutex<Memory>,
}

/// What changes while a sandbox runs.
pub(super) struct Memory {
    pub(super) state: State,
    pub(super) log: RequestLog,
    pub(super) scripts: Scripts,
    bucket: Bucket,
}

impl Desk {
    pub(super) fn new(secret: String, edition: Edition, rate_limit: u32) -> Self {
        Self {
            secret,
            edition,
            memory: Mutex::new(Memory {
                state: State::default(),
                log: RequestLog::default(),
                scripts: Scripts::default(),
                bucket: Bucket::new(rate_limit, Instant::now()),
            }),
        }
    }

    /// Memory stays usable after a panic: every change in it is complete at each point.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a request down as it arrived.
    pub(super) fn record(&self, head: &Head, body: &[u8], connection: i64) {
        let request = ReceivedRequest {
            method: head.method.clone(),
            path: head.target.clone(),
            headers: head.headers.clone(),
            body: body.to_vec(),
            signature_valid: signature::check(&head.headers, &self.secret, now()).is_ok(),
            connection,
        };
        self.memory().log.add(request);
    }

    /// Does what a request asks for. The order is the server's: route, rate, signature, body, endpoint.
    pub(super) fn answer(&self, head: &Head, body: &[u8]) -> Response {
        let mut response = self.execute(head, body);
        if response.after == After::Stay && head.wants_close() {
            response.after = After::Close;
        }
        response
    }

    fn execute(&self, head: &Head, body: &[u8]) -> Response {
        let Some(endpoint) = endpoints::find(self.edition, head.path()).filter(|_| head.method == "POST") else {
            return answers::no_such_endpoint();
        };
        if !self.memory().bucket.take(Instant::now()) {
            return answers::refusal(OVER_FREQUENCY);
        }
        if let Err(code) = signature::check(&head.headers, &self.secret, now()) {
            return answers::refusal(code);
        }
        let object = match fields::read(body) {
            Ok(object) => object,
            Err(unreadable) => return answers::unreadable(&unreadable.0),
        };
        match (endpoint.run)(&mut self.memory().state, &Fields(&object)) {
            Ok(result) => answers::success(result),
            Err(Refusal::Code(code)) => answers::business_error(code),
            Err(Refusal::Unreadable(unreadable)) => answers::unreadable(&unreadable.0),
        }
    }
}
