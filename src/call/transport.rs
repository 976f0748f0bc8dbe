//! One signed POST over HTTP, and the connections it goes over.
//!
//! A connection carries one request at a time, and one that gave a doubtful answer is never used again: the
//! server says keep-alive and closes (wire.md §2). reqwest's own pool cannot be told that, so each
//! connection is a *lane*: a reqwest client that holds just this one, taken for a call and given back after
//! a good answer (docs/adr/0002).

use std::{
    collections::VecDeque,
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use once_cell::sync::{Lazy, OnceCell};
use reqwest::{Url, header, redirect, retry};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};

use super::signature::Signature;
use crate::{MessageError, options::Settings, per_process::PerProcess, runtime};

/// What the server sent, whole.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) html: bool,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// HTML by its header or by its looks: proxies do not always say so.
    pub(crate) fn is_html(&self) -> bool {
        self.html || self.body.trim_ascii_start().starts_with(b"<")
    }
}

/// Why there is no [`Reply`].
pub(crate) enum Failure {
    /// No connection was made, so nothing was sent.
    NotConnected { reason: String },
    /// The answer did not come in time.
    TimedOut,
    /// The connection ended after the request left.
    Lost { reason: String },
    /// Something came that is no HTTP answer, or one that is too large.
    Unreadable { status: i32, reason: String },
}

/// How far a call has come, for whoever gives up waiting for it.
#[derive(Default)]
pub(crate) struct Progress {
    lane: Mutex<Option<Arc<AtomicBool>>>,
}

impl Progress {
    /// Whether the request may have left.
    pub(crate) fn sent(&self) -> bool {
        let lane = self.lane.lock().unwrap_or_else(PoisonError::into_inner);
        lane.as_ref().is_some_and(|connected| connected.load(Ordering::Acquire))
    }

    fn goes_over(&self, lane: &Lane) {
        *self.lane.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&lane.connected));
    }
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

    /// Posts once to the endpoint `name` and reads the whole answer.
    pub(crate) async fn post(
        &self,
        name: &str,
        signature: &Signature,
        body: Bytes,
        progress: &Progress,
    ) -> Result<Reply, Failure> {
        let here = self.here();
        let lane = match here.take(self.settings.pool_idle_timeout) {
            Some(lane) => lane,
            None => self.open_lane(here)?,
        };
        runtime::let_connections_run().await;
        progress.goes_over(&lane);
        let reply = self.exchange(&lane, name, signature, body).await.map_err(|error| self.failure(error, &lane))?;
        if reply.status < 400 || reply.body.is_empty() {
            here.give_back(lane, self.settings.pool_max_idle);
        }
        Ok(reply)
    }

    async fn exchange(&self, lane: &Lane, name: &str, signature: &Signature, body: Bytes) -> Result<Reply, Stop> {
        let request = lane
            .http
            .post(format!("{}{name}", self.base))
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header("nonce", &signature.nonce)
            .header("timestamp", &signature.timestamp)
            .header("sign", &signature.sign)
            .body(body);
        let mut response = request.send().await?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let html = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
        let limit = self.settings.max_response_bytes;
        let too_large = || Stop::TooLarge { status };
        if response.content_length().is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut body = Vec::with_capacity(response.content_length().unwrap_or_default() as usize);
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, html, body })
    }

    fn failure(&self, stop: Stop, lane: &Lane) -> Failure {
        let error = match stop {
            Stop::Http(error) => error,
            Stop::TooLarge { status } => {
                let reason = format!("it is longer than the {} bytes allowed", self.settings.max_response_bytes);
                return Failure::Unreadable { status: status.into(), reason };
            }
        };
        if error.is_connect() || !lane.connected.load(Ordering::Acquire) {
            let reason = match error.is_timeout() {
                true => format!("none within {:?}", self.settings.connect_timeout.min(self.settings.read_timeout)),
                false => root_cause(&error),
            };
            return Failure::NotConnected { reason };
        }
        if error.is_timeout() {
            return Failure::TimedOut;
        }
        match hyper_error(&error) {
            Some(error) if error.is_parse() => {
                Failure::Unreadable { status: 0, reason: format!("it is not HTTP: {error}") }
            }
            Some(error) if error.is_incomplete_message() => {
                Failure::Lost { reason: "the server closed it without an answer".into() }
            }
            _ => Failure::Lost { reason: root_cause(&error) },
        }
    }

    /// A lane without a connection yet; its first request makes one.
    fn open_lane(&self, here: &Here) -> Result<Lane, Failure> {
        let settings = &self.settings;
        let not_connected = |reason: String| Failure::NotConnected { reason };
        let tls = match self.base.starts_with("https:") {
            true => here.tls.get_or_try_init(|| tls(settings)).map_err(|error| not_connected(error.to_string()))?,
            // reqwest wants a TLS setting even where it is never used.
            false => &NO_TLS,
        };
        let connected = Arc::new(AtomicBool::new(false));
        let mut builder = reqwest::Client::builder()
            .user_agent(settings.user_agent.clone())
            .tls_backend_preconfigured(tls.clone())
            .connector_layer(WatchConnecting(Arc::clone(&connected)))
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
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
        let http = builder.build().map_err(|error| not_connected(root_cause(&error)))?;
        Ok(Lane { http, connected, idle_since: Instant::now() })
    }

    fn here(&self) -> &Here {
        self.here.get_or_init(|| Here { tls: OnceCell::new(), lanes: Mutex::default() })
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if let Some(here) = self.here.take() {
            drop(here);
            // The sockets close when their tasks see that nobody holds them any more.
            let _ = runtime::block_on(runtime::let_connections_run());
        }
    }
}

/// One connection to the server, or the promise of one.
struct Lane {
    http: reqwest::Client,
    /// Whether a connection ever stood, TLS included: from then on a request may have left. It stays so when the
    /// connection is made anew, as hyper may still use the old one.
    connected: Arc<AtomicBool>,
    idle_since: Instant,
}

/// What a process has of a client.
struct Here {
    /// Made at the first https call: it reads the system's certificates.
    tls: OnceCell<ClientConfig>,
    /// The lanes nobody uses, the one used last in front: the others may grow old and go.
    lanes: Mutex<VecDeque<Lane>>,
}

impl Here {
    fn take(&self, oldest: Duration) -> Option<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        while lanes.back().is_some_and(|lane| lane.idle_since.elapsed() > oldest) {
            lanes.pop_back();
        }
        lanes.pop_front()
    }

    fn give_back(&self, mut lane: Lane, most: usize) {
        lane.idle_since = Instant::now();
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.push_front(lane);
        let surplus = if lanes.len() > most { lanes.pop_back() } else { None };
        drop(lanes);
        drop(surplus);
    }
}

/// Why an exchange ended without a reply.
enum Stop {
    Http(reqwest::Error),
    TooLarge { status: u16 },
}

impl From<reqwest::Error> for Stop {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

/// A layer around reqwest's connector that notes when a connection stands.
#[derive(Clone)]
struct WatchConnecting(Arc<AtomicBool>);

#[derive(Clone)]
struct Watched<S> {
    connector: S,
    connected: Arc<AtomicBool>,
}

impl<S> tower_layer::Layer<S> for WatchConnecting {
    type Service = Watched<S>;

    fn layer(&self, connector: S) -> Watched<S> {
        Watched { connector, connected: Arc::clone(&self.0) }
    }
}

impl<S, R> tower_service::Service<R> for Watched<S>
where
    S: tower_service::Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let connected = Arc::clone(&self.connected);
        let connecting = self.connector.call(target);
        Box::pin(async move {
            let connection = connecting.await?;
            connected.store(true, Ordering::Release);
            Ok(connection)
        })
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

static RING: Lazy<Arc<CryptoProvider>> = Lazy::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// Trusts nobody; for base URLs without TLS.
static NO_TLS: Lazy<ClientConfig> = Lazy::new(|| {
    ClientConfig::builder_with_provider(Arc::clone(&RING))
        .with_safe_default_protocol_versions()
        .expect("ring has TLS 1.2 and 1.3")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
});

/// Trusts the system's certificates and the caller's. Certificate and host name are always checked.
fn tls(settings: &Settings) -> Result<ClientConfig, rustls::Error> {
    use rustls_platform_verifier::Verifier;

    let roots = settings.root_certificates.iter().cloned();
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&RING))?;
    Ok(ClientConfig::builder_with_provider(Arc::clone(&RING))
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
