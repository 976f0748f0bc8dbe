//! A file that is readable while there is news, for event loops to watch.

use std::io;

#[cfg(unix)]
pub(super) use unix::ReadableFile;

#[cfg(not(unix))]
#[derive(Default)]
pub(super) struct ReadableFile;

#[cfg(not(unix))]
impl ReadableFile {
    pub(super) fn file(&self) -> io::Result<Option<i32>> {
        Ok(None)
    }

    pub(super) fn notify(&self) {}

    pub(super) fn clear(&self) {}
}

#[cfg(unix)]
mod unix {
    use std::{
        io::{Read, Write},
        os::{fd::AsRawFd, unix::net::UnixStream},
    };

    use once_cell::sync::OnceCell;

    use super::io;

    /// The two ends of a pair of sockets, made when the file is first asked for.
    #[derive(Default)]
    pub(crate) struct ReadableFile(OnceCell<(UnixStream, UnixStream)>);

    impl ReadableFile {
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

        pub(crate) fn notify(&self) {
            if let Some((_, rung)) = self.0.get() {
                let mut rung = rung;
                // If it is full, it is readable anyway.
                let _ = rung.write(&[1]);
            }
        }

        pub(crate) fn clear(&self) {
            if let Some((watched, _)) = self.0.get() {
                let mut watched = watched;
                let mut drained = [0; 64];
                while watched.read(&mut drained).is_ok_and(|read| read == drained.len()) {}
            }
        }
    }
}
