package chat.wildfire.message.conformance

import chat.wildfire.message.ChannelClient
import chat.wildfire.message.MessageClient
import chat.wildfire.message.RobotClient
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows
import kotlin.reflect.KClass
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions

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
        for ((kind, methods) in mapOf(
            null to methodsOf(MessageClient::class),
            "robot" to methodsOf(RobotClient::class),
            "channel" to methodsOf(ChannelClient::class),
        )) {
            val played = cases.filter { it.sender?.first == kind }.map { it.method }.toSet()
            assertEquals(methods.map(::rustName).toSet() + "new", played, kind ?: "the administrator")
        }
    }

    /** Those that ask the server for something. */
    private fun methodsOf(client: KClass<*>): Set<String> {
        val own = client.declaredFunctions.filter { it.visibility == KVisibility.PUBLIC }.map { it.name }
        // Texts that grow have vectors of their own, and tests of many messages are not cases.
        val others = setOf("sendEach", "sendMessages", "multicastEach", "streamText")
        return own.toSet() - others - setOf("close", "closeIdle", "stats", "toString")
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
