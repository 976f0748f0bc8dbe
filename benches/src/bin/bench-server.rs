//! The server that everybody is measured against: it answers as fast as it can and remembers nothing.
//!
//! A thread a connection, on blocking sockets. It prints its URL, and ends with its standard input.
//!
//! As the real server does, it says `content-encoding: utf-8`, which is none. URLSession on Linux fails on that: a path
//! with `?plain` gets the same answer without it.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream));
        }
    });
    // Until whoever started it closes its end.
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn serve(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let sent = r#"{"code":0,"msg":"success","result":{"messageUid":588582842607370241,"timestamp":1795394170036}}"#;
    let found = found();
    let [sent, found] = [sent, &found].map(|body| ["content-encoding: utf-8\r\n", ""].map(|more| answer(more, body)));
    let mut ahead: Vec<u8> = Vec::with_capacity(128 * 1024);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let Some(end) = ahead.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            match stream.read(&mut piece) {
                Ok(read @ 1..) => ahead.extend_from_slice(&piece[..read]),
                _ => return,
            }
            continue;
        };
        let (head, body) = (&ahead[..end], end + 4);
        let whole = body + length(head);
        let looks_up = head.starts_with(b"POST /admin/message/get_one");
        let target = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let plain = usize::from(target.contains(&b'?'));
        while ahead.len() < whole {
            match stream.read(&mut piece) {
                Ok(read @ 1..) => ahead.extend_from_slice(&piece[..read]),
                _ => return,
            }
        }
        ahead.drain(..whole);
        if stream.write_all(if looks_up { &found[plain] } else { &sent[plain] }).is_err() {
            return;
        }
    }
}

/// What `content-length` says, in whatever case it is written.
fn length(head: &[u8]) -> usize {
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case(b"content-length:")));
    let digits = line.and_then(|line| std::str::from_utf8(&line[15..]).ok());
    digits.and_then(|digits| digits.trim().parse().ok()).unwrap_or(0)
}

fn answer(more: &str, body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: keep-alive";
    format!("{head}\r\n{more}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// The answer to a look-up: a message with 40 KB of text.
fn found() -> String {
    let text = "0123456789abcdef".repeat(2500);
    format!(
        "{{\"code\":0,\"msg\":\"success\",\"result\":{{\"messageId\":588582842607370241,\"sender\":\"admin\",\
         \"conv\":{{\"type\":0,\"target\":\"u1\",\"line\":0}},\"payload\":{{\"type\":1,\"searchableContent\":\"{text}\",\
         \"mediaType\":0,\"persistFlag\":3,\"expireDuration\":0,\"mentionedType\":0}},\"timestamp\":1795394170036}}}}"
    )
}
