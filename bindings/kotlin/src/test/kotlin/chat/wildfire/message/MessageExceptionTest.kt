package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.assertThrows
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.ObjectInputStream
import java.io.ObjectOutputStream
import java.time.Duration
import java.time.Instant

class MessageExceptionTest {
    /** One of each subclass, its sentence, and whether the server may have acted. */
    private val each = listOf(
        Sample(
            MessageException.InvalidArgument("sender", "it is empty"),
            "invalid argument sender: it is empty",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Unreachable("message/send", 1, "connection refused"),
            "message/send: no connection to the server in 1 attempt: connection refused; nothing was sent",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.RateLimited("message/send", 3, "over frequency"),
            "message/send: the server accepts no more calls for now: over frequency (3 attempts); nothing was executed",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Unauthorized("message/send", ErrorCode.AUTH_FAILURE, "auth failure"),
            "message/send: the server does not accept the signature (code 244: auth failure); check that the secret " +
                "is right and has no spaces, line break or quotes around it, and that no proxy on the way to the " +
                "server removes the headers nonce, timestamp and sign",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Unauthorized("message/send", ErrorCode.SIGN_EXPIRED, "expired", 2, -7_500_000),
            "message/send: the server does not accept the signature (code 243: expired; 2 attempts); " +
                "this machine's clock is 2 h 5 min behind the clock that dated the answer",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Rejected("message/send", ErrorCode.NOT_EXIST, "not exist"),
            "message/send: the server answered with code 253: not exist",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Rejected("message/send", ErrorCode.TIMEOUT, "timeout"),
            "message/send: the server answered with code 249: timeout; the server may have executed the request",
            mayHaveExecuted = true,
        ),
        Sample(
            MessageException.NotSupported("message/update"),
            "message/update: this server, or its edition, does not have the endpoint; nothing was executed",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.BadRequest("message/send", 500, "no JSON"),
            "message/send: the server could not read the request (HTTP 500: no JSON); nothing was executed",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.TimedOut("message/send", 1, Duration.ofMillis(15_040)),
            "message/send: no complete answer within 15.0 s (1 attempt); the server may have executed the request",
            mayHaveExecuted = true,
        ),
        Sample(
            MessageException.ConnectionLost("message/send", 1, "reset"),
            "message/send: the connection was lost after the request was sent: reset (1 attempt); " +
                "the server may have executed the request",
            mayHaveExecuted = true,
        ),
        Sample(
            MessageException.InvalidResponse("message/send", 502, "it is HTML", "<html>"),
            "message/send: the answer does not belong to this API: it is HTML (HTTP 502: <html>); " +
                "the server may have executed the request",
            mayHaveExecuted = true,
        ),
        Sample(
            MessageException.Interrupted("message/send", sent = false),
            "message/send: interrupted; nothing was executed",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.Interrupted("message/send", sent = true),
            "message/send: interrupted after the request was sent; the server may have executed the request",
            mayHaveExecuted = true,
        ),
        Sample(
            MessageException.StreamFailed("message/send", "message/send: the text was cancelled", 0, 9, 3, true, false),
            "message/send: the text was cancelled; receivers see 3 of 9 characters, marked as cancelled",
            mayHaveExecuted = false,
        ),
        Sample(
            MessageException.FailedAfterUpload(
                "message/send",
                "https://files/1",
                "Rejected",
                "it was refused",
                sent = false,
            ),
            "it was refused; the file has been uploaded, and remote_media_url says where it is",
            mayHaveExecuted = false,
        ),
    )

    private class Sample(val exception: MessageException, val sentence: String, val mayHaveExecuted: Boolean)

    @TestFactory
    fun `each one is a sentence and knows whether the server may have acted`(): List<DynamicTest> = each.map { sample ->
        dynamicTest(sample.sentence) {
            assertEquals(sample.sentence, sample.exception.message)
            assertEquals("${sample.exception.javaClass.name}: ${sample.sentence}", sample.exception.toString())
            assertEquals(sample.mayHaveExecuted, sample.exception.mayHaveExecuted)
        }
    }

    @Test
    fun `every subclass is among these`() {
        assertEquals(MessageException::class.sealedSubclasses.toSet(), each.map { it.exception::class }.toSet())
    }

    @Test
    fun `a caller matches on them without an else`() {
        val advice = each.map { sample ->
            when (val failure = sample.exception) {
                is MessageException.InvalidArgument -> "mend ${failure.argument}"
                is MessageException.Unreachable, is MessageException.RateLimited -> "try again"
                is MessageException.Unauthorized -> "look at the secret"
                is MessageException.Rejected -> "code ${failure.code}"
                is MessageException.NotSupported -> "do without"
                is MessageException.BadRequest -> "report it"
                is MessageException.TimedOut -> "after ${failure.elapsed.toMillis()} ms"
                is MessageException.ConnectionLost, is MessageException.InvalidResponse -> "look it up"
                is MessageException.FailedAfterUpload -> "send ${failure.remoteMediaUrl}"
                is MessageException.Interrupted -> "stop"
                is MessageException.StreamFailed -> "${failure.shown} of ${failure.characters} are seen"
            }
        }
        assertEquals(listOf("mend sender", "try again", "try again", "look at the secret"), advice.take(4))
    }

    @Test
    fun `what a call fails with was tried once, unless it says otherwise`() {
        MessageException.Unauthorized("message/send", 244, "").run { assertEquals(1 to null, attempts to clockOffset) }
        assertEquals(1, MessageException.Rejected("message/send", 253, "").attempts)
        assertEquals(1, MessageException.NotSupported("message/send").attempts)
        assertEquals(1, MessageException.BadRequest("message/send", 500, "").attempts)
        assertEquals(1, MessageException.InvalidResponse("message/send", 502, "", "").attempts)
        assertEquals(1, MessageException.Interrupted("message/send", sent = true).attempts)
        assertEquals(2, MessageException.Interrupted("message/send", sent = true, attempts = 2).attempts)
    }

    @Test
    fun `a failure tells how often the call was tried`() {
        val options = ClientOptions(maxAttempts = 4, retryPause = Duration.ofMillis(1))
        withServer(options = options) { client, sandbox ->
            sandbox.failNext(Fault.OVER_FREQUENCY, times = 4)
            assertEquals(4, assertThrows<MessageException.RateLimited> { client.sendHello() }.attempts)
            sandbox.failNext(Fault.CLOSE_AFTER_READING, times = 4)
            assertEquals(4, assertThrows<MessageException.ConnectionLost> { client.getMessage(1) }.attempts)
            sandbox.failNext(Fault.SERVICE_UNAVAILABLE, times = 4)
            assertEquals(4, assertThrows<MessageException.InvalidResponse> { client.getMessage(1) }.attempts)
            sandbox.failNext(Fault.SERVER_TIMEOUT, times = 4)
            assertEquals(4, assertThrows<MessageException.Rejected> { client.getMessage(1) }.attempts)
            // What may have been executed is not sent a second time.
            sandbox.failNext(Fault.CLOSE_AFTER_READING)
            assertEquals(1, assertThrows<MessageException.ConnectionLost> { client.sendHello() }.attempts)
            assertEquals(17, sandbox.requests().size)
        }
    }

    @Test
    fun `code 243 tells by how much the clocks differ`() = withServer { client, sandbox ->
        val expired = """{"code":243,"msg":"sign expired"}""".toByteArray()
        val dated = listOf(Header("content-type", "application/json"), Header("date", "Thu, 01 Jan 2026 00:00:00 GMT"))
        sandbox.answerNext(ScriptedAnswer(200, dated, expired))
        val offset = assertThrows<MessageException.Unauthorized> { client.sendHello() }.clockOffset
        val expected = System.currentTimeMillis() - Instant.parse("2026-01-01T00:00:00Z").toEpochMilli()
        assertEquals(expected.toDouble(), checkNotNull(offset).toDouble(), 60_000.0)
        sandbox.answerNext(ScriptedAnswer(200, dated.take(1), expired))
        assertNull(assertThrows<MessageException.Unauthorized> { client.sendHello() }.clockOffset)
    }

    @Test
    fun `they can be written and read back`() {
        each.forEach { sample ->
            val bytes = ByteArrayOutputStream().also { ObjectOutputStream(it).writeObject(sample.exception) }
            val read = ObjectInputStream(ByteArrayInputStream(bytes.toByteArray())).readObject() as MessageException
            assertEquals(sample.exception.javaClass, read.javaClass)
            assertEquals(sample.sentence, read.message)
            assertEquals(sample.mayHaveExecuted, read.mayHaveExecuted)
            assertEquals(properties(sample.exception), properties(read))
        }
    }

    @Test
    fun `the stack trace begins in the code that called`() = withServer { client, _ ->
        val failure = assertThrows<MessageException.Rejected> { client.getMessage(1) }
        assertTrue(failure.stackTrace.any { it.className.startsWith(javaClass.name) }, failure.stackTraceToString())
        assertNull(failure.cause)
    }

    @Test
    fun `no text and no property holds the secret or the body of the request`() {
        val body = "canary-body-51c2"
        val faults = listOf(
            Fault.CLOSE_AFTER_READING,
            Fault.RESET_AFTER_READING,
            Fault.CLOSE_IN_ANSWER,
            Fault.TRUNCATED_BODY,
            Fault.HTML_ANSWER,
            Fault.UNREADABLE_REQUEST,
            Fault.NEVER_ANSWER,
        )
        val failures = mutableListOf<MessageException>()
        withServer(options = ClientOptions(readTimeout = Duration.ofMillis(200))) { client, sandbox ->
            val refused = listOf<(MessageClient) -> Any?>(
                { it.sendMessage("", Conversation.single("u"), MessagePayload.text(body)) },
                { it.sendMessage("a", Conversation.single("u"), MessagePayload(ContentType.RECALLED, extra = body)) },
                { it.sendMessage("a", Conversation.single("u\uD800"), MessagePayload.text(body)) },
                { it.sendMessage("a", Conversation.single("u"), MessagePayload.text(body + "x".repeat(60_000))) },
                { it.sendMessage("a", Conversation.group("unknown"), MessagePayload.text(body)) },
            )
            val stranger = MessageClient(sandbox.baseUrl, "$SECRET-other")
            refused.forEach { failures += assertThrows<MessageException> { it(client) } }
            failures += assertThrows<MessageException.Unauthorized> { stranger.sendHello(body) }
            for (fault in faults) {
                sandbox.failNext(fault)
                failures += assertThrows<MessageException>(fault.name) { client.sendHello(body) }
            }
        }
        for (failure in failures) {
            val told = failure.stackTraceToString() + properties(failure)
            assertFalse(SECRET in told || body in told, told)
        }
    }

    private fun properties(failure: MessageException) = failure.javaClass.methods
        .filter { it.name.startsWith("get") && it.parameterCount == 0 && it.name != "getStackTrace" }
        .joinToString { "${it.name} ${it.invoke(failure)}" }

    @Test
    fun `all of them are caught as one, and are unchecked`() = withServer(Edition.COMMUNITY) { client, _ ->
        val failure = runCatching { client.deleteMessage(1) }.exceptionOrNull()
        assertInstanceOf(MessageException::class.java, failure)
        assertInstanceOf(RuntimeException::class.java, failure)
    }
}
