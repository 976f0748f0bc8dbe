import Foundation

extension ClientOptions {
    /// Refuses durations that cannot cross into the native library, where they would end the process.
    func checkDurations() throws(MessageError) {
        try Self.check("connect_timeout", connectTimeout)
        try Self.check("read_timeout", readTimeout)
        try Self.check("total_timeout", totalTimeout)
        try Self.check("pool_idle_timeout", poolIdleTimeout)
    }

    private static func check(_ option: String, _ duration: TimeInterval?) throws(MessageError) {
        let longest: TimeInterval = 1_000_000_000
        guard let duration, !(0...longest).contains(duration) else { return }
        let reason = "\(duration) s is not from 0 to \(Int(longest)) s"
        throw MessageError.invalidArgument(argument: "options.\(option)", reason: reason)
    }
}
