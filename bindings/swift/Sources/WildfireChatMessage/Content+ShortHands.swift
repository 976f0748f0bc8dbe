// Short-hands for the contents that are mostly one text: the text needs no label.

extension TextContent {
    /// A text message.
    ///
    /// - Parameters:
    ///   - text: The text; not empty.
    ///   - quote: The message that this one answers, such as `try message.quote()`.
    public init(_ text: String, quote: Quote? = nil) {
        self.init(text: text, quote: quote)
    }
}

extension PlainTextContent {
    /// Text that is stored but not counted as unread.
    ///
    /// - Parameters:
    ///   - text: The text; not empty.
    ///   - quote: The message that this one answers, such as `try message.quote()`.
    public init(_ text: String, quote: Quote? = nil) {
        self.init(text: text, quote: quote)
    }
}

extension TipContent {
    /// A grey line in the conversation.
    ///
    /// - Parameter tip: The text of the line; not empty.
    public init(_ tip: String) {
        self.init(tip: tip)
    }
}

extension Content where Self == TextContent {
    /// A text message, where a content is expected: `content: .text("hi")`.
    ///
    /// - Parameters:
    ///   - text: The text; not empty.
    ///   - quote: The message that this one answers, such as `try message.quote()`.
    /// - Returns: The content.
    public static func text(_ text: String, quote: Quote? = nil) -> TextContent {
        TextContent(text, quote: quote)
    }
}
