//! One post: a connection of its own, plain http.

use std::{io, time::Duration};

use tokio::net::TcpStream;

use crate::sandbox::http::{AnswerHead, Wire};

/// How long an application may take for its answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// An answer's body may be this long.
const BODY_MAX: usize = 1024 * 1024;

/// What is to be posted where.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Post {
    pub(super) url: String,
    pub(super) body: String,
}

/// The host of a URL, with its port.
pub(super) fn host_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("http://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(host.to_owned())
}

/// Posts a body to a URL; gives the status of the answer, as soon as it is there.
pub(super) async fn post(url: &str, body: &str) -> io::Result<i32> {
    Ok(send(url, body).await?.1.status)
}

/// Posts a body to a URL; gives the status and the body of the answer.
pub(super) async fn ask(url: &str, body: &str) -> io::Result<(i32, Vec<u8>)> {
    let (mut wire, answer) = send(url, body).await?;
    let mut rest = answer.framing().ok_or(io::ErrorKind::InvalidData)?;
    let mut body = Vec::new();
    while let Some(piece) = wire.piece(&mut rest).await? {
        body.extend_from_slice(&piece);
        if body.len() > BODY_MAX {
            return Err(io::Error::other("an answer without an end"));
        }
    }
    Ok((answer.status, body))
}

async fn send(url: &str, body: &str) -> io::Result<(Wire, AnswerHead)> {
    let host = host_of(url).ok_or_else(|| io::Error::other("the sandbox posts to plain http alone"))?;
    let path = match &url["http://".len() + host.len()..] {
        "" => "/",
        path => path.split('#').next().unwrap_or("/"),
    };
    let slash = if path.starts_with('/') { "" } else { "/" };
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && !port.contains(']'));
    let address = if has_port { host.clone() } else { format!("{host}:80") };
    let mut wire = Wire::new(TcpStream::connect(address).await?);
    let request = format!(
        "POST {slash}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    wire.write(request.as_bytes()).await?;
    let head = wire.read_answer_head().await?;
    Ok((wire, head))
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
