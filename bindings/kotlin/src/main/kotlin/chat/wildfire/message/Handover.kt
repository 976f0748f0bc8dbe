package chat.wildfire.message

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException

/** Hands the requests of one bulk over to the native library, and reads what it tells of them. */
internal class Handover {
    private var fed = 0L
    private var told = 0L

    /** Whether there is an outcome of all that were handed over. */
    val isAllTold get() = told == fed

    /** The outcome of all that were not begun: there may be millions. */
    val notBegun by lazy {
        SendOutcome(MessageException.Interrupted("message/send", sent = false, attempts = 0))
    }

    /** Requests that cannot be handed over, by their places. */
    private val refused = HashMap<Long, MessageException>()

    /** @param chunk nullable, because Java may give null. */
    fun feed(native: NativeBulk, chunk: List<SendRequest?>) {
        @Suppress("UNCHECKED_CAST")
        fun handOver(requests: List<SendRequest?>) = crossing(NOTHING) { native.feed(requests as List<SendRequest>) }
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
        val NOTHING = emptyMap<String, Any>()
        val FAILS = SendRequest("", Conversation.single(""), MessagePayload(ContentType.TEXT))
    }
}
