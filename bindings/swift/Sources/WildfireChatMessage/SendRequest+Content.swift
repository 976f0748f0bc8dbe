/// A message of many, with a content rather than a payload.
extension SendRequest {
    /// A message for ``MessageClient/sendMessages(requests:options:progress:)`` that carries a content.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - conversation: Where it goes, such as `.single("u1")` or `.group("g1")`.
    ///   - content: What it says, such as `.text("hi")` or a ``FileContent``.
    ///   - toUsers: Only these users of the conversation get it, and the sender; empty for all. In a single chat the other
    ///     gets it only where it is named. In a chatroom servers before 1.3.2 ignore the list. In a channel only its owner
    ///     may give one.
    ///   - isUserMessage: Whether it is sent with the user's own rights: since 1.3.8 the server then refuses what the user
    ///     may not send (codes 8, 9, 20, 21, 241, 242, 246, 247, 248, 251). Without it none of that is looked at.
    ///   - extras: Mentions, push text, expiry and a text of your own.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when the content cannot be sent as it is.
    public init(
        sender: String, conversation: Conversation, content: some Content, toUsers: [String] = [],
        isUserMessage: Bool = false, extras: ContentExtras? = nil
    ) throws(MessageError) {
        self.init(
            sender: sender, conversation: conversation, payload: try content.toPayload(extras: extras),
            toUsers: toUsers, isUserMessage: isUserMessage)
    }
}
