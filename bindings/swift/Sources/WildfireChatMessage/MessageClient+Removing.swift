/// Recalling, deleting and clearing messages.
extension MessageClient {
    /// Recalls a message, at any time after it was sent. Endpoint message/recall; both editions.
    ///
    /// - Parameters:
    ///   - operator: Id of the user who recalls it; need not be the sender.
    ///   - messageUid: The message's id.
    /// - Throws: ``MessageError``.
    /// - Returns: What the message held; nil where the server told nothing or it was recalled before.
    @discardableResult
    public func recallMessage(operator: String, messageUid: Int64) throws(MessageError) -> RecalledMessage? {
        let request = RecallRequest(operator: `operator`, messageUid: messageUid)
        return try call(\.recalled) { try $0.recallMessage(request: request) }
    }

    /// Recalls a broadcast. Endpoint message/recall_broadcast; professional servers.
    ///
    /// - Parameters:
    ///   - operator: Id of the user who recalls it.
    ///   - messageUid: The broadcast's id.
    /// - Throws: ``MessageError``.
    public func recallBroadcastMessage(operator: String, messageUid: Int64) throws(MessageError) {
        let request = RecallBroadcastRequest(operator: `operator`, messageUid: messageUid)
        try call(\.done) { try $0.recallBroadcastMessage(request: request) }
    }

    /// Recalls a multicast message from some or all who got it. Endpoint message/recall_multicast; both editions.
    ///
    /// - Parameters:
    ///   - operator: Id of the user who recalls it.
    ///   - messageUid: The message's id.
    ///   - receivers: Ids of the users it is taken back from; may be part of those who got it.
    /// - Throws: ``MessageError``.
    public func recallMulticastMessage(
        operator: String, messageUid: Int64, receivers: [String]
    ) throws(MessageError) {
        let request = RecallMulticastRequest(operator: `operator`, messageUid: messageUid, receivers: receivers)
        try call(\.done) { try $0.recallMulticastMessage(request: request) }
    }

    /// Deletes a message. Endpoint message/delete; professional servers.
    ///
    /// - Parameter messageUid: The message's id.
    /// - Throws: ``MessageError``.
    public func deleteMessage(messageUid: Int64) throws(MessageError) {
        try call(\.done) { try $0.deleteMessage(messageUid: messageUid) }
    }

    /// Deletes a broadcast. Endpoint message/delete_broadcast; professional servers.
    ///
    /// - Parameters:
    ///   - operator: Id of the user who deletes it.
    ///   - messageUid: The broadcast's id.
    /// - Throws: ``MessageError``.
    public func deleteBroadcastMessage(operator: String, messageUid: Int64) throws(MessageError) {
        let request = DeleteBroadcastRequest(operator: `operator`, messageUid: messageUid)
        try call(\.done) { try $0.deleteBroadcastMessage(request: request) }
    }

    /// Deletes a multicast message from some or all who got it. Endpoint message/delete_multicast; professional servers.
    ///
    /// - Parameters:
    ///   - operator: Id of the user who deletes it.
    ///   - messageUid: The message's id.
    ///   - receivers: Ids of the users it is deleted from.
    /// - Throws: ``MessageError``.
    public func deleteMulticastMessage(
        operator: String, messageUid: Int64, receivers: [String]
    ) throws(MessageError) {
        let request = DeleteMulticastRequest(operator: `operator`, messageUid: messageUid, receivers: receivers)
        try call(\.done) { try $0.deleteMulticastMessage(request: request) }
    }

    /// Clears a user's messages in a conversation. Endpoint message/clear_by_user; professional servers.
    ///
    /// A time left out is sent as absent, and the server then takes 0.
    ///
    /// - Parameters:
    ///   - userId: Id of the user whose messages are cleared.
    ///   - conversation: The conversation they are cleared in.
    ///   - startTime: Milliseconds since the epoch from which on.
    ///   - endTime: Milliseconds since the epoch up to which.
    /// - Throws: ``MessageError``.
    public func clearUserMessages(
        userId: String, conversation: Conversation, startTime: Int64? = nil, endTime: Int64? = nil
    ) throws(MessageError) {
        let request = ClearUserMessagesRequest(
            userId: userId, conversation: conversation, startTime: startTime, endTime: endTime)
        try call(\.done) { try $0.clearUserMessages(request: request) }
    }

    /// Removes a conversation from a user's list, with its messages. Endpoint conversation/delete; professional servers.
    ///
    /// - Parameters:
    ///   - userId: Id of the user whose conversation it is.
    ///   - conversation: The conversation.
    /// - Throws: ``MessageError``.
    public func clearConversation(userId: String, conversation: Conversation) throws(MessageError) {
        let request = ClearConversationRequest(userId: userId, conversation: conversation)
        try call(\.done) { try $0.clearConversation(request: request) }
    }
}
