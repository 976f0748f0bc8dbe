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
    private val log: CallLog,
) : AutoCloseable {
    private val native = InUse(native, "SendOutcomes")
    private val handover = Handover(native, log)

    /** There are no more requests. */
    private var ended = false
    private var done = false
    private var cancelled = false

    /** How many requests the native bulk takes in next; its first answer says that for the first ones too. */
    private var wanted = 0

    /** How long the source may take to give these. */
    private var within = Duration.ZERO

    /** Outcomes that have come and that nobody has. */
    private var fresh: List<SendOutcome> = emptyList()

    /** Requests that were taken from the source and not yet fed. */
    private val chunk = ArrayList<SendRequest?>()

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
        if (!ended && wanted > 0) feed(native)
        val news = crossing(NOTHING) { native.wait(PATIENCE) }
        fresh = handover.outcomes(news)
        log.say(news.lines)
        news.progress?.let { progress?.accept(it) }
        if (news.stopped && !isSized) end(native)
        wanted = news.wanted
        within = news.within
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
        var inTime = true
        while (!isLast && inTime && chunk.size < wanted) {
            if (requests.hasNext()) chunk += requests.next() else isLast = true
            inTime = System.nanoTime() - begun < within.toNanos()
        }
        if (chunk.isNotEmpty()) handover.feed(native, chunk, inTime)
        chunk.clear()
        if (isLast) end(native)
    }

    private companion object {
        /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        val NOTHING = emptyMap<String, Any>()
    }
}
