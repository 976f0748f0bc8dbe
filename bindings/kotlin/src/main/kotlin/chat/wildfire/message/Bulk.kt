package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/**
 * Many messages on their way: feeds the native bulk as there is room, takes its outcomes, and cancels it when the thread
 * is interrupted. It is the loop `feed_all` of Rust's `src/bulk`.
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
    private val handover = Handover()

    /** There are no more requests. */
    private var ended = false
    private var done = false
    private var cancelled = false

    /** How many requests it takes in now. For the first ones there is room; its first answer says for how many more. */
    private var room = CHUNK

    /** Outcomes that have come and that nobody has. */
    private var fresh: List<SendOutcome> = emptyList()

    /** Requests that were taken from the source and not yet fed. */
    private val chunk = ArrayList<SendRequest?>()

    /** How many are fed at once. */
    private var most = 1
    private var hasAnswered = false

    /**
     * The outcomes that have come since the last time, perhaps none; null at the end. What a request or [progress]
     * throws ends it, and has with it what became of the messages since the last time.
     */
    fun next(): List<SendOutcome>? {
        if (done) return null
        try {
            return native.use { bulk ->
                step(bulk)
                fresh.also { fresh = emptyList() }
            }
        } catch (failure: Throwable) {
            failure.addSuppressed(handover.interrupted(giveUp()))
            throw failure
        }
    }

    /** Ends it; the outcomes that nobody has. */
    private fun giveUp(): List<SendOutcome> = try {
        native.use { bulk -> fresh + handover.end(bulk) + chunk.map { handover.notBegun } }
    } catch (_: RuntimeException) {
        // It is closed, or cannot be asked any more.
        fresh
    } finally {
        done = true
        close()
    }

    /** Sends nothing more. */
    override fun close() = native.close()

    private fun step(native: NativeBulk) {
        if (!cancelled && Thread.currentThread().isInterrupted) {
            cancelled = true
            crossing(NOTHING) { native.cancel() }
            end(native)
        }
        if (!ended && room > 0) feed(native)
        val isBusyElsewhere = !ended && (room > 0 || !hasAnswered)
        val news = crossing(NOTHING) { native.wait(if (isBusyElsewhere) Duration.ZERO else PATIENCE) }
        hasAnswered = true
        fresh = handover.outcomes(news)
        news.progress?.let { progress?.accept(it) }
        if (news.stopped && !isSized) end(native)
        room = news.room
        if (!news.done || !ended) return
        if (cancelled && isSized) fresh += neverTaken()
        done = true
        close()
    }

    /** After an interrupt there is no time to hand those over that are left. */
    private fun neverTaken(): List<SendOutcome> = requests.asSequence().map { handover.notBegun }.toList()

    private fun end(native: NativeBulk) {
        if (ended) return
        ended = true
        crossing(NOTHING) { native.end() }
    }

    private fun feed(native: NativeBulk) {
        val begun = System.nanoTime()
        var isLast = false
        var keepsUp = true
        while (!isLast && keepsUp && chunk.size < most && chunk.size < room) {
            if (requests.hasNext()) chunk += requests.next() else isLast = true
            keepsUp = System.nanoTime() - begun < MOMENT.toNanos()
        }
        most = if (keepsUp) (2 * most).coerceAtMost(CHUNK) else 1
        room -= chunk.size
        if (chunk.isNotEmpty()) handover.feed(native, chunk)
        chunk.clear()
        if (isLast) end(native)
    }

    private companion object {
        /** So many requests are fed at once, of a source that keeps up: from one on, twice as many each time … */
        const val CHUNK = 256

        /** … and one again after a source took this long: what came is not to wait for what comes later. */
        val MOMENT: Duration = Duration.ofMillis(10)

        /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        val NOTHING = emptyMap<String, Any>()
    }
}
