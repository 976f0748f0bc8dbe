//! The hook for traces, as an application uses it with the crate `opentelemetry`.

#![cfg(feature = "sandbox")]

use std::collections::{BTreeMap, HashMap};

use opentelemetry::{
    Context, KeyValue, Value,
    propagation::TextMapPropagator,
    trace::{Span, SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracer, SdkTracerProvider, SpanData},
};
use wildfirechat_message::{
    Conversation, LogLevel, MessageClient, MessageError, MessagePayload, SendRequest, TraceSpan, TraceValue,
    sandbox::{Fault, Sandbox},
};
#[cfg(feature = "files")]
use wildfirechat_message::{
    SendFileRequest,
    sandbox::{FaultRule, StoreFault},
};

/// Makes a call of this client, with a span for it and one for each of its attempts. The client listens from `Debug` on.
fn traced<T>(
    tracer: &SdkTracer,
    client: &MessageClient,
    name: &'static str,
    call: impl FnOnce() -> Result<T, MessageError>,
) -> Result<T, MessageError> {
    let context = Context::current_with_span(tracer.start(name));
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&context, &mut headers);
    client.carry(headers)?;
    let outcome = call();
    if let Some(record) = client.take_record()? {
        let trace = record.trace();
        for attempt in &trace.attempts {
            let builder = tracer.span_builder(attempt.name.clone()).with_kind(SpanKind::Client);
            let mut span = tracer.build_with_context(builder.with_start_time(attempt.started), &context);
            span.set_attributes(attributes(attempt));
            span.set_status(status(attempt));
            span.end_with_timestamp(attempt.started + attempt.duration);
        }
        let span = context.span();
        span.set_attributes(attributes(&trace.call));
        span.set_status(status(&trace.call));
        span.end_with_timestamp(trace.call.started + trace.call.duration);
    }
    outcome
}

fn attributes(span: &TraceSpan) -> Vec<KeyValue> {
    let attributes = span.attributes.iter().map(|attribute| {
        let value: Value = match &attribute.value {
            TraceValue::Text { text } => text.clone().into(),
            TraceValue::Number { number } => (*number).into(),
            TraceValue::Flag { flag } => (*flag).into(),
        };
        KeyValue::new(attribute.name.clone(), value)
    });
    attributes.collect()
}

fn status(span: &TraceSpan) -> Status {
    span.error.clone().map_or(Status::Unset, Status::error)
}

const CANARY: &str = "canary-of-a-user";
const SECRET: &str = "canary-of-the-secret";

struct Seen {
    exporter: InMemorySpanExporter,
    tracer: SdkTracer,
    sandbox: Sandbox,
    client: MessageClient,
}

impl Seen {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
        let sandbox = Sandbox::new(Some(SECRET.into()), None).unwrap();
        let client = MessageClient::new(sandbox.base_url().unwrap(), SECRET.into(), None).unwrap();
        client.listen(Some(LogLevel::Debug));
        Self { exporter, tracer: provider.tracer("app"), sandbox, client }
    }

    fn send(&self) -> Result<(), MessageError> {
        let message = SendRequest::new(CANARY, Conversation::single(CANARY), MessagePayload::text(CANARY));
        traced(&self.tracer, &self.client, "message/send", || self.client.send_message(message)).map(drop)
    }

    /// Sends a message with a file, which takes two calls; its span is that of both.
    #[cfg(feature = "files")]
    fn send_file(&self) -> Result<(), MessageError> {
        let file = SendFileRequest::bytes(CANARY, Conversation::single(CANARY), "a.txt", CANARY.as_bytes());
        traced(&self.tracer, &self.client, "message/send", || self.client.send_file(file, |_| {})).map(drop)
    }

    /// The contexts that requests brought, in their order.
    fn carried(&self) -> Vec<String> {
        let headers = self.sandbox.requests().unwrap().into_iter().flat_map(|request| request.headers);
        headers.filter(|header| header.name == "traceparent").map(|header| header.value).collect()
    }

    fn spans(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }
}

fn told(span: &SpanData) -> BTreeMap<String, String> {
    span.attributes.iter().map(|each| (each.key.to_string(), each.value.to_string())).collect()
}

fn with(shared: &BTreeMap<String, String>, own: &[(&str, &str)]) -> BTreeMap<String, String> {
    let own = own.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    shared.clone().into_iter().chain(own).collect()
}

#[test]
fn each_call_has_a_span_and_each_attempt_one_below_it_and_the_server_gets_the_context() {
    let seen = Seen::new();
    seen.sandbox.fail_next(Fault::OverFrequency).unwrap();
    seen.send().unwrap();
    let spans = seen.spans();
    let [first, second, call] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!([&*first.name, &*second.name, &*call.name], ["POST", "POST", "message/send"]);
    let id = call.span_context.span_id();
    assert_eq!([first.parent_span_id, second.parent_span_id], [id, id]);
    assert_eq!([&first.span_kind, &second.span_kind], [&SpanKind::Client, &SpanKind::Client]);
    let url = seen.sandbox.base_url().unwrap();
    let port = url.rsplit_once(':').unwrap().1;
    let shared = with(
        &BTreeMap::new(),
        &[
            ("http.request.method", "POST"),
            ("server.address", "127.0.0.1"),
            ("server.port", port),
            ("http.response.status_code", "200"),
        ],
    );
    let refused =
        [("error.type", "RateLimited"), ("wildfirechat.code", "250"), ("wildfirechat.may_have_executed", "false")];
    assert_eq!(told(first), with(&shared, &refused));
    assert_eq!(told(second), with(&shared, &[("http.request.resend_count", "1"), ("wildfirechat.code", "0")]));
    let of_call = [("wildfirechat.endpoint", "message/send"), ("wildfirechat.attempts", "2")];
    assert_eq!(told(call), with(&BTreeMap::new(), &of_call));
    assert!(matches!(first.status, Status::Error { .. }), "{:?}", first.status);
    assert_eq!(call.status, Status::Unset);
    assert!(first.start_time <= first.end_time && first.end_time <= second.start_time);
    assert_eq!(seen.carried(), [context(call), context(call)]);
}

fn context(span: &SpanData) -> String {
    format!("00-{}-{}-01", span.span_context.trace_id(), span.span_context.span_id())
}

#[cfg(feature = "files")]
#[test]
fn a_message_with_a_file_is_one_span_with_the_attempts_of_both_calls() {
    let seen = Seen::new();
    seen.sandbox.fail_next(Fault::OverFrequency).unwrap();
    seen.send_file().unwrap();
    let spans = seen.spans();
    let [attempts @ .., call] = spans.as_slice() else { panic!("{spans:?}") };
    let asked: Vec<_> = attempts.iter().map(|each| told(each).remove("wildfirechat.endpoint")).collect();
    let question = Some("oss/get_upload_url".to_owned());
    assert_eq!(asked, [question.clone(), question, None]);
    assert!(attempts.iter().all(|each| call.start_time <= each.start_time && each.end_time <= call.end_time));
    let of_call = [("wildfirechat.endpoint", "message/send"), ("wildfirechat.attempts", "1")];
    assert_eq!(told(call), with(&BTreeMap::new(), &of_call));
    assert_eq!(seen.carried(), [context(call), context(call), context(call)]);
    assert!(seen.sandbox.store_requests().unwrap().iter().all(|request| {
        // The store is somebody else's server.
        request.headers.iter().all(|header| header.name != "traceparent")
    }));
    assert!(!format!("{spans:?}").contains(CANARY));
}

#[cfg(feature = "files")]
#[test]
fn the_span_of_a_message_with_a_file_tells_which_step_failed() {
    let failed = |seen: &Seen| {
        seen.send_file().unwrap_err();
        let spans = seen.spans();
        let call = spans.last().unwrap();
        assert!(matches!(call.status, Status::Error { .. }), "{:?}", call.status);
        let told = told(call);
        (spans.len() - 1, told["wildfirechat.endpoint"].clone(), told["error.type"].clone())
    };
    let seen = Seen::new();
    seen.sandbox.fail_next(Fault::AuthFailure).unwrap();
    assert_eq!(failed(&seen), (1, "oss/get_upload_url".into(), "Unauthorized".into()));
    let seen = Seen::new();
    seen.sandbox.fail_store(StoreFault::Forbidden, 9, None).unwrap();
    assert_eq!(failed(&seen), (1, "backup file store".into(), "Rejected".into()));
    let seen = Seen::new();
    let refused = FaultRule { endpoint: Some("message/send".into()), ..Fault::AuthFailure.into() };
    seen.sandbox.fail(refused).unwrap();
    assert_eq!(failed(&seen), (2, "message/send".into(), "Unauthorized".into()));
}

#[test]
fn what_the_metric_has_is_known_and_names_nobody() {
    let seen = Seen::new();
    let message = SendRequest::new(CANARY, Conversation::single(CANARY), MessagePayload::text(CANARY));
    seen.sandbox.fail_next(Fault::ResetAfterExecuting).unwrap();
    seen.client.send_message(message).unwrap_err();
    let trace = seen.client.take_record().unwrap().unwrap().trace();
    let measured = trace.attempts[0].attributes.iter().filter(|attribute| attribute.is_measured);
    let names: Vec<&str> = measured.map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["http.request.method", "server.address", "server.port", "error.type"]);
    assert!(trace.call.attributes.iter().all(|attribute| !attribute.is_measured));
}

#[test]
fn an_unknown_fate_is_an_error_with_its_name_and_nothing_of_the_request_is_shown() {
    let seen = Seen::new();
    seen.sandbox.fail_next(Fault::ResetAfterExecuting).unwrap();
    seen.send().unwrap_err();
    let spans = seen.spans();
    assert_eq!(spans.len(), 2);
    for span in &spans {
        let told = told(span);
        assert_eq!(told["error.type"], "ConnectionLost");
        assert_eq!(told["wildfirechat.may_have_executed"], "true");
        assert!(matches!(span.status, Status::Error { .. }), "{:?}", span.status);
        assert!(!told.contains_key("http.response.status_code"));
    }
    let shown = format!("{spans:?}");
    assert!(!shown.contains(CANARY) && !shown.contains(SECRET), "{shown}");
}
