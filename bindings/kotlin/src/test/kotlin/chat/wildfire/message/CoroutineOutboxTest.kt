package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions

/** The methods of an outbox as `suspend` functions. */
@Timeout(120)
class CoroutineOutboxTest {
    @TempDir
    lateinit var folder: Path

    private val sandbox = Sandbox(rateLimit = 0)
    private val client = CoroutineMessageClient(sandbox.baseUrl, "123456")
    private val store get() = "sqlite:${folder.resolve("outbox.db")}"

    @AfterEach
    fun `end it`() {
        client.close()
        sandbox.close()
    }

    private fun withOutbox(work: suspend CoroutineScope.(CoroutineOutbox) -> Unit) = runBlocking {
        CoroutineOutbox.open(store, client).use { work(it) }
    }

    private fun request(number: Int) =
        SendRequest("admin", Conversation.single("u${number % 5}"), MessagePayload.text("message $number"))

    private fun message(number: Int) = OutboxMessage(OutboxRequest.Send(request(number)), key = "$number")

    private suspend fun hasSent(count: Int) {
        while (sandbox.messageUids().size < count) delay(5)
    }

    @Test
    fun `it has every method of the blocking outbox`() {
        val names = listOf(Outbox::class, CoroutineOutbox::class).map { kind ->
            kind.declaredFunctions.filter { it.visibility == KVisibility.PUBLIC }.map { it.name }.toSet()
        }
        assertEquals(names[0], names[1])
        val plain = setOf("close", "toString", "entries", "unknown", "lost", "failed")
        for (method in CoroutineOutbox::class.declaredFunctions.filter { it.visibility == KVisibility.PUBLIC }) {
            assertEquals(method.name !in plain, method.isSuspend, method.name)
        }
    }

    @Test
    fun `messages are put, sent and found`() = withOutbox { outbox ->
        val first = outbox.put(request(0), "0")
        assertEquals(first, outbox.put(request(1), "0"))
        assertEquals(PutCounts(2_099, 1), outbox.putMany((0 until 2_100).asFlow().map(::message)))
        assertEquals(PutCounts(0, 10), outbox.putMany((0 until 10).map(::message)))
        val users = (0 until 25).map { "u$it" }
        assertEquals(3, outbox.multicastEach("admin", users, MessagePayload.text("to all"), size = 10).size)
        val told = ArrayList<RunProgress>()
        val did = outbox.run { told += it }
        assertEquals(listOf(2_103L, 0L, 0L), listOf(did.sent, did.failed, did.unknown))
        assertEquals(did, told.last())
        val found = outbox.find("7")!!
        assertEquals(found, outbox.get(found.id))
        assertEquals(listOf(found.messageUid), sandbox.messagesWithText("message 7"))
        assertEquals(2_103, outbox.status().sent)
        val keys = outbox.entries(OutboxState.SENT).toList().mapNotNull { it.key }
        assertEquals((0 until 2_100).toSet(), keys.map { it.toInt() }.toSet())
        assertEquals(emptyList<OutboxEntry>(), outbox.unknown().toList() + outbox.lost().toList())
        assertEquals(2_103, outbox.purge(Duration.ZERO))
    }

    @Test
    fun `people decide, and outcomes are waited for`() = withOutbox { outbox ->
        assertNull(outbox.wait("nobody", Duration.ofSeconds(5)))
        outbox.put(request(0), "0")
        outbox.cancel(outbox.put(request(1), "1"))
        assertEquals(OutboxState.QUEUED, outbox.wait("0", Duration.ofMillis(50))!!.state)
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING, endpoint = "message/send")
        val waiting = async { outbox.wait("0", Duration.ofSeconds(60))!! }
        assertEquals(1, outbox.run().unknown)
        val unknown = waiting.await()
        assertEquals(OutboxState.UNKNOWN, unknown.state)
        outbox.resolve(unknown.id, Resolution.RESEND)
        assertEquals(1, outbox.run().sent)
        assertThrows<OutboxException.WrongState> { runBlocking { outbox.cancel(unknown.id) } }
    }

    @Test
    fun `cancelling a run gives back what it holds`() = withOutbox { outbox ->
        outbox.putMany((0 until 500).map(::message))
        val options = RunOptions(rateLimit = 100, lease = Duration.ofDays(1))
        val run = launch(Dispatchers.Default) { outbox.run(options) }
        hasSent(20)
        run.cancelAndJoin()
        val status = outbox.status()
        assertEquals(listOf(0L, 0L), listOf(status.sending, status.unknown))
        assertEquals(sandbox.messageUids().size.toLong(), status.sent)
        assertTrue(status.queued in 1 until 500)
        // Nobody has to wait for its lease, which is a day; a time-out is no other thing.
        assertNull(withTimeoutOrNull(300) { outbox.run(RunOptions(untilEmpty = false)) })
        outbox.run()
        assertEquals(500, sandbox.messageUids().size)
    }

    @Test
    fun `what progress throws comes out, and nothing is under way`() = withOutbox { outbox ->
        outbox.putMany((0 until 200).map(::message))
        assertThrows<NoSuchElementException> {
            runBlocking { outbox.run(RunOptions(rateLimit = 100)) { if (it.sent > 0) throw NoSuchElementException() } }
        }
        val status = outbox.status()
        assertEquals(listOf(0L, 0L), listOf(status.sending, status.unknown))
    }

    @Test
    fun `what can never work is refused by its name, and a source that throws leaves whole transactions`() =
        withOutbox { outbox ->
            val refused = assertThrows<MessageException.InvalidArgument> { runBlocking { outbox.put(request(0), "") } }
            assertEquals("key", refused.argument)
            assertThrows<IllegalStateException> {
                runBlocking {
                    outbox.putMany(
                        flow {
                            repeat(2_500) { emit(message(it)) }
                            error("the list ends here")
                        },
                    )
                }
            }
            assertEquals(2_000, outbox.status().queued)
            outbox.close()
            assertThrows<IllegalStateException> { runBlocking { outbox.status() } }
            val store = assertThrows<MessageException.InvalidArgument> {
                runBlocking { CoroutineOutbox.open("redis://canary", client) }
            }
            assertEquals("store", store.argument)
            assertFalse("canary" in store.message)
        }

    @Test
    fun `a robot sends its own`() = runBlocking {
        sandbox.setRobot("FireRobot", "its secret")
        CoroutineRobotClient(sandbox.baseUrl, "FireRobot", "its secret").use { robot ->
            CoroutineOutbox.open(store, robot).use { outbox ->
                outbox.put(request(0).copy(sender = ""), "0")
                assertEquals(1, outbox.run().sent)
                assertEquals("FireRobot", outbox.find("0")!!.robot)
            }
        }
    }

    @Test
    fun `a thread that is shared is not blocked`() = withOutbox { outbox ->
        var beats = 0
        val beating = launch {
            while (true) {
                delay(1)
                beats++
            }
        }
        outbox.putMany((0 until 4_000).asFlow().map(::message))
        outbox.run()
        try {
            beating.cancelAndJoin()
        } catch (_: CancellationException) {
            // That is how it ends.
        }
        // This coroutine and that one have one thread.
        assertTrue(beats > 20, "$beats beats")
    }
}
