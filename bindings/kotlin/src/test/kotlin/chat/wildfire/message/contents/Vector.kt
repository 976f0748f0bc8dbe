package chat.wildfire.message.contents

import chat.wildfire.message.ContentExtras
import chat.wildfire.message.MessageContent
import chat.wildfire.message.MessagePayload
import chat.wildfire.message.conformance.Fields
import chat.wildfire.message.conformance.asFields
import chat.wildfire.message.conformance.entriesIn
import chat.wildfire.message.conformance.mustOnlyHave
import java.nio.file.Path
import kotlin.reflect.typeOf

/** One golden vector of a content; see the README of tests/contents for what each key means. */
class Vector(private val fields: Fields) {
    val name: String by fields
    val payload = fields("payload")?.let(::payloadOnTheWire)
    val extras = fields("extras")?.let { record(typeOf<ContentExtras>(), it) as ContentExtras }
    val content = fields("content")?.let(::contentOf)
    val error = fields("error")

    /** The name of the record that is written. */
    val written = fields("content")?.keys?.single()

    /** What the payload is read as. */
    val read = fields("decodes_to")?.let(::readAs) ?: content

    init {
        // `data_text` says what the payload's data says, for human eyes.
        fields.mustOnlyHave("name", "content", "extras", "payload", "data_text", "decodes_to", "error")
        error?.mustOnlyHave("argument", "reason")
        check((payload != null) != (error != null)) { "$name has neither or both of payload and error" }
        check(if (payload == null) content != null else read != null) { "$name has no content" }
    }

    private fun fields(key: String) = fields[key]?.asFields()

    private fun readAs(form: Fields): MessageContent =
        if (form == UNTOUCHED) MessageContent.Custom(checkNotNull(payload)) else contentOf(form)

    companion object {
        private val UNTOUCHED = mapOf("Custom" to emptyMap<String, Any>())

        /** Every vector of every file, in the order of the files' names. */
        fun all(): List<Vector> =
            entriesIn(Path.of(System.getProperty("contents.vectors") ?: "../../tests/contents")).map(::Vector)
    }
}

/** A payload by its names on the wire. */
private fun payloadOnTheWire(wire: Fields): MessagePayload {
    check("type" in wire && "persistFlag" in wire) { "a payload has a type and a persistFlag" }
    wire.mustOnlyHave(*ON_THE_WIRE.keys.toTypedArray())
    return record(typeOf<MessagePayload>(), wire.mapKeys { ON_THE_WIRE.getValue(it.key) }) as MessagePayload
}

private val ON_THE_WIRE = mapOf(
    "type" to "content_type",
    "searchableContent" to "searchable_content",
    "pushContent" to "push_content",
    "pushData" to "push_data",
    "content" to "content",
    "base64edData" to "data",
    "mediaType" to "media_type",
    "remoteMediaUrl" to "remote_media_url",
    "persistFlag" to "persist_flag",
    "expireDuration" to "expire_duration",
    "mentionedType" to "mentioned_type",
    "mentionedTarget" to "mentioned_targets",
    "extra" to "extra",
)
