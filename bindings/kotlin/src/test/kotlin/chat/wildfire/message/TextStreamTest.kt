package chat.wildfire.message

import chat.wildfire.message.conformance.Fields
import chat.wildfire.message.conformance.asFields
import chat.wildfire.message.conformance.entriesIn
import chat.wildfire.message.conformance.mustOnlyHave
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.nio.file.Path
import java.time.Duration
import kotlin.concurrent.thread

/** Texts that grow: what receivers see of them, from every source and through every trouble. */
@Timeout(120)
class TextStreamTest {
    private val folder = Path.of(System.getProperty("conformance.cases")).resolve("../../streams").normalize()
    private val pieces = entriesIn(folder.resolve("answer")).map { it["after_ms"] as Long to it["piece"] as String }
    private val whole = pieces.joinToString("") { it.second }
    private val to = Conversation.single("u1")

    /** No second step comes while a test runs. */
    private val never = Duration.ofHours(1)

    private fun Sandbox.shown() = streamedTexts().map { it.contentType to it.text }

    private fun Sandbox.waitFor(steps: Int) {
        while (streamedTexts().size < steps) Thread.sleep(5)
    }

    /** A source that breaks once receivers have seen some of it. */
    private fun Sandbox.untilSeen(error: Throwable) = sequence {
        yield("The capital")
        waitFor(1)
        yield(" of")
        throw error
    }

    private fun model() = sequence {
        for ((pause, piece) in pieces) {
            Thread.sleep(pause)
            yield(piece)
        }
    }

    private fun checkThatItGrew(sandbox: Sandbox) {
        val shown = sandbox.shown()
        assertEquals(GENERATED to whole, shown.last())
        assertTrue(shown.size > 2, shown.toString())
        for ((step, next) in shown.zipWithNext()) {
            assertEquals(GENERATING, step.first)
            assertTrue(next.second.startsWith(step.second), shown.toString())
        }
    }

    @TestFactory
    fun `every vector is sent to the byte`(): List<DynamicTest> =
        entriesIn(folder).flatMap { vector -> listOf(true, false).map { vector to it } }.map { (vector, inCoroutines) ->
            val how = if (inCoroutines) " in coroutines" else ""
            dynamicTest((vector["name"] as String).replace('_', ' ') + how) { play(vector, inCoroutines) }
        }

    @Suppress("UNCHECKED_CAST")
    private fun play(vector: Fields, inCoroutines: Boolean) = Sandbox(SECRET).use { sandbox ->
        vector.mustOnlyHave("name", "robot", "arguments", "pieces", "bodies", "shown", "error")
        sandbox.setRobot("FireRobot", SECRET)
        val outcome = runCatching { stream(vector, sandbox.baseUrl, inCoroutines) }
        when (val expected = vector["error"]?.asFields()) {
            null -> assertEquals(sandbox.streamedTexts().last().messageUid, outcome.getOrThrow().messageUid)

            else -> {
                val failure = outcome.exceptionOrNull() as MessageException
                assertEquals(expected["variant"], failure.javaClass.simpleName)
                assertEquals(expected["text"], failure.message)
                assertEquals(expected["may_have_executed"], failure.mayHaveExecuted)
            }
        }
        assertEquals(vector["bodies"], sandbox.requests().map { it.body.decodeToString() })
        assertEquals(vector["shown"], sandbox.shown().map { (kind, text) -> listOf(kind.toLong(), text) })
    }

    @Suppress("UNCHECKED_CAST")
    private fun stream(vector: Fields, url: String, inCoroutines: Boolean): SentMessage {
        val given = vector["arguments"]!!.asFields()
        val conversation = given["conversation"]!!.asFields().let {
            Conversation((it["kind"] as Long).toInt(), it["target"] as String, (it["line"] as Long? ?: 0).toInt())
        }
        val users = given["to_users"] as List<String>? ?: emptyList()
        val extras = given["extras"]?.asFields()?.let {
            ContentExtras(
                mentionedType = (it["mentioned_type"] as Long).toInt(),
                mentionedTargets = it["mentioned_targets"] as List<String>,
                pushContent = it["push_content"] as String,
            )
        }
        val (sender, id) = given["sender"] as String? to given["stream_id"] as String?
        val texts = vector["pieces"] as List<String>
        if (inCoroutines) {
            return runBlocking {
                if (sender == null) {
                    CoroutineRobotClient(url, "FireRobot", SECRET).use {
                        it.streamText(conversation, texts, never, users, id, extras)
                    }
                } else {
                    CoroutineMessageClient(url, SECRET).use {
                        it.streamText(sender, conversation, texts, never, users, id, extras)
                    }
                }
            }
        }
        return if (sender == null) {
            RobotClient(url, "FireRobot", SECRET).use { it.streamText(conversation, texts, never, users, id, extras) }
        } else {
            MessageClient(url, SECRET).use { it.streamText(sender, conversation, texts, never, users, id, extras) }
        }
    }

    @Test
    fun `the answer of a language model grows on the phone`() = withServer { client, sandbox ->
        val sent = client.streamText("admin", to, model(), Duration.ofMillis(20))
        assertEquals(whole, client.getMessage(sent.messageUid).payload.searchableContent)
        checkThatItGrew(sandbox)
    }

    @Test
    fun `the flow of a language model grows on the phone`() = withServer { _, sandbox ->
        runBlocking {
            val flow = flow {
                for ((pause, piece) in pieces) {
                    delay(pause)
                    emit(piece)
                }
            }
            CoroutineMessageClient(sandbox.baseUrl, SECRET).use {
                it.streamText("admin", to, flow, Duration.ofMillis(20))
            }
        }
        checkThatItGrew(sandbox)
    }

    @Test
    fun `a text is fed by hand`() = withServer { client, sandbox ->
        client.streamText("admin", to, never).use { stream ->
            for (piece in listOf("a", "", "b")) stream.append(piece)
            val sent = stream.finish()
            assertEquals(sent, stream.finish())
            stream.cancel()
            assertTrue(stream.streamId in stream.toString())
            assertEquals("piece", assertThrows<MessageException.InvalidArgument> { stream.append("c") }.argument)
        }
        assertEquals(listOf(GENERATING to "a", GENERATED to "ab"), sandbox.shown())
    }

    @Test
    fun `a text that is closed before its end is cancelled`() = withServer { client, sandbox ->
        client.streamText("admin", to, never).use { stream ->
            stream.append("a")
            sandbox.waitFor(1)
        }
        assertEquals(listOf(GENERATING to "a", CANCELLED to "a"), sandbox.shown())
    }

    @Test
    fun `a source that breaks cancels the text`() = withServer { client, sandbox ->
        val error = IllegalArgumentException("broke")
        val thrown = assertThrows<IllegalArgumentException> {
            client.streamText("admin", to, sandbox.untilSeen(error), never)
        }
        assertSame(error, thrown)
        checkCancelled(sandbox, thrown)
    }

    private fun checkCancelled(sandbox: Sandbox, thrown: Throwable) {
        val fate = MessageException.Interrupted.of(thrown)!!
        assertFalse(fate.sent)
        val told = fate.outcomes.single().error as MessageException.StreamFailed
        assertEquals(listOf(14L, 14L, true, false), told.run { listOf(characters, shown, isMarked, mayBeFinished) })
        assertEquals(listOf(GENERATING to "The capital", CANCELLED to "The capital of"), sandbox.shown())
    }

    @Test
    fun `an interrupt cancels the text`() = withServer { client, sandbox ->
        var failure: Throwable? = null
        var flag = false
        val streaming = thread {
            val endless = generateSequence("x") { it }.onEach { Thread.onSpinWait() }.take(40_000)
            failure = runCatching { client.streamText("admin", to, endless + stall(), never) }.exceptionOrNull()
            flag = Thread.currentThread().isInterrupted
        }
        sandbox.waitFor(1)
        streaming.interrupt()
        streaming.join()
        assertTrue(flag, "the interrupt flag")
        assertTrue(failure is MessageException.Interrupted, failure.toString())
        assertEquals(listOf(GENERATING, CANCELLED), sandbox.shown().map { it.first })
    }

    /** Gives empty pieces until its thread is interrupted. */
    private fun stall() = sequence { while (true) yield("") }

    @Test
    fun `what can never work is refused by name`() = withServer { client, sandbox ->
        for ((argument, stream) in listOf<Pair<String, () -> Unit>>(
            "sender" to { client.streamText("", to, listOf("a")) },
            "conversation.target" to { client.streamText("admin", Conversation.group(""), listOf("a")) },
            "interval" to { client.streamText("admin", to, listOf("a"), Duration.ofMillis(-1)) },
            "to_users[1]" to { client.streamText("admin", to, listOf("a"), toUsers = listOf("u1", "")) },
            "stream_id" to { client.streamText("admin", to, listOf("a"), streamId = "\ud800") },
            "pieces[0]" to { client.streamText("admin", to, listOf("\ud83d")) },
            "text" to { client.streamText("admin", to, emptyList()) },
        )) {
            assertEquals(argument, assertThrows<MessageException.InvalidArgument> { stream() }.argument)
        }
        assertTrue(sandbox.requests().isEmpty())
    }

    @Test
    fun `a flow that breaks cancels the text`() = withServer { _, sandbox ->
        val error = IllegalArgumentException("broke")
        val flow: Flow<String> = flow { for (piece in sandbox.untilSeen(error)) emit(piece) }
        val thrown = assertThrows<IllegalArgumentException> {
            runBlocking {
                CoroutineMessageClient(sandbox.baseUrl, SECRET).use { it.streamText("admin", to, flow, never) }
            }
        }
        checkCancelled(sandbox, thrown)
    }

    @Test
    fun `a cancelled coroutine and a time-out cancel their texts`() = withServer { _, sandbox ->
        val endless = flow {
            while (true) {
                emit("x")
                delay(5)
            }
        }
        CoroutineMessageClient(sandbox.baseUrl, SECRET).use { client ->
            runBlocking {
                val job = launch(Dispatchers.Default) { client.streamText("admin", to, endless, never) }
                while (sandbox.shown().isEmpty()) delay(5)
                job.cancel()
                job.join()
                assertEquals(listOf(GENERATING, CANCELLED), sandbox.shown().map { it.first })
                val stop = runCatching {
                    withTimeout(1_000) { client.streamText("admin", to, endless, never) }
                }.exceptionOrNull()
                assertTrue(stop is TimeoutCancellationException, stop.toString())
                assertFalse(MessageException.Interrupted.of(stop!!)!!.mayHaveExecuted)
                assertEquals(CANCELLED, sandbox.shown().last().first)
            }
        }
    }

    @Test
    fun `a text is fed by hand in a coroutine`() = withServer { _, sandbox ->
        runBlocking {
            CoroutineMessageClient(sandbox.baseUrl, SECRET).use { client ->
                client.streamText("admin", to, never).use { stream ->
                    stream.append("a")
                    assertEquals(stream.finish(), stream.finish())
                    stream.cancel()
                }
                client.streamText("admin", to, never).use { stream ->
                    stream.append("b")
                    while (sandbox.shown().size < 3) delay(5)
                    stream.cancel()
                }
            }
        }
        val seen = listOf(GENERATING to "a", GENERATED to "a", GENERATING to "b", CANCELLED to "b")
        assertEquals(seen, sandbox.shown())
    }

    private companion object {
        const val GENERATING = 14
        const val GENERATED = 15
        const val CANCELLED = 20
    }
}
