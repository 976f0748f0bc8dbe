import Foundation

/// The common part of all clients: the native objects, and the waiting for calls.
final class ClientCore<Calls: Sendable>: Sendable {
    /// The object that makes calls, and the objects that wait for calls which take longer.
    struct Opened: Sendable {
        let calls: Calls
        let access: NativeAccess
        let awaited: AwaitedCalls
    }

    private let native: Closable<Opened>
    let log: CallLog

    /// `make` returns the object that makes calls, and `access` the one that waits for them.
    init(
        logHandler: (any MessageLogHandler)?, tracer: (any MessageTracer)?, options: ClientOptions?,
        make: () throws -> Calls, access: (Calls) throws -> NativeAccess
    ) throws(MessageError) {
        try options?.checkDurations()
        do {
            let calls = try make()
            let access = try access(calls)
            let opened = Opened(calls: calls, access: access, awaited: AwaitedCalls(access))
            if let notice = try opened.access.notice() {
                if let logHandler {
                    logHandler.log(level: .warning, message: notice, metadata: [:])
                } else {
                    // As an argument, because the notice is not a format.
                    NSLog("%@", notice)
                }
            }
            native = Closable(opened)
        } catch {
            throw MessageError(error)
        }
        log = CallLog(handler: logHandler, tracer: tracer)
    }

    /// Releases the native objects, and so the connections.
    func close() {
        native.close()
    }

    var isClosed: Bool { native.value == nil }

    func closeIdle() throws(MessageError) {
        let access = try openNative().access
        try MessageError.translated { try access.closeIdle() }
    }

    func stats() throws(MessageError) -> ClientStats {
        let access = try openNative().access
        return try MessageError.translated { try access.stats() }
    }

    /// The native objects; throws if the client is closed.
    func openNative() throws(MessageError) -> Opened {
        if let native = native.value { return native }
        throw MessageError.invalidArgument(argument: "client", reason: "it is closed: make a new one")
    }

    /// Makes a call and waits for it, slice after slice, until it is over or the current task is cancelled.
    ///
    /// - Parameters:
    ///   - answer: The kind of the answer if the call takes longer than one slice.
    ///   - endpoint: What it asks the server.
    ///   - begin: The call.
    /// - Throws: The error of the call.
    /// - Returns: The result of the call.
    func call<Value>(
        _ answer: KeyPath<Answer, Value?>, of endpoint: String, _ begin: (Calls) throws -> Value
    ) throws(MessageError) -> Value {
        let native = try openNative()
        return try log.around(native.access, log.begin(native.access, endpoint)) { () throws(MessageError) in
            do {
                return try begin(native.calls)
            } catch NativeMessageError.Pending(let ticket) {
                return try Self.wait(for: ticket, of: native.access, answer)
            } catch {
                throw MessageError(error)
            }
        }
    }

    private static func wait<Value>(
        for ticket: Int64, of access: NativeAccess, _ answer: KeyPath<Answer, Value?>
    ) throws(MessageError) -> Value {
        var ticket = ticket
        while true {
            do {
                if Task.isCancelled {
                    try access.cancel(ticket: ticket)
                }
                if let value = try access.resume(ticket: ticket)[keyPath: answer] {
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

    /// Begins an upload and waits for its end, until the current task is cancelled.
    func upload(
        of endpoint: String, _ progress: ((UploadProgress) -> Void)?, _ begin: (Calls) throws -> NativeUpload
    ) throws(MessageError) -> String {
        try bring(endpoint, progress, begin) { $0.url }
    }

    /// Begins an upload with a message after it, and waits for both, until the current task is cancelled.
    func sendFile(
        of endpoint: String, _ progress: ((UploadProgress) -> Void)?, _ begin: (Calls) throws -> NativeUpload
    ) throws(MessageError) -> SentMessage {
        try bring(endpoint, progress, begin) { $0.sent }
    }

    private func bring<End>(
        _ endpoint: String, _ progress: ((UploadProgress) -> Void)?, _ begin: (Calls) throws -> NativeUpload,
        end: (UploadNews) -> End?
    ) throws(MessageError) -> End {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        let native = try openNative()
        return try log.around(native.access, log.begin(native.access, endpoint)) { () throws(MessageError) in
            try MessageError.translated {
                let upload = try begin(native.calls)
                while true {
                    // It throws that it was interrupted, and in which step.
                    if Task.isCancelled { try upload.cancel() }
                    let news = try upload.wait(patience: patience)
                    if let progress, let now = news.progress { progress(now) }
                    if let end = end(news) { return end }
                }
            }
        }
    }
}

/// Bytes that can cross: what crosses in one piece has a length of 31 bits, which it holds itself.
func crossing(_ data: Data) throws(MessageError) -> Data {
    guard data.count < Int(Int32.max) - 4 else {
        throw .invalidArgument(
            argument: "data", reason: "it has \(data.count) bytes: 2 GiB or more are uploaded from a file")
    }
    return data
}

/// The path of a file on this machine.
func filePath(of file: URL) throws(MessageError) -> String {
    guard file.isFileURL else {
        throw .invalidArgument(argument: "file", reason: "it is the URL of no file on this machine")
    }
    return file.path
}
