package chat.wildfire.message

import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger

/**
 * A line that a client writes to the [Logger] `chat.wildfire.message`, with what it says as fields too.
 *
 * @property fields what the line says, by name: `endpoint`, `outcome`, `attempts`, `duration` and `waited` in seconds,
 * `mayHaveExecuted`; where it is known `status` and `code`; of many messages `sent`, `failed` and `unknown`.
 */
class CallLogRecord internal constructor(level: Level, text: String, val fields: Map<String, Any>) :
    LogRecord(level, text)

/**
 * What the application's log hears of calls. The native library words it, and writes down only what somebody listens to:
 * it is asked on the thread that made the call, as soon as the outcome is there.
 *
 * @param source the class whose calls they are.
 */
internal class CallLog(private val source: String) {
    /** What the native library knows that somebody wants to hear. */
    @Volatile
    private var heard = NOTHING

    /** Does the work of a call, and says what there is to say of it. */
    fun <R> around(access: NativeAccess, work: () -> R): R {
        val wanted = heed(access)
        if (wanted == NOTHING) return work()
        val answer = try {
            work()
        } catch (failure: Throwable) {
            tell(access)
            throw failure
        }
        if (wanted > FATES) tell(access)
        return answer
    }

    /** Has the native library know what somebody wants to hear just now. */
    fun heed(access: NativeAccess): Int {
        val wanted = wanted()
        if (wanted != heard) {
            access.listenTo(wanted)
            heard = wanted
        }
        return wanted
    }

    private fun tell(access: NativeAccess) {
        access.takeRecord()?.let { say(it.lines) }
    }

    /** A filter or handler that fails costs nobody the outcome of a call. */
    fun say(lines: List<LogLine>) {
        for (line in lines) {
            try {
                LOG.log(record(line))
            } catch (failure: RuntimeException) {
                System.err.println("wildfirechat-message: the application's log failed: $failure")
            }
        }
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

        /** How much somebody wants to hear, as the native library has it. */
        private const val NOTHING = 0
        private const val FATES = 1
        private const val RETRIES = 2
        private const val CALLS = 3

        private fun wanted(): Int = when {
            LOG.isLoggable(Level.FINE) -> CALLS
            LOG.isLoggable(Level.INFO) -> RETRIES
            LOG.isLoggable(Level.WARNING) -> FATES
            else -> NOTHING
        }

        /** Says what matters before any call. */
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
