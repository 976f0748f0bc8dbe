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
from ._records import CallTrace, TraceAttribute, TraceSpan

__all__ = ["instrument", "uninstrument"]

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

    def ends(self, trace_of_call: CallTrace) -> None:
        """A call has come to its end."""
        with _harmless():
            call = trace_of_call.call
            span = self._begun.get()
            self._begun.set(None)
            if span is None:
                # It began before this was asked for.
                return
            parent = trace.set_span_in_context(span)
            for attempt in trace_of_call.attempts:
                self._attempt(attempt, parent)
            _end(span, call)

    def _attempt(self, attempt: TraceSpan, parent: context.Context) -> None:
        span = self._tracer.start_span(attempt.name, parent, trace.SpanKind.CLIENT, start_time=_time(attempt.started))
        _end(span, attempt)
        measured = {each.name: _value(each) for each in attempt.attributes if each.is_measured}
        self._duration.record(attempt.duration.total_seconds(), measured, context=trace.set_span_in_context(span))


def _end(span: trace.Span, told: TraceSpan) -> None:
    for each in told.attributes:
        span.set_attribute(each.name, _value(each))
    if told.error is not None:
        span.set_status(trace.Status(trace.StatusCode.ERROR, told.error))
    span.end(_time(told.started + told.duration))


def _value(attribute: TraceAttribute) -> Union[str, int, bool]:
    """Each kind of value has one field of its own."""
    value: Union[str, int, bool]
    (value,) = vars(attribute.value).values()
    return value


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
