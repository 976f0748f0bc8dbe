package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.time.Duration

@Timeout(30)
class SandboxTest {
    @Test
    fun `it starts with defaults and tells where it listens`() = Sandbox().use { sandbox ->
        assertEquals("http://127.0.0.1:${sandbox.port}", sandbox.baseUrl)
        assertEquals("Sandbox(${sandbox.baseUrl})", sandbox.toString())
        MessageClient(sandbox.baseUrl, "123456").use { assertTrue(it.sendHello().messageUid > 0) }
    }

    @Test
    fun `a community server lacks the endpoints of the professional one`() =
        withServer(Edition.COMMUNITY) { client, _ ->
            val failure = assertThrows<MessageException.NotSupported> { client.deleteMessage(1) }
            assertEquals("message/delete", failure.endpoint)
        }

    @Test
    fun `it tells what it received`() = withServer { client, sandbox ->
        client.sendHello()
        val request = sandbox.requests().single()
        assertEquals("POST /admin/message/send", "${request.method} ${request.path}")
        assertTrue(request.signatureValid)
        assertTrue("\"searchableContent\":\"hello\"" in request.body.decodeToString())
        sandbox.clearRequests()
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `it gives answers made to order, once`() = withServer { client, sandbox ->
        sandbox.answerNext("""{"code":241,"msg":"group muted"}""")
        assertEquals(ErrorCode.GROUP_MUTED, assertThrows<MessageException.Rejected> { client.sendHello() }.code)
        sandbox.answerNext(ScriptedAnswer(status = 413))
        assertEquals(413, assertThrows<MessageException.BadRequest> { client.sendHello() }.status)
        client.sendHello()
    }

    @Test
    fun `it counts what was executed although nobody was told`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.CLOSE_AFTER_EXECUTING)
        assertTrue(assertThrows<MessageException.ConnectionLost> { client.sendHello("lost") }.mayHaveExecuted)
        val uid = sandbox.messagesWithText("lost").single()
        assertEquals(1, sandbox.executions(uid))
        assertEquals(listOf(uid), sandbox.messagesOfUser("user1"))
        assertEquals(listOf(uid), sandbox.messageUids())
    }

    @Test
    fun `it fails the next calls to one endpoint, and lets the others pass`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.UNKNOWN_CODE, times = 2, endpoint = "message/send")
        client.getDeliveryTimestamp("user1")
        repeat(2) { assertThrows<MessageException.Rejected> { client.sendHello() } }
        client.sendHello()
        val met = listOf(null, Fault.UNKNOWN_CODE, Fault.UNKNOWN_CODE, null)
        assertEquals(met, sandbox.requests().map { it.fault })
    }

    @Test
    fun `a fault that takes time takes as long as it is told`() = withServer { client, sandbox ->
        sandbox.failNext(Fault.DELAY_AFTER_EXECUTING, delay = Duration.ofMillis(150))
        val begun = System.nanoTime()
        client.sendHello()
        assertTrue(Duration.ofNanos(System.nanoTime() - begun) >= Duration.ofMillis(150))
    }

    @Test
    fun `the same seed draws the same faults, until it is told to stop`() {
        fun drawn(seed: Long) = Sandbox().use { sandbox ->
            MessageClient(sandbox.baseUrl, "123456").use { client ->
                sandbox.failRandomly(listOf(Fault.UNKNOWN_CODE, Fault.AUTH_FAILURE), 0.5, seed, "message/send")
                repeat(40) { runCatching { client.sendHello() } }
                sandbox.stopFailing()
                client.sendHello()
                sandbox.requests().map { it.fault }
            }
        }
        val faults = drawn(seed = 7)
        assertEquals(faults, drawn(seed = 7))
        assertNotEquals(faults, drawn(seed = 8))
        assertEquals(setOf(null, Fault.UNKNOWN_CODE, Fault.AUTH_FAILURE), faults.toSet())
        assertEquals(41, faults.size)
        assertNull(faults.last())
    }

    @Test
    fun `it refuses connections for a while, idle ones too`() = withServer { client, sandbox ->
        client.sendHello()
        sandbox.refuseConnections(Duration.ofSeconds(60))
        MessageClient(sandbox.baseUrl, SECRET, ClientOptions(retryPause = Duration.ofMillis(1))).use { other ->
            assertEquals(3, assertThrows<MessageException.Unreachable> { other.sendHello() }.attempts)
        }
    }

    @Test
    fun `a connection that it closes while idle costs no call`() =
        Sandbox(SECRET, idleTimeout = Duration.ofMillis(20)).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET).use { client ->
                repeat(10) {
                    client.sendHello()
                    Thread.sleep(60)
                }
                assertEquals(10, sandbox.requests().map { it.connection }.toSet().size)
            }
        }

    @Test
    fun `it plays a version`() {
        for ((version, reached) in listOf("1.2.4" to true, "1.3.2" to false, null to false)) {
            Sandbox(SECRET, serverVersion = version).use { sandbox ->
                MessageClient(sandbox.baseUrl, SECRET).use { client ->
                    val room = Conversation.chatroom("r1")
                    val sent = client.sendMessage("admin", room, MessagePayload.text("hi"), listOf("u1"))
                    assertEquals(reached, sent.messageUid in sandbox.messagesOfUser("u2"), "$version")
                    client.sendMessage("muted-1", Conversation.single("u1"), MessagePayload.text("hi"))
                }
            }
        }
        assertTrue("newest" in assertThrows<SandboxException> { Sandbox(SECRET, serverVersion = "newest") }.message!!)
    }

    @Test
    fun `a user's own rights are asked for where they are to be`() = withServer { client, _ ->
        val refused = assertThrows<MessageException.Rejected> {
            client.sendMessage("muted-1", Conversation.single("u1"), MessagePayload.text("hi"), isUserMessage = true)
        }
        assertEquals(ErrorCode.SENDING_FORBIDDEN to false, refused.code to refused.mayHaveExecuted)
    }

    @Test
    fun `a gateway's answer proves nothing`() {
        val executed = mapOf(
            Fault.GATEWAY_ANSWER to 0,
            Fault.GATEWAY_ANSWER_BEFORE_EXECUTING to 1,
            Fault.GATEWAY_ANSWER_AFTER_EXECUTING to 1,
        )
        for ((fault, times) in executed) {
            withServer { client, sandbox ->
                val texts = (0..<14).map { "message $it" }
                for (text in texts) {
                    sandbox.failNext(fault)
                    val error = assertThrows<MessageException> {
                        client.sendMessage("admin", Conversation.single("u1"), MessagePayload.text(text))
                    }
                    assertTrue(error.mayHaveExecuted, "$fault: $error")
                }
                val deadline = System.nanoTime() + 5_000_000_000
                while (sandbox.messageUids().size < 14 * times && System.nanoTime() < deadline) {
                    Thread.sleep(10)
                }
                assertEquals(List(14) { times }, texts.map { sandbox.messagesWithText(it).size }, "$fault")
            }
        }
    }

    @Test
    fun `trouble that makes no sense is a clear error`() = withServer { client, sandbox ->
        assertTrue("times 0" in assertThrows<SandboxException> { sandbox.failNext(Fault.REFUSE, 0) }.message!!)
        val nowhere = assertThrows<SandboxException> { sandbox.failNext(Fault.REFUSE, endpoint = "message/sned") }
        assertTrue("message/sned" in nowhere.message!!, nowhere.message)
        assertThrows<SandboxException> { sandbox.failRandomly(listOf(Fault.REFUSE), 1.5) }
        assertThrows<SandboxException> { sandbox.failRandomly(emptyList(), 0.5) }
        val half = assertThrows<MessageException.InvalidArgument> { sandbox.failNext(Fault.REFUSE, 1, "\uD83D") }
        assertEquals("endpoint", half.argument)
        client.sendHello()
    }

    @Test
    fun `it says that users have read and got what it is told`() = withServer { client, sandbox ->
        val group = Conversation.group("group1", line = 2)
        sandbox.setReadTimestamp("user1", group, 1_700_000_000_001)
        sandbox.setDeliveryTimestamp("user1", 1_700_000_000_002)
        assertEquals(1_700_000_000_001, client.getConversationReadTimestamp("user1", group))
        assertEquals(1_700_000_000_002, client.getDeliveryTimestamp("user1"))
    }

    @Test
    fun `it limits the rate when it is asked to`() {
        Sandbox(rateLimit = 1).use { sandbox ->
            MessageClient(sandbox.baseUrl, "123456", ClientOptions(maxAttempts = 1)).use { client ->
                client.sendHello()
                assertThrows<MessageException.RateLimited> { client.sendHello() }
            }
        }
    }

    @Test
    fun `a port that is taken is a clear error`() = Sandbox().use { first ->
        val failure = assertThrows<SandboxException> { Sandbox(port = first.port) }
        assertTrue("${first.port}" in failure.message!!, failure.message)
    }

    @Test
    fun `settings that make no sense are a clear error`() {
        assertEquals("the secret is empty", assertThrows<SandboxException> { Sandbox("") }.message)
        assertTrue("70000" in assertThrows<SandboxException> { Sandbox(port = 70_000) }.message!!)
        assertTrue("-1" in assertThrows<SandboxException> { Sandbox(rateLimit = -1) }.message!!)
    }

    @Test
    fun `a stopped one answers nobody, and still tells what it received`() = withServer { client, sandbox ->
        client.sendHello()
        sandbox.stop()
        assertThrows<MessageException> { client.sendHello() }
        assertEquals(1, sandbox.requests().size)
    }

    @Test
    fun `a closed one frees its port and says that it is closed`() {
        val sandbox = Sandbox().apply { close() }
        assertEquals("this Sandbox is closed", assertThrows<IllegalStateException> { sandbox.requests() }.message)
        sandbox.close()
        Sandbox(port = sandbox.port).close()
    }

    @Test
    fun `no text of it holds the secret`() = withServer { _, sandbox ->
        assertFalse(SECRET in sandbox.toString() + sandbox.requests())
    }
}
