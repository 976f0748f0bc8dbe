//! What crosses between a test and its sandbox: requests that arrived and answers made to order.

use std::time::Duration;

use bytes::Bytes;

use super::{Fault, Header, SandboxError};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct ReceivedRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The request target, such as `/admin/message/send`.
    pub path: String,
    /// The headers in their order, names as they were written.
    pub headers: Vec<Header>,
    /// The body's bytes; empty where it was never read (too large, or a fault before reading).
    pub body: Bytes,
    /// Whether nonce, timestamp and sign would pass the server's checks.
    pub signature_valid: bool,
    /// The connection it came on, counted from 1.
    pub connection: i64,
    /// The fault that it met, where it met one.
    #[uniffi(default)]
    pub fault: Option<Fault>,
}

/// A file in the sandbox's store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct StoredFile {
    /// What the store calls it.
    pub key: String,
    /// The name that the server was told.
    pub file_name: String,
    /// The media type that the server was told, a number of `MediaType`.
    pub media_type: i32,
    /// The content type that it came with.
    pub content_type: String,
    /// How many bytes it has.
    pub size: i64,
    /// The SHA-1 of its bytes, in lower-case hex.
    pub sha1: String,
    /// Its bytes; none of a file over 16 MiB.
    pub data: Option<Bytes>,
    /// Where it is found.
    pub url: String,
}

/// A fault for the next requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct FaultRule {
    /// The fault.
    pub fault: Fault,
    /// How many requests meet it.
    #[uniffi(default = 1)]
    pub times: i32,
    /// Only requests to this endpoint meet it, such as `message/send`; any when left out.
    #[uniffi(default)]
    pub endpoint: Option<String>,
    /// How long a fault takes that takes time; 1 second when left out.
    #[uniffi(default)]
    pub delay: Option<Duration>,
}

impl From<Fault> for FaultRule {
    /// The fault for one request, to whichever endpoint.
    fn from(fault: Fault) -> Self {
        Self { fault, times: 1, endpoint: None, delay: None }
    }
}

/// Faults that requests meet by chance.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RandomFaults {
    /// The faults to draw from; naming one twice makes it twice as likely.
    pub faults: Vec<Fault>,
    /// The probability, from 0 to 1, that a request meets one.
    pub probability: f64,
    /// The same seed draws the same faults in the same order.
    #[uniffi(default = 0)]
    pub seed: i64,
    /// Only requests to this endpoint meet them, such as `message/send`; any when left out.
    #[uniffi(default)]
    pub endpoint: Option<String>,
    /// How long a fault takes that takes time; 1 second when left out.
    #[uniffi(default)]
    pub delay: Option<Duration>,
}

/// An answer given instead of the real one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct ScriptedAnswer {
    /// The HTTP status, 200 to 999.
    #[uniffi(default = 200)]
    pub status: i32,
    /// The headers, sent as they are; `content-length` is added unless it or `transfer-encoding` is among them.
    #[uniffi(default)]
    pub headers: Vec<Header>,
    /// The body's bytes.
    #[uniffi(default)]
    pub body: Bytes,
}

impl Default for ScriptedAnswer {
    fn default() -> Self {
        Self { status: 200, headers: Vec::new(), body: Bytes::new() }
    }
}

impl ScriptedAnswer {
    /// Refuses what could not be written as one answer.
    pub(super) fn check(&self) -> Result<(), SandboxError> {
        if !(200..=999).contains(&self.status) {
            return Err(SandboxError::new(format!(
                "status {} is out of range: it must be from 200 to 999",
                self.status
            )));
        }
        for Header { name, value } in &self.headers {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
                return Err(SandboxError::new(format!("{name:?} is not the name of an HTTP header")));
            }
            if value.contains(['\r', '\n', '\0']) {
                return Err(SandboxError::new(format!("the value of header {name} has a line break")));
            }
        }
        Ok(())
    }
}
