//! The bytes of one connection: [`Line`], plain or with TLS, over a [`Socket`]; and what they tell whoever waits, the
//! [`Activity`].

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// A request of more bytes than this may lie in the system's memory for a while after it was handed over; a shorter one
/// leaves in the first packets.
const LEAVES_AT_ONCE: usize = 16 * 1024;

/// What a connection tells about itself. The connection and the call that waits for it share it; both are on one thread at
/// a time, so the order of memory does not matter.
pub(crate) struct Activity {
    since: Instant,
    /// When a byte last moved, in either direction; nanoseconds.
    moved: AtomicU64,
    /// How many bytes of the request were handed over.
    handed_over: AtomicUsize,
    /// How many of them the system had not sent when it was last asked; `usize::MAX` where it was not asked since the last
    /// ones were handed over.
    held_back: AtomicUsize,
    /// The whole request was handed over.
    whole: AtomicBool,
    /// Read from the socket itself the next time, whatever the runtime has heard of it.
    look: AtomicBool,
}

impl Activity {
    pub(crate) fn new() -> Self {
        Self {
            since: Instant::now(),
            moved: AtomicU64::new(0),
            handed_over: AtomicUsize::new(0),
            held_back: AtomicUsize::new(0),
            whole: AtomicBool::new(false),
            look: AtomicBool::new(false),
        }
    }

    /// A request is about to be written.
    pub(crate) fn begin(&self) {
        self.handed_over.store(0, Ordering::Relaxed);
        self.held_back.store(0, Ordering::Relaxed);
        self.whole.store(false, Ordering::Relaxed);
        self.moves();
    }

    /// When a byte last moved.
    pub(crate) fn moved(&self) -> Instant {
        self.since + Duration::from_nanos(self.moved.load(Ordering::Relaxed))
    }

    /// Whether the whole request was handed over to the system. A request of which a part is missing is not executed: the
    /// server waits for as many bytes as the head has announced.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.load(Ordering::Relaxed)
    }

    /// Whether a part of the request may still be in the system's memory, as far as is known.
    pub(crate) fn is_leaving(&self) -> bool {
        self.held_back.load(Ordering::Relaxed) > 0
    }

    /// Has the next read ask the socket itself.
    pub(crate) fn look(&self) {
        self.look.store(true, Ordering::Relaxed);
    }

    fn moves(&self) {
        let since = u64::try_from(self.since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.moved.store(since, Ordering::Relaxed);
    }

    fn hands_over(&self, bytes: usize) {
        let all = self.handed_over.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if all > LEAVES_AT_ONCE {
            self.held_back.store(usize::MAX, Ordering::Relaxed);
        }
        self.moves();
    }

    /// The system was asked what of the request it has not sent yet.
    fn holds_back(&self, bytes: usize) {
        if bytes < self.held_back.swap(bytes, Ordering::Relaxed) {
            self.moves();
        }
    }
}

/// A TCP connection that records its activity.
pub(crate) struct Socket {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    /// Reads beside the runtime: it learns of a socket only when it has its turn.
    fn look(&self, buffer: &mut ReadBuf<'_>) -> io::Result<usize> {
        if self.activity.is_leaving() {
            self.activity.holds_back(unsent(&self.stream));
        }
        let socket = SockRef::from(&self.stream);
        // SAFETY: nothing in the buffer is made uninitialised: the socket only fills its beginning.
        let read = socket.recv(unsafe { buffer.unfilled_mut() })?;
        // SAFETY: the socket has filled so many.
        unsafe { buffer.assume_init(read) };
        buffer.advance(read);
        Ok(read)
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.activity.look.swap(false, Ordering::Relaxed) {
            match self.look(buffer) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Ok(0) => return Poll::Ready(Ok(())),
                Ok(_) => {
                    self.activity.moves();
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.activity.moves();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.activity.hands_over(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            // Not by `writev`, which knows no flags: a connection that was reset would end the program of somebody who does
            // not expect the signal, as Swift's programs do not.
            let send = || SockRef::from(&self.stream).send_vectored_with_flags(pieces, NO_SIGNAL);
            match self.stream.try_io(Interest::WRITABLE, send) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
                Err(error) => return Poll::Ready(Err(error)),
                Ok(written) => {
                    self.activity.hands_over(written);
                    return Poll::Ready(Ok(written));
                }
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where the system would send SIGPIPE: on Apple's systems the socket itself is told, on Windows there is none.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NO_SIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const NO_SIGNAL: i32 = 0;

/// How many bytes the system has taken and not sent, or not heard of again; 0 where it does not say.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn unsent(stream: &TcpStream) -> usize {
    use std::os::fd::AsRawFd;

    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open, and this request writes one int.
    let asked = unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if asked == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// How many bytes the system has taken and not sent, or not heard of again; 0 where it does not say.
#[cfg(target_vendor = "apple")]
fn unsent(stream: &TcpStream) -> usize {
    use std::os::fd::AsRawFd;

    let mut bytes: libc::c_int = 0;
    let mut size = std::mem::size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the descriptor is open, and this option is one int.
    let asked = unsafe {
        libc::getsockopt(stream.as_raw_fd(), libc::SOL_SOCKET, libc::SO_NWRITE, (&raw mut bytes).cast(), &raw mut size)
    };
    if asked == 0 { usize::try_from(bytes).unwrap_or(0) } else { 0 }
}

/// How many bytes the system has taken and not sent, or not heard of again; 0 where it does not say.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn unsent(_: &TcpStream) -> usize {
    0
}

/// A connection as hyper writes and reads it.
pub(crate) struct Line {
    way: Way,
    activity: Arc<Activity>,
    /// All bytes that there were to be written have been taken; TLS may still hold some.
    taken: bool,
    /// Writing has failed: the server does not read on. It may have answered before, so reading decides.
    broken: bool,
}

enum Way {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
    /// TLS to the server within TLS to a proxy.
    Tunnel(Box<TlsStream<TlsStream<Socket>>>),
}

/// Calls a method on whichever of the three it is.
macro_rules! on_way {
    ($way:expr, $stream:ident => $call:expr) => {
        match $way {
            Way::Plain($stream) => $call,
            Way::Tls($stream) => $call,
            Way::Tunnel($stream) => $call,
        }
    };
}

impl Line {
    pub(crate) fn plain(socket: Socket) -> Self {
        Self::new(Arc::clone(&socket.activity), Way::Plain(socket))
    }

    pub(crate) fn tls(stream: TlsStream<Socket>) -> Self {
        Self::new(Arc::clone(&stream.get_ref().0.activity), Way::Tls(Box::new(stream)))
    }

    pub(crate) fn tunnel(stream: TlsStream<TlsStream<Socket>>) -> Self {
        Self::new(Arc::clone(&stream.get_ref().0.get_ref().0.activity), Way::Tunnel(Box::new(stream)))
    }

    fn new(activity: Arc<Activity>, way: Way) -> Self {
        Self { way, activity, taken: true, broken: false }
    }

    pub(crate) fn activity(&self) -> Arc<Activity> {
        Arc::clone(&self.activity)
    }

    pub(crate) fn is_tls(&self) -> bool {
        !matches!(self.way, Way::Plain(_))
    }

    /// Whether TLS holds bytes that are not yet in the system's hands.
    fn holds_some(&self) -> bool {
        match &self.way {
            Way::Plain(_) => false,
            Way::Tls(stream) => stream.get_ref().1.wants_write(),
            Way::Tunnel(stream) => {
                let (outer, inner) = stream.get_ref();
                inner.wants_write() || outer.get_ref().1.wants_write()
            }
        }
    }

    fn note_what_was_taken(&mut self) {
        let begun = self.activity.handed_over.load(Ordering::Relaxed) > 0;
        let whole = begun && self.taken && !self.holds_some();
        self.activity.whole.store(whole, Ordering::Relaxed);
    }

    /// After a failed write nothing is said any more; what the server said before is still to be read.
    fn written(&mut self, written: Poll<io::Result<usize>>, all: usize) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(written)) => {
                self.taken = written == all;
                self.note_what_was_taken();
                Poll::Ready(Ok(written))
            }
            Poll::Ready(Err(_)) => {
                self.broken = true;
                // The connection's end, or an answer, comes by reading.
                self.activity.look();
                Poll::Pending
            }
            Poll::Pending => {
                self.taken = false;
                Poll::Pending
            }
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match ready!(on_way!(&mut self.way, stream => Pin::new(stream).poll_read(context, buffer))) {
            // An end without TLS's own goodbye: whether the answer is complete is seen in the answer.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            outcome => Poll::Ready(outcome),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Pending;
        }
        let written = on_way!(&mut self.way, stream => Pin::new(stream).poll_write(context, bytes));
        self.written(written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.broken {
            return Poll::Pending;
        }
        let written = on_way!(&mut self.way, stream => Pin::new(stream).poll_write_vectored(context, pieces));
        self.written(written, pieces.iter().map(|piece| piece.len()).sum())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.broken {
            return Poll::Pending;
        }
        let flushed = on_way!(&mut self.way, stream => Pin::new(stream).poll_flush(context));
        match flushed {
            Poll::Ready(Err(_)) => self.written(Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())), 0).map_ok(drop),
            flushed => {
                self.note_what_was_taken();
                flushed
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        on_way!(&mut self.way, stream => Pin::new(stream).poll_shutdown(context))
    }
}
