package chat.wildfire.message

import com.google.gson.JsonParser
import example.EndpointExamples
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText

/** The examples of docs/endpoints: each sends the request on its page, and accepts the answer on its page. */
class EndpointExamplesTest {
    private val pages = Path.of(System.getProperty("conformance.cases")).resolve("../../../docs/endpoints").normalize()

    @Test
    fun `every page has an example in both languages`() {
        val names = Files.list(pages).use { files -> files.toList().map { it.nameWithoutExtension } }
        val wanted = names.filter { '-' in it }.toSet()
        assertEquals(wanted, ENDPOINT_EXAMPLES.keys)
        assertEquals(wanted, EndpointExamples.EXAMPLES.keys)
    }

    @TestFactory
    fun `an example in Kotlin sends what its page shows`(): List<DynamicTest> =
        ENDPOINT_EXAMPLES.map { (name, example) -> played(name, example) }

    @TestFactory
    fun `an example in Java sends what its page shows`(): List<DynamicTest> =
        EndpointExamples.EXAMPLES.map { (name, example) -> played(name) { client, uid -> example.run(client, uid) } }

    private fun played(name: String, example: (MessageClient, Long) -> Unit) = DynamicTest.dynamicTest(name) {
        val page = pages.resolve("$name.md").readText()
        val (request, answer) = page.split("```json\n").drop(1).map { it.substringBefore("```\n") }
        Sandbox().use { sandbox ->
            MessageClient(sandbox.baseUrl, "123456").use { client ->
                // The store that an answer names is the sandbox's.
                sandbox.answerNext(answer.replace("https://store.example.com", sandbox.baseUrl))
                example(client, MESSAGE_UID)
            }
            val sent = sandbox.requests().single()
            assertEquals("/admin/${name.replace('-', '/')}", sent.path)
            assertEquals(JsonParser.parseString(request), JsonParser.parseString(sent.body.decodeToString()))
        }
    }

    private companion object {
        const val MESSAGE_UID = 588582842607370241
    }
}
