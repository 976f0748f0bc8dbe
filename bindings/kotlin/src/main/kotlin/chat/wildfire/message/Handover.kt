package chat.wildfire.message

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException
import java.time.Duration

/** Hands the requests of one bulk over to the native library, and reads what it tells of them. */
internal class Handover(native: NativeBulk, private val log: CallLog) {
    /** What each message asks the server. */
    private val endpoint = crossing(NOTHING) { native.endpoint() }
    private var fed = 0L
    private var told = 0L

    /** Whether there is an outcome of all that were handed over. */
    val isAllTold get() = told == fed

    /** The outcome of all that were not begun: there may be millions. */
    val notBegun by lazy {
        SendOutcome(MessageException.Interrupted(endpoint, sent = false, attempts = 0))
    }

    /** Requests that cannot be handed over, by their places. */
    private val refused = HashMap<Long, MessageException>()

    /**
     * @param chunk nullable, because Java may give null.
     * @param inTime whether the source gave them within the time that the native bulk has named.
     */
    fun feed(native: NativeBulk, chunk: List<SendRequest?>, inTime: Boolean) {
        @Suppress("UNCHECKED_CAST")
        fun handOver(requests: List<SendRequest?>) =
            crossing(NOTHING) { native.feed(requests as List<SendRequest>, inTime) }
        try {
            handOver(chunk)
        } catch (_: CharacterCodingException) {
            handOver(passable(chunk))
        } catch (_: NullPointerException) {
            handOver(passable(chunk))
        }
        fed += chunk.size
    }

    /** The requests, with one that fails for certain in place of each that cannot be handed over: it fails alone. */
    private fun passable(chunk: List<SendRequest?>): List<SendRequest> = chunk.mapIndexed { index, request ->
        val refusal = when (request) {
            null -> MessageException.InvalidArgument("request", "it is null")
            else -> unpassable(request)
        }
        if (refusal != null) refused[fed + index] = refusal
        if (request == null || refusal != null) FAILS else request
    }

    /** The outcomes that [news] brings, in their order. */
    fun outcomes(news: BulkNews): List<SendOutcome> {
        val packed = ByteBuffer.wrap(news.sent).order(ByteOrder.LITTLE_ENDIAN)
        val failures = news.failures.associateBy { it.index }
        return List(news.sent.size / BYTES_AN_OUTCOME) {
            val (uid, timestamp) = packed.getLong() to packed.getLong()
            val index = told++
            when (val failure = failures[index]) {
                null -> SendOutcome(SentMessage(uid, timestamp))
                else -> failed(index, failure.error)
            }
        }
    }

    /** Ends the bulk, so that nothing is sent any more: the outcomes that were not told. */
    fun end(native: NativeBulk): List<SendOutcome> {
        val rest = ArrayList<SendOutcome>()
        crossing(NOTHING) { native.cancel() }
        do {
            val news = crossing(NOTHING) { native.wait(PATIENCE) }
            rest += outcomes(news)
            log.say(news.lines)
        } while (!news.done)
        return rest
    }

    /** What says of messages that were given up what became of each. */
    fun interrupted(outcomes: List<SendOutcome>): MessageException.Interrupted {
        val cutOff = outcomes.mapNotNull { it.error as? MessageException.Interrupted }
        val attempts = cutOff.maxOfOrNull { it.attempts } ?: 0
        return MessageException.Interrupted(endpoint, cutOff.any { it.sent }, attempts).with(outcomes)
    }

    private fun failed(index: Long, error: NativeMessageException): SendOutcome {
        val refusal = refused.remove(index)
        return when {
            refusal != null && error is NativeMessageException.InvalidArgument -> SendOutcome(refusal)
            error is NativeMessageException.Interrupted && error.attempts == 0 && !error.sent -> notBegun
            else -> SendOutcome(error.translated())
        }
    }

    private companion object {
        const val BYTES_AN_OUTCOME = 16

        /** How long to wait for the end at a time. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        val NOTHING = emptyMap<String, Any>()
        val FAILS = SendRequest("", Conversation.single(""), MessagePayload(ContentType.TEXT))
    }
}
