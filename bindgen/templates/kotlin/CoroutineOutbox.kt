// What only asks the database is generated from the methods of the Rust outbox and the records that they take.

package chat.wildfire.message

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import java.time.Duration

/**
 * [Outbox] for coroutines: the same methods as `suspend` functions, which block no thread of their callers. It needs
 * `kotlinx-coroutines-core`, which your project must add.
 *
 * ```kotlin
 * CoroutineOutbox.open("sqlite:outbox.db", client).use { outbox ->
 *     outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key = "order-7")
 *     println(outbox.run().sent)
 * }
 * ```
 *
 * Threads of [Dispatchers.IO] ask the database, and a thread of the native library sends. What asks the database comes to its
 * end before a cancellation is seen. A [run] that is cancelled first gives back what it holds.
 *
 * Java, which has no coroutines, uses [Outbox].
 */
class CoroutineOutbox private constructor(outbox: NativeOutbox) : AutoCloseable {
    private val native = NativeHolder(outbox, "CoroutineOutbox")

    /**
     * Puts a message, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    suspend fun put(request: SendRequest, key: String? = null): Long = put(OutboxRequest.Send(request), key)

    /**
     * Puts one message to many users, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    suspend fun put(request: MulticastRequest, key: String? = null): Long = put(OutboxRequest.Multicast(request), key)

    /**
     * Puts one message to every user, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    suspend fun put(request: BroadcastRequest, key: String? = null): Long = put(OutboxRequest.Broadcast(request), key)
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}

    /**
     * Puts many messages, 2,000 in a transaction, and tells how many are new.
     *
     * A message that can never be sent ends it with a [MessageException.InvalidArgument] that names its place, from 0, and so
     * does what [messages] throw: those in earlier transactions stay, as they do when the process dies. With keys it is safe
     * to put all of them again.
     *
     * @param messages the messages; there may be more than memory holds.
     */
    suspend fun putMany(messages: Flow<OutboxMessage>): PutCounts {
        var counts = PutCounts(0, 0)
        var first = 0L
        val chunk = ArrayList<OutboxMessage>()
        suspend fun put() {
            val put = ask(mapOf("messages" to chunk)) { it.putAll(chunk, first) }
            counts = PutCounts(counts.put + put.put, counts.known + put.known)
            first += chunk.size
            chunk.clear()
        }
        messages.collect {
            chunk += it
            if (chunk.size == OutboxRuns.CHUNK) put()
        }
        if (chunk.isNotEmpty()) put()
        return counts
    }

    /**
     * Puts many messages, as the other `putMany` does.
     *
     * @param messages the messages; there may be more than memory holds.
     */
    suspend fun putMany(messages: Iterable<OutboxMessage>): PutCounts = putMany(messages.asFlow())

    /**
     * Sends what is in the outbox, until all that is due has an outcome, or for ever, and gives what it did.
     *
     * Any number of processes and machines may do so at the same time: no message is sent by two. Order is kept within a
     * conversation, over all workers. A server that goes away is waited for, and so is the database. What the server accepted
     * in the last seconds before it went away is looked up when it is back.
     *
     * Cancelling stops it, as does what [progress] throws: nothing new is begun, what is under way comes to its end and is
     * written, and what it holds goes back; then the exception comes out. It fails with [OutboxException.Call] when the server
     * would have refused every message, or was away for longer than the patience: what was not sent is queued.
     *
     * @param options until when, how many at once, how many a second, and how long a server or database is waited for; null
     * for the defaults.
     * @param progress is told how it goes, ten times a second at the most and at the end; null for nobody.
     */
    suspend fun run(options: RunOptions? = null, progress: ((RunProgress) -> Unit)? = null): RunProgress {
        // Here, where no cancellation comes in between and loses it.
        val run = native.use { outbox -> translatingErrors(NO_ARGUMENTS) { outbox.beginRun(options) } }
        return run.use { CoroutineOutboxRuns.await(it, progress) }
    }

    /**
     * The messages that have a state, sender by sender, the first ones first; read as they are collected.
     *
     * @param state the state, such as [OutboxState.FAILED].
     */
    fun entries(state: OutboxState): Flow<OutboxEntry> = flow {
        ask(NO_ARGUMENTS) { it.entries(state) }.use { pages ->
            while (true) {
                val page = withContext(Dispatchers.IO) { translatingErrors(NO_ARGUMENTS) { pages.next() } }
                if (page.isEmpty()) break
                page.forEach { emit(it) }
            }
        }
    }

    /** Those of which nobody knows whether they were executed; read as they are collected. */
    fun unknown(): Flow<OutboxEntry> = entries(OutboxState.UNKNOWN)

    /** Those that the server accepted and does not have; read as they are collected. */
    fun lost(): Flow<OutboxEntry> = entries(OutboxState.LOST)

    /** Those that the server refused for good, or that can never be sent; read as they are collected. */
    fun failed(): Flow<OutboxEntry> = entries(OutboxState.FAILED)

    /**
     * Waits until the message with a key has an outcome, and gives it as it is then, perhaps without an outcome; null where
     * there is none with that key. Somebody has to run a worker.
     *
     * @param key the key that it was put with.
     * @param patience how long to wait at the most.
     */
    suspend fun wait(key: String, patience: Duration): OutboxEntry? {
        val until = System.nanoTime() + patience.toNanos()
        var pause = FIRST_PAUSE
        while (true) {
            val left = (until - System.nanoTime()) / NANOSECONDS
            val waited = ask(mapOf("key" to key)) { it.wait(key, Duration.ZERO) }
            if (waited.isOver || left <= 0) return waited.entry
            delay(minOf(left, pause))
            pause = minOf(2 * pause, LONGEST_PAUSE)
        }
    }

    /** Lets the database go: each use afterwards fails with [IllegalStateException]. Calls under way go on to their end. */
    override fun close() = native.close()

    /** Says nothing of the store: its URL may have a password in it. */
    override fun toString(): String = "CoroutineOutbox()"

    private suspend fun <R> ask(arguments: Any, question: (NativeOutbox) -> R): R =
        withContext(Dispatchers.IO) { native.use { outbox -> translatingErrors(arguments) { question(outbox) } } }

    /** Opens outboxes. */
    companion object {
        /** How long to wait until an outcome is asked for again, at first and at the most, in milliseconds. */
        private const val FIRST_PAUSE = 5L
        private const val LONGEST_PAUSE = 500L
        private const val NANOSECONDS = 1_000_000L
        private val NO_ARGUMENTS = emptyMap<String, Any>()

        /**
         * Opens one, whose messages are those of users. Fails with [MessageException.InvalidArgument] when the store cannot be
         * named like that, or this build of the library does not know its kind, and with [OutboxException] when the database
         * cannot be used.
         *
         * @param store a SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already
         * run, `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
         * @param client what sends the messages.
         */
        suspend fun open(store: String, client: CoroutineMessageClient): CoroutineOutbox =
            opened(store) { client.withNative { NativeOutbox.open(store, it) } }

        /**
         * Opens one, whose messages are those of a robot: their requests name it as their sender, or leave the sender empty.
         * Outboxes of several senders may share a store; each sends its own messages only. It fails as the other one does.
         *
         * @param store a SQLite file, `sqlite:outbox.db`, or the URL of a database.
         * @param client what sends the messages.
         */
        suspend fun open(store: String, client: CoroutineRobotClient): CoroutineOutbox =
            opened(store) { client.withNative { NativeOutbox.openForRobot(store, it) } }

        private suspend fun opened(store: String, open: () -> NativeOutbox) =
            CoroutineOutbox(withContext(Dispatchers.IO) { translatingErrors(mapOf("store" to store), open) })
    }
}
