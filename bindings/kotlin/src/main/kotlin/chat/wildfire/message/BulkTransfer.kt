package chat.wildfire.message

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException
import java.time.Duration

/** Passes the requests of one bulk to the native library, and reads their outcomes. */
internal class BulkTransfer(native: NativeBulk, private val log: CallLog) {
    /** The endpoint of its messages. */
    private val endpoint = translatingErrors(NO_ARGUMENTS) { native.endpoint() }
    private var requestCount = 0L
    private var outcomeCount = 0L

    /** Whether every request that was passed on has its outcome. */
    val hasAllOutcomes get() = outcomeCount == requestCount

    /** The outcome of all requests that were not started, made once because there may be millions. */
    val notStarted by lazy {
        SendOutcome(MessageException.Interrupted(endpoint, sent = false, attempts = 0))
    }

    /** The errors of the requests that cannot be passed on, by the numbers of the requests. */
    private val refused = HashMap<Long, MessageException>()

    /**
     * @param chunk nullable, because Java may give null.
     * @param inTime whether the source gave them within the time that the native bulk has named.
     */
    fun feed(native: NativeBulk, chunk: List<SendRequest?>, inTime: Boolean) {
        @Suppress("UNCHECKED_CAST")
        fun feedNative(requests: List<SendRequest?>) =
            translatingErrors(NO_ARGUMENTS) { native.feed(requests as List<SendRequest>, inTime) }
        try {
            feedNative(chunk)
        } catch (_: CharacterCodingException) {
            feedNative(replaceUnencodable(chunk))
        } catch (_: NullPointerException) {
            feedNative(replaceUnencodable(chunk))
        }
        requestCount += chunk.size
    }

    /**
     * The requests, in which each request that cannot be passed on is replaced by one that certainly fails, so that
     * only this one fails.
     */
    private fun replaceUnencodable(chunk: List<SendRequest?>): List<SendRequest> = chunk.mapIndexed { index, request ->
        val refusal = when (request) {
            null -> MessageException.InvalidArgument("request", "it is null")
            else -> unencodable(request)
        }
        if (refusal != null) refused[requestCount + index] = refusal
        if (request == null || refusal != null) PLACEHOLDER else request
    }

    /** The outcomes in [news], in their order. */
    fun outcomes(news: BulkNews): List<SendOutcome> {
        val packed = ByteBuffer.wrap(news.sent).order(ByteOrder.LITTLE_ENDIAN)
        val failures = news.failures.associateBy { it.index }
        return List(news.sent.size / BYTES_AN_OUTCOME) {
            val (uid, timestamp) = packed.getLong() to packed.getLong()
            val index = outcomeCount++
            when (val failure = failures[index]) {
                null -> SendOutcome(SentMessage(uid, timestamp))
                else -> failed(index, failure.error)
            }
        }
    }

    /** Ends the bulk, so that nothing is sent any more: the outcomes that were still missing. */
    fun end(native: NativeBulk): List<SendOutcome> {
        val rest = ArrayList<SendOutcome>()
        translatingErrors(NO_ARGUMENTS) { native.cancel() }
        do {
            val news = translatingErrors(NO_ARGUMENTS) { native.wait(PATIENCE) }
            rest += outcomes(news)
            log.say(news.lines)
        } while (!news.done)
        return rest
    }

    /** The error with the outcomes of messages that were given up. */
    fun interrupted(outcomes: List<SendOutcome>): MessageException.Interrupted = interrupted(endpoint, outcomes)

    private fun failed(index: Long, error: NativeMessageException): SendOutcome {
        val refusal = refused.remove(index)
        return when {
            refusal != null && error is NativeMessageException.InvalidArgument -> SendOutcome(refusal)
            error is NativeMessageException.Interrupted && error.attempts == 0 && !error.sent -> notStarted
            else -> SendOutcome(error.translated())
        }
    }

    private companion object {
        const val BYTES_AN_OUTCOME = 16

        /** How long to wait for the end at a time. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        val NO_ARGUMENTS = emptyMap<String, Any>()
        val PLACEHOLDER = SendRequest("", Conversation.single(""), MessagePayload(ContentType.TEXT))
    }
}

/** The error with the outcomes of the messages to [endpoint] that were given up. */
internal fun interrupted(endpoint: String, outcomes: List<SendOutcome>): MessageException.Interrupted {
    val interrupted = outcomes.mapNotNull { it.error as? MessageException.Interrupted }
    val attempts = interrupted.maxOfOrNull { it.attempts } ?: 0
    return MessageException.Interrupted(endpoint, interrupted.any { it.sent }, attempts).with(outcomes)
}
