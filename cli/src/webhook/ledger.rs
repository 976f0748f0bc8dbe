//! Remembers the outcomes of posts whose senders may not have received the answer: such a post is not sent a second time.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// For how long a post is remembered that failed, or whose answer did not arrive.
const KEPT: Duration = Duration::from_secs(600);

/// A post is recognized by its whole body.
pub(super) type Key = Vec<u8>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It certainly was not sent.
    NotSent,
    Sent,
    Unknown,
}

#[derive(Default)]
pub(super) struct Ledger {
    posts: HashMap<Key, Entry>,
}

struct Entry {
    /// None while it is being sent.
    fates: Option<Vec<Fate>>,
    since: Instant,
}

impl Ledger {
    /// Begins a post to so many conversations: returns its outcomes so far, or None if it is being sent at this moment.
    pub(super) fn begin(&mut self, post: &Key, conversations: usize, now: Instant) -> Option<Vec<Fate>> {
        self.posts.retain(|_, entry| entry.fates.is_none() || now.saturating_duration_since(entry.since) < KEPT);
        let fresh = || Entry { fates: Some(vec![Fate::NotSent; conversations]), since: now };
        self.posts.entry(post.clone()).or_insert_with(fresh).fates.take()
    }

    pub(super) fn end(&mut self, post: Key, fates: Vec<Fate>, now: Instant) {
        self.posts.insert(post, Entry { fates: Some(fates), since: now });
    }

    /// Forgets a post whose sender knows that it was sent: the same body then is a new post.
    pub(super) fn forget(&mut self, post: &Key) {
        self.posts.remove(post);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_that_comes_again_goes_on_where_it_was() {
        let (mut ledger, now, post) = (Ledger::default(), Instant::now(), b"alert".to_vec());
        assert_eq!(ledger.begin(&post, 2, now), Some(vec![Fate::NotSent; 2]));
        assert_eq!(ledger.begin(&post, 2, now), None, "it is being sent");
        ledger.end(post.clone(), vec![Fate::Sent, Fate::Unknown], now);
        assert_eq!(ledger.begin(&post, 2, now + KEPT / 2), Some(vec![Fate::Sent, Fate::Unknown]));
    }

    #[test]
    fn what_is_known_to_have_been_sent_or_is_long_past_is_new() {
        let (mut ledger, now, post) = (Ledger::default(), Instant::now(), b"alert".to_vec());
        ledger.begin(&post, 1, now);
        ledger.end(post.clone(), vec![Fate::Sent], now);
        assert_eq!(ledger.begin(&post, 1, now + KEPT), Some(vec![Fate::NotSent]));
        ledger.end(post.clone(), vec![Fate::Sent], now);
        ledger.forget(&post);
        assert_eq!(ledger.begin(&post, 1, now), Some(vec![Fate::NotSent]));
    }
}
