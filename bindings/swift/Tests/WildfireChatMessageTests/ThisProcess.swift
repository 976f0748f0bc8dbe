import Foundation

/// The memory, threads and files of this process at the moment, from Linux.
struct ThisProcess: CustomStringConvertible {
    let threads: Int
    let files: Int
    /// Resident memory in KiB.
    let memory: Int

    static func now() throws -> ThisProcess {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func number(_ name: String) throws -> Int {
            guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }),
                let number = line.split(whereSeparator: { $0.isWhitespace }).dropFirst().first.flatMap({ Int($0) })
            else { throw Unreadable("/proc/self/status has no \(name)") }
            return number
        }
        return ThisProcess(
            threads: try number("Threads"),
            files: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            memory: try number("VmRSS"))
    }

    /// When it has no more than so many threads, or after a while: one that is through is still there for a moment.
    static func settled(threads: Int) throws -> ThisProcess {
        let until = Date(timeIntervalSinceNow: 20)
        while try now().threads > threads, Date() < until { Thread.sleep(forTimeInterval: 0.05) }
        return try now()
    }

    var description: String { "\(threads) threads, \(files) files, \(memory / 1024) MiB" }
}

/// How many connections this process has made to a port.
func connections(toPort port: Int32) -> Int {
    (0..<getdtablesize()).filter { peerPort(of: $0) == port }.count
}

private func peerPort(of file: Int32) -> Int32? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(file, $0, &length) }
    }
    guard found == 0, Int32(address.sin_family) == AF_INET else { return nil }
    return Int32(UInt16(bigEndian: address.sin_port))
}

/// A number that whoever runs the suite can set, for longer runs of the same code.
func setting(_ name: String, otherwise: Int) -> Int {
    ProcessInfo.processInfo.environment["WILDFIRECHAT_" + name].flatMap { Int($0) } ?? otherwise
}
