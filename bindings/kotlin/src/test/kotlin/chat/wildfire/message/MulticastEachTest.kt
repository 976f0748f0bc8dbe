package chat.wildfire.message

import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import kotlin.concurrent.thread

/** One message to many users, in multicasts: an outcome for each part. */
@Timeout(60)
class MulticastEachTest {
    private val users = List(25) { "u$it" }
    private val toAll = MessagePayload.text("to all")

    @Test
    fun `each part has its outcome and everybody gets it once`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING)
        val parts = client.multicastEach("admin", users, toAll, size = 10)
        assertEquals(users.chunked(10), parts.map { it.receivers })
        assertInstanceOf(
            MessageException.ConnectionLost::class.java,
            parts.single { it.outcome.sent == null }.outcome.error,
        )
        assertTrue(users.all { sandbox.messagesOfUser(it).size == 1 })
        assertTrue("10 receivers" in parts[0].toString())
    }

    @Test
    fun `what can never work is refused before anything is sent`() = withServer { client, sandbox ->
        for ((receivers, size, argument) in listOf(
            Triple(users, 0, "size"),
            Triple(emptyList(), 10, "receivers"),
            Triple(listOf("u1", ""), 1, "receivers[1]"),
            Triple(listOf("\ud800"), 1, "receivers[0]"),
        )) {
            val refused = assertThrows<MessageException.InvalidArgument> {
                client.multicastEach("admin", receivers, toAll, size = size)
            }
            assertEquals(argument, refused.argument)
        }
        assertTrue(sandbox.requests().isEmpty())
    }

    @Test
    fun `an interrupt tells what became of each part`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER_AFTER_EXECUTING)
        var parts = emptyList<MulticastPart>()
        var flag = false
        val sending = thread {
            parts = client.multicastEach("admin", users, toAll, size = 10, options = BulkOptions(concurrency = 1))
            flag = Thread.currentThread().isInterrupted
        }
        while (sandbox.messageUids().isEmpty()) Thread.sleep(2)
        sending.interrupt()
        sending.join()
        assertTrue(flag, "the interrupt flag")
        val fates = parts.map { (it.outcome.error as MessageException.Interrupted).sent }
        assertEquals(listOf(true, false, false), fates)
        assertEquals(1, sandbox.messageUids().size)
    }

    @Test
    fun `coroutines send them too`() = inCoroutine { client, sandbox ->
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING)
        val parts = client.multicastEach("admin", users, toAll, size = 10)
        assertEquals(users.chunked(10), parts.map { it.receivers })
        assertInstanceOf(
            MessageException.ConnectionLost::class.java,
            parts.single { it.outcome.sent == null }.outcome.error,
        )
        assertTrue(users.all { sandbox.messagesOfUser(it).size == 1 })
        val refused = assertThrows<MessageException.InvalidArgument> {
            client.multicastEach("admin", listOf("u1", ""), toAll, size = 1)
        }
        assertEquals("receivers[1]", refused.argument)
    }

    @Test
    fun `a cancelled coroutine tells what became of each part`() = inCoroutine { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER_AFTER_EXECUTING)
        coroutineScope {
            var failure: Throwable? = null
            val sending = launch {
                val options = BulkOptions(concurrency = 1)
                failure = runCatching { client.multicastEach("admin", users, toAll, size = 10, options = options) }
                    .exceptionOrNull()
            }
            while (sandbox.messageUids().isEmpty()) delay(2)
            sending.cancelAndJoin()
            val fate = MessageException.Interrupted.of(failure!!)!!
            assertEquals("message/multicast" to true, fate.endpoint to fate.sent)
            assertEquals(
                listOf(true, false, false),
                fate.outcomes.map { (it.error as MessageException.Interrupted).sent },
            )
            assertEquals(1, sandbox.messageUids().size)
        }
    }

    private fun inCoroutine(test: suspend (CoroutineMessageClient, Sandbox) -> Unit) = Sandbox(SECRET).use { sandbox ->
        runBlocking { CoroutineMessageClient(sandbox.baseUrl, SECRET).use { test(it, sandbox) } }
    }
}
