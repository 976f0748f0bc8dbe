//! A connection that ends while it is written to must be an error and not end the program: [`without`].
//!
//! On Linux a process whose connection was reset gets the signal SIGPIPE with the next write, and dies of it unless somebody
//! said otherwise. Rust's programs, Python and the JVM do; Swift's programs do not. A large file is in the midst of a write
//! nearly always, and hyper writes by `writev`, which cannot be told to leave the signal out.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use here::without;

/// Elsewhere the sockets themselves are told.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn without<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod here {
    use std::{mem::MaybeUninit, ptr};

    use libc::{SIG_BLOCK, SIG_SETMASK, SIGPIPE, pthread_sigmask, sigaddset, sigemptyset, sigismember, sigset_t};

    /// Does work in which no write ends the program. The rest of the program keeps the signal as it is.
    pub(in super::super) fn without<T>(work: impl FnOnce() -> T) -> T {
        let _blocked = Blocked::new();
        work()
    }

    /// Keeps the signal from this thread, and from those that it begins meanwhile.
    struct Blocked {
        before: sigset_t,
        /// A signal that came earlier belongs to other code.
        was_pending: bool,
    }

    impl Blocked {
        fn new() -> Self {
            let was_pending = is_pending();
            let mut before = empty();
            // SAFETY: both are signal sets that live through the call.
            unsafe { pthread_sigmask(SIG_BLOCK, &only_it(), &mut before) };
            Self { before, was_pending }
        }
    }

    impl Drop for Blocked {
        fn drop(&mut self) {
            if !self.was_pending && is_pending() {
                let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
                // SAFETY: set and time live through the call, and nobody wants to know more of the signal.
                unsafe { libc::sigtimedwait(&only_it(), ptr::null_mut(), &at_once) };
            }
            // SAFETY: the set comes from the same call.
            unsafe { pthread_sigmask(SIG_SETMASK, &self.before, ptr::null_mut()) };
        }
    }

    fn is_pending() -> bool {
        let mut pending = empty();
        // SAFETY: it is a signal set that lives through the calls.
        unsafe {
            libc::sigpending(&mut pending);
            sigismember(&pending, SIGPIPE) == 1
        }
    }

    fn only_it() -> sigset_t {
        let mut set = empty();
        // SAFETY: it is a signal set that lives through the call.
        unsafe { sigaddset(&mut set, SIGPIPE) };
        set
    }

    fn empty() -> sigset_t {
        let mut set = MaybeUninit::uninit();
        // SAFETY: the call fills the set.
        unsafe {
            sigemptyset(set.as_mut_ptr());
            set.assume_init()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn is_blocked() -> bool {
            let mut now = empty();
            // SAFETY: without a new set the call only tells the mask.
            unsafe {
                pthread_sigmask(SIG_BLOCK, ptr::null(), &mut now);
                sigismember(&now, SIGPIPE) == 1
            }
        }

        /// The harness ignores the signal; blocked it is noted nevertheless, as it is where it would end the program.
        #[test]
        fn the_signal_is_swallowed_and_the_thread_is_as_it_was() {
            assert!(!is_blocked());
            without(|| {
                assert!(is_blocked());
                // SAFETY: the signal goes to this thread, where it is blocked.
                unsafe { libc::pthread_kill(libc::pthread_self(), SIGPIPE) };
                without(|| assert!(is_blocked()));
                assert!(is_blocked());
            });
            assert!(!is_blocked() && !is_pending());
        }
    }
}
