//! A caller made of a bare socket, with its own signature and its own idea of HTTP.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use wildfirechat_message::sandbox::{Edition, Sandbox, SandboxOptions};

/// No test waits longer than this for a byte.
const PATIENCE: Duration = Duration::from_secs(10);

pub fn sandbox() -> Sandbox {
    Sandbox::start().unwrap()
}

pub fn community() -> Sandbox {
    let options = SandboxOptions { edition: Some(Edition::Community), ..SandboxOptions::default() };
    Sandbox::new(None, Some(options)).unwrap()
}

/// Calls an endpoint on a connection of its own and gives the envelope.
pub fn call(sandbox: &Sandbox, endpoint: &str, body: &Value) -> Value {
    let answer = post(sandbox, endpoint, &body.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Calls an endpoint that must say code 0 and gives its result.
pub fn result_of(sandbox: &Sandbox, endpoint: &str, body: &Value) -> Value {
    let envelope = call(sandbox, endpoint, body);
    assert_eq!(envelope["code"], 0, "{envelope}");
    assert_eq!(envelope["msg"], "success");
    envelope["result"].clone()
}

pub fn code_of(sandbox: &Sandbox, endpoint: &str, body: &Value) -> i64 {
    call(sandbox, endpoint, body)["code"].as_i64().unwrap()
}

pub fn post(sandbox: &Sandbox, endpoint: &str, body: &str) -> Answer {
    let mut connection = Connection::open(sandbox);
    connection.send(&signed(endpoint, body));
    connection.answer()
}

/// Sends a text to a single conversation and gives the uid.
pub fn send_text(sandbox: &Sandbox, sender: &str, target: &str, text: &str) -> i64 {
    let body = json!({
        "sender": sender,
        "conv": {"type": 0, "target": target, "line": 0},
        "payload": text_payload(text),
    });
    result_of(sandbox, "message/send", &body)["messageUid"].as_i64().unwrap()
}

pub fn text_payload(text: &str) -> Value {
    json!({"type": 1, "searchableContent": text, "persistFlag": 3})
}

/// A signed request with the secret of every default sandbox.
pub fn signed(endpoint: &str, body: &str) -> Vec<u8> {
    request(endpoint, &signature("nonce1", "123456", now()), body)
}

/// A request with these headers and a length.
pub fn request(endpoint: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("POST /admin/{endpoint} HTTP/1.1\r\nhost: sandbox\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// The three headers of a signature, as lines.
pub fn signature(nonce: &str, secret: &str, timestamp: i64) -> String {
    let sign = sign(nonce, secret, timestamp);
    format!("nonce: {nonce}\r\ntimestamp: {timestamp}\r\nsign: {sign}\r\n")
}

pub fn sign(nonce: &str, secret: &str, timestamp: i64) -> String {
    sha1(&format!("{nonce}|{secret}|{timestamp}"))
}

/// In lower-case hex.
pub fn sha1(text: &str) -> String {
    Sha1::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(": ")).find_map(|(n, v)| (n == name).then_some(v))
    }
}

pub struct Connection {
    pub stream: TcpStream,
    ahead: Vec<u8>,
}

impl Connection {
    pub fn open(sandbox: &Sandbox) -> Self {
        let url = sandbox.base_url().unwrap();
        Self::to(url.strip_prefix("http://").unwrap())
    }

    /// None while the port is closed.
    pub fn try_open(sandbox: &Sandbox) -> Option<TcpStream> {
        TcpStream::connect(sandbox.base_url().unwrap().strip_prefix("http://").unwrap()).ok()
    }

    pub fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, ahead: Vec::new() }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// Posts a signed request here and reads the answer.
    pub fn post(&mut self, endpoint: &str, body: &str) -> Answer {
        self.send(&signed(endpoint, body));
        self.answer()
    }

    /// Reads one answer by its length.
    pub fn answer(&mut self) -> Answer {
        let end = loop {
            if let Some(at) = self.ahead.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.fill(), "closed in the head: {}", String::from_utf8_lossy(&self.ahead));
        };
        let head = String::from_utf8(self.ahead.drain(..end).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new() };
        let length: usize = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        while self.ahead.len() < length {
            assert!(self.fill(), "closed in the body");
        }
        answer.body = self.ahead.drain(..length).collect();
        answer
    }

    /// Everything until the other side closes or resets.
    pub fn rest(&mut self) -> (Vec<u8>, End) {
        let mut rest = std::mem::take(&mut self.ahead);
        let mut piece = [0; 64 * 1024];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return (rest, End::Closed),
                Ok(read) => rest.extend_from_slice(&piece[..read]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return (rest, End::Reset),
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Whether nothing comes, and nothing ends, for this long.
    pub fn stays_silent(&mut self, time: Duration) -> bool {
        self.stream.set_read_timeout(Some(time)).unwrap();
        let start = Instant::now();
        let silent = matches!(
            self.stream.read(&mut [0]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
        );
        self.stream.set_read_timeout(Some(PATIENCE)).unwrap();
        silent && start.elapsed() >= time / 2
    }

    fn fill(&mut self) -> bool {
        let mut piece = [0; 64 * 1024];
        let read = self.stream.read(&mut piece).unwrap();
        self.ahead.extend_from_slice(&piece[..read]);
        read > 0
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Reset,
}
