import Foundation

/// Where a client writes what becomes of its calls.
///
/// It has the shape of swift-log's `LogHandler`, which this package does not depend on. An adapter is a few lines:
///
/// ```swift
/// struct SwiftLog: MessageLogHandler {
///     let logger: Logger
///     var minimumLevel: MessageLogLevel? { logger.logLevel <= .debug ? .debug : logger.logLevel <= .info ? .info : .warning }
///     func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
///         let level: Logger.Level = level == .debug ? .debug : level == .info ? .info : .warning
///         logger.log(level: level, "\(message)", metadata: metadata.mapValues { .string($0) })
///     }
/// }
/// ```
public protocol MessageLogHandler: Sendable {
    /// From which level on it wants to hear; nil for nothing, which costs nothing. It is asked before each call.
    var minimumLevel: MessageLogLevel? { get }

    /// Takes a line, in the thread that made the call.
    ///
    /// - Parameters:
    ///   - level: How much it matters.
    ///   - message: One sentence. Neither the secret nor anything of a request is in it.
    ///   - metadata: What it says, by name: `endpoint`, `outcome`, `attempts`, `duration` and `waited` in seconds,
    ///     `mayHaveExecuted`; where it is known `status` and `code`; of many messages `sent`, `failed` and `unknown`.
    func log(level: MessageLogLevel, message: String, metadata: [String: String])
}

/// How much a line of a client's log matters.
public enum MessageLogLevel: Int32, Comparable, Sendable {
    /// How each call ended.
    case debug = 3
    /// A call was tried again; many messages wait, go on, or ended after they had waited or some had failed.
    case info = 2
    /// Nobody knows whether the server executed a call.
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

/// What a client's log hears of its calls. The native library words it, and writes down only what somebody listens to: it
/// is asked in the thread that made the call, as soon as the outcome is there.
struct CallLog: Sendable {
    let handler: (any MessageLogHandler)?

    /// Does the work of a call, and says what there is to say of it.
    func around<Value>(
        _ native: NativeAccess, _ work: () throws(MessageError) -> Value
    ) throws(MessageError) -> Value {
        guard let wanted = heed(native) else { return try work() }
        do {
            let value = try work()
            if wanted != .warning { tell(native) }
            return value
        } catch {
            tell(native)
            throw error
        }
    }

    /// Has the native library know what the handler wants to hear just now.
    @discardableResult
    func heed(_ native: NativeAccess) -> MessageLogLevel? {
        guard let handler else { return nil }
        let wanted = handler.minimumLevel
        // As the native library has it: 0 for nothing.
        try? native.listenTo(much: wanted?.rawValue ?? 0)
        return wanted
    }

    func say(_ lines: [LogLine]) {
        for line in lines {
            handler?.log(level: MessageLogLevel(line.level), message: line.text, metadata: Self.metadata(line))
        }
    }

    private func tell(_ native: NativeAccess) {
        if let record = try? native.takeRecord() { say(record.lines) }
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
