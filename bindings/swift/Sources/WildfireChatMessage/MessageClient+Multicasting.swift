import Foundation

/// What became of one part of the receivers of
/// ``MessageClient/multicastEach(sender:receivers:payload:line:size:options:)``.
public struct MulticastPart: Equatable, Sendable {
    /// Ids of the users in this part.
    public let receivers: [String]
    /// The message that was sent, or why it was not.
    public let outcome: SendOutcome
}

/// One message to many users.
extension MessageClient {
    /// Sends one message to many users, in multicasts, and gives the outcome of each part, in order. Endpoint
    /// message/multicast; both editions.
    ///
    /// That is the vendor's own advice for one text to many: a thousandth of the requests. Each part is tried again where
    /// that is safe, and never sent twice. In a task that is cancelled, it ends within 200 ms and gives what it has: the
    /// outcomes of the parts that are not finished are ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///
    /// - Parameters:
    ///   - sender: Id of the user who sends it.
    ///   - receivers: Ids of the users who get it.
    ///   - payload: What it says.
    ///   - line: The conversation line that it is sent on.
    ///   - size: How many receivers each part has.
    ///   - options: How many parts are under way at once, how many go a second, and how long a server that takes nothing is
    ///     waited for; nothing else of the options matters here.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an argument can never work or the client is closed.
    /// - Returns: The outcome of each part, in the order of the receivers.
    @discardableResult
    public func multicastEach(
        sender: String, receivers: [String], payload: MessagePayload, line: Int32 = 0, size: Int32 = 1000,
        options: BulkOptions? = nil
    ) throws(MessageError) -> [MulticastPart] {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        try options?.checkDurations()
        let client = try core.openNative().calls
        do {
            let request = MulticastEach(sender: sender, receivers: receivers, payload: payload, line: line, size: size)
            let multicasts = try client.beginMulticasts(request: request, options: options)
            var parts: [MulticastPart] = []
            while true {
                if Task.isCancelled { try multicasts.cancel() }
                let news = try multicasts.wait(patience: patience)
                parts += news.parts.map { MulticastPart(receivers: $0.receivers, outcome: $0.outcome) }
                if news.done { return parts }
            }
        } catch {
            throw MessageError(error)
        }
    }
}

extension MulticastOutcome {
    var outcome: SendOutcome {
        if let sent { return .success(sent) }
        return .failure(error.map { MessageError($0) } ?? .internalError(reason: "a part without an outcome"))
    }
}
