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

    /** Whether the same may succeed later without a change. */
    @get:JvmName("isTemporary")
    val isTemporary: Boolean get() = native.isTemporary()

    /**
     * The database cannot be used for now: it cannot be reached, is locked by others, or is full. What was written stays;
     * try again later. It may be unknown whether the last write was stored: with a key it is safe to put a message again.
     *
     * @property reason what the database or the connection to it reported.
     */
    class StoreUnavailable(val reason: String) : OutboxException(NativeOutboxException.StoreUnavailable(reason))

    /**
     * The database cannot be used until somebody changes something: it is read-only, refuses the login, is not a database,
     * or contains the tables of a newer version.
     *
     * @property reason what the database reported.
     */
    class StoreUnusable(val reason: String) : OutboxException(NativeOutboxException.StoreUnusable(reason))

    /**
     * No entry has this id, or the state of the entry does not allow this.
     *
     * @property id the entry's id.
     * @property state its state; null if there is no such entry.
     */
    class WrongState @JvmOverloads constructor(val id: Long, val state: OutboxState? = null) :
        OutboxException(NativeOutboxException.WrongState(id, state))

    /**
     * A run ended because the server would have refused every message, or was away for longer than the patience. Nothing is
     * lost: messages that were not sent are queued.
     *
     * @property error the error that every message would have had.
     */
    class Call internal constructor(val error: MessageException, native: NativeOutboxException) :
        OutboxException(native, error)
}

/** Turns the errors of the native outbox into those of this library. */
internal fun NativeOutboxException.translated(): RuntimeException = when (this) {
    is NativeOutboxException.InvalidArgument -> MessageException.InvalidArgument(argument, reason)
    is NativeOutboxException.StoreUnavailable -> OutboxException.StoreUnavailable(reason)
    is NativeOutboxException.StoreUnusable -> OutboxException.StoreUnusable(reason)
    is NativeOutboxException.WrongState -> OutboxException.WrongState(id, state)
    is NativeOutboxException.Call -> OutboxException.Call(error.translated(), this)
}
