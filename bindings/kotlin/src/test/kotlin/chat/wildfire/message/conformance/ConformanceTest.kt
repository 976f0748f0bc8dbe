package chat.wildfire.message.conformance

import chat.wildfire.message.EVERY_METHOD
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows

/** Plays every case of tests/conformance: what the library sends, and what it makes of the answers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceTest {
    private val cases = Case.all()
    private val player = Player()
    private var played = 0

    @TestFactory
    fun `every case holds`(): List<DynamicTest> = cases.map { case ->
        DynamicTest.dynamicTest(case.name.replace('_', ' ')) {
            player.play(case)
            played++
        }
    }

    @Test
    fun `the cases and this library have the same methods`() {
        assertEquals(EVERY_METHOD.keys.map(::rustName).toSet() + "new", cases.map { it.method }.toSet())
    }

    @Test
    fun `a case with a key that the player does not know is refused`() {
        val case = mapOf("name" to "n", "method" to "new", "result" to null)
        assertEquals(1, Case(case).times)
        assertThrows<IllegalArgumentException> { Case(case + ("tiems" to 2L)) }
    }

    @AfterAll
    fun tell() {
        player.close()
        println("conformance: $played cases played")
        assertEquals(cases.size, played, "cases that held")
    }
}
