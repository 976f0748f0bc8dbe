@file:JvmName("Contents")

package chat.wildfire.message

/**
 * The content of a message, with named fields. If a part is missing or broken, its fields are empty; for a type that
 * the library does not know, the payload is returned unchanged as [MessageContent.Custom]. Never fails because of the
 * message.
 *
 * ```kotlin
 * when (val content = message.decodeContent()) {
 *     is MessageContent.Text -> println(content.value.text)
 *     is MessageContent.Image -> println(content.value.remoteMediaUrl)
 *     else -> println("of type ${message.payload.contentType}")
 * }
 * ```
 */
fun Message.decodeContent(): MessageContent = decodeContent(payload)

/** The content of a payload, with named fields, like that of a message. */
fun decodeContent(payload: MessagePayload): MessageContent =
    translatingErrors(mapOf("payload" to payload)) { nativeDecodeContent(payload) }

/**
 * What a payload contains besides its content; together with [decodeContent] this is everything in the payload of a
 * built-in content. The push text of a rich notification is its title and is not part of the result.
 */
fun contentExtras(payload: MessagePayload): ContentExtras =
    translatingErrors(mapOf("payload" to payload)) { nativeContentExtras(payload) }

/**
 * The thumbnail of an image, for [ImageContent], [VideoContent] and [LocationContent]: a JPEG of at most 120 by 120
 * pixels.
 *
 * The image is rotated as its camera has noted, transparent parts become white, and a small image is not enlarged.
 * Fails with [MessageException.InvalidArgument] if the bytes are not such an image, or if the image has more than
 * 16,384 pixels per side or needs more than 192 MiB of memory, which is checked before that memory is used.
 *
 * @param image the bytes of a JPEG, PNG, WebP or GIF file; of an animated image, the first picture is used.
 */
fun makeThumbnail(image: ByteArray): ByteArray =
    translatingErrors(mapOf("image" to image)) { nativeMakeThumbnail(image) }
