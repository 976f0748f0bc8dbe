package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/** Workers of outboxes that are running. */
internal object OutboxRuns {
    /** How many messages are passed to the library, and written, at once. */
    const val CHUNK = 2_000

    /** How long to wait for news at a time, and so the longest time until an interrupt is noticed. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /**
     * Waits for the end of a run and reports its progress. An interrupt of the thread stops the run: messages that are under
     * way still end, and the flag stays set. An exception of [progress] stops it in the same way, and is thrown afterwards.
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
