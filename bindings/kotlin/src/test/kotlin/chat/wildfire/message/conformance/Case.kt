package chat.wildfire.message.conformance

import java.nio.file.Path

/** One case of tests/conformance; see the README there for what each key means. */
class Case(private val fields: Fields) {
    val name: String by fields
    val method: String by fields

    /** Whose client it is, as `robot to FireRobot`; null for the administrator's. */
    val sender = fields("sender")?.entries?.single()?.let { (kind, id) -> kind to id as String }
    val arguments = fields("arguments").orEmpty()
    val options = fields("options").orEmpty()
    val baseUrl = fields["base_url"] as String? ?: "{sandbox}"
    val client = fields("client")
    val answer = fields("answer")
    val fault = fields["fault"] as String?

    /** How many requests meet the fault, or, without one, get the answer. */
    val times = Math.toIntExact(fields["times"] as Long? ?: 1)
    val request = fields("request")
    val error = fields("error")
    val succeeds = "result" in fields
    val result = fields["result"]

    init {
        fields.mustOnlyHave(
            *arrayOf("name", "sender", "method", "arguments", "options", "base_url", "client"),
            *arrayOf("answer", "fault", "times", "request", "result", "error"),
        )
        check(succeeds != (error != null)) { "$name has neither or both of result and error" }
    }

    private fun fields(key: String) = fields[key]?.asFields()

    companion object {
        /** Every case of every file, in the order of the files' names. */
        fun all(): List<Case> {
            val cases = Path.of(System.getProperty("conformance.cases") ?: "../../tests/conformance/cases")
            return (entriesIn(cases) + entriesIn(cases.resolveSibling("senders"))).map(::Case)
        }
    }
}
