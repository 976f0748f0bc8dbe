//! What a trace shows of a call: [`CallTrace`], made of its record, with OpenTelemetry's names, for every language.

use std::time::{Duration, SystemTime};

use super::record::{AttemptRecord, CallRecord};

/// What a trace shows of a call: a span for the call, and below it one for each of its attempts. The names are those of
/// OpenTelemetry. Neither the secret nor anything of the request is in it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CallTrace {
    /// The span of the call; its name is the endpoint.
    pub call: TraceSpan,
    /// The spans of the attempts, of the kind "client", in their order.
    pub attempts: Vec<TraceSpan>,
}

/// One span of a trace.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TraceSpan {
    /// What it is called, such as `message/send` or `POST`.
    pub name: String,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// Its attributes.
    pub attributes: Vec<TraceAttribute>,
    /// What failed, for the span's status; left out where nothing failed.
    pub error: Option<String>,
}

/// One attribute of a span.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TraceAttribute {
    /// Its name, such as `http.response.status_code`.
    pub name: String,
    /// Its value.
    pub value: TraceValue,
    /// Whether the metric `http.client.request.duration` has it too.
    pub is_measured: bool,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum TraceValue {
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// A number.
    Number {
        /// The number.
        number: i64,
    },
    /// Yes or no.
    Flag {
        /// Whether it is so.
        flag: bool,
    },
}

impl From<&str> for TraceValue {
    fn from(text: &str) -> Self {
        Self::Text { text: text.to_owned() }
    }
}

impl From<i64> for TraceValue {
    fn from(number: i64) -> Self {
        Self::Number { number }
    }
}

impl From<bool> for TraceValue {
    fn from(flag: bool) -> Self {
        Self::Flag { flag }
    }
}

/// An attribute of a span alone.
fn own(name: &str, value: impl Into<TraceValue>) -> TraceAttribute {
    TraceAttribute { name: name.to_owned(), value: value.into(), is_measured: false }
}

/// One that the metric has too.
fn measured(name: &str, value: impl Into<TraceValue>) -> TraceAttribute {
    TraceAttribute { is_measured: true, ..own(name, value) }
}

impl CallRecord {
    /// What a trace shows of the call. `tries` are all of its attempts only where the client was told to
    /// listen from [`LogLevel::Debug`](crate::LogLevel::Debug) on.
    pub fn trace(&self) -> CallTrace {
        let mut attributes =
            vec![own("wildfirechat.endpoint", &*self.endpoint), own("wildfirechat.attempts", self.attempts)];
        if let Some(error) = &self.error {
            attributes.push(own("error.type", &**error));
            attributes.push(own("wildfirechat.may_have_executed", self.may_have_executed));
        }
        let call = TraceSpan {
            name: self.endpoint.clone(),
            started: self.started,
            duration: self.duration,
            attributes,
            error: self.error.clone(),
        };
        CallTrace { call, attempts: self.tries.iter().map(|each| each.span(&self.endpoint)).collect() }
    }
}

impl AttemptRecord {
    /// `call` is what the span above it asked.
    fn span(&self, call: &str) -> TraceSpan {
        let mut attributes = vec![
            measured("http.request.method", "POST"),
            measured("server.address", &*self.host),
            measured("server.port", i64::from(self.port)),
        ];
        attributes.extend(self.status.map(|status| measured("http.response.status_code", i64::from(status))));
        if self.number > 1 {
            attributes.push(own("http.request.resend_count", i64::from(self.number - 1)));
        }
        if self.endpoint != call {
            attributes.push(own("wildfirechat.endpoint", &*self.endpoint));
        }
        attributes.extend(self.code.map(|code| own("wildfirechat.code", i64::from(code))));
        if let Some(error) = &self.error {
            attributes.push(measured("error.type", &**error));
            attributes.push(own("wildfirechat.may_have_executed", self.may_have_executed));
        }
        TraceSpan {
            name: "POST".to_owned(),
            started: self.started,
            duration: self.duration,
            attributes,
            error: self.reason.clone(),
        }
    }
}
