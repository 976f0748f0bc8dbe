@file:JvmName("PayloadShortHands")

package chat.wildfire.message

/** A text message. */
@JvmSynthetic
fun MessagePayload.Companion.text(text: String): MessagePayload = Payloads.text(text)

/**
 * Payloads, made from Java: [text], and [MessagePayloadBuilder] for the rest. Kotlin names the arguments of
 * [MessagePayload] and of its `copy`, and has [text] on [MessagePayload] itself.
 */
object Payloads {
    /** A text message. */
    @JvmStatic
    fun text(text: String): MessagePayload = MessagePayload(ContentType.TEXT, searchableContent = text)
}
