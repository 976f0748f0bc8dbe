#if os(macOS) || os(Linux)
    import Foundation
    import XCTest

    /// A program of the package in a process of its own, which does not outlive its test: that of Tests/Program, or a named one.
    final class Program {
        struct Ended {
            let status: Int32
            let reason: Process.TerminationReason
            let errors: String
        }

        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        private let errors: URL
        private let ended = DispatchSemaphore(value: 0)

        init(
            _ arguments: String..., named name: String = "WildfireChatMessageTestProgram",
            environment: [String: String] = [:]
        ) throws {
            errors = FileManager.default.temporaryDirectory.appendingPathComponent("errors-\(UUID().uuidString)")
            try Data().write(to: errors)
            process.executableURL = Self.executable(name)
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
            process.arguments = arguments
            process.standardInput = input
            process.standardOutput = output
            process.standardError = try FileHandle(forWritingTo: errors)
            process.terminationHandler = { [ended] _ in ended.signal() }
            try process.run()
        }

        deinit {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            try? FileManager.default.removeItem(at: errors)
        }

        /// The first line that it writes.
        func firstLine(within seconds: TimeInterval = 20) throws -> String {
            let handle = output.fileHandleForReading
            let line = WatchedCall {
                var bytes = Data()
                while true {
                    let more = handle.availableData
                    bytes.append(more)
                    if more.isEmpty || bytes.contains(0x0A) { break }
                }
                return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
            }
            return try line.outcome(within: seconds).get()
        }

        func signal(_ number: Int32) {
            kill(process.processIdentifier, number)
        }

        func endInput() throws {
            try input.fileHandleForWriting.close()
        }

        /// How it ended. Where it did not, it hangs, and that is a failure.
        func end(within seconds: TimeInterval = 20) throws -> Ended {
            guard ended.wait(timeout: .now() + seconds) == .success else {
                kill(process.processIdentifier, SIGKILL)
                throw WatchedCall<Void>.TooSlow(what: "the program did not end within \(seconds) s")
            }
            return Ended(
                status: process.terminationStatus, reason: process.terminationReason,
                errors: try String(contentsOf: errors, encoding: .utf8))
        }

        /// It is built beside the tests.
        private static func executable(_ name: String) -> URL {
            #if os(macOS)
                let tests = Bundle(for: Program.self).bundleURL
            #else
                let tests = URL(fileURLWithPath: CommandLine.arguments[0])
            #endif
            return tests.deletingLastPathComponent().appendingPathComponent(name)
        }
    }

    /// A sandbox in a process of its own, so that what this process uses is the client's alone.
    final class Server {
        static let secret = "123456"
        let baseUrl: String
        private let program: Program

        init() throws {
            program = try Program("serve", Self.secret)
            baseUrl = try program.firstLine()
            guard baseUrl.hasPrefix("http://") else { throw Unreadable("the sandbox says \(baseUrl)") }
        }

        /// Nobody who holds it only by its URL keeps it: whoever uses it says when it is over.
        func stop() throws {
            try program.endInput()
            let ended = try program.end()
            XCTAssertEqual(ended.status, 0)
            XCTAssertEqual(ended.errors, "")
        }
    }
#endif
