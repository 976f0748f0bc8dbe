package chat.wildfire.message

import chat.wildfire.message.otel.MessageTelemetry
import io.opentelemetry.api.common.Attributes
import io.opentelemetry.api.trace.SpanKind
import io.opentelemetry.api.trace.StatusCode
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator
import io.opentelemetry.context.propagation.ContextPropagators
import io.opentelemetry.sdk.OpenTelemetrySdk
import io.opentelemetry.sdk.metrics.SdkMeterProvider
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter
import io.opentelemetry.sdk.trace.SdkTracerProvider
import io.opentelemetry.sdk.trace.data.SpanData
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

private const val CANARY = "canary-of-a-user"

/** OpenTelemetry: spans, metrics and the context on the way to the server, by the SDK's exporters in memory. */
@Timeout(120)
class MessageTelemetryTest : ListeningToTheLog() {
    private val exporter = InMemorySpanExporter.create()
    private val reader = InMemoryMetricReader.create()
    private val sdk = OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build(),
        )
        .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(reader).build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build()

    @BeforeEach
    fun instrument() = MessageTelemetry.instrument(sdk)

    @AfterEach
    fun `trace no more`() = MessageTelemetry.uninstrument()

    /** In the order in which they ended. */
    private val spans: List<SpanData> get() = exporter.finishedSpanItems

    private fun MessageClient.send() = sendMessage(CANARY, Conversation.single(CANARY), MessagePayload.text(CANARY))

    private fun Attributes.told() = asMap().mapKeys { (key, _) -> key.key }

    @Test
    fun `each call has a span and each attempt one below it`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.OVER_FREQUENCY)
        val work = sdk.getTracer("app").spanBuilder("work").startSpan()
        work.makeCurrent().use { client.send() }
        work.end()
        assertEquals(listOf("POST", "POST", "message/send", "work"), spans.map { it.name })
        val (first, second, call) = spans
        assertEquals(work.spanContext.spanId, call.parentSpanId)
        assertEquals(List(2) { call.spanId }, listOf(first, second).map { it.parentSpanId })
        assertEquals(List(2) { SpanKind.CLIENT }, listOf(first, second).map { it.kind })
        val shared = mapOf(
            "http.request.method" to "POST",
            "server.address" to "127.0.0.1",
            "server.port" to sandbox.baseUrl.substringAfterLast(':').toLong(),
            "http.response.status_code" to 200L,
        )
        val refused =
            mapOf("error.type" to "RateLimited", "wildfirechat.code" to 250L, "wildfirechat.may_have_executed" to false)
        val again = mapOf("http.request.resend_count" to 1L, "wildfirechat.code" to 0L)
        assertEquals(shared + refused, first.attributes.told())
        assertEquals(shared + again, second.attributes.told())
        val ofCall = mapOf("wildfirechat.endpoint" to "message/send", "wildfirechat.attempts" to 2L)
        assertEquals(ofCall, call.attributes.told())
        val unset = StatusCode.UNSET
        assertEquals(listOf(StatusCode.ERROR, unset, unset), spans.take(3).map { it.status.statusCode })
        val times = listOf(first, second).flatMap { listOf(it.startEpochNanos, it.endEpochNanos) }
        assertEquals(times.sorted(), times)
    }

    @Test
    fun `the server gets the context of the call`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.OVER_FREQUENCY)
        client.send()
        val context = spans.last().spanContext
        fun parents() = sandbox.requests().map { request ->
            request.headers.filter { it.name == "traceparent" }.map { it.value }
        }
        val expected = "00-${context.traceId}-${context.spanId}-${context.traceFlags.asHex()}"
        assertEquals(listOf(listOf(expected), listOf(expected)), parents())
        MessageTelemetry.uninstrument()
        client.send()
        assertEquals(emptyList<String>(), parents().last())
    }

    @Test
    fun `an unknown fate is an error with its name`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertThrows<MessageException.ConnectionLost> { client.send() }
        assertEquals(listOf("POST", "message/send"), spans.map { it.name })
        for (span in spans) {
            val told = span.attributes.told()
            assertEquals("ConnectionLost" to true, told["error.type"] to told["wildfirechat.may_have_executed"])
            assertEquals(StatusCode.ERROR, span.status.statusCode)
        }
        assertFalse("http.response.status_code" in spans.first().attributes.told())
    }

    @Test
    fun `attempts are measured without ids`() = withServer { client, sandbox ->
        repeat(3) { client.send() }
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertThrows<MessageException.ConnectionLost> { client.send() }
        val metric = reader.collectAllMetrics().single()
        assertEquals("http.client.request.duration" to "s", metric.name to metric.unit)
        val (good, lost) = metric.histogramData.points.sortedByDescending { it.count }
        assertEquals(3L to 1L, good.count to lost.count)
        val names = setOf("http.request.method", "server.address", "server.port", "http.response.status_code")
        assertEquals(names, good.attributes.told().keys)
        assertEquals("ConnectionLost", lost.attributes.told()["error.type"])
        assertTrue(good.sum in 0.0..60.0)
        assertEquals(14, good.boundaries.size)
    }

    @Test
    fun `no span shows the secret or anything of the request`() = withServer { client, sandbox ->
        client.send()
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertThrows<MessageException.ConnectionLost> { client.send() }
        val told = spans.joinToString()
        assertEquals(listOf(false, false), listOf(CANARY, SECRET).map { it in told })
    }

    @Test
    fun `a call that is refused before it is sent has no span`() = withServer { client, _ ->
        assertThrows<MessageException.InvalidArgument> {
            client.sendMessage("", Conversation.single("u1"), MessagePayload.text("hi"))
        }
        assertEquals(emptyList<SpanData>(), spans)
        client.findMessage(1)
        assertEquals(listOf("POST", "message/get_one"), spans.map { it.name })
    }

    @Test
    fun `coroutines have a span for each call, and requests its context`() = Sandbox(SECRET).use { sandbox ->
        runBlocking {
            CoroutineMessageClient(sandbox.baseUrl, SECRET).use { client ->
                List(20) { async { client.findMessage(it + 1L) } }.awaitAll()
            }
        }
        val calls = spans.filter { it.name == "message/get_one" }
        assertEquals(20, calls.size)
        val ids = calls.map { it.spanId }.toSet()
        assertEquals(ids, sandbox.contexts().toSet())
        assertEquals(ids, spans.filter { it.name == "POST" }.map { it.parentSpanId }.toSet())
    }

    @Test
    fun `an upload and a message with a file have a span each`() = withServer { client, sandbox ->
        client.upload("a.txt", "text".toByteArray(), MediaType.FILE)
        client.sendFile("admin", Conversation.single("u1"), "text".toByteArray(), "a.txt")
        assertEquals(listOf("POST", "oss/get_upload_url", "POST", "POST", "message/send"), spans.map { it.name })
        val (upload, question, message) = listOf(spans[1], spans[2], spans[4])
        assertEquals(message.spanId, question.parentSpanId)
        assertEquals("oss/get_upload_url", question.attributes.told()["wildfirechat.endpoint"])
        assertEquals(listOf(upload, message, message).map { it.spanId }, sandbox.contexts())
    }

    @Test
    fun `uploads of coroutines have a span each`() = Sandbox(SECRET).use { sandbox ->
        runBlocking {
            CoroutineMessageClient(sandbox.baseUrl, SECRET).use { client ->
                List(10) {
                    async { client.sendFile("admin", Conversation.single("u1"), "text".toByteArray(), "a.txt") }
                }.awaitAll()
            }
        }
        val calls = spans.filter { it.name == "message/send" }
        assertEquals(10, calls.size)
        assertEquals((calls + calls).map { it.spanId }.sorted(), sandbox.contexts().sorted())
        assertEquals((calls + calls).map { it.spanId }.sorted(), (spans - calls).map { it.parentSpanId }.sorted())
    }

    /** The spans whose contexts requests brought, in their order. */
    private fun Sandbox.contexts(): List<String> =
        requests().flatMap { it.headers }.filter { it.name == "traceparent" }.map { it.value.split('-')[2] }

    @Test
    fun `the log has its lines all the same`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.OVER_FREQUENCY)
        client.send()
        assertEquals(listOf("RateLimited"), records.map { (it as CallLogRecord).fields["outcome"] })
    }
}
