package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.fail
import java.io.File

/**
 * The public API as it is compiled, compared with the listings in git: `api.txt` (as Kotlin and as Java see it) and
 * `api-docs.txt`.
 */
class ApiTest {
    private val classes = File(MessageClient::class.java.protectionDomain.codeSource.location.toURI())

    @Test
    fun `the signatures are those of the listing`() = hold("api.txt", ApiListing(classes).text())

    @Test
    fun `the documentation is that of the listing`() {
        val sources = listOf(File("src/main/kotlin"), classes.resolve("../../generated"))
        hold("api-docs.txt", sources.flatMap(::kdoc).sorted().joinToString("\n"))
    }

    @Test
    fun `a change is shown with what it belongs to`() {
        val before = "class A\n    fun f(): Int\n    fun g(): Int\n\nclass B\n    val x: Int\n"
        val after = before.replace("fun g(): Int", "fun g(): Long\n    fun h()").replace("val x: Int\n", "")
        assertEquals(
            "class A\n-    fun g(): Int\n+    fun g(): Long\n+    fun h()\nclass B\n-    val x: Int",
            difference(before, after),
        )
    }

    @Test
    fun `documentation is read with the name that it belongs to, and none of what is hidden`() {
        val source = File.createTempFile("Api", ".kt")
        source.writeText(
            """
            /** A class. */
            @Suppress("unused")
            class A {
                /**
                 * A field.
                 *
                 * And more.
                 */
                @JvmField val x = 0

                companion object {
                    /** A function. */
                    fun `f`() {}
                }
            }

            /** A class that only others make. */
            class C private constructor()

            /** Hidden. */
            internal class B {
                /** Hidden with it. */
                val x = 0
            }
            """.trimIndent(),
        )
        val read = kdoc(source)
        source.delete()
        assertEquals(
            listOf(
                "A\n    A class.\n",
                "A.x\n    A field.\n\n    And more.\n",
                "A.Companion.f\n    A function.\n",
                "C\n    A class that only others make.\n",
            ),
            read,
        )
    }

    /** Compares with a listing; with WILDFIRECHAT_API=write it writes the listing. */
    private fun hold(name: String, compiled: String) {
        val file = File(name)
        if (System.getenv("WILDFIRECHAT_API") == "write") file.writeText(compiled)
        val listed = if (file.exists()) file.readText() else ""
        if (listed != compiled) {
            fail(
                "the public API is not that of bindings/kotlin/$name. Where this is meant, renew the listing by " +
                    "`cargo xtask api kotlin`.\n" + beginning(difference(listed, compiled)),
            )
        }
    }

    /** As much as somebody reads. */
    private fun beginning(text: String): String {
        val lines = text.lines()
        return (
            lines.take(60) + listOf("… and ${lines.size - 60} lines more").filter {
                lines.size > 60
            }
            ).joinToString("\n")
    }

    /** The lines that differ, each below the beginning of its paragraph: `-` for what is listed, `+` for what is there. */
    private fun difference(listed: String, compiled: String): String {
        fun paragraphs(text: String) = text.trim().split("\n\n").map(String::lines).groupBy { it.first() }
        val (before, after) = paragraphs(listed) to paragraphs(compiled)
        return (before.keys + after.keys)
            .filter { before[it] != after[it] }
            .flatMap { head ->
                val (old, new) = before[head].orEmpty().flatten() to after[head].orEmpty().flatten()
                val lines = (old - new.toSet()).map { "-$it" } + (new - old.toSet()).map { "+$it" }
                if (head in before && head in after) listOf(head) + lines else lines
            }.joinToString("\n")
    }
}
