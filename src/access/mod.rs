//! What every client uses to make calls, for users, robots and channels alike: [`Access`].

mod answer;

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

pub use answer::Answer;

use bytes::Bytes;

use crate::{
    CallRecord, CallTrace, ClientOptions, ClientStats, Credentials, LogLevel, MessageError,
    call::{self, AwaitedCalls, Caller, Identity, Notifier, ParkedCalls, Settings, take_record},
    endpoints::Endpoint,
    notice,
    stream::Desk,
    upload::Stores,
};

/// The way to one server, as the administrator, a robot or a channel; a client of another language waits with it.
#[doc(hidden)]
#[derive(uniffi::Object)]
#[uniffi(name = "NativeAccess")]
pub struct Access {
    pub(crate) caller: Arc<Caller>,
    pub(crate) stores: Arc<Stores>,
    pub(crate) desk: Desk,
    /// How long a call waits before it is parked; None to wait to the end.
    slice: Option<Duration>,
    parked: ParkedCalls<Answer>,
    /// Where calls go on by themselves, if nobody waits for them.
    awaited: Option<AwaitedCalls<Answer>>,
    notice: Option<String>,
}

#[uniffi::export(name = "NativeAccess")]
impl Access {
    /// Waits another slice for a call that ended with `Pending`: returns its answer, its error, or `Pending` again. If the slice is 0,
    /// it does not wait.
    pub fn resume(&self, ticket: i64) -> Result<Answer, MessageError> {
        if let Some(awaited) = &self.awaited {
            return awaited.take(ticket);
        }
        let call = self.parked.take(ticket)?;
        match self.caller.wait(call, self.slice) {
            Ok(outcome) => outcome,
            Err(call) => Err(MessageError::Pending { ticket: self.parked.park(call) }),
        }
    }

    /// Ends a call that ended with `Pending`. No request is sent afterwards. Fails with `Interrupted`, which
    /// says whether one was sent before. If the slice is 0, the call finishes like every other one instead, with
    /// `Interrupted`, or with its outcome if that was there before.
    pub fn cancel(&self, ticket: i64) -> Result<(), MessageError> {
        if let Some(awaited) = &self.awaited {
            awaited.cancel(ticket);
            return Ok(());
        }
        self.parked.take(ticket).and_then(|call| Err(call.interrupt()))
    }

    /// If the slice is 0: the tickets of calls that have finished, and of bulks that have news, since the last call of this
    /// method. 64 bits each, little-endian. Waits until there are some, for `patience` at the longest.
    pub fn wait_finished(&self, patience: Duration) -> Result<Bytes, MessageError> {
        let finished = self.awaited.as_ref().map(|awaited| awaited.wait(patience)).unwrap_or_default();
        Ok(finished.into_iter().flat_map(i64::to_le_bytes).collect())
    }

    /// A file that is readable while `wait_finished` has tickets to return; None if this system has no such file.
    pub fn finished_file(&self) -> Result<Option<i32>, MessageError> {
        let file = self.awaited.as_ref().map(AwaitedCalls::file).transpose();
        let file =
            file.map_err(|error| MessageError::invalid("client", format!("there is no file to watch: {error}")))?;
        Ok(file.flatten())
    }

    /// Closes the idle connections, as the method of a client.
    pub fn close_idle(&self) -> Result<(), MessageError> {
        self.caller.close_idle();
        if let Some(awaited) = &self.awaited {
            awaited.close_idle();
        }
        Ok(())
    }

    /// The counters of the client.
    pub fn stats(&self) -> Result<ClientStats, MessageError> {
        Ok(self.caller.stats())
    }

    /// Sets what is recorded of each call: 0 for nothing, 1 for warnings, 2 also for calls that were tried again, 3 for
    /// each call.
    pub fn listen_to(&self, much: i32) -> Result<(), MessageError> {
        self.listen(LogLevel::of(much));
        Ok(())
    }

    /// The record of the last call whose outcome this thread has received, if `listen_to` asked for records: its attempts,
    /// and the lines for the application's log. Each record is returned once.
    pub fn take_record(&self) -> Result<Option<CallRecord>, MessageError> {
        Ok(take_record())
    }

    /// Adds headers, such as `traceparent`, to the requests of the next call that this thread starts. They replace none of
    /// the call's own headers.
    pub fn carry(&self, headers: HashMap<String, String>) -> Result<(), MessageError> {
        call::carry(&headers)
    }

    /// What a trace shows of a call that was recorded: its spans.
    pub fn trace(&self, record: CallRecord) -> Result<CallTrace, MessageError> {
        Ok(record.trace())
    }

    /// A warning about this client for the application's log, once for a server in a process; None if there is none.
    /// Rust's own log has it already.
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
        let settings = Settings::try_from(options.unwrap_or_default())?;
        let stores = Arc::new(Stores::new(&settings, &credentials)?);
        let caller = Arc::new(Caller::new(base_url, identity, secret, settings, credentials)?);
        let notices: Vec<String> = caller.bases().filter_map(notice::of).collect();
        let notice = (!notices.is_empty()).then(|| notices.join("; "));
        if let Some(notice) = &notice {
            log::warn!("{notice}");
        }
        let awaited = slice.is_some_and(|slice| slice.is_zero()).then(AwaitedCalls::new);
        Ok(Arc::new(Self { caller, stores, desk: Desk::new(), slice, parked: ParkedCalls::default(), awaited, notice }))
    }

    /// Makes a call, and waits for its end, or for a slice.
    pub(crate) fn call<E>(&self, endpoint: E) -> Result<E::Answer, MessageError>
    where
        E: Endpoint + 'static,
        E::Answer: Into<Answer>,
    {
        self.call_then(endpoint, |outcome| outcome)
    }

    /// Makes a call and converts its outcome into the result of the method.
    pub(crate) fn call_then<E, T>(
        &self,
        endpoint: E,
        then: impl FnOnce(Result<E::Answer, MessageError>) -> Result<T, MessageError> + Send + 'static,
    ) -> Result<T, MessageError>
    where
        E: Endpoint + 'static,
        T: Into<Answer> + Send + 'static,
    {
        let call = self.caller.check(endpoint)?;
        if let Some(awaited) = &self.awaited {
            return Err(MessageError::Pending { ticket: awaited.begin(&self.caller, call, then)? });
        }
        let call = self.caller.begin(call, then)?;
        match self.caller.wait(call, self.slice) {
            Ok(outcome) => outcome,
            Err(call) => Err(MessageError::Pending { ticket: self.parked.park(call.parked()) }),
        }
    }

    /// With what a bulk says that it has news, if nobody waits for calls here.
    pub(crate) fn notifier(&self) -> Option<Notifier> {
        self.awaited.as_ref().map(AwaitedCalls::notifier)
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
