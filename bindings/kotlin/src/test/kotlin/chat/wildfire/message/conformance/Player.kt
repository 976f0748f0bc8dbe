package chat.wildfire.message.conformance

import chat.wildfire.message.ChannelClient
import chat.wildfire.message.ClientOptions
import chat.wildfire.message.CoroutineChannelClient
import chat.wildfire.message.CoroutineMessageClient
import chat.wildfire.message.CoroutineRobotClient
import chat.wildfire.message.Fault
import chat.wildfire.message.Header
import chat.wildfire.message.MessageClient
import chat.wildfire.message.MessageException
import chat.wildfire.message.ReceivedRequest
import chat.wildfire.message.RobotClient
import chat.wildfire.message.Sandbox
import chat.wildfire.message.ScriptedAnswer
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.assertAll
import java.lang.reflect.InvocationTargetException
import java.nio.file.Path
import java.util.Base64
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions
import kotlin.reflect.full.primaryConstructor

/** Plays cases through the public API against a sandbox: through the blocking clients, or those for coroutines. */
class Player(private val inCoroutines: Boolean = false) : AutoCloseable {
    private var sandbox = newSandbox()

    /** Plays one case; what differs from it is an assertion that failed. */
    fun play(case: Case) {
        sandbox.clearRequests()
        script(case)
        try {
            val outcome = runCatching { makeClient(case).use { call(it, case) } }
            assertAll({ checkOutcome(case, outcome) }, { checkRequests(case, sandbox.requests()) })
        } catch (failure: Throwable) {
            // What this case scripted may still wait, and would spoil the next ones.
            sandbox.close()
            sandbox = newSandbox()
            throw failure
        }
    }

    override fun close() = sandbox.close()

    /** With the robot and the channel of the cases. */
    private fun newSandbox() = Sandbox(SECRET).apply {
        setRobot("FireRobot", SECRET)
        setChannel("news", "ann", SECRET)
    }

    /** The fault strikes first. With a fault, the answer comes once, after it. */
    private fun script(case: Case) {
        case.fault?.let { sandbox.failNext(Fault.valueOf(it.uppercase()), case.times) }
        case.answer?.let { answer ->
            answer.mustOnlyHave("status", "headers", "body")
            val headers = (answer["headers"] as List<*>?).orEmpty().map { pair ->
                val (name, value) = pair as List<*>
                Header(name as String, value as String)
            }
            val body = (answer["body"] as String).replace("{sandbox}", sandbox.baseUrl).toByteArray()
            val scripted = ScriptedAnswer(Math.toIntExact(answer["status"] as Long), headers, body)
            repeat(if (case.fault == null) case.times else 1) { sandbox.answerNext(scripted) }
        }
    }

    private fun makeClient(case: Case): AutoCloseable {
        // `read_timeout_ms: 300` is the option `read_timeout`, a duration of 300 ms.
        val given = case.options.mapKeys { it.key.removeSuffix("_ms") }
        val options = ClientOptions::class.primaryConstructor!!.callWith(given)
        val server = case.baseUrl.replace("{sandbox}", sandbox.baseUrl)
        val client = case.client ?: mapOf("base_url" to server, "secret" to SECRET)
        client.mustOnlyHave("base_url", "secret")
        val (baseUrl, secret) = client["base_url"] as String to client["secret"] as String
        if (inCoroutines) {
            return when (case.sender?.first) {
                null -> CoroutineMessageClient(baseUrl, secret, options)
                "robot" -> CoroutineRobotClient(baseUrl, case.sender.second, secret, options)
                "channel" -> CoroutineChannelClient(baseUrl, case.sender.second, secret, options)
                else -> error("nobody knows ${case.sender}")
            }
        }
        return when (case.sender?.first) {
            null -> MessageClient(baseUrl, secret, options)
            "robot" -> RobotClient(baseUrl, case.sender.second, secret, options)
            "channel" -> ChannelClient(baseUrl, case.sender.second, secret, options)
            else -> error("nobody knows ${case.sender}")
        }
    }

    private fun checkOutcome(case: Case, outcome: Result<Any?>) {
        if (case.succeeds) {
            assertEquals(case.result, written(outcome.getOrThrow()))
        } else {
            val failure = outcome.exceptionOrNull()
            if (failure != null && failure !is MessageException) throw failure
            assertTrue(failure != null, "it must fail, and gave ${outcome.getOrNull()}")
            checkError(checkNotNull(case.error), failure as MessageException)
        }
    }

    private fun checkError(expected: Fields, failure: MessageException) {
        expected.mustOnlyHave("variant", "fields", "text", "text_starts_with", "may_have_executed")
        val listed = checkNotNull(expected["fields"]).asFields()
        val fields = written(failure)!!.asFields().filterKeys { it in listed }
        val text = checkNotNull(failure.message)
        assertEquals(expected["variant"], failure::class.simpleName)
        assertEquals(listed, fields)
        expected["text"]?.let { assertEquals(it, text) }
        expected["text_starts_with"]?.let { assertTrue(text.startsWith(it as String), text) }
        assertTrue("text" in expected || "text_starts_with" in expected, "the case names no text")
        assertEquals(expected["may_have_executed"], failure.mayHaveExecuted)
    }

    private fun checkRequests(case: Case, received: List<ReceivedRequest>) {
        val answeredAtLast = if (case.fault != null && case.answer != null) 1 else 0
        val expected = if (case.request == null) 0 else case.times + answeredAtLast
        assertEquals(expected, received.size, "requests that reached the server")
        received.forEach { checkRequest(checkNotNull(case.request), it) }
        val named = case.sender?.let { (kind, id) -> mapOf(mapOf("robot" to "rid", "channel" to "cid")[kind] to id) }
        for (request in received) {
            val names = request.headers.filter { it.name in setOf("rid", "cid") }.associate { it.name to it.value }
            assertEquals(named.orEmpty(), names)
        }
        val nonces = received.map { it.valuesOf("nonce").single() }
        assertEquals(nonces.size, nonces.toSet().size, "signatures")
    }

    private fun checkRequest(expected: Fields, request: ReceivedRequest) {
        expected.mustOnlyHave("path", "body")
        assertEquals("POST", request.method)
        assertEquals(expected["path"], request.path)
        assertEquals(expected["body"], request.body.decodeToString())
        assertTrue(request.signatureValid, "the signature")
        assertEquals(request.headers.map { it.name.lowercase() }, request.headers.map { it.name })
        assertEquals(listOf("application/json; charset=utf-8"), request.valuesOf("content-type"))
    }

    private fun ReceivedRequest.valuesOf(name: String) = headers.filter { it.name == name }.map { it.value }

    companion object {
        private const val SECRET = "123456"

        /** What overloads take in the place of a payload, or of the bytes of a file. */
        private val OTHER_FORMS = setOf("content", "path", "file")

        /** Calls the method of a case with its arguments. */
        fun call(client: AutoCloseable, case: Case): Any? {
            if (case.method == "new") return null
            if (case.method == "upload") return upload(client, case.arguments)
            val own = client::class.declaredFunctions.filter { it.visibility == KVisibility.PUBLIC }
            val method = own.single { function ->
                // Of those that send, the one that takes a payload or bytes: contents have vectors of their own.
                rustName(function.name) == case.method && function.parameters.none { it.name in OTHER_FORMS }
            }
            try {
                return method.callWith(case.arguments, client)
            } catch (failure: InvocationTargetException) {
                throw failure.targetException
            }
        }

        /** Of bytes, or of a file. */
        private fun upload(client: AutoCloseable, arguments: Fields): String {
            arguments.mustOnlyHave("file_name", "data", "path", "media_type", "content_type")
            val name = arguments["file_name"] as String
            val mediaType = Math.toIntExact(arguments["media_type"] as Long)
            val contentType = arguments["content_type"] as String?
            val path = arguments["path"] as String?
            val data = (arguments["data"] as String?)?.let { Base64.getDecoder().decode(it) }
            return when (client) {
                is MessageClient ->
                    path?.let { client.upload(name, Path.of(it), mediaType, contentType) }
                        ?: client.upload(name, checkNotNull(data), mediaType, contentType)

                is RobotClient ->
                    path?.let { client.upload(name, Path.of(it), mediaType, contentType) }
                        ?: client.upload(name, checkNotNull(data), mediaType, contentType)

                is CoroutineMessageClient -> runBlocking {
                    path?.let { client.upload(name, Path.of(it), mediaType, contentType) }
                        ?: client.upload(name, checkNotNull(data), mediaType, contentType)
                }

                is CoroutineRobotClient -> runBlocking {
                    path?.let { client.upload(name, Path.of(it), mediaType, contentType) }
                        ?: client.upload(name, checkNotNull(data), mediaType, contentType)
                }

                else -> error("$client brings no file")
            }
        }
    }
}
