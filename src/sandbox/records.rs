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
    /// The headers in their order, with their names as the client wrote them.
    pub headers: Vec<Header>,
    /// The bytes of the body; empty if the body was never read (because it was too large, or because of a fault before
    /// reading).
    pub body: Bytes,
    /// Whether nonce, timestamp and sign pass the checks of the server.
    pub signature_valid: bool,
    /// The number of the connection on which it arrived, counted from 1.
    pub connection: i64,
    /// The fault that it met, if any.
    #[uniffi(default)]
    pub fault: Option<Fault>,
}

/// A file in the file store of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct StoredFile {
    /// The key of the file in the store.
    pub key: String,
    /// The file name that the client gave to the server.
    pub file_name: String,
    /// The media type that the client gave to the server, a number of `MediaType`.
    pub media_type: i32,
    /// The content type with which the file was uploaded.
    pub content_type: String,
    /// The size of the file in bytes.
    pub size: i64,
    /// The SHA-1 hash of the file, in lower-case hexadecimal digits.
    pub sha1: String,
    /// The bytes of the file; none for a file of more than 16 MiB.
    pub data: Option<Bytes>,
    /// The URL of the file.
    pub url: String,
}

/// A step of a growing text, as receivers saw it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
#[uniffi::export(Eq, Hash)]
pub struct StreamedText {
    /// The stream's id.
    pub stream_id: String,
    /// Id of the user or robot who sent it.
    pub sender: String,
    /// What it is, a number of `ContentType`: 14 for a text that grows on, 15 for one that is finished, 20 for one that was
    /// cancelled.
    pub content_type: i32,
    /// The whole text that receivers saw from then on.
    pub text: String,
    /// When the message arrived, in milliseconds since the epoch.
    pub timestamp: i64,
    /// The uid of the message that showed it.
    pub message_uid: i64,
}

/// A fault for the next requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, uniffi::Record)]
pub struct FaultRule {
    /// The fault.
    pub fault: Fault,
    /// How many requests meet the fault.
    #[uniffi(default = 1)]
    pub times: i32,
    /// Only requests to this endpoint meet the fault, such as `message/send`; requests to any endpoint when left out.
    #[uniffi(default)]
    pub endpoint: Option<String>,
    /// The delay of the faults that take time; 1 second when left out.
    #[uniffi(default)]
    pub delay: Option<Duration>,
}

impl From<Fault> for FaultRule {
    /// The fault for one request, to whichever endpoint.
    fn from(fault: Fault) -> Self {
        Self { fault, times: 1, endpoint: None, delay: None }
    }
}

/// Faults that requests meet at random.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct RandomFaults {
    /// The faults to draw from; naming one twice makes it twice as likely.
    pub faults: Vec<Fault>,
    /// The probability, from 0 to 1, that a request meets one of them.
    pub probability: f64,
    /// The seed of the random numbers: the same seed draws the same faults in the same order.
    #[uniffi(default = 0)]
    pub seed: i64,
    /// Only requests to this endpoint meet them, such as `message/send`; requests to any endpoint when left out.
    #[uniffi(default)]
    pub endpoint: Option<String>,
    /// The delay of the faults that take time; 1 second when left out.
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
    /// The headers, sent unchanged; `content-length` is added unless it or `transfer-encoding` is among them.
    #[uniffi(default)]
    pub headers: Vec<Header>,
    /// The bytes of the body.
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
