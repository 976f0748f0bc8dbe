package chat.wildfire.message.otel

import chat.wildfire.message.BegunCall
import chat.wildfire.message.CallLog
import chat.wildfire.message.CallObserver
import chat.wildfire.message.CallTrace
import chat.wildfire.message.TraceAttribute
import chat.wildfire.message.TraceSpan
import chat.wildfire.message.TraceValue
import io.opentelemetry.api.GlobalOpenTelemetry
import io.opentelemetry.api.OpenTelemetry
import io.opentelemetry.api.common.AttributeKey
import io.opentelemetry.api.common.Attributes
import io.opentelemetry.api.metrics.DoubleHistogram
import io.opentelemetry.api.trace.Span
import io.opentelemetry.api.trace.SpanKind
import io.opentelemetry.api.trace.StatusCode
import io.opentelemetry.api.trace.Tracer
import io.opentelemetry.context.Context

/**
 * OpenTelemetry: a span for each call and each of its attempts, the time that attempts take, and the context on the way
 * to the server. It needs `io.opentelemetry:opentelemetry-api`, which your project must add; what is exported, and
 * where to, your application sets up as for everything else.
 *
 * ```kotlin
 * MessageTelemetry.instrument(openTelemetry)
 * ```
 *
 * The names are those of OpenTelemetry's conventions for HTTP clients: `http.request.method`, `server.address`,
 * `server.port`, `http.response.status_code`, `http.request.resend_count`, `error.type`, and the histogram
 * `http.client.request.duration`. Others are this library's own: `wildfirechat.endpoint`, `wildfirechat.attempts`,
 * `wildfirechat.code`, which is the server's code, and `wildfirechat.may_have_executed`. Neither the secret nor any
 * part of a request, such as a user's id, is in a span or a metric.
 */
object MessageTelemetry {
    /**
     * From now on all clients of this process are traced and measured. A second time replaces the first.
     *
     * Each call has a span below the current one, whose children are the spans of its attempts, with their own times. A
     * call that was refused before anything was sent has none, nor have the messages of `sendMessages` and `sendEach`.
     * Requests carry the context of the call's span to the server, by the propagators of [openTelemetry]. In a
     * coroutine the current span is that of its thread: OpenTelemetry's `asContextElement` brings it along.
     *
     * @param openTelemetry where spans and metrics go; the global one when left out.
     */
    @JvmStatic
    @JvmOverloads
    fun instrument(openTelemetry: OpenTelemetry = GlobalOpenTelemetry.get()) {
        CallLog.observer = Telemetry(openTelemetry)
    }

    /** From now on clients are neither traced nor measured. */
    @JvmStatic
    fun uninstrument() {
        CallLog.observer = null
    }
}

/** Makes spans and metrics of what the library says of calls. */
private class Telemetry(openTelemetry: OpenTelemetry) : CallObserver {
    private val tracer: Tracer = openTelemetry.getTracer(SCOPE)
    private val propagator = openTelemetry.propagators.textMapPropagator
    private val duration: DoubleHistogram = openTelemetry.getMeter(SCOPE)
        .histogramBuilder("http.client.request.duration")
        .setUnit("s")
        .setDescription("Duration of HTTP client requests.")
        .setExplicitBucketBoundariesAdvice(BOUNDS)
        .build()

    override fun begins(endpoint: String): BegunCall {
        val span = tracer.spanBuilder(endpoint).startSpan()
        val headers = HashMap<String, String>()
        propagator.inject(Context.current().with(span), headers) { carrier, name, value -> carrier?.put(name, value) }
        return SpannedCall(span, headers)
    }

    private inner class SpannedCall(private val span: Span, override val headers: Map<String, String>) : BegunCall {
        override fun ended(trace: CallTrace) {
            val context = Context.current().with(span)
            trace.attempts.forEach { attempt(it, context) }
            span.end(trace.call)
        }
    }

    private fun attempt(attempt: TraceSpan, parent: Context) {
        val span = tracer.spanBuilder(attempt.name)
            .setParent(parent)
            .setSpanKind(SpanKind.CLIENT)
            .setStartTimestamp(attempt.started)
            .startSpan()
        span.end(attempt)
        val measured = attributes(attempt.attributes.filter { it.isMeasured })
        duration.record(attempt.duration.toNanos() / NANOSECONDS, measured, parent.with(span))
    }

    private fun Span.end(told: TraceSpan) {
        setAllAttributes(attributes(told.attributes))
        told.error?.let { setStatus(StatusCode.ERROR, it) }
        end(told.started + told.duration)
    }

    private fun attributes(told: List<TraceAttribute>): Attributes = Attributes.builder().apply {
        for (attribute in told) {
            when (val value = attribute.value) {
                is TraceValue.Text -> put(AttributeKey.stringKey(attribute.name), value.text)
                is TraceValue.Number -> put(AttributeKey.longKey(attribute.name), value.number)
                is TraceValue.Flag -> put(AttributeKey.booleanKey(attribute.name), value.flag)
            }
        }
    }.build()

    private companion object {
        const val SCOPE = "chat.wildfire.message"
        const val NANOSECONDS = 1e9

        /** Those that the conventions name, in seconds. */
        val BOUNDS = listOf(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
    }
}
