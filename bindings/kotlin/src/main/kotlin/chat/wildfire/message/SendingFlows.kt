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
 * Sends the messages of a flow, as the other `sendEach` do, and emits the outcomes in their order. It needs
 * `kotlinx-coroutines-core`, which the library does not bring.
 *
 * Nothing is sent before the outcomes are collected, and each collection sends the messages again. [requests] are
 * collected in the same coroutine as the outcomes, at most 8192 ahead of the outcomes and 256 that wait for their turn.
 * Each request is sent as soon as it is emitted, and its outcome is emitted as soon as it is known, however long the
 * next request takes. Waiting for the server happens on [Dispatchers.IO]; a flow of requests that blocks its thread
 * should use it too, with `flowOn`.
 *
 * Cancelling the collecting coroutine ends it within a fifth of a second: requests that are under way are dropped, and
 * nothing is sent after the coroutine has completed. It also ends if only some of the outcomes are collected, as with
 * `take`, or if [requests], the collector or [progress] throw an exception, which the collecting coroutine gets.
 * [MessageException.Interrupted.of] then finds the outcomes of the messages that were not collected, beginning with the
 * one that was being collected.
 *
 * @param requests the messages; the flow may be endless.
 * @param options how many messages are sent at the same time and per second, what ends the sending early, whether any
 * order will do, and how long to wait for a server that accepts nothing; null for the defaults.
 * @param progress is called in the collecting coroutine with the progress, at most ten times per second; null for none.
 */
// Not a member of `MessageClient`: otherwise code that reads its methods by reflection would need coroutines. And Java
// has no flows.
@JvmSynthetic
fun MessageClient.sendEach(
    requests: Flow<SendRequest>,
    options: BulkOptions? = null,
    progress: Consumer<BulkProgress>? = null,
): Flow<SendOutcome> = sending(requests, progress, log) { beginBulk(options, size = null) }

/**
 * Sends the messages of a flow as that of [MessageClient] does; the robot sends them, whatever sender a request names.
 * It needs `kotlinx-coroutines-core`, which the library does not bring.
 *
 * @param requests the messages; the flow may be endless.
 * @param options how many messages are sent at the same time and per second, what ends the sending early, whether any
 * order will do, and how long to wait for a server that accepts nothing; null for the defaults.
 * @param progress is called in the collecting coroutine with the progress, at most ten times per second; null for none.
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
                // An endless source is not read further.
                if (bulk.hasEnded) source.cancel()
                bulk.progress?.let { progress?.accept(it) }
                while (bulk.pendingOutcomes.isNotEmpty()) {
                    emit(bulk.pendingOutcomes.first())
                    bulk.pendingOutcomes.removeFirst()
                }
            }
        }
    } catch (failure: Throwable) {
        // This also runs after a cancellation, because nothing may be sent after the coroutine has ended. It needs two
        // steps: a cancelled coroutine that returns from another dispatcher loses its result.
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
        // Without this, a `CancellationException` of the source itself, such as that of a time-out, would end only this
        // coroutine.
        ahead.close(failure)
        throw failure
    }
}

/**
 * Many messages from a source that suspends instead of blocking a thread; [Bulk] is for a source that blocks. It is
 * used by one coroutine, one call after the other.
 */
private class FlowingBulk(private val native: NativeBulk, private val log: CallLog, private val isSized: Boolean) {
    private val transfer = BulkTransfer(native, log)
    private val taken = ArrayList<SendRequest>()
    private var isLast = false

    /** How many requests the native bulk takes in next; its first answer says that for the first ones too. */
    private var wanted = 0

    /** There are no more requests. */
    var hasEnded = false
        private set

    var isDone = false
        private set

    /** Outcomes that the collector has not received yet; it may be receiving the first of them now. */
    val pendingOutcomes = ArrayDeque<SendOutcome>()

    /** The progress, if the last step reported it. */
    var progress: BulkProgress? = null
        private set

    /** Takes the requests that the source has ready. Waits for the source while there is nothing else to do. */
    suspend fun take(source: ReceiveChannel<SendRequest>) {
        if (isLast || wanted == 0) return
        var next = source.tryReceive()
        if (next.isNothingYet) next = if (transfer.hasAllOutcomes) source.receiveCatching() else source.receiveSoon()
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
     * Passes the requests to the library, and takes the news. Blocks for a moment. It returns nothing, because a
     * cancelled coroutine would lose the result.
     */
    fun step() {
        // They were ready when they were taken.
        if (taken.isNotEmpty()) transfer.feed(native, taken, inTime = true)
        taken.clear()
        if (isLast) end()
        val news = translatingErrors(NO_ARGUMENTS) { native.wait(PATIENCE) }
        pendingOutcomes += transfer.outcomes(news)
        log.say(news.lines)
        progress = news.progress
        if (news.stopped && !isSized) end()
        wanted = news.wanted
        isDone = news.done && hasEnded
    }

    /** Ends the sending; returns the outcomes when no message is under way any more. */
    fun giveUp(): MessageException.Interrupted {
        if (!isDone) pendingOutcomes += transfer.end(native) + taken.map { transfer.notStarted }
        return transfer.interrupted(pendingOutcomes.toList())
    }

    fun close() = native.close()

    private fun end() {
        isLast = true
        if (hasEnded) return
        hasEnded = true
        translatingErrors(NO_ARGUMENTS) { native.end() }
    }
}

/** The request that arrives within a moment; after that moment there may be outcomes to emit. */
private suspend fun ReceiveChannel<SendRequest>.receiveSoon(): ChannelResult<SendRequest> = coroutineScope {
    // Not `withTimeoutOrNull`, which may lose a request that arrives just as the time ends.
    val moment = launch { delay(MOMENT.toMillis()) }
    select {
        onReceiveCatching { it }
        moment.onJoin { tryReceive() }
    }.also { moment.cancel() }
}

private val ChannelResult<*>.isNothingYet get() = isFailure && !isClosed

/** How many requests wait for their turn. */
private const val AHEAD = 256

/** The longest delay of an outcome while the source makes no request. */
private val MOMENT: Duration = Duration.ofMillis(10)

/** How long to wait for news at a time, and so the longest time until a cancellation is noticed. */
private val PATIENCE: Duration = Duration.ofMillis(50)
private val NO_ARGUMENTS = emptyMap<String, Any>()
