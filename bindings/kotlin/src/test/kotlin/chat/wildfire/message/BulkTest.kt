package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import kotlin.concurrent.thread

/** Many messages in one call. */
@Timeout(60)
class BulkTest {
    @AfterEach
    fun `leave no flag behind`() {
        Thread.interrupted()
    }

    private fun withEndlessBudget(options: ClientOptions? = null, test: (MessageClient, Sandbox) -> Unit) =
        Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET, options).use { client -> test(client, sandbox) }
        }

    private fun text(number: Int) = "message $number"

    /** Those of a conversation would go one after the other. */
    private fun message(number: Int) =
        SendRequest("admin", Conversation.single("user${number % 64}"), MessagePayload.text(text(number)))

    private fun messages(count: Int) = List(count, ::message)

    /** Without a known end. */
    private fun endless() = generateSequence(0) { it + 1 }.map(::message)

    private fun assertInvalid(text: String, outcome: SendOutcome) {
        assertNull(outcome.sent)
        assertEquals("invalid argument $text", (outcome.error as MessageException.InvalidArgument).message)
        assertSame(outcome.error, assertThrows<MessageException.InvalidArgument> { outcome.orThrow() })
    }

    @Test
    fun `every message is sent once, and the outcomes have the order of the requests`() =
        withEndlessBudget { client, sandbox ->
            val outcomes = client.sendMessages(messages(3_000))
            val executed = List(3_000) { sandbox.messagesWithText(text(it)) }
            assertEquals(executed, outcomes.map { listOf(it.orThrow().messageUid) })
            assertTrue(outcomes.all { it.error == null && it.sent!!.timestamp > 0 })
        }

    @Test
    fun `a sequence is sent once, and the outcomes have the order of the requests`() =
        withEndlessBudget { client, sandbox ->
            val outcomes = client.sendEach(messages(3_000).asSequence()).toList()
            val executed = List(3_000) { sandbox.messagesWithText(text(it)) }
            assertEquals(executed, outcomes.map { listOf(it.orThrow().messageUid) })
        }

    @Test
    fun `the time of each begins with its turn`() =
        withEndlessBudget(ClientOptions(rateLimit = 20, totalTimeout = Duration.ofMillis(500))) { client, _ ->
            assertEquals(40, client.sendMessages(messages(40)).count { it.orThrow().messageUid != 0L })
        }

    @Test
    fun `no messages have no outcomes`() = withEndlessBudget { client, sandbox ->
        assertEquals(emptyList<SendOutcome>(), client.sendMessages(emptyList()))
        assertEquals(emptyList<SendOutcome>(), client.sendEach(emptySequence()).toList())
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `a message that can never be sent fails alone`() = withEndlessBudget { client, sandbox ->
        val requests = messages(600).toMutableList()
        requests[4] = message(4).copy(sender = "")
        requests[300] = message(300).copy(payload = MessagePayload.text("half a pair: \uD83D"))
        requests[301] = message(301).copy(toUsers = listOf("\uDE00"))
        val outcomes = client.sendMessages(requests)
        assertInvalid("sender: it is empty", outcomes[4])
        val halfPair = "it has half a surrogate pair: it is not Unicode text"
        assertInvalid("payload.searchable_content: $halfPair", outcomes[300])
        assertInvalid("to_users[0]: $halfPair", outcomes[301])
        assertEquals(listOf(4, 300, 301), outcomes.indices.filter { outcomes[it].error != null })
        assertEquals(597, sandbox.messageUids().size)
    }

    @Test
    fun `options that can never work are refused`() = withEndlessBudget { client, sandbox ->
        for ((options, text) in listOf(
            BulkOptions(concurrency = 0) to "options.concurrency: 0 is out of range: it must be from 1 to 1024",
            BulkOptions(rateLimit = -1) to "options.rate_limit: -1 is below 0",
        )) {
            val atOnce = assertThrows<MessageException.InvalidArgument> { client.sendMessages(messages(1), options) }
            val each = assertThrows<MessageException.InvalidArgument> { client.sendEach(messages(1), options).toList() }
            assertEquals(List(2) { "invalid argument $text" }, listOf(atOnce.message, each.message))
        }
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `it stops on what it is told to stop on`() {
        for ((stopOn, fault, stops) in listOf(
            Triple(null, Fault.CLOSE_AFTER_EXECUTING, false),
            Triple(StopOn.UNKNOWN, Fault.AUTH_FAILURE, false),
            Triple(StopOn.UNKNOWN, Fault.CLOSE_AFTER_EXECUTING, true),
            Triple(StopOn.FAILURE, Fault.UNKNOWN_CODE, true),
        )) {
            withEndlessBudget { client, sandbox ->
                sandbox.failNext(fault)
                val outcomes = client.sendMessages(messages(2_000), BulkOptions(concurrency = 4, stopOn = stopOn))
                val (failed, sent) = outcomes.partition { it.error != null }
                val notStarted = failed.count { (it.error as? MessageException.Interrupted)?.attempts == 0 }
                val what = "$stopOn, $fault"
                assertEquals(2_000, outcomes.size, what)
                assertEquals(1_999, sent.size + notStarted, what)
                assertEquals(stops, notStarted > 0, what)
                assertTrue(notStarted < 2_000, what)
            }
        }
    }

    @Test
    fun `an endless source is left alone when it stops`() = withEndlessBudget { client, _ ->
        val source = endless().map { if (it.payload.searchableContent == text(500)) it.copy(sender = "") else it }
        val outcomes = client.sendEach(source, BulkOptions(stopOn = StopOn.FAILURE)).toList()
        assertTrue(outcomes.size in 501..10_000, "${outcomes.size} outcomes")
        assertInvalid("sender: it is empty", outcomes[500])
    }

    @Test
    fun `progress is told on the calling thread, ten times a second at the most, and at the end`() =
        withEndlessBudget { client, _ ->
            val told = mutableListOf<BulkProgress>()
            val requests = messages(60).toMutableList().also { it[0] = message(0).copy(sender = "") }
            val begun = System.nanoTime()
            client.sendMessages(requests, BulkOptions(rateLimit = 100)) {
                assertSame(caller, Thread.currentThread())
                told += it
            }
            val most = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 100 + 1
            assertTrue(told.size in 3..most, "told ${told.size} times, $most at the most")
            val last = told.last()
            assertEquals(listOf(59L, 1L, 0L, 60L), listOf(last.sent, last.failed, last.unknown, last.total))
            assertEquals(Duration.ZERO, last.timeLeft)
        }

    @Test
    fun `messages of a conversation arrive in their order`() = withEndlessBudget { client, sandbox ->
        val requests = messages(500).mapIndexed { number, request ->
            request.copy(conversation = Conversation.group("g${number % 5}"))
        }
        sandbox.failRandomly(listOf(Fault.DELAY_BEFORE_READING), 0.3, seed = 5, delay = Duration.ofMillis(5))
        val outOfOrder = { options: BulkOptions ->
            val uids = client.sendMessages(requests, options).map { it.orThrow().messageUid }
            (5 until 500).count { uids[it] < uids[it - 5] }
        }
        assertEquals(0, outOfOrder(BulkOptions()))
        val anyOrder = outOfOrder(BulkOptions(anyOrder = true))
        assertTrue(anyOrder > 20, "$anyOrder out of order")
    }

    /** Those after the first 200 find the server away for a while. */
    private fun awayAfterSome(sandbox: Sandbox, count: Int, away: Duration) = sequence {
        for (number in 0 until count) {
            if (number == 200) {
                // Those that are taken together with the next ones are not on their way yet.
                while (sandbox.messageUids().size < 100) Thread.sleep(1)
                sandbox.refuseConnections(away)
            }
            yield(message(number))
        }
    }

    @Test
    fun `a server that goes away is waited for, and progress says so`() = withEndlessBudget { client, sandbox ->
        val told = mutableListOf<BulkProgress>()
        val patience = Duration.ofSeconds(20)
        val requests = awayAfterSome(sandbox, 600, Duration.ofSeconds(1))
        val outcomes = client.sendEach(requests, BulkOptions(patience = patience)) { told += it }.toList()
        assertEquals(600, outcomes.count { it.error?.mayHaveExecuted ?: true })
        val away = told.filter { it.waitingFor == WaitingFor.SERVER }
        assertTrue(away.size > 3, "$told")
        assertTrue(away.all { (patience - it.waited!! - it.patienceLeft!!).abs() < Duration.ofMillis(1) }, "$away")
        val last = told.last()
        assertEquals(listOf(null, null, null), listOf(last.waitingFor, last.waited, last.patienceLeft))
    }

    @Test
    fun `a limit fails no message, and progress says that it waits`() =
        Sandbox(SECRET, rateLimit = 200).use { sandbox ->
            val told = mutableListOf<BulkProgress>()
            MessageClient(sandbox.baseUrl, SECRET).use { client ->
                assertTrue(client.sendMessages(messages(260)) { told += it }.all { it.error == null })
            }
            assertTrue(told.any { it.waitingFor == WaitingFor.RATE_LIMIT }, "$told")
        }

    @Test
    fun `a server that was never reached is not waited for`() = withEndlessBudget { client, sandbox ->
        sandbox.stop()
        val begun = System.nanoTime()
        val outcomes = client.sendMessages(messages(5_000))
        assertTrue(Duration.ofNanos(System.nanoTime() - begun) < Duration.ofSeconds(5))
        assertTrue(outcomes.all { it.error is MessageException.Unreachable })
    }

    @Test
    fun `an interrupt ends what waits for a server`() = withEndlessBudget { client, sandbox ->
        var waits = false
        val sinceInterrupt = interruptWhen { waits }
        val requests = awayAfterSome(sandbox, 5_000, Duration.ofSeconds(60))
        val outcomes = client.sendEach(requests) { waits = waits || it.waitingFor == WaitingFor.SERVER }.toList()
        // The server is away for a minute.
        assertTrue(sinceInterrupt() < Duration.ofSeconds(5))
        val (sent, failed) = outcomes.partition { it.error == null }
        assertTrue(failed.all { it.error is MessageException.Interrupted || it.error!!.mayHaveExecuted })
        assertTrue(failed.count { it.error!!.mayHaveExecuted } <= 33 && sent.size >= 100, "${sent.size} sent")
    }

    private val caller = Thread.currentThread()

    /** Interrupts this thread when [isTime]; gives how long it was since, when asked. */
    private fun interruptWhen(isTime: () -> Boolean): () -> Duration {
        val calling = Thread.currentThread()
        var interrupted = 0L
        val interrupting = thread {
            while (!isTime()) Thread.sleep(1)
            interrupted = System.nanoTime()
            calling.interrupt()
        }
        return {
            val now = System.nanoTime()
            assertTrue(Thread.interrupted(), "the interrupt flag")
            interrupting.join()
            Duration.ofNanos(now - interrupted)
        }
    }

    @Test
    fun `an interrupt keeps what is finished, and nothing goes out afterwards`() {
        val delays = List(3) {
            var delay = Duration.ZERO
            withEndlessBudget { client, sandbox ->
                sandbox.failNext(Fault.NEVER_ANSWER_AFTER_EXECUTING, times = 4)
                val sinceInterrupt = interruptWhen { sandbox.requests().size >= 200 }
                val outcomes = client.sendMessages(messages(12_000), BulkOptions(concurrency = 8, rateLimit = 2_000))
                delay = sinceInterrupt()
                assertEquals(12_000, outcomes.size)
                val interrupted = outcomes.mapNotNull { it.error as MessageException.Interrupted? }
                val unknown = interrupted.count { it.mayHaveExecuted }
                // Those without an answer, and perhaps the others of the moment.
                assertTrue(unknown in 4..8, "$unknown unknown")
                val sent = outcomes.size - interrupted.size
                assertTrue(sent >= 150, "$sent sent")
                Thread.sleep(300)
                val executed = sandbox.messageUids().size
                assertTrue(executed in sent + 4..sent + unknown, "$executed executed, $sent sent, $unknown unknown")
                client.sendMessage("admin", Conversation.single("user1"), MessagePayload.text("and it goes on"))
            }
            delay
        }
        // The best of several: on a busy machine a thread may wait for its turn.
        assertTrue(delays.min() < Duration.ofMillis(200), "it took $delays")
    }

    @Test
    fun `an interrupt ends the outcomes of an endless source`() = withEndlessBudget { client, sandbox ->
        val sinceInterrupt = interruptWhen { sandbox.requests().size >= 200 }
        // Slowly, so that some are left when the interrupt comes.
        val outcomes = client.sendEach(endless(), BulkOptions(rateLimit = 2_000)).toList()
        sinceInterrupt()
        val (sent, interrupted) = outcomes.partition { it.error == null }
        assertTrue(sent.size >= 150 && interrupted.size <= 8_192, "${sent.size}, ${interrupted.size}")
        assertTrue(interrupted.isNotEmpty() && interrupted.all { it.error is MessageException.Interrupted })
    }

    @Test
    fun `a thread that is interrupted already sends nothing`() = withEndlessBudget { client, sandbox ->
        Thread.currentThread().interrupt()
        val outcomes = client.sendMessages(messages(300))
        assertTrue(Thread.interrupted(), "the interrupt flag")
        assertEquals(300, outcomes.size)
        assertTrue(outcomes.all { (it.error as MessageException.Interrupted).run { !sent && !mayHaveExecuted } })
        Thread.currentThread().interrupt()
        assertEquals(emptyList<SendOutcome>(), client.sendEach(endless()).toList())
        assertTrue(Thread.interrupted(), "the interrupt flag")
        assertEquals(0, sandbox.requests().size)
    }

    /** Nothing arrives any more. */
    private fun assertAtRest(sandbox: Sandbox) {
        Thread.sleep(100)
        val arrived = sandbox.requests().size
        Thread.sleep(200)
        assertEquals(arrived, sandbox.requests().size)
    }

    @Test
    fun `what a source or a callback throws ends it and goes on`() = withEndlessBudget { client, sandbox ->
        class Broken : Exception()
        val broken = endless().map { if (it.payload.searchableContent == text(5_000)) throw Broken() else it }
        assertThrows<Broken> { client.sendEach(broken).toList() }
        assertAtRest(sandbox)
        val slowly = BulkOptions(rateLimit = 1_000)
        assertThrows<Broken> { client.sendMessages(messages(20_000), slowly) { throw Broken() } }
        assertAtRest(sandbox)
        assertTrue(sandbox.messageUids().size < 20_000)
    }

    @Test
    fun `outcomes that are closed before their end send nothing more`() = withEndlessBudget { client, sandbox ->
        val outcomes = client.sendEach(endless(), BulkOptions(rateLimit = 1_000))
        val iterator = outcomes.iterator()
        iterator.next().orThrow()
        outcomes.close()
        assertAtRest(sandbox)
        assertTrue(sandbox.messageUids().size < 5_000)
        val failure = assertThrows<IllegalStateException> { while (true) iterator.next() }
        assertEquals("this SendOutcomes is closed", failure.message)
        assertThrows<IllegalStateException> { outcomes.iterator() }
    }

    @Test
    fun `outcomes are asked for once`() = withEndlessBudget { client, sandbox ->
        val outcomes = client.sendEach(messages(10))
        assertEquals(0, sandbox.requests().size)
        assertEquals(10, outcomes.count())
        assertThrows<IllegalStateException> { outcomes.count() }
        assertEquals(10, sandbox.requests().size)
    }

    @Test
    fun `requests are taken only as there is room`() = withEndlessBudget { client, sandbox ->
        // The first one gets no answer for a second; all others are ready behind it.
        sandbox.failNext(Fault.DELAY_AFTER_EXECUTING, delay = Duration.ofSeconds(1))
        var taken = 0
        var furthest = 0
        var told = 0
        val requests = generateSequence(0) { it + 1 }.take(12_000).map {
            taken++
            furthest = maxOf(furthest, taken - told)
            message(it)
        }
        client.sendEach(requests).forEach { _ -> told++ }
        assertEquals(12_000 to 12_000, taken to told)
        assertTrue(furthest <= 8_192, "$furthest requests ahead")
    }

    @Test
    fun `a slow source is not waited for`() = withEndlessBudget { client, sandbox ->
        var told = 0
        val slow = generateSequence(0) { it + 1 }.take(5).map {
            // The first comes at once; each of the others takes its time, and until the one before it has arrived.
            val begun = System.nanoTime()
            if (it > 0) Thread.sleep(20)
            while (sandbox.requests().size < it) {
                assertTrue(System.nanoTime() - begun < 30_000_000_000, "a message waits for message $it")
                Thread.sleep(20)
            }
            message(it)
        }
        client.sendEach(slow).forEach { told += if (it.error == null) 1 else 0 }
        assertEquals(5, told)
    }

    @Test
    fun `outcomes through random faults are the truth`() {
        val impatient = ClientOptions(
            readTimeout = Duration.ofMillis(100),
            totalTimeout = Duration.ofMillis(400),
            retryPause = Duration.ofMillis(1),
            maxResponseBytes = 64 * 1024,
        )
        withEndlessBudget(impatient) { client, sandbox ->
            sandbox.failRandomly(Fault.entries, 0.2, seed = 20_261_125, delay = Duration.ofMillis(10))
            val outcomes = client.sendMessages(messages(1_000))
            Thread.sleep(400)
            val told = outcomes.mapIndexed { number, outcome -> Told(text(number), runCatching { outcome.orThrow() }) }
            val verdict = Verdict("bulk", told, sandbox)
            assertEquals(emptyList<String>(), verdict.violations)
            // Each outcome was there to be judged.
            assertTrue(verdict.counts.all { it > 10 }, "$verdict")
        }
    }

    @Test
    fun `a client that is closed begins none, and lets one go on that has begun`() = withEndlessBudget { client, _ ->
        val outcomes = client.sendEach(messages(2_000)).iterator()
        client.close()
        val failure = assertThrows<IllegalStateException> { client.sendMessages(messages(1)) }
        assertEquals("this MessageClient is closed", failure.message)
        assertThrows<IllegalStateException> { client.sendEach(messages(1)).toList() }
        assertEquals(2_000, outcomes.asSequence().count { it.error == null })
    }

    @Test
    fun `an outcome says what was sent or why it failed`() {
        assertEquals("SendOutcome(SentMessage(messageUid=1, timestamp=2))", "${SendOutcome(SentMessage(1, 2))}")
        val failure = MessageException.InvalidArgument("sender", "it is empty")
        assertTrue("${SendOutcome(failure)}".endsWith("invalid argument sender: it is empty)"))
    }
}
