//! A file that can be read while there is news: what event loops watch.

use std::io;

#[cfg(unix)]
pub(super) use unix::Alarm;

#[cfg(not(unix))]
#[derive(Default)]
pub(super) struct Alarm;

#[cfg(not(unix))]
impl Alarm {
    pub(super) fn file(&self) -> io::Result<Option<i32>> {
        Ok(None)
    }

    pub(super) fn ring(&self) {}

    pub(super) fn hush(&self) {}
}

#[cfg(unix)]
mod unix {
    use std::{
        io::{Read, Write},
        os::{fd::AsRawFd, unix::net::UnixStream},
    };

    use once_cell::sync::OnceCell;

    use super::io;

    /// Two ends of a pair of sockets, made when somebody first wants to watch.
    #[derive(Default)]
    pub(crate) struct Alarm(OnceCell<(UnixStream, UnixStream)>);

    impl Alarm {
        /// The end that can be read.
        pub(crate) fn file(&self) -> io::Result<Option<i32>> {
            let (watched, _) = self.0.get_or_try_init(|| {
                let (watched, rung) = UnixStream::pair()?;
                watched.set_nonblocking(true)?;
                rung.set_nonblocking(true)?;
                Ok::<_, io::Error>((watched, rung))
            })?;
            Ok(Some(watched.as_raw_fd()))
        }

        pub(crate) fn ring(&self) {
            if let Some((_, rung)) = self.0.get() {
                let mut rung = rung;
                // Where it is full, it can be read.
                let _ = rung.write(&[1]);
            }
        }

        pub(crate) fn hush(&self) {
            if let Some((watched, _)) = self.0.get() {
                let mut watched = watched;
                let mut drained = [0; 64];
                while watched.read(&mut drained).is_ok_and(|read| read == drained.len()) {}
            }
        }
    }
}
