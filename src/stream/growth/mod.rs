//! When which step of a growing text is sent, and what receivers see of it at the end: the rules as plain data
//! (docs/adr/0038-growing-texts.md). It knows no client and reads no clock.

use std::time::{Duration, Instant};

use crate::{MessageError, SentMessage};

/// After trouble the next step waits at least this long, then twice as long, and so on …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(16);
/// The server gives a request up after 5 s. A step whose fate is unknown cannot be executed later than this after it was
/// sent, so the end waits that long: no step comes after it.
// Source: wire.md §2.
pub(super) const SETTLES: Duration = Duration::from_secs(5);

/// A text that grows, and what of it was sent.
pub(super) struct Growth {
    text: String,
    interval: Duration,
    /// The pause that follows the next trouble.
    pause: Duration,
    /// No step is sent before.
    next_at: Option<Instant>,
    /// The step to send next: so many bytes of the text.
    pending: Option<usize>,
    /// What is under way.
    under_way: Option<Step>,
    /// The bytes in the last step that the server accepted, and in the longest that it may have accepted.
    accepted: usize,
    perhaps_shown: usize,
    /// A step of unknown fate cannot be executed after this time.
    settled_at: Option<Instant>,
    wanted: Wanted,
    /// Why the text cannot be finished.
    failure: Option<MessageError>,
    outcome: Option<Outcome>,
}

/// What its owner wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    More,
    TheEnd,
    Nothing,
}

/// A message of the stream: so many bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The text so far.
    Generating(usize),
    /// The whole text.
    Generated(usize),
    /// The text so far, and that no more will come.
    Cancelled(usize),
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send(Step),
    WaitUntil(Instant),
    Wait,
    Over,
}

/// How it ended.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Finished(SentMessage),
    Failed(Seen),
}

/// What receivers see of a text that was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) bytes: usize,
    pub(super) is_marked: bool,
    pub(super) may_be_finished: bool,
}

/// An attempt that failed, as the rules look at it.
pub(super) struct Trouble {
    pub(super) error: MessageError,
    /// Another attempt may meet better luck.
    pub(super) passes: bool,
    /// The pause that the server asked for.
    pub(super) retry_after: Option<Duration>,
    pub(super) sent_at: Instant,
}

impl Growth {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            text: String::new(),
            interval,
            pause: FIRST_PAUSE.max(interval),
            next_at: None,
            pending: None,
            under_way: None,
            accepted: 0,
            perhaps_shown: 0,
            settled_at: None,
            wanted: Wanted::More,
            failure: None,
            outcome: None,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    pub(super) fn failure(&self) -> Option<&MessageError> {
        self.failure.as_ref()
    }

    /// Whether it takes more pieces.
    pub(super) fn takes_more(&self) -> bool {
        self.wanted == Wanted::More
    }

    /// Adds a piece. The first one of all is sent as it is; the others are gathered until the next step.
    pub(super) fn append(&mut self, piece: &str, now: Instant) {
        self.text.push_str(piece);
        let is_free = self.under_way.is_none() && self.pending.is_none();
        if is_free && !self.text.is_empty() && self.next_at.is_none_or(|at| at <= now) {
            self.pending = Some(self.text.len());
        }
    }

    /// No piece comes any more, and the whole text is to be sent.
    pub(super) fn finish(&mut self) {
        if self.wanted == Wanted::More {
            self.wanted = Wanted::TheEnd;
        }
    }

    /// The text is not to be finished. What is under way comes to its end.
    pub(super) fn cancel(&mut self) {
        self.wanted = Wanted::Nothing;
    }

    /// It fails where it stands, because nobody can send for it any more.
    pub(super) fn breaks(&mut self, error: MessageError) {
        if self.outcome.is_none() {
            let may_be_finished = matches!(self.under_way, Some(Step::Generated(_)));
            self.failure.get_or_insert(error);
            self.ends(Seen { bytes: self.perhaps_shown, is_marked: false, may_be_finished });
        }
    }

    /// What is known so far of a text that is cancelled.
    pub(super) fn seen_so_far(&self) -> Seen {
        let may_be_finished = matches!(self.under_way, Some(Step::Generated(_)));
        Seen { bytes: self.perhaps_shown.max(self.under_way.map_or(0, Step::bytes)), is_marked: false, may_be_finished }
    }

    /// What is to be done now. What is to be sent is under way from now on, until `accepted` or `failed`.
    pub(super) fn next(&mut self, now: Instant) -> Next {
        if self.outcome.is_some() {
            return Next::Over;
        }
        let is_given_up = self.failure.is_some() || self.wanted == Wanted::Nothing;
        let step = match (is_given_up, self.wanted, self.pending.take()) {
            (true, ..) if self.perhaps_shown == 0 => {
                self.ends(Seen { bytes: 0, is_marked: false, may_be_finished: false });
                return Next::Over;
            }
            // What the server did not accept it would not accept now either.
            (true, ..) if self.failure.is_some() => Step::Cancelled(self.perhaps_shown),
            (true, ..) => Step::Cancelled(self.text.len()),
            (false, _, Some(bytes)) => Step::Generating(bytes),
            (false, Wanted::TheEnd, None) => Step::Generated(self.text.len()),
            (false, _, None) if self.accepted == self.text.len() => return Next::Wait,
            (false, _, None) => match self.next_at {
                Some(at) if at > now => return Next::WaitUntil(at),
                _ => Step::Generating(self.text.len()),
            },
        };
        match self.settled_at {
            Some(at) if at > now && step.is_end() => Next::WaitUntil(at),
            _ => {
                self.under_way = Some(step);
                Next::Send(step)
            }
        }
    }

    /// The server has accepted what was under way, which was sent at this time.
    pub(super) fn accepted(&mut self, sent: SentMessage, sent_at: Instant) {
        match self.under_way.take() {
            Some(Step::Generating(bytes)) => {
                self.accepted = bytes;
                self.perhaps_shown = self.perhaps_shown.max(bytes);
                self.pause = FIRST_PAUSE.max(self.interval);
                self.next_at = later(sent_at, self.interval);
            }
            Some(Step::Generated(_)) => self.outcome = Some(Outcome::Finished(sent)),
            Some(Step::Cancelled(bytes)) => self.ends(Seen { bytes, is_marked: true, may_be_finished: false }),
            None => {}
        }
    }

    /// What was under way has failed.
    pub(super) fn failed(&mut self, trouble: Trouble) {
        let Trouble { error, passes, retry_after, sent_at } = trouble;
        let is_unknown = error.may_have_executed();
        match self.under_way.take() {
            Some(Step::Generating(bytes)) => {
                if is_unknown {
                    self.perhaps_shown = self.perhaps_shown.max(bytes);
                    self.settled_at = later(sent_at, SETTLES);
                }
                if !passes {
                    self.failure = Some(error);
                    return;
                }
                self.next_at = later(sent_at, self.pause.saturating_add(retry_after.unwrap_or_default()));
                self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE.max(self.interval));
            }
            Some(Step::Generated(_)) => {
                self.failure = Some(error);
                if is_unknown {
                    // A cancellation could come after the end.
                    self.ends(Seen { bytes: self.perhaps_shown, is_marked: false, may_be_finished: true });
                }
            }
            Some(Step::Cancelled(_)) => {
                self.failure.get_or_insert(error);
                self.ends(Seen { bytes: self.perhaps_shown, is_marked: false, may_be_finished: false });
            }
            None => {}
        }
    }

    fn ends(&mut self, seen: Seen) {
        self.outcome = Some(Outcome::Failed(seen));
    }
}

impl Step {
    pub(super) fn bytes(self) -> usize {
        let (Self::Generating(bytes) | Self::Generated(bytes) | Self::Cancelled(bytes)) = self;
        bytes
    }

    /// After it the stream has no further step.
    pub(super) fn is_end(self) -> bool {
        !matches!(self, Self::Generating(_))
    }
}

/// A time that no clock can hold is one that nobody lives to see.
fn later(time: Instant, by: Duration) -> Option<Instant> {
    const AGES: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    Some(time + by.min(AGES))
}

#[cfg(test)]
mod tests;
