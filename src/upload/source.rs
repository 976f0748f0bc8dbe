//! Where the bytes of a file come from: [`Source`].

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;

use super::records::UploadSource;
use crate::MessageError;

/// A file is read in pieces of this size; each piece is one step of the progress.
pub(super) const PIECE: usize = 256 * 1024;

/// Bytes that can be read again and again.
#[derive(Clone)]
pub(crate) enum Source {
    Memory(Bytes),
    /// Open from the beginning, so that the file may be moved or deleted in the meantime.
    File {
        file: Arc<Mutex<File>>,
        size: u64,
    },
}

impl Source {
    /// Refuses what cannot be read.
    pub(crate) fn open(source: UploadSource) -> Result<Self, MessageError> {
        match source {
            UploadSource::Bytes(bytes) => Ok(Self::Memory(bytes)),
            UploadSource::File(path) => Self::open_file(&path),
        }
    }

    fn open_file(path: &Path) -> Result<Self, MessageError> {
        let refuse = |reason: String| Err(MessageError::invalid("path", reason));
        let cannot = |error: std::io::Error| MessageError::invalid("path", format!("it cannot be read: {error}"));
        if path.as_os_str().is_empty() {
            return refuse("it is empty".into());
        }
        // Before it is opened: opening a pipe would wait for its other end.
        let kind = fs::metadata(path).map_err(cannot)?;
        if kind.is_dir() {
            return refuse("it is a directory".into());
        }
        if !kind.is_file() {
            return refuse("it is not a file with a size, but a pipe or a device".into());
        }
        let file = File::open(path).map_err(cannot)?;
        let size = file.metadata().map_err(cannot)?.len();
        Ok(Self::File { file: Arc::new(Mutex::new(file)), size })
    }

    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { size, .. } => *size,
        }
    }

    /// Reads some of its bytes from a place in it, and tells how many.
    #[cfg(feature = "files")]
    pub(crate) fn read_at(&self, at: u64, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Memory(bytes) => {
                let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
                (&rest[..]).read(into)
            }
            Self::File { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(at))?;
                file.read(into)
            }
        }
    }
}

/// Reads the next piece of an open file, which must still have the size that was announced to the store.
pub(super) fn read_piece(file: &Mutex<File>, size: u64, at: u64) -> Result<Bytes, MessageError> {
    let cannot = |error: std::io::Error| {
        MessageError::invalid("path", format!("it could not be read to its end: {error} after {at} of {size} bytes"))
    };
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    let length = usize::try_from(size - at).unwrap_or(usize::MAX).min(PIECE);
    let mut piece = Vec::with_capacity(length);
    file.seek(SeekFrom::Start(at)).map_err(cannot)?;
    file.by_ref().take(length as u64).read_to_end(&mut piece).map_err(cannot)?;
    let now = file.metadata().map_err(cannot)?.len();
    if now == size && piece.len() == length {
        return Ok(piece.into());
    }
    let reason = format!("its size changed while it was read, from {size} to {now} bytes");
    Err(MessageError::invalid("path", reason))
}
