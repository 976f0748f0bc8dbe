package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.time.Duration
import kotlin.reflect.KClass
import kotlin.reflect.KFunction
import kotlin.reflect.KType
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions
import kotlin.reflect.full.primaryConstructor

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
    fun `each record in which four fields may be left out has a builder that sets every field`() {
        val large = publicRecords().filter { record -> fieldsOf(record).count { it.isOptional } >= 4 }
        assertTrue(large.containsAll(listOf(ClientOptions::class, MessagePayload::class, CardContent::class)))
        for (record in large) {
            val builder = Class.forName("${record.qualifiedName}Builder").kotlin
            val (full, empty) = builder.constructors.partition { takes(it, record) }
            val required = fieldsOf(record).filterNot { it.isOptional }
            val values = fieldsOf(record).associateWith { sample(it.type, it.name!!) }
            val whole = record.primaryConstructor!!.callBy(values)
            val least = record.primaryConstructor!!.callBy(values.filterKeys { it in required })

            val begun = empty.single().call(*required.map(values::get).toTypedArray())
            assertEquals(least, built(begun))
            for ((field, value) in values) setter(begun, field.name!!).call(begun, value)
            assertEquals(whole, built(begun))
            assertEquals(whole, built(full.single().call(whole)))
        }
    }

    private fun publicRecords(): List<KClass<*>> =
        File(MessageClient::class.java.protectionDomain.codeSource.location.toURI())
            .resolve("chat/wildfire/message")
            .listFiles { file -> file.extension == "class" && '$' !in file.name }!!
            .map { Class.forName("chat.wildfire.message.${it.nameWithoutExtension}") }
            .filter { it.getAnnotation(Metadata::class.java)?.kind == 1 }
            .map { it.kotlin }
            .filter { it.isData && it.visibility == KVisibility.PUBLIC }

    private fun takes(constructor: KFunction<*>, record: KClass<*>) =
        constructor.parameters.singleOrNull()?.type?.classifier == record

    private fun fieldsOf(record: KClass<*>) = record.primaryConstructor!!.parameters

    private fun setter(builder: Any, field: String): KFunction<*> =
        builder::class.declaredFunctions.single { it.name == field }

    private fun built(builder: Any): Any? = setter(builder, "build").call(builder)

    /** A value of a type that no other field of it has. */
    private fun sample(type: KType, name: String): Any = when (val kind = type.classifier as KClass<*>) {
        Int::class -> name.hashCode()
        Long::class -> name.hashCode().toLong()
        Boolean::class -> true
        String::class -> name
        ByteArray::class -> name.toByteArray()
        Duration::class -> Duration.ofSeconds(name.length.toLong(), name.hashCode().mod(999_999_999).toLong())
        List::class -> listOf(sample(type.arguments.single().type!!, name))
        else -> sampleOfOurs(kind)
    }

    private fun sampleOfOurs(kind: KClass<*>): Any = when {
        kind.isData -> sampleRecord(kind)
        kind.isSealed -> sampleRecord(kind.sealedSubclasses.first())
        else -> kind.java.enumConstants.last()
    }

    private fun sampleRecord(record: KClass<*>): Any {
        val values = fieldsOf(record).associateWith { sample(it.type, it.name!!) }
        return record.primaryConstructor!!.callBy(values)
    }
}
