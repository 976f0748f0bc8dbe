//! Something that each process has for itself: [`PerProcess`].

use std::{convert::Infallible, process, ptr};

use crate::atomic::{AtomicPtr, Ordering};

/// A value made when a process first asks for it. A forked child makes its own and leaks its parent's: the sockets
/// in it are the parent's, and its locks may be held by threads that no longer exist.
///
/// No lock here either, for the same reason.
pub(crate) struct PerProcess<T> {
    /// Null, or from `Box::into_raw` and not freed while self lives.
    current: AtomicPtr<Made<T>>,
}

struct Made<T> {
    by: u32,
    value: T,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { current: AtomicPtr::new(ptr::null_mut()) }
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let Ok(value) = self.get_or_try_init(|| Ok::<_, Infallible>(make()));
        value
    }

    pub(crate) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let seen = self.current.load(Ordering::Acquire);
        // SAFETY: see `current`.
        if let Some(made) = unsafe { seen.as_ref() }
            && made.by == process::id()
        {
            return Ok(&made.value);
        }
        let fresh = Box::into_raw(Box::new(Made { by: process::id(), value: make()? }));
        match self.current.compare_exchange(seen, fresh, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: `fresh` is published, so it is not freed while self lives. What was `seen` is leaked.
            Ok(_) => Ok(unsafe { &(*fresh).value }),
            Err(winner) => {
                // SAFETY: `fresh` was not published, so it is only ours; `winner` was, so it is not freed while self lives.
                unsafe {
                    drop(Box::from_raw(fresh));
                    Ok(&(*winner).value)
                }
            }
        }
    }

    /// What was made last, for somebody who is in the midst of something that began with it: that is in the same process.
    pub(crate) fn known(&self) -> Option<&T> {
        // SAFETY: see `current`.
        unsafe { self.current.load(Ordering::Acquire).as_ref() }.map(|made| &made.value)
    }

    /// Takes out what this process made, if it made anything.
    pub(crate) fn take(&mut self) -> Option<T> {
        // Nobody else borrows self: no other thread comes in between.
        let made = self.current.load(Ordering::Acquire);
        // SAFETY: see `current`.
        if unsafe { made.as_ref() }?.by != process::id() {
            return None;
        }
        self.current.store(ptr::null_mut(), Ordering::Release);
        // SAFETY: it comes from `Box::into_raw`, and `current` no longer leads to it.
        Some(unsafe { Box::from_raw(made) }.value)
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        self.take();
    }
}

// SAFETY: it hands out shared references to a T on any thread, and drops one that another thread made.
unsafe impl<T: Send + Sync> Sync for PerProcess<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Send for PerProcess<T> {}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    #[test]
    fn the_value_is_made_once() {
        let value = PerProcess::new();
        assert_eq!(*value.get_or_init(|| 1), 1);
        assert_eq!(*value.get_or_init(|| 2), 1);
    }

    #[test]
    fn a_maker_that_fails_leaves_room_for_the_next() {
        let value = PerProcess::new();
        assert_eq!(value.get_or_try_init(|| Err("not yet")), Err("not yet"));
        assert_eq!(value.get_or_try_init(|| Ok::<_, &str>(2)), Ok(&2));
    }

    #[test]
    fn threads_that_race_to_make_it_get_the_same_and_the_others_are_dropped() {
        let (value, counted) = (PerProcess::new(), Arc::new(()));
        let places: Vec<usize> = thread::scope(|scope| {
            let racer = || ptr::from_ref(value.get_or_init(|| Arc::clone(&counted))).addr();
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(racer)).collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert!(places.iter().all(|place| *place == places[0]));
        assert_eq!(Arc::strong_count(&counted), 2);
        drop(value);
        assert_eq!(Arc::strong_count(&counted), 1);
    }
}
