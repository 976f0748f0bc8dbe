#if os(macOS) || os(Linux)
    import WildfireChatMessage
    import XCTest

    /// What the library does to a whole process: how it ends, and what its log says. Once in a process means a process
    /// for each test.
    final class ProcessTests: XCTestCase {
        func test_plain_http_to_another_machine_is_named_once_for_two_clients() throws {
            let log = try logOfTwoClients(of: "http://im.example.com:18080/a%20b")
            let notices = log.components(separatedBy: "http://im.example.com:18080 is called without TLS").count - 1
            XCTAssertEqual(notices, 1, log)
            XCTAssertFalse(log.contains("canary"), log)
        }

        func test_this_machine_is_not_worth_a_word() throws {
            XCTAssertEqual(try logOfTwoClients(of: "http://127.0.0.1:18080"), "")
        }

        func test_a_process_ends_while_calls_are_under_way() throws {
            for way in ["return", "exit", "drop"] {
                let sandbox = try Sandbox(secret: TestServer.secret)
                try sandbox.failNext(.neverAnswer, times: 8)
                let program = try Program(way, sandbox.baseUrl, TestServer.secret)
                let deadline = Date(timeIntervalSinceNow: 20)
                while try sandbox.requests().count < 8, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
                XCTAssertEqual(try sandbox.requests().count, 8, way)
                try program.endInput()
                let ended = try program.end(within: 10)
                XCTAssertEqual(ended.status, 0, way)
                XCTAssertEqual(ended.reason, .exit, way)
                XCTAssertEqual(ended.errors, "", way)
            }
        }

        func test_a_client_may_end_in_the_last_moment_of_a_thread() throws {
            let sandbox = try Sandbox(secret: TestServer.secret)
            let ended = try Program("last", sandbox.baseUrl, TestServer.secret, "20").end(within: 30)
            XCTAssertEqual(ended.status, 0)
            XCTAssertEqual(ended.reason, .exit)
            XCTAssertEqual(ended.errors, "")
            XCTAssertEqual(try sandbox.requests().count, 20)
        }

        private func logOfTwoClients(of baseUrl: String) throws -> String {
            let ended = try Program("make", baseUrl, TestServer.secret, "2").end()
            XCTAssertEqual(ended.status, 0)
            return ended.errors
        }
    }
#endif
