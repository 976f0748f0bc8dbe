@file:JvmName("Contents")

package chat.wildfire.message

/**
 * A message's content, with its fields by name. A part that is missing or broken leaves its fields empty; a type that
 * the library does not know gives the payload untouched, as [MessageContent.Custom]. No message is a reason to fail.
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

/** A payload's content, with its fields by name, as that of a message. */
fun decodeContent(payload: MessagePayload): MessageContent =
    crossing(mapOf("payload" to payload)) { nativeDecodeContent(payload) }

/**
 * What a payload carries besides its content; with [decodeContent] that is all that a built-in content's payload holds.
 * The push text of a rich notification is its title, and not told here.
 */
fun contentExtras(payload: MessagePayload): ContentExtras =
    crossing(mapOf("payload" to payload)) { nativeContentExtras(payload) }

/**
 * The thumbnail of an image, for [ImageContent], [VideoContent] and [LocationContent]: a JPEG within 120 by 120 pixels.
 *
 * The image is turned as its camera says, a transparent one is put on white, a small one is not enlarged. Fails with
 * [MessageException.InvalidArgument] when the bytes are no such image, or the image has more than 16,384 pixels on a
 * side or takes more than 192 MiB of memory, which is found out before that memory is used.
 *
 * @param image the bytes of a JPEG, PNG, WebP or GIF file; of a moving image the first picture is taken.
 */
fun makeThumbnail(image: ByteArray): ByteArray = crossing(mapOf("image" to image)) { nativeMakeThumbnail(image) }
