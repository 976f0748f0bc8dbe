//! What a client can be told: [`ClientOptions`].

use std::time::Duration;

use hyper::header::HeaderValue;
use reqwest::Url;

use crate::{
    MessageError,
    call::{Policy, unusable},
};

/// Settings of a client. What is left out has the value named here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct ClientOptions {
    /// How long making a connection may take: name look-up, TCP, a proxy's answer and TLS together; 5 seconds when left out.
    #[uniffi(default)]
    pub connect_timeout: Option<Duration>,
    /// How long no byte may move in either direction once the connection stands; 15 seconds when left out. A large request
    /// that leaves slowly and an answer that trickles in are no silence.
    #[uniffi(default)]
    pub read_timeout: Option<Duration>,
    /// How long a call may take in all, every attempt and pause included; 30 seconds when left out.
    #[uniffi(default)]
    pub total_timeout: Option<Duration>,
    /// How often a call is tried where another attempt is safe; 1 for never again. docs/delivery.md says what is safe.
    #[uniffi(default = 3)]
    pub max_attempts: i32,
    /// The longest pause before the second attempt, twice as long before each further one; 200 milliseconds when left out.
    /// A random part of it is taken. A longer one that the server asks for (`Retry-After`) comes on top.
    #[uniffi(default)]
    pub retry_pause: Option<Duration>,
    /// What the doubled pause grows to at the most; 5 seconds when left out.
    #[uniffi(default)]
    pub retry_pause_max: Option<Duration>,
    /// How many requests a second leave the client at the most, all threads together; 0 for any number. A call waits for
    /// its turn within its total time-out, one of many in a bulk as long as it takes.
    #[uniffi(default = 0)]
    pub rate_limit: i32,
    /// How many idle connections are kept for later calls.
    #[uniffi(default = 32)]
    pub pool_max_idle: i32,
    /// How long an idle connection is kept for another call; 15 seconds when left out. Stay below what a proxy in front of the
    /// server allows. Where a server announces less (`Keep-Alive: timeout=5`), that holds.
    #[uniffi(default)]
    pub pool_idle_timeout: Option<Duration>,
    /// How old a connection may grow; 5 minutes when left out. Then a new one is made, and the server's name is looked up
    /// again.
    #[uniffi(default)]
    pub pool_max_age: Option<Duration>,
    /// The longest answer that is read, in bytes; 16 MiB. A longer one is an error.
    #[uniffi(default = 16777216)]
    pub max_response_bytes: i64,
    /// URL of a proxy: `http`, `https`, `socks5`, or `socks5h` for one that looks names up itself. Without user or password,
    /// which are given with the client's credentials: options may be printed. The environment's proxy settings are not used.
    #[uniffi(default)]
    pub proxy: Option<String>,
    /// URLs of further servers of the same cluster. Where one does not come through, the next request goes to the next; a
    /// call that is tried again is one that may be.
    #[uniffi(default)]
    pub more_base_urls: Vec<String>,
    /// Certificates, as PEM text, that are trusted besides the system's own.
    #[uniffi(default)]
    pub root_certificates: Option<String>,
    /// What is added to the user agent `wildfirechat-message/<version>`.
    #[uniffi(default)]
    pub user_agent: Option<String>,
    /// Lets payloads pass whose content type is not meant to be sent through the server API.
    #[uniffi(default)]
    pub allow_unsendable_types: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_timeout: None,
            read_timeout: None,
            total_timeout: None,
            max_attempts: 3,
            retry_pause: None,
            retry_pause_max: None,
            rate_limit: 0,
            pool_max_idle: 32,
            pool_idle_timeout: None,
            pool_max_age: None,
            max_response_bytes: 16 * 1024 * 1024,
            proxy: None,
            more_base_urls: Vec::new(),
            root_certificates: None,
            user_agent: None,
            allow_unsendable_types: false,
        }
    }
}

/// The options with every value found and checked.
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) total_timeout: Duration,
    pub(crate) policy: Policy,
    pub(crate) rate_limit: Option<u32>,
    pub(crate) pool_max_idle: usize,
    pub(crate) pool_idle_timeout: Duration,
    pub(crate) pool_max_age: Duration,
    pub(crate) max_response_bytes: usize,
    pub(crate) proxy: Option<Url>,
    pub(crate) more_base_urls: Vec<String>,
    pub(crate) root_certificates: Vec<rustls::pki_types::CertificateDer<'static>>,
    pub(crate) user_agent: HeaderValue,
    pub(crate) allow_unsendable_types: bool,
}

impl TryFrom<ClientOptions> for Settings {
    type Error = MessageError;

    fn try_from(options: ClientOptions) -> Result<Self, MessageError> {
        Ok(Self {
            connect_timeout: timeout("connect_timeout", options.connect_timeout, 5)?,
            read_timeout: timeout("read_timeout", options.read_timeout, 15)?,
            total_timeout: timeout("total_timeout", options.total_timeout, 30)?,
            policy: policy(&options)?,
            rate_limit: match u32::try_from(options.rate_limit) {
                Ok(0) => None,
                Ok(calls) => Some(calls),
                Err(_) => return Err(invalid("rate_limit", format!("{} is below 0", options.rate_limit))),
            },
            pool_max_idle: usize::try_from(options.pool_max_idle)
                .map_err(|_| invalid("pool_max_idle", format!("{} is below 0", options.pool_max_idle)))?,
            pool_idle_timeout: timeout("pool_idle_timeout", options.pool_idle_timeout, 15)?,
            pool_max_age: timeout("pool_max_age", options.pool_max_age, 300)?,
            max_response_bytes: match usize::try_from(options.max_response_bytes) {
                Ok(bytes) if bytes > 0 => bytes,
                _ => return Err(invalid("max_response_bytes", format!("{} is below 1", options.max_response_bytes))),
            },
            proxy: options.proxy.as_deref().map(proxy).transpose()?,
            more_base_urls: options.more_base_urls,
            root_certificates: options.root_certificates.as_deref().map(certificates).transpose()?.unwrap_or_default(),
            user_agent: user_agent(options.user_agent.as_deref())?,
            allow_unsendable_types: options.allow_unsendable_types,
        })
    }
}

fn invalid(option: &str, reason: impl Into<String>) -> MessageError {
    MessageError::invalid(format!("options.{option}"), reason)
}

fn policy(options: &ClientOptions) -> Result<Policy, MessageError> {
    let max_attempts = match u32::try_from(options.max_attempts) {
        Ok(attempts) if attempts > 0 => attempts,
        _ => return Err(invalid("max_attempts", format!("{} is below 1", options.max_attempts))),
    };
    let pause = options.retry_pause.unwrap_or(Duration::from_millis(200));
    let pause_max = options.retry_pause_max.unwrap_or(Duration::from_secs(5).max(pause));
    if pause > pause_max {
        return Err(invalid("retry_pause_max", format!("{pause_max:?} is less than retry_pause, {pause:?}")));
    }
    Ok(Policy { max_attempts, pause, pause_max })
}

fn timeout(option: &str, given: Option<Duration>, default_seconds: u64) -> Result<Duration, MessageError> {
    match given {
        Some(duration) if duration.is_zero() => Err(invalid(option, "it is 0: a call could never succeed")),
        Some(duration) => Ok(duration),
        None => Ok(Duration::from_secs(default_seconds)),
    }
}

/// The reasons do not repeat the URL: it may hold a password.
fn proxy(url: &str) -> Result<Url, MessageError> {
    let url: Url = url.parse().map_err(|error| invalid("proxy", format!("it is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        let reason = format!("its scheme is {}: it must be http, https, socks5 or socks5h", url.scheme());
        return Err(invalid("proxy", reason));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "it holds a user or password, which would show wherever the options are printed; give them with the \
                      client's credentials";
        return Err(invalid("proxy", reason));
    }
    match url.host_str() {
        Some(_) => Ok(url),
        None => Err(invalid("proxy", "it names no host")),
    }
}

fn certificates(pem: &str) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, MessageError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(invalid("root_certificates", "there is no PEM certificate in it"))
        }
        Ok(certificates) => {
            match certificates.iter().zip(1..).find_map(|(one, number)| unusable(one).zip(Some(number))) {
                Some((error, number)) => {
                    Err(invalid("root_certificates", format!("number {number} in it is no certificate: {error}")))
                }
                None => Ok(certificates),
            }
        }
        Err(error) => Err(invalid("root_certificates", format!("it is not PEM: {error}"))),
    }
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, MessageError> {
    let own = concat!("wildfirechat-message/", env!("CARGO_PKG_VERSION"));
    let whole = suffix.map_or_else(|| own.to_owned(), |suffix| format!("{own} {suffix}"));
    HeaderValue::from_str(&whole).map_err(|_| invalid("user_agent", "it has characters that a header cannot hold"))
}
