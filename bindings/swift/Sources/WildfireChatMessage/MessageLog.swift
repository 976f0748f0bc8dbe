import Foundation

/// Where a client logs its calls.
///
/// It has the form of swift-log's `LogHandler`; this package does not depend on swift-log. An adapter takes a few
/// lines:
///
/// ```swift
/// struct SwiftLog: MessageLogHandler {
///     let logger: Logger
///     var minimumLevel: MessageLogLevel? {
///         logger.logLevel <= .debug ? .debug : logger.logLevel <= .info ? .info : .warning
///     }
///     func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
///         let level: Logger.Level = level == .debug ? .debug : level == .info ? .info : .warning
///         logger.log(level: level, "\(message)", metadata: metadata.mapValues { .string($0) })
///     }
/// }
/// ```
public protocol MessageLogHandler: Sendable {
    /// The lowest level that is logged; nil for nothing, which costs nothing. The client reads it before each call.
    var minimumLevel: MessageLogLevel? { get }

    /// Logs a line, in the thread that made the call.
    ///
    /// - Parameters:
    ///   - level: How important the line is.
    ///   - message: One sentence. It contains neither the secret nor any part of a request.
    ///   - metadata: The facts of the line, by name: `endpoint`, `outcome`, `attempts`, `duration` and `waited` in
    ///     seconds, `mayHaveExecuted`; if they are known, `status` and `code`; for many messages `sent`, `failed` and
    ///     `unknown`.
    func log(level: MessageLogLevel, message: String, metadata: [String: String])
}

/// How important a line of a client's log is.
public enum MessageLogLevel: Int32, Comparable, Sendable {
    /// How each call ended.
    case debug = 3
    /// A call was tried again; many messages wait, continue, or ended after waiting or with failures.
    case info = 2
    /// It is unknown whether the server executed a call.
    case warning = 1

    /// Whether one level is below another.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue > right.rawValue
    }

    init(_ level: LogLevel) {
        self =
            switch level {
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            }
    }
}

/// The log of a client's calls. The native library writes the sentences, and only those that the handler wants; this
/// struct asks for them in the thread that made the call, as soon as the outcome has arrived.
struct CallLog: Sendable {
    let handler: (any MessageLogHandler)?
    let tracer: (any MessageTracer)?

    /// Says that this thread is about to begin a call.
    func begin(_ native: NativeAccess, _ endpoint: String) -> (any MessageCallTracer)? {
        let begun = tracer?.begin(endpoint: endpoint)
        carry(native, begun)
        return begun
    }

    /// The call that this thread begins next brings its context to the server.
    func carry(_ native: NativeAccess, _ begun: (any MessageCallTracer)?) {
        // What cannot be a header costs nobody a call.
        if let begun { try? native.carry(headers: begun.headers) }
    }

    /// Makes a call, or gets the outcome of one, and logs it.
    func around<Value>(
        _ native: NativeAccess, _ begun: (any MessageCallTracer)?, _ work: () throws(MessageError) -> Value
    ) throws(MessageError) -> Value {
        guard let wanted = updateLevel(native) else { return try work() }
        do {
            let value = try work()
            if wanted != .warning { tell(native, begun) }
            return value
        } catch {
            tell(native, begun)
            throw error
        }
    }

    /// Tells the native library which level the handler wants at the moment; a tracer wants each call.
    @discardableResult
    func updateLevel(_ native: NativeAccess) -> MessageLogLevel? {
        guard handler != nil || tracer != nil else { return nil }
        let wanted = tracer == nil ? handler?.minimumLevel : .debug
        // The numbers of the native library: 0 for nothing.
        try? native.listenTo(much: wanted?.rawValue ?? 0)
        return wanted
    }

    func say(_ lines: [LogLine]) {
        guard let handler, let wanted = handler.minimumLevel else { return }
        for line in lines where MessageLogLevel(line.level) >= wanted {
            handler.log(level: MessageLogLevel(line.level), message: line.text, metadata: Self.metadata(line))
        }
    }

    private func tell(_ native: NativeAccess, _ begun: (any MessageCallTracer)?) {
        guard let record = try? native.takeRecord() else { return }
        if let begun, let trace = try? native.trace(record: record) {
            begun.end(MessageSpan(trace.call), attempts: trace.attempts.map(MessageSpan.init))
        }
        say(record.lines)
    }

    private static func metadata(_ line: LogLine) -> [String: String] {
        var metadata = [
            "endpoint": line.endpoint,
            "outcome": line.outcome,
            "attempts": String(line.attempts),
            "duration": String(line.duration),
            "waited": String(line.waited),
            "mayHaveExecuted": String(line.mayHaveExecuted),
        ]
        metadata["status"] = line.status.map { String($0) }
        metadata["code"] = line.code.map { String($0) }
        metadata["sent"] = line.sent.map { String($0) }
        metadata["failed"] = line.failed.map { String($0) }
        metadata["unknown"] = line.unknown.map { String($0) }
        return metadata
    }
}
