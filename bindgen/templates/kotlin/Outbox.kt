// What only asks the database is generated from the methods of the Rust outbox and the records that they take.

package chat.wildfire.message

import java.time.Duration
import java.util.function.Consumer

/**
 * A list of messages in a database, which workers in any number of processes and machines send.
 *
 * A call of [run] sends the messages; any number of processes may do this at the same time. The intent to send is
 * written before a request is sent, and the outcome afterwards: a worker that is killed leaves messages that are
 * queued, and some that are *unknown*, which are never sent again automatically. No other message is sent twice, and
 * none is lost.
 *
 * ```kotlin
 * Outbox("sqlite:outbox.db", client).use { outbox ->
 *     outbox.put(SendRequest("admin", Conversation.single("u1"), MessagePayload.text("Hello")), key = "order-7")
 *     println(outbox.run().sent)
 * }
 * ```
 *
 * Many threads may use it at the same time. A question to the database ends before an interrupt is noticed.
 *
 * The store is a SQLite file, such as `sqlite:outbox.db`, which is made if it is missing; or a database that you already
 * run, `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use. Opening an outbox
 * fails with [MessageException.InvalidArgument] if the store has no such name or this build of the library does not
 * support its kind, and with [OutboxException] if the database cannot be used.
 */
class Outbox private constructor(store: String, open: () -> NativeOutbox) : AutoCloseable {
    private val native = NativeHolder(translatingErrors(mapOf("store" to store), open), "Outbox")

    /**
     * Opens one, whose messages are those of users.
     *
     * @param store where it is, as above.
     * @param client what sends the messages.
     */
    constructor(store: String, client: MessageClient) :
        this(store, { client.withNative { NativeOutbox.open(store, it) } })

    /**
     * Opens one, whose messages are those of a robot: their requests name it as their sender, or leave the sender empty.
     * Outboxes of several senders may share a store; each sends its own messages only.
     *
     * @param store where it is, as above.
     * @param client what sends the messages.
     */
    constructor(store: String, client: RobotClient) :
        this(store, { client.withNative { NativeOutbox.openForRobot(store, it) } })

    /**
     * Puts a message, as the other `put` does.
     *
     * @param request the message.
     * @param key a name of your own: two messages with the same key are one message; null for none.
     */
    @JvmOverloads
    fun put(request: SendRequest, key: String? = null): Long = put(OutboxRequest.Send(request), key)

    /**
     * Puts one message to many users, as the other `put` does.
     *
     * @param request the message.
     * @param key a name of your own: two messages with the same key are one message; null for none.
     */
    @JvmOverloads
    fun put(request: MulticastRequest, key: String? = null): Long = put(OutboxRequest.Multicast(request), key)

    /**
     * Puts one message to every user, as the other `put` does.
     *
     * @param request the message.
     * @param key a name of your own: two messages with the same key are one message; null for none.
     */
    @JvmOverloads
    fun put(request: BroadcastRequest, key: String? = null): Long = put(OutboxRequest.Broadcast(request), key)
{%- for call in calls %}
{% include "kotlin/method.kt" %}
{%- endfor %}

    /**
     * Puts many messages, 2,000 per transaction, and returns how many are new.
     *
     * A message that can never be sent ends it with a [MessageException.InvalidArgument] that contains its position,
     * counted from 0; an exception of [messages] ends it too. The messages of earlier transactions stay, as they do if
     * the process dies. With keys it is safe to put all messages again.
     *
     * @param messages the messages, which need not fit into memory.
     */
    fun putMany(messages: Iterable<OutboxMessage>): PutCounts {
        var counts = PutCounts(0, 0)
        var first = 0L
        for (chunk in messages.asSequence().chunked(OutboxRuns.CHUNK)) {
            val put = ask(mapOf("messages" to chunk)) { it.putAll(chunk, first) }
            counts = PutCounts(counts.put + put.put, counts.known + put.known)
            first += chunk.size
        }
        return counts
    }

    /**
     * Sends the messages of the outbox until all that are due have an outcome, or for ever, and returns what it did.
     *
     * Any number of processes and machines may do this at the same time: no message is sent by two of them. The order
     * within a conversation is kept across all workers. If the server or the database goes away, the method waits for
     * it. Messages that the server accepted in the last seconds before it went away are looked up when it is back.
     *
     * [Thread.interrupt] stops it, and the thread's interrupt flag stays set: no further message begins, messages that
     * are under way end and their outcomes are written, and the other messages that it holds are queued again. An
     * exception of [progress] stops it in the same way, and is thrown afterwards. It fails with [OutboxException.Call]
     * if the server would have refused every message, or was away for longer than the patience: messages that were not
     * sent are queued.
     *
     * @param options when it ends, how many messages are sent at the same time and per second, and how long to wait for
     * a server or database; null for the defaults.
     * @param progress is called on this thread with the progress, at most ten times per second and at the end; null for
     * none.
     */
    @JvmOverloads
    fun run(options: RunOptions? = null, progress: Consumer<RunProgress>? = null): RunProgress =
        ask(NO_ARGUMENTS) { it.beginRun(options) }.use { OutboxRuns.finish(it, progress) }

    /**
     * The messages in a state, sender by sender, by priority and then in the order in which they were put; they are read
     * while you iterate.
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

    /** The messages for which it is unknown whether they were executed; they are read while you iterate. */
    fun unknown(): Iterable<OutboxEntry> = entries(OutboxState.UNKNOWN)

    /** The messages that the server has accepted but does not have; they are read while you iterate. */
    fun lost(): Iterable<OutboxEntry> = entries(OutboxState.LOST)

    /** The messages that the server has refused for good, or that can never be sent; they are read while you iterate. */
    fun failed(): Iterable<OutboxEntry> = entries(OutboxState.FAILED)

    /**
     * Waits until the message with a key has an outcome, and returns it as it is then, perhaps without an outcome; null
     * if no message has this key. A worker must be running. [Thread.interrupt] ends the waiting, and the flag stays
     * set.
     *
     * @param key the key with which the message was put.
     * @param patience how long to wait at most.
     */
    fun wait(key: String, patience: Duration): OutboxEntry? {
        val until = System.nanoTime() + patience.toNanos()
        while (true) {
            val left = Duration.ofNanos((until - System.nanoTime()).coerceAtLeast(0))
            val waited = ask(mapOf("key" to key)) { it.wait(key, minOf(left, SlicedCalls.SLICE)) }
            if (waited.isOver || left.isZero || Thread.currentThread().isInterrupted) return waited.entry
        }
    }

    /** Closes the outbox: every later call fails with [IllegalStateException]. Calls that are under way end normally. */
    override fun close() = native.close()

    /** It shows nothing of the store, whose URL may contain a password. */
    override fun toString(): String = "Outbox()"

    /** [arguments] are only used to find the argument that cannot be passed to the native library. */
    private fun <R> ask(arguments: Any, question: (NativeOutbox) -> R): R =
        native.use { outbox -> translatingErrors(arguments) { question(outbox) } }

    private companion object {
        val NO_ARGUMENTS = emptyMap<String, Any>()
    }
}
