import Foundation
import WildfireChatMessage
import XCTest

/// Each time-out measures what its name says: silence, or the whole call. Data that moves slowly is not silence.
final class TimeoutTests: XCTestCase {
    func test_an_answer_that_trickles_in_is_no_silence() throws {
        let server = try TestServer(options: ClientOptions(readTimeout: 0.6))
        try server.sandbox.failNext(.slowDrip, delay: 0.008)
        let begun = Date()
        try server.send()
        XCTAssertGreaterThan(Date().timeIntervalSince(begun), 1, "it took longer than the silence that is allowed")
    }

    func test_an_answer_that_trickles_in_ends_with_the_total_time() throws {
        let server = try TestServer(options: ClientOptions(readTimeout: 0.6, totalTimeout: 0.8, maxAttempts: 1))
        try server.sandbox.failNext(.slowDrip, delay: 0.05)
        guard case .timedOut(_, _, let elapsed)? = failure(of: try server.send()) else {
            return XCTFail("it is no time-out")
        }
        XCTAssertLessThan(elapsed, 1.5)
    }

    func test_an_upload_over_a_slow_line_is_no_silence() throws {
        let server = try RawServer(receiveBuffer: 8_192) { connection in
            RawServer.readRequest(connection, piece: 16_384, pause: 0.02)
            let body = #"{"code":0,"msg":"success"}"#
            RawServer.write("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)", to: connection)
        }
        let message = ImportedMessage(
            sender: "u1",
            conversation: .group("g1"),
            payload: .text(String(repeating: "x", count: 30_000)),
            timestamp: 5
        )
        let options = ClientOptions(readTimeout: 0.7, totalTimeout: 30, maxAttempts: 1)
        let client = try MessageClient(
            baseUrl: "http://127.0.0.1:\(server.port)",
            secret: TestServer.secret,
            options: options
        )
        let begun = Date()
        try client.importMessages(messages: Array(repeating: message, count: 60))
        XCTAssertGreaterThan(Date().timeIntervalSince(begun), 1, "it took longer than the silence that is allowed")
    }

    func test_a_handshake_is_bounded_by_the_time_to_connect_alone() throws {
        // It takes the connection, and says nothing.
        let server = try RawServer { _ in Thread.sleep(forTimeInterval: 3) }
        let options = ClientOptions(connectTimeout: 0.9, readTimeout: 0.2, maxAttempts: 1)
        let client = try MessageClient(
            baseUrl: "https://127.0.0.1:\(server.port)",
            secret: TestServer.secret,
            options: options
        )
        let begun = Date()
        let failure = failure(of: try client.getMessage(messageUid: 7))
        guard case .unreachable? = failure else { return XCTFail("\(String(describing: failure))") }
        let took = Date().timeIntervalSince(begun)
        XCTAssertGreaterThan(took, 0.8, "longer than the server may be silent")
        XCTAssertLessThan(took, 2)
    }

    #if os(macOS) || os(Linux)
        func test_a_process_that_stood_still_reads_the_answer_that_came_meanwhile() throws {
            let server = try TestServer()
            try server.sandbox.failNext(.delayAfterExecuting, delay: 0.5)
            let program = try Program("send", server.sandbox.baseUrl, TestServer.secret)
            XCTAssertEqual(try program.firstLine(), "ready")
            let deadline = Date(timeIntervalSinceNow: 10)
            while try server.sandbox.messageUids().isEmpty, Date() < deadline { Thread.sleep(forTimeInterval: 0.005) }
            program.signal(SIGSTOP)
            Thread.sleep(forTimeInterval: 2.5)
            program.signal(SIGCONT)
            let ended = try program.end()
            XCTAssertEqual(ended.status, 0, ended.errors)
        }
    #endif
}
