//! What every client calls with, whoever it speaks for: [`Access`].

mod answer;

use std::{fmt, sync::Arc, time::Duration};

pub use answer::Answer;

use crate::{
    CallRecord, ClientOptions, ClientStats, Credentials, LogLevel, MessageError,
    call::{Caller, Identity, ParkedCalls, Settings, take_record},
    endpoints::Endpoint,
    notice,
    upload::Stores,
};

/// The way to one server, as the administrator, a robot or a channel: what a client of another language waits with.
#[doc(hidden)]
#[derive(uniffi::Object)]
#[uniffi(name = "NativeAccess")]
pub struct Access {
    pub(crate) caller: Arc<Caller>,
    pub(crate) stores: Arc<Stores>,
    /// How long a call waits before it is parked; None to wait to the end.
    slice: Option<Duration>,
    parked: ParkedCalls<Answer>,
    notice: Option<String>,
}

#[uniffi::export(name = "NativeAccess")]
impl Access {
    /// Waits another slice for a call that came back `Pending`: its answer, its error, or `Pending` again.
    pub fn resume(&self, ticket: i64) -> Result<Answer, MessageError> {
        let call = self.parked.take(ticket)?;
        match self.caller.wait(call, self.slice) {
            Ok(outcome) => outcome,
            Err(call) => Err(MessageError::Pending { ticket: self.parked.park(call) }),
        }
    }

    /// Ends a call that came back `Pending`. No request goes out afterwards. Fails with `Interrupted`, which
    /// tells whether one had already left.
    pub fn cancel(&self, ticket: i64) -> Result<(), MessageError> {
        self.parked.take(ticket).and_then(|call| Err(call.interrupt()))
    }

    /// As that of a client.
    pub fn close_idle(&self) -> Result<(), MessageError> {
        self.caller.close_idle();
        Ok(())
    }

    /// As those of a client.
    pub fn stats(&self) -> Result<ClientStats, MessageError> {
        Ok(self.caller.stats())
    }

    /// What is written down of each call, as a number: 0 for nothing, 1 for warnings, 2 for calls that were tried again too,
    /// 3 for each call.
    pub fn listen_to(&self, much: i32) -> Result<(), MessageError> {
        self.listen(LogLevel::of(much));
        Ok(())
    }

    /// What became of the last call whose outcome this thread has had, where `listen_to` asked for that: its attempts, and
    /// what the application's log should say. It is given once.
    pub fn take_record(&self) -> Result<Option<CallRecord>, MessageError> {
        Ok(take_record())
    }

    /// What an application's log should say of this client, once for a server in a process; None where there is nothing to
    /// say. Rust's own log has it already.
    pub fn notice(&self) -> Result<Option<String>, MessageError> {
        Ok(self.notice.clone())
    }
}

impl Access {
    pub(crate) fn new(
        base_url: &str,
        identity: Identity,
        secret: String,
        options: Option<ClientOptions>,
        credentials: Credentials,
        slice: Option<Duration>,
    ) -> Result<Arc<Self>, MessageError> {
        if slice.is_some_and(|slice| slice.is_zero()) {
            return Err(MessageError::invalid("slice", "it is 0: no call would ever be waited for"));
        }
        let settings = Settings::try_from(options.unwrap_or_default())?;
        let stores = Arc::new(Stores::new(&settings, &credentials)?);
        let caller = Arc::new(Caller::new(base_url, identity, secret, settings, credentials)?);
        let notices: Vec<String> = caller.bases().filter_map(notice::of).collect();
        let notice = (!notices.is_empty()).then(|| notices.join("; "));
        if let Some(notice) = &notice {
            log::warn!("{notice}");
        }
        Ok(Arc::new(Self { caller, stores, slice, parked: ParkedCalls::default(), notice }))
    }

    /// Makes a call, and waits for its end, or for a slice.
    pub(crate) fn call<E>(&self, endpoint: E) -> Result<E::Answer, MessageError>
    where
        E: Endpoint + 'static,
        E::Answer: Into<Answer>,
    {
        self.call_then(endpoint, |outcome| outcome)
    }

    /// Makes a call and turns its outcome into what the method gives.
    pub(crate) fn call_then<E, T>(
        &self,
        endpoint: E,
        then: impl FnOnce(Result<E::Answer, MessageError>) -> Result<T, MessageError> + Send + 'static,
    ) -> Result<T, MessageError>
    where
        E: Endpoint + 'static,
        T: Into<Answer> + Send + 'static,
    {
        let call = self.caller.begin(self.caller.check(endpoint)?, then)?;
        match self.caller.wait(call, self.slice) {
            Ok(outcome) => outcome,
            Err(call) => Err(MessageError::Pending { ticket: self.parked.park(call.parked()) }),
        }
    }

    pub(crate) fn listen(&self, level: Option<LogLevel>) {
        self.caller.listening().set(level);
    }

    /// Says which server a client is for and whose it is, and never the secret.
    pub(crate) fn describe(&self, kind: &str, id: (&str, &str), f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, id) = id;
        f.debug_struct(kind).field("base", &self.caller.bases().next()).field(name, &id).finish_non_exhaustive()
    }
}
