package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.junit.jupiter.params.provider.ValueSource
import java.util.concurrent.TimeUnit

/**
 * The program `wildfirechat-message`, as Java runs it. All that it does is held by the tests of the binary; here it is what a
 * JVM around it could spoil: arguments, streams, exit codes, signals.
 */
class MainTest {
    private val sandbox = Sandbox()

    @AfterEach
    fun stop() = sandbox.close()

    /** The program, begun in an environment with nothing but the server in it: there is no locale either. */
    private fun begin(vararg arguments: String): Process = beginBy(emptyList(), *arguments)

    private fun beginBy(words: List<String>, vararg arguments: String): Process {
        val java = ProcessHandle.current().info().command().get()
        val main = listOf(java, "-cp", System.getProperty("java.class.path"), "chat.wildfire.message.Main")
        val builder = ProcessBuilder(words + main + arguments)
        builder.environment().clear()
        builder.environment() +=
            mapOf(
                "WILDFIRECHAT_URL" to sandbox.baseUrl,
                "WILDFIRECHAT_SECRET" to "123456",
                "WILDFIRECHAT_SENDER" to "admin",
            )
        return builder.start()
    }

    /** How it ended: its exit code, what it said, and what went wrong. */
    private fun end(process: Process): Triple<Int, String, String> {
        process.outputStream.close()
        val output = process.inputStream.readBytes().decodeToString()
        val errors = process.errorStream.readBytes().decodeToString()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        return Triple(process.exitValue(), output, errors)
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    fun `a text in any language arrives as it was typed`() {
        val text = "构建通过了 ✅"
        // A shell makes the octets: this JVM would write them by its own locale.
        val octal = text.encodeToByteArray().joinToString("") { "\\%03o".format(it.toInt() and 0xff) }
        val shell = listOf("/bin/sh", "-c", "exec \"$@\" \"$(printf '$octal')\"", "sh")
        val (code, _, errors) = end(beginBy(shell, "send", "--to", "user:u1"))
        assertEquals(0 to "", code to errors)
        assertEquals(1, sandbox.messagesWithText(text).size)
    }

    @Test
    fun `a text is read from the standard input`() {
        val process = begin("send", "--to", "user:u1")
        process.outputStream.use { it.write("two\nlines\n".encodeToByteArray()) }
        val (code, _, errors) = end(process)
        assertEquals(0 to "", code to errors)
        assertEquals(1, sandbox.messagesWithText("two\nlines").size)
    }

    @ParameterizedTest
    @CsvSource("--version, 0", "get 7, 1", "get seven, 2", "get 7 --secret canary, 2")
    fun `the exit code is the program's`(line: String, code: Int) {
        val (ended, output, errors) = end(begin(*line.split(' ').toTypedArray()))
        assertEquals(code, ended, errors)
        assertFalse("canary" in output + errors || "Exception" in errors, errors)
    }

    @ParameterizedTest
    @ValueSource(strings = ["INT", "TERM"])
    @EnabledOnOs(OS.LINUX, OS.MAC)
    fun `a signal ends a call and its fate is told`(signal: String) {
        sandbox.failNext(Fault.NEVER_ANSWER_AFTER_EXECUTING)
        val process = begin("send", "--to", "user:u1", "hello", "--json")
        while (sandbox.requests().isEmpty()) Thread.sleep(10)
        ProcessBuilder("kill", "-$signal", "${process.pid()}").start().waitFor()
        val (code, output, errors) = end(process)
        assertEquals(3, code, errors)
        assertTrue("\"error\":\"Interrupted\"" in output && "\"sent\":true" in output, output)
    }
}
