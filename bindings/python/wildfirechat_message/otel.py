"""OpenTelemetry: a span for each call and each of its attempts, the time that attempts take, and the server's context.

    from wildfirechat_message import otel

    otel.instrument()

It needs the package `opentelemetry-api`, which `pip install wildfirechat-message[otel]` installs too. What is exported,
and where to, your application sets up as for everything else. Without `instrument` none of this is even imported.

The names are those of OpenTelemetry's conventions for HTTP clients: `http.request.method`, `server.address`,
`server.port`, `http.response.status_code`, `http.request.resend_count`, `error.type`, and the histogram
`http.client.request.duration`. Others are this library's own: `wildfirechat.endpoint`, `wildfirechat.attempts`,
`wildfirechat.code`, which is the server's code, and `wildfirechat.may_have_executed`. Neither the secret nor any part
of a request, such as a user's id, is in a span or a metric.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Optional, Union

from opentelemetry import context, metrics, propagate, trace

from . import __version__, _logs
from ._records import AttemptRecord, CallRecord

__all__ = ["instrument", "uninstrument"]

# Of a span or a metric.
_Attributes = dict[str, Union[str, int, bool]]

# The bounds that the conventions name, in seconds.
_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


def instrument(
    tracer_provider: Optional[trace.TracerProvider] = None, meter_provider: Optional[metrics.MeterProvider] = None
) -> None:
    """From now on all clients of this process are traced and measured. A second time replaces the providers.

    Each call has a span, whose children are the spans of its attempts, with their own times. A call that was refused
    before anything was sent has none, nor have the messages of `send_messages` and `send_each`. Requests carry the
    context of the call's span to the server, by the propagators that the application has set up; if it has set up none,
    that is the header `traceparent`.

    Args:
        tracer_provider: Where the spans go; the global one when left out.
        meter_provider: Where the metrics go; the global one when left out.
    """
    _logs.observe(_Observer(tracer_provider, meter_provider))


def uninstrument() -> None:
    """From now on clients are neither traced nor measured."""
    _logs.observe(None)


class _Observer:
    """Makes spans and metrics of what the library says of calls."""

    def __init__(
        self, tracer_provider: Optional[trace.TracerProvider], meter_provider: Optional[metrics.MeterProvider]
    ) -> None:
        name = __package__ or ""
        self._tracer = trace.get_tracer(name, __version__, tracer_provider)
        self._duration = metrics.get_meter(name, __version__, meter_provider).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BOUNDS,
        )
        # The call that this thread or task is making.
        self._begun: ContextVar[Optional[trace.Span]] = ContextVar("begun", default=None)

    def begins(self, endpoint: str) -> dict[str, str]:
        """A call begins: the headers that carry its context."""
        headers: dict[str, str] = {}
        with _harmless():
            span = self._tracer.start_span(endpoint, attributes={"wildfirechat.endpoint": endpoint})
            self._begun.set(span)
            propagate.inject(headers, trace.set_span_in_context(span))
        return headers

    def ends(self, record: CallRecord) -> None:
        """A call has come to its end."""
        with _harmless():
            span = self._begun.get()
            self._begun.set(None)
            if span is None:
                attributes = {"wildfirechat.endpoint": record.endpoint}
                span = self._tracer.start_span(record.endpoint, start_time=_time(record.started), attributes=attributes)
            parent = trace.set_span_in_context(span)
            for attempt in record.tries:
                self._attempt(attempt, parent)
            span.set_attribute("wildfirechat.attempts", record.attempts)
            if record.error is not None:
                span.set_attribute("error.type", record.error)
                span.set_attribute("wildfirechat.may_have_executed", record.may_have_executed)
                span.set_status(trace.Status(trace.StatusCode.ERROR, record.error))
            span.end(_time(record.started + record.duration))

    def _attempt(self, attempt: AttemptRecord, parent: context.Context) -> None:
        shared: _Attributes = {
            "http.request.method": "POST",
            "server.address": attempt.host,
            "server.port": attempt.port,
        }
        if attempt.status is not None:
            shared["http.response.status_code"] = attempt.status
        if attempt.error is not None:
            shared["error.type"] = attempt.error
        own = dict(shared)
        if attempt.number > 1:
            own["http.request.resend_count"] = attempt.number - 1
        if attempt.code is not None:
            own["wildfirechat.code"] = attempt.code
        if attempt.error is not None:
            own["wildfirechat.may_have_executed"] = attempt.may_have_executed
        span = self._tracer.start_span(
            "POST", parent, trace.SpanKind.CLIENT, attributes=own, start_time=_time(attempt.started)
        )
        if attempt.error is not None:
            span.set_status(trace.Status(trace.StatusCode.ERROR, attempt.reason))
        span.end(_time(attempt.started + attempt.duration))
        self._duration.record(attempt.duration.total_seconds(), shared, context=trace.set_span_in_context(span))


def _time(moment: datetime.datetime) -> int:
    """As OpenTelemetry has it: nanoseconds since the epoch."""
    return (moment - _EPOCH) // _MICROSECOND * 1000


@contextlib.contextmanager
def _harmless() -> Iterator[None]:
    """What fails in somebody's exporter or sampler costs nobody the outcome of a call."""
    try:
        yield
    except Exception:
        _logs.logger().warning("OpenTelemetry failed", exc_info=True)
