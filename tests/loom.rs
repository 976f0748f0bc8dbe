//! The data that threads share without a lock, in every possible order of their steps (by loom).

mod atomic {
    //! loom's atomics, in the shape of std's.

    use std::sync::OnceLock;

    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

    /// loom's have no constant constructor: this one is made when it is first used.
    pub(crate) struct AtomicPtr<T> {
        first: *mut T,
        atomic: OnceLock<loom::sync::atomic::AtomicPtr<T>>,
    }

    impl<T> AtomicPtr<T> {
        pub(crate) const fn new(first: *mut T) -> Self {
            Self { first, atomic: OnceLock::new() }
        }

        fn atomic(&self) -> &loom::sync::atomic::AtomicPtr<T> {
            self.atomic.get_or_init(|| loom::sync::atomic::AtomicPtr::new(self.first))
        }

        pub(crate) fn load(&self, order: Ordering) -> *mut T {
            self.atomic().load(order)
        }

        pub(crate) fn store(&self, value: *mut T, order: Ordering) {
            self.atomic().store(value, order);
        }

        pub(crate) fn compare_exchange(
            &self,
            current: *mut T,
            new: *mut T,
            success: Ordering,
            failure: Ordering,
        ) -> Result<*mut T, *mut T> {
            self.atomic().compare_exchange(current, new, success, failure)
        }
    }
}

#[allow(dead_code, unused_imports, reason = "tests of its own, for the real atomics")]
#[path = "../src/call/pace.rs"]
mod pace;
#[allow(dead_code, unused_imports, reason = "tests of its own, for the real atomics")]
#[path = "../src/per_process.rs"]
mod per_process;
#[allow(dead_code, unused_imports, reason = "tests of its own, for the real atomics")]
#[path = "../src/call/progress.rs"]
mod progress;

use std::{
    ptr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use loom::{cell::UnsafeCell, thread};
use pace::Pace;
use per_process::PerProcess;
use progress::Progress;

fn main() {
    loom::model(a_value_of_the_process_is_made_once_and_seen_whole);
    loom::model(no_two_threads_get_the_same_turn);
    loom::model(a_caller_who_gives_up_is_told_of_a_request_that_has_left);
    println!("loom: 3 models, every order of theirs");
}

/// What a thread wrote before it published the value is there for whoever gets it; the loser's is dropped.
fn a_value_of_the_process_is_made_once_and_seen_whole() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Value(UnsafeCell<u32>);
    // SAFETY: loom tells when two threads come to the cell at once.
    unsafe impl Sync for Value {}
    impl Drop for Value {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    let make = || {
        let value = Value(UnsafeCell::new(0));
        // SAFETY: nobody else has it yet.
        value.0.with_mut(|number| unsafe { *number = 7 });
        value
    };
    // SAFETY: it is only read from here on.
    let read = |value: &Value| value.0.with(|number| unsafe { *number });
    DROPPED.store(0, SeqCst);
    let mut shared = PerProcess::new();
    // Makes loom's atomic while nobody else looks.
    assert!(shared.take().is_none());
    let shared = Arc::new(shared);
    let other = {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            let value = shared.get_or_init(make);
            assert_eq!(read(value), 7);
            ptr::from_ref(value).addr()
        })
    };
    let mine = shared.get_or_init(make);
    assert_eq!(read(mine), 7);
    let mine = ptr::from_ref(mine).addr();
    assert_eq!(other.join().unwrap(), mine);
    let (lost, made) = (DROPPED.load(SeqCst), 1);
    drop(shared);
    assert_eq!(DROPPED.load(SeqCst), lost + made);
}

fn no_two_threads_get_the_same_turn() {
    let pace = Arc::new(Pace::new(10));
    let turn = |pace: &Pace| pace.turn(Duration::from_secs(1), Duration::from_secs(1)).unwrap();
    let other = {
        let pace = Arc::clone(&pace);
        thread::spawn(move || [turn(&pace), turn(&pace)])
    };
    let mut turns = vec![turn(&pace)];
    turns.extend(other.join().unwrap());
    turns.sort();
    assert_eq!(turns, [0, 100, 200].map(Duration::from_millis));
}

/// A request leaves on the thread that drives its connection, while another gives the call up.
fn a_caller_who_gives_up_is_told_of_a_request_that_has_left() {
    let progress = Arc::new(Progress::default());
    let attempt = progress.begin();
    let has_left = Arc::new(loom::sync::atomic::AtomicBool::new(false));
    let connection = {
        let (attempt, has_left) = (attempt.clone(), Arc::clone(&has_left));
        thread::spawn(move || {
            attempt.leaves();
            // The first byte is written after that.
            has_left.store(true, atomic::Ordering::Release);
        })
    };
    let written = has_left.load(atomic::Ordering::Acquire);
    assert!(progress.sent() || !written);
    connection.join().unwrap();
    assert!(progress.sent());
    attempt.ends(true);
    assert!(progress.sent());
}
