/// Short-hands for whom a text mentions.
extension Mention {
    /// Mentions a user, whom the text shows by this name.
    ///
    /// - Parameters:
    ///   - userId: The user's id.
    ///   - name: What the text shows behind the `@`; nothing when left out.
    /// - Returns: The mention.
    public static func user(_ userId: String, name: String = "") -> Mention {
        Mention(userId: userId, name: name)
    }

    /// Mentions everyone in the conversation, which the text shows by this name.
    ///
    /// - Parameter name: What the text shows behind the `@`; nothing when left out.
    /// - Returns: The mention.
    public static func everyone(name: String = "") -> Mention {
        Mention(name: name, isEveryone: true)
    }
}

extension TextContent {
    /// The payload of a text that mentions users: it notifies them, and shows their names in front of the text.
    ///
    /// - Parameters:
    ///   - users: Who is mentioned.
    ///   - text: The text; not empty.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when there is no text, or somebody has no id.
    /// - Returns: The payload to send.
    public static func mentioning(_ users: [Mention], _ text: String) throws(MessageError) -> MessagePayload {
        try TextContent(text).withMentions(users: users)
    }
}
