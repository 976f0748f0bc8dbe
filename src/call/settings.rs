//! What a caller needs of the options: every value found and checked.

use std::time::Duration;

use hyper::header::HeaderValue;
use reqwest::Url;

use super::{Policy, trust::unusable};
use crate::{MessageError, options::ClientOptions};

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
        return Err(invalid("retry_pause_max", format!("{pause_max:?} is less than retry_pause ({pause:?})")));
    }
    Ok(Policy { max_attempts, pause, pause_max })
}

fn timeout(option: &str, given: Option<Duration>, default_seconds: u64) -> Result<Duration, MessageError> {
    match given {
        Some(duration) if duration.is_zero() => Err(invalid(option, "it is 0, so that no call could ever succeed")),
        Some(duration) => Ok(duration),
        None => Ok(Duration::from_secs(default_seconds)),
    }
}

/// The reasons do not repeat the URL: it may hold a password.
fn proxy(url: &str) -> Result<Url, MessageError> {
    let url: Url = url.parse().map_err(|error| invalid("proxy", format!("it is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        let reason = format!("its scheme is {}: it must be http, https, socks5 or socks5h", url.scheme());
        return Err(invalid("proxy", reason));
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = "it contains a user name or a password, which would be shown wherever the options are printed: \
                      give them in the client's credentials";
        return Err(invalid("proxy", reason));
    }
    match url.host_str() {
        Some(_) => Ok(url),
        None => Err(invalid("proxy", "it has no host")),
    }
}

fn certificates(pem: &str) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, MessageError> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};

    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(invalid("root_certificates", "it contains no PEM certificate"))
        }
        Ok(certificates) => {
            match certificates.iter().zip(1..).find_map(|(one, number)| unusable(one).zip(Some(number))) {
                Some((error, number)) => {
                    Err(invalid("root_certificates", format!("number {number} in it is not a certificate: {error}")))
                }
                None => Ok(certificates),
            }
        }
        Err(error) => Err(invalid("root_certificates", format!("it is not in PEM format: {error}"))),
    }
}

fn user_agent(suffix: Option<&str>) -> Result<HeaderValue, MessageError> {
    let own = concat!("wildfirechat-message/", env!("CARGO_PKG_VERSION"));
    let whole = suffix.map_or_else(|| own.to_owned(), |suffix| format!("{own} {suffix}"));
    HeaderValue::from_str(&whole)
        .map_err(|_| invalid("user_agent", "it contains a character that an HTTP header cannot contain"))
}
