package chat.wildfire.message

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.collectIndexed
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration

/** Many messages out of a flow. */
@Timeout(60)
class SendingFlowsTest {
    private fun withEndlessBudget(test: (MessageClient, Sandbox) -> Unit) =
        Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET).use { client -> test(client, sandbox) }
        }

    private fun text(number: Int) = "message $number"

    /** Those of a conversation would go one after the other. */
    private fun message(number: Int) =
        SendRequest("admin", Conversation.single("user${number % 64}"), MessagePayload.text(text(number)))

    private fun messages(count: Int) = (0 until count).asFlow().map(::message)

    private fun endless() = generateSequence(0) { it + 1 }.asFlow().map(::message)

    /** Nothing arrives any more; what had left may take a moment. */
    private fun assertAtRest(sandbox: Sandbox) {
        Thread.sleep(100)
        val arrived = sandbox.requests().size
        Thread.sleep(300)
        assertEquals(arrived, sandbox.requests().size)
    }

    /** Coroutines under test would throw a copy, for the stack trace; this one cannot be copied. */
    @OptIn(ExperimentalCoroutinesApi::class)
    private class Broken :
        Exception(),
        CopyableThrowable<Broken> {
        override fun createCopy(): Broken? = null
    }

    @Test
    fun `every message of a flow is sent once, and the outcomes have the order of the requests`() =
        withEndlessBudget { client, sandbox ->
            val outcomes = runBlocking { client.sendEach(messages(3_000)).toList() }
            val executed = List(3_000) { sandbox.messagesWithText(text(it)) }
            assertEquals(executed, outcomes.map { listOf(it.orThrow().messageUid) })
        }

    @Test
    fun `a flow without messages has no outcomes`() = withEndlessBudget { client, sandbox ->
        assertEquals(emptyList<SendOutcome>(), runBlocking { client.sendEach(emptyFlow<SendRequest>()).toList() })
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `nothing is sent before the outcomes are collected, and each collection sends again`() =
        withEndlessBudget { client, sandbox ->
            var collected = 0
            val outcomes = client.sendEach(flow { repeat(10) { emit(message(collected++)) } })
            Thread.sleep(100)
            assertEquals(0 to 0, collected to sandbox.requests().size)
            for (times in 1..3) {
                assertTrue(runBlocking { outcomes.toList() }.all { it.error == null })
                assertEquals(10 * times to 10 * times, collected to sandbox.messageUids().size)
            }
        }

    @Test
    fun `a message of a flow that can never be sent fails alone`() = withEndlessBudget { client, sandbox ->
        val requests = messages(600).map { if (it == message(300)) it.copy(toUsers = listOf("\uDE00")) else it }
        val outcomes = runBlocking { client.sendEach(requests).toList() }
        assertEquals(listOf(300), outcomes.indices.filter { outcomes[it].error is MessageException.InvalidArgument })
        assertEquals(599, sandbox.messageUids().size)
    }

    @Test
    fun `what can never work is refused when the outcomes are collected`() = withEndlessBudget { client, sandbox ->
        val refused = client.sendEach(messages(1), BulkOptions(concurrency = 0))
        val failure = assertThrows<MessageException.InvalidArgument> { runBlocking { refused.collect() } }
        assertEquals(
            "invalid argument options.concurrency: 0 is out of range: it must be from 1 to 1024",
            failure.message,
        )
        val late = client.sendEach(messages(1))
        client.close()
        assertThrows<IllegalStateException> { runBlocking { late.collect() } }
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `a cancelled collector ends within 200 ms, and nothing is sent afterwards`() {
        val delays = List(3) {
            var delay = Duration.ZERO
            withEndlessBudget { client, sandbox ->
                sandbox.failNext(Fault.NEVER_ANSWER_AFTER_EXECUTING, times = 4)
                runBlocking {
                    val sending = launch { client.sendEach(endless(), BulkOptions(rateLimit = 2_000)).collect() }
                    while (sandbox.requests().size < 200) delay(1)
                    val begun = System.nanoTime()
                    sending.cancelAndJoin()
                    delay = Duration.ofNanos(System.nanoTime() - begun)
                }
                assertAtRest(sandbox)
                client.sendHello("and it goes on")
            }
            delay
        }
        // The best of several: on a busy machine a thread may wait for its turn.
        assertTrue(delays.min() < Duration.ofMillis(200), "it took $delays")
    }

    @Test
    fun `a collector that is cancelled while the source suspends ends too`() = withEndlessBudget { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER)
        val suspended = flow {
            emit(message(0))
            awaitCancellation()
        }
        runBlocking {
            val sending = launch { client.sendEach(suspended).collect() }
            while (sandbox.requests().isEmpty()) delay(1)
            sending.cancelAndJoin()
        }
        assertAtRest(sandbox)
    }

    @Test
    fun `an endless flow ends when enough outcomes were taken`() = withEndlessBudget { client, sandbox ->
        val outcomes = runBlocking { client.sendEach(endless(), BulkOptions(rateLimit = 2_000)).take(100).toList() }
        assertEquals(100, outcomes.count { it.error == null })
        assertAtRest(sandbox)
        assertTrue(sandbox.messageUids().size < 5_000)
    }

    @Test
    fun `an endless flow is left alone when it stops`() = withEndlessBudget { client, _ ->
        val source = endless().map { if (it == message(500)) it.copy(sender = "") else it }
        val outcomes = runBlocking { client.sendEach(source, BulkOptions(stopOn = StopOn.FAILURE)).toList() }
        assertTrue(outcomes.size in 501..10_000, "${outcomes.size} outcomes")
        assertTrue(outcomes[500].error is MessageException.InvalidArgument)
    }

    @Test
    fun `a flow is collected only as there is room`() = withEndlessBudget { client, sandbox ->
        // The first one gets no answer for a second; all others are ready behind it.
        sandbox.failNext(Fault.DELAY_AFTER_EXECUTING, delay = Duration.ofSeconds(1))
        var made = 0
        var told = 0
        var furthest = 0
        val requests = messages(12_000).onEach { furthest = maxOf(furthest, ++made - told) }
        runBlocking { client.sendEach(requests).collect { told++ } }
        assertEquals(12_000 to 12_000, made to told)
        assertTrue(furthest in 8_192..MOST_AHEAD, "$furthest requests ahead")
    }

    @Test
    fun `a slow collector slows the sending`() = withEndlessBudget { client, sandbox ->
        var made = 0
        runBlocking {
            val sending = launch {
                client.sendEach(endless().onEach { made++ }).collect { awaitCancellation() }
            }
            while (made == 0) delay(1)
            // Until nothing more is made.
            var before = 0
            while (before != made) {
                before = made
                delay(500)
            }
            assertTrue(made <= MOST_AHEAD, "$made requests made")
            sending.cancelAndJoin()
        }
        assertTrue(sandbox.messageUids().size <= made)
    }

    @Test
    fun `what the source, the collector or the progress throws ends it and goes on`() =
        withEndlessBudget { client, sandbox ->
            val broken = Broken()
            fun assertEnds(outcomes: Flow<SendOutcome>) {
                assertSame(broken, assertThrows<Broken> { runBlocking { outcomes.collect() } })
                assertAtRest(sandbox)
            }

            val slowly = BulkOptions(rateLimit = 1_000)
            assertEnds(client.sendEach(endless().onEach { if (it == message(5_000)) throw broken }))
            assertEnds(client.sendEach(endless().onEach { throw broken }))
            assertEnds(client.sendEach(endless(), slowly).onEach { throw broken })
            assertEnds(client.sendEach(endless(), slowly) { throw broken })
        }

    @Test
    fun `a time-out of the source itself reaches the collector`() = withEndlessBudget { client, _ ->
        val impatient = flow {
            emit(message(0))
            withTimeout(50) { awaitCancellation() }
        }
        assertThrows<TimeoutCancellationException> { runBlocking { client.sendEach(impatient).collect() } }
    }

    @Test
    fun `a source that suspends holds back neither messages nor outcomes`() = withEndlessBudget { client, _ ->
        val told = List(5) { CompletableDeferred<Unit>() }
        // Each but the first is made when the one before it has its outcome.
        val conversation = flow {
            for (number in 0 until 5) {
                emit(message(number))
                withTimeout(LIMIT.toMillis()) { told[number].await() }
            }
        }
        val count = runBlocking {
            var count = 0
            client.sendEach(conversation).collectIndexed { number, outcome ->
                outcome.orThrow()
                told[number].complete(Unit)
                count++
            }
            count
        }
        assertEquals(5, count)
    }

    @Test
    fun `the collector's thread is free, and everything of the collector's is done on it`() =
        withEndlessBudget { client, sandbox ->
            sandbox.failNext(Fault.DELAY_AFTER_EXECUTING, delay = Duration.ofSeconds(1))
            val caller = Thread.currentThread()
            val threads = mutableSetOf<Thread>()
            var longest = Duration.ZERO
            runBlocking {
                val ticking = launch {
                    while (true) {
                        val begun = System.nanoTime()
                        delay(1)
                        longest = maxOf(longest, Duration.ofNanos(System.nanoTime() - begun))
                    }
                }
                client.sendEach(flowOf(message(0)).onEach { threads += Thread.currentThread() }) {
                    threads += Thread.currentThread()
                }.collect { threads += Thread.currentThread() }
                ticking.cancelAndJoin()
            }
            assertEquals(setOf(caller), threads)
            assertTrue(longest < Duration.ofMillis(700), "blocked for $longest")
        }

    @Test
    fun `one flow may be collected several times at once`() = withEndlessBudget { client, sandbox ->
        val outcomes = client.sendEach(messages(500))
        val counts = runBlocking(Dispatchers.Default) { List(4) { async { outcomes.toList().size } }.awaitAll() }
        assertEquals(List(4) { 500 }, counts)
        assertEquals(2_000, sandbox.messageUids().size)
    }

    @Test
    fun `progress is told at the end`() = withEndlessBudget { client, _ ->
        val told = mutableListOf<BulkProgress>()
        runBlocking { client.sendEach(messages(60), BulkOptions(rateLimit = 100)) { told += it }.collect() }
        assertTrue(told.size >= 3, "told ${told.size} times")
        assertEquals(60L to null, told.last().sent to told.last().total)
    }

    @Test
    fun `Java is not shown it`() {
        val methods = Class.forName("chat.wildfire.message.SendingFlows").methods
            .filter { it.declaringClass != Any::class.java }
        assertTrue(methods.any { it.name == "sendEach" } && methods.all { it.isSynthetic }, "$methods")
        val parameters = MessageClient::class.java.declaredMethods.flatMap { it.parameterTypes.asList() }
        assertFalse(parameters.any { it.name.startsWith("kotlinx.") })
    }

    private companion object {
        /** In the bulk, waiting for their turn, and the one that waits to wait. */
        const val MOST_AHEAD = 8_192 + 256 + 1
    }
}
