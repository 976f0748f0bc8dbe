package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.nio.file.Path
import kotlin.io.path.readText

/** What docs/observing.md shows of the log is what the program beside it writes. */
class TranscriptTest {
    private val root = Path.of(System.getProperty("conformance.cases")).resolve("../../..").normalize()

    /** The program, what it writes by default, and what it writes with `FINE`. */
    private val shown = root.resolve("docs/observing.md").readText()
        .substringAfter("\n#### In Kotlin\n").substringBefore("\n#")
        .split("\n```").chunked(2).mapNotNull { it.getOrNull(1)?.substringAfter('\n') }

    private fun told(vararg levels: String): String {
        val format = "-Djava.util.logging.SimpleFormatter.format=%4\$s %5\$s%n"
        val options = listOf(format, "-Duser.language=en")
        return Program.run("Transcript", *levels, jvmOptions = options, main = "TranscriptKt").errors
    }

    @Test
    fun `the page shows what the program writes`() {
        assertEquals(root.resolve("bindings/kotlin/examples/Transcript.kt").readText().trim(), shown[0].trim())
        assertEquals(withoutTimes(shown[1]), withoutTimes(told()))
        assertEquals(withoutTimes(shown[2]), withoutTimes(told("FINE")))
    }

    private fun withoutTimes(text: String) = text.trim().replace(Regex("""\d+\.\d+ s"""), "0 s")
}
