package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import kotlin.concurrent.thread

/** A message that is put into an outbox is sent once, however many workers run and whatever happens to them. */
@Timeout(120)
class OutboxTest {
    @TempDir
    lateinit var folder: Path

    private val sandbox = Sandbox(rateLimit = 0)
    private val client = MessageClient(sandbox.baseUrl, "123456")
    private val store get() = "sqlite:${folder.resolve("outbox.db")}"

    @AfterEach
    fun `end it`() {
        Thread.interrupted()
        client.close()
        sandbox.close()
    }

    private fun withOutbox(work: (Outbox) -> Unit) = Outbox(store, client).use(work)

    private fun message(number: Int) =
        SendRequest("admin", Conversation.single("u${number % 5}"), MessagePayload.text("message $number"))

    private fun executions(number: Int) = sandbox.messagesWithText("message $number").size

    private fun fill(outbox: Outbox, count: Int) {
        val messages = (0 until count).map { OutboxMessage(OutboxRequest.Send(message(it)), key = "$it") }
        assertEquals(PutCounts(count.toLong(), 0), outbox.putMany(messages))
    }

    @Test
    fun `a message is put, sent and found by its key`() = withOutbox { outbox ->
        val id = outbox.put(message(0), "order-7")
        val queued = outbox.find("order-7")!!
        assertEquals(id to OutboxState.QUEUED, queued.id to queued.state)
        assertEquals(OutboxRequest.Send(message(0)), queued.request)
        val told = ArrayList<RunProgress>()
        val did = outbox.run { told += it }
        assertEquals(listOf(1L, 0L, 0L, 0L), listOf(did.sent, did.failed, did.unknown, did.left))
        assertEquals(did, told.last())
        val sent = outbox.get(id)!!
        assertEquals(OutboxState.SENT, sent.state)
        assertEquals(listOf(sent.messageUid), sandbox.messagesWithText("message 0"))
        assertNull(outbox.find("another"))
        assertNull(outbox.get(id + 1))
    }

    @Test
    fun `a robot sends its own messages and no others`() = withOutbox { outbox ->
        sandbox.setRobot("FireRobot", "its secret")
        RobotClient(sandbox.baseUrl, "FireRobot", "its secret").use { robot ->
            Outbox(store, robot).use { robots ->
                robots.put(message(0).copy(sender = "FireRobot"), "robot")
                robots.put(message(1).copy(sender = ""), "nobody")
                outbox.put(message(2), "user")
                val stranger = assertThrows<MessageException.InvalidArgument> { robots.put(message(3)) }
                assertEquals("sender", stranger.argument)
                val many = MulticastRequest("FireRobot", listOf("u1"), payload = MessagePayload.text("x"))
                val multicast = assertThrows<MessageException.InvalidArgument> { robots.put(many) }
                assertEquals("request", multicast.argument)
                assertEquals(2, robots.run().sent)
                assertEquals(OutboxState.QUEUED, robots.find("user")!!.state)
            }
        }
        assertEquals(1, outbox.run().sent)
        val entries = listOf("robot", "nobody", "user").map { outbox.find(it)!! }
        assertEquals(listOf("FireRobot", "FireRobot", null), entries.map { it.robot })
        val senders = entries.map { client.getMessage(it.messageUid!!).sender }
        assertEquals(listOf("FireRobot", "FireRobot", "admin"), senders)
    }

    @Test
    fun `the same key is one message`() = withOutbox { outbox ->
        val first = outbox.put(message(0), "k")
        assertEquals(first, outbox.put(message(1), "k"))
        val again = (0 until 10).map { OutboxMessage(OutboxRequest.Send(message(it)), key = "${it / 2}") }
        assertEquals(PutCounts(5, 5), outbox.putMany(again))
        assertEquals(6, outbox.run().sent)
        assertEquals(0, executions(1))
    }

    @Test
    fun `every kind of request goes in and comes back`() = withOutbox { outbox ->
        val hello = MessagePayload.text("hello")
        outbox.put(MulticastRequest("admin", listOf("u1", "u2"), payload = hello), "multicast")
        outbox.put(BroadcastRequest("admin", payload = hello), "broadcast")
        outbox.put(OutboxRequest.Send(message(0)), "send", priority = 3)
        val kinds = outbox.entries(OutboxState.QUEUED).map { it.key to it.request!!::class }
        assertEquals(
            listOf(
                "send" to OutboxRequest.Send::class,
                "multicast" to OutboxRequest.Multicast::class,
                "broadcast" to OutboxRequest.Broadcast::class,
            ),
            kinds,
        )
        assertEquals(3, outbox.run().sent)
        assertEquals(listOf(3L, 0L), outbox.status().run { listOf(sent, queued) })
    }

    @Test
    fun `what is said of a message is kept`() = withOutbox { outbox ->
        val now = outbox.get(outbox.put(message(0)))!!.createdAt
        outbox.put(OutboxRequest.Send(message(1)), "later", notBefore = now + 3_600_000)
        outbox.put(OutboxRequest.Send(message(2)), "over", expiresAt = now - 1)
        outbox.put(OutboxRequest.Send(message(3)), "twice", onUnknown = OutboxPolicy.RESEND)
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING, times = 2)
        outbox.run()
        val states = listOf("later", "over", "twice").map { outbox.find(it)!!.state }
        assertEquals(listOf(OutboxState.QUEUED, OutboxState.EXPIRED, OutboxState.SENT), states)
        assertEquals(2, executions(3))
    }

    @Test
    fun `an unknown fate stays until a person decides`() = withOutbox { outbox ->
        fill(outbox, 1)
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING)
        assertEquals(1, outbox.run().unknown)
        val unknown = outbox.unknown().single()
        assertTrue("may have executed" in unknown.error!!)
        assertEquals(0, outbox.run().sent)
        outbox.resolve(unknown.id, Resolution.RESEND)
        assertEquals(1, outbox.run().sent)
        assertEquals(2, executions(0))
    }

    @Test
    fun `what a person cannot decide is told`() = withOutbox { outbox ->
        val id = outbox.put(message(0))
        outbox.cancel(id)
        val wrong = assertThrows<OutboxException.WrongState> { outbox.resolve(id, Resolution.DROP) }
        assertEquals(id to OutboxState.CANCELLED, wrong.id to wrong.state)
        assertNull(assertThrows<OutboxException.WrongState> { outbox.cancel(999) }.state)
        outbox.put(SendRequest("admin", Conversation.group("unknown-1"), MessagePayload.text("x")), "refused")
        outbox.run()
        assertEquals(listOf("refused" to 253), outbox.failed().map { it.key to it.code })
        assertEquals(emptyList<OutboxEntry>(), outbox.lost().toList())
        assertEquals(1, outbox.purge(Duration.ZERO))
        assertEquals(1, outbox.purge(Duration.ZERO, alsoUndecided = true))
    }

    @Test
    fun `one message to many is split`() = withOutbox { outbox ->
        val users = List(25) { "u$it" }
        val notice = MessagePayload.text("to all")
        val ids = outbox.multicastEach("admin", users, notice, size = 10, key = "notice")
        assertEquals(3, ids.size)
        assertEquals(ids, outbox.multicastEach("admin", users, notice, size = 10, key = "notice"))
        assertEquals(3, outbox.run().sent)
        assertEquals(1, sandbox.messagesOfUser("u24").size)
        assertThrows<MessageException.InvalidArgument> { outbox.multicastEach("admin", users, notice, size = 0) }
    }

    @Test
    fun `what can never work is refused by its name`() = withOutbox { outbox ->
        val nobody = SendRequest("", Conversation.single("u"), MessagePayload.text("x"))
        val messages = listOf(message(0), nobody).map { OutboxMessage(OutboxRequest.Send(it)) }
        for ((argument, work) in listOf<Pair<String, () -> Unit>>(
            "key" to { outbox.put(message(0), "") },
            "key" to { outbox.put(message(0), "\ud800") },
            "sender" to { outbox.put(nobody) },
            "messages[1].sender" to { outbox.putMany(messages) },
            "options.concurrency" to { outbox.run(RunOptions(concurrency = 0)) },
            "store" to { Outbox("redis://canary:canary@host", client) },
        )) {
            val refused = assertThrows<MessageException.InvalidArgument> { work() }
            assertEquals(argument, refused.argument)
            assertFalse("canary" in "$refused")
        }
        assertEquals(0, outbox.status().queued)
    }

    @Test
    fun `a store that does not do is told without its password`() {
        val away = assertThrows<OutboxException.StoreUnavailable> {
            Outbox("postgres://canary:canary@127.0.0.1:1/db", client)
        }
        assertTrue(away.isTemporary && "canary" !in "$away")
        Files.writeString(folder.resolve("text"), "no database begins like that. ".repeat(200))
        val text = assertThrows<OutboxException.StoreUnusable> { Outbox("sqlite:${folder.resolve("text")}", client) }
        assertFalse(text.isTemporary)
    }

    @Test
    fun `a run ends where every message would be refused`() = withOutbox { outbox ->
        MessageClient(sandbox.baseUrl, "wrong").use { wrong ->
            Outbox(store, wrong).use { stranger ->
                fill(stranger, 10)
                val ended = assertThrows<OutboxException.Call> { stranger.run() }
                assertInstanceOf(MessageException.Unauthorized::class.java, ended.error)
                assertEquals(ended.error, ended.cause)
                assertTrue(ended.error.message in ended.message)
            }
        }
        assertEquals(10, outbox.status().queued)
        assertEquals(10, outbox.run().sent)
    }

    @Test
    fun `a closed one is refused and shows nothing`() {
        val outbox = Outbox(store, client)
        assertEquals("Outbox()", outbox.toString())
        outbox.close()
        assertThrows<IllegalStateException> { outbox.status() }
        client.close()
        assertThrows<IllegalStateException> { Outbox(store, client) }
    }

    @Test
    fun `it is waited for an outcome`() = withOutbox { outbox ->
        assertNull(outbox.wait("nobody", Duration.ofSeconds(5)))
        outbox.put(message(0), "0")
        assertEquals(OutboxState.QUEUED, outbox.wait("0", Duration.ofMillis(150))!!.state)
        val worker = thread { outbox.run() }
        assertEquals(OutboxState.SENT, outbox.wait("0", Duration.ofMinutes(1))!!.state)
        worker.join()
        outbox.put(message(1), "1")
        Thread.currentThread().interrupt()
        assertEquals(OutboxState.QUEUED, outbox.wait("1", Duration.ofHours(1))!!.state)
        assertTrue(Thread.interrupted())
    }

    @Test
    fun `many threads put and run`() = withOutbox { outbox ->
        List(8) { first -> thread { repeat(10) { outbox.put(message(first * 10 + it), "${first * 10 + it}") } } }
            .forEach { it.join() }
        val did = LongArray(3)
        List(3) { thread { did[it] = outbox.run().sent } }.forEach { it.join() }
        assertEquals(80, did.sum())
        assertEquals(List(80) { 1 }, List(80, ::executions))
    }

    @Test
    fun `a source that throws leaves whole transactions`() = withOutbox { outbox ->
        val source = sequence {
            repeat(2_500) { yield(OutboxMessage(OutboxRequest.Send(message(it)), key = "$it")) }
            throw NoSuchElementException("the list ends here")
        }
        assertThrows<NoSuchElementException> { outbox.putMany(source.asIterable()) }
        assertEquals(2_000, outbox.status().queued)
        assertEquals(2_000, outbox.entries(OutboxState.QUEUED).count())
    }

    @Test
    fun `an interrupt gives back what is held`() = withOutbox { outbox ->
        fill(outbox, 500)
        var did: RunProgress? = null
        var flag = false
        val worker = thread {
            did = outbox.run(RunOptions(rateLimit = 100, lease = Duration.ofDays(1)))
            flag = Thread.currentThread().isInterrupted
        }
        while (sandbox.messageUids().size < 20) Thread.sleep(2)
        worker.interrupt()
        worker.join()
        assertTrue(flag, "the interrupt flag")
        val status = outbox.status()
        assertEquals(listOf(0L, 0L, did!!.sent), listOf(status.sending, status.unknown, status.sent))
        assertEquals(sandbox.messageUids().size.toLong(), status.sent)
        assertTrue(status.queued > 0)
        // Nobody has to wait for its lease, which is a day.
        assertEquals(status.queued, outbox.run().sent)
    }

    @Test
    fun `what progress throws comes out and nothing is under way`() = withOutbox { outbox ->
        fill(outbox, 200)
        assertThrows<NoSuchElementException> {
            outbox.run(RunOptions(rateLimit = 100)) { if (it.sent > 0) throw NoSuchElementException() }
        }
        val status = outbox.status()
        assertEquals(listOf(0L, 0L), listOf(status.sending, status.unknown))
        assertEquals(sandbox.messageUids().size.toLong(), status.sent)
        assertNotNull(status.oldestQueued)
    }
}
