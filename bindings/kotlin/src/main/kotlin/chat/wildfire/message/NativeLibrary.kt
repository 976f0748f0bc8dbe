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

    /** Why the library cannot be loaded; determined once. */
    private val sentence by lazy {
        val cause = LoadingTrouble.here(NativeLibrary::class.java.classLoader).cause(failure!!)
        "wildfirechat-message cannot load its native library on ${Platform.RESOURCE_PREFIX}: $cause"
    }

    /** Loads the library once; if that is not possible, each call reports why. */
    fun load() {
        val failure = failure ?: return
        throw UnsatisfiedLinkError(sentence).initCause(failure)
    }
}
