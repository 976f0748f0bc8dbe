// What only asks the database is generated from the methods of the Rust outbox and the records that they take.

package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/**
 * A list of messages in a database, which workers in any number of processes and machines send.
 *
 * What is put is sent by whoever calls [run], and by any number of them at the same time. The intent to send is written
 * before a request leaves, and the outcome after: a worker that is killed leaves messages that are queued, and some that
 * are *unknown*, which are never sent again by themselves. No other is sent twice, and none is lost.
 *
 * ```kotlin
 * Outbox("sqlite:outbox.db", client).use { outbox ->
 *     outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key = "order-7")
 *     println(outbox.run().sent)
 * }
 * ```
 *
 * It may be used from many threads at once. What asks the database comes to its end before an interrupt is seen.
 *
 * @constructor Opens one. Fails with [MessageException.InvalidArgument] when the store cannot be named like that, or this
 * build of the library does not know its kind, and with [OutboxException] when the database cannot be used.
 * @param store a SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already run,
 * `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
 * @param client what sends the messages.
 */
class Outbox(store: String, client: MessageClient) : AutoCloseable {
    private val native: NativeHolder<NativeOutbox>

    init {
        val outbox = translatingErrors(mapOf("store" to store)) { client.withNative { NativeOutbox.open(store, it) } }
        native = NativeHolder(outbox, "Outbox")
    }

    /**
     * Puts a message, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    @JvmOverloads
    fun put(request: SendRequest, key: String? = null): Long = put(OutboxRequest.Send(request), key)

    /**
     * Puts one message to many users, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    @JvmOverloads
    fun put(request: MulticastRequest, key: String? = null): Long = put(OutboxRequest.Multicast(request), key)

    /**
     * Puts one message to every user, as the other `put` does.
     *
     * @param request the message.
     * @param key your own name for it: the same key twice is one message; null for no name.
     */
    @JvmOverloads
    fun put(request: BroadcastRequest, key: String? = null): Long = put(OutboxRequest.Broadcast(request), key)
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
    fun putMany(messages: Iterable<OutboxMessage>): PutCounts {
        var counts = PutCounts(0, 0)
        var first = 0L
        for (chunk in messages.asSequence().chunked(CHUNK)) {
            val put = ask(mapOf("messages" to chunk)) { it.putAll(chunk, first) }
            counts = PutCounts(counts.put + put.put, counts.known + put.known)
            first += chunk.size
        }
        return counts
    }

    /**
     * Sends what is in the outbox, until all that is due has an outcome, or for ever, and gives what it did.
     *
     * Any number of processes and machines may do so at the same time: no message is sent by two. Order is kept within a
     * conversation, over all workers. A server that goes away is waited for, and so is the database. What the server accepted
     * in the last seconds before it went away is looked up when it is back.
     *
     * [Thread.interrupt] stops it, with the thread's interrupt flag set: nothing new is begun, what is under way comes to its
     * end and is written, and what it holds goes back. What [progress] throws does the same, and comes out then. It fails with
     * [OutboxException.Call] when the server would have refused every message, or was away for longer than the patience: what
     * was not sent is queued.
     *
     * @param options until when, how many at once, how many a second, and how long a server or database is waited for; null
     * for the defaults.
     * @param progress is told on this thread how it goes, ten times a second at the most and at the end; null for nobody.
     */
    @JvmOverloads
    fun run(options: RunOptions? = null, progress: Consumer<RunProgress>? = null): RunProgress =
        ask(NO_ARGUMENTS) { it.beginRun(options) }.use { OutboxRuns.finish(it, progress) }

    /**
     * The messages that have a state, the first ones first; read as they are asked for.
     *
     * @param state the state, such as [OutboxState.FAILED].
     */
    fun entries(state: OutboxState): Iterable<OutboxEntry> = Iterable {
        iterator {
            ask(NO_ARGUMENTS) { it.entries(state) }.use { pages ->
                while (true) yieldAll(translatingErrors(NO_ARGUMENTS) { pages.next() }.ifEmpty { return@use })
            }
        }
    }

    /** Those of which nobody knows whether they were executed; read as they are asked for. */
    fun unknown(): Iterable<OutboxEntry> = entries(OutboxState.UNKNOWN)

    /** Those that the server accepted and does not have; read as they are asked for. */
    fun lost(): Iterable<OutboxEntry> = entries(OutboxState.LOST)

    /** Those that the server refused for good, or that can never be sent; read as they are asked for. */
    fun failed(): Iterable<OutboxEntry> = entries(OutboxState.FAILED)

    /**
     * Waits until the message with a key has an outcome, and gives it as it is then, perhaps without an outcome; null where
     * there is none with that key. Somebody has to run a worker. [Thread.interrupt] ends the waiting, with the flag set.
     *
     * @param key the key that it was put with.
     * @param patience how long to wait at the most.
     */
    fun wait(key: String, patience: Duration): OutboxEntry? {
        val until = System.nanoTime() + patience.toNanos()
        while (true) {
            val left = Duration.ofNanos((until - System.nanoTime()).coerceAtLeast(0))
            val waited = ask(mapOf("key" to key)) { it.wait(key, minOf(left, SlicedCalls.SLICE)) }
            if (waited.isOver || left.isZero || Thread.currentThread().isInterrupted) return waited.entry
        }
    }

    /** Lets the database go: each use afterwards fails with [IllegalStateException]. Calls under way go on to their end. */
    override fun close() = native.close()

    /** Says nothing of the store: its URL may have a password in it. */
    override fun toString(): String = "Outbox()"

    /** [arguments] are looked at only to find the one that cannot be handed over. */
    private fun <R> ask(arguments: Any, question: (NativeOutbox) -> R): R =
        native.use { outbox -> translatingErrors(arguments) { question(outbox) } }

    private companion object {
        val NO_ARGUMENTS = emptyMap<String, Any>()

        /** So many messages cross, and are written, at once. */
        const val CHUNK = 2_000
    }
}
