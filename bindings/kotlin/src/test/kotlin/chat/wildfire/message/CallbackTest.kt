package chat.wildfire.message

import chat.wildfire.message.conformance.entriesIn
import chat.wildfire.message.conformance.mustOnlyHave
import chat.wildfire.message.conformance.written
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.nio.file.Path

/** Callbacks: the library reads what servers post, and the sandbox posts the same. */
@Timeout(60)
class CallbackTest {
    private val folder = Path.of(System.getProperty("conformance.cases")).resolve("../../callbacks").normalize()

    @TestFactory
    fun `every vector holds`(): List<DynamicTest> = entriesIn(folder).map { vector ->
        dynamicTest((vector["name"] as String).replace('_', ' ')) {
            vector.mustOnlyHave("name", "parse", "body", "result", "error")
            val body = vector["body"] as String
            val parses: List<() -> Any> = when (vector["parse"]) {
                "message" -> listOf({ parseMessageCallback(body) }, { parseMessageCallback(body.toByteArray()) })
                "recall" -> listOf({ parseRecallCallback(body) }, { parseRecallCallback(body.toByteArray()) })
                else -> listOf({ parseSubscriptionCallback(body) }, { parseSubscriptionCallback(body.toByteArray()) })
            }
            for (parse in parses) {
                if ("error" in vector) {
                    val failure = assertThrows<MessageException.InvalidArgument> { parse() }
                    assertEquals("body" to vector["error"], failure.argument to failure.reason)
                } else {
                    assertEquals(vector["result"], written(parse()))
                }
            }
        }
    }

    @Test
    fun `a censor answers by status and body`() {
        assertEquals(200 to "", CensorAnswer.send().run { status to body.decodeToString() })
        assertEquals(403 to "", CensorAnswer.refuse().run { status to body.decodeToString() })
        val answer = CensorAnswer.replace(TextContent("***").toPayload())
        val body = "{\"type\":1,\"searchableContent\":\"***\",\"persistFlag\":3}"
        assertEquals(200 to body, answer.status to answer.body.decodeToString())
        assertThrows<MessageException.InvalidArgument> { CensorAnswer.replace(MessagePayload.text("")) }
    }

    /** The callbacks, once there are so many. */
    private fun Sandbox.posted(count: Int): List<PostedCallback> {
        val until = System.nanoTime() + LIMIT.toNanos()
        while (callbacks().size < count && System.nanoTime() < until) Thread.sleep(5)
        return callbacks().also { assertEquals(count, it.size) }
    }

    @Test
    fun `a robot answers each mention once`() = withServer { client, sandbox ->
        sandbox.setRobot("FireRobot", "secret")
        Sandbox().use { application ->
            RobotClient(sandbox.baseUrl, "FireRobot", "secret").use { robot ->
                robot.setCallback("${application.baseUrl}/a-path-that-nobody-guesses")
                sandbox.failCallbacks(CallbackFault.REPEAT)
                val mention = listOf(Mention.user("FireRobot", "FireRobot"))
                client.sendText("ann", Conversation.group("g1"), "are you there?", mention)
                val seen = HashSet<Long>()
                for (posted in sandbox.posted(2)) {
                    val message = parseMessageCallback(posted.body)
                    if (message.sender == "FireRobot" || !seen.add(message.messageUid)) continue
                    robot.replyMessage(message.messageUid, TextContent("I am"))
                }
                assertEquals(1, sandbox.messagesWithText("I am").size)
                assertEquals("FireRobot", parseMessageCallback(sandbox.posted(3)[2].body).sender)
            }
            assertEquals(setOf("/a-path-that-nobody-guesses"), application.requests().map { it.path }.toSet())
        }
    }

    @Test
    fun `a channel, and what is forwarded`() = withServer { client, sandbox ->
        Sandbox().use { application ->
            sandbox.setChannel("news", "ann")
            sandbox.setChannelCallback("news", application.baseUrl)
            sandbox.subscribe("bob", "news")
            assertTrue(parseSubscriptionCallback(sandbox.posted(1)[0].body).isSubscribed)
            sandbox.unsubscribe("bob", "news")
            assertFalse(parseSubscriptionCallback(sandbox.posted(2)[1].body).isSubscribed)
            sandbox.forwardTo(ForwardedCallback.RECALLS, "${application.baseUrl}/recalls")
            val uid = client.sendText("bob", Conversation.channel("news"), "a question").messageUid
            assertEquals(uid, parseMessageCallback(sandbox.posted(3)[2].body).messageUid)
            client.recallMessage("boss", uid)
            val recall = parseRecallCallback(sandbox.posted(4)[3].body)
            assertEquals(Triple("boss", true, uid), Triple(recall.userId, recall.isAdmin, recall.message.messageUid))
        }
        assertThrows<SandboxException> { sandbox.subscribe("bob", "nowhere") }
    }

    @Test
    fun `the censor is asked and obeyed`() = withServer { client, sandbox ->
        val group = Conversation.group("g1")
        val mild = CensorAnswer.replace(MessagePayload.text("***"))
        val answers = listOf(CensorAnswer.send(), mild, CensorAnswer.refuse())
        sandbox.setRobot("FireRobot", "secret")
        Sandbox().use { application ->
            sandbox.setCensor("${application.baseUrl}/censor")
            RobotClient(sandbox.baseUrl, "FireRobot", "secret").use { robot ->
                val said = answers.map { answer ->
                    application.answerNext(ScriptedAnswer(answer.status, body = answer.body))
                    try {
                        client.getMessage(robot.sendText(group, "a word").messageUid).payload.searchableContent
                    } catch (refused: MessageException.Rejected) {
                        refused.code.toString()
                    }
                }
                assertEquals(listOf("a word", "***", "242"), said)
                // One that is not asked, and one that cannot be, let the message go out.
                sandbox.failCallbacks(CallbackFault.LOSE)
                robot.sendText(group, "never asked")
                application.stop()
                robot.sendText(group, "nobody answers")
            }
        }
        val asked = sandbox.posted(4)
        assertEquals(listOf(200, 200, 403, 0), asked.map { it.status })
        assertEquals("nobody answers", parseMessageCallback(asked[3].body).payload.searchableContent)
    }
}
