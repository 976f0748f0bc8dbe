package chat.wildfire.message

/**
 * What a message says, with its fields by name. The sending methods of [MessageClient] take it as well as a payload.
 *
 * The built-in contents, such as [TextContent], are of this kind, and so is [MessageContent], which is any of them. One
 * of your own has a type from 1000 up:
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
 * [decodeContent] gives it back as a [MessageContent.Custom] with its payload.
 */
interface Content {
    /**
     * The payload to send. Fails with [MessageException.InvalidArgument] when it cannot be sent as it is.
     *
     * @param extras mentions, push text, expiry and a text of your own; null for none.
     */
    fun toPayload(extras: ContentExtras?): MessagePayload

    /** The payload to send, without extras. */
    fun toPayload(): MessagePayload = toPayload(null)
}
