extension Message {
    /// The content of the message, with named fields; for a type that the library does not know, the payload unchanged.
    ///
    /// ```swift
    /// switch try message.decodeContent() {
    /// case .text(let content): print(content.text)
    /// case .image(let content): print(content.remoteMediaUrl)
    /// default: print("of type \(message.payload.contentType)")
    /// }
    /// ```
    ///
    /// - Throws: ``MessageError/internalError(reason:)`` if the library itself fails; no message makes it fail.
    /// - Returns: The content.
    public func decodeContent() throws(MessageError) -> MessageContent {
        try WildfireChatMessage.decodeContent(payload)
    }
}
