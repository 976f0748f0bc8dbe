//! One signed POST over HTTP, and the connections it goes over.
//!
//! A connection carries one request at a time, and one that gave a doubtful answer is never used again: the
//! server says keep-alive and closes (wire.md §2). reqwest's own pool cannot be told that, so each
//! connection is a *lane*: a reqwest client that holds just this one, taken for a call and given back after
//! a good answer (docs/adr/0002).

use std::{
    convert::Infallible,
    error::Error,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use once_cell::{race::OnceBox, sync::OnceCell};
use reqwest::{
    Method, Request, Url,
    header::{self, HeaderName, HeaderValue},
    redirect, retry,
};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};

use super::{
    Clock,
    progress::Attempt,
    reply::Reply,
    signature::Signature,
    station::{Lanes, Station, Stations},
};
use crate::{MessageError, options::Settings, per_process::PerProcess, runtime};

/// Why there is no [`Reply`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// No byte of the request left: there was no connection, or an idle one had ended.
    NotSent { reason: String },
    /// The answer did not come in time.
    TimedOut,
    /// The connection ended after the request left.
    Lost { reason: String },
    /// Something came that is no HTTP answer.
    Unreadable { reason: String },
    /// The answer is longer than is allowed.
    TooLarge { status: i32, limit: usize },
}

/// The way to one server.
pub(crate) struct Transport {
    /// Up to and with `/admin/`.
    base: String,
    settings: Settings,
    here: PerProcess<Here>,
}

impl Transport {
    pub(crate) fn new(base_url: &str, settings: Settings) -> Result<Self, MessageError> {
        let base = base_of(base_url)?;
        Ok(Self { base, settings, here: PerProcess::new() })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// A place to make calls from.
    pub(crate) fn station(&self) -> io::Result<Station> {
        self.here().stations.take(self.settings.pool_idle_timeout)
    }

    /// Keeps a place for later calls.
    pub(crate) fn keep(&self, station: Station) {
        self.here().stations.give_back(station, self.settings.pool_max_idle);
    }

    /// Posts once to the endpoint `name` and reads the whole answer. The lane comes with it, to be given back after an
    /// answer that was a good one.
    pub(crate) async fn post(
        &self,
        lanes: &Lanes,
        name: &'static str,
        signature: Signature,
        body: Bytes,
        attempt: Attempt,
        clock: &Clock,
    ) -> Result<(Reply, Lane), Failure> {
        let mut lane = match lanes.take(self.settings.pool_idle_timeout) {
            Some(lane) => lane,
            None => self.open_lane()?,
        };
        runtime::let_connections_run().await;
        let patience = Patience { clock, quiet: self.settings.read_timeout };
        match self.exchange(&mut lane, name, signature, body, attempt.clone(), patience).await {
            Ok(reply) => Ok((reply, lane)),
            Err(stop) => Err(self.failure(stop, &attempt)),
        }
    }

    async fn exchange(
        &self,
        lane: &mut Lane,
        name: &'static str,
        signature: Signature,
        body: Bytes,
        attempt: Attempt,
        patience: Patience<'_>,
    ) -> Result<Reply, Stop> {
        let mut request = Request::new(Method::POST, lane.url(&self.base, name).clone());
        let headers = request.headers_mut();
        headers.reserve(HEADERS);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        for (name, value) in [("nonce", signature.nonce), ("timestamp", signature.timestamp), ("sign", signature.sign)]
        {
            let value = HeaderValue::from_maybe_shared(value).expect("digits and letters are a header's value");
            headers.insert(HeaderName::from_static(name), value);
        }
        *request.body_mut() = Some(reqwest::Body::wrap(Departing { body: Some(body), attempt }));
        let mut response = patience.with(lane.http.execute(request)).await?;
        let mut reply = Reply::head(response.status().as_u16(), response.headers());
        let limit = self.settings.max_response_bytes;
        let too_large = || Stop::TooLarge { status: reply.status };
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        // Most answers are one piece, which is not copied.
        let mut body = patience.with(response.chunk()).await?.unwrap_or_default();
        let mut longer = Vec::new();
        while let Some(chunk) = patience.with(response.chunk()).await? {
            if longer.is_empty() {
                longer.reserve(response.content_length().unwrap_or_default() as usize);
                longer.extend_from_slice(&body);
            }
            longer.extend_from_slice(&chunk);
            if longer.len() > limit {
                return Err(too_large());
            }
        }
        if !longer.is_empty() {
            body = longer.into();
        }
        if body.len() > limit {
            return Err(too_large());
        }
        reply.body = body;
        Ok(reply)
    }

    fn failure(&self, stop: Stop, attempt: &Attempt) -> Failure {
        let error = match stop {
            Stop::Http(error) => error,
            Stop::TimedOut { limit } if !attempt.has_left() => {
                return Failure::NotSent { reason: format!("none within {limit:?}") };
            }
            Stop::TimedOut { .. } => return Failure::TimedOut,
            Stop::TooLarge { status } => {
                return Failure::TooLarge { status: status.into(), limit: self.settings.max_response_bytes };
            }
        };
        if !attempt.has_left() {
            let reason = match error.is_timeout() {
                true => format!("none within {:?}", self.settings.connect_timeout),
                false => root_cause(&error),
            };
            return Failure::NotSent { reason };
        }
        match hyper_error(&error) {
            Some(error) if error.is_parse() => Failure::Unreadable { reason: format!("it is not HTTP: {error}") },
            Some(error) if error.is_incomplete_message() => {
                Failure::Lost { reason: "the server closed it without an answer".into() }
            }
            _ => Failure::Lost { reason: root_cause(&error) },
        }
    }

    /// A lane without a connection yet; its first request makes one.
    fn open_lane(&self) -> Result<Lane, Failure> {
        let settings = &self.settings;
        let not_sent = |reason: String| Failure::NotSent { reason };
        let tls = match self.base.starts_with("https:") {
            true => self.here().tls.get_or_try_init(|| tls(settings)).map_err(|error| not_sent(error.to_string()))?,
            // reqwest wants a TLS setting even where it is never used.
            false => no_tls(),
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(settings.user_agent.clone())
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(None)
            .tcp_nodelay(true)
            .redirect(redirect::Policy::none())
            .referer(false)
            // Attempts are the caller's, and counted.
            .retry(retry::never())
            // The environment's proxies are a surprise in a service; the option names one.
            .no_proxy();
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy.clone());
        }
        let http = builder.build().map_err(|error| not_sent(root_cause(&error)))?;
        Ok(Lane { http, idle_since: Instant::now(), urls: Vec::new() })
    }

    fn here(&self) -> &Here {
        self.here.get_or_init(|| Here { tls: OnceCell::new(), stations: Stations::default() })
    }
}

/// One connection to the server, or the promise of one.
pub(crate) struct Lane {
    http: reqwest::Client,
    pub(crate) idle_since: Instant,
    /// The URLs of the endpoints that were called over it: reading one takes longer than signing.
    urls: Vec<(&'static str, Url)>,
}

impl Lane {
    fn url(&mut self, base: &str, name: &'static str) -> &Url {
        let known = self.urls.iter().position(|(known, _)| *known == name);
        let place = known.unwrap_or_else(|| {
            // The base was read when the client was made, and names are words with slashes between them.
            let url = format!("{base}{name}").parse().expect("a path below a URL is a URL");
            self.urls.push((name, url));
            self.urls.len() - 1
        });
        &self.urls[place].1
    }
}

/// Ours, and those that reqwest adds.
const HEADERS: usize = 8;

/// A request's body, which notes the moment from which the request may have left.
///
/// hyper asks for it when it has taken the request on for a connection, just before it writes the first byte. A request
/// that never comes so far is handed back: nothing of it is on the way.
struct Departing {
    body: Option<Bytes>,
    attempt: Attempt,
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

/// What a process has of a client.
struct Here {
    /// Made at the first https call: it reads the system's certificates.
    tls: OnceCell<ClientConfig>,
    stations: Stations,
}

/// How long an exchange may take.
struct Patience<'a> {
    /// To its end.
    clock: &'a Clock,
    /// From one sign of life to the next.
    quiet: Duration,
}

impl Patience<'_> {
    async fn with<T>(&self, step: impl Future<Output = reqwest::Result<T>>) -> Result<T, Stop> {
        let left = self.clock.left();
        let (time, limit) = if left < self.quiet { (left, self.clock.total) } else { (self.quiet, self.quiet) };
        match tokio::time::timeout(time, step).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(Stop::TimedOut { limit }),
        }
    }
}

/// Why an exchange ended without a reply.
enum Stop {
    Http(reqwest::Error),
    TimedOut { limit: Duration },
    TooLarge { status: u16 },
}

impl From<reqwest::Error> for Stop {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

/// The base URL as every path is appended to it. The reasons do not repeat it: it may hold a password.
fn base_of(base_url: &str) -> Result<String, MessageError> {
    let refuse = |reason: String| Err(MessageError::invalid("base_url", reason));
    let url: Url = match base_url.parse() {
        Ok(url) => url,
        Err(error) => return refuse(format!("it is no URL: {error}")),
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse(format!("its scheme is {}: it must be http or https", url.scheme()));
    }
    let banned = [
        ("a user or password", !url.username().is_empty() || url.password().is_some()),
        ("a query", url.query().is_some()),
        ("a fragment", url.fragment().is_some()),
    ];
    match banned.into_iter().find(|(_, present)| *present) {
        Some((what, _)) => refuse(format!("it holds {what}: give the server's address alone")),
        None => Ok(format!("{}/admin/", url.as_str().trim_end_matches('/'))),
    }
}

/// Both statics are made without a lock: a fork may come while another thread makes them, and its child would wait for
/// that thread for ever.
fn ring() -> Arc<CryptoProvider> {
    static RING: OnceBox<Arc<CryptoProvider>> = OnceBox::new();
    Arc::clone(RING.get_or_init(|| Box::new(Arc::new(rustls::crypto::ring::default_provider()))))
}

/// Trusts nobody; for base URLs without TLS.
fn no_tls() -> &'static ClientConfig {
    static NO_TLS: OnceBox<ClientConfig> = OnceBox::new();
    NO_TLS.get_or_init(|| {
        Box::new(
            ClientConfig::builder_with_provider(ring())
                .with_safe_default_protocol_versions()
                .expect("ring has TLS 1.2 and 1.3")
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth(),
        )
    })
}

/// Trusts the system's certificates and the caller's. Certificate and host name are always checked.
fn tls(settings: &Settings) -> Result<ClientConfig, rustls::Error> {
    use rustls_platform_verifier::Verifier;

    let roots = settings.root_certificates.iter().cloned();
    let verifier = Verifier::new_with_extra_roots(roots, ring())?;
    Ok(ClientConfig::builder_with_provider(ring())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

/// The innermost reason, the one that says something.
fn root_cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn hyper_error(error: &dyn Error) -> Option<&hyper::Error> {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}
