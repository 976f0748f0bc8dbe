package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import kotlin.concurrent.thread

@Timeout(30)
class InterruptTest {
    @AfterEach
    fun `leave no flag behind`() {
        Thread.interrupted()
    }

    /** Runs [call] on a thread of its own, interrupts it after a while, and tells what it saw. */
    private fun interrupted(sandbox: Sandbox, call: () -> Unit): Interrupted {
        var failure: Throwable? = null
        var flag = false
        var ended = 0L
        val calling = thread {
            failure = runCatching(call).exceptionOrNull()
            ended = System.nanoTime()
            flag = Thread.currentThread().isInterrupted
        }
        while (sandbox.requests().isEmpty()) Thread.sleep(5)
        Thread.sleep(130)
        val begun = System.nanoTime()
        calling.interrupt()
        calling.join(LIMIT.toMillis())
        assertTrue(!calling.isAlive, "the call goes on")
        return Interrupted(failure, flag, Duration.ofNanos(ended - begun))
    }

    private class Interrupted(val failure: Throwable?, val flag: Boolean, val delay: Duration)

    @Test
    fun `an interrupt ends a call within 200 ms and leaves the flag set`() = withServer { client, sandbox ->
        val delays = List(3) {
            sandbox.clearRequests()
            sandbox.failNext(Fault.NEVER_ANSWER)
            val seen = interrupted(sandbox) { client.sendHello() }
            val failure = seen.failure as MessageException.Interrupted
            assertEquals("message/send", failure.endpoint)
            assertTrue(failure.sent && failure.mayHaveExecuted, failure.message)
            assertTrue(seen.flag, "the interrupt flag")
            seen.delay
        }
        // The best of them: on a busy machine a thread may wait for its turn.
        assertTrue(delays.min() < Duration.ofMillis(200), "it took $delays")
    }

    @Test
    fun `an interrupted call sends nothing any more, and the client goes on`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER)
        interrupted(sandbox) { client.sendHello("given up") }
        assertEquals("next", client.getMessage(client.sendHello("next").messageUid).payload.searchableContent)
        assertEquals(1, sandbox.requests().count { "given up" in it.body.decodeToString() })
        assertEquals(emptyList<Long>(), sandbox.messagesWithText("given up"))
    }

    @Test
    fun `an interrupt does not touch the calls of other threads`() = withServer { client, sandbox ->
        repeat(2) { sandbox.failNext(Fault.NEVER_ANSWER) }
        var other: Throwable? = null
        val calling = thread { other = runCatching { client.getDeliveryTimestamp("other") }.exceptionOrNull() }
        while (sandbox.requests().isEmpty()) Thread.sleep(5)
        interrupted(sandbox) { client.sendHello() }
        Thread.sleep(300)
        assertTrue(calling.isAlive && other == null, "the other call has ended: $other")
        calling.interrupt()
        calling.join(LIMIT.toMillis())
        assertEquals("message/delivery", (other as MessageException.Interrupted).endpoint)
    }

    @TestFactory
    fun `a thread that is interrupted already sends nothing`(): List<DynamicTest> = EVERY_METHOD.map { (name, call) ->
        dynamicTest(name) {
            withServer { client, sandbox ->
                Thread.currentThread().interrupt()
                val failure = assertThrows<MessageException.Interrupted> { call(client) }
                assertTrue(Thread.interrupted(), "the interrupt flag")
                assertTrue(!failure.sent && !failure.mayHaveExecuted, failure.message)
                assertEquals(0, sandbox.requests().size)
                // The endpoint it names is the one that the method calls.
                runCatching { call(client) }
                assertEquals(sandbox.requests().single().path, "/admin/${failure.endpoint}")
            }
        }
    }

    @TestFactory
    fun `a long call ends as if it had been short`(): List<DynamicTest> = EVERY_METHOD.map { (name, call) ->
        dynamicTest(name) {
            withServer { client, sandbox ->
                val atOnce = runCatching { call(client) }
                // Waits for the answer's last byte longer than one slice.
                SlowServer(sandbox.baseUrl, Duration.ofMillis(150)).use { slow ->
                    val later = MessageClient(slow.baseUrl, SECRET).use { runCatching { call(it) } }
                    assertEquals(shape(atOnce), shape(later))
                }
            }
        }
    }

    private fun shape(outcome: Result<Any?>) = outcome.fold({ it?.javaClass }, { it.toString() })

    @Test
    fun `a time-out longer than a slice is a time-out`() =
        withServer(options = ClientOptions(readTimeout = Duration.ofMillis(350))) { client, sandbox ->
            sandbox.failNext(Fault.NEVER_ANSWER)
            val failure = assertThrows<MessageException.TimedOut> { client.sendHello() }
            assertTrue(failure.elapsed in Duration.ofMillis(340)..Duration.ofSeconds(2), failure.message)
        }
}
