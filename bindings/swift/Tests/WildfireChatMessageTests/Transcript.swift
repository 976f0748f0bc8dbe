import WildfireChatMessage

struct Console: MessageLogHandler {
    let minimumLevel: MessageLogLevel?
    let write: @Sendable (String) -> Void

    func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
        write("\(level) \(message)")
    }
}

func transcript(_ level: MessageLogLevel, write: @escaping @Sendable (String) -> Void = { print($0) }) throws {
    let sandbox = try Sandbox(secret: "123456")
    let console = Console(minimumLevel: level, write: write)
    let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456", logHandler: console)
    let group = Conversation.group("g1")
    try sandbox.failNext(.overFrequency)
    try client.sendMessage(sender: "admin", conversation: group, content: .text("first"))
    try sandbox.failNext(.resetBeforeReading)
    _ = try client.findMessage(messageUid: 1)
    try sandbox.failNext(.resetAfterExecuting)
    do {
        try client.sendMessage(sender: "admin", conversation: group, content: .text("second"))
    } catch {
        // The log has said that nobody knows its fate.
        guard error.mayHaveExecuted else { throw error }
    }
}
