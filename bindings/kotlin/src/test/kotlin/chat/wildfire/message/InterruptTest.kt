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

    /** Runs [call] on a thread of its own, interrupts it a while after its request came in, and tells what it saw. */
    private fun interrupted(sandbox: Sandbox, call: () -> Unit): Interrupted {
        val before = sandbox.requests().size
        return interruptedOnce({ sandbox.requests().size > before }, call)
    }

    private fun interruptedOnce(isUnderWay: () -> Boolean, call: () -> Unit): Interrupted {
        var failure: Throwable? = null
        var flag = false
        var ended = 0L
        val calling = thread {
            failure = runCatching(call).exceptionOrNull()
            ended = System.nanoTime()
            flag = Thread.currentThread().isInterrupted
        }
        while (!isUnderWay()) Thread.sleep(5)
        Thread.sleep(130)
        val begun = System.nanoTime()
        calling.interrupt()
        calling.join(LIMIT.toMillis())
        assertTrue(!calling.isAlive, "the call goes on")
        assertTrue(flag, "the interrupt flag")
        return Interrupted(failure as MessageException.Interrupted, Duration.ofNanos(ended - begun))
    }

    private class Interrupted(val failure: MessageException.Interrupted, val delay: Duration)

    /** The best of several: on a busy machine a thread may wait for its turn. */
    private fun assertWithin200Ms(seen: List<Interrupted>) {
        val delays = seen.map { it.delay }
        assertTrue(delays.min() < Duration.ofMillis(200), "it took $delays")
    }

    @Test
    fun `an interrupt ends a call within 200 ms and leaves the flag set`() = withServer { client, sandbox ->
        val seen = List(3) {
            sandbox.failNext(Fault.NEVER_ANSWER)
            interrupted(sandbox) { client.sendHello() }
        }
        for (failure in seen.map { it.failure }) {
            assertEquals("message/send" to 1, failure.endpoint to failure.attempts)
            assertTrue(failure.sent && failure.mayHaveExecuted, failure.message)
        }
        assertWithin200Ms(seen)
    }

    @Test
    fun `an interrupt ends the pause between two attempts, and no request goes out afterwards`() =
        withServer { client, sandbox ->
            // The server asks for a pause of one second.
            sandbox.failNext(Fault.TOO_MANY_REQUESTS, times = 3, delay = Duration.ofSeconds(1))
            val seen = List(3) { interrupted(sandbox) { client.sendHello("given up") } }
            for (failure in seen.map { it.failure }) {
                assertEquals("message/send" to 1, failure.endpoint to failure.attempts)
                assertTrue(!failure.sent && !failure.mayHaveExecuted, failure.message)
            }
            assertWithin200Ms(seen)
            Thread.sleep(1_500)
            assertEquals(3, sandbox.requests().size)
            assertEquals(emptyList<Long>(), sandbox.messagesWithText("given up"))
        }

    @Test
    fun `an interrupt ends the client's own long pause as well`() {
        val hour = Duration.ofHours(1)
        val patient = ClientOptions(totalTimeout = hour.multipliedBy(2), retryPause = hour, retryPauseMax = hour)
        withServer(options = patient) { client, sandbox ->
            sandbox.failNext(Fault.OVER_FREQUENCY, times = 3)
            val seen = List(3) { interrupted(sandbox) { client.sendHello() } }
            assertEquals(listOf(1, 1, 1), seen.map { it.failure.attempts })
            assertTrue(seen.none { it.failure.sent })
            assertWithin200Ms(seen)
        }
    }

    @Test
    fun `a call that pauses after a request whose fate nobody knows was sent`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.CLOSE_AFTER_READING)
        sandbox.failNext(Fault.TOO_MANY_REQUESTS, delay = Duration.ofSeconds(1))
        val seen = interruptedOnce({ sandbox.requests().size == 2 }) { client.getDeliveryTimestamp("user1") }
        assertEquals(true to 2, seen.failure.sent to seen.failure.attempts)
        Thread.sleep(1_500)
        assertEquals(2, sandbox.requests().size)
    }

    @Test
    fun `an interrupt ends the wait for a turn, and no request goes out afterwards`() =
        withServer(options = ClientOptions(rateLimit = 1)) { client, sandbox ->
            client.sendHello("the first turn")
            val seen = interruptedOnce({ true }) { client.sendHello("given up") }
            assertEquals(false to 0, seen.failure.sent to seen.failure.attempts)
            assertTrue(!seen.failure.mayHaveExecuted, seen.failure.message)
            assertWithin200Ms(listOf(seen) + List(2) { interruptedOnce({ true }) { client.sendHello("given up") } })
            Thread.sleep(1_500)
            assertEquals(1, sandbox.requests().size)
            // The turns that were given up are gone; the client goes on all the same.
            client.sendHello("a later turn")
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
        sandbox.failNext(Fault.NEVER_ANSWER, times = 2)
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
