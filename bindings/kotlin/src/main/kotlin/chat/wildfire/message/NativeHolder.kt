package chat.wildfire.message

import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicLong

/**
 * Keeps a native object until it is closed and no call uses it any more.
 *
 * A call that waits in slices uses the native object many times; closing it on another thread must not free it in
 * between.
 */
internal class NativeHolder<N : AutoCloseable>(private val native: N, private val name: String) : AutoCloseable {
    private val closed = AtomicBoolean()

    /** The number of uses that are under way, plus one until it is closed. */
    private val users = AtomicLong(1)

    inline fun <R> use(work: (N) -> R): R {
        val native = enter()
        try {
            return work(native)
        } finally {
            leave()
        }
    }

    /** Allows no new use; uses that are under way end normally. */
    override fun close() {
        if (closed.compareAndSet(false, true)) leave()
    }

    fun enter(): N {
        // When it is closed and the last use has ended, the number stays 0.
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
