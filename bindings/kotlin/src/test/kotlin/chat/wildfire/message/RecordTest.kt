package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.full.declaredFunctions
import kotlin.reflect.full.primaryConstructor
import kotlin.reflect.typeOf

class RecordTest {
    private fun payload(data: ByteArray) =
        MessagePayload(ContentType.IMAGE, data = data, remoteMediaUrl = "https://x/y")

    private fun recalled(data: ByteArray) = RecalledMessage("a", 1, 2, "", "", "", data, 0, "")

    @Test
    fun `payloads with the same bytes are equal`() {
        assertEquals(payload(byteArrayOf(1, 2)), payload(byteArrayOf(1, 2)))
        assertEquals(payload(byteArrayOf(1, 2)).hashCode(), payload(byteArrayOf(1, 2)).hashCode())
        assertNotEquals(payload(byteArrayOf(1, 2)), payload(byteArrayOf(1, 3)))
        assertTrue(payload(byteArrayOf(1)) in setOf(payload(byteArrayOf(1))))
    }

    @Test
    fun `recalled messages with the same bytes are equal`() {
        assertEquals(recalled(byteArrayOf(1, 2)), recalled(byteArrayOf(1, 2)))
        assertEquals(recalled(byteArrayOf(1, 2)).hashCode(), recalled(byteArrayOf(1, 2)).hashCode())
        assertNotEquals(recalled(byteArrayOf(1, 2)), recalled(byteArrayOf(2, 1)))
    }

    @Test
    fun `received requests and scripted answers with the same bytes are equal`() {
        fun request(body: String) = ReceivedRequest("POST", "/x", listOf(Header("a", "b")), body.toByteArray(), true, 1)

        fun answer(body: String) = ScriptedAnswer(413, listOf(Header("a", "b")), body.toByteArray())
        for (make in listOf<(String) -> Any>(::request, ::answer)) {
            assertEquals(make("x"), make("x"))
            assertEquals(make("x").hashCode(), make("x").hashCode())
            assertNotEquals(make("x"), make("y"))
        }
    }

    @Test
    fun `messages that hold equal payloads are equal`() = withServer { client, _ ->
        val uid = client.sendMessage("admin", Conversation.single("u"), payload(byteArrayOf(0, -1, 127))).messageUid
        assertEquals(client.getMessage(uid), client.getMessage(uid))
        assertEquals(payload(byteArrayOf(0, -1, 127)), client.getMessage(uid).payload)
    }

    @Test
    fun `a payload is stored and counted unless said otherwise`() {
        assertEquals(PersistFlag.STORED_AND_COUNTED, MessagePayload(ContentType.TEXT).persistFlag)
        assertEquals(PersistFlag.STORED_AND_COUNTED, MessagePayload.text("hello").persistFlag)
    }

    @Test
    fun `a record shows its fields`() {
        assertEquals("Conversation(kind=1, target=g, line=0)", Conversation.group("g").toString())
        assertTrue("searchableContent=hello" in MessagePayload.text("hello").toString())
    }

    @Test
    fun `a changed copy leaves the record as it was`() {
        val text = MessagePayload.text("hello")
        assertEquals("psst", text.copy(pushContent = "psst").pushContent)
        assertEquals("", text.pushContent)
    }

    @Test
    fun `short-hands make the conversation of their kind`() {
        assertEquals(Conversation(ConversationType.SINGLE, "x", 0), Conversation.single("x"))
        assertEquals(Conversation(ConversationType.GROUP, "x", 0), Conversation.group("x"))
        assertEquals(Conversation(ConversationType.CHATROOM, "x", 0), Conversation.chatroom("x"))
        assertEquals(Conversation(ConversationType.CHANNEL, "x", 7), Conversation.channel("x", line = 7))
    }

    @Test
    fun `numbers have names`() {
        assertEquals(listOf(0, 1, 5), ConversationType.run { listOf(SINGLE, GROUP, SECRET_CHAT) })
        assertEquals(listOf(1, 80, 91), ContentType.run { listOf(TEXT, RECALLED, TYPING) })
        assertEquals(12, MediaType.PAN)
        assertEquals(4, PersistFlag.TRANSPARENT)
        assertEquals(2, MentionedType.EVERYONE)
        assertEquals(12, Platform.HARMONY_PC)
        assertEquals(listOf(0, 250, 253), ErrorCode.run { listOf(SUCCESS, OVER_FREQUENCY, NOT_EXIST) })
    }

    @Test
    fun `a number that nobody knows passes unharmed`() = withServer { client, _ ->
        val own = MessagePayload(1234, persistFlag = 1, mediaType = 99)
        val read = client.getMessage(client.sendMessage("a", Conversation.single("u"), own).messageUid).payload
        assertEquals(listOf(1234, 99), listOf(read.contentType, read.mediaType))
    }

    @Test
    fun `the builder of payloads sets every field`() {
        val built = allSet(MessagePayloadBuilder(0), MessagePayload::class).build()
        val expected = MessagePayload(
            9, "set", "set", "set", "set", byteArrayOf(9), 9, "set", 9, 9, 9, listOf("set"), "set",
        )
        assertEquals(expected, built)
        assertEquals(expected, MessagePayloadBuilder(expected).build())
    }

    @Test
    fun `the builder of extras sets every field`() {
        val built = allSet(ContentExtrasBuilder(), ContentExtras::class).build()
        assertEquals(ContentExtras(9, listOf("set"), "set", "set", "set", 9), built)
        assertEquals(built, ContentExtrasBuilder(built).build())
        assertEquals(ContentExtras(), ContentExtrasBuilder().build())
    }

    @Test
    fun `the builder of options sets every field`() {
        val nine = Duration.ofSeconds(9)
        val expected = ClientOptions(
            nine, nine, nine, 9, nine, nine, 9, 9, nine, nine, 9, "set", listOf("set"), "set", "set", true,
        )
        assertEquals(expected, allSet(ClientOptionsBuilder(), ClientOptions::class).build())
        assertEquals(ClientOptions(), ClientOptionsBuilder().build())
    }

    /** Calls the setter of every field of [record]; a field without one fails. */
    private fun <B : Any> allSet(builder: B, record: KClass<*>): B {
        for (field in record.primaryConstructor!!.parameters) {
            val setter: KFunction<*> = builder::class.declaredFunctions.single { it.name == field.name }
            val value: Any = when (setter.parameters[1].type) {
                typeOf<Int>() -> 9
                typeOf<Long>() -> 9L
                typeOf<Boolean>() -> true
                typeOf<String>() -> "set"
                typeOf<ByteArray>() -> byteArrayOf(9)
                typeOf<Duration>() -> Duration.ofSeconds(9)
                typeOf<List<String>>() -> listOf("set")
                else -> error("${field.name} has a type that this test does not know")
            }
            setter.call(builder, value)
        }
        return builder
    }
}
