//! Which message of a bulk waits for which: those of one conversation go one after the other.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::{BuildHasher, BuildHasherDefault, Hasher},
};

use crate::{ConversationType, SendRequest};

/// The lines in which a message waits: the line of its conversation, and for a single chat that of its two users;
/// otherwise the same line twice.
///
/// A line is a hash: if two lines have the same hash by chance, this costs a moment but never the order.
pub(crate) type Lines = [u64; 2];

/// Finds the lines of messages.
#[derive(Default)]
pub(crate) struct LineFinder(RandomState);

impl LineFinder {
    /// For a message without a conversation: a line of its own.
    #[cfg(feature = "outbox")]
    pub(crate) fn alone(&self, number: i64) -> Lines {
        [self.0.hash_one(("alone", number)); 2]
    }

    /// The conversation as a server keeps it, regardless of the sender; for a single chat also the conversation of its
    /// two users, which is the same for both.
    pub(crate) fn lines(&self, request: &SendRequest) -> Lines {
        let conversation = &request.conversation;
        let kept = self.0.hash_one(conversation);
        if conversation.kind != ConversationType::Single as i32 {
            return [kept; 2];
        }
        let (one, other) = (&request.sender, &conversation.target);
        [kept, self.0.hash_one((one.min(other), one.max(other), conversation.line))]
    }
}

/// Which message waits for which: each for the message before it in the same line.
#[derive(Default)]
pub(crate) struct Order {
    /// The last message in each line.
    last: HashMap<u64, i64, BuildHasherDefault<IdentityHasher>>,
    /// Messages from number `first` on, in a row; None for those that have left.
    standing: VecDeque<Option<Unfinished>>,
    first: i64,
}

/// A message that has no outcome yet.
struct Unfinished {
    lines: Lines,
    /// The message behind it in each of its lines.
    behind: [Option<i64>; 2],
    /// How many messages are in front of it.
    waits_for: u8,
}

impl Order {
    /// Lets the next message stand in its lines. True where nobody is in front of it.
    pub(crate) fn enter(&mut self, lines: Lines) -> bool {
        let number = self.first + self.standing.len() as i64;
        let mut waits_for = 0;
        for line in lines {
            let front = self.last.insert(line, number).filter(|front| *front != number);
            if let Some(front) = front.and_then(|front| self.place(front)).and_then(Option::as_mut) {
                let at = usize::from(front.lines[0] != line);
                front.behind[at] = Some(number);
                waits_for += 1;
            }
        }
        self.standing.push_back(Some(Unfinished { lines, behind: [None; 2], waits_for }));
        waits_for == 0
    }

    /// A message has its outcome: gives those that nobody is in front of any more.
    pub(crate) fn leave(&mut self, number: i64) -> impl Iterator<Item = i64> + use<> {
        let mut free = [None; 2];
        if let Some(gone) = self.place(number).and_then(Option::take) {
            for line in gone.lines {
                if self.last.get(&line) == Some(&number) {
                    self.last.remove(&line);
                }
            }
            for (next, free) in gone.behind.into_iter().zip(&mut free) {
                *free = next.filter(|next| self.moves_up(*next));
            }
        }
        while matches!(self.standing.front(), Some(None)) {
            self.standing.pop_front();
            self.first += 1;
        }
        free.into_iter().flatten()
    }

    /// One less stands in front of a message. True for the last.
    fn moves_up(&mut self, number: i64) -> bool {
        let Some(standing) = self.place(number).and_then(Option::as_mut) else { return false };
        standing.waits_for -= 1;
        standing.waits_for == 0
    }

    fn place(&mut self, number: i64) -> Option<&mut Option<Unfinished>> {
        usize::try_from(number - self.first).ok().and_then(|at| self.standing.get_mut(at))
    }
}

/// For keys that are hashes themselves.
#[derive(Default)]
struct IdentityHasher(u64);

impl Hasher for IdentityHasher {
    fn write(&mut self, bytes: &[u8]) {
        // No key of ours comes this way; any value would do.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Conversation, MessagePayload};

    fn request(sender: &str, conversation: Conversation) -> SendRequest {
        SendRequest::new(sender, conversation, MessagePayload::text("hello"))
    }

    #[test]
    fn who_stands_in_the_same_line_waits() {
        let on_line = |line| Conversation { line, ..Conversation::single("u1") };
        for (first, second, waits) in [
            (request("a", Conversation::single("u1")), request("a", Conversation::single("u1")), true),
            (request("a", Conversation::single("u1")), request("b", Conversation::single("u1")), true),
            (request("a", Conversation::single("b")), request("b", Conversation::single("a")), true),
            (request("a", Conversation::group("g")), request("b", Conversation::group("g")), true),
            (request("a", Conversation::channel("c")), request("a", Conversation::channel("c")), true),
            (request("a", Conversation::single("u1")), request("a", Conversation::single("u2")), false),
            (request("a", Conversation::single("u1")), request("a", Conversation::group("u1")), false),
            (request("a", on_line(0)), request("a", on_line(1)), false),
            (request("a", Conversation::group("b")), request("b", Conversation::group("a")), false),
        ] {
            let (line_finder, mut order) = (LineFinder::default(), Order::default());
            assert!(order.enter(line_finder.lines(&first)));
            assert_eq!(!order.enter(line_finder.lines(&second)), waits, "{first:?} {second:?}");
            assert_eq!(order.leave(0).collect::<Vec<_>>(), if waits { vec![1] } else { vec![] });
            assert_eq!(order.leave(1).count(), 0);
            assert!(order.last.is_empty() && order.standing.is_empty());
        }
    }

    #[test]
    fn who_stands_in_two_lines_waits_for_both() {
        let (line_finder, mut order) = (LineFinder::default(), Order::default());
        let mut enter =
            |sender: &str, target: &str| order.enter(line_finder.lines(&request(sender, Conversation::single(target))));
        assert!(enter("x", "b") && enter("b", "a"));
        // To b, as the first is; and between a and b, as the second is.
        assert!(!enter("a", "b"));
        assert_eq!(order.leave(0).count(), 0);
        assert_eq!(order.leave(1).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn many_messages_of_one_conversation_go_one_after_the_other() {
        let mut order = Order::default();
        let lines = LineFinder::default().lines(&request("a", Conversation::single("u1")));
        for number in 0..1000 {
            assert_eq!(order.enter(lines), number == 0);
        }
        for number in 0..1000 {
            let next: Vec<i64> = order.leave(number).collect();
            assert_eq!(next, if number < 999 { vec![number + 1] } else { vec![] });
        }
        assert!(order.last.is_empty() && order.standing.is_empty());
    }
}
