//! The stores that files are brought to: [`Stores`], and one attempt at one of them.

use std::{
    error::Error,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use once_cell::race::OnceBox;
use reqwest::{
    RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue},
    multipart::{Form, Part},
    redirect, retry,
};
use rustls::{ClientConfig, RootCertStore, pki_types::CertificateDer};
use secrecy::ExposeSecret;

use super::{
    body::{Outgoing, Trouble},
    meter::Meter,
    source::Source,
    words,
};
use crate::{
    Credentials, MessageError,
    call::{Failed, Fate, Policy, Reply, Settings, reason, tls},
    credentials::Login,
    endpoints::Place,
    per_process::PerProcess,
    ring::ring,
};

/// This much of a store's answer is read.
const ANSWER: usize = 64 * 1024;
/// This much of a file may still be in the buffers of this machine when the last piece was accepted …
const BUFFERED: u64 = 1024 * 1024;
/// … and has this time to leave them, besides the time that a store may be silent.
const SLOWEST_A_SECOND: u64 = 64 * 1024;

/// How often to look whether a connection stands.
const CHECK_EVERY: Duration = Duration::from_millis(50);

/// How a client speaks to stores.
pub(crate) struct Stores {
    connect_timeout: Duration,
    /// How long nothing may move.
    quiet: Duration,
    pub(super) policy: Policy,
    /// The longest pause before another attempt: a store may ask for hours.
    pub(super) longest_pause: Duration,
    proxy: Option<reqwest::Proxy>,
    root_certificates: Vec<CertificateDer<'static>>,
    user_agent: HeaderValue,
    /// Made at the first store with https: it reads the system's certificates.
    tls: PerProcess<ClientConfig>,
}

impl Stores {
    /// Of the credentials only the proxy's count: a client certificate and a gateway's headers are for the server.
    pub(crate) fn new(settings: &Settings, credentials: &Credentials) -> Result<Self, MessageError> {
        let proxy = settings.proxy.as_ref().map(|url| proxy(url, credentials.proxy.as_ref())).transpose()?;
        Ok(Self {
            connect_timeout: settings.connect_timeout,
            quiet: settings.read_timeout,
            policy: settings.policy,
            longest_pause: settings.total_timeout,
            proxy,
            root_certificates: settings.root_certificates.clone(),
            user_agent: settings.user_agent.clone(),
            tls: PerProcess::new(),
        })
    }

    /// A way to a store, for one attempt.
    fn http(&self, store: &Url) -> Result<reqwest::Client, String> {
        let tls = match store.scheme() {
            "https" => {
                let made = self.tls.get_or_try_init(|| tls(&self.root_certificates, None));
                made.map_err(|error| error.to_string())?
            }
            // reqwest wants a TLS setting even where it is never used.
            _ => no_tls(),
        };
        let mut builder = reqwest::Client::builder()
            .user_agent(self.user_agent.clone())
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(0)
            .tcp_nodelay(true)
            // The bytes would have to be sent once more, to somebody whom nobody named.
            .redirect(redirect::Policy::none())
            .referer(false)
            // Attempts are ours, and counted.
            .retry(retry::never())
            .no_proxy();
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder.build().map_err(|error| reason(&error))
    }
}

/// What is brought to a store.
pub(super) struct UploadJob {
    pub(super) source: Source,
    pub(super) file_name: String,
    pub(super) content_type: HeaderValue,
    pub(super) meter: Arc<Meter>,
}

impl UploadJob {
    /// Brings it to a store, once.
    pub(super) async fn send_to(&self, stores: &Stores, step: &'static str, place: &Place) -> Result<(), Failed> {
        self.meter.begin(step);
        let trouble = Trouble::default();
        let attempt = Attempt { job: self, stores, step, place };
        let outcome = match attempt.request(&trouble) {
            Ok(request) => {
                tokio::select! {
                    outcome = attempt.exchange(request) => outcome,
                    () = attempt.silence() => Err(attempt.silent()),
                }
            }
            Err(reason) => Err(attempt.unreachable(reason)),
        };
        // The reason behind a request that failed.
        let trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        match trouble {
            Some(error) => Err(Failed { error: error.into(), fate: Fate::Decided, retry_after: None }),
            None => outcome,
        }
    }
}

fn proxy(url: &Url, login: Option<&Login>) -> Result<reqwest::Proxy, MessageError> {
    let proxy = reqwest::Proxy::all(url.clone())
        .map_err(|_| MessageError::invalid("options.proxy", "files cannot be uploaded through a proxy of this kind"))?;
    Ok(match login {
        Some(Login { user, password }) => proxy.basic_auth(user.expose_secret(), password.expose_secret()),
        None => proxy,
    })
}

/// Trusts nobody; for stores without TLS.
fn no_tls() -> &'static ClientConfig {
    // Without a lock: a fork may come while another thread makes it.
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

/// An attempt of which nobody knows what the store has; another one does no harm, and may meet a better answer.
fn doubtful(error: MessageError) -> Failed {
    Failed { error: error.into(), fate: Fate::Unknown, retry_after: None }
}

fn hyper_error(error: &dyn Error) -> Option<&hyper::Error> {
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.find_map(|cause| cause.downcast_ref())
}

struct Attempt<'a> {
    job: &'a UploadJob,
    stores: &'a Stores,
    step: &'static str,
    place: &'a Place,
}

impl Attempt<'_> {
    fn request(&self, trouble: &Trouble) -> Result<RequestBuilder, String> {
        let UploadJob { source, file_name, content_type, meter } = self.job;
        let body = reqwest::Body::wrap(Outgoing::new(source.clone(), Arc::clone(meter), Arc::clone(trouble)));
        match self.place {
            Place::Plain { url } => {
                let request = self.stores.http(url)?.put(url.clone());
                Ok(request.header(CONTENT_TYPE, content_type.clone()).header(CONTENT_LENGTH, source.size()).body(body))
            }
            Place::Form { url, token, key } => {
                // As it is: reqwest would write it as it understands it.
                let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.clone())]);
                let file = Part::stream_with_length(body, source.size()).file_name(file_name.clone()).headers(headers);
                let form = Form::new().text("token", token.clone()).text("key", key.clone()).part("file", file);
                Ok(self.stores.http(url)?.post(url.clone()).multipart(form))
            }
        }
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<(), Failed> {
        let meter = &self.job.meter;
        let mut response = request.send().await.map_err(|error| self.broken(&error))?;
        meter.note_answer();
        if matches!(response.status(), StatusCode::OK | StatusCode::CREATED) {
            return match meter.sent() == meter.total() {
                true => Ok(()),
                false => Err(self.answered_too_early(response.status())),
            };
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.broken(&error))? {
            meter.note_answer();
            answer.extend_from_slice(&chunk);
            if answer.len() > ANSWER {
                break;
            }
        }
        Err(self.refused(&response, &answer))
    }

    /// A store that says it has what it cannot have.
    fn answered_too_early(&self, status: StatusCode) -> Failed {
        let reason = "it arrived before the whole file had been sent".into();
        let (endpoint, status) = (self.step.to_owned(), i32::from(status.as_u16()));
        let error = MessageError::InvalidResponse { endpoint, status, reason, body: String::new(), attempts: 1 };
        doubtful(error)
    }

    /// What a store's answer means that is none of success.
    fn refused(&self, response: &Response, answer: &[u8]) -> Failed {
        let (endpoint, attempts) = (self.step.to_owned(), 1);
        let status = i32::from(response.status().as_u16());
        let body = words::excerpt(answer, self.place);
        let (error, fate) = match status {
            429 => (MessageError::RateLimited { endpoint, attempts, msg: format!("HTTP {status}") }, Fate::Refused),
            400..=499 => {
                let fate = if status == 408 { Fate::Unknown } else { Fate::Decided };
                (MessageError::Rejected { endpoint, code: status, msg: body, attempts }, fate)
            }
            300..=399 => {
                let reason = "it is a redirect, which is not followed".into();
                (MessageError::InvalidResponse { endpoint, status, reason, body, attempts }, Fate::Decided)
            }
            _ => {
                let reason = "its status is neither 200 nor 201".into();
                (MessageError::InvalidResponse { endpoint, status, reason, body, attempts }, Fate::Unknown)
            }
        };
        let Reply { retry_after, .. } = Reply::head(response.status().as_u16(), response.headers());
        Failed { error: error.into(), fate, retry_after }
    }

    /// What a request means that had no answer.
    fn broken(&self, error: &reqwest::Error) -> Failed {
        if !self.job.meter.has_left() {
            return self.unreachable(match error.is_timeout() {
                true => format!("it took longer than {:?}", self.stores.connect_timeout),
                false => reason(error),
            });
        }
        let (endpoint, attempts) = (self.step.to_owned(), 1);
        let lost = |reason| MessageError::ConnectionLost { endpoint: endpoint.clone(), attempts, reason };
        let error = match hyper_error(error) {
            Some(error) if error.is_parse() => {
                let reason = format!("it is not HTTP: {error}");
                MessageError::InvalidResponse { endpoint, status: 0, reason, body: String::new(), attempts }
            }
            Some(error) if error.is_incomplete_message() => lost(self.so_far("the store closed it without an answer")),
            _ => lost(self.so_far(&reason(error))),
        };
        doubtful(error)
    }

    fn so_far(&self, reason: &str) -> String {
        let meter = &self.job.meter;
        match meter.sent() {
            sent if sent == meter.total() => reason.to_owned(),
            sent => format!("{reason} when about {sent} of {} bytes had been sent", meter.total()),
        }
    }

    fn unreachable(&self, reason: String) -> Failed {
        let (Place::Plain { url } | Place::Form { url, .. }) = self.place;
        // The host alone: what is behind it opens the store.
        let reason = format!("{}: {reason}", url.host_str().unwrap_or_default());
        MessageError::Unreachable { endpoint: self.step.to_owned(), attempts: 1, reason }.into()
    }

    fn silent(&self) -> Failed {
        if !self.job.meter.has_left() {
            return self.unreachable(format!("it took longer than {:?}", self.stores.connect_timeout));
        }
        let elapsed = self.job.meter.elapsed();
        MessageError::TimedOut { endpoint: self.step.to_owned(), attempts: 1, elapsed }.into()
    }

    /// Comes back when nothing has moved for too long.
    async fn silence(&self) {
        loop {
            let (over, now) = (self.job.meter.moved() + self.longest_silence(), Instant::now());
            if now >= over {
                return;
            }
            // Until a connection stands: it makes the time shorter, and nobody is woken by it.
            let soon = if self.job.meter.has_left() { over } else { over.min(now + CHECK_EVERY) };
            tokio::time::sleep_until(soon.into()).await;
        }
    }

    fn longest_silence(&self) -> Duration {
        let meter = &self.job.meter;
        if !meter.has_left() {
            // reqwest has its own eye on the connection; this is for what comes before and after.
            return self.stores.connect_timeout.saturating_add(self.stores.quiet);
        }
        // Nobody sees bytes leave this machine's buffers.
        let buffered = meter.sent().min(BUFFERED);
        self.stores.quiet.saturating_add(Duration::from_secs(buffered) / u32::try_from(SLOWEST_A_SECOND).unwrap_or(1))
    }
}
