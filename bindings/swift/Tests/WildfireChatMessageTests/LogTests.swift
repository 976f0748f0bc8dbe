import Foundation
import WildfireChatMessage
import XCTest

/// A handler that keeps the lines of the log.
private final class Listener: MessageLogHandler, @unchecked Sendable {
    struct Line {
        let level: MessageLogLevel
        let message: String
        let metadata: [String: String]
    }

    let minimumLevel: MessageLogLevel?
    private let lock = NSLock()
    private var heard: [Line] = []

    init(_ minimumLevel: MessageLogLevel?) {
        self.minimumLevel = minimumLevel
    }

    func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
        lock.lock()
        heard.append(Line(level: level, message: message, metadata: metadata))
        lock.unlock()
    }

    var lines: [Line] {
        lock.lock()
        defer { lock.unlock() }
        return heard
    }

    var outcomes: [String] { lines.map { "\($0.level) \($0.metadata["outcome"] ?? "")" } }
}

/// What a client's log hears of calls, and what it never does; and what it counts.
final class LogTests: XCTestCase {
    private static let secret = "canary-of-the-secret"
    private static let text = "canary-of-the-text"
    private static let user = "canary-of-the-user"
    private static let options = ClientOptions(readTimeout: 0.2, totalTimeout: 1, retryPause: 0.001)

    private func withServer(
        _ level: MessageLogLevel?, _ body: (MessageClient, Sandbox, Listener) throws -> Void
    ) throws {
        let sandbox = try Sandbox(secret: Self.secret)
        let listener = Listener(level)
        let client = try MessageClient(
            baseUrl: sandbox.baseUrl, secret: Self.secret, options: Self.options, logHandler: listener)
        try body(client, sandbox, listener)
    }

    private func send(_ client: MessageClient) throws {
        try client.sendMessage(sender: Self.user, conversation: .single(Self.user), payload: .text(Self.text))
    }

    func test_each_level_hears_what_it_is_for() throws {
        let lost = "warning ConnectionLost"
        let again = "info RateLimited"
        let table: [(MessageLogLevel?, [String])] = [
            (nil, []),
            (.warning, [lost]),
            (.info, [again, lost]),
            (.debug, ["debug Answered", again, "debug Answered", lost, "debug Rejected"]),
        ]
        for (level, expected) in table {
            try withServer(level) { client, sandbox, listener in
                try send(client)
                try sandbox.failNext(.overFrequency)
                try send(client)
                try sandbox.failNext(.resetAfterExecuting)
                XCTAssertThrowsError(try send(client))
                XCTAssertThrowsError(try client.getMessage(messageUid: 1))
                XCTAssertEqual(listener.outcomes, expected)
            }
        }
    }

    func test_a_line_has_its_fields_and_the_sentence_of_the_error() throws {
        try withServer(.debug) { client, sandbox, listener in
            try sandbox.failNext(.overFrequency)
            try send(client)
            try sandbox.failNext(.resetAfterExecuting)
            var sentence = ""
            XCTAssertThrowsError(try send(client)) { sentence = "\($0)" }
            let lines = listener.lines
            XCTAssertTrue(lines[0].message.contains("; tried again after 0."), lines[0].message)
            XCTAssertTrue(lines[1].message.hasPrefix("message/send: answered in "), lines[1].message)
            XCTAssertTrue(lines[2].message.hasPrefix(sentence + "; it took "), lines[2].message)
            var fields = lines[1].metadata
            XCTAssertGreaterThan(Double(fields.removeValue(forKey: "duration") ?? "") ?? 0, 0)
            XCTAssertEqual(
                fields,
                [
                    "endpoint": "message/send", "outcome": "Answered", "attempts": "2", "waited": "0.0",
                    "mayHaveExecuted": "false", "status": "200", "code": "0",
                ])
        }
    }

    func test_many_messages_log_their_end_and_not_each() throws {
        try withServer(.debug) { client, sandbox, listener in
            let request = SendRequest(sender: Self.user, conversation: .single(Self.user), payload: .text(Self.text))
            _ = try client.sendMessages(requests: Array(repeating: request, count: 30))
            try sandbox.failNext(.resetAfterExecuting)
            try client.sendEach(requests: Array(repeating: request, count: 30)) { _ in }
            XCTAssertEqual(listener.outcomes, ["debug Finished", "warning Finished"])
            XCTAssertEqual(listener.lines[1].metadata["unknown"], "1")
        }
    }

    func test_an_upload_logs_its_question() throws {
        try withServer(.debug) { client, _, listener in
            _ = try client.upload(fileName: "a.txt", data: Data("text".utf8), mediaType: MediaType.file)
            XCTAssertEqual(listener.lines.map { $0.metadata["endpoint"] }, ["oss/get_upload_url"])
        }
    }

    func test_neither_secret_nor_text_nor_user_is_in_any_line_or_field() throws {
        for level in [MessageLogLevel.debug, .info, .warning] {
            try withServer(level) { client, sandbox, listener in
                for fault in Fault.allCases {
                    try sandbox.failNext(fault, times: 2, delay: 0.02)
                    try? send(client)
                    _ = try? client.findMessage(messageUid: 1)
                    try sandbox.stopFailing()
                }
                let shown = "\(listener.lines)"
                XCTAssertFalse(listener.lines.isEmpty)
                for canary in [Self.secret, Self.text, Self.user] {
                    XCTAssertFalse(shown.contains(canary), shown)
                }
            }
        }
    }

    func test_plain_http_to_another_machine_is_told_to_the_handler() throws {
        let listener = Listener(nil)
        _ = try MessageClient(baseUrl: "http://swift-log.example.com", secret: Self.secret, logHandler: listener)
        XCTAssertEqual(listener.lines.count, 1)
        XCTAssertTrue(listener.lines[0].message.hasPrefix("http://swift-log.example.com is called without TLS"))
    }

    func test_the_numbers_of_a_client_add_up() throws {
        try withServer(nil) { client, sandbox, _ in
            XCTAssertEqual(try client.stats().calls, 0)
            for _ in 0..<3 { try send(client) }
            try sandbox.failNext(.overFrequency)
            try send(client)
            try sandbox.failNext(.resetAfterExecuting)
            XCTAssertThrowsError(try send(client))
            XCTAssertNil(try client.findMessage(messageUid: 1))
            let stats = try client.stats()
            XCTAssertEqual(
                [stats.calls, stats.inFlight, stats.attempts, stats.unknownFates, stats.waits], [6, 0, 7, 1, 1])
            XCTAssertEqual(stats.errors.filter { $0.value > 0 }, ["ConnectionLost": 1])
            // A failure after an upload counts as what its call ended with.
            XCTAssertEqual(stats.errors.count, 12)
            XCTAssertNil(stats.errors["FailedAfterUpload"])
            XCTAssertEqual(stats.latencies.reduce(0) { $0 + $1.attempts }, stats.attempts)
            XCTAssertEqual(stats.latencies.first?.upTo, 0.005)
            XCTAssertNil(try XCTUnwrap(stats.latencies.last).upTo)
            XCTAssertEqual([stats.connections, stats.connectionsOpened], [1, 2])
            try client.closeIdle()
            XCTAssertEqual(try client.stats().connections, 0)
            client.close()
            XCTAssertThrowsError(try client.stats())
        }
    }
}
