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
        this.baseUrl = ask { it.baseUrl() }
        this.port = ask { it.port() }
    }

    /**
     * The requests that arrived, oldest first: the newest 10,000, of 128 MiB at most. A request is here before it is
     * answered.
     */
    fun requests(): List<ReceivedRequest> = ask { it.requests() }

    /** Forgets the requests that arrived, those to the store too; messages, files and scripted answers stay. */
    fun clearRequests() = ask { it.clearRequests() }

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

    /**
     * Lets the next requests meet a fault, perhaps only those to one endpoint; it queues up like [answerNext]. Requests
     * to other endpoints pass it by.
     *
     * @param fault the fault.
     * @param times how many requests meet it.
     * @param endpoint only requests to this endpoint meet it, such as `message/send`; null for any.
     * @param delay how long a fault takes that takes time; null for 1 second.
     */
    @JvmOverloads
    fun failNext(fault: Fault, times: Int = 1, endpoint: String? = null, delay: Duration? = null) =
        FaultRule(fault, times, endpoint, delay).let { rule -> ask(rule) { it.fail(rule) } }

    /**
     * Lets requests meet faults by chance, those for which nothing is queued up, until [stopFailing]. Another time
     * replaces the first.
     *
     * @param faults the faults to draw from; naming one twice makes it twice as likely.
     * @param probability the probability, from 0 to 1, that a request meets one.
     * @param seed the same seed draws the same faults in the same order.
     * @param endpoint only requests to this endpoint meet them, such as `message/send`; null for any.
     * @param delay how long a fault takes that takes time; null for 1 second.
     */
    @JvmOverloads
    fun failRandomly(
        faults: List<Fault>,
        probability: Double,
        seed: Long = 0,
        endpoint: String? = null,
        delay: Duration? = null,
    ) = RandomFaults(faults, probability, seed, endpoint, delay).let { plan -> ask(plan) { it.failRandomly(plan) } }

    /** Forgets every fault and answer that still waits, those of the store too, and makes none by chance any more. */
    fun stopFailing() = ask { it.stopFailing() }

    /**
     * Closes the port and every idle connection for a while: new connections are refused. It is closed when this comes
     * back. Calls under way go on.
     */
    fun refuseConnections(duration: Duration) = ask { it.refuseConnections(duration) }

    /** The files in the store, the one brought last at the end: the newest 1,000, of 128 MiB at most. */
    fun files(): List<StoredFile> = ask { it.files() }

    /**
     * The requests that brought files to the store, oldest first, without the files. They are not among [requests].
     */
    fun storeRequests(): List<ReceivedRequest> = ask { it.storeRequests() }

    /**
     * Lets the next requests to the store meet a fault, those to the back-up store too.
     *
     * @param fault the fault.
     * @param times how many requests meet it.
     * @param delay how long a fault takes that takes time; null for 1 second.
     */
    @JvmOverloads
    fun failStore(fault: StoreFault, times: Int = 1, delay: Duration? = null) =
        ask { it.failStore(fault, times, delay) }

    /**
     * How many calls made or changed this message: 1 for the call that sent it, 1 more for each update, recall or
     * delete that found it. 0 for a uid that never was.
     */
    fun executions(messageUid: Long): Long = ask { it.executions(messageUid) }

    /** The uids of all messages kept, deleted and unstored ones too, oldest first. */
    fun messageUids(): List<Long> = ask { it.messageUids() }

    /**
     * The uids of the messages that were made with this searchable content, deleted and unstored ones too, in the order
     * of arrival. Two for one call is a call that was executed twice.
     */
    fun messagesWithText(searchableContent: String): List<Long> =
        ask(mapOf("searchable_content" to searchableContent)) { it.messagesWithText(searchableContent) }

    /**
     * The uids of the messages that a user sent or got and has not cleared, oldest first. Messages to groups, channels
     * and chatrooms reach every user, or those they name.
     */
    fun messagesOfUser(userId: String): List<Long> = ask(mapOf("user_id" to userId)) { it.messagesOfUser(userId) }

    /** Sets what `getConversationReadTimestamp` tells for this user and conversation. */
    fun setReadTimestamp(userId: String, conversation: Conversation, timestamp: Long) =
        ask(mapOf("user_id" to userId, "conversation" to conversation)) {
            it.setReadTimestamp(userId, conversation.kind, conversation.target, conversation.line, timestamp)
        }

    /** Sets what `getDeliveryTimestamp` tells for this user. */
    fun setDeliveryTimestamp(userId: String, timestamp: Long) =
        ask(mapOf("user_id" to userId)) { it.setDeliveryTimestamp(userId, timestamp) }

    /**
     * Closes the port and every connection, and comes back when they are closed. What was received can still be asked
     * for, until [close].
     */
    fun stop() = ask { it.stop() }

    /** Stops it and forgets everything; asking it anything afterwards fails with [IllegalStateException]. */
    override fun close() {
        // The native object stops when it is let go; stopping first is what waits for it.
        runCatching { stop() }
        native.close()
    }

    /** Says where it listens, and never the secret. */
    override fun toString(): String = "Sandbox($baseUrl)"

    private fun <R> ask(arguments: Any = emptyMap<String, Any>(), question: (NativeSandbox) -> R): R =
        native.use { sandbox -> crossing(arguments) { question(sandbox) } }
}

/** Why a [Sandbox] could not start or could not do what it was asked. */
class SandboxException internal constructor(message: String) : RuntimeException(message)

internal fun NativeSandboxException.translated(): SandboxException = when (this) {
    is NativeSandboxException.Failed -> SandboxException(reason)
}
