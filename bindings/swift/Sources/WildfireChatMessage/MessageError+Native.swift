import Foundation

/// The one place where the native library's errors become ``MessageError``, and the way back to their sentences.
extension MessageError {
    /// What a native call threw, as a caller sees it.
    init(_ error: any Error) {
        switch error {
        case let error as MessageError: self = error
        case let error as NativeMessageError: self.init(native: error)
        // A panic or a library that does not fit: uniffi's own errors, which have no public type. A panic's own words
        // stay out, as nobody knows what they hold.
        default: self = .internalError(reason: "this is a defect of the library, which says more on standard error")
        }
    }

    private init(native: NativeMessageError) {
        switch native {
        case .InvalidArgument(let argument, let reason):
            self = .invalidArgument(argument: argument, reason: reason)
        case .Unreachable(let endpoint, let attempts, let reason):
            self = .unreachable(endpoint: endpoint, attempts: attempts, reason: reason)
        case .RateLimited(let endpoint, let attempts, let msg):
            self = .rateLimited(endpoint: endpoint, attempts: attempts, msg: msg)
        case .Unauthorized(let endpoint, let code, let msg, let attempts, let clockOffset):
            self = .unauthorized(endpoint: endpoint, code: code, msg: msg, attempts: attempts, clockOffset: clockOffset)
        case .Rejected(let endpoint, let code, let msg, let attempts):
            self = .rejected(endpoint: endpoint, code: code, msg: msg, attempts: attempts)
        case .NotSupported(let endpoint, let attempts):
            self = .notSupported(endpoint: endpoint, attempts: attempts)
        case .BadRequest(let endpoint, let status, let body, let attempts):
            self = .badRequest(endpoint: endpoint, status: status, body: body, attempts: attempts)
        case .TimedOut(let endpoint, let attempts, let elapsed):
            self = .timedOut(endpoint: endpoint, attempts: attempts, elapsed: elapsed)
        case .ConnectionLost(let endpoint, let attempts, let reason):
            self = .connectionLost(endpoint: endpoint, attempts: attempts, reason: reason)
        case .InvalidResponse(let endpoint, let status, let reason, let body, let attempts):
            self = .invalidResponse(endpoint: endpoint, status: status, reason: reason, body: body, attempts: attempts)
        case .Interrupted(let endpoint, let sent, let attempts):
            self = .interrupted(endpoint: endpoint, sent: sent, attempts: attempts)
        case .Pending:
            // The client waits such calls out; nobody else gets one.
            self = .internalError(reason: native.sentence())
        }
    }

    /// The native error, whose sentence and judgement are those of every language; nil for the one case it lacks.
    var native: NativeMessageError? {
        switch self {
        case .invalidArgument(let argument, let reason):
            .InvalidArgument(argument: argument, reason: reason)
        case .unreachable(let endpoint, let attempts, let reason):
            .Unreachable(endpoint: endpoint, attempts: attempts, reason: reason)
        case .rateLimited(let endpoint, let attempts, let msg):
            .RateLimited(endpoint: endpoint, attempts: attempts, msg: msg)
        case .unauthorized(let endpoint, let code, let msg, let attempts, let clockOffset):
            .Unauthorized(endpoint: endpoint, code: code, msg: msg, attempts: attempts, clockOffset: clockOffset)
        case .rejected(let endpoint, let code, let msg, let attempts):
            .Rejected(endpoint: endpoint, code: code, msg: msg, attempts: attempts)
        case .notSupported(let endpoint, let attempts):
            .NotSupported(endpoint: endpoint, attempts: attempts)
        case .badRequest(let endpoint, let status, let body, let attempts):
            .BadRequest(endpoint: endpoint, status: status, body: body, attempts: attempts)
        case .timedOut(let endpoint, let attempts, let elapsed):
            .TimedOut(endpoint: endpoint, attempts: attempts, elapsed: elapsed)
        case .connectionLost(let endpoint, let attempts, let reason):
            .ConnectionLost(endpoint: endpoint, attempts: attempts, reason: reason)
        case .invalidResponse(let endpoint, let status, let reason, let body, let attempts):
            .InvalidResponse(endpoint: endpoint, status: status, reason: reason, body: body, attempts: attempts)
        case .interrupted(let endpoint, let sent, let attempts):
            .Interrupted(endpoint: endpoint, sent: sent, attempts: attempts)
        case .internalError:
            nil
        }
    }
}
