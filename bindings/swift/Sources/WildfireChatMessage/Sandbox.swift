import Foundation

/// An embedded stand-in for a WildfireChat server, for tests: it listens on a loopback port from its start until it is
/// stopped or nobody holds it.
///
/// ```swift
/// let sandbox = try Sandbox()
/// let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
/// let sent = try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi"))
/// print(try sandbox.executions(messageUid: sent.messageUid))
/// ```
///
/// It answers every endpoint of the message API as the server does, keeps what it was sent, tells what it received, and
/// fails when it is asked to.
public final class Sandbox: Sendable {
    private let native: NativeSandbox

    /// The URL that a client on this machine is given, such as `http://127.0.0.1:41234`.
    public let baseUrl: String

    /// The port that it listens on.
    public let port: Int32

    /// Starts a sandbox.
    ///
    /// - Parameters:
    ///   - secret: The admin secret that clients need.
    ///   - edition: The edition of the server that it plays.
    ///   - host: The host name or address to listen on; as it is, nobody but this machine reaches it.
    ///   - port: The port to listen on; 0 takes a free one, a taken one is an error.
    ///   - rateLimit: Requests in 10 s before code 250, refilled continuously; 0 is no limit.
    ///   - idleTimeout: How long, in seconds, a connection may be idle before it is closed, as proxies do; for ever
    ///     when left out, as on the server.
    ///   - serverVersion: The version of the server that it plays, such as `1.2.4`; the newest when left out. Since 1.3.2
    ///     a message to a chatroom goes to `toUsers` alone; since 1.3.8 a payload over 65,536 is code 35, and
    ///     `isUserMessage` asks for the sender's rights.
    ///   - store: How its store for files takes them.
    /// - Throws: ``SandboxError`` when it cannot listen there.
    public init(
        secret: String = "123456", edition: Edition = .professional, host: String = "127.0.0.1", port: Int32 = 0,
        rateLimit: Int32 = 10_000, idleTimeout: TimeInterval? = nil, serverVersion: String? = nil,
        store: StoreKind = .put
    ) throws(SandboxError) {
        try SandboxError.check("idle_timeout", idleTimeout)
        let options = SandboxOptions(
            edition: edition, host: host, port: port, rateLimit: rateLimit, idleTimeout: idleTimeout,
            serverVersion: serverVersion, store: store)
        do {
            native = try NativeSandbox(secret: secret, options: options)
            baseUrl = try native.baseUrl()
            self.port = try native.port()
        } catch {
            throw SandboxError(error)
        }
    }

    /// The requests that arrived, oldest first: the newest 10,000, of 128 MiB at most. A request is here before it is
    /// answered.
    public func requests() throws(SandboxError) -> [ReceivedRequest] {
        try ask { try $0.requests() }
    }

    /// Forgets the requests that arrived, those to the store too; messages, files and scripted answers stay.
    public func clearRequests() throws(SandboxError) {
        try ask { try $0.clearRequests() }
    }

    /// Gives the next request exactly this answer instead of the real one; the request is not executed.
    ///
    /// Answers and faults form one queue: each is for one request, to any endpoint, in the order of asking.
    public func answerNext(_ answer: ScriptedAnswer) throws(SandboxError) {
        try ask { try $0.answerNext(answer: answer) }
    }

    /// Lets the next requests meet a fault; it queues up like ``answerNext(_:)``.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - times: How many requests meet it.
    ///   - endpoint: Only requests to this endpoint meet it, such as `message/send`, and others pass it by; any when
    ///     left out.
    ///   - delay: How long, in seconds, a fault takes that takes time; 1 when left out.
    /// - Throws: ``SandboxError`` when there is no such endpoint, or `times` or `delay` can never work.
    public func failNext(
        _ fault: Fault, times: Int32 = 1, endpoint: String? = nil, delay: TimeInterval? = nil
    ) throws(SandboxError) {
        try SandboxError.check("delay", delay)
        let rule = FaultRule(fault: fault, times: times, endpoint: endpoint, delay: delay)
        try ask { try $0.fail(rule: rule) }
    }

    /// Lets requests meet faults by chance, those for which nothing is queued up, until ``stopFailing()``. Another time
    /// replaces the first.
    ///
    /// - Parameters:
    ///   - faults: The faults to draw from; naming one twice makes it twice as likely.
    ///   - probability: The probability, from 0 to 1, that a request meets one.
    ///   - seed: The same seed draws the same faults in the same order.
    ///   - endpoint: Only requests to this endpoint meet them, such as `message/send`; any when left out.
    ///   - delay: How long, in seconds, a fault takes that takes time; 1 when left out.
    /// - Throws: ``SandboxError`` when there is no fault or no such endpoint, or `probability` or `delay` can never
    ///   work.
    public func failRandomly(
        _ faults: [Fault], probability: Double, seed: Int64 = 0, endpoint: String? = nil, delay: TimeInterval? = nil
    ) throws(SandboxError) {
        try SandboxError.check("delay", delay)
        let random = RandomFaults(
            faults: faults, probability: probability, seed: seed, endpoint: endpoint, delay: delay)
        try ask { try $0.failRandomly(faults: random) }
    }

    /// Forgets every fault and answer that still waits, those of the store too, and makes none by chance any more.
    public func stopFailing() throws(SandboxError) {
        try ask { try $0.stopFailing() }
    }

    /// Closes the port and every idle connection for a while: new connections are refused. It is closed when this comes
    /// back. Calls under way go on.
    ///
    /// - Parameter duration: For how long, in seconds.
    /// - Throws: ``SandboxError`` when `duration` can never work.
    public func refuseConnections(for duration: TimeInterval) throws(SandboxError) {
        try SandboxError.check("duration", duration)
        try ask { try $0.refuseConnections(duration: duration) }
    }

    /// The files in the store, the one brought last at the end: the newest 1,000, of 128 MiB at most.
    public func files() throws(SandboxError) -> [StoredFile] {
        try ask { try $0.files() }
    }

    /// The requests that brought files to the store, oldest first, without the files. They are not among
    /// ``requests()``.
    public func storeRequests() throws(SandboxError) -> [ReceivedRequest] {
        try ask { try $0.storeRequests() }
    }

    /// Lets the next requests to the store meet a fault, those to the back-up store too.
    ///
    /// - Parameters:
    ///   - fault: The fault.
    ///   - times: How many requests meet it.
    ///   - delay: How long, in seconds, a fault takes that takes time; 1 when left out.
    /// - Throws: ``SandboxError`` when `times` or `delay` can never work.
    public func failStore(
        _ fault: StoreFault, times: Int32 = 1, delay: TimeInterval? = nil
    ) throws(SandboxError) {
        try SandboxError.check("delay", delay)
        try ask { try $0.failStore(fault: fault, times: times, delay: delay) }
    }

    /// How many calls made or changed this message: 1 for the call that sent it, 1 more for each update, recall or delete
    /// that found it. 0 for a uid that never was.
    public func executions(messageUid: Int64) throws(SandboxError) -> Int64 {
        try ask { try $0.executions(messageUid: messageUid) }
    }

    /// The uids of all messages kept, deleted and unstored ones too, oldest first.
    public func messageUids() throws(SandboxError) -> [Int64] {
        try ask { try $0.messageUids() }
    }

    /// The uids of the messages that were made with this searchable content, deleted and unstored ones too, in the order
    /// of arrival. Two for one call is a call that was executed twice.
    public func messagesWithText(_ searchableContent: String) throws(SandboxError) -> [Int64] {
        try ask { try $0.messagesWithText(searchableContent: searchableContent) }
    }

    /// The uids of the messages that a user sent or got and has not cleared, oldest first. Messages to groups, channels
    /// and chatrooms reach every user, or those of `toUsers`.
    public func messagesOfUser(_ userId: String) throws(SandboxError) -> [Int64] {
        try ask { try $0.messagesOfUser(userId: userId) }
    }

    /// Sets what ``MessageClient/getConversationReadTimestamp(userId:conversation:)`` gives, in milliseconds since the
    /// epoch.
    public func setReadTimestamp(
        userId: String, conversation: Conversation, timestamp: Int64
    ) throws(SandboxError) {
        try ask {
            try $0.setReadTimestamp(
                userId: userId, conversationType: conversation.kind, target: conversation.target,
                line: conversation.line, timestamp: timestamp)
        }
    }

    /// Sets what ``MessageClient/getDeliveryTimestamp(userId:)`` gives, in milliseconds since the epoch.
    public func setDeliveryTimestamp(userId: String, timestamp: Int64) throws(SandboxError) {
        try ask { try $0.setDeliveryTimestamp(userId: userId, timestamp: timestamp) }
    }

    /// Closes the port and every connection, and comes back when they are closed. What was received can still be asked
    /// for. A second time does nothing.
    public func stop() throws(SandboxError) {
        try ask { try $0.stop() }
    }

    private func ask<Value>(_ question: (NativeSandbox) throws -> Value) throws(SandboxError) -> Value {
        do {
            return try question(native)
        } catch {
            throw SandboxError(error)
        }
    }
}

extension Sandbox: CustomStringConvertible {
    /// Where it listens; never the secret.
    public var description: String { "Sandbox(baseUrl: \"\(baseUrl)\")" }
}
