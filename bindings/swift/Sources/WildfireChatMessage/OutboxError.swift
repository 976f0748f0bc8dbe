import Foundation

// The cases are generated, and so is what turns them into the native error and back.
extension OutboxError {
    /// Whether the same may succeed later without a change.
    public var isTemporary: Bool { native?.isTemporary() ?? false }

    /// What a native call threw.
    init(_ error: any Error) {
        switch error {
        case let error as OutboxError: self = error
        case let error as NativeOutboxError: self.init(native: error)
        // The client with which the outbox was made is closed.
        case MessageError.invalidArgument(let argument, let reason):
            self = .invalidArgument(argument: argument, reason: reason)
        // The words of a panic stay out, because they may contain anything.
        default: self = .internalError(reason: "this is a defect of the library, which says more on standard error")
        }
    }

    /// Refuses a duration that cannot be passed to the library.
    static func check(_ argument: String, _ duration: TimeInterval?) throws(OutboxError) {
        guard let fault = Durations.fault(of: duration) else { return }
        throw .invalidArgument(argument: argument, reason: fault)
    }
}

extension OutboxError: CustomStringConvertible {
    /// What went wrong, as one plain sentence: the same in every language of this library.
    public var description: String {
        if let native { return native.sentence() }
        switch self {
        case .call(let error): return error.description
        case .internalError(let reason): return "the native library failed: \(reason)"
        default: return ""
        }
    }
}

extension OutboxError: LocalizedError {
    /// The same sentence as ``description``.
    public var errorDescription: String? { description }
}
