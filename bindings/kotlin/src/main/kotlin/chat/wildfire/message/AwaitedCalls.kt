package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Consumer
import kotlin.concurrent.thread

/**
 * Calls that coroutines await: the native library drives them on a thread of its own, and one thread here learns which
 * have finished. This thread exists while calls are under way.
 */
internal class AwaitedCalls(private val access: NativeAccess) {
    /**
     * The calls by their tickets. The first of two makes the entry: the coroutine that awaits a call, or the thread that
     * learns of its end.
     */
    private val ends = ConcurrentHashMap<Long, CompletableDeferred<Unit>>()
    private val lock = Any()
    private var underWay = 0
    private var isListening = false

    /** Begins a call of [endpoint], which returns a ticket, awaits its end and returns its [outcome]. */
    suspend fun <R> await(endpoint: String, begin: () -> Long, outcome: (Long) -> R): R {
        try {
            currentCoroutineContext().ensureActive()
        } catch (stop: CancellationException) {
            throw ended(stop, MessageException.Interrupted(endpoint, sent = false, attempts = 0))
        }
        enter()
        try {
            val ticket = begin()
            val end = ends.computeIfAbsent(ticket) { CompletableDeferred() }
            try {
                end.await()
            } catch (stop: CancellationException) {
                access.cancel(ticket)
                withContext(NonCancellable) { end.await() }
                throw ended(stop, fate(endpoint) { outcome(ticket) })
            } finally {
                ends.remove(ticket)
            }
            return outcome(ticket)
        } finally {
            leave()
        }
    }

    private fun enter() = synchronized(lock) {
        underWay++
        if (!isListening) {
            isListening = true
            thread(isDaemon = true, name = "wildfirechat-finished", block = ::listen)
        }
    }

    private fun leave() = synchronized(lock) { underWay-- }

    private fun listen() {
        var quiet = 0
        do {
            val tickets = ByteBuffer.wrap(finished()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer()
            quiet = if (tickets.hasRemaining()) 0 else quiet + 1
            while (tickets.hasRemaining()) {
                ends.computeIfAbsent(tickets.get()) { CompletableDeferred() }.complete(Unit)
            }
        } while (quiet < QUIET || !stopsListening())
    }

    private fun finished(): ByteArray = try {
        access.waitFinished(PATIENCE)
    } catch (_: IllegalStateException) {
        // The client was closed; its native object is freed only when no call is under way.
        ByteArray(0)
    }

    private fun stopsListening() = synchronized(lock) {
        if (underWay == 0) isListening = false
        underWay == 0
    }

    private companion object {
        /** How long to wait for news at a time, and after how many waits without news the thread may end. */
        val PATIENCE: Duration = Duration.ofMillis(100)
        const val QUIET = 10
    }
}

/**
 * The exception for the coroutine whose call was ended by [stop]. For a time-out it is [stop] itself, which `withTimeout`
 * must recognize; otherwise it is a new one, because all coroutines of a scope are cancelled with the same exception.
 */
internal fun ended(stop: CancellationException, fate: MessageException.Interrupted): CancellationException {
    val own = if (stop is TimeoutCancellationException) stop else CancellationException(stop.message, stop)
    own.carry(fate)
    return own
}

/**
 * Adds to this exception what is known of the call that it has ended. If coroutines throw copies, for better stack
 * traces, `withTimeout` throws a copy of the first exception, so this one gets it too.
 */
internal fun Throwable.carry(fate: MessageException.Interrupted) {
    addSuppressed(fate)
    val first = generateSequence(this) { it.cause }.filterIsInstance<TimeoutCancellationException>().lastOrNull()
    if (first !== this) first?.addSuppressed(fate)
}

/** What is known of a call or an upload that was given up and has ended. */
private fun fate(endpoint: String, outcome: () -> Any?): MessageException.Interrupted = try {
    MessageException.Interrupted(endpoint, sent = true).answeredWith(outcome())
} catch (interrupted: MessageException.Interrupted) {
    interrupted
} catch (error: MessageException) {
    MessageException.Interrupted(endpoint, error.mayHaveExecuted).with(listOf(SendOutcome(error)))
}

/**
 * Waits for the end of an upload, and of the message after it if there is one, on [Dispatchers.IO], and reports the progress
 * in the calling coroutine; [end] takes the result from the news.
 */
internal suspend fun <R : Any> awaitUpload(
    endpoint: String,
    access: NativeAccess,
    log: CallLog,
    progress: Consumer<UploadProgress>?,
    end: (UploadNews) -> R?,
    begin: () -> NativeUpload,
): R {
    // The result from another dispatcher is lost if the coroutine was cancelled; therefore it is kept here.
    var upload: NativeUpload? = null
    var news: UploadNews? = null
    val begun = log.begins(endpoint)
    try {
        withContext(Dispatchers.IO) {
            log.carry(access, begun)
            upload = begin()
        }
        while (true) {
            withContext(Dispatchers.IO) {
                news = log.around(access, begun) { translatingErrors(NO_ARGUMENTS) { upload!!.wait(SLICE) } }
            }
            news?.progress?.let { progress?.accept(it) }
            news?.let(end)?.let { return it }
        }
    } catch (error: MessageException) {
        throw error
    } catch (stop: Throwable) {
        val fate = withContext(NonCancellable) {
            withContext(Dispatchers.IO) {
                fate(endpoint) { news?.let(end) ?: log.around(access, begun) { giveUp(endpoint, upload) } }
            }
        }
        if (stop is CancellationException) throw ended(stop, fate)
        throw stop.apply { addSuppressed(fate) }
    } finally {
        upload?.close()
    }
}

/** Fails with what is known of an upload that is given up. */
private fun giveUp(endpoint: String, upload: NativeUpload?): Nothing {
    translatingErrors(NO_ARGUMENTS) { upload?.cancel() }
    // It had not begun, or had just failed: in both cases the store has no file.
    throw MessageException.Interrupted(endpoint, sent = false, attempts = 0)
}

/** How long to wait for an upload at a time, and so the longest time until a cancellation is noticed. */
private val SLICE: Duration = Duration.ofMillis(50)
private val NO_ARGUMENTS = emptyMap<String, Any>()
