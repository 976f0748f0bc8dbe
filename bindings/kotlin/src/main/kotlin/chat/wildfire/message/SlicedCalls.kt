package chat.wildfire.message

import java.time.Duration

/**
 * Calls that [Thread.interrupt] can end.
 *
 * A thread that waits inside the native library cannot be interrupted. So the native client returns after each slice of
 * waiting with the error `Pending` and a ticket, and this object decides whether to continue or to give up.
 */
internal object SlicedCalls {
    /** The longest time until an interrupt is noticed. Shorter calls are not affected. */
    val SLICE: Duration = Duration.ofMillis(100)

    /** Starts a call of [endpoint] and waits for its end; [answer] takes the result from the answer of `resume`. */
    fun <R> wait(access: NativeAccess, endpoint: String, begin: () -> R, answer: (Answer) -> R): R {
        if (interrupted()) throw MessageException.Interrupted(endpoint, sent = false)
        var ticket = try {
            return begin()
        } catch (pending: NativeMessageException.Pending) {
            pending.ticket
        }
        while (true) {
            // It fails with Interrupted, which knows whether the request was sent.
            if (interrupted()) access.cancel(ticket)
            ticket = try {
                return answer(access.resume(ticket))
            } catch (pending: NativeMessageException.Pending) {
                pending.ticket
            }
        }
    }

    /** Leaves the flag set, for the code that called this method. */
    private fun interrupted(): Boolean = Thread.currentThread().isInterrupted
}
