package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import java.util.concurrent.locks.LockSupport
import kotlin.concurrent.thread

/**
 * An interrupt at one of some hundred moments of a call: what comes out is what the server counted, the flag stays set, and
 * nothing goes out afterwards.
 */
@Timeout(120)
class InterruptMomentsTest {
    private fun withEndlessBudget(test: (MessageClient, Sandbox) -> Unit) =
        Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET).use { client -> test(client, sandbox) }
        }

    private fun request(text: String) = SendRequest("admin", Conversation.single("user1"), MessagePayload.text(text))

    /** Runs [call] on a thread of its own and interrupts it [after] so long; gives how it ended, and its flag. */
    private fun <R> interrupted(after: Duration, call: () -> R): Pair<Result<R>, Boolean> {
        var outcome: Result<R>? = null
        var flag = false
        val interrupted = AtomicBoolean()
        val calling = thread {
            outcome = runCatching(call)
            // A thread that has ended would take no flag.
            while (!interrupted.get()) Thread.yield()
            flag = Thread.currentThread().isInterrupted
        }
        LockSupport.parkNanos(after.toNanos())
        calling.interrupt()
        interrupted.set(true)
        calling.join(LIMIT.toMillis())
        return outcome!! to flag
    }

    private fun moments(longest: Duration, count: Int = 300) =
        (0 until count).map { Duration.ofNanos(longest.toNanos() * it / count) }

    private fun assertNothingFollows(sandbox: Sandbox) {
        Thread.sleep(200)
        val arrived = sandbox.requests().size
        Thread.sleep(300)
        assertEquals(arrived, sandbox.requests().size)
    }

    /** What the sandbox counted of each of [texts] is what [outcomes] say, the first of the first. */
    private fun assertTrueOf(texts: List<String>, outcomes: List<SendOutcome>, sandbox: Sandbox) {
        assertTrue(outcomes.size <= texts.size, "${outcomes.size} outcomes of ${texts.size}")
        texts.forEachIndexed { number, text ->
            val executed = sandbox.messagesWithText(text)
            val outcome = outcomes.getOrNull(number)
            val sent = outcome?.sent
            if (sent != null) assertEquals(listOf(sent.messageUid), executed, text)
            if (outcome?.error?.mayHaveExecuted != true && sent == null) {
                assertEquals(emptyList<Long>(), executed, "$text: $outcome is the outcome of ${outcomes.size}")
            }
        }
    }

    @Test
    fun `whenever a call is interrupted it says what became of it`() = withEndlessBudget { client, sandbox ->
        // Longer than a slice, so that some wait for the second time.
        sandbox.failNext(Fault.DELAY_AFTER_EXECUTING, times = 1_000, delay = Duration.ofMillis(130))
        val sent = AtomicInteger()
        val unknown = AtomicInteger()
        val failures = java.util.Collections.synchronizedList(ArrayList<Throwable>())
        // Side by side: they wait most of the time.
        moments(Duration.ofMillis(160)).withIndex().groupBy { it.index % 12 }.values.map { share ->
            thread {
                runCatching {
                    for ((number, moment) in share) {
                        val text = "message $number"
                        val (outcome, flag) = interrupted(moment) {
                            client.sendMessage("admin", Conversation.single("user1"), MessagePayload.text(text))
                        }
                        assertTrue(flag, "the interrupt is lost after $moment")
                        val executed = sandbox.messagesWithText(text)
                        outcome.onSuccess {
                            assertEquals(listOf(it.messageUid), executed, text)
                            sent.incrementAndGet()
                        }.onFailure {
                            val given = assertInstanceOf(MessageException.Interrupted::class.java, it)
                            if (given.sent) {
                                unknown.incrementAndGet()
                            } else {
                                assertEquals(
                                    emptyList<Long>(),
                                    executed,
                                    text,
                                )
                            }
                        }
                    }
                }.onFailure(failures::add)
            }
        }.forEach { it.join() }
        failures.firstOrNull()?.let { throw it }
        assertTrue(unknown.get() > 20 && sent.get() > 5, "$unknown unknown, $sent sent")
        assertNothingFollows(sandbox)
    }

    @Test
    fun `whenever a call that is refused is interrupted, the flag stays set`() = withEndlessBudget { client, _ ->
        for (moment in moments(Duration.ofMillis(1), 200)) {
            val (outcome, flag) = interrupted(moment) { client.getMessage(7) }
            assertTrue(flag, "the interrupt is lost after $moment")
            assertInstanceOf(MessageException::class.java, outcome.exceptionOrNull())
        }
    }

    @Test
    fun `whenever a bulk is interrupted each message has its true outcome`() = withEndlessBudget { client, sandbox ->
        moments(Duration.ofMillis(6)).forEachIndexed { number, moment ->
            val texts = List(6) { "message $number.$it" }
            val (outcomes, flag) = interrupted(moment) { client.sendMessages(texts.map(::request)) }
            assertTrue(flag, "the interrupt is lost after $moment")
            assertEquals(texts.size, outcomes.getOrThrow().size)
            assertTrueOf(texts, outcomes.getOrThrow(), sandbox)
        }
        assertNothingFollows(sandbox)
    }

    @Test
    fun `a source that is interrupted while it waits loses no outcome`() = withEndlessBudget { client, sandbox ->
        moments(Duration.ofMillis(6), 100).forEachIndexed { number, moment ->
            val texts = List(6) { "message $number.$it" }
            val queue = ArrayBlockingQueue<SendRequest>(texts.size).apply { addAll(texts.map(::request)) }
            // It waits for more of them, which never come.
            val source = generateSequence { queue.take() }
            var given = emptyList<SendOutcome>()
            val (outcome, _) = interrupted(moment) {
                client.sendEach(source).forEach { given += it }
            }
            val failure = outcome.exceptionOrNull()
            // Where the library saw the interrupt first, the outcomes end.
            val rest = failure?.let { MessageException.Interrupted.of(it)!!.outcomes }.orEmpty()
            if (failure != null) assertInstanceOf(InterruptedException::class.java, failure)
            assertTrueOf(texts, given + rest, sandbox)
        }
        assertNothingFollows(sandbox)
    }

    private class Broken : Exception()

    @Test
    fun `what a callback throws comes out with every outcome so far`() = withEndlessBudget { client, sandbox ->
        val texts = List(3_000) { "message $it" }
        val failure = assertThrows<Broken> { client.sendMessages(texts.map(::request)) { throw Broken() } }
        val told = MessageException.Interrupted.of(failure)!!
        assertTrue(told.outcomes.any { it.sent != null } && told.outcomes.size <= texts.size)
        assertEquals(told.sent, told.outcomes.any { it.error?.mayHaveExecuted == true })
        assertTrueOf(texts, told.outcomes, sandbox)
        assertNothingFollows(sandbox)
    }

    @Test
    fun `whenever a flow is cancelled each message has its true outcome`() = withEndlessBudget { client, sandbox ->
        moments(Duration.ofMillis(8), 150).forEachIndexed { number, moment ->
            val texts = List(6) { "message $number.$it" }
            val given = ArrayList<SendOutcome>()
            var ended: Throwable? = null
            runBlocking {
                val sending = launch(Dispatchers.Default) {
                    try {
                        client.sendEach(texts.map(::request).asFlow()).collect { given += it }
                    } catch (failure: CancellationException) {
                        ended = failure
                        throw failure
                    }
                }
                LockSupport.parkNanos(moment.toNanos())
                sending.cancel()
                sending.join()
            }
            val rest = ended?.let { MessageException.Interrupted.of(it) }?.outcomes.orEmpty()
            assertTrueOf(texts, given + rest, sandbox)
        }
        assertNothingFollows(sandbox)
    }

    @Test
    fun `what a collector throws comes out with the outcomes from the one on that it failed at`() =
        withEndlessBudget { client, sandbox ->
            val texts = List(200) { "message $it" }
            val given = ArrayList<SendOutcome>()
            val failure = assertThrows<Broken> {
                runBlocking {
                    client.sendEach(texts.map(::request).asFlow()).collect {
                        if (given.size == 7) throw Broken()
                        given += it
                    }
                }
            }
            assertTrueOf(texts, given + MessageException.Interrupted.of(failure)!!.outcomes, sandbox)
            assertNothingFollows(sandbox)
        }
}
