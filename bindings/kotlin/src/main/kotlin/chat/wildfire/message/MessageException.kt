package chat.wildfire.message

import java.time.Duration

/**
 * Why a call failed, and whether the server may have acted all the same: one subclass for each thing that a caller
 * does differently.
 *
 * [message] is one plain sentence that names the endpoint. Neither it nor a property holds the secret or the
 * request's body.
 */
sealed class MessageException private constructor(private val native: NativeMessageException) : RuntimeException() {
    // Asked only when somebody wants to know: a bulk that ends early makes thousands of these.
    /** One plain sentence that names the endpoint. */
    override val message: String get() = native.sentence()

    /**
     * Whether the server may have acted although the call failed. Where it may, repeat a sending call only if a
     * second message does no harm.
     */
    @get:JvmName("mayHaveExecuted")
    val mayHaveExecuted: Boolean get() = native.mayHaveExecuted()

    /**
     * The arguments can never work; nothing was sent.
     *
     * @property argument the argument, as a path: `payload.remote_media_url`, `targets[2]`.
     * @property reason what is wrong with it.
     */
    class InvalidArgument(val argument: String, val reason: String) :
        MessageException(NativeMessageException.InvalidArgument(argument, reason))

    /**
     * The server was not reached: connection refused, no such host, TLS failed, no connection in time; or somebody in
     * front of it refused to pass the request on: a redirect, a proxy that wants a password. Nothing was executed.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property attempts how often it was tried.
     * @property reason what the last attempt met.
     */
    class Unreachable(val endpoint: String, val attempts: Int, val reason: String) :
        MessageException(NativeMessageException.Unreachable(endpoint, attempts, reason))

    /**
     * The server takes no more calls for now (code 250 or HTTP 429), or the client's own `rateLimit` left no turn
     * within the total time-out; this call was not executed.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property attempts how often it was tried; 0 where the client's own limit left no turn.
     * @property msg the server's own words, or which limit it was.
     */
    class RateLimited(val endpoint: String, val attempts: Int, val msg: String) :
        MessageException(NativeMessageException.RateLimited(endpoint, attempts, msg))

    /**
     * The server does not accept the signature (codes 239, 243, 244; HTTP 401): nothing was executed.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property code the server's code, or the HTTP status where it gave none.
     * @property msg the server's own words.
     * @property attempts how often it was tried.
     * @property clockOffset by how many milliseconds this machine's clock is ahead of the answer's date, behind where
     * it is negative. Only for code 243, and where the answer has a date.
     */
    class Unauthorized @JvmOverloads constructor(
        val endpoint: String,
        val code: Int,
        val msg: String,
        val attempts: Int = 1,
        val clockOffset: Long? = null,
    ) : MessageException(NativeMessageException.Unauthorized(endpoint, code, msg, attempts, clockOffset))

    /**
     * The server answered with an error code. Most prove that nothing was executed; codes 4, 222, 249, 252, 255 and those
     * that nobody knows do not.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property code the server's code; [ErrorCode] names the known ones.
     * @property msg the server's own words.
     * @property attempts how often it was tried.
     */
    class Rejected @JvmOverloads constructor(
        val endpoint: String,
        val code: Int,
        val msg: String,
        val attempts: Int = 1,
    ) : MessageException(NativeMessageException.Rejected(endpoint, code, msg, attempts))

    /**
     * This server, or its edition, does not have the endpoint (its own HTTP 500 without a text, or 404); nothing was
     * executed.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property attempts how often it was tried.
     */
    class NotSupported @JvmOverloads constructor(val endpoint: String, val attempts: Int = 1) :
        MessageException(NativeMessageException.NotSupported(endpoint, attempts))

    /**
     * The server could not read the request (its own HTTP 500 with a text, or 400; HTTP 413 of anybody); nothing was
     * executed.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property status the HTTP status.
     * @property body the beginning of the server's text.
     * @property attempts how often it was tried.
     */
    class BadRequest @JvmOverloads constructor(
        val endpoint: String,
        val status: Int,
        val body: String,
        val attempts: Int = 1,
    ) : MessageException(NativeMessageException.BadRequest(endpoint, status, body, attempts))

    /**
     * The answer did not come in time; whether the server acted is unknown.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property attempts how often it was tried.
     * @property elapsed how long the call took.
     */
    class TimedOut(val endpoint: String, val attempts: Int, val elapsed: Duration) :
        MessageException(NativeMessageException.TimedOut(endpoint, attempts, elapsed))

    /**
     * The connection was reset or closed after the request left; whether the server acted is unknown.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property attempts how often it was tried.
     * @property reason what happened to the connection.
     */
    class ConnectionLost(val endpoint: String, val attempts: Int, val reason: String) :
        MessageException(NativeMessageException.ConnectionLost(endpoint, attempts, reason))

    /**
     * The answer is not one of this API, or not the server's own word: HTML, cut JSON, wrong types, too large, HTTP 502 to
     * 504, a gateway's HTTP 500. Whether the server acted is unknown.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property status the HTTP status.
     * @property reason what is wrong with the answer.
     * @property body the beginning of the answer.
     * @property attempts how often it was tried.
     */
    class InvalidResponse @JvmOverloads constructor(
        val endpoint: String,
        val status: Int,
        val reason: String,
        val body: String,
        val attempts: Int = 1,
    ) : MessageException(NativeMessageException.InvalidResponse(endpoint, status, reason, body, attempts))

    /**
     * The call was given up. Mostly because its thread was interrupted: then it is thrown, and the thread's interrupt
     * flag is still set. A call that had come to its end meanwhile gives its answer or its error instead, with the flag
     * set.
     *
     * What a source of messages, a callback or a collector throws, and what ends a coroutine, comes out as it is; among
     * its suppressed exceptions is one of these, with the [outcomes] that nobody has yet: [of] finds it.
     *
     * @property endpoint the endpoint, such as `message/send`.
     * @property sent whether a request had left whose fate nobody knows.
     * @property attempts how often it was tried.
     */
    class Interrupted @JvmOverloads constructor(val endpoint: String, val sent: Boolean, val attempts: Int = 1) :
        MessageException(NativeMessageException.Interrupted(endpoint, sent, attempts)) {
        @Transient
        private var told: List<SendOutcome>? = null

        /**
         * Of many messages in one call what became of each that was taken in, in their order, less those that were
         * given out already. Empty for other calls.
         */
        val outcomes: List<SendOutcome> get() = told.orEmpty()

        internal fun with(outcomes: List<SendOutcome>) = apply { told = outcomes }

        /** To find it in what ended a call. */
        companion object {
            /** What [failure] says of the messages whose sending it ended; null where none were under way. */
            @JvmStatic
            fun of(failure: Throwable): Interrupted? =
                failure as? Interrupted ?: failure.suppressed.firstNotNullOfOrNull { it as? Interrupted }
                    ?: failure.cause?.takeIf { it !== failure }?.let(::of)
        }
    }
}

/** The one place where the native library's errors become ours. */
internal fun NativeMessageException.translated(): MessageException = when (this) {
    is NativeMessageException.InvalidArgument -> MessageException.InvalidArgument(argument, reason)

    is NativeMessageException.Unreachable -> MessageException.Unreachable(endpoint, attempts, reason)

    is NativeMessageException.RateLimited -> MessageException.RateLimited(endpoint, attempts, msg)

    is NativeMessageException.Unauthorized -> MessageException.Unauthorized(endpoint, code, msg, attempts, clockOffset)

    is NativeMessageException.Rejected -> MessageException.Rejected(endpoint, code, msg, attempts)

    is NativeMessageException.NotSupported -> MessageException.NotSupported(endpoint, attempts)

    is NativeMessageException.BadRequest -> MessageException.BadRequest(endpoint, status, body, attempts)

    is NativeMessageException.TimedOut -> MessageException.TimedOut(endpoint, attempts, elapsed)

    is NativeMessageException.ConnectionLost -> MessageException.ConnectionLost(endpoint, attempts, reason)

    is NativeMessageException.InvalidResponse ->
        MessageException.InvalidResponse(endpoint, status, reason, body, attempts)

    is NativeMessageException.Interrupted -> MessageException.Interrupted(endpoint, sent, attempts)

    is NativeMessageException.Pending -> error("the slice loop lets no Pending out")
}
