import Foundation

/// A list of messages in a database, which workers in any number of processes and machines send.
///
/// ```swift
/// let outbox = try Outbox(store: "sqlite:outbox.db", client: client)
/// let request = SendRequest(sender: "admin", conversation: .single("u1"), payload: .text("Hello"))
/// try outbox.put(request, key: "order-7")
/// print(try outbox.run().sent)
/// ```
///
/// A call of ``run(options:progress:)`` sends the messages; any number of processes may do this at the same time. The
/// intent to send is written before a request is sent, and the outcome afterwards: a worker that is killed leaves
/// messages that are queued, and some that are *unknown*, which are never sent again automatically. No other message is
/// sent twice, and none is lost.
///
/// Many threads may use it at the same time. A question to the database ends before a cancellation is noticed.
public final class Outbox: Sendable {
    private let native: Closable<NativeOutbox>

    /// Opens an outbox.
    ///
    /// - Parameters:
    ///   - store: A SQLite file, such as `sqlite:outbox.db`, which is made if it is missing; or a database that you
    ///     already run, `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
    ///   - client: The client that sends the messages.
    /// - Throws: ``OutboxError`` if the store has no such name, this build of the library does not support its kind, or
    ///   the database cannot be used.
    public init(store: String, client: MessageClient) throws(OutboxError) {
        do {
            native = Closable(try NativeOutbox.open(store: store, client: client.core.openNative().calls))
        } catch {
            throw OutboxError(error)
        }
    }

    /// Opens an outbox whose messages a robot sends: the sender of each request is the robot or empty. Outboxes of several
    /// senders may share a store; each sends only its own messages.
    ///
    /// - Parameters:
    ///   - store: The store, as for messages of users.
    ///   - client: The client that sends the messages.
    /// - Throws: ``OutboxError``, as for messages of users.
    public init(store: String, client: RobotClient) throws(OutboxError) {
        do {
            native = Closable(try NativeOutbox.openForRobot(store: store, client: client.core.openNative().calls))
        } catch {
            throw OutboxError(error)
        }
    }

    /// Puts a message, and returns its id. Two messages with the same key are one message.
    @discardableResult
    public func put(_ request: SendRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .send(value: request), key: key)
    }

    /// Puts one message to many users, and returns its id. Two messages with the same key are one message.
    @discardableResult
    public func put(_ request: MulticastRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .multicast(value: request), key: key)
    }

    /// Puts one message to every user, and returns its id. Two messages with the same key are one message.
    @discardableResult
    public func put(_ request: BroadcastRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .broadcast(value: request), key: key)
    }

    /// Puts many messages, 2,000 per transaction, and returns how many are new.
    ///
    /// A message that can never be sent ends it with an error that contains its position, counted from 0. The messages
    /// of earlier transactions stay, as they do if the process dies. With keys it is safe to put all messages again.
    ///
    /// - Parameter messages: The messages, which need not fit into memory.
    /// - Throws: ``OutboxError``.
    /// - Returns: How many messages are new, and how many had the key of a message that was there.
    @discardableResult
    public func putMany(_ messages: some Sequence<OutboxMessage>) throws(OutboxError) -> PutCounts {
        var counts = PutCounts(put: 0, known: 0)
        var first: Int64 = 0
        var source = messages.makeIterator()
        while true {
            var chunk: [OutboxMessage] = []
            while chunk.count < Self.chunk, let message = source.next() { chunk.append(message) }
            if chunk.isEmpty { return counts }
            let put = try ask { [chunk, first] in try $0.putAll(messages: chunk, first: first) }
            counts = PutCounts(put: counts.put + put.put, known: counts.known + put.known)
            first += Int64(chunk.count)
        }
    }

    /// Sends the messages of the outbox until all that are due have an outcome, or for ever, and returns what it did.
    ///
    /// Any number of processes and machines may do this at the same time: no message is sent by two of them. The order
    /// within a conversation is kept across all workers. If the server or the database goes away, the method waits for
    /// it. Messages that the server accepted in the last seconds before it went away are looked up when it is back.
    ///
    /// If its task is cancelled, it stops: no further message begins, messages that are under way end and their
    /// outcomes are written, and the other messages that it holds are queued again.
    ///
    /// - Parameters:
    ///   - options: When it ends, how many messages are sent at the same time and per second, and how long to wait for
    ///     a server or database.
    ///   - progress: Is called with the progress, in the calling thread, at most ten times per second and at the end.
    /// - Throws: ``OutboxError``; ``OutboxError/call(error:)`` if the server would have refused every message, or was
    ///   away for longer than the patience: messages that were not sent are queued.
    /// - Returns: What it did.
    @discardableResult
    public func run(
        options: RunOptions? = nil, progress: ((RunProgress) -> Void)? = nil
    ) throws(OutboxError) -> RunProgress {
        /// How long to wait for news, in seconds; in between it checks for cancellation.
        let patience: TimeInterval = 0.1
        do {
            try options?.checkDurations()
            let run = try openNative().beginRun(options: options)
            while true {
                if Task.isCancelled { try run.stop() }
                let news = try run.wait(patience: patience)
                if let progress, let now = news.progress { progress(now) }
                if news.done { break }
            }
            let told = try run.finish()
            progress?(told)
            return told
        } catch {
            throw OutboxError(error)
        }
    }

    /// The messages in a state, sender by sender, by priority and then in the order in which they were put; they are read
    /// while you iterate.
    ///
    /// ```swift
    /// let failed = try outbox.entries(.failed)
    /// while let entry = try failed.next() { print(entry.id, entry.error ?? "") }
    /// ```
    public func entries(_ state: OutboxState) throws(OutboxError) -> OutboxEntries {
        OutboxEntries(try ask { try $0.entries(state: state) })
    }

    /// The messages for which it is unknown whether they were executed; they are read while you iterate.
    public func unknown() throws(OutboxError) -> OutboxEntries { try entries(.unknown) }

    /// The messages that the server has accepted but does not have; they are read while you iterate.
    public func lost() throws(OutboxError) -> OutboxEntries { try entries(.lost) }

    /// The messages that the server has refused for good, or that can never be sent; they are read while you iterate.
    public func failed() throws(OutboxError) -> OutboxEntries { try entries(.failed) }

    /// Waits until the message with a key has an outcome, or the current task is cancelled. A worker must be running.
    ///
    /// - Parameters:
    ///   - key: The key with which the message was put.
    ///   - patience: How long to wait at most, in seconds.
    /// - Throws: ``OutboxError``.
    /// - Returns: The message as it is then, perhaps without an outcome; nil if no message has this key.
    public func wait(key: String, patience: TimeInterval) throws(OutboxError) -> OutboxEntry? {
        let slice: TimeInterval = 0.1
        try OutboxError.check("patience", patience)
        let until = Date(timeIntervalSinceNow: patience)
        while true {
            let left = max(until.timeIntervalSinceNow, 0)
            let waited = try ask { try $0.wait(key: key, patience: min(left, slice)) }
            if waited.isOver || left == 0 || Task.isCancelled { return waited.entry }
        }
    }

    /// Closes the connections to the database. Calls that are under way end normally; later calls throw
    /// ``OutboxError/invalidArgument(argument:reason:)``. A second call does no harm.
    public func close() {
        native.close()
    }

    /// Asks the native outbox; most methods, which do nothing else, are generated.
    func ask<Value>(_ question: (NativeOutbox) throws -> Value) throws(OutboxError) -> Value {
        do {
            return try question(openNative())
        } catch {
            throw OutboxError(error)
        }
    }

    private func openNative() throws(OutboxError) -> NativeOutbox {
        if let native = native.value { return native }
        throw Self.isClosed
    }

    static let isClosed = OutboxError.invalidArgument(argument: "outbox", reason: "it is closed: make a new one")
    /// So many messages cross, and are written, at once.
    static let chunk = 2_000
}

extension Outbox: CustomStringConvertible {
    /// It shows nothing of the store, whose URL may contain a password.
    public var description: String { native.value == nil ? "Outbox() (closed)" : "Outbox()" }
}

/// Messages of an ``Outbox``, which are read while you iterate.
public final class OutboxEntries {
    private let native: NativeOutboxEntries
    private var page: ArraySlice<OutboxEntry> = []

    init(_ native: NativeOutboxEntries) {
        self.native = native
    }

    /// The next message; nil at the end.
    public func next() throws(OutboxError) -> OutboxEntry? {
        do {
            if page.isEmpty { page = try native.next()[...] }
            return page.popFirst()
        } catch {
            throw OutboxError(error)
        }
    }
}
