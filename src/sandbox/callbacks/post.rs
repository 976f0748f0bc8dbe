//! One post: a connection of its own, plain http.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer's head may be this long.
const HEAD_MAX: usize = 64 * 1024;

/// The host of a URL, with its port.
pub(super) fn host_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(host.to_owned())
}

/// Posts a body to a URL; gives the status of the answer.
pub(super) async fn post(url: &str, body: &str) -> io::Result<i32> {
    let host = host_of(url).ok_or_else(|| io::Error::other("the sandbox posts to plain http alone"))?;
    let path = match &url["http://".len() + host.len()..] {
        "" => "/",
        path => path.split('#').next().unwrap_or("/"),
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.contains(']'));
    let address = if has_port { host.clone() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST {slash}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    status(&mut stream).await
}

async fn status(stream: &mut TcpStream) -> io::Result<i32> {
    let mut head = Vec::new();
    while head.len() < HEAD_MAX {
        let mut headers = [httparse::EMPTY_HEADER; 100];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(&head).map_err(io::Error::other)?;
        if let (true, Some(code)) = (parsed.is_complete(), response.code) {
            // What is announced before the answer is not the answer.
            if code >= 200 {
                return Ok(code.into());
            }
            head.drain(..parsed.unwrap());
            continue;
        }
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Err(io::Error::other("an answer's head without an end"))
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn a_host_is_known_with_its_port() {
        for (url, host) in [
            ("http://a:1/b", Some("a:1")),
            ("http://a", Some("a")),
            ("http://[::1]:80?x", Some("[::1]:80")),
            ("http:///b", None),
            ("https://a/b", None),
            ("", None),
        ] {
            assert_eq!(host_of(url).as_deref(), host, "{url}");
        }
    }
}
