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
/// What is put is sent by whoever calls ``run(options:progress:)``, and by any number of them at the same time. The intent
/// to send is written before a request leaves, and the outcome after: a worker that is killed leaves messages that are
/// queued, and some that are *unknown*, which are never sent again by themselves. No other is sent twice, and none is lost.
///
/// It may be used from many threads at once. What asks the database comes to its end before a cancelled task is seen.
public final class Outbox: Sendable {
    private let native: Closable<NativeOutbox>

    /// Opens an outbox.
    ///
    /// - Parameters:
    ///   - store: A SQLite file, `sqlite:outbox.db`, which is made where there is none; or a database that you already run,
    ///     `mysql://user:password@host/database` or `postgres://…`. The tables are made at the first use.
    ///   - client: What sends the messages.
    /// - Throws: ``OutboxError``, when the store cannot be named like that, this build of the library does not know its kind,
    ///   or the database cannot be used.
    public init(store: String, client: MessageClient) throws(OutboxError) {
        do {
            native = Closable(try NativeOutbox.open(store: store, client: client.core.openNative().calls))
        } catch {
            throw OutboxError(error)
        }
    }

    /// Puts a message, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: SendRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .send(value: request), key: key)
    }

    /// Puts one message to many users, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: MulticastRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .multicast(value: request), key: key)
    }

    /// Puts one message to every user, and gives its id. The same key twice is one message.
    @discardableResult
    public func put(_ request: BroadcastRequest, key: String? = nil) throws(OutboxError) -> Int64 {
        try put(request: .broadcast(value: request), key: key)
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
    public func putMany(_ messages: some Sequence<OutboxMessage>) throws(OutboxError) -> PutCounts {
        let most = 2_000
        var counts = PutCounts(put: 0, known: 0)
        var first: Int64 = 0
        var source = messages.makeIterator()
        while true {
            var chunk: [OutboxMessage] = []
            while chunk.count < most, let message = source.next() { chunk.append(message) }
            if chunk.isEmpty { return counts }
            let put = try ask { [chunk, first] in try $0.putAll(messages: chunk, first: first) }
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
    /// In a task that is cancelled, it stops: nothing new is begun, what is under way comes to its end and is written, and what
    /// it holds goes back.
    ///
    /// - Parameters:
    ///   - options: Until when, how many at once, how many a second, and how long a server or database is waited for.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``OutboxError``; ``OutboxError/call(error:)`` when the server would have refused every message, or was away for
    ///   longer than the patience: what was not sent is queued.
    /// - Returns: What it did.
    @discardableResult
    public func run(
        options: RunOptions? = nil, progress: ((RunProgress) -> Void)? = nil
    ) throws(OutboxError) -> RunProgress {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
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

    /// The messages that have a state, the first ones first; read as they are asked for.
    ///
    /// ```swift
    /// let failed = try outbox.entries(.failed)
    /// while let entry = try failed.next() { print(entry.id, entry.error ?? "") }
    /// ```
    public func entries(_ state: OutboxState) throws(OutboxError) -> OutboxEntries {
        OutboxEntries(try ask { try $0.entries(state: state) })
    }

    /// Those of which nobody knows whether they were executed; read as they are asked for.
    public func unknown() throws(OutboxError) -> OutboxEntries { try entries(.unknown) }

    /// Those that the server accepted and does not have; read as they are asked for.
    public func lost() throws(OutboxError) -> OutboxEntries { try entries(.lost) }

    /// Those that the server refused for good, or that can never be sent; read as they are asked for.
    public func failed() throws(OutboxError) -> OutboxEntries { try entries(.failed) }

    /// Waits until the message with a key has an outcome, or the current task is cancelled. Somebody has to run a worker.
    ///
    /// - Parameters:
    ///   - key: The key that it was put with.
    ///   - patience: How long to wait at the most, in seconds.
    /// - Throws: ``OutboxError``.
    /// - Returns: The message as it is then, perhaps without an outcome; nil where there is none with that key.
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

    /// Lets the database go. Calls under way go on to their end; later ones throw
    /// ``OutboxError/invalidArgument(argument:reason:)``. A second time does no harm.
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
        throw .invalidArgument(argument: "outbox", reason: "it is closed: make a new one")
    }
}

extension Outbox: CustomStringConvertible {
    /// Nothing of the store: its URL may have a password in it.
    public var description: String { native.value == nil ? "Outbox() (closed)" : "Outbox()" }
}

/// Messages of an ``Outbox``, read as they are asked for.
public final class OutboxEntries {
    private let native: NativeOutboxEntries
    private var page: ArraySlice<OutboxEntry> = []

    init(_ native: NativeOutboxEntries) {
        self.native = native
    }

    /// The next one; nil at the end.
    public func next() throws(OutboxError) -> OutboxEntry? {
        do {
            if page.isEmpty { page = try native.next()[...] }
            return page.popFirst()
        } catch {
            throw OutboxError(error)
        }
    }
}
