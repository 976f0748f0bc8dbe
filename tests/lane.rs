//! What a connection of the library's own knows: when bytes move, what of a request has left, how long it may rest, and
//! the way to it, through proxies too.

mod support;
#[path = "support/tls.rs"]
mod tls;

use std::{
    env,
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    process::Command,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, SockRef, Socket, Type};
use support::{SECRET, SENT, Server, answer, read_request, sent};
use tls::Authority;
use wildfirechat_message::{
    ClientOptions, Conversation, ImportedMessage, MessageClient, MessageError, MessagePayload, SendRequest,
};

const UID: i64 = 588582842607370241;

fn hello() -> SendRequest {
    SendRequest::new("admin", Conversation::group("g1"), MessagePayload::text("hello"))
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// So many messages of 40 KB each, as a request of one piece.
fn many(messages: usize) -> Vec<ImportedMessage> {
    let message = ImportedMessage {
        sender: "admin".into(),
        conversation: Conversation::single("u1"),
        payload: MessagePayload::text("x".repeat(40_000)),
        timestamp: 1_795_391_931_000,
        receivers: Vec::new(),
    };
    vec![message; messages]
}

/// A listener whose connections take in little that is not read.
fn narrow_listener() -> TcpListener {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(32 * 1024).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.listen(16).unwrap();
    socket.into()
}

/// Starts something that does this with each connection.
fn raw(listener: TcpListener, mut serve: impl FnMut(TcpStream) + Send + 'static) -> String {
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(|stream| serve(stream.unwrap())));
    url
}

fn any() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

fn client(url: &str, options: ClientOptions) -> MessageClient {
    MessageClient::new(url.to_owned(), SECRET.into(), Some(options)).unwrap()
}

/// Reads a request's head, and gives what came of the body with it.
fn head(stream: &mut TcpStream) -> Vec<u8> {
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            return read.split_off(end + 4);
        }
        let more = stream.read(&mut piece).unwrap();
        assert!(more > 0, "the client went away");
        read.extend_from_slice(&piece[..more]);
    }
}

// Silence.

#[test]
fn a_request_that_takes_long_to_leave_is_no_silence() {
    let request = many(100);
    let url = raw(narrow_listener(), |mut stream| {
        // 4 MB at 3 MB a second. The client's system takes most of it at once.
        let (mut left, mut piece) = (4_000_000, vec![0; 64 * 1024]);
        while left > 0 {
            match stream.read(&mut piece).unwrap() {
                0 => return,
                read => left -= read.min(left),
            }
            thread::sleep(ms(20));
        }
        stream.set_read_timeout(Some(ms(200))).unwrap();
        while stream.read(&mut piece).is_ok_and(|read| read > 0) {}
        stream.write_all(answer("200 OK", r#"{"code":0,"msg":"success"}"#).as_bytes()).unwrap();
    });
    let options = ClientOptions { read_timeout: Some(ms(500)), max_attempts: 1, ..ClientOptions::default() };
    let begun = Instant::now();
    assert_eq!(client(&url, options).import_messages(request), Ok(()));
    assert!(begun.elapsed() > ms(1000), "the line was not slow: {:?}", begun.elapsed());
}

#[test]
fn silence_begins_when_the_last_byte_has_left() {
    let url = raw(narrow_listener(), |mut stream| {
        let mut piece = vec![0; 64 * 1024];
        stream.set_read_timeout(Some(ms(3000))).unwrap();
        while stream.read(&mut piece).is_ok_and(|read| read > 0) {}
    });
    let options = ClientOptions { read_timeout: Some(ms(400)), max_attempts: 1, ..ClientOptions::default() };
    let begun = Instant::now();
    let error = client(&url, options).import_messages(many(50)).unwrap_err();
    assert!(matches!(error, MessageError::TimedOut { attempts: 1, .. }), "{error:?}");
    assert!(begun.elapsed() >= ms(400) && begun.elapsed() < ms(2500), "{:?}", begun.elapsed());
}

#[test]
fn an_answer_that_trickles_in_is_no_silence() {
    let server = Server::start(|_, stream| {
        sent().as_bytes().chunks(10).all(|piece| {
            thread::sleep(ms(60));
            stream.write_all(piece).is_ok()
        })
    });
    let begun = Instant::now();
    let options = ClientOptions { read_timeout: Some(ms(600)), ..ClientOptions::default() };
    assert_eq!(server.client_with(options).send_message(hello()).unwrap().message_uid, UID);
    assert!(begun.elapsed() > ms(900), "it came at once");
}

#[test]
fn a_handshake_may_take_longer_than_the_server_may_be_silent() {
    let authority = Authority::new();
    let address = authority.server("localhost", |mut tls| {
        thread::sleep(ms(700));
        while read_request(&mut tls, 0).is_some() {
            tls.write_all(sent().as_bytes()).unwrap();
        }
    });
    let options = ClientOptions {
        read_timeout: Some(ms(300)),
        root_certificates: Some(authority.pem()),
        ..ClientOptions::default()
    };
    let client = client(&format!("https://localhost:{}", address.port()), options);
    assert_eq!(client.send_message(hello()).unwrap().message_uid, UID);
}

/// The process is stopped while it waits and continued when the time is long over; the answer came in time.
#[test]
#[cfg(unix)]
fn a_process_that_stood_still_reads_the_answer_that_came_meanwhile() {
    const CHILD: &str = "CHILD_OF_THE_STOPPED_PROCESS";
    if let Ok(url) = env::var(CHILD) {
        let options = ClientOptions {
            read_timeout: Some(ms(500)),
            total_timeout: Some(ms(1000)),
            max_attempts: 1,
            ..ClientOptions::default()
        };
        let sent = client(&url, options).send_message(hello());
        assert!(sent.is_ok(), "{sent:?}");
        return;
    }
    let (stopped, stop) = mpsc::channel();
    let stop_then = std::sync::Mutex::new(stop);
    let (asked, ask) = mpsc::channel();
    let server = Server::start(move |_, stream| {
        asked.send(()).unwrap();
        stop_then.lock().unwrap().recv().unwrap();
        stream.write_all(sent().as_bytes()).is_ok()
    });
    for _ in 0..3 {
        let test = "a_process_that_stood_still_reads_the_answer_that_came_meanwhile";
        let mut child =
            Command::new(env::current_exe().unwrap()).args(["--exact", test]).env(CHILD, server.url()).spawn().unwrap();
        let signal = |name: &str| {
            assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
        };
        ask.recv().unwrap();
        signal("-STOP");
        thread::sleep(ms(100));
        stopped.send(()).unwrap();
        thread::sleep(ms(1500));
        signal("-CONT");
        assert!(child.wait().unwrap().success());
    }
}

// What has left.

#[test]
fn a_request_of_which_a_part_was_taken_is_not_executed() {
    let url = raw(narrow_listener(), |stream| {
        thread::spawn(move || {
            thread::sleep(ms(5000));
            drop(stream);
        });
    });
    let options =
        || ClientOptions { read_timeout: Some(ms(300)), retry_pause: Some(ms(1)), ..ClientOptions::default() };
    for attempts in [1, 2] {
        let error =
            client(&url, ClientOptions { max_attempts: attempts, ..options() }).import_messages(many(500)).unwrap_err();
        let MessageError::Unreachable { attempts: told, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*told, error.may_have_executed()), (attempts, false));
        assert!(reason.contains("only a part of the request"), "{reason}");
    }
}

#[test]
fn a_connection_that_ends_within_a_request_is_tried_again() {
    let (count, counted) = mpsc::channel();
    let url = raw(narrow_listener(), move |mut stream| {
        count.send(()).unwrap();
        head(&mut stream);
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let options = ClientOptions { retry_pause: Some(ms(1)), ..ClientOptions::default() };
    let error = client(&url, options).import_messages(many(500)).unwrap_err();
    let MessageError::Unreachable { attempts: 3, reason, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains("only a part of the request"), "{reason}");
    assert_eq!(counted.try_iter().count(), 3);
}

/// Rust's own programs ignore the signal, and so do Python and the JVM; a program in Swift or C does not.
#[test]
#[cfg(target_os = "linux")]
fn a_connection_that_is_reset_within_a_request_does_not_end_the_program() {
    const CHILD: &str = "CHILD_OF_THE_RESET_CONNECTION";
    if let Ok(url) = env::var(CHILD) {
        // SAFETY: no handler of anybody's is replaced in this process of the test's own.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        let options = ClientOptions { max_attempts: 1, ..ClientOptions::default() };
        let client = client(&url, options);
        for _ in 0..20 {
            assert!(client.import_messages(many(100)).is_err());
        }
        return;
    }
    let url = raw(narrow_listener(), |mut stream| {
        head(&mut stream);
        SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    });
    let test = "a_connection_that_is_reset_within_a_request_does_not_end_the_program";
    let ended = Command::new(env::current_exe().unwrap()).args(["--exact", test]).env(CHILD, url).status().unwrap();
    assert!(ended.success(), "{ended}");
}

#[test]
fn an_answer_that_comes_before_the_whole_request_is_read() {
    for graceful in [true, false] {
        let url = raw(narrow_listener(), move |mut stream| {
            head(&mut stream);
            stream.write_all(answer("413 Payload Too Large", "").as_bytes()).unwrap();
            if graceful {
                stream.shutdown(Shutdown::Write).unwrap();
                let mut piece = vec![0; 64 * 1024];
                while stream.read(&mut piece).is_ok_and(|read| read > 0) {}
            }
        });
        let options = ClientOptions { max_attempts: 1, ..ClientOptions::default() };
        let error = client(&url, options).import_messages(many(500)).unwrap_err();
        assert!(error.to_string().contains("413"), "graceful {graceful}: {error}");
    }
}

// Resting.

/// Answers with this header line, and keeps every connection.
fn announcing(line: &'static str) -> Server {
    let length = SENT.len();
    Server::always(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n{line}\r\n\r\n{SENT}"))
}

#[test]
fn a_connection_rests_no_longer_than_the_server_announced() {
    for (line, pause, connections) in [
        ("keep-alive: timeout=1", 700, 2),
        ("Keep-Alive: timeout=1, max=100", 700, 2),
        ("keep-alive: max=100, timeout=\"1\"", 700, 2),
        ("keep-alive: max=0", 0, 2),
        ("keep-alive: timeout=0", 5, 2),
        ("keep-alive: timeout=60", 700, 1),
        ("keep-alive: soon", 700, 1),
        ("connection: close", 0, 2),
        ("x-nothing: 1", 700, 1),
    ] {
        let server = announcing(line);
        let client = server.client();
        client.send_message(hello()).unwrap();
        thread::sleep(ms(pause));
        client.send_message(hello()).unwrap();
        assert_eq!(server.connections(), connections, "{line}");
    }
}

#[test]
fn idle_connections_are_closed_when_one_asks_for_it_and_those_in_use_are_not() {
    let (told, ends) = mpsc::channel();
    let url = raw(any(), move |mut stream| {
        let told = told.clone();
        thread::spawn(move || {
            while let Some(request) = read_request(&mut stream, 0) {
                let slow = request.body.windows(4).any(|window| window == b"slow");
                thread::sleep(ms(if slow { 300 } else { 0 }));
                stream.write_all(sent().as_bytes()).unwrap();
            }
            told.send(Instant::now()).unwrap();
        });
    });
    let client = client(&url, ClientOptions::default());
    thread::scope(|scope| {
        let slow = scope.spawn(|| {
            let payload = MessagePayload::text("slow");
            client.send_message(SendRequest::new("admin", Conversation::single("u1"), payload)).unwrap();
            Instant::now()
        });
        thread::sleep(ms(100));
        client.send_message(hello()).unwrap();
        client.close_idle().unwrap();
        let ended = ends.recv_timeout(ms(2000)).unwrap();
        assert!(ended < slow.join().unwrap(), "the idle one ends at once, the other one goes on");
    });
    client.send_message(hello()).unwrap();
    client.close_idle().unwrap();
    ends.recv_timeout(ms(2000)).unwrap();
    client.close_idle().unwrap();
    client.send_message(hello()).unwrap();
}

#[test]
fn a_connection_that_is_too_old_is_made_anew() {
    let server = Server::always(sent());
    let client = server.client_with(ClientOptions { pool_max_age: Some(ms(300)), ..ClientOptions::default() });
    let begun = Instant::now();
    while begun.elapsed() < ms(700) {
        client.send_message(hello()).unwrap();
        thread::sleep(ms(20));
    }
    assert!((2..=4).contains(&server.connections()), "{}", server.connections());
}

#[test]
fn what_a_server_says_on_an_idle_connection_is_no_answer_to_the_next_request() {
    let server = Server::start(|_, stream| {
        stream.write_all(sent().as_bytes()).unwrap();
        thread::sleep(ms(20));
        let _ = stream.write_all(answer("408 Request Timeout", "").as_bytes());
        false
    });
    let client = server.client();
    for _ in 0..10 {
        assert_eq!(client.send_message(hello()).unwrap().message_uid, UID);
        thread::sleep(ms(60));
    }
    assert_eq!(server.requests().len(), 10);
}

#[test]
fn an_idle_connection_with_tls_ends_with_a_goodbye() {
    let authority = Authority::new();
    let (told, ends) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let address = authority.server("localhost", move |mut tls| {
        while let Some(_request) = read_request(&mut tls, 0) {
            tls.write_all(sent().as_bytes()).unwrap();
        }
        let end = tls.read(&mut [0]).map_err(|error| error.kind());
        told.lock().unwrap().send(end).unwrap();
    });
    let options = ClientOptions { root_certificates: Some(authority.pem()), ..ClientOptions::default() };
    let client = client(&format!("https://localhost:{}", address.port()), options);
    client.send_message(hello()).unwrap();
    drop(client);
    assert_eq!(ends.recv().unwrap(), Ok(0), "an end without close_notify is an error");
}

// What comes back.

#[test]
fn odd_heads_are_read() {
    let length = SENT.len();
    let many = (0..500).map(|number| format!("x-hop-{number}: 1\r\n")).collect::<String>();
    for lines in [
        many.as_str(),
        "x-blank : before the colon\r\n",
        "x-folded: one\r\n two\r\n\tthree\r\n",
        "x bad name: 1\r\n",
        "x-latin: caf\u{e9}\r\n",
        "X-UPPER: 1\r\nserver:\r\n",
    ] {
        let server = Server::always(format!("HTTP/1.1 200 OK\r\n{lines}content-length: {length}\r\n\r\n{SENT}"));
        let sent = server.client().send_message(hello());
        assert_eq!(sent.unwrap().message_uid, UID, "{}", lines.lines().next().unwrap());
    }
    let old = Server::start(|_, stream| {
        stream.write_all(format!("HTTP/1.0 200 OK\r\n\r\n{SENT}").as_bytes()).unwrap();
        false
    });
    assert_eq!(old.client().send_message(hello()).unwrap().message_uid, UID);
    let with_news = Server::always(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n{}", sent()));
    assert_eq!(with_news.client().send_message(hello()).unwrap().message_uid, UID);
}

#[test]
fn an_answer_in_many_pieces_is_put_together() {
    let text = "x".repeat(3_000_000);
    let body = format!(r#"{{"code":0,"msg":"{text}","result":{{"messageUid":{UID},"timestamp":1}}}}"#);
    let chunked = body.as_bytes().chunks(1000).fold(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n".to_vec(),
        |mut all, piece| {
            all.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            all.extend_from_slice(piece);
            all.extend_from_slice(b"\r\n");
            all
        },
    );
    let chunked = [&chunked[..], b"0\r\nx: 1\r\n\r\n"].concat();
    for whole in [answer("200 OK", &body).into_bytes(), chunked] {
        let server = Server::always(whole);
        let client = server.client();
        for _ in 0..3 {
            assert_eq!(client.send_message(hello()).unwrap().message_uid, UID);
        }
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn an_end_of_tls_without_a_goodbye_is_judged_by_the_answer() {
    let authority = Authority::new();
    for (body, whole) in [(SENT, true), (&SENT[..SENT.len() - 3], false)] {
        let address = authority.server("localhost", move |mut tls| {
            read_request(&mut tls, 0);
            tls.write_all(format!("HTTP/1.1 200 OK\r\n\r\n{body}").as_bytes()).unwrap();
            tls.flush().unwrap();
        });
        let options = ClientOptions { root_certificates: Some(authority.pem()), ..ClientOptions::default() };
        let sent = client(&format!("https://localhost:{}", address.port()), options).send_message(hello());
        match sent {
            Ok(sent) => assert!(whole && sent.message_uid == UID),
            Err(error) => {
                assert!(!whole && matches!(error, MessageError::InvalidResponse { .. }), "{error:?}");
                assert!(error.may_have_executed());
            }
        }
    }
}

// The way there.

/// A proxy that answers CONNECT with these words, and passes bytes on after 200.
fn proxy(answer: &'static str) -> (String, mpsc::Receiver<String>) {
    let (told, heads) = mpsc::channel();
    let url = raw(any(), move |mut stream| {
        let told = told.clone();
        let socket = stream.try_clone().unwrap();
        thread::spawn(move || pass_on(&mut stream, &socket, answer, &told));
    });
    (url, heads)
}

fn pass_on(stream: &mut (impl Read + Write), socket: &TcpStream, answer: &str, told: &mpsc::Sender<String>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().replace("localhost", "127.0.0.1");
    told.send(head).unwrap();
    stream.write_all(answer.as_bytes()).unwrap();
    stream.flush().unwrap();
    if !answer.contains(" 200 ") {
        return;
    }
    let mut server = TcpStream::connect(target).unwrap();
    // Both directions have their turn, soon.
    server.set_read_timeout(Some(ms(20))).unwrap();
    socket.set_read_timeout(Some(ms(20))).unwrap();
    let mut piece = [0; 16 * 1024];
    loop {
        match server.read(&mut piece) {
            Ok(0) => return,
            Ok(read) => stream.write_all(&piece[..read]).and_then(|()| stream.flush()).unwrap(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
        match stream.read(&mut piece) {
            Ok(0) => return,
            Ok(read) => server.write_all(&piece[..read]).unwrap(),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

fn tls_server(authority: &Authority) -> String {
    let address = authority.server("localhost", |mut tls| {
        while read_request(&mut tls, 0).is_some() {
            tls.write_all(sent().as_bytes()).unwrap();
        }
    });
    format!("https://localhost:{}", address.port())
}

#[test]
fn a_server_with_tls_is_reached_through_a_proxy() {
    let authority = Authority::new();
    let server = tls_server(&authority);
    let (told, heads) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let with_tls = authority.server("localhost", move |mut tls| {
        let (socket, told) = (tls.sock.try_clone().unwrap(), told.lock().unwrap().clone());
        pass_on(&mut tls, &socket, "HTTP/1.1 200 Connection established\r\n\r\n", &told);
    });
    let (plain, plain_heads) = proxy("HTTP/1.1 200 Connection established\r\nx: 1\r\n\r\n");
    for (proxy, heads) in [(plain, plain_heads), (format!("https://localhost:{}", with_tls.port()), heads)] {
        let options = ClientOptions {
            proxy: Some(proxy.clone()),
            root_certificates: Some(authority.pem()),
            ..ClientOptions::default()
        };
        assert_eq!(client(&server, options).send_message(hello()).unwrap().message_uid, UID, "{proxy}");
        let head = heads.recv().unwrap();
        let name = server.strip_prefix("https://").unwrap();
        assert_eq!(head, format!("CONNECT {name} HTTP/1.1\r\nhost: {name}\r\n\r\n"));
    }
}

#[test]
fn a_proxy_that_gives_no_way_through_is_named() {
    let authority = Authority::new();
    let server = tls_server(&authority);
    for (answer, words) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n",
            "requires a user name and a password",
        ),
        ("HTTP/1.1 403 Forbidden\r\ncontent-length: 3\r\n\r\nno!", "(HTTP 403)"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "(HTTP 502)"),
        ("SSH-2.0-OpenSSH_9.2\r\n\r\n", "its answer is not HTTP"),
        ("HTTP/1.1 2", "made no connection"),
        ("", "made no connection"),
    ] {
        let (proxy, _heads) = proxy(answer);
        let options = ClientOptions {
            proxy: Some(proxy.clone()),
            root_certificates: Some(authority.pem()),
            max_attempts: 1,
            connect_timeout: Some(ms(2000)),
            ..ClientOptions::default()
        };
        let error = client(&server, options).send_message(hello()).unwrap_err();
        let MessageError::Unreachable { reason, .. } = &error else { panic!("{answer}: {error:?}") };
        let name = proxy.strip_prefix("http://").unwrap();
        assert!(reason.contains(words) && reason.contains(name), "{answer}: {reason}");
    }
}

#[test]
fn a_proxy_that_says_nothing_is_given_the_time_for_connecting() {
    let mut held = Vec::new();
    let proxy = raw(any(), move |stream| held.push(stream));
    let options = ClientOptions {
        proxy: Some(proxy),
        max_attempts: 1,
        connect_timeout: Some(ms(200)),
        ..ClientOptions::default()
    };
    let error = client("https://localhost:1", options).send_message(hello()).unwrap_err();
    let MessageError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(reason, "it took longer than 200ms");
}

#[test]
fn an_ipv6_address_may_stand_in_the_url() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let (told, heads) = mpsc::channel();
    let address = listener.local_addr().unwrap();
    raw(listener, move |mut stream| {
        let request = read_request(&mut stream, 0).unwrap();
        told.send(request.head).unwrap();
        stream.write_all(sent().as_bytes()).unwrap();
    });
    let client = client(&format!("http://{address}"), ClientOptions::default());
    assert_eq!(client.send_message(hello()).unwrap().message_uid, UID);
    assert!(heads.recv().unwrap().contains(&format!("\r\nhost: {address}\r\n")));
}
