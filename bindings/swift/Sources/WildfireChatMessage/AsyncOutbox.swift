import Foundation

/// ``Outbox`` for tasks: the same methods, which block no thread that tasks run on.
///
/// ```swift
/// let outbox = try await AsyncOutbox(store: "sqlite:outbox.db", client: client)
/// let request = SendRequest(sender: "admin", conversation: .single("u1"), payload: .text("Hello"))
/// try await outbox.put(request, key: "order-7")
/// print(try await outbox.run().sent)
/// ```
///
/// Threads of Dispatch ask the database, and a thread of the native library sends. What asks the database comes to its end
/// before a cancelled task is seen. A ``run(options:progress:)`` whose task is cancelled gives back what it holds.
public final class AsyncOutbox: Sendable {
    private let native: Closable<NativeOutbox>

    /// Opens an outbox.
    ///
    /// - Parameters:
    ///   - store: A SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already run,
    ///     `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
    ///   - client: What sends the messages.
    /// - Throws: ``OutboxError``, when the store cannot be named like that, this build of the library does not know its kind,
    ///   or the database cannot be used.
    public init(store: String, client: AsyncMessageClient) async throws(OutboxError) {
        native = Closable(
            try await Self.elsewhere { try NativeOutbox.open(store: store, client: client.core.openNative().calls) })
    }

    /// Opens an outbox whose messages a robot sends: their requests name the robot as their sender, or leave the sender empty.
    /// Outboxes of several senders may share a store; each sends its own messages only.
    ///
    /// - Parameters:
    ///   - store: Where it is, as for messages of users.
    ///   - client: What sends the messages.
    /// - Throws: ``OutboxError``, as for messages of users.
    public init(store: String, client: AsyncRobotClient) async throws(OutboxError) {
        native = Closable(
            try await Self.elsewhere {
                try NativeOutbox.openForRobot(store: store, client: client.core.openNative().calls)
            })
    }

    /// Puts a message, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: SendRequest, key: String? = nil) async throws(OutboxError) -> Int64 {
        try await put(request: .send(value: request), key: key)
    }

    /// Puts one message to many users, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: MulticastRequest, key: String? = nil) async throws(OutboxError) -> Int64 {
        try await put(request: .multicast(value: request), key: key)
    }

    /// Puts one message to every user, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: BroadcastRequest, key: String? = nil) async throws(OutboxError) -> Int64 {
        try await put(request: .broadcast(value: request), key: key)
    }

    /// Puts many messages, 2,000 in a transaction, and tells how many are new.
    ///
    /// A message that can never be sent ends it with an error that names its place, from 0: those in earlier transactions
    /// stay, as they do when the process dies. With keys it is safe to put all of them again.
    ///
    /// - Parameter messages: The messages; there may be more than memory holds.
    /// - Throws: ``OutboxError``.
    /// - Returns: How many are new, and how many had the key of one that was there.
    @discardableResult
    public func putMany(_ messages: some Sequence<OutboxMessage>) async throws(OutboxError) -> PutCounts {
        var counts = PutCounts(put: 0, known: 0)
        var first: Int64 = 0
        var source = messages.makeIterator()
        while true {
            var chunk: [OutboxMessage] = []
            while chunk.count < Outbox.chunk, let message = source.next() { chunk.append(message) }
            if chunk.isEmpty { return counts }
            let put = try await ask { [chunk, first] in try $0.putAll(messages: chunk, first: first) }
            counts = PutCounts(put: counts.put + put.put, known: counts.known + put.known)
            first += Int64(chunk.count)
        }
    }

    /// Sends what is in the outbox, until all that is due has an outcome, or for ever, and gives what it did.
    ///
    /// Any number of processes and machines may do so at the same time: no message is sent by two. Order is kept within a
    /// conversation, over all workers. A server that goes away is waited for, and so is the database. What the server accepted
    /// in the last seconds before it went away is looked up when it is back.
    ///
    /// If its task is cancelled, it stops: nothing new is begun, what is under way comes to its end and is written, and what it
    /// holds goes back; then it gives what it did. A thread of Dispatch waits for it.
    ///
    /// - Parameters:
    ///   - options: Until when, how many at once, how many a second, and how long a server or database is waited for.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    /// - Throws: ``OutboxError``; ``OutboxError/call(error:)`` when the server would have refused every message, or was away for
    ///   longer than the patience: what was not sent is queued.
    /// - Returns: What it did.
    @discardableResult
    public func run(
        options: RunOptions? = nil, progress: (@Sendable (RunProgress) -> Void)? = nil
    ) async throws(OutboxError) -> RunProgress {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        do {
            try options?.checkDurations()
        } catch {
            throw OutboxError(error)
        }
        let run = try await ask { try $0.beginRun(options: options) }
        while true {
            let isCancelled = Task.isCancelled
            let news = try await Self.elsewhere {
                if isCancelled { try run.stop() }
                return try run.wait(patience: patience)
            }
            if let progress, let now = news.progress { progress(now) }
            if news.done { break }
        }
        let told = try await Self.elsewhere { try run.finish() }
        progress?(told)
        return told
    }

    /// The messages that have a state, sender by sender, the first ones first; read as they are asked for.
    ///
    /// ```swift
    /// for try await entry in outbox.entries(.failed) { print(entry.id, entry.error ?? "") }
    /// ```
    public func entries(_ state: OutboxState) -> AsyncOutboxEntries { AsyncOutboxEntries(of: self, state) }

    /// Those of which nobody knows whether they were executed; read as they are asked for.
    public func unknown() -> AsyncOutboxEntries { entries(.unknown) }

    /// Those that the server accepted and does not have; read as they are asked for.
    public func lost() -> AsyncOutboxEntries { entries(.lost) }

    /// Those that the server refused for good, or that can never be sent; read as they are asked for.
    public func failed() -> AsyncOutboxEntries { entries(.failed) }

    /// Waits until the message with a key has an outcome, or the current task is cancelled. Somebody has to run a worker.
    ///
    /// - Parameters:
    ///   - key: The key that it was put with.
    ///   - patience: How long to wait at the most, in seconds.
    /// - Throws: ``OutboxError``.
    /// - Returns: The message as it is then, perhaps without an outcome; nil where there is none with that key.
    public func wait(key: String, patience: TimeInterval) async throws(OutboxError) -> OutboxEntry? {
        /// How long until it is asked again, at the most, in seconds.
        let longest: TimeInterval = 0.5
        try OutboxError.check("patience", patience)
        let until = Date(timeIntervalSinceNow: patience)
        var pause: TimeInterval = 0.005
        while true {
            let left = until.timeIntervalSinceNow
            let waited = try await ask { try $0.wait(key: key, patience: 0) }
            if waited.isOver || left <= 0 || Task.isCancelled { return waited.entry }
            try? await Task.sleep(nanoseconds: UInt64(min(left, pause) * 1_000_000_000))
            pause = min(2 * pause, longest)
        }
    }

    /// Lets the database go. Calls under way go on to their end; later ones throw
    /// ``OutboxError/invalidArgument(argument:reason:)``. A second time does no harm.
    public func close() {
        native.close()
    }

    /// Asks the native outbox on a thread of Dispatch; most methods, which do nothing else, are generated.
    func ask<Value: Sendable>(
        _ question: @escaping @Sendable (NativeOutbox) throws -> Value
    ) async throws(OutboxError) -> Value {
        guard let native = native.value else { throw Outbox.isClosed }
        return try await Self.elsewhere { try question(native) }
    }

    /// Does something that blocks on a thread of Dispatch.
    static func elsewhere<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws(OutboxError) -> Value {
        let outcome: Result<Value, OutboxError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do {
                    continuation.resume(returning: .success(try work()))
                } catch {
                    continuation.resume(returning: .failure(OutboxError(error)))
                }
            }
        }
        return try outcome.get()
    }
}

extension AsyncOutbox: CustomStringConvertible {
    /// Nothing of the store: its URL may have a password in it.
    public var description: String { native.value == nil ? "AsyncOutbox() (closed)" : "AsyncOutbox()" }
}

/// Messages of an ``AsyncOutbox``, read as they are asked for.
public struct AsyncOutboxEntries: AsyncSequence, Sendable {
    public typealias Element = OutboxEntry
    private let outbox: AsyncOutbox
    private let state: OutboxState

    init(of outbox: AsyncOutbox, _ state: OutboxState) {
        (self.outbox, self.state) = (outbox, state)
    }

    /// Begins with the first one.
    public func makeAsyncIterator() -> Iterator { Iterator(outbox: outbox, state: state) }

    /// Goes from one to the next.
    public struct Iterator: AsyncIteratorProtocol {
        let outbox: AsyncOutbox
        let state: OutboxState
        var pages: NativeOutboxEntries?
        var page: ArraySlice<OutboxEntry> = []

        /// The next one; nil at the end. Throws ``OutboxError``.
        public mutating func next() async throws -> OutboxEntry? {
            if page.isEmpty {
                let state = state
                let pages =
                    if let pages { pages } else { try await outbox.ask { try $0.entries(state: state) } }
                self.pages = pages
                page = try await AsyncOutbox.elsewhere { try pages.next() }[...]
            }
            return page.popFirst()
        }
    }
}
