//! The internal runtime: one a process, made at the first call, driven by the threads that wait in it.
//!
//! It has no thread of its own, so a call wakes nobody and an idle client costs nothing (docs/adr/0001).
//! A forked child cannot use its parent's runtime; it gets one of its own.

use std::{future::Future, io, pin::Pin, time::Duration};

use tokio::runtime::{Builder, Handle, Runtime};

use crate::per_process::PerProcess;

/// Runs a future to its end on the calling thread.
///
/// Inside somebody's tokio runtime that is not allowed, and in the last moments of a thread, whose own values are being
/// dropped, it is not possible. There a helper thread runs it while the caller waits: slower, but right.
pub(crate) fn block_on<F>(future: F) -> io::Result<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = current()?;
    if Handle::try_current().is_err_and(|error| error.is_missing_context()) {
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
    static CURRENT: PerProcess<Ours> = PerProcess::new();
    let ours = CURRENT.get_or_try_init(|| Builder::new_current_thread().enable_all().build().map(Some).map(Ours))?;
    ours.0.as_ref().ok_or_else(|| io::Error::other("it has ended"))
}

/// The runtime, until it is dropped: one that lost the race to be the process's may be dropped within somebody's
/// own runtime, where waiting for its end is not allowed.
struct Ours(Option<Runtime>);

impl Drop for Ours {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
