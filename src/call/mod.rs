//! One call, start to end: check, sign, post, read, envelope, answer. It knows no endpoint in particular.

mod envelope;
mod parked;
mod signature;
mod transport;

use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

pub(crate) use parked::{Parked, ParkedCall};
pub(crate) use transport::Progress;
use transport::{Failure, Transport};

use crate::{
    MessageError,
    endpoints::{Endpoint, Rules},
    options::Settings,
};

/// Everything a call needs besides its endpoint: the way to the server, the secret, the rules.
pub(crate) struct Caller {
    transport: Transport,
    secret: SecretString,
    total_timeout: Duration,
    rules: Rules,
}

impl Caller {
    /// Checks its arguments; nothing is opened or read before the first call.
    pub(crate) fn new(base_url: &str, secret: String, settings: Settings) -> Result<Self, MessageError> {
        if secret.is_empty() {
            return Err(MessageError::invalid("secret", "it is empty"));
        }
        Ok(Self {
            secret: secret.into(),
            total_timeout: settings.total_timeout,
            rules: Rules { any_content_type: settings.allow_unsendable_types },
            transport: Transport::new(base_url, settings)?,
        })
    }

    /// The URL below which all endpoints lie.
    pub(crate) fn base(&self) -> &str {
        self.transport.base()
    }

    /// Makes the call: one attempt, within the total time-out.
    pub(crate) async fn run<E: Endpoint>(&self, endpoint: &E, progress: &Progress) -> Result<E::Answer, MessageError> {
        endpoint.check(&self.rules)?;
        let body = serde_json::to_vec(endpoint)
            .map(Bytes::from)
            .map_err(|error| MessageError::invalid("request", format!("it cannot be written as JSON: {error}")))?;
        let begun = Instant::now();
        let posting = async {
            let signature = signature::sign(self.secret.expose_secret())
                .map_err(|error| Failure::NotConnected { reason: format!("no random nonce to be had: {error}") })?;
            self.transport.post(E::NAME, &signature, body.clone(), progress).await
        };
        let reply = match tokio::time::timeout(self.total_timeout, posting).await {
            Ok(reply) => reply,
            Err(_) if progress.sent() => Err(Failure::TimedOut),
            Err(_) => Err(Failure::NotConnected { reason: format!("none within {:?}", self.total_timeout) }),
        };
        match reply {
            Ok(reply) => envelope::open(E::NAME, &reply, &envelope::Private { secret: &self.secret, request: &body }),
            Err(failure) => Err(failure.at(E::NAME, begun.elapsed())),
        }
    }
}

impl Failure {
    /// The caller's error for a call that had no answer.
    fn at(self, endpoint: &str, elapsed: Duration) -> MessageError {
        let (endpoint, attempts) = (endpoint.to_owned(), 1);
        match self {
            Self::NotConnected { reason } => MessageError::Unreachable { endpoint, attempts, reason },
            Self::TimedOut => MessageError::TimedOut { endpoint, attempts, elapsed },
            Self::Lost { reason } => MessageError::ConnectionLost { endpoint, attempts, reason },
            Self::Unreadable { status, reason } => {
                MessageError::InvalidResponse { endpoint, status, reason, body: String::new() }
            }
        }
    }
}
