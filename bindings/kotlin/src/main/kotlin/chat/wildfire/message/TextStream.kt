package chat.wildfire.message

import java.time.Duration

/**
 * A text that grows while receivers read it, such as the answer of a language model; `streamText` of a client begins
 * it.
 *
 * [append] adds a piece and never waits: pieces are gathered, and receivers see the text in steps. [finish] sends the
 * whole text. [close] cancels a text that is not finished, so that receivers do not wait for the rest of it; at the
 * latest, this happens when nobody has the object any more. One thread uses it at a time.
 */
class TextStream internal constructor(private val native: NativeTextStream) : AutoCloseable {
    private var isOver = false

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
    fun finish(): SentMessage {
        translatingErrors(TextStreams.NO_ARGUMENTS) { native.beginToFinish() }
        try {
            return TextStreams.finish(native)
        } finally {
            isOver = true
        }
    }

    /**
     * Gives the text up; where receivers have seen some of it, they see that it was cancelled. It returns when the
     * server has accepted that, or after two seconds; after the end, nothing happens. Fails with
     * [MessageException.StreamFailed] if receivers may see a text that looks unfinished, or that may have been
     * finished.
     */
    fun cancel() {
        isOver = true
        TextStreams.cancel(native)
    }

    /** Cancels the text, unless it is finished or cancelled. */
    override fun close() {
        try {
            if (!isOver) cancel()
        } finally {
            native.close()
        }
    }

    /** Its stream id. */
    override fun toString(): String = "TextStream($streamId)"
}

/** Texts that grow, for whatever feeds them. */
internal object TextStreams {
    /** How long to wait for the end at a time, and so the longest time until an interrupt is noticed. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    val NO_ARGUMENTS = emptyMap<String, Any>()

    /** Begins one; a duration that cannot be is refused by its name. */
    fun begin(request: Any, interval: Duration?, begin: () -> NativeTextStream): NativeTextStream {
        if (interval?.isNegative == true) throw MessageException.InvalidArgument("interval", "it is negative")
        return translatingErrors(request, begin)
    }

    /** Adds a piece, which Java may have given as null; [at] names it. */
    fun append(native: NativeTextStream, piece: String?, at: String) {
        if (piece == null) throw MessageException.InvalidArgument(at, "it is null")
        translatingErrors(mapOf(at to piece)) { native.append(piece) }
    }

    /** Appends all pieces, and finishes the text. Whatever comes in between cancels it. */
    fun sendAll(native: NativeTextStream, pieces: Iterator<String?>): SentMessage = native.use {
        try {
            var index = 0
            for (piece in pieces) {
                if (Thread.currentThread().isInterrupted) return finish(native)
                append(native, piece, "pieces[${index++}]")
            }
            translatingErrors(NO_ARGUMENTS) { native.beginToFinish() }
            finish(native)
        } catch (failure: MessageException.StreamFailed) {
            throw failure
        } catch (failure: MessageException.Interrupted) {
            throw failure
        } catch (failure: Throwable) {
            throw failure.apply { addSuppressed(giveUp(native)) }
        }
    }

    /** Waits for its end. A thread that is interrupted cancels it; the flag stays. */
    fun finish(native: NativeTextStream): SentMessage {
        while (true) {
            if (Thread.currentThread().isInterrupted) {
                val fate = giveUp(native)
                return fate.answer as? SentMessage ?: throw fate
            }
            wait(native, PATIENCE)?.let { return it }
        }
    }

    /** Its message, once it is finished. */
    fun wait(native: NativeTextStream, patience: Duration): SentMessage? =
        translatingErrors(NO_ARGUMENTS) { native.wait(patience) }

    fun cancel(native: NativeTextStream) {
        try {
            end(native)
        } catch (failure: MessageException.StreamFailed) {
            val isSeen = failure.shown > 0 && !failure.isMarked
            if (isSeen || failure.mayBeFinished) throw failure
        }
    }

    /** Gives it up: what is known of it then. */
    fun giveUp(native: NativeTextStream): MessageException.Interrupted {
        val endpoint = translatingErrors(NO_ARGUMENTS) { native.endpoint() }
        return try {
            MessageException.Interrupted(endpoint, sent = true).answeredWith(end(native))
        } catch (failure: MessageException) {
            val fate = MessageException.Interrupted(endpoint, failure.mayHaveExecuted, attempts = 0)
            fate.with(listOf(SendOutcome(failure))).apply { addSuppressed(failure) }
        }
    }

    /** Cancels it, and waits for its end, which takes two seconds at the most. */
    private fun end(native: NativeTextStream): SentMessage {
        translatingErrors(NO_ARGUMENTS) { native.beginToCancel() }
        while (true) wait(native, PATIENCE)?.let { return it }
    }
}
