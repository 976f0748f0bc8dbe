package chat.wildfire.message

import java.time.Duration

/**
 * The outcome for one part of the receivers of [MessageClient.multicastEach].
 *
 * @property receivers ids of the users in this part.
 * @property outcome the message that was sent, or why it was not.
 */
class MulticastPart internal constructor(val receivers: List<String>, val outcome: SendOutcome) {
    /** Says how many receivers it has, and what became of their message. */
    override fun toString(): String = "MulticastPart(${receivers.size} receivers, $outcome)"
}

/** Multicasts that are being sent. */
internal class Multicasts(private val native: NativeMulticasts) : AutoCloseable {
    /** The outcomes of the parts that have one, in order. */
    val parts = ArrayList<MulticastPart>()

    /** No part is under way any more. */
    var isDone = false
        private set

    /** Waits for all of them. An interrupt of the thread ends them; the flag stays set. */
    fun finish(): List<MulticastPart> {
        while (!isDone) {
            if (Thread.currentThread().isInterrupted) cancel()
            step()
        }
        return parts
    }

    /** Waits a moment for news. */
    fun step() {
        val news = translatingErrors(NO_ARGUMENTS) { native.wait(PATIENCE) }
        news.parts.mapTo(parts, ::part)
        isDone = news.done
    }

    /** Ends them at once. Afterwards each part has an outcome. */
    fun cancel() = translatingErrors(NO_ARGUMENTS) { native.cancel() }

    override fun close() = native.close()

    private fun part(told: MulticastOutcome): MulticastPart {
        val outcome = told.sent?.let(::SendOutcome) ?: SendOutcome(told.error!!.translated())
        return MulticastPart(told.receivers, outcome)
    }

    companion object {
        const val ENDPOINT = "message/multicast"

        /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
        private val PATIENCE: Duration = Duration.ofMillis(100)
        private val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}
