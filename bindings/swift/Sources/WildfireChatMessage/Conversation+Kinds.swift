/// Short-hands for the common kinds of conversation.
extension Conversation {
    /// The one-to-one conversation with a user.
    public static func single(_ userId: String, line: Int32 = 0) -> Conversation {
        Conversation(kind: ConversationType.single, target: userId, line: line)
    }

    /// A group's conversation.
    public static func group(_ groupId: String, line: Int32 = 0) -> Conversation {
        Conversation(kind: ConversationType.group, target: groupId, line: line)
    }

    /// A chatroom's conversation.
    public static func chatroom(_ chatroomId: String, line: Int32 = 0) -> Conversation {
        Conversation(kind: ConversationType.chatroom, target: chatroomId, line: line)
    }

    /// A channel's conversation.
    public static func channel(_ channelId: String, line: Int32 = 0) -> Conversation {
        Conversation(kind: ConversationType.channel, target: channelId, line: line)
    }
}
