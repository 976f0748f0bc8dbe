package chat.wildfire.message.bridges

import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.thread
import kotlin.concurrent.withLock

/**
 * A bounded queue of lines, and a thread that sends what has gathered in it as one text after another.
 *
 * @param capacity how many lines may wait; further ones are left out and counted.
 * @param longest how many characters a text may have.
 * @param pause the milliseconds between the beginnings of two texts, at least.
 * @param send sends a text of as many lines as it says; whether they are to be kept for another attempt.
 */
internal class LineQueue(
    private val capacity: Int,
    private val longest: Int,
    private val pause: Long,
    private val send: (text: String, lines: Int) -> Boolean,
) {
    private val lock = ReentrantLock()
    private val changed = lock.newCondition()
    private val waiting = ArrayDeque<String>()
    private var worker: Thread? = null
    private var closing = false
    private var untold = 0L

    /** How many lines were left out, because too many were waiting or the queue was closed. */
    var leftOut = 0L
        private set
        get() = lock.withLock { field }

    /** Puts a line into the queue. It never waits for a text that is being sent. */
    fun offer(line: String) = lock.withLock {
        if (closing || waiting.size >= capacity) {
            leaveOut(1)
        } else {
            waiting.addLast(if (line.length <= longest) line else line.take(longest - 1) + "…")
            if (worker == null) worker = thread(isDaemon = true, name = "wildfirechat-message-log", block = ::work)
            changed.signalAll()
        }
    }

    /** Takes no further line, and waits until all have left, for as many milliseconds at the most. */
    fun close(timeout: Long) {
        val ending = lock.withLock {
            closing = true
            changed.signalAll()
            worker
        }
        ending?.join(maxOf(1, timeout))
        lock.withLock {
            leaveOut(waiting.size)
            waiting.clear()
            changed.signalAll()
        }
    }

    private fun leaveOut(lines: Int) {
        leftOut += lines
        untold += lines
    }

    private fun work() {
        var rest = pause
        while (true) {
            val (batch, untoldBefore) = lock.withLock {
                while (waiting.isEmpty() && !closing) changed.await()
                if (waiting.isEmpty()) return
                take()
            }
            val begun = System.nanoTime()
            val notice = if (untoldBefore > 0) listOf("($untoldBefore log events were left out)") else emptyList()
            val kept = send((notice + batch).joinToString("\n"), batch.size)
            lock.withLock {
                if (kept) {
                    waiting.addAll(0, batch)
                    untold += untoldBefore
                }
                val tried = closing
                rest = if (kept) (2 * rest).coerceIn(1_000, LONGEST_REST) else pause
                await(begun + TimeUnit.MILLISECONDS.toNanos(rest)) { closing }
                // Closing ends the rest. From then on, what failed is tried each second, until `close` gives up.
                if (kept && tried) await(System.nanoTime() + TimeUnit.SECONDS.toNanos(1)) { waiting.isEmpty() }
            }
        }
    }

    private fun await(until: Long, enough: () -> Boolean) {
        while (!enough()) {
            val left = until - System.nanoTime()
            if (left <= 0) return
            changed.awaitNanos(left)
        }
    }

    /** As many lines as fit into a text, and the number of those that were left out before. */
    private fun take(): Pair<List<String>, Long> {
        val batch = mutableListOf(waiting.removeFirst())
        var length = batch[0].length
        while (waiting.isNotEmpty() && length + 1 + waiting.first().length <= longest) {
            length += 1 + waiting.first().length
            batch += waiting.removeFirst()
        }
        return (batch to untold).also { untold = 0 }
    }

    private companion object {
        /** The longest pause between two attempts, in milliseconds. */
        const val LONGEST_REST = 60_000L
    }
}
