//! Sends each post once to every conversation.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    time::Instant,
};

use wildfirechat_message::{Conversation, MessageClient, MessageError, MessagePayload, SendRequest};

use super::{
    ledger::{Fate, Key, Ledger},
    notice,
};

/// The outcome of a message to one conversation.
pub(super) struct Report {
    pub(super) to: Conversation,
    pub(super) outcome: Result<i64, MessageError>,
}

/// The answer to a post.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) sentence: String,
    /// The post that was sent to every conversation; its sender must learn that.
    pub(super) sent: Option<Key>,
}

impl Answer {
    pub(super) fn new(status: u16, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into(), sent: None }
    }

    fn sent(post: Key) -> Self {
        Self { status: 200, sentence: "sent".to_owned(), sent: Some(post) }
    }
}

/// Sends what is posted.
pub(super) struct Desk {
    client: MessageClient,
    sender: String,
    to: Vec<Conversation>,
    ledger: Mutex<Ledger>,
    reports: mpsc::Sender<Report>,
}

impl Desk {
    pub(super) fn new(
        client: MessageClient,
        sender: String,
        to: Vec<Conversation>,
        reports: mpsc::Sender<Report>,
    ) -> Self {
        Self { client, sender, to, ledger: Mutex::default(), reports }
    }

    /// Sends a post to every conversation that has not received it. Blocks until all outcomes are known.
    pub(super) fn post(&self, post: Key) -> Answer {
        let text = match notice::text_of(&post) {
            Ok(text) => text,
            Err(reason) => return Answer::new(400, reason),
        };
        let Some(mut fates) = self.ledger().begin(&post, self.to.len(), Instant::now()) else {
            return Answer::new(503, "the same post is being sent at this moment; try again later");
        };
        let (mut reason, mut is_worth_asking_again) = (String::new(), true);
        for (to, fate) in self.to.iter().zip(&mut fates).filter(|(_, fate)| **fate == Fate::NotSent) {
            let sent =
                self.client.send_message(SendRequest::new(&self.sender, to.clone(), MessagePayload::text(&text)));
            *fate = match &sent {
                Ok(_) => Fate::Sent,
                Err(error) if error.may_have_executed() => Fate::Unknown,
                Err(error) => {
                    is_worth_asking_again &= is_passing(error);
                    Fate::NotSent
                }
            };
            if let Err(error) = &sent {
                reason = error.to_string();
            }
            // The receiver of the outcomes may be gone.
            let _ = self.reports.send(Report { to: to.clone(), outcome: sent.map(|sent| sent.message_uid) });
        }
        let answer = match (fates.contains(&Fate::NotSent), fates.contains(&Fate::Unknown)) {
            (true, _) if is_worth_asking_again => Answer::new(503, reason),
            (true, _) => Answer::new(422, reason),
            (false, true) => Answer::new(409, "it may have been sent, and is not sent again"),
            (false, false) => Answer::sent(post.clone()),
        };
        self.ledger().end(post, fates, Instant::now());
        answer
    }

    /// The sender of the post has received the answer that it was sent.
    pub(super) fn was_told(&self, post: &Key) {
        self.ledger().forget(post);
    }

    /// The sender of the post has not received the answer that it was sent.
    pub(super) fn was_not_told(&self, post: Key) {
        self.ledger().end(post, vec![Fate::Sent; self.to.len()], Instant::now());
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the same post may succeed later without a change.
fn is_passing(error: &MessageError) -> bool {
    matches!(
        error,
        MessageError::Unreachable { .. } | MessageError::RateLimited { .. } | MessageError::Unauthorized { .. }
    )
}
