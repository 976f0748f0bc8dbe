package chat.wildfire.message

import java.util.concurrent.Callable
import java.util.concurrent.Executors

/** A message with a text of its own, and what its call reported. */
class Told(val text: String, private val outcome: Result<SentMessage>) {
    /** What that means for the message. */
    enum class Meaning { SUCCEEDED, NOT_EXECUTED, UNKNOWN }

    val meaning: Meaning = when ((outcome.exceptionOrNull() as MessageException?)?.mayHaveExecuted) {
        null -> Meaning.SUCCEEDED
        false -> Meaning.NOT_EXECUTED
        true -> Meaning.UNKNOWN
    }

    /** What is wrong with it when these messages have its text; null where nothing is. */
    fun violation(executed: List<Long>): String? {
        val allowed = when (meaning) {
            Meaning.SUCCEEDED -> executed == listOf(outcome.getOrThrow().messageUid)
            Meaning.NOT_EXECUTED -> executed.isEmpty()
            Meaning.UNKNOWN -> executed.size <= 1
        }
        return if (allowed) null else "$text: executed as $executed, and the caller was told $outcome"
    }
}

/** Holds what was told of some calls to what the sandbox has executed: a line of the table. */
class Verdict(private val name: String, told: List<Told>, sandbox: Sandbox) {
    private val executed = told.associateWith { sandbox.messagesWithText(it.text) }

    val violations: List<String> = executed.mapNotNull { (told, uids) -> told.violation(uids) }

    /** The columns: calls, succeeded, failed and not executed, failed and unknown, of which executed. */
    val counts: List<Int> = listOf(
        told.size,
        told.count { it.meaning == Told.Meaning.SUCCEEDED },
        told.count { it.meaning == Told.Meaning.NOT_EXECUTED },
        told.count { it.meaning == Told.Meaning.UNKNOWN },
        executed.count { (told, uids) -> told.meaning == Told.Meaning.UNKNOWN && uids.isNotEmpty() },
    )

    override fun toString(): String = name.padEnd(38) + counts.joinToString("") { "$it".padStart(13) }

    companion object {
        /** What stands over the columns. */
        val TITLES: String = "".padEnd(38) +
            listOf("calls", "succeeded", "not executed", "unknown", "(executed)").joinToString("") { it.padStart(13) }
    }
}

/** Sends each text from one of 8 threads. What fails with anything but a [MessageException] fails the test. */
fun sendAll(texts: List<String>, send: (String) -> SentMessage): List<Told> {
    val threads = Executors.newFixedThreadPool(8)
    try {
        return threads.invokeAll(texts.map { text -> Callable { Told(text, runCatching { send(text) }) } })
            .map { it.get() }
    } finally {
        threads.shutdown()
    }
}
