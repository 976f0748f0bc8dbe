"""OpenTelemetry: spans, metrics and the context on the way to the server, by the SDK's in-memory exporters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from wildfirechat_message import (
    AsyncMessageClient,
    ConnectionLost,
    Conversation,
    Fault,
    InvalidArgument,
    MessageClient,
    MessageError,
    MessagePayload,
    Sandbox,
    StoreFault,
    otel,
)

import processes

CANARY = "canary-of-a-user"


class Seen:
    """What was exported."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])

    def spans(self) -> list[ReadableSpan]:
        """In the order in which they ended."""
        return list(self.exporter.get_finished_spans())

    def metrics(self) -> list[Any]:
        """The points of the one metric."""
        data = self.reader.get_metrics_data()
        assert data is not None
        (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
        return list(metric.data.data_points)


@pytest.fixture
def seen() -> Iterator[Seen]:
    seen = Seen()
    otel.instrument(seen.tracers, seen.meters)
    yield seen
    otel.uninstrument()


def send(client: MessageClient) -> None:
    client.send_message(CANARY, Conversation.single(CANARY), MessagePayload.text(CANARY))


def test_each_call_has_a_span_and_each_attempt_one_below_it(
    sandbox: Sandbox, client: MessageClient, seen: Seen
) -> None:
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    with seen.tracers.get_tracer("app").start_as_current_span("work"):
        send(client)
    first, second, call, work = seen.spans()
    assert [span.name for span in (first, second, call, work)] == ["POST", "POST", "message/send", "work"]
    assert call.parent is not None
    assert call.parent.span_id == work.context.span_id
    assert {span.parent.span_id for span in (first, second) if span.parent} == {call.context.span_id}
    assert [span.kind for span in (first, second)] == [trace.SpanKind.CLIENT] * 2
    port = int(sandbox.base_url.rsplit(":", 1)[1])
    shared = {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": port,
        "http.response.status_code": 200,
    }
    refused = {"error.type": "RateLimited", "wildfirechat.code": 250, "wildfirechat.may_have_executed": False}
    assert first.attributes == {**shared, **refused}
    assert second.attributes == {**shared, "http.request.resend_count": 1, "wildfirechat.code": 0}
    assert call.attributes == {"wildfirechat.endpoint": "message/send", "wildfirechat.attempts": 2}
    assert [span.status.status_code for span in (first, second, call)] == [
        trace.StatusCode.ERROR,
        trace.StatusCode.UNSET,
        trace.StatusCode.UNSET,
    ]
    times = [time for span in (first, second) for time in (span.start_time, span.end_time)]
    assert None not in times
    assert times == sorted(times, key=lambda time: time or 0)


def test_the_server_gets_the_context_of_the_call(sandbox: Sandbox, client: MessageClient, seen: Seen) -> None:
    sandbox.fail_next(Fault.OVER_FREQUENCY)
    send(client)
    call = seen.spans()[-1]
    expected = f"00-{call.context.trace_id:032x}-{call.context.span_id:016x}-{call.context.trace_flags:02x}"
    headers = [[each.value for each in request.headers if each.name == "traceparent"] for request in sandbox.requests()]
    assert headers == [[expected]] * 2
    otel.uninstrument()
    send(client)
    assert not [each for each in sandbox.requests()[-1].headers if each.name == "traceparent"]


def test_an_unknown_fate_is_an_error_with_its_name(sandbox: Sandbox, client: MessageClient, seen: Seen) -> None:
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(ConnectionLost):
        send(client)
    attempt, call = seen.spans()
    for span in (attempt, call):
        assert span.attributes is not None
        assert span.attributes["error.type"] == "ConnectionLost"
        assert span.attributes["wildfirechat.may_have_executed"] is True
        assert span.status.status_code == trace.StatusCode.ERROR
    assert "http.response.status_code" not in (attempt.attributes or {})


def test_attempts_are_measured_without_ids(sandbox: Sandbox, client: MessageClient, seen: Seen) -> None:
    for _ in range(3):
        send(client)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(ConnectionLost):
        send(client)
    good, lost = sorted(seen.metrics(), key=lambda point: -point.count)
    assert (good.count, lost.count) == (3, 1)
    assert set(good.attributes) == {"http.request.method", "server.address", "server.port", "http.response.status_code"}
    assert lost.attributes["error.type"] == "ConnectionLost"
    assert 0 < good.sum < 60


def test_no_span_shows_the_secret_or_anything_of_the_request(
    sandbox: Sandbox, client: MessageClient, seen: Seen
) -> None:
    send(client)
    sandbox.fail_next(Fault.RESET_AFTER_EXECUTING)
    with pytest.raises(ConnectionLost):
        send(client)
    told = "".join(span.to_json() for span in seen.spans())
    assert CANARY not in told
    assert sandbox.secret not in told


def test_a_call_that_is_refused_before_it_is_sent_has_no_span(client: MessageClient, seen: Seen) -> None:
    with pytest.raises(InvalidArgument):
        client.send_message("", Conversation.single("u1"), MessagePayload.text("hi"))
    assert seen.spans() == []
    client.find_message(1)
    assert [span.name for span in seen.spans()] == ["POST", "message/get_one"]


def test_the_tasks_of_a_loop_have_a_span_each(sandbox: Sandbox, seen: Seen) -> None:
    async def main() -> None:
        tracer = seen.tracers.get_tracer("app")

        async def work(client: AsyncMessageClient, number: int) -> None:
            with tracer.start_as_current_span(f"work {number}"):
                await client.find_message(number)

        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            await asyncio.gather(*(work(client, number) for number in range(1, 21)))

    asyncio.run(main())
    spans = {span.context.span_id: span for span in seen.spans()}
    calls = [span for span in spans.values() if span.name == "message/get_one"]
    assert len(calls) == 20
    parents = [spans[call.parent.span_id].name for call in calls if call.parent]
    assert sorted(parents) == sorted(f"work {number}" for number in range(1, 21))
    by_trace = {f"{call.context.trace_id:032x}" for call in calls}
    headers = [each for request in sandbox.requests() for each in request.headers]
    assert {each.value.split("-")[1] for each in headers if each.name == "traceparent"} == by_trace


def contexts(sandbox: Sandbox) -> list[str]:
    """What requests brought, in their order."""
    headers = [each for request in sandbox.requests() for each in request.headers]
    return [each.value.split("-")[2] for each in headers if each.name == "traceparent"]


def span_ids(spans: list[ReadableSpan]) -> list[str]:
    return [f"{span.context.span_id:016x}" for span in spans]


def test_an_upload_and_a_message_with_a_file_have_a_span_each(
    client: MessageClient, sandbox: Sandbox, seen: Seen
) -> None:
    client.upload("a.txt", b"text", 4)
    client.send_file("admin", Conversation.single("u1"), b"text", file_name="a.txt")
    _, upload, question, _, message = seen.spans()
    assert [upload.name, message.name] == ["oss/get_upload_url", "message/send"]
    assert [span.parent.span_id for span in (question,) if span.parent] == [message.context.span_id]
    assert (question.attributes or {})["wildfirechat.endpoint"] == "oss/get_upload_url"
    assert contexts(sandbox) == span_ids([upload, message, message])


def test_uploads_on_an_event_loop_have_the_spans_of_their_tasks(sandbox: Sandbox, seen: Seen) -> None:
    tracer = seen.tracers.get_tracer("app")

    async def work(client: AsyncMessageClient, number: int) -> None:
        with tracer.start_as_current_span(f"work {number}"):
            await client.upload("a.txt", b"text", 4)
            await client.send_file("admin", Conversation.single("u1"), b"text", file_name="a.txt")

    async def main() -> None:
        async with AsyncMessageClient(sandbox.base_url, sandbox.secret) as client:
            await asyncio.gather(*(work(client, number) for number in range(10)))

    asyncio.run(main())
    spans = {span.context.span_id: span for span in seen.spans()}
    calls = [span for span in spans.values() if span.name in ("oss/get_upload_url", "message/send")]
    parents = sorted(spans[call.parent.span_id].name for call in calls if call.parent)
    assert parents == sorted(f"work {number}" for number in range(10) for _ in range(2))
    messages = [call for call in calls if call.name == "message/send"]
    # The question for an address and the message are one call.
    assert sorted(contexts(sandbox)) == sorted(span_ids(calls) + span_ids(messages))


def test_an_upload_that_is_given_up_has_a_span(client: MessageClient, sandbox: Sandbox, seen: Seen) -> None:
    sandbox.fail_store(StoreFault.SLOW_READING)

    def stop(_: object) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        client.upload("a.txt", b"text" * 1_000_000, 4, progress=stop)
    *_, call = seen.spans()
    assert (call.name, (call.attributes or {}).get("error.type")) == ("oss/get_upload_url", "Interrupted")


def test_a_store_that_fails_is_an_error_of_the_span(client: MessageClient, sandbox: Sandbox, seen: Seen) -> None:
    sandbox.fail_store(StoreFault.FORBIDDEN, times=9)
    with pytest.raises(MessageError):
        client.send_file("admin", Conversation.single("u1"), b"text", file_name="a.txt")
    question, call = seen.spans()
    assert (call.name, (call.attributes or {})["error.type"]) == ("message/send", "Rejected")
    # The step that failed, and what was asked before.
    steps = [(span.attributes or {})["wildfirechat.endpoint"] for span in (call, question)]
    assert steps == ["backup file store", "oss/get_upload_url"]
    assert call.status.status_code is trace.StatusCode.ERROR


def test_an_exporter_that_fails_costs_no_outcome(
    client: MessageClient, seen: Seen, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("nobody takes it")

    monkeypatch.setattr(seen.exporter, "export", fail)
    send(client)
    assert client.stats().calls == 1
    caplog.clear()


def test_without_it_nothing_of_opentelemetry_is_imported() -> None:
    words = "import sys, wildfirechat_message; print([name for name in sys.modules if 'opentelemetry' in name])"
    told = processes.run(words)
    assert (told.stdout, told.stderr) == ("[]\n", "")
