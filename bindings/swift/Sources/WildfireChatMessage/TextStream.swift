import Foundation

/// A text that grows while receivers read it, such as the answer of a language model; `streamText` of a client begins
/// it.
///
/// ``append(_:)`` adds a piece and never waits: pieces are gathered, and receivers see the text in steps. ``finish()``
/// sends the whole text. A text that is neither finished nor cancelled is cancelled with its last reference, so that
/// receivers do not wait for the rest of it. One thread uses it at a time.
public final class TextStream: Sendable {
    private let native: NativeTextStream

    init(_ native: NativeTextStream) {
        self.native = native
    }

    /// The id that all messages of this text have.
    public var streamId: String { (try? native.streamId()) ?? "" }

    /// Adds a piece to the text, and does not wait; an empty piece changes nothing.
    ///
    /// - Parameter piece: The next part of the text.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` if the text would be larger than receivers
    ///   accept, or is over; the piece was not added. `streamFailed` if the server refuses the text.
    public func append(_ piece: String) throws(MessageError) {
        try native.add(piece)
    }

    /// Sends the whole text as a stored message; a second call returns the same message. In a task that is cancelled,
    /// it cancels the text.
    ///
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` if no piece was appended; `streamFailed`, which
    ///   says what receivers see, if the text could not be finished.
    /// - Returns: The message with the whole text.
    @discardableResult
    public func finish() throws(MessageError) -> SentMessage {
        try native.finished()
    }

    /// Gives the text up; where receivers have seen some of it, they see that it was cancelled. It returns when the
    /// server has accepted that, or after two seconds; after the end, nothing happens.
    ///
    /// - Throws: `streamFailed` if receivers may see a text that looks unfinished, or that may have been finished.
    public func cancel() throws(MessageError) {
        do throws(MessageError) {
            try native.giveUp()
            _ = try native.end()
        } catch {
            if !error.isCleanEnd { throw error }
        }
    }

    /// Appends all pieces of a sequence, and finishes the text. In a task that is cancelled, it cancels the text.
    func send(_ pieces: some Sequence<String>) throws(MessageError) -> SentMessage {
        for piece in pieces {
            if Task.isCancelled {
                try native.giveUp()
                return try native.end()
            }
            try append(piece)
        }
        return try finish()
    }
}

/// A text that grows while receivers read it, for tasks; `streamText` of an asynchronous client begins it.
///
/// ``append(_:)`` adds a piece and never waits: pieces are gathered, and receivers see the text in steps. ``finish()``
/// sends the whole text. A text that is neither finished nor cancelled is cancelled with its last reference, so that
/// receivers do not wait for the rest of it. One task uses it at a time.
public final class AsyncTextStream: Sendable {
    private let native: NativeTextStream
    private let awaited: AwaitedCalls

    init(_ native: NativeTextStream, awaited: AwaitedCalls) {
        (self.native, self.awaited) = (native, awaited)
    }

    /// The id that all messages of this text have.
    public var streamId: String { (try? native.streamId()) ?? "" }

    /// Adds a piece to the text, and does not wait; an empty piece changes nothing.
    ///
    /// - Parameter piece: The next part of the text.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` if the text would be larger than receivers
    ///   accept, or is over; the piece was not added. `streamFailed` if the server refuses the text.
    public func append(_ piece: String) throws(MessageError) {
        try native.add(piece)
    }

    /// Sends the whole text as a stored message; a second call returns the same message. If its task is cancelled,
    /// the text is cancelled.
    ///
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` if no piece was appended; `streamFailed`, which
    ///   says what receivers see, if the text could not be finished.
    /// - Returns: The message with the whole text.
    @discardableResult
    public func finish() async throws(MessageError) -> SentMessage {
        try native.beginsToFinish()
        return try await native.end(awaited)
    }

    /// Gives the text up; where receivers have seen some of it, they see that it was cancelled. It returns when the
    /// server has accepted that, or after two seconds; after the end, nothing happens.
    ///
    /// - Throws: `streamFailed` if receivers may see a text that looks unfinished, or that may have been finished.
    public func cancel() async throws(MessageError) {
        do throws(MessageError) {
            try native.giveUp()
            _ = try await native.end(awaited)
        } catch {
            if !error.isCleanEnd { throw error }
        }
    }

    /// Appends all pieces of a sequence, and finishes the text. What the sequence throws cancels the text; `onCancel`
    /// then hears what receivers see.
    func send<Pieces: AsyncSequence>(
        _ pieces: Pieces, onCancel: (@Sendable (MessageError) -> Void)?
    ) async throws -> SentMessage where Pieces.Element == String {
        do {
            for try await piece in pieces {
                if Task.isCancelled { break }
                try append(piece)
            }
        } catch let error as MessageError {
            if case .streamFailed = error { throw error }
            await end(onCancel)
            throw error
        } catch {
            await end(onCancel)
            throw error
        }
        if Task.isCancelled { try native.giveUp() } else { try native.beginsToFinish() }
        return try await native.end(awaited)
    }

    private func end(_ onCancel: (@Sendable (MessageError) -> Void)?) async {
        do throws(MessageError) {
            try native.giveUp()
            _ = try await native.end(awaited)
        } catch {
            onCancel?(error)
        }
    }
}

extension NativeTextStream {
    /// How long to wait at a time, in seconds: cancellation is looked for in between.
    private static var patience: TimeInterval { 0.1 }

    func add(_ piece: String) throws(MessageError) {
        do {
            try append(piece: piece)
        } catch {
            throw MessageError(error)
        }
    }

    func beginsToFinish() throws(MessageError) {
        do {
            try beginToFinish()
        } catch {
            throw MessageError(error)
        }
    }

    func giveUp() throws(MessageError) {
        do {
            try beginToCancel()
        } catch {
            throw MessageError(error)
        }
    }

    func finished() throws(MessageError) -> SentMessage {
        try beginsToFinish()
        return try end()
    }

    /// Waits for the end; a task that is cancelled cancels the text.
    func end() throws(MessageError) -> SentMessage {
        while true {
            if Task.isCancelled { try giveUp() }
            if let sent = try message(within: Self.patience) { return sent }
        }
    }

    /// Awaits the end; a task that is cancelled cancels the text.
    func end(_ awaited: AwaitedCalls) async throws(MessageError) -> SentMessage {
        let ticket: Int64
        do {
            ticket = try self.ticket()
        } catch {
            throw MessageError(error)
        }
        awaited.enter()
        defer { awaited.leave(ticket) }
        while true {
            if Task.isCancelled { try giveUp() }
            if let sent = try message(within: 0) { return sent }
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { awaited.tell(ticket) }
            await awaited.news(of: ticket)
        }
    }

    private func message(within patience: TimeInterval) throws(MessageError) -> SentMessage? {
        do {
            return try wait(patience: patience)
        } catch {
            throw MessageError(error)
        }
    }
}

extension MessageError {
    /// Whether receivers see nothing of a text that was not finished, or see that it was cancelled.
    var isCleanEnd: Bool {
        guard case .streamFailed(_, _, _, _, let shown, let isMarked, let mayBeFinished) = self else { return false }
        return !mayBeFinished && (isMarked || shown == 0)
    }
}
