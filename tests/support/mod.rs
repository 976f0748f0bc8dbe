//! A server of raw sockets, for what no well-behaved server does.

#![allow(dead_code, reason = "each test file uses its part")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use wildfirechat_message::{ClientOptions, MessageClient};

pub const SECRET: &str = "canary-5ecre7";

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    /// Number of the connection it came on, from 0.
    pub connection: usize,
    /// Everything up to the empty line, with it.
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no header {name} in {}", self.head))
    }
}

/// What the server does with a request; false ends the connection.
type Answering = dyn Fn(&Request, &mut TcpStream) -> bool + Send + Sync;

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(answering: impl Fn(&Request, &mut TcpStream) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, requests: Arc::default(), connections: Arc::default(), closed: Arc::default() };
        let closed = Arc::clone(&server.closed);
        let (requests, connections) = (Arc::clone(&server.requests), Arc::clone(&server.connections));
        let answering: Arc<Answering> = Arc::new(answering);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = connections.fetch_add(1, Ordering::SeqCst);
                let (requests, answering) = (Arc::clone(&requests), Arc::clone(&answering));
                let closed = Arc::clone(&closed);
                thread::spawn(move || {
                    serve(stream.unwrap(), connection, &requests, &*answering);
                    closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    /// Answers every request with these bytes.
    pub fn always(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |_, stream| stream.write_all(&answer).is_ok())
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn client(&self) -> MessageClient {
        self.client_with(ClientOptions::default())
    }

    pub fn client_with(&self, options: ClientOptions) -> MessageClient {
        MessageClient::new(self.url(), SECRET.into(), Some(options)).unwrap()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many of the connections this server has closed.
    pub fn closed(&self) -> usize {
        self.closed.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, connection: usize, requests: &Mutex<Vec<Request>>, answering: &Answering) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = read_request(&mut stream, connection) {
        requests.lock().unwrap().push(request.clone());
        if !answering(&request, &mut stream) {
            return;
        }
    }
}

pub fn read_request(stream: &mut impl Read, connection: usize) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut request = Request { connection, head, body: Vec::new() };
    let length: usize = request.header("content-length").parse().unwrap();
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).ok()?;
    Some(request)
}

/// A whole HTTP answer with a JSON body.
pub fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-encoding: utf-8\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The answer to a message that was sent.
pub fn sent() -> String {
    answer("200 OK", SENT)
}

/// Its body.
pub const SENT: &str =
    r#"{"code":0,"msg":"success","result":{"messageUid":588582842607370241,"timestamp":1795391931000}}"#;
