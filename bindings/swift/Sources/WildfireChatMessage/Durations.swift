import Foundation

/// Durations in seconds that are passed to the native library, where an invalid one would end the process.
enum Durations {
    /// What is wrong with a duration, as the end of a sentence; nil if it is valid.
    static func fault(of duration: TimeInterval?) -> String? {
        let longest: TimeInterval = 1_000_000_000
        guard let duration, !(0...longest).contains(duration) else { return nil }
        return "\(duration) s is out of range: it must be from 0 to \(Int(longest)) s"
    }

    /// Refuses an invalid duration; the code that checks the durations of records is generated.
    static func check(_ argument: String, _ duration: TimeInterval?) throws(MessageError) {
        guard let reason = fault(of: duration) else { return }
        throw MessageError.invalidArgument(argument: argument, reason: reason)
    }
}

extension SandboxError {
    /// Refuses an invalid duration.
    static func check(_ argument: String, _ duration: TimeInterval?) throws(SandboxError) {
        guard let fault = Durations.fault(of: duration) else { return }
        throw SandboxError(reason: "\(argument): \(fault)")
    }
}
