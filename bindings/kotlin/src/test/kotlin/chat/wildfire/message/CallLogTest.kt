package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import java.util.logging.Filter
import java.util.logging.Level
import kotlin.concurrent.thread

/** The lines about calls in the application's log, and what they never contain. */
@Timeout(120)
class CallLogTest : ListeningToTheLog() {
    private fun heard() = records.map { it.level to (it as CallLogRecord).fields["outcome"] }

    @Test
    fun `each level hears what it is for`() {
        val answered = Level.FINE to "Answered"
        val again = Level.INFO to "RateLimited"
        val lost = Level.WARNING to "ConnectionLost"
        val table = mapOf(
            Level.OFF to listOf(),
            Level.WARNING to listOf(lost),
            Level.INFO to listOf(again, lost),
            Level.FINE to listOf(answered, again, answered, lost, Level.FINE to "Rejected"),
        )
        for ((level, expected) in table) {
            records.clear()
            logger.level = level
            withServer { client, sandbox ->
                client.sendHello()
                sandbox.failNext(Fault.OVER_FREQUENCY)
                client.sendHello()
                sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
                assertThrows<MessageException.ConnectionLost> { client.sendHello() }
                assertThrows<MessageException.Rejected> { client.getMessage(1) }
            }
            assertEquals(expected, heard(), "$level")
        }
    }

    @Test
    fun `a line has its fields and the sentence of the error`() = withServer { client, sandbox ->
        logger.level = Level.FINE
        sandbox.failNext(Fault.OVER_FREQUENCY)
        client.sendHello()
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        val failure = assertThrows<MessageException.ConnectionLost> { client.sendHello() }
        val (again, answered, lost) = records.map { it as CallLogRecord }
        assertTrue("; tried again after 0." in again.message, again.message)
        assertTrue(answered.message.startsWith("message/send: answered in "), answered.message)
        assertTrue(lost.message.startsWith("${failure.message}; it took "), lost.message)
        assertEquals(
            mapOf(
                "endpoint" to "message/send",
                "outcome" to "Answered",
                "attempts" to 2L,
                "waited" to 0.0,
                "mayHaveExecuted" to false,
                "status" to 200,
                "code" to 0,
            ),
            answered.fields - "duration",
        )
        assertTrue(answered.fields["duration"] as Double > 0)
        assertEquals(true, lost.fields["mayHaveExecuted"])
        assertEquals("chat.wildfire.message", lost.loggerName)
    }

    @Test
    fun `each thread logs its own calls`() = withServer { client, _ ->
        logger.level = Level.FINE
        val threads = List(8) { thread { client.sendHello() } }
        threads.forEach { it.join() }
        @Suppress("DEPRECATION")
        assertEquals(8, records.map { it.threadID }.toSet().size)
    }

    @Test
    fun `many messages log their end and not each`() = withServer { client, sandbox ->
        logger.level = Level.FINE
        val requests = List(30) { SendRequest("admin", Conversation.single("u1"), MessagePayload.text("hello")) }
        client.sendMessages(requests)
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        client.sendEach(requests).use { outcomes -> outcomes.forEach { it.sent } }
        assertEquals(listOf(Level.FINE to "Finished", Level.WARNING to "Finished"), heard())
        val fields = (records.last() as CallLogRecord).fields
        assertEquals(listOf(29L, 1L), listOf(fields["sent"], fields["unknown"]))
    }

    @Test
    fun `an upload logs its question`() = withServer { client, _ ->
        logger.level = Level.FINE
        client.upload("a.txt", "text".toByteArray(), MediaType.FILE)
        assertEquals("oss/get_upload_url", (records.single() as CallLogRecord).fields["endpoint"])
    }

    @Test
    fun `neither secret nor text nor user is in any line or field`() {
        val canaries = listOf(SECRET, "canary-of-the-body", "canary-of-the-user")
        val options = ClientOptions(
            readTimeout = Duration.ofMillis(100),
            totalTimeout = Duration.ofMillis(500),
            retryPause = Duration.ofMillis(1),
            maxResponseBytes = 4096,
        )
        for (level in listOf(Level.FINE, Level.INFO, Level.WARNING)) {
            records.clear()
            logger.level = level
            withServer(options = options) { client, sandbox ->
                for (fault in Fault.entries) {
                    sandbox.failNext(fault, times = 2, delay = Duration.ofMillis(20))
                    val (_, body, user) = canaries
                    runCatching { client.sendMessage(user, Conversation.single(user), MessagePayload.text(body)) }
                    runCatching { client.findMessage(1) }
                    sandbox.stopFailing()
                }
            }
            val shown = records.joinToString("\n") { "${it.message} ${(it as CallLogRecord).fields}" }
            assertFalse(records.isEmpty())
            assertEquals(emptyList<String>(), canaries.filter { it in shown })
        }
    }

    @Test
    fun `a filter that fails costs nobody an answer`() = withServer { client, _ ->
        logger.level = Level.FINE
        logger.filter = Filter { throw IllegalStateException("as it was asked to") }
        assertTrue(client.sendHello().messageUid > 0)
    }

    @Test
    fun `a call that is interrupted is a line with its fate`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER)
        val sending = thread { assertThrows<MessageException.Interrupted> { client.sendHello() } }
        while (sandbox.requests().isEmpty()) Thread.sleep(5)
        sending.interrupt()
        sending.join()
        assertEquals(listOf(Level.WARNING to "Interrupted"), heard())
    }
}
