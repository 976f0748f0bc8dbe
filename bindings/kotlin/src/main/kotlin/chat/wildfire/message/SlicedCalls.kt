package chat.wildfire.message

import java.time.Duration

/**
 * Calls that a [Thread.interrupt] ends.
 *
 * A thread that waits inside the native library cannot be interrupted. So the native client comes back after each
 * slice of waiting with the error `Pending` and a ticket, and here we look whether to go on or to give up.
 */
internal object SlicedCalls {
    /** How late an interrupt is seen at the most. Calls that are shorter never notice it. */
    val SLICE: Duration = Duration.ofMillis(100)

    /** Begins a call of [endpoint] and waits for its end; [answer] takes the result out of what resuming gives. */
    fun <R> wait(access: NativeAccess, endpoint: String, begin: () -> R, answer: (Answer) -> R): R {
        if (interrupted()) throw MessageException.Interrupted(endpoint, sent = false)
        var ticket = try {
            return begin()
        } catch (pending: NativeMessageException.Pending) {
            pending.ticket
        }
        while (true) {
            // It fails with Interrupted, which knows whether the request has left.
            if (interrupted()) access.cancel(ticket)
            ticket = try {
                return answer(access.resume(ticket))
            } catch (pending: NativeMessageException.Pending) {
                pending.ticket
            }
        }
    }

    /** Leaves the flag set, for the caller's own code further up. */
    private fun interrupted(): Boolean = Thread.currentThread().isInterrupted
}
