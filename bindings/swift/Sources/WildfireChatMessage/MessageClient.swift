import Foundation

/// A client of one server's message API.
///
/// ```swift
/// let client = try MessageClient(baseUrl: "http://localhost:18080", secret: "123456")
/// let sent = try client.sendMessage(
///     sender: "admin", conversation: .group("g1"), payload: .text("The build is green."))
/// print(sent.messageUid)
/// ```
///
/// It may be used from many threads at once and is cheap to share. Making one opens nothing; many for different
/// servers live side by side. The methods that only professional servers have fail with
/// ``MessageError/notSupported(endpoint:attempts:)`` on a community server.
///
/// Its methods block until the answer is there, a time-out is over, or the call failed. Called inside a `Task` that
/// is cancelled while they wait, be it for the server, for another attempt or for their turn, they end within 200 ms
/// with ``MessageError/interrupted(endpoint:sent:attempts:)``, and no request goes out afterwards; a call that takes
/// less than 100 ms ends as it would have, and so does one whose answer is there first: no outcome is lost. Meanwhile
/// they occupy their thread: call them in a `Task.detached` or on a queue of your own, not on the main actor, which
/// could neither draw nor cancel anything then.
///
/// Its connections end with its last reference, or with ``close()``.
///
/// The secret never shows in a description, an error or a dump. A ``MessageLogHandler`` hears of calls: with `debug` how
/// each ended, with `info` that one was tried again, as a `warning` that nobody knows whether the server executed it. A
/// client that speaks plain http to another machine says so once for a server in a process: to its handler, or with
/// `NSLog` where it has none.
public final class MessageClient: Sendable {
    private let native: Closable<NativeMessageClient>
    private let baseUrl: String
    let log: CallLog

    /// Makes a client of a server.
    ///
    /// - Parameters:
    ///   - baseUrl: The server's address, such as `http://localhost:18080`; a path prefix, as of a proxy, is kept.
    ///   - secret: The server's admin secret.
    ///   - options: Time-outs, limits, proxy and certificates; what is left out has its default.
    ///   - credentials: What a proxy or a gateway on the way wants to see: a login, a certificate, headers.
    ///   - logHandler: Where it writes what becomes of its calls; nowhere when left out.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when the URL is not a plain http or https one,
    ///   the secret is empty, or an option or a part of the credentials can never work.
    public convenience init(
        baseUrl: String, secret: String, options: ClientOptions? = nil, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil
    ) throws(MessageError) {
        try self.init(
            baseUrl: baseUrl, secret: secret, options: options, credentials: credentials, logHandler: logHandler,
            slice: 0.1)
    }

    /// `slice` is how long a call waits, in seconds, before it looks whether its task was cancelled.
    init(
        baseUrl: String, secret: String, options: ClientOptions?, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil, slice: TimeInterval
    ) throws(MessageError) {
        try options?.checkDurations()
        do {
            let native = try NativeMessageClient.inSlicesWith(
                baseUrl: baseUrl, secret: secret, options: options, slice: slice,
                proxyLogin: credentials?.proxyLogin, clientCertificate: credentials?.clientCertificate,
                headers: credentials?.headers ?? [:])
            if let notice = try native.notice() {
                if let logHandler {
                    logHandler.log(level: .warning, message: notice, metadata: [:])
                } else {
                    // As an argument: the notice is text and no format.
                    NSLog("%@", notice)
                }
            }
            self.native = Closable(native)
        } catch {
            throw MessageError(error)
        }
        self.baseUrl = baseUrl
        log = CallLog(handler: logHandler)
    }

    /// Lets the connections go.
    ///
    /// Calls under way in other threads or tasks go on to their end; later ones throw
    /// ``MessageError/invalidArgument(argument:reason:)``. A second time does no harm.
    public func close() {
        native.close()
    }

    /// Closes the connections that lie idle. Calls under way keep theirs, and the next call makes a new one.
    ///
    /// An idle client does nothing by itself: what is idle stays open until the next call, which closes what is older
    /// than `poolIdleTimeout`, or until this.
    public func closeIdle() throws(MessageError) {
        let native = try opened()
        do {
            try native.closeIdle()
        } catch {
            throw MessageError(error)
        }
    }

    /// What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their name,
    /// unknown fates, connections, waits for limits, and how long attempts took. They are counted whether anybody asks or
    /// not.
    public func stats() throws(MessageError) -> ClientStats {
        let native = try opened()
        do {
            return try native.stats()
        } catch {
            throw MessageError(error)
        }
    }

    /// What it wraps, unless it is closed.
    func opened() throws(MessageError) -> NativeMessageClient {
        if let native = native.value { return native }
        throw MessageError.invalidArgument(argument: "client", reason: "it is closed: make a new one")
    }

    /// Makes a call and waits for it, slice after slice, until it is over or the current task is cancelled.
    ///
    /// - Parameters:
    ///   - answer: Which answer the call gives when it took longer than one slice.
    ///   - begin: The call.
    /// - Throws: What the call fails with.
    /// - Returns: What the call gives.
    func call<Value>(
        _ answer: KeyPath<Answer, Value?>, _ begin: (NativeMessageClient) throws -> Value
    ) throws(MessageError) -> Value {
        let native = try opened()
        return try log.around(native) { () throws(MessageError) in
            do {
                return try begin(native)
            } catch NativeMessageError.Pending(let ticket) {
                return try Self.wait(for: ticket, of: native, answer)
            } catch {
                throw MessageError(error)
            }
        }
    }

    private static func wait<Value>(
        for ticket: Int64, of native: NativeMessageClient, _ answer: KeyPath<Answer, Value?>
    ) throws(MessageError) -> Value {
        var ticket = ticket
        while true {
            do {
                if Task.isCancelled {
                    try native.cancel(ticket: ticket)
                }
                if let value = try native.resume(ticket: ticket)[keyPath: answer] {
                    return value
                }
                throw MessageError.internalError(reason: "an answer of another method")
            } catch NativeMessageError.Pending(let again) {
                ticket = again
            } catch {
                throw MessageError(error)
            }
        }
    }
}

extension MessageClient: CustomStringConvertible {
    /// The server it is a client of, and whether it is closed; never the secret.
    public var description: String {
        "MessageClient(baseUrl: \"\(baseUrl)\")" + (native.value == nil ? " (closed)" : "")
    }
}
