// The methods are generated from those of the Rust sandbox and the records that they take.

package chat.wildfire.message

import java.time.Duration

/**
 * An embedded stand-in for a WildfireChat server, for tests and first steps without one. It listens on a loopback port
 * from its creation until it is closed.
 *
 * It answers every endpoint of the message API as the server does, keeps the messages, reports the requests that it
 * received, and fails on demand. It runs on a thread of its own, and any number of threads may use it.
 *
 * ```kotlin
 * Sandbox().use { sandbox ->
 *     MessageClient(sandbox.baseUrl, "123456").use { client -> … }
 * }
 * ```
 *
 * @constructor Starts a sandbox. Fails with [SandboxException] if the port is in use.
 * @param secret the admin secret that its clients must know.
 * @param edition the edition of the server that it imitates.
 * @param host the host name or address to listen on; with the default, only this machine reaches it.
 * @param port the port to listen on; 0 takes a free port.
 * @param rateLimit how many requests in 10 s it accepts before it answers with code 250, refilled continuously; 0 for
 * no limit.
 * @param idleTimeout how long a connection may be idle before it is closed, as proxies do; null for no limit, as on the
 * server.
 * @param serverVersion the version of the server that it imitates, such as `1.2.4`; null for the newest. Since 1.3.2 a
 * message to a chatroom goes only to `toUsers`; since 1.3.8 a payload of more than 65,536 is refused with code 35, and
 * with `isUserMessage` the sender's rights are checked.
 * @param store how its file store accepts files.
 */
class Sandbox @JvmOverloads constructor(
    secret: String = "123456",
    edition: Edition = Edition.PROFESSIONAL,
    host: String = "127.0.0.1",
    port: Int = 0,
    rateLimit: Int = 10_000,
    idleTimeout: Duration? = null,
    serverVersion: String? = null,
    store: StoreKind = StoreKind.PUT,
) : AutoCloseable {
    private val native: NativeHolder<NativeSandbox>

    /** The URL for clients on this machine, such as `http://127.0.0.1:41234`. */
    val baseUrl: String

    /** The port on which it listens. */
    val port: Int

    init {
        val sandbox = translatingErrors(mapOf("secret" to secret, "host" to host, "server_version" to serverVersion)) {
            NativeSandbox(secret, SandboxOptions(edition, host, port, rateLimit, idleTimeout, serverVersion, store))
        }
        native = NativeHolder(sandbox, "Sandbox")
        this.baseUrl = ask(NO_ARGUMENTS) { it.baseUrl() }
        this.port = ask(NO_ARGUMENTS) { it.port() }
    }

    /**
     * Gives the next request exactly this answer instead of the real one; the request is not executed.
     *
     * Answers and faults form one queue: each is for one request to any endpoint, in the order of the calls.
     */
    fun answerNext(answer: ScriptedAnswer) = ask(answer) { it.answerNext(answer) }

    /**
     * Gives the next request this JSON instead of the real answer; it waits in the same queue as the other
     * `answerNext`.
     */
    @JvmOverloads
    fun answerNext(body: String, status: Int = 200) =
        answerNext(ScriptedAnswer(status, listOf(Header("content-type", "application/json")), body.toByteArray()))

    /** Sets the time that `getConversationReadTimestamp` returns for this user and conversation. */
    fun setReadTimestamp(userId: String, conversation: Conversation, timestamp: Long) =
        ask(mapOf("user_id" to userId, "conversation" to conversation)) {
            it.setReadTimestamp(userId, conversation.kind, conversation.target, conversation.line, timestamp)
        }
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}

    /** Stops it and forgets everything; every later call fails with [IllegalStateException]. */
    override fun close() {
        // The native object stops when it is let go; stopping first is what waits for it.
        runCatching { stop() }
        native.close()
    }

    /** The URL at which it listens; never the secret. */
    override fun toString(): String = "Sandbox($baseUrl)"

    /** [arguments] are only used to find the argument that cannot be passed to the native library. */
    private fun <R> ask(arguments: Any, question: (NativeSandbox) -> R): R =
        native.use { sandbox -> translatingErrors(arguments) { question(sandbox) } }

    private companion object {
        val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}

/** Why a [Sandbox] could not start or could not do what it was asked. */
class SandboxException internal constructor(message: String) : RuntimeException(message)

internal fun NativeSandboxException.translated(): SandboxException = when (this) {
    is NativeSandboxException.Failed -> SandboxException(reason)
}
