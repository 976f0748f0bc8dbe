package chat.wildfire.message.bridges

import ch.qos.logback.classic.LoggerContext
import ch.qos.logback.classic.joran.JoranConfigurator
import chat.wildfire.message.Fault
import chat.wildfire.message.SECRET
import chat.wildfire.message.Sandbox
import com.google.gson.JsonParser
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.io.File

/** The appender, configured and run by Logback itself. */
class MessageAppenderTest {
    private val sandbox = Sandbox(SECRET)
    private val context = LoggerContext()
    private val log by lazy { context.getLogger("application") }
    private val appender by lazy { context.getLogger("ROOT").getAppender("ops") as MessageAppender }

    @AfterEach
    fun end() {
        context.stop()
        sandbox.close()
    }

    private fun configure(settings: String, url: String = sandbox.baseUrl, who: String = WHO) {
        val configuration = """
            <configuration>
              <appender name="ops" class="${MessageAppender::class.java.name}">
                <filter class="ch.qos.logback.classic.filter.ThresholdFilter"><level>ERROR</level></filter>
                <url>$url</url> $who
                $settings
              </appender>
              <root level="INFO"><appender-ref ref="ops"/></root>
            </configuration>
        """
        JoranConfigurator().also { it.context = context }.doConfigure(configuration.byteInputStream())
    }

    private val secret = "<secret>$SECRET</secret>"

    /** The lines of everything that was sent so far, but for what met a fault. */
    private fun lines(): List<String> = sandbox.requests().filter { it.fault == null }.flatMap { request ->
        val payload = JsonParser.parseString(String(request.body)).asJsonObject["payload"].asJsonObject
        payload["searchableContent"].asString.split("\n")
    }

    private fun statuses(): String = context.statusManager.copyOfStatusList.joinToString("\n") { "$it ${it.throwable}" }

    @Test
    fun `an event becomes a message`() {
        configure("$secret <pause>0 seconds</pause>")
        log.warn("not worth a message")
        log.error("disk {} is full", "sda")
        context.stop()
        assertEquals(listOf("disk sda is full"), lines())
        val body = JsonParser.parseString(String(sandbox.requests()[0].body)).asJsonObject
        assertEquals("admin" to "ops", body["sender"].asString to body["conv"].asJsonObject["target"].asString)
    }

    @Test
    fun `a robot sends it with a secret of its own`() {
        sandbox.setRobot("FireRobot", "its secret")
        configure("<secret>its secret</secret>", who = "<robot>FireRobot</robot> <group>ops</group>")
        log.error("disk {} is full", "sda")
        context.stop()
        assertEquals(listOf("/robot/message/send"), sandbox.requests().map { it.path })
        assertEquals(1, sandbox.messagesWithText("disk sda is full").size)
    }

    @Test
    fun `a layout words it, and a secret may come from a file`(@TempDir folder: File) {
        val file = File(folder, "secret").apply { writeText(SECRET + "\n") }
        val pattern = "<pattern>%level %msg%n%ex{1}</pattern>"
        val layout = "<layout class='ch.qos.logback.classic.PatternLayout'>$pattern</layout>"
        configure("<secretFile>$file</secretFile> $layout")
        log.error("order 7", IllegalStateException("no such order"))
        context.stop()
        assertEquals(listOf("ERROR order 7", "java.lang.IllegalStateException: no such order"), lines().take(2))
    }

    @Test
    fun `events of a pause are one message, and all arrive in order`() {
        configure("$secret <pause>300 milliseconds</pause>")
        repeat(500) { log.error("event {}", it) }
        context.stop()
        assertEquals(List(500) { "event $it" }, lines())
        assertTrue(sandbox.requests().size < 50)
    }

    @Test
    fun `a message has no more characters than asked for`() {
        configure("$secret <pause>0 seconds</pause> <longest>10</longest>")
        log.error("野火".repeat(20))
        repeat(9) { log.error("r{}", it) }
        context.stop()
        assertEquals(listOf("野火野火野火野火野…") + List(9) { "r$it" }, lines())
    }

    @Test
    fun `nobody waits for a server that is silent, and what finds no room is told`() {
        sandbox.failNext(Fault.DELAY_AFTER_READING, delay = java.time.Duration.ofSeconds(5))
        configure("$secret <pause>0 seconds</pause> <capacity>5</capacity> <closeTimeout>30 seconds</closeTimeout>")
        log.error("first")
        while (sandbox.requests().isEmpty()) Thread.sleep(1)
        repeat(20) { log.error("r{}", it) }
        assertEquals(15, appender.leftOut)
        context.stop()
        assertEquals(listOf("(15 log events were left out)") + List(5) { "r$it" }, lines())
    }

    @Test
    fun `what was not sent is sent when the server takes it again`() {
        sandbox.failNext(Fault.OVER_FREQUENCY, times = 4)
        configure("$secret <pause>0 seconds</pause> <closeTimeout>30 seconds</closeTimeout>")
        log.error("one")
        log.error("two")
        val appender = appender
        context.stop()
        assertEquals(listOf("one", "two"), lines())
        assertEquals(0L to 0L, appender.leftOut to appender.failed)
    }

    @Test
    fun `what may have been sent is not sent again`() {
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        configure("$secret <pause>0 seconds</pause>")
        log.error("once")
        val appender = appender
        context.stop()
        assertEquals(1, sandbox.messagesWithText("once").size)
        assertEquals(1, appender.failed)
    }

    @Test
    fun `a failure is told by the status, without the secret`() {
        configure("<secret>of-somebody-else</secret>")
        log.error("anything")
        val appender = appender
        context.stop()
        assertEquals(1, appender.failed)
        assertTrue("Unauthorized" in statuses(), statuses())
        assertTrue("of-somebody-else" !in statuses(), statuses())
    }

    @Test
    fun `stopping waits no longer than it says`() {
        configure("$secret <closeTimeout>500 milliseconds</closeTimeout>", url = "http://127.0.0.1:1")
        log.error("never")
        val appender = appender
        context.stop()
        assertEquals(1, appender.leftOut)
    }

    @Test
    fun `what the client logs is not sent`() {
        configure("$secret <pause>0 seconds</pause>")
        context.getLogger("chat.wildfire.message").error("plain http")
        context.getLogger("chat.wildfire.messages").error("somebody else")
        context.stop()
        assertEquals(listOf("somebody else"), lines())
    }

    @ParameterizedTest
    @CsvSource(
        "'<sender>admin</sender> <group>ops</group>', secret or secretFile is missing",
        "'<secret>s</secret> <group>ops</group>', sender or robot is missing",
        "'<secret>s</secret> <sender>a</sender> <robot>r</robot> <group>ops</group>', give either sender or robot",
        "'<secret>s</secret> <sender>a</sender>', give exactly one of user",
        "'<secret>s</secret> <sender>a</sender> <user>u</user> <group>g</group>', give exactly one of user",
        "'<secret>s</secret> <secretFile>f</secretFile> <sender>a</sender> <user>u</user>', give either secret or secretFile",
        "'<secretFile>/no/such/file</secretFile> <sender>a</sender> <user>u</user>', secretFile cannot be read",
        "'<secret>s</secret> <sender>a</sender> <user>u</user> <capacity>0</capacity>', capacity must be at least 1",
    )
    fun `a setting that is wrong is named`(settings: String, reason: String) {
        configure(settings, who = "")
        assertTrue(reason in statuses(), statuses())
        log.error("nobody hears")
        assertEquals(emptyList<String>(), lines())
    }

    private companion object {
        const val WHO = "<sender>admin</sender> <group>ops</group>"
    }
}
