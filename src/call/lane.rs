//! One connection to the server, and one request at a time on it: [`Lane`].
//!
//! A lane holds both halves of hyper's connection: the one that takes requests and the one that moves bytes. Nobody else
//! moves them. The call that uses the lane does, on the thread that waits for it; between two calls nothing happens on it,
//! and to drop it is to close its socket (docs/adr/0014).

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::{
    HeaderMap, Request, Uri,
    body::Incoming,
    client::conn::http1::{self, Connection, SendRequest},
    header::HeaderName,
};
use hyper_util::rt::TokioIo;
use tokio::{
    task::coop::unconstrained,
    time::{Sleep, sleep_until},
};

use super::{
    clock::Clock,
    progress::Attempt,
    reply::Reply,
    wire::{Activity, Line},
};
use crate::stats::Open;

/// More header lines than any chain of proxies adds.
const MOST_HEADERS: usize = 1024;
/// A request that still leaves is looked at this often within the time that the server may be silent.
const LOOKS: u32 = 8;
/// A server closes a little earlier than it announces as seen from here: its answer's way, and a clock that ticks seldom.
const MARGIN: Duration = Duration::from_secs(1);

/// One connection to the server.
pub(crate) struct Lane {
    sender: SendRequest<Departing>,
    connection: Pin<Box<Connection<TokioIo<Line>, Departing>>>,
    /// hyper has no more to do: the connection is over.
    ended: bool,
    activity: Arc<Activity>,
    is_tls: bool,
    /// To which of the client's servers it leads.
    way: usize,
    /// It stays set from one call to the next and is only set anew where it goes off too late or went off too early: most
    /// calls never touch it.
    readable_file: Pin<Box<Sleep>>,
    /// When the socket was last asked what of a request is still to leave.
    looked: Instant,
    /// The addresses of the endpoints that were called over it.
    uris: Vec<(&'static str, Uri)>,
    opened: Age,
    rested: Age,
    /// How long the server said that it keeps an idle connection.
    announced: Option<Duration>,
    /// It is counted while it is there.
    _open: Open,
}

impl Lane {
    /// A lane over a connection that stands. For use in a runtime.
    pub(crate) async fn over(line: Line, way: usize, open: Open) -> hyper::Result<Self> {
        let (activity, is_tls) = (line.activity(), line.is_tls());
        let (sender, connection) = http1::Builder::new()
            .max_headers(MOST_HEADERS)
            .allow_spaces_after_header_name_in_responses(true)
            .allow_obsolete_multiline_headers_in_responses(true)
            .ignore_invalid_headers_in_responses(true)
            .handshake(TokioIo::new(line))
            .await?;
        Ok(Self {
            sender,
            connection: Box::pin(connection),
            ended: false,
            activity,
            is_tls,
            way,
            readable_file: Box::pin(sleep_until((Instant::now() + FAR).into())),
            looked: Instant::now(),
            uris: Vec::new(),
            opened: Age::now(),
            rested: Age::now(),
            announced: None,
            _open: open,
        })
    }

    /// The address of an endpoint, as it goes into a request's first line.
    pub(crate) fn uri(&mut self, name: &'static str, make: impl FnOnce() -> Uri) -> Uri {
        if let Some((_, uri)) = self.uris.iter().find(|(known, _)| *known == name) {
            return uri.clone();
        }
        let uri = make();
        self.uris.push((name, uri.clone()));
        uri
    }

    /// It begins to rest.
    pub(crate) fn rests(&mut self) {
        self.rested = Age::now();
    }

    /// To which of the client's servers it leads.
    pub(crate) fn way(&self) -> usize {
        self.way
    }

    /// Whether it may be used again, as far as its ages tell.
    pub(crate) fn is_young(&self, longest_rest: Duration, greatest_age: Duration) -> bool {
        let longest = self.announced.map_or(longest_rest, |announced| announced.min(longest_rest));
        self.rested.elapsed() <= longest && self.opened.elapsed() <= greatest_age
    }

    /// Whether the connection stands, as the socket itself says: a server may have closed it, or said something that nobody
    /// asked for.
    pub(crate) fn stands(&mut self) -> bool {
        self.activity.look();
        self.moves(&mut Context::from_waker(Waker::noop()));
        self.is_free()
    }

    /// Whether the whole of the last request was handed over to the system: what is not whole is not executed.
    pub(crate) fn has_sent_all(&self) -> bool {
        self.activity.is_whole()
    }

    /// Whether it takes a request.
    pub(crate) fn is_free(&self) -> bool {
        !self.ended && self.sender.is_ready()
    }

    /// Closes it. With TLS, the closing message is sent first, so that the end is not taken for a lost connection.
    pub(crate) fn close(self) {
        let Self { sender, mut connection, ended, is_tls, .. } = self;
        // hyper ends a connection when nobody can send on it any more.
        drop(sender);
        if is_tls && !ended {
            let _ = connection.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn exchange(
        &mut self,
        request: Request<Departing>,
        limit: usize,
        patience: &Patience<'_>,
    ) -> Result<Reply, Stop> {
        self.activity.begin();
        let mut answer = pin!(self.sender.try_send_request(request));
        let answer = self.drive(patience, |context| answer.as_mut().poll(context)).await?;
        let (head, mut body) = answer.map_err(|error| Stop::Http(error.into_error()))?.into_parts();
        let mut reply = Reply::head(head.status.as_u16(), &head.headers);
        self.announced = announced(&head.headers);
        let too_large = || Stop::TooLarge { status: reply.status };
        let length = body.size_hint().exact().unwrap_or_default();
        if length > limit as u64 {
            return Err(too_large());
        }
        // Most answers are one piece, which is not copied.
        let mut whole = self.piece(&mut body, patience).await?.unwrap_or_default();
        let mut longer = Vec::new();
        while let Some(piece) = self.piece(&mut body, patience).await? {
            if longer.is_empty() {
                longer.reserve(usize::try_from(length).unwrap_or_default());
                longer.extend_from_slice(&whole);
            }
            longer.extend_from_slice(&piece);
            if longer.len() > limit {
                return Err(too_large());
            }
        }
        if !longer.is_empty() {
            whole = longer.into();
        }
        if whole.len() > limit {
            return Err(too_large());
        }
        reply.body = whole;
        Ok(reply)
    }

    /// The next piece of an answer's body; None at its end.
    async fn piece(&mut self, body: &mut Incoming, patience: &Patience<'_>) -> Result<Option<Bytes>, Stop> {
        loop {
            if body.is_end_stream() {
                return Ok(None);
            }
            match self.drive(patience, |context| Pin::new(&mut *body).poll_frame(context)).await? {
                None => return Ok(None),
                Some(Err(error)) => return Err(Stop::Http(error)),
                // What else there is are trailers, which say nothing here.
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Ok(Some(data)),
                    Err(_) => continue,
                },
            }
        }
    }

    /// Takes a step with the connection to its end. The step waits for nothing but the connection, which is moved here, so
    /// nobody need be woken for it: only what the system tells of the socket wakes the thread.
    async fn drive<T>(
        &mut self,
        patience: &Patience<'_>,
        mut step: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Result<T, Stop> {
        // Without tokio's turns for others: one that came between the connection and its step would be a wake-up missed.
        unconstrained(poll_fn(|context| self.poll_step(context, patience, &mut step))).await
    }

    fn poll_step<T>(
        &mut self,
        context: &mut Context<'_>,
        patience: &Patience<'_>,
        step: &mut impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Result<T, Stop>> {
        let mut nobody = Context::from_waker(Waker::noop());
        let mut looked = false;
        loop {
            if let Poll::Ready(done) = step(&mut nobody) {
                return Poll::Ready(Ok(done));
            }
            self.moves(context);
            if let Poll::Ready(done) = step(&mut nobody) {
                return Poll::Ready(Ok(done));
            }
            if self.ended {
                return Poll::Ready(Err(Stop::Ended));
            }
            match ready!(self.poll_alarm(context, patience)) {
                // The thread may have stood still while the answer came: before a time-out is told, the socket is asked.
                Some(limit) if looked => return Poll::Ready(Err(Stop::TimedOut { limit })),
                over => looked = over.is_some(),
            }
            self.activity.look();
            self.looked = Instant::now();
        }
    }

    fn moves(&mut self, context: &mut Context<'_>) {
        if !self.ended {
            self.ended = self.connection.as_mut().poll(context).is_ready();
        }
    }

    /// Waits until patience is over, and gives the time that it lasted; or until it is time to look at a request that may
    /// still be leaving: None.
    fn poll_alarm(&mut self, context: &mut Context<'_>, patience: &Patience<'_>) -> Poll<Option<Duration>> {
        loop {
            let (end, limit) = patience.end(self.activity.moved());
            let look = self
                .activity
                .is_leaving()
                .then(|| later(self.looked.max(self.activity.moved()), patience.quiet / LOOKS));
            let due = look.map_or(end, |look| look.min(end));
            if self.readable_file.deadline().into_std() > due {
                self.readable_file.as_mut().reset(due.into());
            }
            ready!(self.readable_file.as_mut().poll(context));
            let now = Instant::now();
            if now >= end {
                return Poll::Ready(Some(limit));
            }
            if now >= due {
                return Poll::Ready(None);
            }
            // It was set for an earlier call.
            self.readable_file.as_mut().reset(due.into());
        }
    }
}

/// How long an exchange may take.
pub(crate) struct Patience<'a> {
    /// To its end.
    pub(crate) clock: &'a Clock,
    /// From the last byte that moved, in either direction.
    pub(crate) quiet: Duration,
}

impl Patience<'_> {
    /// When it ends if no byte moves any more, and which time is over then.
    fn end(&self, moved: Instant) -> (Instant, Duration) {
        let silent = later(moved, self.quiet);
        match self.clock.end() {
            Some(end) if end <= silent => (end, self.clock.total),
            _ => (silent, self.quiet),
        }
    }
}

/// A time so far away that nobody waits for it.
const FAR: Duration = Duration::from_secs(30 * 24 * 3600);

fn later(moment: Instant, time: Duration) -> Instant {
    moment + time.min(FAR)
}

/// Why an exchange ended without a reply.
#[derive(Debug)]
pub(crate) enum Stop {
    Http(hyper::Error),
    /// hyper is done with the connection and said nothing of the request.
    Ended,
    TimedOut {
        limit: Duration,
    },
    TooLarge {
        status: u16,
    },
}

/// A moment, by the clock that stands still while the machine is suspended and by the one that does not.
#[derive(Debug, Clone, Copy)]
struct Age {
    awake: Instant,
    date: SystemTime,
}

impl Age {
    fn now() -> Self {
        Self { awake: Instant::now(), date: SystemTime::now() }
    }

    /// How long ago it was, by whichever clock says more: who is in doubt opens a new connection.
    fn elapsed(&self) -> Duration {
        self.awake.elapsed().max(self.date.elapsed().unwrap_or_default())
    }
}

/// What `Keep-Alive: timeout=5, max=100` says of how long an idle connection is kept, less a margin; nothing at all where it
/// was the last request.
fn announced(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(KEEP_ALIVE).into_iter().filter_map(|value| value.to_str().ok());
    let mut shortest: Option<Duration> = None;
    for (name, value) in lines.flat_map(|line| line.split(',')).filter_map(|parameter| parameter.split_once('=')) {
        let number: Option<u64> = value.trim().trim_matches('"').parse().ok();
        let rest = match (name.trim().to_ascii_lowercase().as_str(), number) {
            ("timeout", Some(seconds)) => {
                let all = Duration::from_secs(seconds);
                all - MARGIN.min(all / 2)
            }
            ("max", Some(0)) => Duration::ZERO,
            _ => continue,
        };
        shortest = Some(shortest.map_or(rest, |shortest| shortest.min(rest)));
    }
    shortest
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// A request's body, which notes the moment from which the request may have left.
///
/// hyper asks for it when it has taken the request on, just before it writes the first byte. A request that never comes so
/// far is handed back: nothing of it is on the way.
pub(crate) struct Departing {
    pub(crate) body: Option<Bytes>,
    pub(crate) attempt: Attempt,
}

impl Body for Departing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.attempt.leaves();
        Poll::Ready(self.body.take().map(|body| Ok(Frame::data(body))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.as_ref().map_or(0, |body| body.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use hyper::header::HeaderValue;
    use tokio::{net::TcpStream, runtime::Builder};

    use super::*;
    use crate::{
        call::{Progress, wire::Socket},
        stats::Tally,
    };

    #[test]
    fn what_a_server_announces_is_read_leniently_and_kept_with_a_margin() {
        for (lines, milliseconds) in [
            (&["timeout=5"][..], Some(4000)),
            (&["timeout=5, max=100"], Some(4000)),
            (&["max=100,Timeout = 60"], Some(59_000)),
            (&["timeout=\"2\""], Some(1000)),
            (&["timeout=1"], Some(500)),
            (&["timeout=0"], Some(0)),
            (&["timeout=60", "timeout=5"], Some(4000)),
            (&["max=0"], Some(0)),
            (&["max=1"], None),
            (&["timeout=soon"], None),
            (&["timeout"], None),
            (&[""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(KEEP_ALIVE, HeaderValue::from_static(line));
            }
            assert_eq!(announced(&headers), milliseconds.map(Duration::from_millis), "{lines:?}");
        }
    }

    #[test]
    fn the_age_of_a_connection_is_the_larger_one_of_two_clocks() {
        let minute = Duration::from_secs(60);
        let suspended = Age { awake: Instant::now(), date: SystemTime::now() - minute };
        let set_back = Age { awake: Instant::now() - minute, date: SystemTime::now() + minute };
        assert!(suspended.elapsed() >= minute && set_back.elapsed() >= minute);
        assert!(Age::now().elapsed() < minute);
    }

    #[test]
    fn the_error_names_the_time_out_that_ends_first() {
        let begun = Instant::now();
        let (second, quiet) = (Duration::from_secs(1), Duration::from_millis(300));
        let clock = Clock { begun, total: second };
        let patience = Patience { clock: &clock, quiet };
        assert_eq!(patience.end(begun), (begun + quiet, quiet));
        assert_eq!(patience.end(begun + second), (begun + second, second));
        let endless = Clock { begun, total: Duration::MAX };
        let patience = Patience { clock: &endless, quiet: Duration::MAX };
        assert!(patience.end(begun).0 > begun + second);
    }

    /// Each call sleeps once, until the answer is there: nothing wakes the thread for nothing, and a second sleep would be
    /// half a call's time.
    #[test]
    fn a_call_waits_for_its_answer_and_for_nothing_else() {
        const CALLS: u64 = 50;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut piece = [0; 4096];
            while stream.read(&mut piece).is_ok_and(|read| read > 0) {
                // Late enough that the client sleeps by then.
                thread::sleep(Duration::from_millis(3));
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            }
        });
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut lane = runtime.block_on(async {
            let stream = TcpStream::connect(address).await.unwrap();
            Lane::over(Line::plain(Socket::new(stream, Arc::new(Activity::new()))), 0, Tally::default().opens())
                .await
                .unwrap()
        });
        let clock = Clock { begun: Instant::now(), total: Duration::from_secs(60) };
        let patience = Patience { clock: &clock, quiet: Duration::from_secs(30) };
        let mut call = || {
            assert!(lane.stands());
            let attempt = Arc::<Progress>::default().begin();
            let request = Request::post("/").header("host", "im");
            let request = request.body(Departing { body: Some(Bytes::from_static(b"{}")), attempt }).unwrap();
            let reply = runtime.block_on(lane.exchange(request, 1024, &patience)).unwrap();
            assert_eq!((reply.status, &reply.body[..]), (200, &b"{}"[..]));
        };
        // The first one sets the readable_file.
        call();
        let before = runtime.metrics().worker_park_count(0);
        (0..CALLS).for_each(|_| call());
        let sleeps = runtime.metrics().worker_park_count(0) - before;
        assert_eq!(sleeps, CALLS, "{CALLS} calls slept {sleeps} times");
        drop(lane);
        server.join().unwrap();
    }
}
