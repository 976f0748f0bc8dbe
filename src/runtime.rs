//! The internal runtime: an [`Engine`], which is driven by the thread that waits for its result.
//!
//! It has no thread of its own, so a call wakes nobody and an idle client costs nothing; and threads do not wait for
//! each other, unless there are so many calls that some share one (docs/adr/0012).

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    time::{Instant, Sleep, sleep},
};

/// How long a thread that looked a host name up stays for the next one.
const LINGER: Duration = Duration::from_millis(100);

/// A runtime, driven by the thread that waits for something that happens in it.
pub(crate) struct Engine {
    /// There until the end of self.
    runtime: Option<Arc<Runtime>>,
    /// Ends a thread's patience. It stays registered from one wait to the next, which costs less than a new one.
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Engine {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().thread_keep_alive(LINGER).build()?;
        Ok(Self { runtime: Some(Arc::new(runtime)), alarm: None })
    }

    /// The same runtime, for another thread: one of them drives it, for all.
    pub(crate) fn shared(&self) -> Self {
        Self { runtime: self.runtime.clone(), alarm: None }
    }

    /// Waits for something that happens here, on the calling thread: its outcome, or None when the patience is over.
    pub(crate) fn wait<T>(&mut self, task: &mut T, patience: Option<Duration>) -> io::Result<Option<T::Output>>
    where
        T: Future + Send + Unpin,
        T::Output: Send,
    {
        let Some(patience) = patience else {
            return self.drive(task).map(Some);
        };
        let mut alarm = self.alarm.take();
        let waited = self.drive(async {
            let alarm = alarm.get_or_insert_with(|| Box::pin(sleep(patience)));
            alarm.as_mut().reset(Instant::now() + patience);
            poll_fn(|context| match Pin::new(&mut *task).poll(context) {
                Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
                Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
            })
            .await
        });
        self.alarm = alarm;
        waited
    }

    /// Runs a future to its end on the calling thread.
    ///
    /// Inside somebody's tokio runtime that is not allowed, and in the last moments of a thread, whose own values are being
    /// dropped, it is not possible. There a helper thread runs it while the caller waits: slower, but right.
    pub(crate) fn drive<F>(&self, future: F) -> io::Result<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let mut outcome = None;
        self.finish(pin!(async { outcome = Some(future.await) }))?;
        outcome.ok_or_else(|| io::Error::other("it ended without an outcome"))
    }

    /// The same for whatever future: it is compiled once.
    fn finish(&self, future: Pin<&mut (dyn Future<Output = ()> + Send)>) -> io::Result<()> {
        let runtime = self.runtime()?;
        if Handle::try_current().is_err_and(|error| error.is_missing_context()) {
            runtime.block_on(future);
            return Ok(());
        }
        std::thread::scope(|scope| {
            let helper = std::thread::Builder::new().spawn_scoped(scope, || runtime.block_on(future))?;
            helper.join().map_err(|_| io::Error::other("the call panicked"))
        })
    }

    fn runtime(&self) -> io::Result<&Runtime> {
        self.runtime.as_deref().ok_or_else(|| io::Error::other("it has ended"))
    }
}

/// Somebody's own runtime may be around, where waiting for this one's end is not allowed.
impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take().and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}
