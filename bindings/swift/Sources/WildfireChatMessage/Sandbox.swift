import Foundation

/// An embedded stand-in for a WildfireChat server, for tests: it listens on a loopback port from its creation until it
/// is stopped or its last reference is gone.
///
/// ```swift
/// let sandbox = try Sandbox()
/// let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
/// let sent = try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi"))
/// print(try sandbox.executions(messageUid: sent.messageUid))
/// ```
///
/// It answers every endpoint of the message API as the server does, keeps the messages, reports the requests that it
/// received, and fails on demand.
public final class Sandbox: Sendable {
    private let native: NativeSandbox

    /// The URL for clients on this machine, such as `http://127.0.0.1:41234`.
    public let baseUrl: String

    /// The port on which it listens.
    public let port: Int32

    /// Starts a sandbox.
    ///
    /// - Parameters:
    ///   - secret: The admin secret that clients need.
    ///   - edition: The edition of the server that it imitates.
    ///   - host: The host name or address to listen on; with the default, only this machine reaches it.
    ///   - port: The port to listen on; 0 takes a free port, and a port that is in use is an error.
    ///   - rateLimit: How many requests in 10 s it accepts before it answers with code 250, refilled continuously; 0
    ///     for no limit.
    ///   - idleTimeout: How long, in seconds, a connection may be idle before it is closed, as proxies do; for ever
    ///     when left out, as on the server.
    ///   - serverVersion: The version of the server that it plays, such as `1.2.4`; the newest when left out. Since
    ///     1.3.2 a message to a chatroom goes to `toUsers` alone; since 1.3.8 a payload over 65,536 is code 35, and
    ///     `isUserMessage` asks for the sender's rights.
    ///   - store: How its file store accepts files.
    /// - Throws: ``SandboxError`` if it cannot listen on this port.
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

    /// Gives the next request exactly this answer instead of the real one; the request is not executed.
    ///
    /// Answers and faults form one queue: each is for one request to any endpoint, in the order of the calls.
    public func answerNext(_ answer: ScriptedAnswer) throws(SandboxError) {
        try ask { try $0.answerNext(answer: answer) }
    }

    /// Sets the time that ``MessageClient/getConversationReadTimestamp(userId:conversation:)`` returns, in milliseconds
    /// since the epoch.
    public func setReadTimestamp(
        userId: String, conversation: Conversation, timestamp: Int64
    ) throws(SandboxError) {
        try ask {
            try $0.setReadTimestamp(
                userId: userId, conversationType: conversation.kind, target: conversation.target,
                line: conversation.line, timestamp: timestamp)
        }
    }

    /// Asks the native sandbox; most methods, which do nothing else, are generated.
    func ask<Value>(_ question: (NativeSandbox) throws -> Value) throws(SandboxError) -> Value {
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
