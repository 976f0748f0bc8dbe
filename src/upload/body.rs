//! The bytes of a file on their way, counted: [`Outgoing`].

use std::{
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::{
    meter::Meter,
    source::{PIECE, Source, read_piece},
};
use crate::MessageError;

/// The body of one attempt. It is asked for a piece when there is room for it, so that no more lies in memory.
pub(super) struct Outgoing {
    source: Source,
    meter: Arc<Meter>,
    at: u64,
    /// A piece that is being read, on a thread of its own: a disk that hangs keeps nobody from giving up.
    reading: Option<JoinHandle<Result<Bytes, MessageError>>>,
    trouble: Trouble,
}

/// Why the bytes could not be read, for the code that finds that a request has failed.
pub(super) type Trouble = Arc<Mutex<Option<MessageError>>>;

impl Outgoing {
    pub(super) fn new(source: Source, meter: Arc<Meter>, trouble: Trouble) -> Self {
        Self { source, meter, at: 0, reading: None, trouble }
    }

    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, MessageError>> {
        let at = self.at;
        match &self.source {
            Source::Memory(bytes) => {
                let begin = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let end = begin.saturating_add(PIECE).min(bytes.len());
                Poll::Ready(Ok(bytes.slice(begin..end)))
            }
            Source::File { file, size } => {
                let (file, size) = (Arc::clone(file), *size);
                let reading = self
                    .reading
                    .get_or_insert_with(|| tokio::task::spawn_blocking(move || read_piece(&file, size, at)));
                let read = ready!(pin!(reading).poll(context));
                self.reading = None;
                Poll::Ready(read.unwrap_or_else(|error| {
                    Err(MessageError::invalid("path", format!("it could not be read to its end: {error}")))
                }))
            }
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.reading.is_none() {
            self.meter.leaves();
        }
        if self.at == self.source.size() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match ready!(self.poll_piece(context)) {
            Ok(piece) => {
                self.at += piece.len() as u64;
                self.meter.takes(piece.len());
                Ok(Frame::data(piece))
            }
            Err(error) => {
                *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(io::Error::other("the file could not be read to its end"))
            }
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.source.size() - self.at)
    }
}
