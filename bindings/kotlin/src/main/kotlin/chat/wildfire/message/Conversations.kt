@file:JvmName("ConversationShortHands")

package chat.wildfire.message

/** The one-to-one conversation with a user. */
@JvmSynthetic
fun Conversation.Companion.single(userId: String, line: Int = 0): Conversation = Conversations.single(userId, line)

/** A group's conversation. */
@JvmSynthetic
fun Conversation.Companion.group(groupId: String, line: Int = 0): Conversation = Conversations.group(groupId, line)

/** A chatroom's conversation. */
@JvmSynthetic
fun Conversation.Companion.chatroom(chatroomId: String, line: Int = 0): Conversation =
    Conversations.chatroom(chatroomId, line)

/** A channel's conversation. */
@JvmSynthetic
fun Conversation.Companion.channel(channelId: String, line: Int = 0): Conversation =
    Conversations.channel(channelId, line)

/** Conversations, made from Java. Kotlin has the same short-hands on [Conversation] itself. */
object Conversations {
    /** The one-to-one conversation with a user. */
    @JvmStatic
    @JvmOverloads
    fun single(userId: String, line: Int = 0): Conversation = Conversation(ConversationType.SINGLE, userId, line)

    /** A group's conversation. */
    @JvmStatic
    @JvmOverloads
    fun group(groupId: String, line: Int = 0): Conversation = Conversation(ConversationType.GROUP, groupId, line)

    /** A chatroom's conversation. */
    @JvmStatic
    @JvmOverloads
    fun chatroom(chatroomId: String, line: Int = 0): Conversation =
        Conversation(ConversationType.CHATROOM, chatroomId, line)

    /** A channel's conversation. */
    @JvmStatic
    @JvmOverloads
    fun channel(channelId: String, line: Int = 0): Conversation =
        Conversation(ConversationType.CHANNEL, channelId, line)
}
