import Foundation
import WildfireChatMessage
import XCTest

/// Time-outs measure what they name: silence, or the whole. What flows, however slowly, is no silence.
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
