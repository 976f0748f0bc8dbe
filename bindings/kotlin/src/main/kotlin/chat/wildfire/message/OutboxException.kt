package chat.wildfire.message

/**
 * Why something did not work with an [Outbox]: one subclass for each situation that a caller handles differently. What can
 * never work is a [MessageException.InvalidArgument], as everywhere.
 *
 * [message] is one plain sentence. Neither it nor a property contains the store's password, the secret or a message.
 */
sealed class OutboxException private constructor(private val native: NativeOutboxException, cause: Throwable? = null) :
    RuntimeException(cause) {
    /** One plain sentence that says what went wrong. */
    override val message: String get() = native.sentence()

    /** Whether the same may work later without anybody changing anything. */
    @get:JvmName("isTemporary")
    val isTemporary: Boolean get() = native.isTemporary()

    /**
     * The database cannot be used for now: it is away, locked by others, or full. What was written stays; try again later.
     * Whether the last write was taken may be open: with a key it is safe to put a message again.
     *
     * @property reason what the database or the way to it said.
     */
    class StoreUnavailable(val reason: String) : OutboxException(NativeOutboxException.StoreUnavailable(reason))

    /**
     * The database will not do until somebody changes something: it is read-only, refuses the login, is no database, or
     * holds the tables of a newer version.
     *
     * @property reason what the database said.
     */
    class StoreUnusable(val reason: String) : OutboxException(NativeOutboxException.StoreUnusable(reason))

    /**
     * No entry has this id, or the one that has it is in a state in which this cannot be done.
     *
     * @property id the entry's id.
     * @property state its state; null where there is no such entry.
     */
    class WrongState @JvmOverloads constructor(val id: Long, val state: OutboxState? = null) :
        OutboxException(NativeOutboxException.WrongState(id, state))

    /**
     * A run ended because the server would have refused every message, or was away for longer than the patience. Nothing is
     * lost: what was not sent is queued.
     *
     * @property error what every message would have met.
     */
    class Call internal constructor(val error: MessageException, native: NativeOutboxException) :
        OutboxException(native, error)
}

/** The one place where the native outbox's errors become ours. */
internal fun NativeOutboxException.translated(): RuntimeException = when (this) {
    is NativeOutboxException.InvalidArgument -> MessageException.InvalidArgument(argument, reason)
    is NativeOutboxException.StoreUnavailable -> OutboxException.StoreUnavailable(reason)
    is NativeOutboxException.StoreUnusable -> OutboxException.StoreUnusable(reason)
    is NativeOutboxException.WrongState -> OutboxException.WrongState(id, state)
    is NativeOutboxException.Call -> OutboxException.Call(error.translated(), this)
}
