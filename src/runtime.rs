//! The internal runtime: an [`Engine`] for whoever waits, driven by the thread that does.
//!
//! It has no thread of its own, so a call wakes nobody and an idle client costs nothing; and threads do not wait for each
//! other, unless they are so many that some share one (docs/adr/0012).

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
    time::{Instant, Sleep, sleep},
};

/// A thread that waits without an end looks up this often: so the engine's alarm is always the first of its timers, and
/// tokio need not be told of each later one.
const GLANCE: Duration = Duration::from_secs(1);
/// How long a thread that looked a host name up stays for the next one.
const LINGER: Duration = Duration::from_millis(100);

/// A runtime, driven by whoever waits for something that happens in it.
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
        let mut alarm = self.alarm.take();
        let waited = self.drive(async {
            let alarm = alarm.get_or_insert_with(|| Box::pin(sleep(GLANCE)));
            loop {
                alarm.as_mut().reset(Instant::now() + patience.unwrap_or(GLANCE));
                let outcome = poll_fn(|context| match Pin::new(&mut *task).poll(context) {
                    Poll::Ready(outcome) => Poll::Ready(Some(outcome)),
                    Poll::Pending => alarm.as_mut().poll(context).map(|()| None),
                });
                match outcome.await {
                    None if patience.is_none() => {}
                    outcome => return outcome,
                }
            }
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
        let runtime = self.runtime()?;
        if Handle::try_current().is_err_and(|error| error.is_missing_context()) {
            return Ok(runtime.block_on(future));
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

/// Something for an engine to do, from the first wait for it on. Dropped, it goes no further; a panic in it goes on in
/// whoever waits for it.
pub(crate) enum Task<T> {
    /// Nothing of it has happened.
    New(Pin<Box<dyn Future<Output = T> + Send>>),
    Begun(JoinHandle<T>),
}

impl<T> Task<T> {
    pub(crate) fn new(future: impl Future<Output = T> + Send + 'static) -> Self {
        Self::New(Box::pin(future))
    }
}

impl<T: Send + 'static> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        loop {
            match &mut *self {
                Self::New(future) => {
                    // From within the engine: so nobody need be woken.
                    let future = std::mem::replace(future, Box::pin(std::future::pending()));
                    *self = Self::Begun(tokio::spawn(future));
                }
                Self::Begun(task) => {
                    return Pin::new(task).poll(context).map(|ended| match ended {
                        Ok(outcome) => outcome,
                        Err(error) => std::panic::resume_unwind(error.into_panic()),
                    });
                }
            }
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Self::Begun(task) = self {
            task.abort();
        }
    }
}

/// Lets the tasks of connections run: they notice what servers closed meanwhile, and close what was dropped. For use in a
/// task of an engine: its turn comes after those that the sockets woke.
pub(crate) async fn let_connections_run() {
    tokio::task::yield_now().await;
}
