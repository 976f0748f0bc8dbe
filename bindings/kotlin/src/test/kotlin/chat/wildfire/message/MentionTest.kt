package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows

/** Texts that mention users: the names are in front of the text, the ids beside it. */
@Timeout(60)
class MentionTest {
    private val group = Conversation.group("g1")

    @Test
    fun `a text and its mentions go together`() {
        val payload = TextContent.mentioning(listOf(Mention.user("ann", "Ann"), Mention("li", "李四")), "hi")
        assertEquals("@Ann @李四 hi" to 1, payload.searchableContent to payload.mentionedType)
        assertEquals(listOf("ann", "li"), payload.mentionedTargets)
        val everyone = TextContent.mentioning(listOf(Mention.everyone("所有人")), "hi")
        assertEquals("@所有人 hi" to 2, everyone.searchableContent to everyone.mentionedType)
    }

    @Test
    fun `what else goes with a text stays`() {
        val payload = TextContent("hi").withMentions(listOf(Mention("ann")), ContentExtras(pushContent = "psst"))
        assertEquals("psst" to listOf("ann"), payload.pushContent to payload.mentionedTargets)
        val quoting = TextContent("hi", Quote(7)).withMentions(listOf(Mention("ann", "Ann")))
        assertEquals("@Ann hi", quoting.searchableContent)
        assertTrue(quoting.data.isNotEmpty())
    }

    @Test
    fun `the one line`() = withServer { client, _ ->
        val first = client.sendText("bob", group, "shall we?")
        val quote = client.getMessage(first.messageUid).quote()
        val answer = client.sendText("admin", group, "yes", listOf(Mention.user("bob", "Bob")), quote)
        val content = client.getMessage(answer.messageUid).decodeContent() as MessageContent.Text
        assertEquals("@Bob yes" to first.messageUid, content.value.text to content.value.quote?.messageUid)
    }

    @Test
    fun `who is nobody is refused`() = withServer { client, sandbox ->
        for ((mention, argument) in listOf(Mention() to "mention[0].user_id", Mention("a", "", true) to "mention[0]")) {
            val failure = assertThrows<MessageException.InvalidArgument> {
                client.sendText("admin", group, "hi", listOf(mention))
            }
            assertEquals(argument, failure.argument)
        }
        assertEquals(0, sandbox.requests().size)
    }
}
