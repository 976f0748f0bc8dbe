//! How many requests a bulk takes in at once: the rule by which each language's loop takes them from its source.
//!
//! Many at once cost little each. But a request that is there must not wait for one that its source takes a second to
//! make. So a source begins with one request, and is asked for twice as many each time, for as long as it keeps up.

use std::time::Duration;

/// No more requests than this are taken in at once.
const MOST: usize = 256;

/// A source that takes this long has not kept up: what it has given by then goes first.
pub(super) const WITHIN: Duration = Duration::from_millis(10);

/// How fast a bulk's source has been.
pub(super) struct Feeding {
    most: usize,
}

impl Feeding {
    /// Requests whose number is known lie in memory as a rule: nobody waits for them.
    pub(super) fn new(total: Option<i64>) -> Self {
        Self { most: if total.is_some() { MOST } else { 1 } }
    }

    /// Notes whether the source kept up.
    pub(super) fn fed(&mut self, in_time: bool) {
        self.most = if in_time { MOST.min(2 * self.most) } else { 1 };
    }

    /// How many requests are wanted next, if there is room for `room` requests.
    pub(super) fn wanted(&self, room: usize) -> usize {
        room.min(self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_keeps_up_is_asked_for_twice_as_many_requests_each_time() {
        let mut feeding = Feeding::new(None);
        let mut wanted = Vec::new();
        for _ in 0..10 {
            wanted.push(feeding.wanted(8192));
            feeding.fed(true);
        }
        assert_eq!(wanted, [1, 2, 4, 8, 16, 32, 64, 128, 256, 256]);
    }

    #[test]
    fn requests_that_have_come_do_not_wait_for_a_slow_source() {
        let mut feeding = Feeding::new(Some(1_000));
        assert_eq!(feeding.wanted(8192), 256);
        feeding.fed(false);
        assert_eq!(feeding.wanted(8192), 1);
    }

    #[test]
    fn no_more_are_wanted_than_there_is_room_for() {
        assert_eq!(Feeding::new(Some(1)).wanted(3), 3);
        assert_eq!(Feeding::new(Some(1)).wanted(0), 0);
    }
}
