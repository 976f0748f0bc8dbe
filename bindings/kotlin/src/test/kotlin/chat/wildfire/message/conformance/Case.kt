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

/** A JSON object of a case, in plain Kotlin values: String, Long, Boolean, List, Map and null. */
typealias Fields = Map<String, Any?>

/** One case of tests/conformance; see the README there for what each key means. */
class Case(private val fields: Fields) {
    val name: String by fields
    val method: String by fields
    val arguments = fields("arguments").orEmpty()
    val options = fields("options").orEmpty()
    val baseUrl = fields["base_url"] as String? ?: "{sandbox}"
    val client = fields("client")
    val answer = fields("answer")
    val fault = fields["fault"] as String?
    val request = fields("request")
    val error = fields("error")
    val succeeds = "result" in fields
    val result = fields["result"]

    init {
        fields.mustOnlyHave(
            *arrayOf("name", "method", "arguments", "options", "base_url", "client"),
            *arrayOf("answer", "fault", "request", "result", "error"),
        )
        check(succeeds != (error != null)) { "$name has neither or both of result and error" }
    }

    private fun fields(key: String) = fields[key]?.asFields()

    companion object {
        /** Every case of every file, in the order of the files' names. */
        fun all(): List<Case> {
            val folder = Path.of(System.getProperty("conformance.cases") ?: "../../tests/conformance/cases")
            val files = Files.list(folder).use { paths -> paths.filter { it.extension == "json" }.sorted().toList() }
            return files.flatMap { file ->
                JsonParser.parseString(file.readText()).asJsonArray.map { Case(plain(it)!!.asFields()) }
            }
        }
    }
}

@Suppress("UNCHECKED_CAST")
fun Any.asFields(): Fields = this as Fields

/** Fails for a key that this player does not know: it would leave something unchecked. */
fun Fields.mustOnlyHave(vararg known: String) {
    val unknown = keys - known.toSet()
    require(unknown.isEmpty()) { "unknown: $unknown" }
}

private fun plain(json: JsonElement): Any? = when (json) {
    is JsonObject -> json.asMap().mapValues { plain(it.value) }.let { if ("repeat" in it) longText(it) else it }

    is JsonArray -> json.map(::plain)

    is JsonPrimitive -> when {
        json.isString -> json.asString

        json.isBoolean -> json.asBoolean

        // By its digits: ids take 60 bits, and a double would round them.
        else -> json.asString.toLong()
    }

    else -> null
}

/** `{"before": "x", "repeat": "ab", "times": 2, "after": "y"}` is the text `xababy`. */
private fun longText(fields: Fields): String {
    fields.mustOnlyHave("before", "repeat", "times", "after")
    val repeated = (fields["repeat"] as String).repeat(Math.toIntExact(fields["times"] as Long))
    return (fields["before"] ?: "").toString() + repeated + (fields["after"] ?: "")
}
