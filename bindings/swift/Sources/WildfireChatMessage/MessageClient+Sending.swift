/// Sending, changing and importing messages.
extension MessageClient {
    /// Sends a message to a conversation. Endpoint message/send; both editions.
    ///
    /// The server answers before it writes to its database: success means accepted.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - conversation: Where it goes, such as `.single("u1")` or `.group("g1")`.
    ///   - payload: What it carries, such as `.text("hi")`.
    ///   - toUsers: Only these users of the conversation get it, and the sender; empty for all. In a single chat the other
    ///     gets it only where it is named. In a chatroom servers before 1.3.2 ignore the list. In a channel only its owner
    ///     may give one.
    ///   - isUserMessage: Whether it is sent with the user's own rights: since 1.3.8 the server then refuses what the user
    ///     may not send (codes 8, 9, 20, 21, 241, 242, 246, 247, 248, 251). Without it none of that is looked at.
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id and the time the server took it.
    @discardableResult
    public func sendMessage(
        sender: String, conversation: Conversation, payload: MessagePayload, toUsers: [String] = [],
        isUserMessage: Bool = false
    ) throws(MessageError) -> SentMessage {
        let request = SendRequest(
            sender: sender, conversation: conversation, payload: payload, toUsers: toUsers,
            isUserMessage: isUserMessage)
        return try call(\.sent) { try $0.sendMessage(request: request) }
    }

    /// Sends one message to many users, each in a conversation of their own. Endpoint message/multicast; both editions.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - targets: Ids of the users it goes to.
    ///   - payload: What it carries.
    ///   - line: The line of the conversations.
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id, one for all users, and the time the server took it.
    @discardableResult
    public func multicastMessage(
        sender: String, targets: [String], payload: MessagePayload, line: Int32 = 0
    ) throws(MessageError) -> SentMessage {
        let request = MulticastRequest(sender: sender, targets: targets, line: line, payload: payload)
        return try call(\.sent) { try $0.multicastMessage(request: request) }
    }

    /// Sends one message to every user. Endpoint message/broadcast; professional servers by the vendor's page, community
    /// ones do it too.
    ///
    /// - Parameters:
    ///   - sender: Id of the user it comes from.
    ///   - payload: What it carries.
    ///   - line: The line of the conversations.
    /// - Throws: ``MessageError``.
    /// - Returns: The message's id and how many users it goes to.
    @discardableResult
    public func broadcastMessage(
        sender: String, payload: MessagePayload, line: Int32 = 0
    ) throws(MessageError) -> BroadcastMessage {
        let request = BroadcastRequest(sender: sender, line: line, payload: payload)
        return try call(\.broadcast) { try $0.broadcastMessage(request: request) }
    }

    /// Gives a message that was sent a new payload. Endpoint message/update; professional servers.
    ///
    /// - Parameters:
    ///   - messageUid: The message's id.
    ///   - payload: What it carries from now on.
    ///   - distribute: Whether the message is sent again, so that devices which have it show the new payload.
    ///   - operator: Id of the user who changes it; later servers want one.
    /// - Throws: ``MessageError``.
    public func updateMessage(
        messageUid: Int64, payload: MessagePayload, distribute: Bool = true, operator: String? = nil
    ) throws(MessageError) {
        let request = UpdateRequest(
            messageUid: messageUid, payload: payload, distribute: distribute, operator: `operator`)
        try call(\.done) { try $0.updateMessage(request: request) }
    }

    /// Imports messages of another system, with their times. Endpoint message/import; professional servers.
    ///
    /// - Parameter messages: The messages, with the times at which they were sent there.
    /// - Throws: ``MessageError``.
    public func importMessages(messages: [ImportedMessage]) throws(MessageError) {
        try call(\.done) { try $0.importMessages(messages: messages) }
    }
}
