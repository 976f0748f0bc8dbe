package chat.wildfire.message

import java.util.concurrent.atomic.AtomicReference

/**
 * The outcomes of many messages, one per message and in their order, which [MessageClient.sendEach] returns.
 *
 * Messages are sent while you iterate over this, which is possible once. Close it if you stop before the end: otherwise
 * the messages that were already taken in would still be sent until the garbage collector finds it.
 */
class SendOutcomes internal constructor(private val begin: () -> Bulk) :
    Sequence<SendOutcome>,
    AutoCloseable {
    private val state = AtomicReference<State>(State.Waiting)

    /** Starts the sending. Fails with [MessageException.InvalidArgument] if an option can never work. */
    override fun iterator(): Iterator<SendOutcome> {
        if (state.get() != State.Waiting) throw IllegalStateException("these outcomes were asked for already")
        val bulk = begin()
        if (!state.compareAndSet(State.Waiting, State.Begun(bulk))) {
            bulk.close()
            throw IllegalStateException("these outcomes were asked for already")
        }
        return InTurn(bulk)
    }

    /**
     * Ends the sending; requests that are under way are dropped. Iterating afterwards fails with
     * [IllegalStateException].
     */
    override fun close() {
        (state.getAndSet(State.Closed) as? State.Begun)?.bulk?.close()
    }

    private sealed interface State {
        object Waiting : State

        class Begun(val bulk: Bulk) : State

        object Closed : State
    }

    /** Each outcome in its turn. */
    private class InTurn(private val bulk: Bulk) : Iterator<SendOutcome> {
        private var ready: Iterator<SendOutcome> = emptyList<SendOutcome>().iterator()

        override fun hasNext(): Boolean {
            while (!ready.hasNext()) {
                ready = (bulk.next() ?: return false).iterator()
            }
            return true
        }

        override fun next(): SendOutcome = if (hasNext()) ready.next() else throw NoSuchElementException()
    }
}
