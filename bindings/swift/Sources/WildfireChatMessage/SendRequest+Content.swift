/// A message of many, with a content rather than a payload.
extension SendRequest {
    /// A message for ``MessageClient/sendMessages(requests:options:progress:)`` that carries a content.
    ///
    /// - Parameters:
    ///   - sender: Id of the user who sends it.
    ///   - conversation: The conversation to send it to, such as `.single("u1")` or `.group("g1")`.
    ///   - content: What it says, such as `.text("hi")` or a ``FileContent``.
    ///   - toUsers: Only these users of the conversation receive it, and the sender; empty for all. In a single chat,
    ///     the other user receives it only if the list contains that user. In a chatroom, servers before 1.3.2 ignore
    ///     the list. In a channel, only the owner may give a list.
    ///   - isUserMessage: Whether it is sent with the user's own rights: servers since 1.3.8 then refuse what the user
    ///     may not send (codes 8, 9, 20, 21, 241, 242, 246, 247, 248, 251). Otherwise the server checks none of this.
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
