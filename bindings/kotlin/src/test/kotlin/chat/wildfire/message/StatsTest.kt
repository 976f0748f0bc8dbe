package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import kotlin.concurrent.thread

/** What a client has done so far, in numbers. */
@Timeout(60)
class StatsTest {
    @Test
    fun `the numbers of a client add up`() = withServer { client, sandbox ->
        assertEquals(0, client.stats().calls)
        repeat(3) { client.sendHello() }
        sandbox.failNext(Fault.OVER_FREQUENCY)
        client.sendHello()
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertThrows<MessageException.ConnectionLost> { client.sendHello() }
        assertNull(client.findMessage(1))
        val stats = client.stats()
        assertEquals(listOf(6L, 0L, 7L, 1L, 1L), stats.run { listOf(calls, inFlight, attempts, unknownFates, waits) })
        assertEquals(mapOf("ConnectionLost" to 1L), stats.errors.filterValues { it > 0 })
        // What fails after an upload counts as what its call failed with.
        val kinds = MessageException::class.sealedSubclasses - MessageException.FailedAfterUpload::class
        assertEquals(kinds.map { it.simpleName }.toSet(), stats.errors.keys)
        assertEquals(stats.attempts, stats.latencies.sumOf { it.attempts })
        assertEquals(Duration.ofMillis(5), stats.latencies.first().upTo)
        assertNull(stats.latencies.last().upTo)
        assertTrue(stats.latencySum > Duration.ZERO)
        assertEquals(listOf(1L, 2L), listOf(stats.connections, stats.connectionsOpened))
        client.closeIdle()
        assertEquals(0, client.stats().connections)
    }

    @Test
    fun `threads lose no count`() = withServer { client, _ ->
        List(16) { thread { repeat(20) { client.findMessage(1) } } }.forEach { it.join() }
        assertEquals(listOf(320L, 0L), client.stats().run { listOf(calls, inFlight) })
    }

    @Test
    fun `each message of many counts`() = withServer { client, _ ->
        client.sendMessages(List(40) { SendRequest("admin", Conversation.single("u1"), MessagePayload.text("hello")) })
        assertEquals(40, client.stats().calls)
    }

    @Test
    fun `a closed client has no numbers`() = withServer { client, _ ->
        client.close()
        assertThrows<IllegalStateException> { client.stats() }
    }
}
