import Foundation

/// Calls that are awaited, of a client whose native calls return at once with a ticket.
extension ClientCore {
    /// Begins a call and awaits its end. If the current task is cancelled, it ends the call.
    ///
    /// - Parameters:
    ///   - answer: The kind of the call's answer.
    ///   - endpoint: The endpoint of the call.
    ///   - begin: The call.
    /// - Throws: The error of the call.
    /// - Returns: The result of the call.
    func awaitCall<Value>(
        _ answer: KeyPath<Answer, Value?>, of endpoint: String, _ begin: (Calls) throws -> Value
    ) async throws(MessageError) -> Value {
        let native = try openNative()
        if Task.isCancelled { throw .interrupted(endpoint: endpoint, sent: false, attempts: 0) }
        native.awaited.enter()
        var ticket: Int64?
        defer { native.awaited.leave(ticket) }
        let traced = log.begin(native.access, endpoint)
        let begun = try self.ticket(native, begin)
        ticket = begun
        await withTaskCancellationHandler {
            await native.awaited.news(of: begun)
        } onCancel: {
            // The call then finishes like every other one.
            try? native.access.cancel(ticket: begun)
        }
        return try log.around(native.access, traced) { () throws(MessageError) in
            try MessageError.translated {
                if let value = try native.access.resume(ticket: begun)[keyPath: answer] { return value }
                throw MessageError.internalError(reason: "an answer of another method")
            }
        }
    }

    /// The ticket of a call. No call of such a client returns its answer at once: each throws `Pending` with its
    /// ticket.
    private func ticket<Value>(_ native: Opened, _ begin: (Calls) throws -> Value) throws(MessageError) -> Int64 {
        log.updateLevel(native.access)
        do {
            _ = try begin(native.calls)
            throw MessageError.internalError(reason: "an answer without a ticket")
        } catch NativeMessageError.Pending(let ticket) {
            return ticket
        } catch {
            throw MessageError(error)
        }
    }

    /// Begins an upload and awaits its end, until the current task is cancelled. A thread of Dispatch waits for it, and
    /// none of those that tasks run on.
    func awaitUpload(
        of endpoint: String, _ progress: (@Sendable (UploadProgress) -> Void)?,
        _ begin: @escaping @Sendable (Calls) throws -> NativeUpload
    ) async throws(MessageError) -> String {
        try await bring(endpoint, progress, begin) { $0.url }
    }

    /// Begins an upload with a message after it, and awaits both, until the current task is cancelled.
    func awaitSendFile(
        of endpoint: String, _ progress: (@Sendable (UploadProgress) -> Void)?,
        _ begin: @escaping @Sendable (Calls) throws -> NativeUpload
    ) async throws(MessageError) -> SentMessage {
        try await bring(endpoint, progress, begin) { $0.sent }
    }

    private func bring<End: Sendable>(
        _ endpoint: String, _ progress: (@Sendable (UploadProgress) -> Void)?,
        _ begin: @escaping @Sendable (Calls) throws -> NativeUpload, end: @Sendable (UploadNews) -> End?
    ) async throws(MessageError) -> End {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        let (native, log) = (try openNative(), log)
        let traced = log.tracer?.begin(endpoint: endpoint)
        let upload = try await elsewhere {
            log.updateLevel(native.access)
            log.carry(native.access, traced)
            return try begin(native.calls)
        }
        while true {
            let isCancelled = Task.isCancelled
            let news = try await elsewhere {
                try log.around(native.access, traced) { () throws(MessageError) in
                    try MessageError.translated {
                        // It throws that it was interrupted, and in which step.
                        if isCancelled { try upload.cancel() }
                        return try upload.wait(patience: patience)
                    }
                }
            }
            if let progress, let now = news.progress { progress(now) }
            if let end = end(news) { return end }
        }
    }
}

/// Does something that blocks on a thread of Dispatch.
func elsewhere<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws(MessageError) -> Value {
    let outcome: Result<Value, MessageError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
            do {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(MessageError(error)))
            }
        }
    }
    return try outcome.get()
}
