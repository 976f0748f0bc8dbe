package chat.wildfire.message.conformance

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import com.google.gson.JsonPrimitive
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.readText

/** A JSON object, in plain Kotlin values: String, Long, Double, Boolean, List, Map and null. */
typealias Fields = Map<String, Any?>

@Suppress("UNCHECKED_CAST")
fun Any.asFields(): Fields = this as Fields

/** Fails for a key that this player does not know: it would leave something unchecked. */
fun Fields.mustOnlyHave(vararg known: String) {
    val unknown = keys - known.toSet()
    require(unknown.isEmpty()) { "unknown: $unknown" }
}

/** The entries of every JSON file in [folder], each of which is a list, in the order of the files' names. */
fun entriesIn(folder: Path): List<Fields> {
    val files = Files.list(folder).use { paths -> paths.filter { it.extension == "json" }.sorted().toList() }
    return files.flatMap { file -> JsonParser.parseString(file.readText()).asJsonArray.map { plain(it)!!.asFields() } }
}

private fun plain(json: JsonElement): Any? = when (json) {
    is JsonObject -> json.asMap().mapValues { plain(it.value) }.let { if ("repeat" in it) longText(it) else it }

    is JsonArray -> json.map(::plain)

    is JsonPrimitive -> when {
        json.isString -> json.asString

        json.isBoolean -> json.asBoolean

        // By its digits: ids take 60 bits, and a double would round them.
        else -> json.asString.toLongOrNull() ?: json.asDouble
    }

    else -> null
}

/** `{"before": "x", "repeat": "ab", "times": 2, "after": "y"}` is the text `xababy`. */
private fun longText(fields: Fields): String {
    fields.mustOnlyHave("before", "repeat", "times", "after")
    val repeated = (fields["repeat"] as String).repeat(Math.toIntExact(fields["times"] as Long))
    return (fields["before"] ?: "").toString() + repeated + (fields["after"] ?: "")
}
