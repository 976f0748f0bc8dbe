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
internal object Multicasts {
    /** How long to wait for news at a time, and so the longest time until an interrupt is noticed. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /** Waits for all of them. An interrupt of the thread ends them; the flag stays set. */
    fun finish(multicasts: NativeMulticasts): List<MulticastPart> {
        val parts = ArrayList<MulticastPart>()
        while (true) {
            if (Thread.currentThread().isInterrupted) translatingErrors(NO_ARGUMENTS) { multicasts.cancel() }
            val news = translatingErrors(NO_ARGUMENTS) { multicasts.wait(PATIENCE) }
            news.parts.mapTo(parts, ::part)
            if (news.done) return parts
        }
    }

    private fun part(told: MulticastOutcome): MulticastPart {
        val outcome = told.sent?.let(::SendOutcome) ?: SendOutcome(told.error!!.translated())
        return MulticastPart(told.receivers, outcome)
    }
}
