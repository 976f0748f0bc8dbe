//! Forks, and SQLite: no connection to a file may go through one.
//!
//! SQLite counts in memory which locks its process has on a file. A fork copies the counts, and not the locks: a child would
//! write into files that others, who see no lock, take away. So all connections are closed before a fork, and made again
//! after it, when somebody wants one. A child whose parent's connections could not be closed in time opens none.

use std::{
    cell::RefCell,
    sync::{
        Mutex, MutexGuard, Once, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::OutboxError;

/// Where connections lie that nobody uses.
pub(super) trait Idle: Send + Sync {
    /// Closes them.
    fn close(&self);
}

/// How many connections to files are open.
static OPEN: AtomicUsize = AtomicUsize::new(0);
/// Nobody opens any, and whoever has one closes it.
static FORKING: AtomicBool = AtomicBool::new(false);
/// This process was forked from one that had some open.
static INHERITED: AtomicBool = AtomicBool::new(false);
/// All places where connections lie that nobody uses.
static IDLE: Mutex<Places> = Mutex::new(Vec::new());
type Places = Vec<Weak<dyn Idle>>;

/// How long a fork waits for connections to be closed.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(1);

/// The right to have a connection to a file open.
pub(super) struct Permit(());

impl Permit {
    /// Waits for forks that are under way.
    pub(super) async fn get() -> Result<Self, OutboxError> {
        register();
        loop {
            if INHERITED.load(Ordering::SeqCst) {
                let reason = "this process was forked from one that was using a SQLite file: SQLite forbids that";
                return Err(OutboxError::StoreUnusable { reason: reason.into() });
            }
            // Counted before it is looked: a fork sees one of the two.
            let permit = Self::counted();
            if !is_near() {
                return Ok(permit);
            }
            drop(permit);
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn counted() -> Self {
        OPEN.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // A child's copy of its parent's is not counted there.
        let _ = OPEN.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |open| open.checked_sub(1));
    }
}

/// Whether somebody is about to fork: then connections are to be closed.
pub(super) fn is_near() -> bool {
    FORKING.load(Ordering::SeqCst)
}

/// Has the idle connections there closed before a fork.
pub(super) fn closes(desks: Weak<dyn Idle>) {
    let mut idle = idle();
    idle.retain(|each| each.strong_count() > 0);
    idle.push(desks);
}

fn idle() -> MutexGuard<'static, Places> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// The lock on `IDLE`, from before a fork until after it: so the child, whose only thread forked, finds it open.
    static HELD: RefCell<Option<MutexGuard<'static, Places>>> = const { RefCell::new(None) };
}

extern "C" fn before() {
    let idle = idle();
    FORKING.store(true, Ordering::SeqCst);
    let until = Instant::now() + PATIENCE;
    while OPEN.load(Ordering::SeqCst) > 0 && Instant::now() < until {
        idle.iter().filter_map(Weak::upgrade).for_each(|desks| desks.close());
        thread::sleep(PAUSE);
    }
    // Where the thread is at its very end, nothing can be kept.
    let _ = HELD.try_with(|held| held.replace(Some(idle)));
}

extern "C" fn after_in_parent() {
    FORKING.store(false, Ordering::SeqCst);
    let _ = HELD.try_with(RefCell::take);
}

extern "C" fn after_in_child() {
    if OPEN.swap(0, Ordering::SeqCst) > 0 {
        INHERITED.store(true, Ordering::SeqCst);
    }
    after_in_parent();
}

/// Has the system call these around each fork.
fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(unix)]
        // SAFETY: the functions stay, as this library is never unloaded while the process lives.
        unsafe {
            libc::pthread_atfork(Some(before), Some(after_in_parent), Some(after_in_child));
        }
    });
}
