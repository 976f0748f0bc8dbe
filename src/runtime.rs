//! The internal runtime: one a process, made at the first call, driven by the threads that wait in it.
//!
//! It has no thread of its own, so a call wakes nobody and an idle client costs nothing (docs/adr/0001).
//! A forked child cannot use its parent's runtime; it gets one of its own.

use std::{
    future::Future,
    io,
    pin::Pin,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
    time::Duration,
};

use tokio::runtime::{Builder, Handle, Runtime};

struct OfProcess {
    pid: u32,
    runtime: Runtime,
}

static CURRENT: AtomicPtr<OfProcess> = AtomicPtr::new(ptr::null_mut());

/// Runs a future to its end on the calling thread.
///
/// Inside somebody's tokio runtime that is not allowed, so there a helper thread runs it while the caller
/// waits: slower, but right.
pub(crate) fn block_on<F>(future: F) -> io::Result<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = current()?;
    if Handle::try_current().is_err() {
        return Ok(runtime.block_on(future));
    }
    std::thread::scope(|scope| {
        let helper = std::thread::Builder::new().spawn_scoped(scope, || runtime.block_on(future))?;
        helper.join().map_err(|_| io::Error::other("the call panicked"))
    })
}

/// Runs a future for at most `slice`: its output, or None while it goes on.
pub(crate) fn block_on_for<F>(slice: Duration, future: Pin<&mut F>) -> io::Result<Option<F::Output>>
where
    F: Future + Send + ?Sized,
    F::Output: Send,
{
    block_on(async { tokio::time::timeout(slice, future).await.ok() })
}

/// Lets the connections' own tasks run: they notice what servers closed meanwhile, and close what was dropped.
pub(crate) async fn let_connections_run() {
    // The first turn polls the sockets. The task then queues behind those the sockets woke, whichever thread
    // runs them: a mere second turn would not wait for another thread (docs/adr/0001).
    tokio::task::yield_now().await;
    let _ = tokio::spawn(async {}).await;
}

fn current() -> io::Result<&'static Runtime> {
    let pid = std::process::id();
    let seen = CURRENT.load(Ordering::Acquire);
    // SAFETY: what CURRENT points to is never freed (see below).
    if let Some(process) = unsafe { seen.as_ref() }
        && process.pid == pid
    {
        return Ok(&process.runtime);
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let fresh = Box::into_raw(Box::new(OfProcess { pid, runtime }));
    // No lock here: after a fork, a thread that no longer exists could hold it for ever.
    match CURRENT.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire) {
        // The runtime of the parent process is leaked: its sockets are the parent's, and dropping it would touch them.
        // SAFETY: `fresh` comes from Box::into_raw and is never freed once published.
        Ok(_) => Ok(unsafe { &(*fresh).runtime }),
        Err(winner) => {
            // SAFETY: `fresh` was not published, so it is only ours; `winner` was, so it is never freed.
            let loser = unsafe { Box::from_raw(fresh) };
            loser.runtime.shutdown_background();
            Ok(unsafe { &(*winner).runtime })
        }
    }
}
