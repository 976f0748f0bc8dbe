import Foundation

/// The outcomes of many messages: one for each request, in their order. The messages are sent while the outcomes
/// are iterated; each iteration sends them again.
///
/// If the task is cancelled, the outcomes end after those of the requests that were taken; breaking out of the loop
/// gives up what is under way.
public struct AsyncSendOutcomes: AsyncSequence, Sendable {
    public typealias Element = SendOutcome

    let begin: @Sendable () throws -> AsyncBulk

    /// Sends the messages and returns the outcomes. An option that can never work throws when the first outcome is
    /// asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(begin: begin)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let begin: @Sendable () throws -> AsyncBulk
        private var bulk: AsyncBulk?

        init(begin: @escaping @Sendable () throws -> AsyncBulk) {
            self.begin = begin
        }

        /// The next outcome; nil at the end.
        ///
        /// - Throws: What an asynchronous source of requests throws; ``MessageError/invalidArgument(argument:reason:)``
        ///   when an option can never work or the client is closed.
        public mutating func next() async throws -> SendOutcome? {
            let bulk = try self.bulk ?? begin()
            self.bulk = bulk
            return try await bulk.next()
        }
    }
}

/// Many messages that are being sent, whose outcomes one task awaits.
final class AsyncBulk {
    /// How long to wait for news, in seconds; in between the progress is reported.
    private static let glance: TimeInterval = 0.1

    private var bulk: Bulk<AnySequence<SendRequest>>
    private let inbox: Inbox?
    private let awaited: AwaitedCalls
    private let ticket: Int64
    private let progress: (@Sendable (BulkProgress) -> Void)?
    private let rest: (@Sendable ([SendOutcome]) -> Void)?

    /// The endpoint of its messages.
    var endpoint: String { bulk.endpoint }

    /// `inbox` takes the requests of an asynchronous source.
    init(
        _ bulk: Bulk<AnySequence<SendRequest>>, awaited: AwaitedCalls, inbox: Inbox?,
        progress: (@Sendable (BulkProgress) -> Void)?, rest: (@Sendable ([SendOutcome]) -> Void)?
    ) throws {
        (self.bulk, self.awaited, self.inbox, self.progress, self.rest) = (bulk, awaited, inbox, progress, rest)
        ticket = try bulk.native.ticket()
        awaited.enter()
        let ticket = ticket
        inbox?.begin { awaited.tell(ticket) }
    }

    deinit {
        inbox?.close()
        awaited.leave(ticket)
    }

    func next() async throws -> SendOutcome? {
        while true {
            if let outcome = bulk.popFirst() { return outcome }
            if bulk.isDone { return nil }
            do {
                try await step()
            } catch {
                bulk.giveUp()
                rest?(Array(bulk.pendingOutcomes))
                throw error
            }
        }
    }

    private func step() async throws {
        try bulk.endIfCancelled()
        let wanted = bulk.wanted
        try feed(wanted)
        try bulk.takeNews(patience: 0)
        if let progress, let now = bulk.progress { progress(now) }
        let hasMore = bulk.wanted > 0 && !bulk.hasEnded && (inbox?.hasNews ?? true)
        if bulk.pendingOutcomes.isEmpty && !bulk.isDone && !hasMore { await news() }
    }

    private func feed(_ wanted: Int) throws {
        if bulk.hasEnded || wanted == 0 { return }
        guard let inbox else { return try bulk.feedSome() }
        let (some, isLast) = try inbox.take(wanted)
        try bulk.feed(some)
        if isLast { try bulk.end() }
    }

    private func news() async {
        let (awaited, ticket) = (awaited, ticket)
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.glance) { awaited.tell(ticket) }
        await withTaskCancellationHandler {
            await awaited.news(of: ticket)
        } onCancel: {
            awaited.tell(ticket)
        }
    }
}

/// Requests of an asynchronous source that wait for their turn.
///
/// The compiler takes our word that sharing is safe: every access to the state holds the lock.
final class Inbox: @unchecked Sendable {
    /// How many requests may wait.
    private static let most = 256

    private let lock = NSLock()
    private let fill: @Sendable (Inbox) async -> Void
    private var requests: [SendRequest] = []
    private var isLast = false
    private var isClosed = false
    private var failure: (any Error)?
    private var room: CheckedContinuation<Void, Never>?
    private var filling: Task<Void, Never>?
    private var tell: @Sendable () -> Void = {}

    init<Requests: AsyncSequence & Sendable>(_ source: Requests) where Requests.Element == SendRequest {
        fill = { inbox in
            do {
                for try await request in source {
                    guard await inbox.put(request) else { return }
                }
                inbox.end(nil)
            } catch {
                inbox.end(error)
            }
        }
    }

    /// Starts to read the source; `tell` is called when there are requests to take.
    func begin(_ tell: @escaping @Sendable () -> Void) {
        lock.withLock {
            self.tell = tell
            filling = Task { await fill(self) }
        }
    }

    var hasNews: Bool {
        lock.withLock { !requests.isEmpty || isLast }
    }

    /// The next requests, and whether there are no more. Throws what the source has thrown, after its last request.
    func take(_ many: Int) throws -> ([SendRequest], Bool) {
        let (some, isOver, failure, room) = lock.withLock {
            let some = Array(requests.prefix(many))
            requests.removeFirst(some.count)
            defer { self.room = nil }
            let isOver = isLast && requests.isEmpty && (self.failure == nil || some.isEmpty)
            return (some, isOver, self.failure, self.room)
        }
        room?.resume()
        if isOver, let failure { throw failure }
        return (some, isOver)
    }

    /// Stops reading the source.
    func close() {
        let (filling, room) = lock.withLock {
            isClosed = true
            defer { self.room = nil }
            return (self.filling, self.room)
        }
        room?.resume()
        filling?.cancel()
    }

    /// Puts a request in and waits for room for the next one; false if nobody takes requests any more.
    private func put(_ request: SendRequest) async -> Bool {
        let (isFull, isOver, tell) = lock.withLock {
            requests.append(request)
            return (requests.count >= Self.most, isClosed, self.tell)
        }
        tell()
        if isFull && !isOver {
            await withCheckedContinuation { continuation in
                let isRoom = lock.withLock {
                    if requests.count < Self.most || isClosed { return true }
                    room = continuation
                    return false
                }
                if isRoom { continuation.resume() }
            }
        }
        return !isOver
    }

    private func end(_ failure: (any Error)?) {
        let tell = lock.withLock {
            isLast = true
            self.failure = failure
            return self.tell
        }
        tell()
    }
}
