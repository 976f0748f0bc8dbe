import Foundation

/// What every error can tell; its cases, and the ways from and to the native error, are generated.
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

    /// What native calls return; what they throw becomes an error that callers see.
    static func translated<Value>(_ calls: () throws -> Value) throws(MessageError) -> Value {
        do { return try calls() } catch { throw MessageError(error) }
    }

    /// Whether the server may have executed the request even though the call failed. If so, repeat a sending call only
    /// if a second message does no harm.
    public var mayHaveExecuted: Bool { native?.mayHaveExecuted() ?? true }
}

extension MessageError: CustomStringConvertible {
    /// What happened, as one plain sentence: the same in every language of this library.
    public var description: String {
        if let native { return native.sentence() }
        guard case .internalError(let reason) = self else { return "" }
        return "the native library failed: \(reason); the server may have executed the call"
    }
}

extension MessageError: LocalizedError {
    /// The same sentence as ``description``.
    public var errorDescription: String? { description }
}
