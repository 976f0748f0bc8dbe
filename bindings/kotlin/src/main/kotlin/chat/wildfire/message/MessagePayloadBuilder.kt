package chat.wildfire.message

/**
 * Makes a [MessagePayload] from Java, field by field; what is left out has its default. Kotlin names the arguments of
 * [MessagePayload] instead.
 *
 * ```java
 * MessagePayload image = new MessagePayloadBuilder(ContentType.IMAGE)
 *     .mediaType(MediaType.IMAGE)
 *     .remoteMediaUrl("https://example.com/cat.jpg")
 *     .data(thumbnail)
 *     .build();
 * ```
 *
 * @constructor Begins with all fields of [payload], to change some of them.
 */
class MessagePayloadBuilder(private var payload: MessagePayload) {
    /** Begins with an empty payload of this content type, one of [ContentType] or a number of your own from 1000 up. */
    constructor(contentType: Int) : this(MessagePayload(contentType))

    /** The content type, one of [ContentType] or a number of your own from 1000 up. */
    fun contentType(value: Int) = change { copy(contentType = value) }

    /** The text that searching finds and, for text messages, that is shown. */
    fun searchableContent(value: String) = change { copy(searchableContent = value) }

    /** The text of the push notification; empty for the receiver's own default. */
    fun pushContent(value: String) = change { copy(pushContent = value) }

    /** Data that goes with the push notification, not shown. */
    fun pushData(value: String) = change { copy(pushData = value) }

    /** Text that searching does not find; what it holds is the content type's affair. */
    fun content(value: String) = change { copy(content = value) }

    /** Bytes that go with the message. */
    fun data(value: ByteArray) = change { copy(data = value) }

    /** The kind of the file at the URL, one of [MediaType]. */
    fun mediaType(value: Int) = change { copy(mediaType = value) }

    /** Where the file lies that the message shows. */
    fun remoteMediaUrl(value: String) = change { copy(remoteMediaUrl = value) }

    /** What receivers keep, one of [PersistFlag]; stored and counted as unread when left out. */
    fun persistFlag(value: Int) = change { copy(persistFlag = value) }

    /** Seconds after reading at which the message disappears; 0 for never. */
    fun expireDuration(value: Int) = change { copy(expireDuration = value) }

    /** Who is mentioned, one of [MentionedType]. */
    fun mentionedType(value: Int) = change { copy(mentionedType = value) }

    /** Ids of the users who are mentioned when the mentioned type is 1. */
    fun mentionedTargets(value: List<String>) = change { copy(mentionedTargets = value) }

    /** Text of the sender's own that travels with the message. */
    fun extra(value: String) = change { copy(extra = value) }

    /** The payload with everything that was set so far. */
    fun build(): MessagePayload = payload

    private inline fun change(changed: MessagePayload.() -> MessagePayload) = apply { payload = payload.changed() }
}
