package chat.wildfire.message

/** The outcome of one message of many: it was sent, or it failed. Exactly one of [sent] and [error] is not null. */
class SendOutcome private constructor(
    /** The message that was sent; null if it failed. */
    val sent: SentMessage?,
    /** Why it failed; null if it was sent. */
    val error: MessageException?,
) {
    /** The outcome of a message that was sent. */
    constructor(sent: SentMessage) : this(sent, null)

    /** The outcome of a message that failed. */
    constructor(error: MessageException) : this(null, error)

    /** The message that was sent; throws [error] if it failed. */
    fun orThrow(): SentMessage = sent ?: throw error!!

    /** The message that was sent, or why it failed. */
    override fun toString(): String = "SendOutcome(${sent ?: error})"
}
