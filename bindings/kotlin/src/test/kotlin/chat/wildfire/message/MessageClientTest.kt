package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTimeoutPreemptively
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.lang.reflect.Modifier
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import kotlin.concurrent.thread

@Timeout(60)
class MessageClientTest {
    @Test
    fun `a message is sent, read back, recalled and then names who recalled it`() = withServer { client, _ ->
        val sent = client.sendMessage("admin", Conversation.group("group1"), MessagePayload.text("hello"))
        val message = client.getMessage(sent.messageUid)
        assertEquals("hello", message.payload.searchableContent)
        assertEquals(sent.timestamp, message.timestamp)
        assertEquals("hello", client.recallMessage("admin", sent.messageUid)?.searchableContent)
        assertEquals(ContentType.RECALLED, client.getMessage(sent.messageUid).payload.contentType)
    }

    @Test
    fun `a message that was recalled before gives nothing a second time`() = withServer { client, _ ->
        val uid = client.sendHello().messageUid
        client.recallMessage("admin", uid)
        assertNull(client.recallMessage("admin", uid))
    }

    @Test
    fun `a message that is not there is null or an error, as one likes`() = withServer { client, _ ->
        assertNull(client.findMessage(1))
        assertEquals(ErrorCode.NOT_EXIST, assertThrows<MessageException.Rejected> { client.getMessage(1) }.code)
    }

    @Test
    fun `every public method is one of those that the tests know`() {
        val own = MessageClient::class.java.declaredMethods.filter {
            Modifier.isPublic(it.modifiers) && !it.isSynthetic
        }
        // BulkTest and MulticastEachTest know those of many messages, TextStreamTest that of a text that grows.
        val sending = setOf("sendMessages", "sendEach", "multicastEach", "streamText") + FILE_METHODS
        val others = setOf("close", "closeIdle", "stats", "toString")
        assertEquals(EVERY_METHOD.keys + sending + others, own.map { it.name }.toSet())
    }

    @Test
    fun `ids of 60 bits come and go whole`() = withServer { client, sandbox ->
        val uid = 588_582_842_607_370_241
        sandbox.answerNext("""{"code":0,"msg":"success","result":{"messageUid":$uid,"timestamp":1}}""")
        assertEquals(uid, client.sendHello().messageUid)
        client.findMessage(uid)
        assertEquals("""{"messageUid":$uid}""", sandbox.requests().last().body.decodeToString())
    }

    @Test
    fun `characters beyond the first plane come back as they went`() = withServer { client, _ ->
        val text = "你好 😀 \u0000 \"quoted\""
        assertEquals(text, client.getMessage(client.sendHello(text).messageUid).payload.searchableContent)
    }

    @Test
    fun `a server that is not there is unreachable`() {
        val nobody = MessageClient("http://127.0.0.1:9", SECRET)
        val failure = assertThrows<MessageException.Unreachable> { nobody.sendHello() }
        assertFalse(failure.mayHaveExecuted)
    }

    @TestFactory
    fun `what can never work is refused when the client is made`(): List<DynamicTest> = listOf(
        "ftp://localhost" to null,
        "http://user:password@localhost" to null,
        "http://localhost?query" to null,
        "http://localhost" to ClientOptions(readTimeout = Duration.ZERO),
        "http://localhost" to ClientOptions(poolMaxIdle = -1),
        "http://localhost" to ClientOptions(maxAttempts = 0),
        "http://localhost" to ClientOptions(rateLimit = -1),
        "http://localhost" to ClientOptions(retryPause = Duration.ofSeconds(2), retryPauseMax = Duration.ofSeconds(1)),
        "http://localhost" to ClientOptions(rootCertificates = "no PEM"),
    ).map { (baseUrl, options) ->
        dynamicTest("$baseUrl with $options") {
            assertThrows<MessageException.InvalidArgument> { MessageClient(baseUrl, SECRET, options) }
        }
    }

    @Test
    fun `half a surrogate pair is refused by the name of its field`() = withServer { client, sandbox ->
        val half = "\uD83D"
        val group = Conversation.group("g")
        val text = MessagePayload.text("hello")
        val refused = listOf<Pair<String, () -> Any?>>(
            "sender" to { client.sendMessage(half, group, text) },
            "conversation.target" to { client.sendMessage("a", Conversation.group(half), text) },
            "payload.remote_media_url" to { client.sendMessage("a", group, text.copy(remoteMediaUrl = half)) },
            "payload.mentioned_targets[1]" to {
                client.sendMessage("a", group, text.copy(mentionedTargets = listOf("b", half)))
            },
            "targets[2]" to { client.multicastMessage("a", listOf("b", "c", half), text) },
            "user_id" to { client.getDeliveryTimestamp(half) },
            "messages[0].payload.extra" to {
                client.importMessages(listOf(ImportedMessage("a", group, text.copy(extra = half), timestamp = 1)))
            },
            "base_url" to { MessageClient("http://localhost/$half", SECRET) },
            "secret" to { MessageClient("http://localhost", half) },
            "options.user_agent" to { MessageClient("http://localhost", SECRET, ClientOptions(userAgent = half)) },
        )
        for ((argument, call) in refused) {
            val failure = assertThrows<MessageException.InvalidArgument> { call() }
            assertEquals(argument, failure.argument)
            assertEquals("it has half a surrogate pair: it is not Unicode text", failure.reason)
        }
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `it names its server and never its secret`() {
        val client = MessageClient("http://localhost:18080/im", SECRET)
        assertEquals("MessageClient(http://localhost:18080/im)", client.toString())
    }

    @TestFactory
    fun `a closed client takes no call and says so`(): List<DynamicTest> = EVERY_METHOD.map { (name, call) ->
        dynamicTest(name) {
            val client = MessageClient("http://localhost", SECRET).apply { close() }
            val failure = assertThrows<IllegalStateException> { call(client) }
            assertEquals("this MessageClient is closed", failure.message)
        }
    }

    @Test
    fun `closing twice does nothing`() = MessageClient("http://localhost", SECRET).run {
        close()
        close()
    }

    @Test
    fun `a call under way goes on to its end when the client is closed`() = withServer { client, sandbox ->
        SlowServer(sandbox.baseUrl, Duration.ofMillis(500)).use { slow ->
            val closing = MessageClient(slow.baseUrl, SECRET)
            val calling = Executors.newSingleThreadExecutor()
            val call = calling.submit(Callable { closing.sendHello("still on its way") })
            while (sandbox.requests().isEmpty()) Thread.sleep(5)
            closing.close()
            assertEquals("still on its way", client.getMessage(call.get().messageUid).payload.searchableContent)
            assertThrows<IllegalStateException> { closing.sendHello() }
            calling.shutdown()
        }
    }

    @Test
    fun `a call that pauses is tried again although the client is closed meanwhile`() = withServer { client, sandbox ->
        val closing = MessageClient(sandbox.baseUrl, SECRET)
        sandbox.failNext(Fault.TOO_MANY_REQUESTS, delay = Duration.ofSeconds(1))
        val calling = Executors.newSingleThreadExecutor()
        val call = calling.submit(Callable { closing.sendHello("a second attempt") })
        while (sandbox.requests().isEmpty()) Thread.sleep(5)
        closing.close()
        assertEquals("a second attempt", client.getMessage(call.get().messageUid).payload.searchableContent)
        calling.shutdown()
    }

    @Test
    fun `a call that waits for ever on a closed client is interrupted like any other`() = withServer { _, sandbox ->
        val closing = MessageClient(sandbox.baseUrl, SECRET)
        sandbox.failNext(Fault.NEVER_ANSWER)
        var failure: Throwable? = null
        val calling = thread { failure = runCatching { closing.sendHello() }.exceptionOrNull() }
        while (sandbox.requests().isEmpty()) Thread.sleep(5)
        closing.close()
        calling.interrupt()
        calling.join(LIMIT.toMillis())
        assertTrue((failure as MessageException.Interrupted).sent)
    }

    @Test
    fun `a client that is closed under the calls of many threads loses none of them`() = withServer { _, sandbox ->
        val closing = MessageClient(sandbox.baseUrl, SECRET)
        val threads = Executors.newFixedThreadPool(16)
        val calling = List(16) { number ->
            threads.submit(
                Callable {
                    var calls = 0
                    val end = assertThrows<IllegalStateException> {
                        while (true) closing.sendHello("$number/${calls++}")
                    }
                    assertEquals("this MessageClient is closed", end.message)
                    calls - 1
                },
            )
        }
        while (sandbox.requests().size < 100) Thread.sleep(5)
        closing.close()
        assertEquals(calling.sumOf { it.get() }, sandbox.messageUids().size)
        threads.shutdown()
    }

    @Test
    fun `64 threads share one client`() = withServer { client, sandbox ->
        val threads = Executors.newFixedThreadPool(64)
        val calls = List(640) { number ->
            Callable { number to client.getMessage(client.sendHello("number $number").messageUid).payload }
        }
        val answers = threads.invokeAll(calls).map { it.get() }
        threads.shutdown()
        answers.forEach { (number, payload) -> assertEquals("number $number", payload.searchableContent) }
        assertEquals(640, sandbox.messageUids().toSet().size)
    }

    @Test
    fun `several servers and secrets live side by side`() {
        val sandboxes = List(5) { Sandbox("secret $it") }
        val clients = sandboxes.mapIndexed { number, sandbox -> MessageClient(sandbox.baseUrl, "secret $number") }
        val calling = clients.mapIndexed { number, client -> thread { repeat(20) { client.sendHello("to $number") } } }
        calling.forEach { it.join() }
        sandboxes.forEachIndexed { number, sandbox ->
            assertEquals(20, sandbox.messagesWithText("to $number").size)
            assertEquals(20, sandbox.requests().size)
        }
        (clients + sandboxes).forEach { it.close() }
    }

    @Test
    fun `after an unreadable request the next call succeeds`() = withServer { client, sandbox ->
        repeat(50) {
            sandbox.failNext(Fault.UNREADABLE_REQUEST)
            assertThrows<MessageException.BadRequest> { client.sendHello() }
            Thread.sleep(1)
            client.sendHello()
        }
    }

    @Test
    fun `clients that nobody closes are let go`() = assertTimeoutPreemptively(Duration.ofSeconds(30)) {
        repeat(2_000) { MessageClient("http://localhost:$it", SECRET) }
        System.gc()
        withServer { client, _ -> assertTrue(client.sendHello().messageUid > 0) }
    }
}
