@file:JvmName("MentionShortHands")

package chat.wildfire.message

/** Mentions a user, whom the text shows by this name. */
@JvmSynthetic
fun Mention.Companion.user(userId: String, name: String = ""): Mention = Mentions.user(userId, name)

/** Mentions everyone in the conversation, which the text shows by this name. */
@JvmSynthetic
fun Mention.Companion.everyone(name: String = ""): Mention = Mentions.everyone(name)

/** The payload of a text that mentions users: it notifies them, and shows their names in front of the text. */
@JvmSynthetic
fun TextContent.Companion.mentioning(users: List<Mention>, text: String): MessagePayload = Mentions.text(users, text)

/** The payload of this text with mentions, and without extras. */
@JvmSynthetic
fun TextContent.withMentions(users: List<Mention>): MessagePayload = withMentions(users, null)

/** Mentions, made from Java. Kotlin has the same short-hands on [Mention] and [TextContent] themselves. */
object Mentions {
    /** Mentions a user, whom the text shows by this name. */
    @JvmStatic
    @JvmOverloads
    fun user(userId: String, name: String = ""): Mention = Mention(userId = userId, name = name)

    /** Mentions everyone in the conversation, which the text shows by this name. */
    @JvmStatic
    @JvmOverloads
    fun everyone(name: String = ""): Mention = Mention(name = name, isEveryone = true)

    /** The payload of a text that mentions users: it notifies them, and shows their names in front of the text. */
    @JvmStatic
    fun text(users: List<Mention>, text: String): MessagePayload = TextContent(text).withMentions(users, null)
}
