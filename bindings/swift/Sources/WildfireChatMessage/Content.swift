/// The content of a message, with named fields. The sending methods of ``MessageClient`` accept a content as well as a
/// payload.
///
/// The built-in contents, such as ``TextContent``, conform to it, and so does ``MessageContent``, which is any of them.
/// A content of your own has a type from 1000 up:
///
/// ```swift
/// struct OrderContent: Content {
///     static let contentType: Int32 = 1001
///
///     var number: String
///
///     func toPayload(extras: ContentExtras?) throws(MessageError) -> MessagePayload {
///         let payload = MessagePayload(
///             contentType: Self.contentType, searchableContent: "Order \(number)", content: number)
///         return try MessageContent.custom(payload: payload).toPayload(extras: extras)
///     }
/// }
///
/// if case .custom(let payload) = try message.decodeContent(), payload.contentType == OrderContent.contentType {
///     print(OrderContent(number: payload.content))
/// }
/// ```
public protocol Content: Sendable {
    /// The payload to send.
    ///
    /// - Parameter extras: Mentions, push text, expiry and a text of your own; nil for none.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when it cannot be sent as it is.
    /// - Returns: The payload that receivers read as this content.
    func toPayload(extras: ContentExtras?) throws(MessageError) -> MessagePayload
}

extension Content {
    /// The payload to send, without extras.
    ///
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when it cannot be sent as it is.
    /// - Returns: The payload that receivers read as this content.
    public func toPayload() throws(MessageError) -> MessagePayload {
        try toPayload(extras: nil)
    }
}
