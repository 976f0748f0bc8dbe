/// A message of many, with a content rather than a payload.
extension SendRequest {
    /// A message for ``MessageClient/sendMessages(requests:options:progress:)`` that carries a content.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - conversation: Where it goes, such as `.single("u1")` or `.group("g1")`.
    ///   - content: What it says, such as `.text("hi")` or a ``FileContent``.
    ///   - toUsers: Only these members of the group or channel get it; empty for all.
    ///   - isUserMessage: Whether it counts as sent by the user rather than by the server.
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
