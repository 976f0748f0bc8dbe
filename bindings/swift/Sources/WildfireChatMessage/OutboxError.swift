import Foundation

/// Why something did not work with an ``Outbox``: one case for each situation that a caller handles differently.
///
/// Neither its description nor a value of a case contains the store's password, the secret or a message.
public enum OutboxError: Error, Equatable, Hashable, Sendable {
    /// The arguments can never work; nothing was written.
    case invalidArgument(argument: String, reason: String)

    /// The database cannot be used for now: it cannot be reached, is locked by others, or is full. What was written
    /// stays; try again later. It may be unknown whether the last write was stored: with a key it is safe to put a
    /// message again.
    case storeUnavailable(reason: String)

    /// The database cannot be used until somebody changes something: it is read-only, refuses the login, is not a
    /// database, or contains the tables of a newer version.
    case storeUnusable(reason: String)

    /// No entry has this id, or the state of the entry does not allow this; the state is nil if there is no such entry.
    case wrongState(id: Int64, state: OutboxState?)

    /// A run ended because the server would have refused every message, or was away for longer than the patience.
    /// Nothing is lost: messages that were not sent are queued.
    case call(error: MessageError)

    /// This library itself failed: please report it.
    case internalError(reason: String)

    /// Whether the same may succeed later without a change.
    public var isTemporary: Bool { native?.isTemporary() ?? false }
}

extension OutboxError {
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

    private init(native: NativeOutboxError) {
        switch native {
        case .InvalidArgument(let argument, let reason): self = .invalidArgument(argument: argument, reason: reason)
        case .StoreUnavailable(let reason): self = .storeUnavailable(reason: reason)
        case .StoreUnusable(let reason): self = .storeUnusable(reason: reason)
        case .WrongState(let id, let state): self = .wrongState(id: id, state: state)
        case .Call(let error): self = .call(error: MessageError(error))
        }
    }

    /// The native error, whose sentence and judgement are those of every language; nil if there is none.
    private var native: NativeOutboxError? {
        switch self {
        case .invalidArgument(let argument, let reason): .InvalidArgument(argument: argument, reason: reason)
        case .storeUnavailable(let reason): .StoreUnavailable(reason: reason)
        case .storeUnusable(let reason): .StoreUnusable(reason: reason)
        case .wrongState(let id, let state): .WrongState(id: id, state: state)
        case .call(let error): error.native.map { .Call(error: $0) }
        case .internalError: nil
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
