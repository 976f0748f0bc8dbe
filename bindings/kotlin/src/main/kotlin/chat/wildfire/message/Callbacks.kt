@file:JvmName("Callbacks")

package chat.wildfire.message

/**
 * Reads a message that a server has posted: to the URL of a robot's callback, to that of a channel and `/message`, to
 * those that forward messages, or to the censor's.
 *
 * Nobody signs what is posted, and it may come twice, or never: drop repeats by [Message.messageUid], and a robot what it
 * has sent itself. Fails with [MessageException.InvalidArgument] when the body is no message.
 *
 * @param body the body of the request.
 */
fun parseMessageCallback(body: ByteArray): Message =
    translatingErrors(mapOf("body" to body)) { nativeParseMessageCallback(body) }

/** Reads a message that a server has posted, as the other `parseMessageCallback` does. */
fun parseMessageCallback(body: String): Message = parseMessageCallback(body.toByteArray())

/**
 * Reads what a server has posted when a message was recalled. Fails with [MessageException.InvalidArgument] when the body
 * is nothing of the kind.
 *
 * @param body the body of the request.
 */
fun parseRecallCallback(body: ByteArray): RecallCallback =
    translatingErrors(mapOf("body" to body)) { nativeParseRecallCallback(body) }

/** Reads what a server has posted when a message was recalled, as the other `parseRecallCallback` does. */
fun parseRecallCallback(body: String): RecallCallback = parseRecallCallback(body.toByteArray())

/**
 * Reads what a server has posted when a user subscribed to a channel, or ended that. Fails with
 * [MessageException.InvalidArgument] when the body is nothing of the kind.
 *
 * @param body the body of the request.
 */
fun parseSubscriptionCallback(body: ByteArray): SubscriptionCallback =
    translatingErrors(mapOf("body" to body)) { nativeParseSubscriptionCallback(body) }

/** Reads what a server has posted of a subscription, as the other `parseSubscriptionCallback` does. */
fun parseSubscriptionCallback(body: String): SubscriptionCallback = parseSubscriptionCallback(body.toByteArray())

/** A censor's answer: the message goes out as it is. */
@JvmSynthetic
fun CensorAnswer.Companion.send(): CensorAnswer = CensorAnswers.send()

/**
 * A censor's answer: the message goes out with this payload in place of its own. Fails with
 * [MessageException.InvalidArgument] when the payload cannot be sent.
 */
@JvmSynthetic
fun CensorAnswer.Companion.replace(payload: MessagePayload): CensorAnswer = CensorAnswers.replace(payload)

/** A censor's answer: the message does not go out. */
@JvmSynthetic
fun CensorAnswer.Companion.refuse(): CensorAnswer = CensorAnswers.refuse()

/** A censor's answers, made from Java. Kotlin has the same short-hands on [CensorAnswer] itself. */
object CensorAnswers {
    private val NO_ARGUMENTS = emptyMap<String, Any>()

    /** The message goes out as it is. */
    @JvmStatic
    fun send(): CensorAnswer = translatingErrors(NO_ARGUMENTS) { nativeCensorAnswerSend() }

    /**
     * The message goes out with this payload in place of its own. Fails with [MessageException.InvalidArgument] when the
     * payload cannot be sent.
     */
    @JvmStatic
    fun replace(payload: MessagePayload): CensorAnswer =
        translatingErrors(mapOf("payload" to payload)) { nativeCensorAnswerReplace(payload) }

    /** The message does not go out. */
    @JvmStatic
    fun refuse(): CensorAnswer = translatingErrors(NO_ARGUMENTS) { nativeCensorAnswerRefuse() }
}
