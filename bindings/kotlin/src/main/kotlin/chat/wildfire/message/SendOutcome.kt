package chat.wildfire.message

/** What became of one message of many: it was sent, or it failed. One of [sent] and [error] is there. */
class SendOutcome private constructor(
    /** The message that was sent; null where it failed. */
    val sent: SentMessage?,
    /** Why it failed; null where it was sent. */
    val error: MessageException?,
) {
    /** The outcome of a message that was sent. */
    constructor(sent: SentMessage) : this(sent, null)

    /** The outcome of a message that failed. */
    constructor(error: MessageException) : this(null, error)

    /** The message that was sent; fails with [error] where it failed. */
    fun orThrow(): SentMessage = sent ?: throw error!!

    /** Says what was sent, or why it failed. */
    override fun toString(): String = "SendOutcome(${sent ?: error})"
}
