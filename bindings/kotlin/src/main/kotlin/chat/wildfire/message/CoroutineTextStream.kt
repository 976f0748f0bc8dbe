package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import java.time.Duration

/**
 * A text that grows while receivers read it, for coroutines; `streamText` of a coroutine client begins it.
 *
 * [append] adds a piece and never waits: pieces are gathered, and receivers see the text in steps. [finish] sends the
 * whole text. [close] cancels a text that is not finished, and does not wait for that; so does a cancelled [finish].
 * One coroutine uses it at a time.
 */
class CoroutineTextStream internal constructor(private val native: NativeTextStream) : AutoCloseable {
    /** The id that all messages of this text have. */
    val streamId: String = translatingErrors(TextStreams.NO_ARGUMENTS) { native.streamId() }

    /**
     * Adds a piece to the text, and does not wait; an empty piece changes nothing. Fails with
     * [MessageException.InvalidArgument], without adding it, if the text would be larger than receivers accept or is
     * over, and with [MessageException.StreamFailed] if the server refuses the text.
     *
     * @param piece the next part of the text.
     */
    fun append(piece: String) = TextStreams.append(native, piece, "piece")

    /**
     * Sends the whole text as a stored message, and returns it; a second call returns the same message. Fails with
     * [MessageException.InvalidArgument] if no piece was appended, and with [MessageException.StreamFailed], which says
     * what receivers see, if the text could not be finished.
     */
    suspend fun finish(): SentMessage {
        translatingErrors(TextStreams.NO_ARGUMENTS) { native.beginToFinish() }
        return cancelledWith(native) { end(native) }
    }

    /**
     * Gives the text up; where receivers have seen some of it, they see that it was cancelled. It returns when the
     * server has accepted that, or after two seconds; after the end, nothing happens. Fails with
     * [MessageException.StreamFailed] if receivers may see a text that looks unfinished, or that may have been
     * finished.
     */
    suspend fun cancel() = withContext(Dispatchers.IO) { TextStreams.cancel(native) }

    /** Cancels the text, unless it is finished or cancelled. */
    override fun close() {
        runCatching { native.beginToCancel() }
        native.close()
    }

    /** Its stream id. */
    override fun toString(): String = "CoroutineTextStream($streamId)"
}

/** Appends all pieces of a flow, and finishes the text. Whatever comes in between cancels it. */
internal suspend fun sendAll(native: NativeTextStream, pieces: Flow<String>): SentMessage = native.use {
    cancelledWith(native) {
        var index = 0
        pieces.collect { TextStreams.append(native, it, "pieces[${index++}]") }
        translatingErrors(TextStreams.NO_ARGUMENTS) { native.beginToFinish() }
        end(native)
    }
}

/** Awaits its end on [Dispatchers.IO]. */
private suspend fun end(native: NativeTextStream): SentMessage {
    while (true) withContext(Dispatchers.IO) { TextStreams.wait(native, SLICE) }?.let { return it }
}

/** Does some work for a text; whatever ends it, other than the text itself, cancels it, and has what became of it. */
private suspend fun <R> cancelledWith(native: NativeTextStream, work: suspend () -> R): R = try {
    work()
} catch (failure: MessageException.StreamFailed) {
    throw failure
} catch (stop: Throwable) {
    // In two steps: on the way back from another dispatcher a cancelled coroutine would lose the result.
    val fate = withContext(NonCancellable) { withContext(Dispatchers.IO) { TextStreams.giveUp(native) } }
    throw if (stop is CancellationException) ended(stop, fate) else stop.apply { addSuppressed(fate) }
}

/** How long to wait for the end at a time, and so how late a cancellation is seen at the most. */
private val SLICE: Duration = Duration.ofMillis(50)
