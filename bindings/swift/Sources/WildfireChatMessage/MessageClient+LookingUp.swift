/// Looking up messages and times.
extension MessageClient {
    /// Looks a message up. Endpoint message/get_one; both editions.
    ///
    /// - Parameter messageUid: The message's id.
    /// - Throws: ``MessageError``; ``MessageError/rejected(endpoint:code:msg:attempts:)`` with ``ErrorCode/notExist``
    ///   when there is none.
    /// - Returns: The message.
    public func getMessage(messageUid: Int64) throws(MessageError) -> Message {
        try call(\.message) { try $0.getMessage(messageUid: messageUid) }
    }

    /// Looks a message up; nil when there is none. Endpoint message/get_one; both editions.
    ///
    /// - Parameter messageUid: The message's id.
    /// - Throws: ``MessageError``.
    /// - Returns: The message, or nil.
    public func findMessage(messageUid: Int64) throws(MessageError) -> Message? {
        try call(\.maybeMessage) { try $0.findMessage(messageUid: messageUid) }
    }

    /// Up to when a user has read a conversation. Endpoint message/conv_read; professional servers.
    ///
    /// - Parameters:
    ///   - userId: Id of the user who reads.
    ///   - conversation: The conversation that is read.
    /// - Throws: ``MessageError``.
    /// - Returns: Milliseconds since the epoch.
    public func getConversationReadTimestamp(
        userId: String, conversation: Conversation
    ) throws(MessageError) -> Int64 {
        let request = ConversationReadRequest(userId: userId, conversation: conversation)
        return try call(\.timestamp) { try $0.getConversationReadTimestamp(request: request) }
    }

    /// Up to when a user's messages have been delivered. Endpoint message/delivery; professional servers.
    ///
    /// - Parameter userId: Id of the user.
    /// - Throws: ``MessageError``.
    /// - Returns: Milliseconds since the epoch.
    public func getDeliveryTimestamp(userId: String) throws(MessageError) -> Int64 {
        try call(\.timestamp) { try $0.getDeliveryTimestamp(userId: userId) }
    }
}
