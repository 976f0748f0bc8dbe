package chat.wildfire.message.contents

import chat.wildfire.message.CompositeContent
import chat.wildfire.message.Content
import chat.wildfire.message.ContentExtras
import chat.wildfire.message.ContentType
import chat.wildfire.message.Conversation
import chat.wildfire.message.FileContent
import chat.wildfire.message.ImageContent
import chat.wildfire.message.MentionedType
import chat.wildfire.message.Message
import chat.wildfire.message.MessageContent
import chat.wildfire.message.MessageException
import chat.wildfire.message.MessagePayload
import chat.wildfire.message.NotificationItem
import chat.wildfire.message.Quote
import chat.wildfire.message.RichNotificationContent
import chat.wildfire.message.TextContent
import chat.wildfire.message.TipContent
import chat.wildfire.message.TypingContent
import chat.wildfire.message.VoiceContent
import chat.wildfire.message.contentExtras
import chat.wildfire.message.decodeContent
import chat.wildfire.message.group
import chat.wildfire.message.mention
import chat.wildfire.message.mentionEveryone
import chat.wildfire.message.sendHello
import chat.wildfire.message.single
import chat.wildfire.message.text
import chat.wildfire.message.withServer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

private const val UID_OF_60_BITS = 1_152_921_504_606_846_975

@Timeout(30)
class ContentTest {
    private val group = Conversation.group("group1")
    private val ann = Conversation.single("ann")

    @Test
    fun `a content that was sent is read back`() = withServer { client, _ ->
        val plan = FileContent("plan.pdf", size = 4_812, remoteMediaUrl = "https://files/plan.pdf")
        val message = client.getMessage(client.sendMessage("bob", group, plan).messageUid)
        assertEquals(MessageContent.File(plan), message.decodeContent())
        assertEquals(plan.toPayload(), message.payload)
    }

    @Test
    fun `every sending method takes a content with extras`() = withServer { client, _ ->
        val extras = ContentExtras(extra = "mine", pushContent = "look", expireDuration = 60)
        val sent = client.sendMessage("bob", group, TextContent("hi"), extras).messageUid
        val many = client.multicastMessage("bob", listOf("ann", "eve"), TextContent("hi"), extras).messageUid
        val all = client.broadcastMessage("bob", TextContent("hi"), extras).messageUid
        for (message in listOf(sent, many, all).map(client::getMessage)) {
            assertEquals(MessageContent.Text(TextContent("hi")), message.decodeContent())
            assertEquals(extras, contentExtras(message.payload))
        }

        client.updateMessage(sent, TipContent("gone"), ContentExtras.mentionEveryone())
        val updated = client.getMessage(sent)
        assertEquals(MessageContent.Tip(TipContent("gone")), updated.decodeContent())
        assertEquals(ContentExtras.mentionEveryone(), contentExtras(updated.payload))
    }

    @Test
    fun `a content is sent as its payload would be`() = withServer { client, sandbox ->
        val (hi, mention) = TextContent("hi") to ContentExtras.mention("ann")
        val payload = hi.toPayload(mention)
        val ann = listOf("ann")
        val uid = client.sendMessage("bob", group, payload, toUsers = ann, isUserMessage = true).messageUid
        client.sendMessage("bob", group, hi, mention, toUsers = ann, isUserMessage = true)
        client.multicastMessage("bob", ann, payload, line = 1)
        client.multicastMessage("bob", ann, hi, mention, line = 1)
        client.broadcastMessage("bob", payload, line = 1)
        client.broadcastMessage("bob", hi, mention, line = 1)
        client.updateMessage(uid, payload, distribute = false, operator = "bob")
        client.updateMessage(uid, hi, mention, distribute = false, operator = "bob")

        val requests = sandbox.requests().map { it.path to it.body.decodeToString() }
        assertEquals(8, requests.size)
        requests.chunked(2).forEach { (ofPayload, ofContent) -> assertEquals(ofPayload, ofContent) }
    }

    @Test
    fun `a content that cannot be sent never leaves`() = withServer { client, sandbox ->
        val failure = assertThrows<MessageException.InvalidArgument> {
            client.sendMessage("bob", ann, VoiceContent(remoteMediaUrl = ""))
        }
        assertEquals(
            "invalid argument remote_media_url: a media message needs the URL of its file",
            failure.message,
        )
        assertFalse(failure.mayHaveExecuted)
        assertEquals(0, sandbox.requests().size)
    }

    @Test
    fun `half a surrogate pair is refused by the name of its field`() {
        val half = "\uD83D"
        val refused = listOf<Pair<String, () -> Any?>>(
            "text" to { TextContent(half).toPayload() },
            "quote.digest" to { TextContent("hi", Quote(1, digest = half)).toPayload() },
            "extras.mentioned_targets[1]" to { TextContent("hi").toPayload(ContentExtras.mention("ann", half)) },
            "items[0].key" to { RichNotificationContent("a", items = listOf(NotificationItem(half))).toPayload() },
            "payload.extra" to { decodeContent(MessagePayload(ContentType.TEXT, extra = half)) },
        )
        for ((argument, call) in refused) {
            assertEquals(argument, assertThrows<MessageException.InvalidArgument> { call() }.argument)
        }
    }

    @Test
    fun `mentions have short-hands`() {
        val annAndBob =
            ContentExtras(mentionedType = MentionedType.TARGETS, mentionedTargets = listOf("ann", "bob"))
        assertEquals(annAndBob, ContentExtras.mention("ann", "bob"))
        assertEquals(annAndBob, ContentExtras.mention(listOf("ann", "bob")))
        assertEquals(ContentExtras(mentionedType = MentionedType.EVERYONE), ContentExtras.mentionEveryone())
    }

    @Test
    fun `an answer quotes a message by its 60-bit uid`() = withServer { client, _ ->
        val question = client.getMessage(client.sendHello("Shall we?").messageUid)
        assertTrue(question.messageUid > 1L shl 53, "more than a double holds")
        assertEquals(Quote(question.messageUid, "admin", question.quote().displayName, "Shall we?"), question.quote())

        for (quote in listOf(question.quote(), Quote(UID_OF_60_BITS))) {
            val uid = client.sendMessage("bob", ann, TextContent("yes", quote)).messageUid
            assertEquals(MessageContent.Text(TextContent("yes", quote)), client.getMessage(uid).decodeContent())
        }
    }

    @Test
    fun `messages fetched earlier are forwarded with their 60-bit uids`() = withServer { client, _ ->
        val image = ImageContent("https://files/i.png", byteArrayOf(-1, -40, -1, -39), width = 640, height = 480)
        val uids = listOf(client.sendHello(), client.sendMessage("bob", ann, image)).map { it.messageUid }
        val three = Message(UID_OF_60_BITS, "eve", group, MessagePayload.text("three"), timestamp = 1_795_394_170_036)
        val history = CompositeContent("Three", uids.map(client::getMessage) + three)
        assertNull(history.toUpload())

        val read = client.getMessage(client.sendMessage("bob", group, history).messageUid).decodeContent()
        val messages = (read as MessageContent.Composite).value.messages
        assertEquals(uids + UID_OF_60_BITS, messages.map { it.messageUid })
        assertEquals(history.messages.map { it.payload }, messages.map { it.payload })
        assertEquals(MessageContent.Image(image), messages[1].decodeContent())
        assertEquals(three, messages[2])
    }

    @Test
    fun `a long history lies in a file that is uploaded`() {
        val messages = (0..<500L).map { number ->
            Message(UID_OF_60_BITS - number, "bob", ann, MessagePayload.text("message $number"), timestamp = number)
        }
        val history = CompositeContent("Long", messages)
        val file = checkNotNull(history.toUpload())
        val withoutUrl = assertThrows<MessageException.InvalidArgument> { history.toPayload() }
        assertEquals("remote_media_url", withoutUrl.argument)

        val uploaded = history.copy(remoteMediaUrl = "https://files/long")
        val read = (decodeContent(uploaded.toPayload()) as MessageContent.Composite).value
        assertTrue(read.messages.size < 500)
        assertEquals(uploaded, read.withUpload(file))
        val broken = assertThrows<MessageException.InvalidArgument> { read.withUpload("<html>".toByteArray()) }
        assertEquals("invalid argument file: it is not a list of forwarded messages", broken.message)
    }

    @Test
    fun `what is left of a recalled message is read and never sent`() = withServer { client, _ ->
        val uid = client.sendHello("oops").messageUid
        client.recallMessage("boss", uid)
        val recalled = client.getMessage(uid).decodeContent() as MessageContent.Recalled
        assertEquals("boss" to uid, recalled.value.operator to recalled.value.messageUid)
        assertEquals("oops", recalled.value.original?.searchableContent)
        assertEquals("content", assertThrows<MessageException.InvalidArgument> { recalled.toPayload() }.argument)
    }

    @Test
    fun `a content of one's own is sent and read like any other`() = withServer { client, _ ->
        val order = OrderContent("2026-7")
        val uid = client.sendMessage("shop", ann, order, ContentExtras.mention("ann")).messageUid
        val message = client.getMessage(uid)
        assertEquals("Order 2026-7", message.payload.searchableContent)
        assertEquals(ContentExtras.mention("ann"), contentExtras(message.payload))
        assertEquals(order, OrderContent.of(message.decodeContent()))
        assertNull(OrderContent.of(decodeContent(MessagePayload.text("Order 2026-7"))))
    }

    @Test
    fun `a type that the library does not know keeps its payload untouched`() {
        val payload = MessagePayload(
            9_999, "s", "p", "d", "{", byteArrayOf(0, -1), 77, "x", 1, 5, MentionedType.TARGETS, listOf("u"), "e",
        )
        assertEquals(MessageContent.Custom(payload), decodeContent(payload))
        assertEquals(payload, decodeContent(payload).toPayload())
    }

    @Test
    fun `contents of several kinds go through one list`() = withServer { client, sandbox ->
        val tip = MessageContent.Tip(TipContent("gone"))
        val contents = listOf(TextContent("hi"), TypingContent(0), OrderContent("1"), tip)
        for (content in contents) client.sendMessage("bob", ann, content)
        assertEquals(contents.size, sandbox.requests().size)
    }

    @Test
    fun `contents with the same bytes are equal`() {
        fun image(thumbnail: ByteArray) = ImageContent("https://files/i.png", thumbnail)
        assertEquals(image(byteArrayOf(1, 2)), image(byteArrayOf(1, 2)))
        assertEquals(image(byteArrayOf(1, 2)).hashCode(), image(byteArrayOf(1, 2)).hashCode())
        assertFalse(image(byteArrayOf(1, 2)) == image(byteArrayOf(1, 3)))
    }
}

/** A content of one's own, as an application writes it. */
private data class OrderContent(val number: String) : Content {
    override fun toPayload(extras: ContentExtras?): MessagePayload {
        val payload = MessagePayload(TYPE, searchableContent = "Order $number", content = number)
        return MessageContent.Custom(payload).toPayload(extras)
    }

    companion object {
        const val TYPE = 1001

        /** Null where the content is another one. */
        fun of(content: MessageContent): OrderContent? {
            val payload = (content as? MessageContent.Custom)?.payload
            return if (payload?.contentType == TYPE) OrderContent(payload.content) else null
        }
    }
}
