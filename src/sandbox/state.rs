//! What the server remembers: messages under their uids, users, and times read and delivered.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    Edition, StoreKind, StreamedText,
    accounts::Accounts,
    callbacks::Callbacks,
    message::{Audience, Conversation, Draft, Message},
    now,
    rights::Version,
    store::Store,
};

/// Where the clock in a uid starts, in milliseconds since the epoch.
const UID_EPOCH: i64 = 1_514_736_000_000;
const UID_TIME_SHIFT: u32 = 21;
/// The latest time that a uid can hold.
const UID_TIME_MAX: i64 = (1 << 41) - 1;

const MESSAGES_MAX: usize = 100_000;
const MESSAGE_BYTES_MAX: usize = 256 * 1024 * 1024;
const USERS_MAX: usize = 100_000;

pub(super) struct State {
    /// What the server is.
    pub(super) version: Version,
    edition: Edition,
    /// Ordered by uid, which is ordered by time.
    messages: BTreeMap<i64, Message>,
    bytes: usize,
    /// The uids of messages by the searchable content they were made with.
    by_text: HashMap<String, Vec<i64>>,
    users: HashSet<String>,
    read: HashMap<(String, Conversation), i64>,
    delivered: HashMap<String, i64>,
    last_uid: i64,
    pub(super) store: Store,
    pub(super) accounts: Accounts,
    pub(super) callbacks: Callbacks,
}

impl Default for State {
    fn default() -> Self {
        Self::new(Edition::Professional, Version::NEWEST, StoreKind::Put)
    }
}

impl State {
    pub(super) fn new(edition: Edition, version: Version, store: StoreKind) -> Self {
        Self {
            version,
            edition,
            messages: BTreeMap::new(),
            bytes: 0,
            by_text: HashMap::new(),
            users: HashSet::new(),
            read: HashMap::new(),
            delivered: HashMap::new(),
            last_uid: 0,
            store: Store::new(store),
            accounts: Accounts::default(),
            callbacks: Callbacks::default(),
        }
    }

    /// Takes a new message in, and gives its uid and the time in it.
    pub(super) fn add(&mut self, draft: Draft) -> (i64, i64) {
        let message = self.arrived(draft);
        self.admit(message)
    }

    /// A new message, which has its uid and is not yet taken in.
    pub(super) fn arrived(&mut self, draft: Draft) -> Message {
        let uid = self.free_uid(now()).max(self.last_uid + 2);
        self.last_uid = uid;
        Message::new(uid, time_of(uid), draft)
    }

    /// Takes a message in that has arrived, and gives its uid and the time in it. Its users are counted among those that
    /// ever connected.
    pub(super) fn admit(&mut self, message: Message) -> (i64, i64) {
        self.meet(message.users());
        let (uid, timestamp) = (message.uid(), message.timestamp());
        let urls = self.accounts.callbacks_for(&message);
        // Nobody pays for what nobody hears.
        if !urls.is_empty() || self.callbacks.is_forwarding() {
            let told = message.to_json();
            self.callbacks.message(&told);
            urls.iter().for_each(|url| self.callbacks.post(url, &told));
        }
        self.keep(uid, message);
        (uid, timestamp)
    }

    /// Takes a message in that was sent long ago.
    pub(super) fn import(&mut self, timestamp: i64, draft: Draft) {
        let uid = self.free_uid(timestamp);
        self.keep(uid, Message::new(uid, timestamp, draft));
    }

    /// A message that can still be found.
    pub(super) fn find(&self, uid: i64) -> Option<&Message> {
        self.messages.get(&uid).filter(|message| message.is_there(now()))
    }

    /// Changes a message that can still be found and suits: its executions are one more.
    pub(super) fn change<T>(
        &mut self,
        uid: i64,
        suits: fn(&Audience) -> bool,
        change: impl FnOnce(&mut Message) -> T,
    ) -> Option<T> {
        let message =
            self.messages.get_mut(&uid).filter(|message| message.is_there(now()) && suits(message.audience()))?;
        self.bytes -= message.weight();
        message.executions += 1;
        let changed = change(message);
        self.bytes += message.weight();
        self.forget_surplus();
        Some(changed)
    }

    /// Hides the messages of a conversation from a user, those of `start` to `end` milliseconds.
    pub(super) fn hide(&mut self, user: &str, conversation: &Conversation, start: i64, end: i64) {
        for message in self.messages.values_mut() {
            if (start..=end).contains(&message.timestamp()) && message.is_in(user, conversation) {
                message.hide_from(user);
            }
        }
    }

    /// Counts these among the users that ever connected.
    pub(super) fn meet<'a>(&mut self, users: impl IntoIterator<Item = &'a String>) {
        for user in users {
            if self.users.len() < USERS_MAX && !user.is_empty() && !self.users.contains(user) {
                self.users.insert(user.clone());
            }
        }
    }

    pub(super) fn user_count(&self) -> usize {
        self.users.len()
    }

    pub(super) fn read_time(&self, user: &str, conversation: &Conversation) -> i64 {
        let set = self.read.get(&(user.to_owned(), conversation.clone()));
        set.copied()
            .unwrap_or_else(|| self.newest(|message| message.is_in(user, conversation) && message.reaches(user)))
    }

    pub(super) fn set_read_time(&mut self, user: String, conversation: Conversation, time: i64) {
        self.read.insert((user, conversation), time);
    }

    pub(super) fn delivery_time(&self, user: &str) -> i64 {
        let set = self.delivered.get(user);
        set.copied().unwrap_or_else(|| self.newest(|message| message.reaches(user)))
    }

    pub(super) fn set_delivery_time(&mut self, user: String, time: i64) {
        self.delivered.insert(user, time);
    }

    /// How many calls made or changed this message, found or not.
    pub(super) fn executions(&self, uid: i64) -> i64 {
        self.messages.get(&uid).map_or(0, |message| message.executions)
    }

    /// The uids of all messages, found or not, oldest first.
    pub(super) fn uids(&self) -> Vec<i64> {
        self.messages.keys().copied().collect()
    }

    /// The uids of the messages made with this searchable content, found or not, in order of arrival.
    pub(super) fn uids_with_text(&self, searchable_content: &str) -> Vec<i64> {
        self.by_text.get(searchable_content).cloned().unwrap_or_default()
    }

    /// The steps of growing texts, in order of arrival.
    pub(super) fn streamed_texts(&self) -> Vec<StreamedText> {
        self.messages.values().filter_map(Message::streamed_text).collect()
    }

    /// The uids of the messages that the user has, oldest first: the newest of them push the others out of the queue.
    pub(super) fn uids_of_user(&self, user: &str) -> Vec<i64> {
        let now = now();
        let longest = match self.edition {
            Edition::Community => 1024,
            Edition::Professional => 5000,
        };
        let all = self.messages.iter().rev().filter(|(_, message)| message.is_there(now) && message.reaches(user));
        let mut newest: Vec<i64> = all.take(longest).map(|(uid, _)| *uid).collect();
        newest.reverse();
        newest
    }

    /// The time of the newest message of these, 0 where there is none.
    fn newest(&self, which: impl Fn(&Message) -> bool) -> i64 {
        let now = now();
        self.messages
            .values()
            .rev()
            .find(|message| message.is_there(now) && which(message))
            .map_or(0, Message::timestamp)
    }

    /// The first uid of this millisecond that nothing has yet, not even a message about which the censor is being asked.
    ///
    /// Uids are odd, so that none survives the way through a double: that mistake of a client shows at once.
    fn free_uid(&self, timestamp: i64) -> i64 {
        let time = timestamp.saturating_sub(UID_EPOCH).clamp(0, UID_TIME_MAX);
        let first = (time << UID_TIME_SHIFT) | 1;
        let last = first | ((1 << UID_TIME_SHIFT) - 1);
        let kept = self.messages.range(first..=last).next_back().map(|(newest, _)| *newest);
        let given = Some(self.last_uid).filter(|newest| (first..=last).contains(newest));
        kept.max(given).map_or(first, |newest| newest + 2)
    }

    fn keep(&mut self, uid: i64, message: Message) {
        self.bytes += message.weight();
        let text = message.original_text().to_owned();
        self.by_text.entry(text).or_default().push(uid);
        self.messages.insert(uid, message);
        self.forget_surplus();
    }

    /// Forgets the oldest messages until the rest is within bounds; the newest always stays.
    fn forget_surplus(&mut self) {
        while self.messages.len() > MESSAGES_MAX || (self.bytes > MESSAGE_BYTES_MAX && self.messages.len() > 1) {
            let Some((uid, message)) = self.messages.pop_first() else {
                return;
            };
            self.bytes -= message.weight();
            if let Some(uids) = self.by_text.get_mut(message.original_text()) {
                uids.retain(|other| *other != uid);
                if uids.is_empty() {
                    self.by_text.remove(message.original_text());
                }
            }
        }
    }
}

/// The time that a uid holds.
fn time_of(uid: i64) -> i64 {
    (uid >> UID_TIME_SHIFT) + UID_EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::message::{Payload, SINGLE};

    fn draft(text: &str, content_bytes: usize) -> Draft {
        Draft {
            sender: "a".into(),
            conversation: Conversation { kind: SINGLE, target: "b".into(), line: 0 },
            payload: Payload {
                searchable_content: text.into(),
                content: "x".repeat(content_bytes),
                persist_flag: 3,
                ..Payload::default()
            },
            audience: Audience::Conversation(Vec::new()),
        }
    }

    #[test]
    fn uids_grow_and_hold_their_time() {
        let mut state = State::default();
        let mut last = 0;
        for _ in 0..10_000 {
            let (uid, timestamp) = state.add(draft("", 0));
            assert!(uid > last);
            assert_eq!((uid >> 21) + 1_514_736_000_000, timestamp);
            last = uid;
        }
        assert!((now() - time_of(last)).abs() < 1000);
    }

    #[test]
    fn no_uid_survives_a_double() {
        let (uid, _) = State::default().add(draft("", 0));
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "the mistake itself")]
        let through_a_double = uid as f64 as i64;
        assert_ne!(uid, through_a_double);
    }

    #[test]
    fn imported_messages_keep_their_time_and_never_share_a_uid() {
        let mut state = State::default();
        for timestamp in [1_600_000_000_000, 1_600_000_000_000, 1, i64::MAX] {
            state.import(timestamp, draft("old", 0));
        }
        let uids = state.uids_with_text("old");
        assert_eq!(uids.iter().collect::<HashSet<_>>().len(), 4);
        assert_eq!(time_of(uids[0]), 1_600_000_000_000);
        assert_eq!(state.find(uids[2]).map(Message::timestamp), Some(1));
    }

    #[test]
    fn the_oldest_messages_are_forgotten_first() {
        let mut state = State::default();
        let (first, _) = state.add(draft("first", 0));
        let (second, _) = state.add(draft("second", 0));
        for _ in 0..MESSAGES_MAX - 1 {
            state.add(draft("", 0));
        }
        assert!(state.find(first).is_none());
        assert!(state.uids_with_text("first").is_empty());
        assert!(state.find(second).is_some());
        assert_eq!(state.messages.len(), MESSAGES_MAX);
    }

    #[test]
    fn messages_are_bounded_by_bytes_as_well() {
        let mut state = State::default();
        for _ in 0..10 {
            state.add(draft("large", MESSAGE_BYTES_MAX / 4));
        }
        assert!(state.bytes <= MESSAGE_BYTES_MAX);
        assert_eq!(state.messages.len(), 3);
    }
}
