package chat.wildfire.message

import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.charset.CharacterCodingException
import java.time.Duration
import java.util.function.Consumer

/**
 * Many messages on their way: feeds the native bulk as there is room, takes its outcomes, and cancels it when the thread
 * is interrupted. It is the loop `feed_all` of Rust's `src/bulk.rs`.
 *
 * @param requests nullable, because Java may give null.
 * @param isSized whether they are known to come to an end. Then each has an outcome, even after a stop; a source that
 * may be endless is left alone.
 */
internal class Bulk(
    native: NativeBulk,
    private val requests: Iterator<SendRequest?>,
    private val isSized: Boolean,
    private val progress: Consumer<BulkProgress>?,
) : AutoCloseable {
    private val native = InUse(native, "SendOutcomes")

    /** There are no more requests. */
    private var ended = false
    private var done = false
    private var cancelled = false
    private var fed = 0L
    private var told = 0L

    /** How many requests it takes in now. For the first ones there is room; its first answer says for how many more. */
    private var room = CHUNK

    /** How many are fed at once. */
    private var most = 1
    private var hasAnswered = false

    /** The outcome of all that were not begun: there may be millions. */
    private val notBegun by lazy {
        SendOutcome(MessageException.Interrupted("message/send", sent = false, attempts = 0))
    }

    /** Requests that cannot be handed over, by their places. */
    private val refused = HashMap<Long, MessageException>()

    /**
     * The outcomes that have come since the last time, perhaps none; null at the end. What a request or [progress]
     * throws ends it.
     */
    fun next(): List<SendOutcome>? {
        if (done) return null
        try {
            return native.use(::step)
        } catch (failure: Throwable) {
            close()
            throw failure
        }
    }

    /** Sends nothing more. */
    override fun close() = native.close()

    private fun step(native: NativeBulk): List<SendOutcome> {
        if (!cancelled && Thread.currentThread().isInterrupted) {
            cancelled = true
            crossing(NOTHING) { native.cancel() }
            end(native)
        }
        if (!ended && room > 0) feed(native)
        val isBusyElsewhere = !ended && (room > 0 || !hasAnswered)
        val news = crossing(NOTHING) { native.wait(if (isBusyElsewhere) Duration.ZERO else PATIENCE) }
        hasAnswered = true
        val outcomes = outcomes(news)
        news.progress?.let { progress?.accept(it) }
        if (news.stopped && !isSized) end(native)
        room = news.room
        if (!news.done || !ended) return outcomes
        done = true
        close()
        return if (cancelled && isSized) outcomes + neverTaken() else outcomes
    }

    /** After an interrupt there is no time to hand those over that are left. */
    private fun neverTaken(): List<SendOutcome> = requests.asSequence().map { notBegun }.toList()

    private fun end(native: NativeBulk) {
        if (ended) return
        ended = true
        crossing(NOTHING) { native.end() }
    }

    private fun feed(native: NativeBulk) {
        val chunk = ArrayList<SendRequest?>()
        val begun = System.nanoTime()
        var isLast = false
        var keepsUp = true
        while (!isLast && keepsUp && chunk.size < most && chunk.size < room) {
            if (requests.hasNext()) chunk += requests.next() else isLast = true
            keepsUp = System.nanoTime() - begun < MOMENT.toNanos()
        }
        most = if (keepsUp) (2 * most).coerceAtMost(CHUNK) else 1
        room -= chunk.size
        if (chunk.isNotEmpty()) feed(native, chunk)
        if (isLast) end(native)
    }

    private fun feed(native: NativeBulk, chunk: List<SendRequest?>) {
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

    private fun outcomes(news: BulkNews): List<SendOutcome> {
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
        /** So many requests are fed at once, of a source that keeps up: from one on, twice as many each time … */
        const val CHUNK = 256

        /** … and one again after a source took this long: what came is not to wait for what comes later. */
        val MOMENT: Duration = Duration.ofMillis(10)

        /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        const val BYTES_AN_OUTCOME = 16
        val NOTHING = emptyMap<String, Any>()
        val FAILS = SendRequest("", Conversation.single(""), MessagePayload(ContentType.TEXT))
    }
}
