//! One signed POST over HTTP: over an idle lane, or over a new one.
//!
//! A connection carries one request at a time, and one that gave a doubtful answer is never used again: the server says
//! keep-alive and closes (wire.md §2). So each connection is a *lane* (`lane.rs`), taken for a call and given back after a
//! good answer.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use hyper::{
    Method, Request,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use once_cell::sync::OnceCell;
use rustls::{
    ClientConfig,
    pki_types::CertificateDer,
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::{
    address::base_of,
    clock::Clock,
    identity::Identity,
    lane::{Departing, Lane, Patience, Stop},
    progress::Attempt,
    reasons::{not_http, reason},
    reply::Reply,
    route::Route,
    settings::Settings,
    signature::Signature,
    station::{Lanes, Rest, Station, Stations},
    trust,
};
use crate::{Credentials, MessageError, per_process::PerProcess, ring::ring, stats::Tally};

/// Why there is no [`Reply`].
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request did not leave, or not all of it: there was no connection, or it ended too early.
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

/// The way to one server, or to several that are one cluster.
pub(crate) struct Transport {
    ways: Vec<Way>,
    /// Which way is gone at present.
    at: AtomicUsize,
    /// The header that names who speaks, where there is one.
    named: Option<(HeaderName, HeaderValue)>,
    settings: Settings,
    credentials: Credentials,
    here: PerProcess<ProcessState>,
}

/// What is posted once.
pub(crate) struct Post<'a> {
    /// The endpoint's name.
    pub(crate) name: &'static str,
    pub(crate) signature: Signature,
    pub(crate) body: Bytes,
    pub(crate) attempt: &'a Attempt,
    /// Headers besides those of every request.
    pub(crate) carried: Option<&'a HeaderMap>,
}

/// The way to one of the servers.
struct Way {
    /// All that stands in front of an endpoint's name.
    base: String,
    route: Route,
}

impl Transport {
    pub(crate) fn new(
        base_url: &str,
        identity: Identity,
        settings: Settings,
        credentials: Credentials,
    ) -> Result<Self, MessageError> {
        let way = |argument: &str, url: &str| -> Result<Way, MessageError> {
            let base = base_of(url, identity.root).map_err(|reason| MessageError::invalid(argument, reason))?;
            let route = Route::new(&base, settings.proxy.as_ref(), credentials.proxy.as_ref());
            Ok(Way { base: base.into(), route })
        };
        let mut ways = vec![way("base_url", base_url)?];
        for (index, url) in settings.more_base_urls.iter().enumerate() {
            ways.push(way(&format!("options.more_base_urls[{index}]"), url)?);
        }
        if credentials.proxy.is_some() && settings.proxy.is_none() {
            return Err(MessageError::invalid("proxy_login", "the options name no proxy"));
        }
        Ok(Self {
            ways,
            at: AtomicUsize::new(0),
            named: identity.header,
            settings,
            credentials,
            here: PerProcess::new(),
        })
    }

    /// The URLs below which all endpoints lie; the first one is the client's own.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &str> {
        self.ways.iter().map(|way| way.base.as_str())
    }

    /// Which of the servers the next request goes to.
    pub(crate) fn way(&self) -> usize {
        self.at.load(Ordering::Relaxed)
    }

    /// A request on this way did not come through: the next one takes another, where there is one.
    pub(crate) fn leaves(&self, way: usize) {
        let next = (way + 1) % self.ways.len();
        // For a call that fails later on the same way, the change has already been made.
        let _ = self.at.compare_exchange(way, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The URL below which all endpoints of one way lie.
    pub(crate) fn base(&self, way: usize) -> &str {
        &self.ways[way].base
    }

    /// Host and port of the proxy, where there is one.
    pub(crate) fn proxy(&self) -> Option<String> {
        self.ways.first()?.route.proxy()
    }

    /// What else nobody may read.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// What counts the calls of the process that somebody is in the midst of one in.
    pub(crate) fn tally(&self) -> &Arc<Tally> {
        self.here.known().map_or_else(|| self.tally_of_this_process(), |here| &here.tally)
    }

    /// The same for code that may run in a forked child.
    pub(crate) fn tally_of_this_process(&self) -> &Arc<Tally> {
        &self.here().tally
    }

    /// A place to make calls from.
    pub(crate) fn station(&self) -> io::Result<Station> {
        self.here().stations.take(self.rest())
    }

    /// Keeps a place for later calls, in the process that it was taken in.
    pub(crate) fn keep(&self, station: Station) {
        if let Some(here) = self.here.known() {
            here.stations.give_back(station, self.settings.pool_max_idle);
        }
    }

    /// Closes the connections that nobody uses just now.
    pub(crate) fn close_idle(&self) {
        self.here().stations.close_idle();
    }

    /// Posts once, and reads the whole answer. The lane comes with it, to be given back after an answer that was a good one.
    pub(crate) async fn post(
        &self,
        lanes: &Lanes,
        way: usize,
        post: Post<'_>,
        clock: &Clock,
    ) -> Result<(Reply, Box<Lane>), Failure> {
        let Post { name, signature, body, attempt, carried } = post;
        let route = &self.ways[way].route;
        let mut lane = match lanes.take(way, self.rest()) {
            Some(lane) => lane,
            // Few calls make a connection; the others are not to carry the room for that about.
            None => Box::new(Box::pin(self.open_lane(way, clock)).await?),
        };
        let mut request = Request::new(Departing { body: Some(body), attempt: attempt.clone() });
        *request.method_mut() = Method::POST;
        *request.uri_mut() = lane.uri(name, || route.uri(name));
        *request.headers_mut() = self.headers(route, signature);
        for (name, value) in carried.into_iter().flatten() {
            request.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        let patience = Patience { clock, quiet: self.settings.read_timeout };
        match lane.exchange(request, self.settings.max_response_bytes, &patience).await {
            Ok(reply) => Ok((reply, lane)),
            Err(stop) => Err(self.failure(way, stop, &lane, attempt)),
        }
    }

    fn headers(&self, route: &Route, signature: Signature) -> HeaderMap {
        // hyper adds the body's length.
        const OURS: usize = 9;
        let mut headers = HeaderMap::with_capacity(OURS + self.credentials.headers.len());
        headers.insert(header::CONTENT_TYPE, JSON);
        for (name, value) in [(NONCE, signature.nonce), (TIMESTAMP, signature.timestamp), (SIGN, signature.sign)] {
            let value = HeaderValue::from_maybe_shared(value).expect("digits and letters are a header's value");
            headers.insert(name, value);
        }
        if let Some((name, value)) = &self.named {
            headers.insert(name, value.clone());
        }
        headers.insert(header::ACCEPT, ANYTHING);
        headers.insert(header::USER_AGENT, self.settings.user_agent.clone());
        headers.insert(header::HOST, route.host.clone());
        for (name, value) in &self.credentials.headers {
            headers.insert(name, value.clone());
        }
        if let Some(value) = route.proxy_authorization() {
            headers.insert(header::PROXY_AUTHORIZATION, value);
        }
        headers
    }

    fn failure(&self, way: usize, stop: Stop, lane: &Lane, attempt: &Attempt) -> Failure {
        let lost = match &stop {
            Stop::TimedOut { limit } => format!("it took longer than {limit:?}"),
            Stop::TooLarge { status } => {
                return Failure::TooLarge { status: (*status).into(), limit: self.settings.max_response_bytes };
            }
            Stop::Ended => "the server closed it without an answer".to_owned(),
            Stop::Http(error) if error.is_incomplete_message() => "the server closed it without an answer".to_owned(),
            Stop::Http(error) => reason(error),
        };
        if !attempt.has_left() {
            return Failure::NotSent { reason: lost };
        }
        if !lane.has_sent_all() {
            let reason = match stop {
                Stop::TimedOut { limit } => format!("the server took only a part of the request within {limit:?}"),
                _ => format!("the connection ended when only a part of the request had been sent: {lost}"),
            };
            return Failure::NotSent { reason };
        }
        match stop {
            Stop::TimedOut { .. } => Failure::TimedOut,
            Stop::Http(error) if error.is_parse() => {
                Failure::Unreadable { reason: not_http(&error, self.base(way).starts_with("https:")) }
            }
            _ => Failure::Lost { reason: lost },
        }
    }

    /// Makes a connection on the way that is gone at present, and closes it again.
    #[cfg(feature = "cli")]
    pub(crate) async fn try_way(&self, clock: &Clock) -> Result<(), Failure> {
        self.open_lane(self.way(), clock).await.map(drop)
    }

    /// A new connection. How long that may take, `connect_timeout` says alone, within the call's own time.
    async fn open_lane(&self, way: usize, clock: &Clock) -> Result<Lane, Failure> {
        let not_sent = |reason: String| Failure::NotSent { reason };
        let route = &self.ways[way].route;
        let tls = match route.needs_tls() {
            true => Some(self.tls().map_err(|error| not_sent(error.to_string()))?),
            false => None,
        };
        let left = clock.left();
        let (time, limit) = match left < self.settings.connect_timeout {
            true => (left, clock.total),
            false => (self.settings.connect_timeout, self.settings.connect_timeout),
        };
        let line = match tokio::time::timeout(time, route.open(tls)).await {
            Ok(line) => line.map_err(not_sent)?,
            Err(_) => return Err(not_sent(format!("it took longer than {limit:?}"))),
        };
        Lane::over(line, way, self.tally().opens()).await.map_err(|error| not_sent(reason(&error)))
    }

    fn tls(&self) -> Result<&Arc<ClientConfig>, rustls::Error> {
        self.here()
            .tls
            .get_or_try_init(|| tls(&self.settings.root_certificates, self.credentials.client.as_ref()).map(Arc::new))
    }

    fn rest(&self) -> Rest {
        Rest { longest: self.settings.pool_idle_timeout, greatest_age: self.settings.pool_max_age }
    }

    fn here(&self) -> &ProcessState {
        self.here.get_or_init(|| ProcessState {
            tls: OnceCell::new(),
            stations: Stations::default(),
            tally: Arc::default(),
        })
    }
}

const NONCE: HeaderName = HeaderName::from_static("nonce");
const TIMESTAMP: HeaderName = HeaderName::from_static("timestamp");
const SIGN: HeaderName = HeaderName::from_static("sign");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// What a process has of a client.
struct ProcessState {
    /// Made at the first https call: it reads the system's certificates.
    tls: OnceCell<Arc<ClientConfig>>,
    stations: Stations,
    tally: Arc<Tally>,
}

/// Trusts the system's certificates and the caller's. Certificate and host name are always checked.
pub(crate) fn tls(
    besides: &[CertificateDer<'static>],
    client: Option<&Arc<CertifiedKey>>,
) -> Result<ClientConfig, rustls::Error> {
    let verifier = trust::verifier(besides, ring())?;
    let config = ClientConfig::builder_with_provider(ring())
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match client {
        Some(both) => config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(both)))),
        None => config.with_no_client_auth(),
    };
    // Gateways that speak several kinds of HTTP are told which one comes.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
