package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.system.exitProcess

@Timeout(60)
class ExitTest {
    private fun run(how: String): Ended {
        val java = ProcessHandle.current().info().command().get()
        val begun = System.nanoTime()
        val program = listOf("-cp", System.getProperty("java.class.path"), "chat.wildfire.message.ExitTestKt", how)
        val process = ProcessBuilder(listOf(java) + program).redirectErrorStream(true).start()
        val output = process.inputStream.bufferedReader().readText()
        assertTrue(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS), "it hangs")
        return Ended(process.exitValue(), output, Duration.ofNanos(System.nanoTime() - begun))
    }

    private class Ended(val code: Int, val output: String, val after: Duration)

    @Test
    fun `the JVM exits at once while a call is in flight`() = run("exit").run {
        assertEquals("a call is in flight\n", output)
        assertEquals(7, code)
        assertTrue(after < LIMIT, "it took ${after.toMillis()} ms")
    }

    @Test
    fun `the JVM ends at the end of main while a daemon's call is in flight`() = run("return").run {
        assertEquals("a call is in flight\n", output)
        assertEquals(0, code)
    }
}

/** A program that ends, one way or the other, while a call of it waits for an answer that never comes. */
fun main(arguments: Array<String>) {
    val sandbox = Sandbox()
    sandbox.failNext(Fault.NEVER_ANSWER)
    val client = MessageClient(sandbox.baseUrl, "123456")
    thread(isDaemon = true) { client.sendHello() }
    while (sandbox.requests().isEmpty()) Thread.sleep(5)
    println("a call is in flight")
    if (arguments.single() == "exit") exitProcess(7)
}
