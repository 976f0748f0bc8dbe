package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/** Files on their way. */
internal object Uploads {
    /** How long to wait for news at a time, and so how late an interrupt is seen at the most. */
    private val PATIENCE: Duration = Duration.ofMillis(100)
    private val NOTHING = emptyMap<String, Any>()

    /** Waits to the end of an upload, and tells how it goes. Afterwards nothing goes out, whatever came in between. */
    fun finish(upload: NativeUpload, progress: Consumer<UploadProgress>?): String {
        try {
            while (true) {
                // It fails with Interrupted, which knows the step. The flag stays, for the caller's own code.
                if (Thread.currentThread().isInterrupted) crossing(NOTHING) { upload.cancel() }
                val news = crossing(NOTHING) { upload.wait(PATIENCE) }
                news.progress?.let { progress?.accept(it) }
                news.url?.let { return it }
            }
        } catch (failure: Throwable) {
            // What progress has thrown; otherwise it is over already.
            runCatching { upload.cancel() }
            throw failure
        }
    }
}
