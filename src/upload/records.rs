//! What goes into an upload and comes out of it.

use std::{fmt, path::PathBuf};

use bytes::Bytes;

use crate::SentMessage;

/// A file to upload.
#[derive(Debug, Clone)]
pub struct UploadRequest {
    /// The file's name as the server is told; it need not be its name on this machine.
    pub file_name: String,
    /// Its bytes.
    pub source: UploadSource,
    /// The kind of file, a number of `MediaType`.
    pub media_type: i32,
    /// Its content type, such as `image/jpeg`; guessed from the ending of `file_name` when left out.
    pub content_type: Option<String>,
}

impl UploadRequest {
    /// Bytes that are in memory.
    pub fn bytes(file_name: impl Into<String>, bytes: impl Into<Bytes>, media_type: i32) -> Self {
        let source = UploadSource::Bytes(bytes.into());
        Self { file_name: file_name.into(), source, media_type, content_type: None }
    }

    /// A file on this machine, which is read as it is sent and need not fit into memory.
    pub fn file(file_name: impl Into<String>, path: impl Into<PathBuf>, media_type: i32) -> Self {
        let source = UploadSource::File(path.into());
        Self { file_name: file_name.into(), source, media_type, content_type: None }
    }
}

/// Where the bytes of an upload come from.
#[derive(Clone)]
pub enum UploadSource {
    /// Memory.
    Bytes(Bytes),
    /// A file, by its path.
    File(PathBuf),
}

/// Says how many bytes there are, and never which.
impl fmt::Debug for UploadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::File(path) => path.fmt(f),
        }
    }
}

/// How far an upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, uniffi::Record)]
pub struct UploadProgress {
    /// How many bytes of the file this attempt has sent.
    pub sent: i64,
    /// How many bytes the file has.
    pub total: i64,
    /// The number of the attempt, from 1; each attempt starts with the first byte.
    pub attempt: i32,
}

/// What is new of an upload.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct UploadNews {
    /// How it goes, where it went on; ten times a second at the most, and at the end.
    pub progress: Option<UploadProgress>,
    /// Where the file is found, when it is there and that is all that was wanted.
    pub url: Option<String>,
    /// The message that carries the file, when the server has accepted it.
    pub sent: Option<SentMessage>,
}
