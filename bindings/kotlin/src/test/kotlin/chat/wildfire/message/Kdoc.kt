package chat.wildfire.message

import java.io.File

private val DECLARATION =
    Regex(
        """^(?:(?:\w+|@\S+) )*(?:class|interface|object|fun|val|var|typealias) """ +
            """(?:<[^>]*> )?(?:[\w<>?*, ]+\.)?`?(\w+)""",
    )
private val COMPANION = Regex("""^(?:\w+ )*companion object""")
private val OWNER = Regex("""^(?:\w+ )*(?:class|interface|object)\b""")
private val ENUM_ENTRY = Regex("""^`?([A-Z][A-Z0-9_]*)\b""")

/** A class whose constructor alone is private is not hidden. */
private val HIDDEN = Regex("""^(?:(?!(?:class|interface|object|fun|val|var) )\w+ |@\S+ )*(?:private|internal)\b""")

/** The documentation in a file or a folder of files of what is public: the name it belongs to, and below it the text. */
fun kdoc(source: File): List<String> = source.walk().filter { it.extension == "kt" }.sorted().flatMap(::ofFile).toList()

private class Owner(val name: String, val indent: Int, val isHidden: Boolean)

private fun ofFile(file: File): List<String> {
    val owners = mutableListOf<Owner>()
    val found = mutableListOf<String>()
    var comment: MutableList<String>? = null
    var isOpen = false
    for (line in file.readLines()) {
        val text = line.trim()
        when {
            isOpen || text.startsWith("/**") -> {
                if (!isOpen) comment = mutableListOf()
                comment?.add(text.removePrefix("/**").removeSuffix("*/").trim().removePrefix("*").trim())
                isOpen = !text.endsWith("*/")
            }

            text.isEmpty() || (text.startsWith("@") && DECLARATION.find(text) == null) -> {}

            else -> {
                val indent = line.length - line.trimStart().length
                owners.removeAll { it.indent >= indent && text.first() !in "(){}[]" }
                val name = nameIn(text)
                val isHidden = HIDDEN.containsMatchIn(text) || owners.any { it.isHidden }
                val docs = comment
                if (name != null && docs != null && !isHidden) {
                    val path = (owners.map { it.name } + name).joinToString(".")
                    found += entry(path, docs)
                }
                if (name != null && OWNER.containsMatchIn(text)) owners += Owner(name, indent, isHidden)
                comment = null
            }
        }
    }
    return found
}

private fun nameIn(text: String): String? = (DECLARATION.find(text) ?: ENUM_ENTRY.find(text))?.groupValues?.get(1)
    ?: if (COMPANION.containsMatchIn(text)) "Companion" else null

private fun entry(path: String, comment: List<String>): String {
    val lines = comment.dropWhile(String::isEmpty).dropLastWhile(String::isEmpty)
    return path + "\n" + lines.joinToString("") { if (it.isEmpty()) "\n" else "    $it\n" }
}
