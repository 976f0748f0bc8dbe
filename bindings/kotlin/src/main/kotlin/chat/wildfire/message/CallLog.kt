package chat.wildfire.message

import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger

/**
 * A line that a client writes to the [Logger] `chat.wildfire.message`, whose facts are also available as fields.
 *
 * @property fields the facts of the line, by name: `endpoint`, `outcome`, `attempts`, `duration` and `waited` in
 * seconds, `mayHaveExecuted`; if they are known, `status` and `code`; for many messages `sent`, `failed` and `unknown`.
 */
class CallLogRecord internal constructor(level: Level, text: String, val fields: Map<String, Any>) :
    LogRecord(level, text)

/** Hears of each call, besides the log. */
internal interface CallObserver {
    /** A call of [endpoint] is about to begin, in the context of this thread. */
    fun begins(endpoint: String): BegunCall
}

/** A call that an observer has seen begin. */
internal interface BegunCall {
    /** What its requests carry to the server. */
    val headers: Map<String, String>

    /** It has ended. */
    fun ended(trace: CallTrace)
}

/**
 * The log of a client's calls. The native library writes the sentences, and only those that the log wants; this class
 * asks for them on the thread that made the call, as soon as the outcome has arrived.
 *
 * @param source the class whose calls they are.
 */
internal class CallLog(private val source: String) {
    /** The level that the native library was told last. */
    @Volatile
    private var heard = NOTHING

    /** Says that a call is about to begin. */
    fun begins(endpoint: String): BegunCall? = observer?.let { harmlessly { it.begins(endpoint) } }

    /** The call that this thread begins next brings its context to the server. */
    fun carry(access: NativeAccess, begun: BegunCall?) {
        if (begun != null && begun.headers.isNotEmpty()) harmlessly { access.carry(begun.headers) }
    }

    /** Makes a call on this thread and logs it. */
    fun <R> around(access: NativeAccess, endpoint: String, work: () -> R): R {
        val begun = begins(endpoint)
        carry(access, begun)
        return around(access, begun, work)
    }

    /** Makes a call, or gets the outcome of one, and logs it. */
    fun <R> around(access: NativeAccess, begun: BegunCall?, work: () -> R): R {
        val wanted = updateLevel(access)
        if (wanted == NOTHING) return work()
        val answer = try {
            work()
        } catch (failure: Throwable) {
            tell(access, begun)
            throw failure
        }
        if (wanted > FATES) tell(access, begun)
        return answer
    }

    /** Tells the native library which level the log wants at the moment. */
    fun updateLevel(access: NativeAccess): Int {
        val wanted = wanted()
        if (wanted != heard) {
            access.listenTo(wanted)
            heard = wanted
        }
        return wanted
    }

    private fun tell(access: NativeAccess, begun: BegunCall?) {
        val record = access.takeRecord() ?: return
        begun?.let { harmlessly { it.ended(access.trace(record)) } }
        say(record.lines)
    }

    fun say(lines: List<LogLine>) = lines.forEach { line -> harmlessly { LOG.log(record(line)) } }

    /** If a filter, a handler or an exporter fails, the caller still gets the outcome of its call. */
    private fun <R> harmlessly(work: () -> R): R? = try {
        work()
    } catch (failure: Exception) {
        System.err.println("wildfirechat-message: the application's log or telemetry failed: $failure")
        null
    }

    private fun record(line: LogLine): LogRecord {
        val level = when (line.level) {
            LogLevel.DEBUG -> Level.FINE
            LogLevel.INFO -> Level.INFO
            LogLevel.WARNING -> Level.WARNING
        }
        return CallLogRecord(level, line.text, fields(line)).apply {
            loggerName = LOG.name
            // Otherwise the JVM looks for them in the stack, and finds this file.
            sourceClassName = source
            sourceMethodName = line.endpoint
        }
    }

    companion object {
        private val LOG: Logger = Logger.getLogger("chat.wildfire.message")

        /** The levels, with the numbers of the native library. */
        private const val NOTHING = 0
        private const val FATES = 1
        private const val RETRIES = 2
        private const val CALLS = 3

        /** Hears of the calls of all clients. */
        @Volatile
        var observer: CallObserver? = null

        private fun wanted(): Int = when {
            observer != null -> CALLS
            LOG.isLoggable(Level.FINE) -> CALLS
            LOG.isLoggable(Level.INFO) -> RETRIES
            LOG.isLoggable(Level.WARNING) -> FATES
            else -> NOTHING
        }

        /** Logs a warning that does not belong to a call. */
        fun warn(text: String) = LOG.warning(text)

        private fun fields(line: LogLine): Map<String, Any> = listOf(
            "endpoint" to line.endpoint,
            "outcome" to line.outcome,
            "attempts" to line.attempts,
            "duration" to line.duration.toNanos() / NANOSECONDS,
            "waited" to line.waited.toNanos() / NANOSECONDS,
            "mayHaveExecuted" to line.mayHaveExecuted,
            "status" to line.status,
            "code" to line.code,
            "sent" to line.sent,
            "failed" to line.failed,
            "unknown" to line.unknown,
        ).mapNotNull { (name, value) -> value?.let { name to it } }.toMap()

        private const val NANOSECONDS = 1e9
    }
}
