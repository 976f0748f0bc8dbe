//! What a client has done so far, in numbers: [`ClientStats`], and the [`Tally`] that counts them.

use std::{
    cell::Cell,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::MessageError;

/// What a client has done since it was made, in this process: a forked child begins at 0.
///
/// All numbers are of one moment. They only grow, but for `in_flight` and `connections`.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ClientStats {
    /// Calls that were begun. Each message of a bulk is one, and so is the question for an upload's address.
    pub calls: i64,
    /// Calls that have no outcome yet.
    pub in_flight: i64,
    /// How many calls failed, by the name of their error, such as `RateLimited`; every name is there.
    pub errors: HashMap<String, i64>,
    /// Calls that failed and that the server may have executed.
    pub unknown_fates: i64,
    /// Requests: a call that is tried again makes several, one that had no turn or a wrong argument makes none.
    pub attempts: i64,
    /// Connections to the server that are open now, those that lie idle among them.
    pub connections: i64,
    /// Connections that were opened.
    pub connections_opened: i64,
    /// How often a call waited for its turn, because of the client's own limit, that of a bulk, or the server's.
    pub waits: i64,
    /// How long they waited in all.
    pub waited: Duration,
    /// How long attempts took that have ended, from the first step, which may be a new connection, to the end of the answer
    /// or the failure.
    pub latencies: Vec<LatencyBucket>,
    /// How long they took together.
    pub latency_sum: Duration,
}

/// How many attempts took a certain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Record)]
pub struct LatencyBucket {
    /// They took as long as this at the most, and longer than what the bucket before says; left out in the last bucket, of
    /// those that took longer than all others.
    pub up_to: Option<Duration>,
    /// How many.
    pub attempts: i64,
}

/// The bounds that OpenTelemetry gives a histogram of HTTP requests, in milliseconds.
const BOUNDS: [u64; 14] = [5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];
/// This many threads can count at the same time without waiting for each other.
const SHARDS: usize = 16;
const KINDS: usize = MessageError::KINDS.len();

/// Counts, for many threads at once.
///
/// Each thread counts in one shard, which other threads rarely need at that moment. A reader locks all shards at once,
/// so that the numbers are of one moment.
#[derive(Default)]
pub(crate) struct Tally {
    shards: [Shard; SHARDS],
    opened: AtomicI64,
    open: Arc<AtomicI64>,
}

/// On cache lines of its own.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    begun: i64,
    ended: i64,
    errors: [i64; KINDS],
    unknown: i64,
    attempts: i64,
    waits: i64,
    waited: Duration,
    buckets: [i64; BOUNDS.len() + 1],
    took: Duration,
}

impl Tally {
    /// A call begins.
    pub(crate) fn begins(&self) {
        self.shard().begun += 1;
    }

    /// A call has come to its end.
    pub(crate) fn ends(&self, error: Option<&MessageError>) {
        let mut counts = self.shard();
        counts.ended += 1;
        if let Some(error) = error {
            counts.errors[error.kind_index()] += 1;
            counts.unknown += i64::from(error.may_have_executed());
        }
    }

    /// A call had an argument that can never work.
    pub(crate) fn refuses(&self, error: &MessageError) {
        self.begins();
        self.ends(Some(error));
    }

    /// An attempt begins.
    pub(crate) fn tries(&self) {
        self.shard().attempts += 1;
    }

    /// An attempt has come to its end.
    pub(crate) fn took(&self, time: Duration) {
        let mut counts = self.shard();
        counts.buckets[bucket(time)] += 1;
        counts.took = counts.took.saturating_add(time);
    }

    /// Somebody waits for his turn.
    pub(crate) fn waits(&self, time: Duration) {
        let mut counts = self.shard();
        counts.waits += 1;
        counts.waited = counts.waited.saturating_add(time);
    }

    /// A connection is open, until what is given is dropped.
    pub(crate) fn opens(&self) -> Open {
        self.opened.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(&self.open))
    }

    /// The numbers of this moment.
    pub(crate) fn stats(&self) -> ClientStats {
        let all: Vec<MutexGuard<'_, Counts>> = self.shards.iter().map(Shard::counts).collect();
        let sum = |number: &dyn Fn(&Counts) -> i64| all.iter().map(|counts| number(counts)).sum::<i64>();
        let time =
            |time: &dyn Fn(&Counts) -> Duration| all.iter().fold(Duration::ZERO, |sum, counts| sum + time(counts));
        let bounds = BOUNDS.iter().map(|bound| Some(Duration::from_millis(*bound))).chain([None]);
        ClientStats {
            calls: sum(&|counts| counts.begun),
            in_flight: sum(&|counts| counts.begun - counts.ended),
            errors: (0..KINDS)
                .map(|kind| (MessageError::KINDS[kind].to_owned(), sum(&|counts| counts.errors[kind])))
                .collect(),
            unknown_fates: sum(&|counts| counts.unknown),
            attempts: sum(&|counts| counts.attempts),
            connections: self.open.load(Ordering::Relaxed),
            connections_opened: self.opened.load(Ordering::Relaxed),
            waits: sum(&|counts| counts.waits),
            waited: time(&|counts| counts.waited),
            latencies: bounds
                .enumerate()
                .map(|(at, up_to)| LatencyBucket { up_to, attempts: sum(&|counts| counts.buckets[at]) })
                .collect(),
            latency_sum: time(&|counts| counts.took),
        }
    }

    fn shard(&self) -> MutexGuard<'_, Counts> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static MINE: Cell<usize> = const { Cell::new(usize::MAX) };
        }
        let mine = MINE.try_with(|mine| {
            if mine.get() == usize::MAX {
                mine.set(NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
            }
            mine.get()
        });
        // In the last moments of a thread it has no values of its own any more.
        self.shards[mine.unwrap_or_default()].counts()
    }
}

impl Shard {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn bucket(time: Duration) -> usize {
    BOUNDS.partition_point(|bound| Duration::from_millis(*bound) < time)
}

/// A connection that is open.
pub(crate) struct Open(Arc<AtomicI64>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::atomic::AtomicBool, thread};

    use super::*;

    #[test]
    fn a_time_is_in_the_first_bucket_that_reaches_it() {
        let ms = Duration::from_millis;
        #[rustfmt::skip]
        let table = [
            (Duration::ZERO, 0), (ms(5), 0), (ms(5) + Duration::from_nanos(1), 1), (ms(10), 1), (ms(999), 9),
            (ms(1_000), 9), (ms(10_000), 13), (ms(10_001), 14), (Duration::MAX, 14),
        ];
        for (time, expected) in table {
            assert_eq!(bucket(time), expected, "{time:?}");
        }
    }

    /// Sixteen threads count while another one reads: at no moment do the numbers contradict each other.
    #[test]
    fn the_numbers_are_of_one_moment_whoever_counts_meanwhile() {
        let (tally, over) = (Tally::default(), AtomicBool::new(false));
        let lost = MessageError::ConnectionLost { endpoint: "a/b".into(), attempts: 1, reason: String::new() };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..16)
                .map(|number| {
                    let (tally, lost) = (&tally, &lost);
                    let over = &over;
                    scope.spawn(move || {
                        let mut calls = 0;
                        // So that there is always somebody to meet for whoever reads, and no less than one call.
                        while !over.load(Ordering::Acquire) || calls == 0 {
                            tally.begins();
                            tally.tries();
                            tally.took(Duration::from_millis(number));
                            tally.ends((number % 2 == 0).then_some(lost));
                            calls += 1;
                        }
                        (calls, if number % 2 == 0 { calls } else { 0 })
                    })
                })
                .collect();
            let reads: Vec<ClientStats> = (0..200).map(|_| tally.stats()).collect();
            over.store(true, Ordering::Release);
            let counted: Vec<(i64, i64)> = workers.into_iter().map(|worker| worker.join().unwrap()).collect();
            for stats in reads {
                let failed: i64 = stats.errors.values().sum();
                let ended: i64 = stats.latencies.iter().map(|bucket| bucket.attempts).sum();
                assert!((0..=16).contains(&stats.in_flight), "{stats:?}");
                assert_eq!(stats.unknown_fates, failed);
                // What has ended was begun before, and each call here is tried once.
                assert!(stats.attempts <= stats.calls && ended <= stats.attempts, "{stats:?}");
                let over = stats.calls - stats.in_flight;
                assert!(failed <= over && over <= ended, "{stats:?}");
            }
            let stats = tally.stats();
            let calls: i64 = counted.iter().map(|(calls, _)| calls).sum();
            assert_eq!((stats.calls, stats.in_flight, stats.attempts), (calls, 0, calls));
            assert_eq!(stats.errors["ConnectionLost"], counted.iter().map(|(_, lost)| lost).sum::<i64>());
        });
    }

    #[test]
    fn a_connection_counts_until_it_is_dropped() {
        let tally = Tally::default();
        let (one, other) = (tally.opens(), tally.opens());
        assert_eq!((tally.stats().connections, tally.stats().connections_opened), (2, 2));
        drop(one);
        assert_eq!((tally.stats().connections, tally.stats().connections_opened), (1, 2));
        drop(other);
    }
}
