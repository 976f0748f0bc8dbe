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

    /** What is in the way; looked for once. */
    private val sentence by lazy {
        val cause = LoadingTrouble.here(NativeLibrary::class.java.classLoader).cause(failure!!)
        "wildfirechat-message cannot load its native library on ${Platform.RESOURCE_PREFIX}: $cause"
    }

    /** Loads it once; says what is in the way where it cannot be had, and says it each time. */
    fun load() {
        val failure = failure ?: return
        throw UnsatisfiedLinkError(sentence).initCause(failure)
    }
}
