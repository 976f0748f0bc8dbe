@file:JvmName("SendingFlows")

package chat.wildfire.message

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.channels.ChannelResult
import kotlinx.coroutines.channels.ReceiveChannel
import kotlinx.coroutines.channels.SendChannel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import java.time.Duration
import java.util.function.Consumer

/**
 * Sends the messages of a flow, as the other `sendEach` do, and gives each outcome out in their order. It needs
 * `kotlinx-coroutines-core`, which the library does not bring along.
 *
 * Nothing is sent before the outcomes are collected, and each collection sends the messages again. [requests] are
 * collected where the outcomes are, only as there is room: never more than 8192 ahead of the outcomes, and 256 that wait
 * for their turn. Each is sent and told of as soon as it is there, however long the next one takes. What waits for the
 * server waits on [Dispatchers.IO]; a flow of requests that blocks its thread itself belongs on it too, by `flowOn`.
 *
 * Cancelling the collecting coroutine ends it within a fifth of a second: requests under way are dropped, and nothing is
 * sent once the coroutine has completed. So does collecting only some of the outcomes, as `take` does, and so does what
 * [requests], the collector or [progress] throw, which the collecting coroutine gets. What ends it tells by
 * [MessageException.Interrupted.of] what became of the messages whose outcomes were not collected, from the one on that
 * was being collected.
 *
 * @param requests the messages; there may be no end to them.
 * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
 * server that takes nothing is waited for; null for the defaults.
 * @param progress is told in the collecting coroutine how it goes, ten times a second at the most; null for nobody.
 */
// No member of `MessageClient`: whoever looks at its methods by reflection would need coroutines then. And Java has no
// flows.
@JvmSynthetic
fun MessageClient.sendEach(
    requests: Flow<SendRequest>,
    options: BulkOptions? = null,
    progress: Consumer<BulkProgress>? = null,
): Flow<SendOutcome> = sending(requests, progress, log) { beginBulk(options, size = null) }

/**
 * Sends the messages of a flow as that of [MessageClient] does; the robot sends them, whatever sender a request names. It
 * needs `kotlinx-coroutines-core`, which the library does not bring along.
 *
 * @param requests the messages; there may be no end to them.
 * @param options how many at once, how many a second, what ends it early, whether any order will do, and how long a
 * server that takes nothing is waited for; null for the defaults.
 * @param progress is told in the collecting coroutine how it goes, ten times a second at the most; null for nobody.
 */
@JvmSynthetic
fun RobotClient.sendEach(
    requests: Flow<SendRequest>,
    options: BulkOptions? = null,
    progress: Consumer<BulkProgress>? = null,
): Flow<SendOutcome> = sending(requests, progress, log) { beginBulk(options, size = null) }

/** @param isSized whether all requests have an outcome, even after a stop. */
// Internal functions are public to Java.
@JvmSynthetic
internal fun sending(
    requests: Flow<SendRequest>,
    progress: Consumer<BulkProgress>?,
    log: CallLog,
    isSized: Boolean = false,
    begin: () -> NativeBulk,
): Flow<SendOutcome> = flow {
    val bulk = FlowingBulk(begin(), log, isSized)
    try {
        coroutineScope {
            val ahead = Channel<SendRequest>(AHEAD)
            val source = launch { requests.collectInto(ahead) }
            while (!bulk.isDone) {
                bulk.take(ahead)
                withContext(Dispatchers.IO) { bulk.step() }
                // An endless source is left alone.
                if (bulk.hasEnded) source.cancel()
                bulk.progress?.let { progress?.accept(it) }
                while (bulk.untold.isNotEmpty()) {
                    emit(bulk.untold.first())
                    bulk.untold.removeFirst()
                }
            }
        }
    } catch (failure: Throwable) {
        // Also where this was cancelled: whoever waits for its end is promised that nothing is sent afterwards. Two steps:
        // on the way back from another dispatcher a cancelled coroutine is thrown out, and what it brings is lost.
        withContext(NonCancellable) { withContext(Dispatchers.IO) { failure.carry(bulk.giveUp()) } }
        throw failure
    } finally {
        bulk.close()
    }
}

private suspend fun Flow<SendRequest>.collectInto(ahead: SendChannel<SendRequest>) {
    try {
        collect { ahead.send(it) }
        ahead.close()
    } catch (failure: Throwable) {
        // A `CancellationException` of the source's own, such as a time-out's, ends nobody but this coroutine otherwise.
        ahead.close(failure)
        throw failure
    }
}

/**
 * Many messages on their way from a source that is waited for without a thread: as [Bulk], which has a source that
 * blocks. It is used by one coroutine, one call after the other.
 */
private class FlowingBulk(private val native: NativeBulk, private val log: CallLog, private val isSized: Boolean) {
    private val handover = Handover(native, log)
    private val taken = ArrayList<SendRequest>()
    private var isLast = false

    /** How many requests the native bulk takes in next; its first answer says that for the first ones too. */
    private var wanted = 0

    /** There are no more requests. */
    var hasEnded = false
        private set

    var isDone = false
        private set

    /** Outcomes that the collector does not have yet; the first of them it may be having now. */
    val untold = ArrayDeque<SendOutcome>()

    /** How it goes, where the last step told. */
    var progress: BulkProgress? = null
        private set

    /** Takes what the source has ready. Waits for the source while there is nothing else to do. */
    suspend fun take(source: ReceiveChannel<SendRequest>) {
        if (isLast || wanted == 0) return
        var next = source.tryReceive()
        if (next.isNothingYet) next = if (handover.isAllTold) source.receiveCatching() else source.receiveSoon()
        while (next.isSuccess) {
            taken += next.getOrThrow()
            if (taken.size == wanted) return
            next = source.tryReceive()
        }
        if (next.isClosed) {
            next.exceptionOrNull()?.let { throw it }
            isLast = true
        }
    }

    /**
     * Hands over what was taken, and takes what there is to tell. Blocks for a moment. It gives nothing: what a cancelled
     * coroutine would be given is lost.
     */
    fun step() {
        // They were ready when they were taken.
        if (taken.isNotEmpty()) handover.feed(native, taken, inTime = true)
        taken.clear()
        if (isLast) end()
        val news = crossing(NOTHING) { native.wait(PATIENCE) }
        untold += handover.outcomes(news)
        log.say(news.lines)
        progress = news.progress
        if (news.stopped && !isSized) end()
        wanted = news.wanted
        isDone = news.done && hasEnded
    }

    /** Sends nothing more; comes back when nothing is under way, with what became of the messages. */
    fun giveUp(): MessageException.Interrupted {
        if (!isDone) untold += handover.end(native) + taken.map { handover.notBegun }
        return handover.interrupted(untold.toList())
    }

    fun close() = native.close()

    private fun end() {
        isLast = true
        if (hasEnded) return
        hasEnded = true
        crossing(NOTHING) { native.end() }
    }
}

/** What comes within a moment, in which there may be outcomes to tell. */
private suspend fun ReceiveChannel<SendRequest>.receiveSoon(): ChannelResult<SendRequest> = coroutineScope {
    // Not `withTimeoutOrNull`: it may lose what comes with its end.
    val moment = launch { delay(MOMENT.toMillis()) }
    select {
        onReceiveCatching { it }
        moment.onJoin { tryReceive() }
    }.also { moment.cancel() }
}

private val ChannelResult<*>.isNothingYet get() = isFailure && !isClosed

/** So many requests wait for their turn. */
private const val AHEAD = 256

/** How late outcomes are told at the most while the source makes no request. */
private val MOMENT: Duration = Duration.ofMillis(10)

/** How long to wait for news at a time, and so how late a cancellation is seen at the most. */
private val PATIENCE: Duration = Duration.ofMillis(50)
private val NOTHING = emptyMap<String, Any>()
