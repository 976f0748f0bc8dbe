import Foundation

/// Durations in seconds, on their way into the native library. One that cannot cross would end the process there.
enum Durations {
    /// What is wrong with a duration, as the end of a sentence; nil where it can cross.
    static func fault(of duration: TimeInterval?) -> String? {
        let longest: TimeInterval = 1_000_000_000
        guard let duration, !(0...longest).contains(duration) else { return nil }
        return "\(duration) s is not from 0 to \(Int(longest)) s"
    }
}

extension ClientOptions {
    /// Refuses durations that cannot cross.
    func checkDurations() throws(MessageError) {
        try Self.check("connect_timeout", connectTimeout)
        try Self.check("read_timeout", readTimeout)
        try Self.check("total_timeout", totalTimeout)
        try Self.check("retry_pause", retryPause)
        try Self.check("retry_pause_max", retryPauseMax)
        try Self.check("pool_idle_timeout", poolIdleTimeout)
        try Self.check("pool_max_age", poolMaxAge)
    }

    private static func check(_ option: String, _ duration: TimeInterval?) throws(MessageError) {
        guard let reason = Durations.fault(of: duration) else { return }
        throw MessageError.invalidArgument(argument: "options.\(option)", reason: reason)
    }
}

extension SandboxError {
    /// Refuses a duration that cannot cross.
    static func check(_ argument: String, _ duration: TimeInterval?) throws(SandboxError) {
        guard let fault = Durations.fault(of: duration) else { return }
        throw SandboxError(reason: "\(argument): \(fault)")
    }
}
