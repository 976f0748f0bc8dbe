package chat.wildfire.message

/**
 * The content of a message, with named fields. The sending methods of [MessageClient] accept a content as well as a
 * payload.
 *
 * The built-in contents, such as [TextContent], implement it, and so does [MessageContent], which is any of them. A
 * content of your own has a type from 1000 up:
 *
 * ```kotlin
 * data class OrderContent(val number: String) : Content {
 *     override fun toPayload(extras: ContentExtras?): MessagePayload {
 *         val payload = MessagePayload(contentType = 1001, searchableContent = "Order $number", content = number)
 *         return MessageContent.Custom(payload).toPayload(extras)
 *     }
 * }
 * ```
 *
 * [decodeContent] returns it as a [MessageContent.Custom] with its payload.
 */
interface Content {
    /**
     * The payload to send. Fails with [MessageException.InvalidArgument] if the content cannot be sent.
     *
     * @param extras mentions, push text, expiry and a text of your own; null for none.
     */
    fun toPayload(extras: ContentExtras?): MessagePayload

    /** The payload to send, without extras. */
    fun toPayload(): MessagePayload = toPayload(null)
}
