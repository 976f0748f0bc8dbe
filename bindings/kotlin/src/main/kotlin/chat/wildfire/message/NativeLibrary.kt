package chat.wildfire.message

import com.sun.jna.Platform

/** The native library in this process. */
internal object NativeLibrary {
    private val failure: LinkageError? = try {
        uniffiEnsureInitialized()
        null
    } catch (failure: LinkageError) {
        failure
    }

    /** Loads it once; says what is missing where it cannot be had, and says it each time. */
    fun load() {
        val failure = failure ?: return
        val sentence = "wildfirechat-message has no native library that works on ${Platform.RESOURCE_PREFIX}"
        throw UnsatisfiedLinkError(sentence).initCause(failure)
    }
}
