package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.withContext

/** Waits to the end of multicasts on [Dispatchers.IO]. A coroutine that is cancelled ends them. */
internal suspend fun awaitMulticasts(begin: () -> NativeMulticasts): List<MulticastPart> {
    // What a cancelled coroutine would be given by another dispatcher is lost: so it is kept here.
    var begun: Multicasts? = null
    try {
        withContext(Dispatchers.IO) { begun = Multicasts(begin()) }
        val multicasts = begun!!
        while (!multicasts.isDone) withContext(Dispatchers.IO) { multicasts.step() }
        return multicasts.parts
    } catch (error: MessageException) {
        throw error
    } catch (stop: Throwable) {
        val fate = withContext(NonCancellable) { withContext(Dispatchers.IO) { fate(begun) } }
        if (stop is CancellationException) throw ended(stop, fate)
        throw stop.apply { addSuppressed(fate) }
    } finally {
        begun?.close()
    }
}

/** What is known of multicasts that are given up; nothing is sent afterwards. */
private fun fate(begun: Multicasts?): MessageException.Interrupted {
    val multicasts = begun ?: return MessageException.Interrupted(Multicasts.ENDPOINT, sent = false, attempts = 0)
    multicasts.cancel()
    while (!multicasts.isDone) multicasts.step()
    return interrupted(Multicasts.ENDPOINT, multicasts.parts.map { it.outcome })
}
