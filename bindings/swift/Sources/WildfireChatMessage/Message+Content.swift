extension Message {
    /// The message's content with its fields by name; a type that the library does not know gives the payload untouched.
    ///
    /// ```swift
    /// switch try message.decodeContent() {
    /// case .text(let content): print(content.text)
    /// case .image(let content): print(content.remoteMediaUrl)
    /// default: print("of type \(message.payload.contentType)")
    /// }
    /// ```
    ///
    /// - Throws: ``MessageError/internalError(reason:)`` when the library is at fault; no message is a reason to fail.
    /// - Returns: The content.
    public func decodeContent() throws(MessageError) -> MessageContent {
        try WildfireChatMessage.decodeContent(payload)
    }
}
