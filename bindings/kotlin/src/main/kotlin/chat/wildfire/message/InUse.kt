package chat.wildfire.message

import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong

/**
 * Keeps a native object until it is closed and nobody uses it any more.
 *
 * A call that waits in slices comes back to the native object many times; closing on another thread must not take it
 * away in between.
 */
internal class InUse<N : AutoCloseable>(private val native: N, private val name: String) : AutoCloseable {
    private val closed = AtomicBoolean()

    /** Uses under way, and one more until it is closed. */
    private val users = AtomicLong(1)

    inline fun <R> use(work: (N) -> R): R {
        val native = enter()
        try {
            return work(native)
        } finally {
            leave()
        }
    }

    /** Takes no new use; those under way go on to their end. */
    override fun close() {
        if (closed.compareAndSet(false, true)) leave()
    }

    fun enter(): N {
        // A closed one whose last use has ended stays at 0.
        val before = users.getAndUpdate { if (it == 0L) 0 else it + 1 }
        if (before == 0L) throw closedAlready()
        if (closed.get()) {
            leave()
            throw closedAlready()
        }
        return native
    }

    fun leave() {
        if (users.decrementAndGet() == 0L) native.close()
    }

    private fun closedAlready() = IllegalStateException("this $name is closed")
}
