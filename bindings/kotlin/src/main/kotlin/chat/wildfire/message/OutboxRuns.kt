package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/** Workers of outboxes on their way. */
internal object OutboxRuns {
    /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /**
     * Waits to the end of a run, and tells how it goes. A thread that is interrupted stops it: what is under way comes to
     * its end all the same, and the flag stays. So it does where [progress] throws, before that comes out.
     */
    fun finish(run: NativeOutboxRun, progress: Consumer<RunProgress>?): RunProgress {
        try {
            wait(run, progress)
        } catch (failure: Throwable) {
            runCatching {
                run.stop()
                wait(run, null)
            }
            throw failure
        }
        return translatingErrors(NO_ARGUMENTS) { run.finish() }.also { progress?.accept(it) }
    }

    private fun wait(run: NativeOutboxRun, progress: Consumer<RunProgress>?) {
        while (true) {
            if (Thread.currentThread().isInterrupted) translatingErrors(NO_ARGUMENTS) { run.stop() }
            val news = translatingErrors(NO_ARGUMENTS) { run.wait(PATIENCE) }
            news.progress?.let { progress?.accept(it) }
            if (news.done) return
        }
    }
}
