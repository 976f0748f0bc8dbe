package chat.wildfire.message.contents

import chat.wildfire.message.Content
import chat.wildfire.message.ContentExtras
import chat.wildfire.message.Conversation
import chat.wildfire.message.Message
import chat.wildfire.message.MessageException
import chat.wildfire.message.contentExtras
import chat.wildfire.message.decodeContent
import chat.wildfire.message.single
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows

/** Plays every vector of tests/contents, in both directions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VectorTest {
    private val vectors = Vector.all()
    private var played = 0

    @TestFactory
    fun `every vector holds`(): List<DynamicTest> = vectors.map { vector ->
        DynamicTest.dynamicTest(vector.name.replace('_', ' ')) {
            // The record itself, and as one of all contents.
            listOfNotNull(vector.content?.held(), vector.content).forEach { assertIsWritten(vector, it as Content) }
            assertIsRead(vector)
            played++
        }
    }

    @Test
    fun `every content is written by at least three vectors`() {
        val written = vectors.filter { it.payload != null }.mapNotNull { it.written }.groupingBy { it }.eachCount()
        assertEquals(VARIANTS.keys - setOf("MessagePayload", "RecalledContent"), written.keys)
        assertEquals(emptyMap<String, Int>(), written.filterValues { it < 3 })
    }

    @AfterAll
    fun tell() {
        println("contents: $played vectors played")
        assertEquals(vectors.size, played, "vectors that held")
    }

    private fun assertIsWritten(vector: Vector, content: Content) {
        if (vector.error == null) return assertEquals(vector.payload, content.toPayload(vector.extras))
        val failure = assertThrows<MessageException.InvalidArgument> { content.toPayload(vector.extras) }
        assertEquals(vector.error, mapOf("argument" to failure.argument, "reason" to failure.reason))
    }

    private fun assertIsRead(vector: Vector) {
        val payload = vector.payload ?: return
        val message = Message(1, "u1", Conversation.single("u2"), payload, timestamp = 1)
        assertEquals(vector.read, decodeContent(payload))
        assertEquals(vector.read, message.decodeContent())
        assertEquals(vector.extras ?: ContentExtras(), contentExtras(payload))
    }
}
