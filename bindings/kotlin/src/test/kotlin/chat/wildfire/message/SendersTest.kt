package chat.wildfire.message

import example.SenderExamples
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration
import java.util.logging.Level
import kotlin.concurrent.thread
import kotlin.io.path.writeText

/** Robots and channels have everything that [MessageClient] has besides its calls. */
@Timeout(60)
class SendersTest : ListeningToTheLog() {
    private val sandbox = Sandbox("admins").apply {
        setRobot("FireRobot", SECRET)
        setChannel("news", "ann", SECRET)
    }
    private val options = ClientOptions(retryPause = Duration.ofMillis(1))
    private val robot = RobotClient(sandbox.baseUrl, "FireRobot", SECRET, options)
    private val channel = ChannelClient(sandbox.baseUrl, "news", SECRET, options)
    private val admin = MessageClient(sandbox.baseUrl, "admins")
    private val group = Conversation.group("g1")
    private val hello = MessagePayload.text("hello")

    @AfterEach
    fun `close all`() {
        Thread.interrupted()
        listOf(robot, channel, admin, sandbox).forEach(AutoCloseable::close)
    }

    @Test
    fun `the sender is the robot, or the owner of the channel`() {
        val ofRobot = admin.getMessage(robot.sendMessage(group, TextContent("hi")).messageUid)
        assertEquals("FireRobot" to group, ofRobot.sender to ofRobot.conversation)
        val ofChannel = admin.getMessage(channel.sendMessage(TextContent("hi"), targets = listOf("ann")).messageUid)
        assertEquals("ann" to Conversation.channel("news"), ofChannel.sender to ofChannel.conversation)
    }

    @Test
    fun `a robot answers, changes and recalls what it has said`() {
        val question = admin.sendMessage("ann", group, TextContent("who?"))
        val answer = robot.replyMessage(question.messageUid, TextContent("me"), onlyToSender = true).messageUid
        assertEquals(listOf("ann"), admin.getMessage(answer).toUsers)
        robot.updateMessage(answer, TextContent("I"))
        assertEquals("I", robot.recallMessage(answer)?.searchableContent)
        assertEquals(248, assertThrows<MessageException.Rejected> { robot.recallMessage(question.messageUid) }.code)
    }

    @Test
    fun `where a robot's messages are posted`() {
        assertNull(robot.getCallback())
        robot.setCallback("https://app.example.com/secret-path")
        assertEquals("https://app.example.com/secret-path", robot.getCallback())
        robot.deleteCallback()
        assertNull(robot.getCallback())
        assertEquals("FireRobot", robot.getProfile().userId)
        assertEquals("url", assertThrows<MessageException.InvalidArgument> { robot.setCallback("app") }.argument)
    }

    @Test
    fun `nobody is asked twice for what a second time would repeat`() {
        sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
        assertTrue(assertThrows<MessageException> { robot.sendMessage(group, hello) }.mayHaveExecuted)
        assertEquals(1, sandbox.messagesWithText("hello").size)
        sandbox.failNext(Fault.OVER_FREQUENCY)
        channel.sendMessage(hello)
        assertEquals(2, sandbox.messagesWithText("hello").size)
    }

    @Test
    fun `many messages are the robot's`() {
        val requests = List(50) { SendRequest("somebody", group, MessagePayload.text("$it")) }
        assertEquals(50, robot.sendMessages(requests).count { it.error == null })
        assertEquals(3, robot.sendEach(requests.take(3)).count { it.error == null })
        assertEquals(3, runBlocking { robot.sendEach(requests.take(3).asFlow()).toList() }.count { it.error == null })
        assertEquals(sandbox.messageUids(), sandbox.messagesOfUser("FireRobot"))
        assertEquals(setOf("/robot/message/send"), sandbox.requests().map { it.path }.toSet())
    }

    @Test
    fun `an interrupt ends a call, a bulk and an upload, and says which`() {
        val fates = listOf<(() -> Unit) -> Pair<String, String>>(
            { begin -> "robot/message/send" to interrupted(begin) { robot.sendMessage(group, hello) } },
            { begin -> "channel/message/send" to interrupted(begin) { channel.sendMessage(hello) } },
            { begin -> "robot/oss/get_upload_url" to interrupted(begin) { robot.upload("a", ByteArray(3), 4) } },
            { begin ->
                "robot/message/send" to interrupted(begin) {
                    val (outcome) = robot.sendMessages(listOf(SendRequest("", group, hello)))
                    throw checkNotNull(outcome.error)
                }
            },
        )
        for (fate in fates) {
            val (expected, endpoint) = fate { sandbox.failNext(Fault.NEVER_ANSWER) }
            assertEquals(expected, endpoint)
        }
    }

    private fun interrupted(begin: () -> Unit, call: () -> Unit): String {
        begin()
        val before = sandbox.requests().size
        var failure: Throwable? = null
        val calling = thread { failure = runCatching(call).exceptionOrNull() }
        while (sandbox.requests().size == before) Thread.sleep(5)
        calling.interrupt()
        calling.join(LIMIT.toMillis())
        return (failure as MessageException.Interrupted).endpoint
    }

    @Test
    fun `a robot brings a file`(@TempDir folder: Path) {
        val path = folder.resolve("a.txt").apply { writeText("words") }
        val urls = listOf(
            robot.upload("a.txt", "words".toByteArray(), MediaType.FILE),
            robot.upload("a.txt", path, MediaType.FILE),
            robot.upload("a.txt", path.toFile(), MediaType.FILE),
        )
        assertEquals(urls, sandbox.files().map { it.url })
        sandbox.failStore(StoreFault.FORBIDDEN, 100)
        val failure = assertThrows<MessageException> { robot.upload("a.txt", path, MediaType.FILE) }
        assertFalse(failure.mayHaveExecuted)
        assertTrue("file store" in checkNotNull(failure.message), failure.message)
    }

    @Test
    fun `what a server refuses`() {
        fun code(call: () -> Unit) = assertThrows<MessageException.Rejected>(call).code
        assertEquals(9, code { robot.sendMessage(Conversation.group("others1"), hello) })
        assertEquals(241, code { robot.sendMessage(Conversation.group("muted1"), hello) })
        RobotClient(sandbox.baseUrl, "nobody", SECRET).use { assertEquals(253, code { it.sendMessage(group, hello) }) }
        ChannelClient(sandbox.baseUrl, "nowhere", SECRET).use { assertEquals(236, code { it.sendMessage(hello) }) }
        sandbox.setRobot("silent")
        RobotClient(sandbox.baseUrl, "silent", SECRET).use { assertEquals(248, code { it.sendMessage(group, hello) }) }
        sandbox.setSenderRateLimit(1)
        channel.sendMessage(hello)
        ChannelClient(sandbox.baseUrl, "news", SECRET, ClientOptions(maxAttempts = 1)).use {
            assertThrows<MessageException.RateLimited> { it.sendMessage(hello) }
        }
        assertThrows<SandboxException> { sandbox.setSenderRateLimit(-1) }
    }

    @Test
    fun `numbers and log are those of any client`() {
        logger.level = Level.FINE
        robot.sendMessage(group, hello)
        channel.sendMessage(hello)
        val heard = records.map { (it as CallLogRecord).fields["endpoint"] to it.sourceClassName }
        assertEquals(
            listOf(
                "robot/message/send" to "chat.wildfire.message.RobotClient",
                "channel/message/send" to "chat.wildfire.message.ChannelClient",
            ),
            heard,
        )
        for (stats in listOf(robot.stats(), channel.stats())) {
            assertEquals(1L to 1L, stats.calls to stats.connections)
        }
        robot.closeIdle()
        assertEquals(0, robot.stats().connections)
    }

    @Test
    fun `nothing shows the secret, and what is closed says so`() {
        assertEquals("RobotClient(${sandbox.baseUrl}, FireRobot)", robot.toString())
        assertEquals("ChannelClient(${sandbox.baseUrl}, news)", channel.toString())
        robot.close()
        val failure = assertThrows<IllegalStateException> { robot.sendMessage(group, hello) }
        assertEquals("this RobotClient is closed", failure.message)
    }

    @TestFactory
    fun `an example of the page works`(): List<DynamicTest> {
        assertEquals(SENDER_EXAMPLES.keys, SenderExamples.EXAMPLES.keys)
        return SENDER_EXAMPLES.map { (name, example) ->
            dynamicTest(name) {
                for (played in listOf(example, SenderExamples.EXAMPLES.getValue(name)::run)) {
                    val isOfChannel = name.startsWith("channel")
                    val sent = if (isOfChannel) channel.sendMessage(hello) else robot.sendMessage(group, hello)
                    sandbox.clearRequests()
                    played(robot, channel, sent.messageUid)
                    val paths = sandbox.requests().map { it.path }
                    // A text that grows is sent in steps; making a client sends nothing.
                    if (name.startsWith("robot-stream_text")) {
                        assertEquals(setOf("/robot/message/send"), paths.toSet())
                        assertEquals(15, sandbox.streamedTexts().last().contentType)
                    } else {
                        assertEquals(listOf("/" + name.replace('-', '/')) - "/robot", paths)
                    }
                }
            }
        }
    }

    @Test
    fun `what can never work is refused at once`() {
        val url = sandbox.baseUrl
        val refused = mapOf<String, () -> AutoCloseable>(
            "robot_id" to { RobotClient(url, "", "s") },
            "channel_id" to { ChannelClient(url, "half \ud83d", "s") },
            "secret" to { RobotClient(url, "r1", "") },
            "base_url" to { ChannelClient("", "c1", "s") },
        )
        for ((argument, make) in refused) {
            assertEquals(argument, assertThrows<MessageException.InvalidArgument> { make() }.argument)
        }
        assertThrows<MessageException.InvalidArgument> { robot.sendMessage(Conversation.group("half \ud83d"), hello) }
        assertEquals(0, sandbox.requests().size)
    }
}
