// The methods are generated from those of the Rust sandbox and the records that they take.

package chat.wildfire.message

import java.time.Duration

/**
 * An embedded stand-in for a WildfireChat server, for tests and first steps without one. It listens on a loopback port
 * from its making until it is closed.
 *
 * It answers every endpoint of the message API as the server does, keeps what it was sent, tells what it received, and
 * fails when it is asked to. It runs on a thread of its own and may be used from many.
 *
 * ```kotlin
 * Sandbox().use { sandbox ->
 *     MessageClient(sandbox.baseUrl, "123456").use { client -> … }
 * }
 * ```
 *
 * @constructor Starts one. Fails with [SandboxException] when the port is taken.
 * @param secret the admin secret that its clients must know.
 * @param edition the edition of the server that it plays.
 * @param host the host name or address to listen on; the default is reached from this machine only.
 * @param port the port to listen on; 0 takes a free one.
 * @param rateLimit requests in 10 s before code 250, refilled continuously; 0 is no limit.
 * @param idleTimeout how long a connection may be idle before it is closed, as proxies do; null for ever, as on the
 * server.
 * @param serverVersion the version of the server that it plays, such as `1.2.4`; null for the newest. Since 1.3.2 a
 * message to a chatroom goes to `toUsers` alone; since 1.3.8 a payload over 65,536 is code 35, and `isUserMessage` asks
 * for the sender's rights.
 * @param store how its store for files takes them.
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
    private val native: InUse<NativeSandbox>

    /** The URL that a client of this machine is given, such as `http://127.0.0.1:41234`. */
    val baseUrl: String

    /** The port that it listens on. */
    val port: Int

    init {
        val sandbox = crossing(mapOf("secret" to secret, "host" to host, "server_version" to serverVersion)) {
            NativeSandbox(secret, SandboxOptions(edition, host, port, rateLimit, idleTimeout, serverVersion, store))
        }
        native = InUse(sandbox, "Sandbox")
        this.baseUrl = ask(NOTHING) { it.baseUrl() }
        this.port = ask(NOTHING) { it.port() }
    }

    /**
     * Gives the next request exactly this answer instead of the real one; the request is not executed.
     *
     * Answers and faults form one queue: each is for one request, to any endpoint, in the order of asking.
     */
    fun answerNext(answer: ScriptedAnswer) = ask(answer) { it.answerNext(answer) }

    /** Gives the next request this JSON instead of the real answer; it queues up like the other `answerNext`. */
    @JvmOverloads
    fun answerNext(body: String, status: Int = 200) =
        answerNext(ScriptedAnswer(status, listOf(Header("content-type", "application/json")), body.toByteArray()))

    /** Sets what `getConversationReadTimestamp` tells for this user and conversation. */
    fun setReadTimestamp(userId: String, conversation: Conversation, timestamp: Long) =
        ask(mapOf("user_id" to userId, "conversation" to conversation)) {
            it.setReadTimestamp(userId, conversation.kind, conversation.target, conversation.line, timestamp)
        }
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}

    /** Stops it and forgets everything; asking it anything afterwards fails with [IllegalStateException]. */
    override fun close() {
        // The native object stops when it is let go; stopping first is what waits for it.
        runCatching { stop() }
        native.close()
    }

    /** Says where it listens, and never the secret. */
    override fun toString(): String = "Sandbox($baseUrl)"

    /** [arguments] are looked at only to find the one that cannot be handed over. */
    private fun <R> ask(arguments: Any, question: (NativeSandbox) -> R): R =
        native.use { sandbox -> crossing(arguments) { question(sandbox) } }

    private companion object {
        val NOTHING = emptyMap<String, Any>()
    }
}

/** Why a [Sandbox] could not start or could not do what it was asked. */
class SandboxException internal constructor(message: String) : RuntimeException(message)

internal fun NativeSandboxException.translated(): SandboxException = when (this) {
    is NativeSandboxException.Failed -> SandboxException(reason)
}
