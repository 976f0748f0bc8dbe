package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

/** The library without coroutines on the class path, which are optional. */
class WithoutCoroutinesTest {
    @Test
    fun `all but sending from a flow works without coroutines`() {
        val (coroutines, others) = System.getProperty("java.class.path").split(File.pathSeparator)
            .partition { "kotlinx-coroutines" in File(it).name }
        assertEquals(1, coroutines.size)
        val ended = Program.run(
            "WithoutCoroutinesTest",
            classpath = others.joinToString(File.pathSeparator),
        )
        assertEquals("" to "no coroutines\nsent: 21\n", ended.errors to ended.output)
        assertEquals(0, ended.code)
    }
}

/** Sends in every way that needs no coroutines, and looks at what there is. */
fun main() {
    check(runCatching { Class.forName("kotlinx.coroutines.flow.Flow") }.exceptionOrNull() is ClassNotFoundException)
    println("no coroutines")
    val request = SendRequest("admin", Conversation.single("user1"), MessagePayload.text("hello"))
    val outcomes = mutableListOf<SendOutcome>()
    Sandbox(SECRET).use { sandbox ->
        MessageClient(sandbox.baseUrl, SECRET).use { client ->
            client.sendHello()
            outcomes += client.sendMessages(List(5) { request })
            outcomes += client.sendEach(List(5) { request })
            outcomes += client.sendEach(generateSequence { request }.take(5))
            outcomes += client.sendEach(List(5) { request }.asSequence(), BulkOptions(concurrency = 1)) {}
            // As frameworks look at a class.
            MessageClient::class.java.methods.forEach { it.toGenericString() }
            outcomes.forEach { it.orThrow() }
            println("sent: ${sandbox.messageUids().size}")
        }
    }
}
