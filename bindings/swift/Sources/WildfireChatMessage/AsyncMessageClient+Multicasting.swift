import Foundation

/// One message to many users.
extension AsyncMessageClient {
    /// Sends one message to many users, in multicasts, and gives the outcome of each part, in order. Endpoint
    /// message/multicast; both editions.
    ///
    /// It does what ``MessageClient/multicastEach(sender:receivers:payload:line:size:options:)`` does. If its task is
    /// cancelled, it ends within 200 ms and gives what it has: the outcomes of the parts that are not finished are
    /// ``MessageError/interrupted(endpoint:sent:attempts:)``. A thread of Dispatch waits for it.
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
    ) async throws(MessageError) -> [MulticastPart] {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        try options?.checkDurations()
        let client = try core.openNative().calls
        let request = MulticastEach(sender: sender, receivers: receivers, payload: payload, line: line, size: size)
        let multicasts = try await elsewhere {
            try client.beginMulticasts(request: request, options: options)
        }
        var parts: [MulticastPart] = []
        while true {
            let isCancelled = Task.isCancelled
            let news = try await elsewhere {
                if isCancelled { try multicasts.cancel() }
                return try multicasts.wait(patience: patience)
            }
            parts += news.parts.map { MulticastPart(receivers: $0.receivers, outcome: $0.outcome) }
            if news.done { return parts }
        }
    }
}
