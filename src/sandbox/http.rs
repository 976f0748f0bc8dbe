//! HTTP/1.1 as far as the server speaks it, on a bare socket: faults need to reach below any HTTP library.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use super::Header;

/// The most a request body may have; one more byte is HTTP 413.
pub(super) const BODY_LIMIT: u64 = 100 * 1024 * 1024;
const HEAD_LIMIT: usize = 64 * 1024;
const HEADER_LIMIT: usize = 128;
const READ_SIZE: usize = 16 * 1024;

/// How long the server lives on after it said keep-alive to a body that it could not read.
const UNANNOUNCED_CLOSE: Duration = Duration::from_micros(500);

/// The request line and headers.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<Header>,
}

impl Head {
    /// The target without its query.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Only the lower-case spelling closes, in name and value.
    pub(super) fn wants_close(&self) -> bool {
        self.headers.iter().any(|header| header.name == "connection" && header.value == "close")
    }

    /// The caller sends its body only when it is asked to.
    pub(super) fn wants_continue(&self) -> bool {
        self.values("expect").any(|value| value.eq_ignore_ascii_case("100-continue"))
    }

    /// How the body is framed, or `None` where the head contradicts itself. Neither length nor chunking is empty.
    pub(super) fn framing(&self) -> Option<Rest> {
        framing(&self.headers, Rest::Counted(0))
    }

    /// The value of a header whose name is read in any spelling.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.trim())
    }

    /// The values of a header of the framing, whose names are read in any spelling.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.headers, name)
    }
}

/// The status and headers of an answer that an application gave.
pub(super) struct AnswerHead {
    pub(super) status: i32,
    headers: Vec<Header>,
}

impl AnswerHead {
    /// How the body is framed. With neither length nor chunking it ends with the connection.
    pub(super) fn framing(&self) -> Option<Rest> {
        framing(&self.headers, if matches!(self.status, 204 | 304) { Rest::Nothing } else { Rest::ToTheEnd })
    }
}

fn values<'a>(headers: &'a [Header], name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.trim())
}

fn framing(headers: &[Header], unsaid: Rest) -> Option<Rest> {
    if values(headers, "transfer-encoding").any(|value| value.to_ascii_lowercase().contains("chunked")) {
        return Some(Rest::ChunkHead);
    }
    let mut lengths = values(headers, "content-length").map(|value| value.parse());
    let Some(length) = lengths.next() else {
        return Some(unsaid);
    };
    let length: u64 = length.ok()?;
    lengths.all(|other| other == Ok(length)).then_some(Rest::Counted(length))
}

/// What came instead of, or as, the next request's head.
pub(super) enum Incoming {
    Head(Head),
    NotHttp,
    Closed,
}

/// What came as a request's body.
pub(super) enum Body {
    Whole(Vec<u8>),
    /// Over the limit; what follows is still to be skipped.
    TooLarge(Rest),
    NotHttp,
}

/// What is still to be read of a body.
pub(super) enum Rest {
    Counted(u64),
    ChunkHead,
    Chunk(u64),
    Trailers,
    ToTheEnd,
    Nothing,
}

/// What becomes of the connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum After {
    #[default]
    Stay,
    Close,
    /// Says keep-alive and closes half a millisecond later.
    CloseUnannounced,
    /// Closes with a reset: what was sent and not yet read is lost to the caller.
    Reset,
    /// Keeps it open and says nothing more, until the caller closes it.
    Hold,
}

/// An answer before it is written.
#[derive(Default)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) after: After,
}

impl Response {
    /// The head as the server writes it: names in lower case, always a length, never a date.
    pub(super) fn head(&self) -> Vec<u8> {
        self.head_with(("content-length", &self.body.len().to_string()))
    }

    /// The head with another header to say where the body ends.
    pub(super) fn head_with(&self, framing: (&str, &str)) -> Vec<u8> {
        let connection = match self.after {
            After::Close => "close",
            _ => "keep-alive",
        };
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        write_head(self.status, own.chain([framing, ("connection", connection)]))
    }

    /// Head and body in one piece.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// A status line and headers, ended by an empty line.
pub(super) fn write_head<'a>(status: u16, headers: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        410 => "Gone",
        411 => "Length Required",
        413 => "Request Entity Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

/// One connection's socket, and what was read ahead from it.
pub(super) struct Wire {
    stream: TcpStream,
    ahead: Vec<u8>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        // Without it an answer could wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        Self { stream, ahead: Vec::new() }
    }

    /// Waits until the next request begins to arrive, or the caller has closed.
    pub(super) async fn awaits_request(&mut self) {
        if self.ahead.is_empty() {
            // What is wrong with the socket shows again when the head is read.
            let _ = self.fill().await;
        }
    }

    /// Waits for the next request's head.
    pub(super) async fn read_head(&mut self) -> io::Result<Incoming> {
        loop {
            let mut slots = [httparse::EMPTY_HEADER; HEADER_LIMIT];
            let mut request = httparse::Request::new(&mut slots);
            match request.parse(&self.ahead) {
                Ok(httparse::Status::Complete(length)) => {
                    let head = Head {
                        method: request.method.unwrap_or_default().to_owned(),
                        target: request.path.unwrap_or_default().to_owned(),
                        headers: request.headers.iter().map(header).collect(),
                    };
                    self.ahead.drain(..length);
                    return Ok(Incoming::Head(head));
                }
                Ok(httparse::Status::Partial) if self.ahead.len() < HEAD_LIMIT => {}
                Ok(httparse::Status::Partial) | Err(_) => return Ok(Incoming::NotHttp),
            }
            if self.fill().await? == 0 {
                return Ok(Incoming::Closed);
            }
        }
    }

    /// Waits for the head of the answer that an application gives. What is announced before an answer is not the answer.
    pub(super) async fn read_answer_head(&mut self) -> io::Result<AnswerHead> {
        loop {
            let mut slots = [httparse::EMPTY_HEADER; HEADER_LIMIT];
            let mut answer = httparse::Response::new(&mut slots);
            match answer.parse(&self.ahead).map_err(io::Error::other)? {
                httparse::Status::Complete(length) => {
                    let status = answer.code.unwrap_or_default().into();
                    let headers = answer.headers.iter().map(header).collect();
                    self.ahead.drain(..length);
                    if status >= 200 {
                        return Ok(AnswerHead { status, headers });
                    }
                }
                httparse::Status::Partial if self.ahead.len() < HEAD_LIMIT => self.fill_or_fail().await?,
                httparse::Status::Partial => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
    }

    /// Reads a request's body to its end, or to the limit.
    pub(super) async fn read_body(&mut self, head: &Head) -> io::Result<Body> {
        let Some(mut rest) = head.framing() else {
            return Ok(Body::NotHttp);
        };
        if matches!(rest, Rest::Counted(length) if length > BODY_LIMIT) {
            return Ok(Body::TooLarge(rest));
        }
        if head.wants_continue() && self.ahead.is_empty() {
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let mut body = Vec::new();
        while let Some(piece) = self.piece(&mut rest).await? {
            if (body.len() + piece.len()) as u64 > BODY_LIMIT {
                return Ok(Body::TooLarge(rest));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Body::Whole(body))
    }

    /// Reads to the end of a body that nobody wants, so that its sender comes to read the answer.
    pub(super) async fn skip(&mut self, mut rest: Rest) -> io::Result<()> {
        while self.piece(&mut rest).await?.is_some() {}
        Ok(())
    }

    /// The next piece of a body, `None` at its end.
    pub(super) async fn piece(&mut self, rest: &mut Rest) -> io::Result<Option<Vec<u8>>> {
        loop {
            match rest {
                Rest::Nothing => return Ok(None),
                Rest::Counted(0) => *rest = Rest::Nothing,
                Rest::ToTheEnd => {
                    if self.ahead.is_empty() && self.fill().await? == 0 {
                        *rest = Rest::Nothing;
                    } else {
                        return Ok(Some(std::mem::take(&mut self.ahead)));
                    }
                }
                Rest::Counted(left) | Rest::Chunk(left @ 1..) => {
                    let piece = self.take(*left).await?;
                    *left -= piece.len() as u64;
                    return Ok(Some(piece));
                }
                Rest::Chunk(0) => {
                    self.line().await?;
                    *rest = Rest::ChunkHead;
                }
                Rest::ChunkHead => {
                    *rest = match chunk_size(&self.line().await?)? {
                        0 => Rest::Trailers,
                        size => Rest::Chunk(size),
                    };
                }
                Rest::Trailers => {
                    if self.line().await?.is_empty() {
                        *rest = Rest::Nothing;
                    }
                }
            }
        }
    }

    /// At least one byte and at most `limit`.
    async fn take(&mut self, limit: u64) -> io::Result<Vec<u8>> {
        if self.ahead.is_empty() {
            self.fill_or_fail().await?;
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if self.ahead.len() <= limit {
            return Ok(std::mem::take(&mut self.ahead));
        }
        Ok(self.ahead.drain(..limit).collect())
    }

    /// A line of the chunked framing, without its end.
    async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.ahead.drain(..=end).collect();
                line.truncate(line.trim_ascii_end().len());
                return Ok(line);
            }
            if self.ahead.len() > HEAD_LIMIT {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.fill_or_fail().await?;
        }
    }

    async fn fill_or_fail(&mut self) -> io::Result<()> {
        match self.fill().await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        self.ahead.reserve(READ_SIZE);
        self.stream.read_buf(&mut self.ahead).await
    }

    /// Whether the caller has closed its side. The server executes such a request and never answers it.
    pub(super) async fn is_half_closed(&mut self) -> bool {
        // The runtime learns of a close only when it looks at its sockets again.
        tokio::task::yield_now().await;
        self.ahead.reserve(READ_SIZE);
        matches!(self.stream.try_read_buf(&mut self.ahead), Ok(0))
    }

    /// Writes an answer and says what becomes of the connection.
    pub(super) async fn answer(&mut self, response: &Response) -> io::Result<After> {
        self.write(&response.bytes()).await?;
        Ok(response.after)
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Ends the connection. What goes wrong here goes wrong for nobody.
    pub(super) async fn end(mut self, how: After) {
        match how {
            After::Stay | After::Close => {}
            After::CloseUnannounced => {
                // The runtime's timer counts whole milliseconds; giving way to the others until then is exact enough.
                let end = Instant::now() + UNANNOUNCED_CLOSE;
                while Instant::now() < end {
                    tokio::task::yield_now().await;
                }
            }
            After::Reset => {
                let _ = self.stream.set_zero_linger();
                return;
            }
            After::Hold => self.read_to_end().await,
        }
        let _ = self.stream.shutdown().await;
    }

    async fn read_to_end(&mut self) {
        loop {
            self.ahead.clear();
            if !matches!(self.fill().await, Ok(1..)) {
                return;
            }
        }
    }
}

fn header(header: &httparse::Header<'_>) -> Header {
    Header { name: header.name.to_owned(), value: String::from_utf8_lossy(header.value).into_owned() }
}

/// A chunk's size from its head line; extensions after `;` mean nothing.
fn chunk_size(line: &[u8]) -> io::Result<u64> {
    std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.split(';').next())
        .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}
