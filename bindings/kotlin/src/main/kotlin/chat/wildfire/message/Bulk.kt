package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/**
 * Many messages on their way: feeds the native bulk as there is room, takes its outcomes, and cancels it when the
 * thread is interrupted. It is the loop `feed_all` of Rust's `src/bulk`.
 *
 * @param requests nullable, because Java may give null.
 * @param isSized whether the number of requests is known. Then each of them has an outcome, even after a stop; a source
 * that may be endless is not read further.
 */
internal class Bulk(
    native: NativeBulk,
    private val requests: Iterator<SendRequest?>,
    private val isSized: Boolean,
    private val progress: Consumer<BulkProgress>?,
    private val log: CallLog,
) : AutoCloseable {
    private val native = NativeHolder(native, "SendOutcomes")
    private val transfer = BulkTransfer(native, log)

    /** There are no more requests. */
    private var ended = false
    private var done = false
    private var cancelled = false

    /** How many requests the native bulk takes in next; its first answer says that for the first ones too. */
    private var wanted = 0

    /** How long the source may take to give these requests. */
    private var within = Duration.ZERO

    /** Outcomes that have arrived and have not been returned. */
    private var newOutcomes: List<SendOutcome> = emptyList()

    /** Requests that were taken from the source and not yet fed. */
    private val chunk = ArrayList<SendRequest?>()

    /**
     * The outcomes that have arrived since the last call, perhaps none; null at the end. An exception of a request or
     * of [progress] ends the sending, and contains the outcomes since the last call.
     */
    fun next(): List<SendOutcome>? {
        if (done) return null
        try {
            return native.use { bulk ->
                step(bulk)
                newOutcomes.also { newOutcomes = emptyList() }
            }
        } catch (failure: Throwable) {
            failure.addSuppressed(transfer.interrupted(giveUp()))
            throw failure
        }
    }

    /** Ends the sending and returns the outcomes that have not been returned. */
    private fun giveUp(): List<SendOutcome> = try {
        native.use { bulk -> newOutcomes + transfer.end(bulk) + chunk.map { transfer.notStarted } }
    } catch (_: RuntimeException) {
        // It is closed, or cannot be used any more.
        newOutcomes
    } finally {
        done = true
        close()
    }

    /** Ends the sending. */
    override fun close() = native.close()

    private fun step(native: NativeBulk) {
        if (!cancelled && Thread.currentThread().isInterrupted) {
            cancelled = true
            translatingErrors(NO_ARGUMENTS) { native.cancel() }
            end(native)
        }
        if (!ended && wanted > 0) feed(native)
        val news = translatingErrors(NO_ARGUMENTS) { native.wait(PATIENCE) }
        newOutcomes = transfer.outcomes(news)
        log.say(news.lines)
        news.progress?.let { progress?.accept(it) }
        if (news.stopped && !isSized) end(native)
        wanted = news.wanted
        within = news.within
        if (!news.done || !ended) return
        if (cancelled && isSized) newOutcomes += outcomesOfTheRest()
        done = true
        close()
    }

    /** After an interrupt there is no time to pass the remaining requests to the library. */
    private fun outcomesOfTheRest(): List<SendOutcome> = requests.asSequence().map { transfer.notStarted }.toList()

    private fun end(native: NativeBulk) {
        if (ended) return
        ended = true
        translatingErrors(NO_ARGUMENTS) { native.end() }
    }

    private fun feed(native: NativeBulk) {
        val begun = System.nanoTime()
        var isLast = false
        var inTime = true
        while (!isLast && inTime && chunk.size < wanted) {
            if (requests.hasNext()) chunk += requests.next() else isLast = true
            inTime = System.nanoTime() - begun < within.toNanos()
        }
        if (chunk.isNotEmpty()) transfer.feed(native, chunk, inTime)
        chunk.clear()
        if (isLast) end(native)
    }

    private companion object {
        /** How long to wait for news at a time, and so the longest time until an interrupt is noticed. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}
