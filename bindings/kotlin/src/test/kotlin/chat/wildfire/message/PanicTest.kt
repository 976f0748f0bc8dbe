package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicBoolean

/** A defect of the native library is an exception like any other, and the client goes on. */
@Timeout(60)
class PanicTest {
    /** A call of the client that panics over its answer; no public method does. */
    private fun MessageClient.panic() {
        val native = MessageClient::class.java.getDeclaredField("native").also { it.isAccessible = true }.get(this)
        @Suppress("UNCHECKED_CAST")
        (native as NativeHolder<Opened<NativeMessageClient>>).use { opened ->
            translatingErrors(emptyMap<String, Any>()) {
                SlicedCalls.wait(opened.access, "message/get_one", { opened.calls.panicInACall(1) }, {})
            }
        }
    }

    private fun saysThatItIsADefect(failure: IllegalStateException) {
        assertTrue("defect of the library" in failure.message!!, failure.message)
        assertFalse("as it was asked to" in failure.stackTraceToString(), "the panic's own words")
    }

    @Test
    fun `a panic is a defect that says so, and the same client goes on`() = withServer { client, sandbox ->
        repeat(3) {
            saysThatItIsADefect(assertThrows<IllegalStateException> { client.panic() })
            assertEquals("next", client.getMessage(client.sendHello("next").messageUid).payload.searchableContent)
        }
        assertEquals(3, sandbox.messagesWithText("next").size)
    }

    @Test
    fun `a panic in a call that was waited for is no different`() = withServer { _, sandbox ->
        SlowServer(sandbox.baseUrl, Duration.ofMillis(150)).use { slow ->
            MessageClient(slow.baseUrl, SECRET).use { client ->
                saysThatItIsADefect(assertThrows<IllegalStateException> { client.panic() })
                assertTrue(client.sendHello().messageUid > 0)
            }
        }
    }

    @Test
    fun `a panic does not touch the calls of other threads`() = withServer { client, sandbox ->
        val threads = Executors.newFixedThreadPool(8)
        val over = AtomicBoolean()
        val calling = List(8) { number ->
            threads.submit(
                Callable {
                    var calls = 0
                    while (!over.get()) client.sendHello("$number/${calls++}")
                    calls
                },
            )
        }
        repeat(50) { saysThatItIsADefect(assertThrows<IllegalStateException> { client.panic() }) }
        over.set(true)
        val calls = calling.sumOf { it.get() }
        threads.shutdown()
        assertTrue(calls > 0)
        assertEquals(calls, sandbox.messageUids().size)
    }

    @Test
    fun `the panic's words stay out of the exception`() {
        val failure = assertThrows<IllegalStateException> {
            translatingErrors(emptyMap<String, Any>()) { throw InternalException("panicked at $SECRET") }
        }
        assertTrue("defect of the library" in failure.message!!, failure.message)
        assertFalse(SECRET in failure.stackTraceToString())
    }
}
