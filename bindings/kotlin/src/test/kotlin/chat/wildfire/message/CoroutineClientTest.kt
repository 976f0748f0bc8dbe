package chat.wildfire.message

import chat.wildfire.message.conformance.Case
import chat.wildfire.message.conformance.Player
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import java.util.logging.Level
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions

/** The same calls as `suspend` functions. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CoroutineClientTest : ListeningToTheLog() {
    private val player = Player(inCoroutines = true)

    @AfterAll
    fun stop() = player.close()

    @TestFactory
    fun `every case of conformance holds in coroutines too`(): List<DynamicTest> = Case.all().map { case ->
        DynamicTest.dynamicTest(case.name.replace('_', ' ')) { player.play(case) }
    }

    @Test
    fun `it has every method of the blocking client with the same parameters`() {
        val differ = setOf("sendEach", "sendMessages")
        for ((blocking, twin) in TWINS) {
            val (called, awaited) = shapes(blocking) to shapes(twin, ::asBlocking)
            assertEquals(called.keys, awaited.keys, "$twin")
            for (name in called.keys - differ) assertEquals(called[name], awaited[name], name)
        }
    }

    private fun shapes(client: KClass<*>, written: (String) -> String = { it }): Map<String, Set<String>> {
        val public = client.declaredFunctions.filter { it.visibility == KVisibility.PUBLIC }
        return public.groupBy { it.name }.mapValues { (_, functions) -> functions.map { written(shape(it)) }.toSet() }
    }

    /** Coroutines have a flow where others have a sequence, and a text that grows of their own. */
    private fun asBlocking(shape: String) = shape
        .replace("kotlinx.coroutines.flow.Flow<", "kotlin.sequences.Sequence<")
        .replace("CoroutineTextStream", "TextStream")

    private fun shape(function: KFunction<*>) =
        function.parameters.drop(1).joinToString { "${it.name}: ${it.type} ${it.isOptional}" } + function.returnType

    private fun withServer(options: ClientOptions? = null, test: suspend (CoroutineMessageClient, Sandbox) -> Unit) =
        Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            CoroutineMessageClient(sandbox.baseUrl, SECRET, options).use { client ->
                runBlocking { test(client, sandbox) }
            }
        }

    private suspend fun CoroutineMessageClient.sendHello() =
        sendMessage("admin", Conversation.single("user1"), MessagePayload.text("hello"))

    private suspend fun Sandbox.hasReceived(count: Int) {
        while (requests().size < count) delay(2)
    }

    private fun fateOf(failure: Throwable) = checkNotNull(MessageException.Interrupted.of(failure)) { "$failure" }

    @Test
    fun `a thousand calls at the same time need two threads more`() = withServer { client, sandbox ->
        val before = threads()
        var most = 0
        val sent = coroutineScope {
            val calls = List(1_000) { async { client.sendHello() } }
            // The sandbox is in this process: it has threads of its own, which are not the JVM's.
            val watching = launch {
                while (true) {
                    most = maxOf(most, threads() - before)
                    delay(1)
                }
            }
            calls.awaitAll().also { watching.cancelAndJoin() }
        }
        assertEquals(1_000, sent.map { it.messageUid }.toSet().size)
        assertEquals(1_000, sandbox.messageUids().size)
        assertTrue(most <= 2, "$most more threads of the JVM")
        assertEquals(1_000L to 0L, client.stats().let { it.calls to it.inFlight })
    }

    private fun threads() = Thread.getAllStackTraces().keys.count { it.name.startsWith("wildfirechat") }

    @Test
    fun `the threads end when there are no calls`() = withServer { client, _ ->
        client.sendHello()
        withTimeout(LIMIT.toMillis()) {
            while (threads() > 0) delay(50)
        }
        client.sendHello()
    }

    @Test
    fun `a cancelled call ends within 200 ms with its fate, and nothing is sent afterwards`() {
        val delays = List(3) {
            var delay = Duration.ZERO
            withServer { client, sandbox ->
                sandbox.failNext(Fault.NEVER_ANSWER)
                coroutineScope {
                    var failure: Throwable? = null
                    val call = launch {
                        try {
                            client.sendHello()
                        } catch (stop: CancellationException) {
                            failure = stop
                            throw stop
                        }
                    }
                    sandbox.hasReceived(1)
                    val begun = System.nanoTime()
                    call.cancelAndJoin()
                    delay = Duration.ofNanos(System.nanoTime() - begun)
                    val fate = fateOf(failure!!)
                    assertEquals(Triple("message/send", true, 1), Triple(fate.endpoint, fate.sent, fate.attempts))
                    assertEquals(emptyList<SendOutcome>() to null, fate.outcomes to fate.answer)
                }
                assertEquals(0L, client.stats().inFlight)
                delay(200)
                assertEquals(1, sandbox.requests().size)
                client.sendHello()
            }
            delay
        }
        // The best of several: on a busy machine a thread may wait for its turn.
        assertTrue(delays.min() < Duration.ofMillis(200), "it took $delays")
    }

    @Test
    fun `calls of one scope that are cancelled together tell a fate each`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER)
        val fates = mutableListOf<MessageException.Interrupted>()
        coroutineScope {
            val scope = launch {
                repeat(150) {
                    launch {
                        try {
                            if (it == 0) client.sendHello() else client.findMessage(it.toLong())
                        } catch (stop: CancellationException) {
                            fates += fateOf(stop)
                        }
                    }
                }
            }
            sandbox.hasReceived(1)
            scope.cancelAndJoin()
        }
        assertEquals(fates.size, fates.toSet().size)
        assertTrue(fates.any { it.endpoint == "message/send" && it.sent })
    }

    @Test
    fun `who is cancelled already sends nothing`() = withServer { client, sandbox ->
        var failure: Throwable? = null
        coroutineScope {
            launch {
                cancel()
                failure = runCatching { client.sendHello() }.exceptionOrNull()
            }
        }
        val fate = fateOf(failure!!)
        assertEquals(false to 0, fate.sent to fate.attempts)
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `an answer that is there comes with the cancellation`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.DELAY_AFTER_READING, delay = Duration.ofMillis(100))
        var failure: Throwable? = null
        coroutineScope {
            val call = launch { failure = runCatching { client.sendHello() }.exceptionOrNull() }
            sandbox.hasReceived(1)
            // The answer comes while this thread, which the coroutine needs, does something else.
            while (client.stats().inFlight > 0) Thread.sleep(1)
            Thread.sleep(50)
            call.cancelAndJoin()
        }
        val fate = fateOf(failure!!)
        assertEquals(sandbox.messageUids(), listOf((fate.answer as SentMessage).messageUid))
        assertEquals(fate.answer, fate.outcomes.single().sent)
    }

    @Test
    fun `time-outs of coroutines end a call and tell its fate`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER, times = 2)
        val failure = runCatching { withTimeout(200) { client.sendHello() } }.exceptionOrNull()
        assertTrue(failure is TimeoutCancellationException, "$failure")
        assertTrue(fateOf(failure!!).sent)
        assertNull(withTimeoutOrNull(200) { client.sendHello() })
        assertNotNull(withTimeoutOrNull(LIMIT.toMillis()) { client.sendHello() })
        assertEquals(0L, client.stats().inFlight)
    }

    @Test
    fun `a failed call fails the coroutine with the same exception as ever`() = withServer { client, sandbox ->
        assertThrows<MessageException.InvalidArgument> {
            client.sendMessage("", Conversation.single("u"), TextContent("a"))
        }
        assertEquals(0, sandbox.requests().size)
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertTrue(assertThrows<MessageException.ConnectionLost> { client.sendHello() }.mayHaveExecuted)
        assertThrows<MessageException.Rejected> { client.getMessage(1) }
    }

    @Test
    fun `the thread of the coroutines is never blocked for long`() = withServer { client, _ ->
        val late = mutableListOf<Double>()
        coroutineScope {
            val ticking = launch {
                while (true) {
                    val begun = System.nanoTime()
                    delay(1)
                    late += (System.nanoTime() - begun) / 1e6 - 1
                }
            }
            repeat(3) { List(1_000) { async { client.findMessage(1) } }.awaitAll() }
            ticking.cancelAndJoin()
        }
        late.sort()
        val (middle, most) = late[late.size / 2] to late.last()
        println("measured: a tick was late by %.1f ms in the middle, %.1f ms at the most".format(middle, most))
        assertTrue(late[late.size / 2] < 50, "$late")
    }

    @Test
    fun `many messages have an outcome each`() = withServer { client, sandbox ->
        val requests = List(300) {
            SendRequest("admin", Conversation.single("user${it % 9}"), MessagePayload.text("$it"))
        }
        val told = mutableListOf<BulkProgress>()
        assertTrue(client.sendMessages(requests) { told += it }.all { it.error == null })
        assertEquals(300L to 300L, told.last().let { it.sent to it.total })
        assertEquals(300, client.sendEach(requests.asFlow()).toList().count { it.error == null })
        assertEquals(7, client.sendEach(generateSequence { requests[0] }.asIterable()).take(7).toList().size)
        val stopped = client.sendMessages(
            listOf(requests[0].copy(sender = "")) + requests,
            BulkOptions(stopOn = StopOn.FAILURE, concurrency = 1),
        )
        assertEquals(301, stopped.size)
        assertTrue(sandbox.messageUids().size >= 607)
    }

    @Test
    fun `many messages that are cancelled tell what became of each`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.NEVER_ANSWER)
        val requests = List(40) { SendRequest("admin", Conversation.single("user$it"), MessagePayload.text("$it")) }
        var failure: Throwable? = null
        coroutineScope {
            val sending = launch { failure = runCatching { client.sendMessages(requests) }.exceptionOrNull() }
            sandbox.hasReceived(40)
            sending.cancelAndJoin()
        }
        val outcomes = fateOf(failure!!).outcomes
        assertEquals(40, outcomes.size)
        assertTrue(outcomes.any { it.error is MessageException.Interrupted })
        assertEquals(0L, client.stats().inFlight)
    }

    @Test
    fun `a file is uploaded, and a cancelled upload ends`() = withServer { client, sandbox ->
        val told = mutableListOf<UploadProgress>()
        val url = client.upload("a.txt", "text".toByteArray(), MediaType.FILE) { told += it }
        assertTrue(url.startsWith("http"))
        assertEquals(4L, told.last().sent)
        sandbox.failNext(Fault.NEVER_ANSWER)
        val before = sandbox.requests().size
        var failure: Throwable? = null
        coroutineScope {
            val upload = launch {
                failure = runCatching { client.upload("a.txt", ByteArray(4), MediaType.FILE) }.exceptionOrNull()
            }
            sandbox.hasReceived(before + 1)
            upload.cancelAndJoin()
        }
        assertEquals("oss/get_upload_url" to false, fateOf(failure!!).let { it.endpoint to it.mayHaveExecuted })
    }

    @Test
    fun `a closed client takes no call, and those under way go on`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.DELAY_AFTER_READING, delay = Duration.ofMillis(300))
        coroutineScope {
            val call: Deferred<SentMessage> = async { client.sendHello() }
            sandbox.hasReceived(1)
            client.close()
            assertThrows<IllegalStateException> { client.sendHello() }
            assertTrue(call.await().messageUid > 0)
        }
        assertTrue(client.toString().startsWith("CoroutineMessageClient(http"))
        assertFalse(SECRET in client.toString())
    }

    @Test
    fun `calls are logged`() {
        logger.level = Level.FINE
        // This class has one list for all of its tests.
        records.clear()
        withServer { client, sandbox ->
            sandbox.failNext(Fault.OVER_FREQUENCY)
            client.sendHello()
            sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
            runCatching { client.sendHello() }
        }
        val calls = records.filterIsInstance<CallLogRecord>()
        assertEquals(listOf(Level.INFO, Level.FINE, Level.WARNING), calls.map { it.level })
        assertTrue(calls.all { it.sourceClassName == CoroutineMessageClient::class.java.name })
    }

    @Test
    fun `coroutines of many threads share a client`() = withServer { client, _ ->
        val sent = supervisorScope { List(400) { async(Dispatchers.Default) { client.sendHello() } }.awaitAll() }
        assertEquals(400, sent.map { it.messageUid }.toSet().size)
    }

    private companion object {
        val TWINS = mapOf(
            MessageClient::class to CoroutineMessageClient::class,
            RobotClient::class to CoroutineRobotClient::class,
            ChannelClient::class to CoroutineChannelClient::class,
        )
    }
}
