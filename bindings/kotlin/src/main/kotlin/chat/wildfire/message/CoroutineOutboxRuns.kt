package chat.wildfire.message

import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.delay
import kotlinx.coroutines.withContext
import java.time.Duration

/** Workers of outboxes on their way, for coroutines; apart from the others, which need no library of coroutines. */
internal object CoroutineOutboxRuns {
    /** How long until the next look, at first and at the most, in milliseconds. */
    private const val FIRST_PAUSE = 2L
    private const val LONGEST_PAUSE = 100L
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /**
     * Awaits the end of a run, and tells how it goes. A coroutine that is cancelled stops it, and so does what [progress]
     * throws: what is under way comes to its end before that comes out.
     */
    suspend fun await(run: NativeOutboxRun, progress: ((RunProgress) -> Unit)?): RunProgress {
        try {
            look(run, progress)
        } catch (failure: Throwable) {
            withContext(NonCancellable) {
                runCatching {
                    run.stop()
                    look(run, null)
                }
            }
            throw failure
        }
        return translatingErrors(NO_ARGUMENTS) { run.finish() }.also { progress?.invoke(it) }
    }

    /** Looks now and then, which takes no time. */
    private suspend fun look(run: NativeOutboxRun, progress: ((RunProgress) -> Unit)?) {
        var pause = FIRST_PAUSE
        while (true) {
            val news = translatingErrors(NO_ARGUMENTS) { run.wait(Duration.ZERO) }
            news.progress?.let { progress?.invoke(it) }
            if (news.done) return
            delay(pause)
            pause = minOf(2 * pause, LONGEST_PAUSE)
        }
    }
}
