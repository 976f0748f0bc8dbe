//! Where the growing texts of a client are sent from: [`Desk`], one thread for all of them.

use std::{
    future::Future,
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};

use crate::{
    call::{Caller, Lanes},
    per_process::PerProcess,
};

/// So many requests are under way at the same time, each on a connection of its own.
const MOST: usize = 128;
/// How long the thread waits for the next text before it ends.
const LINGER: Duration = Duration::from_secs(1);
/// The thread's name.
const NAME: &str = "wildfirechat-streams";

/// The growing texts of a client. A forked child has none of its parent's.
pub(crate) struct Desk {
    here: PerProcess<Arc<Shared>>,
}

struct Shared {
    state: Mutex<State>,
    /// There is another text.
    work: Notify,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    queue: Vec<Life>,
    is_driven: bool,
}

/// What sends a text, from its beginning to its end.
pub(super) type Life = Box<dyn FnOnce(Place) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What a text is sent with.
pub(super) struct Place {
    pub(super) lanes: Arc<Lanes>,
    pub(super) room: Arc<Semaphore>,
}

impl Desk {
    pub(crate) const fn new() -> Self {
        Self { here: PerProcess::new() }
    }

    /// Takes a text in. If no thread can be started, its life is dropped, and ends with that.
    pub(super) fn begin(&self, caller: &Arc<Caller>, life: Life) -> io::Result<()> {
        let shared = self.here.get_or_init(|| {
            Arc::new(Shared { state: Mutex::default(), work: Notify::new(), room: Arc::new(Semaphore::new(MOST)) })
        });
        let mut state = shared.state();
        if !state.is_driven {
            let (driven, caller) = (Arc::clone(shared), Arc::clone(caller));
            thread::Builder::new().name(NAME.to_owned()).spawn(move || driven.drive(&caller))?;
            state.is_driven = true;
        }
        state.queue.push(life);
        drop(state);
        shared.work.notify_waiters();
        Ok(())
    }
}

impl Shared {
    /// The whole life of the thread.
    fn drive(&self, caller: &Caller) {
        // Also where it panics: the next text gets a thread of its own, and those here end.
        let mut ends = Ends { shared: self, is_said: false };
        let driven = caller.station().and_then(|station| {
            station.engine.drive(self.work_off(&station.lanes))?;
            caller.keep(station);
            Ok(())
        });
        match driven {
            Ok(()) => ends.is_said = true,
            Err(error) => log::error!("growing texts cannot be sent: the internal runtime does not work: {error}"),
        }
    }

    /// Drives the texts until there have been none for a while.
    async fn work_off(&self, lanes: &Arc<Lanes>) {
        let mut lives = FuturesUnordered::new();
        loop {
            let work = self.work.notified();
            tokio::pin!(work);
            // From here on no call for work is missed.
            work.as_mut().enable();
            let place = || Place { lanes: Arc::clone(lanes), room: Arc::clone(&self.room) };
            lives.extend(mem::take(&mut self.state().queue).into_iter().map(|life| life(place())));
            if lives.is_empty() {
                tokio::select! {
                    () = work => {}
                    () = sleep(LINGER) => {
                        let mut state = self.state();
                        if state.queue.is_empty() {
                            state.is_driven = false;
                            return;
                        }
                    }
                }
                continue;
            }
            tokio::select! {
                _ = lives.next() => {}
                () = work => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says at its end that nobody drives the texts any more, where it was not said before.
struct Ends<'a> {
    shared: &'a Shared,
    is_said: bool,
}

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if !self.is_said {
            let mut state = self.shared.state();
            state.is_driven = false;
            let left = mem::take(&mut state.queue);
            drop(state);
            drop(left);
        }
    }
}
