extension MessagePayload {
    /// A text message, stored and counted as unread.
    public static func text(_ text: String) -> MessagePayload {
        MessagePayload(contentType: ContentType.text, searchableContent: text)
    }
}
