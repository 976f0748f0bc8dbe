//! A text that grows while receivers read it, as the answer of a language model does: [`TextStream`].
//!
//! Its owner appends pieces and never waits; the thread of the client's [`Desk`] sends the steps, at most one in an
//! interval, and the end. When which step is sent stands in `growth/`, as plain data.

mod desk;
mod growth;
mod request;

use std::{
    pin::Pin,
    process,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

pub(crate) use desk::Desk;
use desk::Place;
use growth::{Growth, Next, Outcome, Seen, Step, Trouble};
use request::{Frame, INTERVAL};
pub use request::{RobotStreamTextRequest, StreamTextRequest};

use crate::{
    MAX_PAYLOAD_BYTES, MessageError, RobotSendRequest, SendRequest, SentMessage,
    bulk::SendAs,
    call::{Caller, Failed, Fate, Lanes, Notifier, Progress, no_runtime},
    endpoints::Endpoint,
};

/// How long the owner of a text that is cancelled waits for the cancellation. It is sent all the same.
const GIVES_UP_AFTER: Duration = Duration::from_secs(2);

/// A text that grows while receivers read it.
///
/// `append` adds a piece and never waits: pieces are gathered, and receivers see the text so far in steps, at most one in
/// each interval. `finish` sends the whole text as an ordinary message, which is stored. A text that is cancelled, or
/// dropped before its end, is marked as cancelled where receivers have seen any of it.
///
/// The steps are no messages that are stored. A step that does not arrive does no harm: the next one has its text too.
#[derive(uniffi::Object)]
#[uniffi(name = "NativeTextStream")]
pub struct TextStream {
    inner: Arc<Inner>,
    process: u32,
    /// Whether a drop waits for the cancellation.
    waits: bool,
}

/// What the owner and the thread share.
struct Inner {
    frame: Frame,
    send_as: SendAs,
    /// The bytes that the payload of the end has besides the text.
    bytes_besides: usize,
    state: Mutex<State>,
    /// There is something to send.
    work: Notify,
    /// It is over.
    over: Condvar,
    /// For somebody who does not wait in a thread.
    notifier: Option<Notifier>,
}

struct State {
    growth: Growth,
    /// When its owner stops waiting for the cancellation.
    given_up_at: Option<Instant>,
}

#[uniffi::export(name = "NativeTextStream")]
impl TextStream {
    /// Adds a piece to the text; an empty one changes nothing. Fails with `StreamFailed` if the server refuses the text, and
    /// with `InvalidArgument`, without adding it, if the text would be larger than receivers accept, or is over.
    pub fn append(&self, piece: String) -> Result<(), MessageError> {
        let inner = self.here()?;
        {
            let mut state = inner.state();
            if let Some(Outcome::Failed(seen)) = state.growth.outcome() {
                return Err(inner.error(&state.growth, *seen));
            }
            if !state.growth.takes_more() {
                return Err(MessageError::invalid(
                    "piece",
                    "the text is finished or cancelled: it takes no more pieces",
                ));
            }
            inner.check_room(state.growth.text(), &piece)?;
            state.growth.append(&piece, Instant::now());
        }
        inner.work.notify_one();
        Ok(())
    }

    /// Says that no more pieces come: the whole text is sent. `wait` then returns the message.
    #[doc(hidden)]
    pub fn begin_to_finish(&self) -> Result<(), MessageError> {
        let inner = self.here()?;
        {
            let mut state = inner.state();
            if state.growth.outcome().is_none() && state.growth.text().is_empty() {
                return Err(MessageError::invalid("text", "it is empty: no piece of it was appended"));
            }
            state.growth.finish();
        }
        inner.work.notify_one();
        Ok(())
    }

    /// Gives the text up; once more, or after its end, changes nothing. `wait` then fails with what receivers see.
    #[doc(hidden)]
    pub fn begin_to_cancel(&self) -> Result<(), MessageError> {
        self.here()?.cancel();
        Ok(())
    }

    /// Waits for the end, for `patience` at the longest: the message, or None as long as the text is not over. Fails with
    /// `StreamFailed` if it ends without being finished, at the latest two seconds after it was cancelled.
    #[doc(hidden)]
    pub fn wait(&self, patience: Duration) -> Result<Option<SentMessage>, MessageError> {
        let inner = self.here()?;
        let is_over = |state: &State| state.growth.outcome().is_some();
        let state = inner.state();
        let longest = state.given_up_at.map(|at| at.saturating_duration_since(Instant::now()));
        let patience = longest.map_or(patience, |longest| longest.min(patience));
        let waited = inner.over.wait_timeout_while(state, patience, |state| !is_over(state));
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match state.growth.outcome() {
            Some(Outcome::Finished(sent)) => Ok(Some(sent.clone())),
            Some(Outcome::Failed(seen)) => Err(inner.error(&state.growth, *seen)),
            None if state.given_up_at.is_some_and(|at| at <= Instant::now()) => {
                Err(inner.error(&state.growth, state.growth.seen_so_far()))
            }
            None => Ok(None),
        }
    }

    /// Whether it can still be added to.
    #[doc(hidden)]
    pub fn takes_more(&self) -> Result<bool, MessageError> {
        let state = self.here()?.state();
        Ok(state.growth.takes_more() && state.growth.outcome().is_none())
    }

    /// The ticket under which its client's access reports that it is over; 0 if calls of that client are waited for.
    #[doc(hidden)]
    pub fn ticket(&self) -> Result<i64, MessageError> {
        Ok(self.here()?.notifier.as_ref().map_or(0, |notifier| notifier.ticket))
    }

    /// The stream's id, which all its messages have.
    pub fn stream_id(&self) -> Result<String, MessageError> {
        Ok(self.inner.frame.stream_id.clone())
    }

    /// What each of its messages asks the server.
    #[doc(hidden)]
    pub fn endpoint(&self) -> Result<String, MessageError> {
        Ok(self.inner.send_as.endpoint().to_owned())
    }
}

impl TextStream {
    /// Checks what can be checked before anything is sent, and begins. Nothing is sent before the first piece.
    pub(crate) fn begin(
        caller: &Arc<Caller>,
        desk: &Desk,
        send_as: SendAs,
        request: StreamTextRequest,
        notifier: Option<Notifier>,
    ) -> Result<Self, MessageError> {
        let interval = request.interval.unwrap_or(INTERVAL);
        let frame = Frame::try_from(request)?;
        let bytes_besides = frame.payload(Step::Generated(0), "")?.bytes();
        let state = State { growth: Growth::new(interval), given_up_at: None };
        let inner = Arc::new(Inner {
            frame,
            send_as,
            bytes_besides,
            state: Mutex::new(state),
            work: Notify::new(),
            over: Condvar::new(),
            notifier,
        });
        inner.check(caller)?;
        // Wherever it is dropped: nobody waits for it for ever.
        let living = Living(Arc::clone(&inner));
        let caller_of_life = Arc::clone(caller);
        let life = move |place: Place| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(async move { living.0.lives(&caller_of_life, &place).await })
        };
        desk.begin(caller, Box::new(life))
            .map_err(|error| no_runtime(inner.send_as.endpoint(), &Progress::default(), &error))?;
        Ok(Self { inner, process: process::id(), waits: false })
    }

    /// The same, for an owner whose program may end with it.
    pub(crate) fn waiting(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Sends the whole text, and returns the message. A second call returns the same.
    ///
    /// Fails with `InvalidArgument` if no piece was appended, and with `StreamFailed` if the text could not be finished,
    /// which says what receivers see. If the error's `may_have_executed` is true, the whole text may have been sent.
    pub fn finish(&self) -> Result<SentMessage, MessageError> {
        self.begin_to_finish()?;
        self.wait_to_the_end()
    }

    /// Gives the text up. Returns when receivers who have seen some of it see that it was cancelled, or after two seconds.
    /// Fails with `StreamFailed` if they may see a text that looks unfinished, or that may have been finished. After the
    /// end, nothing happens.
    pub fn cancel(&self) -> Result<(), MessageError> {
        self.begin_to_cancel()?;
        match self.wait_to_the_end() {
            Err(
                MessageError::StreamFailed { is_marked: true, .. }
                | MessageError::StreamFailed { shown: 0, may_be_finished: false, .. },
            ) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Appends all pieces of an iterator, and finishes the text. If a piece is refused, the text is cancelled.
    pub fn finish_with(self, pieces: impl IntoIterator<Item = impl Into<String>>) -> Result<SentMessage, MessageError> {
        for piece in pieces {
            self.append(piece.into())?;
        }
        self.finish()
    }

    fn wait_to_the_end(&self) -> Result<SentMessage, MessageError> {
        /// How long to wait at a time.
        const PATIENCE: Duration = Duration::from_secs(1);
        loop {
            if let Some(sent) = self.wait(PATIENCE)? {
                return Ok(sent);
            }
        }
    }

    /// A forked child has a copy of the memory and no copy of the thread.
    fn here(&self) -> Result<&Inner, MessageError> {
        if self.process == process::id() {
            return Ok(&self.inner);
        }
        Err(MessageError::invalid("stream", "it was started before a fork, in the parent process"))
    }
}

impl Drop for TextStream {
    fn drop(&mut self) {
        if self.process == process::id() {
            self.inner.cancel();
            if self.waits {
                let _ = self.wait_to_the_end();
            }
        }
    }
}

impl Inner {
    /// Refuses what no message of the stream could have.
    fn check(&self, caller: &Caller) -> Result<(), MessageError> {
        // The payload of the end, as long as the text is empty: what is wrong with it is wrong with the extras.
        let request =
            SendRequest { payload: self.frame.payload(Step::Generated(0), "")?, ..self.frame.request.clone() };
        match self.send_as {
            SendAs::Users => request.check(caller.rules()),
            SendAs::Robot(_) => RobotSendRequest::from(request).check(caller.rules()),
        }
    }

    /// Refuses a piece with which the text could not be sent any more.
    fn check_room(&self, text: &str, piece: &str) -> Result<(), MessageError> {
        let bytes = text.len() + piece.len() + self.bytes_besides;
        if bytes <= MAX_PAYLOAD_BYTES {
            return Ok(());
        }
        let reason = format!(
            "with it the message would have {bytes} bytes, but receivers accept at most {MAX_PAYLOAD_BYTES}: \
             finish the text before it, and begin another one"
        );
        Err(MessageError::invalid("piece", reason))
    }

    fn cancel(&self) {
        let mut state = self.state();
        state.growth.cancel();
        state.given_up_at.get_or_insert_with(|| Instant::now() + GIVES_UP_AFTER);
        drop(state);
        self.work.notify_one();
    }

    /// Sends its steps, one after the other, to its end.
    async fn lives(&self, caller: &Arc<Caller>, place: &Place) {
        loop {
            let (next, text) = {
                let mut state = self.state();
                let next = state.growth.next(Instant::now());
                let bytes = if let Next::Send(step) = next { step.bytes() } else { 0 };
                (next, state.growth.text()[..bytes].to_owned())
            };
            match next {
                Next::Send(step) => self.send(step, text, caller, place).await,
                Next::Wait => self.work.notified().await,
                Next::WaitUntil(at) => tokio::select! {
                    () = tokio::time::sleep_until(at.into()) => {}
                    () = self.work.notified() => {}
                },
                Next::Over => return,
            }
        }
    }

    async fn send(&self, step: Step, text: String, caller: &Arc<Caller>, place: &Place) {
        let _room = place.room.acquire().await;
        let sent_at = Instant::now();
        let outcome = match self.frame.payload(step, &text) {
            Ok(payload) => {
                let request = SendRequest { payload, ..self.frame.request.clone() };
                match self.send_as {
                    SendAs::Users => self.ask(request, step, caller, &place.lanes).await,
                    SendAs::Robot(_) => self.ask(RobotSendRequest::from(request), step, caller, &place.lanes).await,
                }
            }
            Err(error) => Err(error.into()),
        };
        let mut state = self.state();
        match outcome {
            Ok(sent) => state.growth.accepted(sent, sent_at),
            Err(Failed { error, fate, retry_after }) => {
                log::debug!("a growing text: {error}");
                let passes = matches!(fate, Fate::NotSent | Fate::Refused | Fate::Unknown) || error.may_have_executed();
                state.growth.failed(Trouble { error: *error, passes, retry_after, sent_at });
            }
        }
    }

    /// The end is a call like any other. A step is tried once: the next one has its text too.
    async fn ask<E>(&self, request: E, step: Step, caller: &Arc<Caller>, lanes: &Lanes) -> Result<SentMessage, Failed>
    where
        E: Endpoint<Answer = SentMessage>,
    {
        let call = caller.check(request)?;
        match step.is_end() {
            true => caller.run_counted(&call, lanes).await.map_err(Failed::from),
            false => caller.run_once(&call, lanes).await,
        }
    }

    /// Why it was not finished, and what receivers see.
    fn error(&self, growth: &Growth, seen: Seen) -> MessageError {
        let endpoint = self.send_as.endpoint().to_owned();
        let code = match growth.failure() {
            Some(MessageError::Rejected { code, .. } | MessageError::Unauthorized { code, .. }) => *code,
            _ => 0,
        };
        let reason =
            growth.failure().map_or_else(|| format!("{endpoint}: the text was cancelled"), ToString::to_string);
        let text = growth.text();
        let count = |text: &str| i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        MessageError::StreamFailed {
            endpoint,
            reason,
            code,
            characters: count(text),
            shown: count(&text[..seen.bytes]),
            is_marked: seen.is_marked,
            may_be_finished: seen.may_be_finished,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A text that somebody sends. At its end nobody does any more, and its owner hears of it.
struct Living(Arc<Inner>);

impl Drop for Living {
    fn drop(&mut self) {
        let error = std::io::Error::other("the thread that sends has ended");
        self.0.state().growth.breaks(no_runtime(self.0.send_as.endpoint(), &Progress::default(), &error));
        self.0.over.notify_all();
        if let Some(notifier) = &self.0.notifier {
            notifier.notify();
        }
    }
}
