/// What became of one of many messages: what the server took, or why it did not.
public typealias SendOutcome = Result<SentMessage, MessageError>

/// Sending many messages, several at once.
extension MessageClient {
    /// Sends many messages, several at once, and gives the outcome of each, in their order. Endpoint message/send; both
    /// editions.
    ///
    /// ```swift
    /// let requests = try users.map {
    ///     try SendRequest(sender: "admin", conversation: .single($0), content: .text("The doors are open."))
    /// }
    /// for (user, outcome) in zip(users, try client.sendMessages(requests: requests)) {
    ///     if case .failure(let error) = outcome { print(user, error) }
    /// }
    /// ```
    ///
    /// Each is tried again where that is safe, and never sent twice. Those of one conversation go one after the other, in
    /// their order. When the server accepts no more for now, all slow down together; one that goes away is waited for, as
    /// long as the patience lasts. In a task that is cancelled, it ends within 200 ms and gives what it has: the outcomes of those
    /// that are finished stay, all others are ``MessageError/interrupted(endpoint:sent:attempts:)``. For more messages
    /// than memory holds, see ``sendEach(requests:options:progress:rest:outcome:)``.
    ///
    /// - Parameters:
    ///   - requests: The messages. One that can never be sent fails alone, as its outcome.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an option can never work or the client is
    ///   closed.
    /// - Returns: One outcome a request, in the order of the requests.
    public func sendMessages(
        requests: some Collection<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil
    ) throws(MessageError) -> [SendOutcome] {
        let size = requests.count
        var outcomes: [SendOutcome] = []
        outcomes.reserveCapacity(size)
        var bulk = try Bulk(of: opened(), requests, size: size, options: options, log: log)
        do {
            try bulk.run(progress: progress) { outcomes.append($0) }
        } catch {
            throw MessageError(error)
        }
        // Those that were never taken, as the task was cancelled.
        let untaken = SendOutcome.failure(.interrupted(endpoint: "message/send", sent: false, attempts: 0))
        outcomes.append(contentsOf: repeatElement(untaken, count: max(0, size - outcomes.count)))
        return outcomes
    }

    /// Sends the messages of a sequence as ``sendMessages(requests:options:progress:)`` does, in bounded memory: more
    /// of them than memory holds. Endpoint message/send; both editions.
    ///
    /// Requests are taken from the sequence only as there is room for them, at the most 8,192 ahead of the outcomes (or
    /// `concurrency`, where that is more). When it ends early, by `stopOn` or as the task is cancelled, the requests
    /// that were taken have their outcomes, and the rest of a sequence is not taken; after `stopOn` it is where its
    /// size is known.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be lazy and without an end.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    ///   - rest: Is given, where `outcome` throws, what became of the requests that were taken and of which it was not
    ///     told, in their order: what is finished stays, all others are
    ///     ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///   - outcome: Is given the outcome of each request, in their order, in the calling thread. What it throws, such as
    ///     a `CancellationError`, ends the sending at once, and no request goes out afterwards.
    /// - Throws: What `outcome` throws; ``MessageError/invalidArgument(argument:reason:)`` when an option can never
    ///   work or the client is closed.
    public func sendEach(
        requests: some Sequence<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil,
        rest: (([SendOutcome]) -> Void)? = nil, outcome: (SendOutcome) throws -> Void
    ) throws {
        // Only where counting takes nothing from it and costs nothing.
        let size = (requests as? any RandomAccessCollection)?.count
        var bulk = try Bulk(of: opened(), requests, size: size, options: options, log: log)
        try bulk.run(progress: progress, rest: rest, outcome: outcome)
    }
}
