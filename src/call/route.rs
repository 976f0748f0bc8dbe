//! The way to one server: its host and port, the proxy in between, TLS; and how a connection is made, [`Route::open`].

use std::{
    error::Error,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use hyper::{Uri, header::HeaderValue};
use reqwest::Url;
use rustls::{ClientConfig, pki_types::ServerName};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, lookup_host},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_socks::{TargetAddr, tcp::Socks5Stream};

use super::{
    reasons::reason,
    wire::{Activity, Line, Socket},
};
use crate::credentials::Login;

/// A name's next address is tried when the one before has not answered for so long, as RFC 8305 has it.
const STAGGER: Duration = Duration::from_millis(250);
/// The longest head of a proxy's answer that is read.
const LONGEST_HEAD: usize = 16 * 1024;

/// The way to one server.
pub(crate) struct Route {
    server: Stop,
    proxy: Option<Proxy>,
    /// The header `host`.
    pub(crate) host: HeaderValue,
    /// What the path of each endpoint begins with: a path, or a whole URL where a proxy is to pass the request on.
    prefix: String,
}

/// A proxy on the way.
struct Proxy {
    at: Stop,
    speaks: Speaks,
    login: Option<Login>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Speaks {
    Http,
    /// With the server's address, looked up here.
    Socks5,
    /// With the server's name, which the proxy looks up.
    Socks5h,
}

/// A place on the way.
struct Stop {
    is_tls: bool,
    host: String,
    port: u16,
}

impl Stop {
    fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default();
        // An IPv6 address stands in brackets there.
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let usual = if url.scheme().starts_with("socks5") { 1080 } else { 80 };
        let port = url.port_or_known_default().unwrap_or(usual);
        Self { is_tls: url.scheme() == "https", host: host.to_owned(), port }
    }

    /// Host and port, as `CONNECT` and people want them.
    fn authority(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    fn name(&self) -> Result<ServerName<'static>, String> {
        ServerName::try_from(self.host.clone()).map_err(|_| format!("TLS cannot check the name {}", self.host))
    }

    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        match self.host.parse::<IpAddr>() {
            Ok(address) => Ok(vec![(address, self.port).into()]),
            Err(_) => Ok(lookup_host((self.host.as_str(), self.port)).await?.collect()),
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = first_that_answers(self.addresses().await?).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Route {
    /// The way to the endpoints below `base`, a URL with nothing behind its path.
    pub(crate) fn new(base: &Url, proxy: Option<&Url>, login: Option<&Login>) -> Self {
        let server = Stop::of(base);
        let host = base.host_str().unwrap_or_default();
        let host = base.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let proxy = proxy.map(|url| {
            let speaks = match url.scheme() {
                "socks5" => Speaks::Socks5,
                "socks5h" => Speaks::Socks5h,
                _ => Speaks::Http,
            };
            Proxy { at: Stop::of(url), speaks, login: login.cloned() }
        });
        let mut route = Self {
            host: HeaderValue::from_str(&host).expect("a URL's host is ASCII"),
            server,
            proxy,
            prefix: base.path().to_owned(),
        };
        if route.passing_proxy().is_some() {
            route.prefix = base.as_str().to_owned();
        }
        route
    }

    /// The proxy that reads each request and passes it on; others only pass bytes.
    fn passing_proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|proxy| proxy.speaks == Speaks::Http && !self.server.is_tls)
    }

    /// What a proxy that passes requests on wants to see on each of them.
    pub(crate) fn proxy_authorization(&self) -> Option<HeaderValue> {
        Some(self.passing_proxy()?.login.as_ref()?.basic())
    }

    /// The address of an endpoint, as it goes into a request's first line.
    pub(crate) fn uri(&self, name: &str) -> Uri {
        // The base was read when the client was made, and names are words with slashes between them.
        format!("{}{name}", self.prefix).parse().expect("a path below a URL is an address")
    }

    /// Host and port of the proxy, where there is one.
    pub(crate) fn proxy(&self) -> Option<String> {
        self.proxy.as_ref().map(|proxy| proxy.at.authority())
    }

    pub(crate) fn needs_tls(&self) -> bool {
        self.server.is_tls || self.proxy.as_ref().is_some_and(|proxy| proxy.at.is_tls)
    }

    /// Makes a connection; the error is its reason, for people. `tls` is there where it is needed.
    pub(crate) async fn open(&self, tls: Option<&Arc<ClientConfig>>) -> Result<Line, String> {
        let first = self.proxy.as_ref().map_or(&self.server, |proxy| &proxy.at);
        let stream = first.connect().await.map_err(|error| match &self.proxy {
            Some(proxy) => format!("the proxy {}: {}", proxy.at.authority(), reason(&error)),
            None => reason(&error),
        })?;
        let socket = Socket::new(stream, Arc::new(Activity::new()));
        let Some(proxy) = &self.proxy else { return self.open_over(socket, tls).await };
        if proxy.at.is_tls {
            let mut outer = secure(&proxy.at, socket, tls).await?;
            if !self.server.is_tls {
                return Ok(Line::tls(outer));
            }
            self.tunnel(&mut outer, proxy).await?;
            return Ok(Line::tunnel(secure(&self.server, outer, tls).await?));
        }
        let socket = match proxy.speaks {
            Speaks::Http if !self.server.is_tls => socket,
            Speaks::Http => {
                let mut socket = socket;
                self.tunnel(&mut socket, proxy).await?;
                socket
            }
            Speaks::Socks5 | Speaks::Socks5h => self.socks(socket, proxy).await?,
        };
        self.open_over(socket, tls).await
    }

    /// Over bytes that reach the server, or a proxy that passes plain requests on.
    async fn open_over(&self, socket: Socket, tls: Option<&Arc<ClientConfig>>) -> Result<Line, String> {
        match self.server.is_tls {
            false => Ok(Line::plain(socket)),
            true => Ok(Line::tls(secure(&self.server, socket, tls).await?)),
        }
    }

    /// Asks a SOCKS5 proxy for a way through to the server.
    async fn socks(&self, socket: Socket, proxy: &Proxy) -> Result<Socket, String> {
        let (server, at) = (self.server.authority(), proxy.at.authority());
        let lost =
            |error: &(dyn Error + 'static)| format!("the proxy {at} made no connection to {server}: {}", reason(error));
        let target = match proxy.speaks {
            Speaks::Socks5 => {
                let addresses = self.server.addresses().await.map_err(|error| reason(&error))?;
                let first =
                    addresses.first().ok_or_else(|| format!("the host name {} has no address", self.server.host))?;
                TargetAddr::Ip(*first)
            }
            _ => match self.server.host.parse::<IpAddr>() {
                Ok(address) => TargetAddr::Ip((address, self.server.port).into()),
                Err(_) => TargetAddr::Domain(self.server.host.as_str().into(), self.server.port),
            },
        };
        let stream = match &proxy.login {
            None => Socks5Stream::connect_with_socket(socket, target).await,
            Some(login) => {
                let (user, password) = (login.user.expose_secret(), login.password.expose_secret());
                Socks5Stream::connect_with_password_and_socket(socket, target, user, password).await
            }
        };
        match stream {
            Ok(stream) => Ok(stream.into_inner()),
            Err(tokio_socks::Error::NoAcceptableAuthMethods | tokio_socks::Error::PasswordAuthFailure(_)) => {
                Err(format!(
                    "the proxy {at} requires a user name and a password, or does not accept those that it was given"
                ))
            }
            Err(error) => Err(lost(&error)),
        }
    }

    /// Asks a proxy for a way through to the server.
    async fn tunnel(&self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin), way: &Proxy) -> Result<(), String> {
        let (server, proxy) = (self.server.authority(), way.at.authority());
        let lost = |error: io::Error| format!("the proxy {proxy} made no connection to {server}: {error}");
        let mut request = format!("CONNECT {server} HTTP/1.1\r\nhost: {server}\r\n").into_bytes();
        if let Some(login) = &way.login {
            request.extend([b"proxy-authorization: ", login.basic().as_bytes(), b"\r\n"].concat());
        }
        request.extend(b"\r\n");
        stream.write_all(&request).await.map_err(lost)?;
        stream.flush().await.map_err(lost)?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == LONGEST_HEAD {
                return Err(lost(io::Error::other("the head of its answer is too long")));
            }
            // Byte by byte: what comes after the head is the server's.
            head.push(stream.read_u8().await.map_err(lost)?);
        }
        let mut headers = [httparse::EMPTY_HEADER; 128];
        let mut answer = httparse::Response::new(&mut headers);
        match (answer.parse(&head), answer.code) {
            (Ok(_), Some(200..=299)) => Ok(()),
            (_, Some(407)) => Err(match way.login {
                None => format!("the proxy {proxy} requires a user name and a password (HTTP 407)"),
                Some(_) => format!("the proxy {proxy} does not accept the user name and the password (HTTP 407)"),
            }),
            (_, Some(status)) => Err(format!("the proxy {proxy} made no connection to {server} (HTTP {status})")),
            (_, None) => Err(lost(io::Error::other("its answer is not HTTP"))),
        }
    }
}

/// Lays TLS over what leads to a place.
async fn secure<S>(to: &Stop, stream: S, tls: Option<&Arc<ClientConfig>>) -> Result<TlsStream<S>, String>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let config = tls.ok_or("TLS is not set up")?;
    let connector = TlsConnector::from(Arc::clone(config));
    connector.connect(to.name()?, stream).await.map_err(|error| reason(&error))
}

/// Connects to whichever address answers first. They are tried in their order, IPv6 and IPv4 in turns, each when the one
/// before has failed or has been silent for a moment.
async fn first_that_answers(addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
    let mut waiting = in_turns(addresses).into_iter().peekable();
    let mut under_way = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host name has no address");
    loop {
        under_way.extend(waiting.next().map(TcpStream::connect));
        if under_way.is_empty() {
            return Err(failure);
        }
        let mut stagger = pin!(tokio::time::sleep(STAGGER));
        tokio::select! {
            biased;
            Some(outcome) = under_way.next() => match outcome {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = error,
            },
            () = &mut stagger, if waiting.peek().is_some() => {}
        }
    }
}

/// The same addresses, those of the first one's family and the others in turns.
fn in_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| address.is_ipv6() == is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut all = Vec::new();
    loop {
        let (one, other) = (first.next(), second.next());
        if one.is_none() && other.is_none() {
            return all;
        }
        all.extend(one.into_iter().chain(other));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use socket2::{Domain, Socket, Type};
    use tokio::runtime::Builder;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    fn listener(backlog: i32) -> Socket {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket.listen(backlog).unwrap();
        socket
    }

    fn address(socket: &Socket) -> SocketAddr {
        socket.local_addr().unwrap().as_socket().unwrap()
    }

    /// Where nobody answers: more connections wait there than are let in.
    fn deaf() -> (SocketAddr, Vec<Socket>) {
        let socket = listener(1);
        let at = address(&socket);
        let mut held = vec![socket];
        for _ in 0..4 {
            let waiting = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
            waiting.set_nonblocking(true).unwrap();
            let _ = waiting.connect(&at.into());
            held.push(waiting);
        }
        (at, held)
    }

    #[test]
    fn addresses_of_both_families_take_turns() {
        let of = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<SocketAddr>>();
        let given = of(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]);
        let expected = of(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]);
        assert_eq!(in_turns(given), expected);
        let given = of(&["1.1.1.1:1", "2.2.2.2:1", "[::1]:1"]);
        assert_eq!(in_turns(given), of(&["1.1.1.1:1", "[::1]:1", "2.2.2.2:1"]));
        assert_eq!(in_turns(Vec::new()), Vec::new());
    }

    #[test]
    fn an_address_that_is_silent_costs_a_moment_and_one_that_refuses_nothing() {
        let (silent, _held) = deaf();
        let (another, _held_too) = deaf();
        let good = listener(16);
        let refusing = {
            let gone = listener(1);
            address(&gone)
        };
        for (addresses, least, most) in [
            (vec![address(&good), silent], 0, 200),
            (vec![refusing, refusing, address(&good)], 0, 200),
            (vec![silent, address(&good)], 250, 1500),
            (vec![silent, another, refusing, address(&good)], 500, 1500),
        ] {
            let begun = Instant::now();
            let stream = block_on(first_that_answers(addresses.clone())).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), address(&good));
            let took = begun.elapsed().as_millis();
            assert!((least..most).contains(&took), "{addresses:?} took {took} ms");
        }
    }

    #[test]
    fn where_no_address_answers_the_last_reason_is_told() {
        let gone = listener(1);
        let refusing = address(&gone);
        drop(gone);
        let error = block_on(first_that_answers(vec![refusing, refusing])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(block_on(first_that_answers(Vec::new())).unwrap_err().to_string().contains("no address"));
    }

    #[test]
    fn the_first_line_and_the_host_are_those_of_the_url() {
        let proxy: Url = "http://proxy:3128".parse().unwrap();
        #[rustfmt::skip]
        let table = [
            // base URL                   through a proxy  host               address
            ("http://im:18080/admin/",    false, "im:18080",       "/admin/message/send"),
            ("http://im/admin/",          false, "im",             "/admin/message/send"),
            ("http://im:80/admin/",       false, "im",             "/admin/message/send"),
            ("https://im:443/a/admin/",   false, "im",             "/a/admin/message/send"),
            ("http://[::1]:18080/admin/", false, "[::1]:18080",    "/admin/message/send"),
            ("http://b\u{fc}cher.example/admin/", false, "xn--bcher-kva.example", "/admin/message/send"),
            ("http://im:18080/admin/",    true,  "im:18080",       "http://im:18080/admin/message/send"),
            ("https://im:8443/admin/",    true,  "im:8443",        "/admin/message/send"),
        ];
        for (base, through, host, address) in table {
            let route = Route::new(&base.parse().unwrap(), through.then_some(&proxy), None);
            assert_eq!((route.host.to_str().unwrap(), route.uri("message/send").to_string().as_str()), (host, address));
        }
    }
}
