package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.system.exitProcess

/** The end of the JVM, with calls in flight. */
class ExitTest {
    private fun ends(how: String, code: Int, output: String) {
        val ended = Program.run("ExitTest", how)
        assertEquals("" to output, ended.errors to ended.output)
        assertEquals(code, ended.code)
    }

    @Test
    fun `the JVM exits while calls are in flight`() = ends("exit", 7, "calls are in flight\n")

    @Test
    fun `the JVM ends at the end of main while daemons' calls are in flight`() =
        ends("return", 0, "calls are in flight\n")

    @Test
    fun `a shutdown hook may make a call, at the end of main`() =
        ends("return with a hook", 0, "calls are in flight\nthe hook has sent a message\n")

    @Test
    fun `a shutdown hook may make a call, after an exit`() =
        ends("exit with a hook", 7, "calls are in flight\nthe hook has sent a message\n")

    @Test
    fun `a shutdown hook may close client and sandbox under the calls`() =
        ends("exit with closing", 7, "calls are in flight\neverything is closed\n")
}

/**
 * A program that ends, one way or the other, while calls of it wait: for answers that never come, in the pause between
 * two attempts, and for a turn.
 */
fun main(arguments: Array<String>) {
    val how = arguments.single()
    val sandbox = Sandbox()
    val client = MessageClient(sandbox.baseUrl, "123456")
    val slow = MessageClient(sandbox.baseUrl, "123456", ClientOptions(rateLimit = 1))
    slow.sendHello()
    sandbox.failNext(Fault.TOO_MANY_REQUESTS, times = 4, endpoint = "message/delivery", delay = Duration.ofSeconds(20))
    sandbox.failNext(Fault.NEVER_ANSWER, times = 4, endpoint = "message/send")
    if (how.endsWith("a hook")) {
        val hook = thread(start = false) {
            sandbox.stopFailing()
            client.sendHello("from the hook")
            println("the hook has sent a message")
        }
        Runtime.getRuntime().addShutdownHook(hook)
    }
    if (how.endsWith("closing")) {
        val hook = thread(start = false) {
            listOf(client, slow, sandbox).forEach { it.close() }
            println("everything is closed")
        }
        Runtime.getRuntime().addShutdownHook(hook)
    }
    repeat(4) {
        // A call that fails because the end takes its sandbox away is not what is tested here.
        thread(isDaemon = true) { runCatching { client.sendHello() } }
        thread(isDaemon = true) { runCatching { client.getDeliveryTimestamp("user1") } }
        thread(isDaemon = true) { runCatching { slow.getMessage(1) } }
    }
    while (sandbox.requests().count { it.fault != null } < 8) Thread.sleep(5)
    println("calls are in flight")
    if (how.startsWith("exit")) exitProcess(7)
}
