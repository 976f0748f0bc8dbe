/// Sending a content with its fields by name, rather than a payload.
extension MessageClient {
    /// Sends a content to a conversation. Endpoint message/send; both editions.
    ///
    /// ```swift
    /// try client.sendMessage(
    ///     sender: "admin", conversation: .group("g1"), content: .text("@Ann, the build is green."),
    ///     extras: .mention(["ann"]))
    /// ```
    ///
    /// The server answers before it writes to its database: success means accepted.
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
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id and the time the server took it.
    @discardableResult
    public func sendMessage(
        sender: String, conversation: Conversation, content: some Content, toUsers: [String] = [],
        isUserMessage: Bool = false, extras: ContentExtras? = nil
    ) throws(MessageError) -> SentMessage {
        try sendMessage(
            sender: sender, conversation: conversation, payload: content.toPayload(extras: extras), toUsers: toUsers,
            isUserMessage: isUserMessage)
    }

    /// Sends one content to many users, each in a conversation of their own. Endpoint message/multicast; both editions.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - targets: Ids of the users it goes to.
    ///   - content: What it says, such as `.text("hi")` or a ``FileContent``.
    ///   - line: The line of the conversations.
    ///   - extras: Mentions, push text, expiry and a text of your own.
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id, one for all users, and the time the server took it.
    @discardableResult
    public func multicastMessage(
        sender: String, targets: [String], content: some Content, line: Int32 = 0, extras: ContentExtras? = nil
    ) throws(MessageError) -> SentMessage {
        try multicastMessage(
            sender: sender, targets: targets, payload: content.toPayload(extras: extras), line: line)
    }

    /// Sends one content to every user. Endpoint message/broadcast; professional servers by the vendor's page, community
    /// ones do it too.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - content: What it says, such as `.text("hi")` or a ``FileContent``.
    ///   - line: The line of the conversations.
    ///   - extras: Mentions, push text, expiry and a text of your own.
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id and how many users it goes to.
    @discardableResult
    public func broadcastMessage(
        sender: String, content: some Content, line: Int32 = 0, extras: ContentExtras? = nil
    ) throws(MessageError) -> BroadcastMessage {
        try broadcastMessage(sender: sender, payload: content.toPayload(extras: extras), line: line)
    }

    /// Gives a message that was sent a new content. Endpoint message/update; professional servers.
    ///
    /// - Parameters:
    ///   - messageUid: The message's id.
    ///   - content: What it says from now on.
    ///   - distribute: Whether the message is sent again, so that devices which have it show the new content.
    ///   - operator: Id of the user who changes it; later servers want one.
    ///   - extras: Mentions, push text, expiry and a text of your own; those of the old content are gone.
    /// - Throws: ``MessageError``.
    public func updateMessage(
        messageUid: Int64, content: some Content, distribute: Bool = true, operator: String? = nil,
        extras: ContentExtras? = nil
    ) throws(MessageError) {
        try updateMessage(
            messageUid: messageUid, payload: content.toPayload(extras: extras), distribute: distribute,
            operator: `operator`)
    }
}
