package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/** Files on their way. */
internal object Uploads {
    /** How long to wait for news at a time, and so the longest time until an interrupt is noticed. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /**
     * Waits for the end of an upload, and of the message after it if there is one, and reports the progress; [end] takes
     * what comes of it from the news. Afterwards nothing is sent, whatever happened in between.
     */
    fun <R : Any> finish(upload: NativeUpload, progress: Consumer<UploadProgress>?, end: (UploadNews) -> R?): R {
        try {
            while (true) {
                // It fails with Interrupted, which knows the step. The flag stays, for the caller's own code.
                if (Thread.currentThread().isInterrupted) translatingErrors(NO_ARGUMENTS) { upload.cancel() }
                val news = translatingErrors(NO_ARGUMENTS) { upload.wait(PATIENCE) }
                news.progress?.let { progress?.accept(it) }
                end(news)?.let { return it }
            }
        } catch (failure: Throwable) {
            // An exception of `progress`; after any other error the upload has already ended.
            runCatching { upload.cancel() }
            throw failure
        }
    }
}
