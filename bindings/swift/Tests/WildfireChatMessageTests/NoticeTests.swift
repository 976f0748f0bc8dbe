import XCTest

/// What the log says of a client, seen from outside: once in a process means a process for each test.
final class NoticeTests: XCTestCase {
    func test_plain_http_to_another_machine_is_named_once_for_two_clients() throws {
        let log = try logOfTwoClients(of: "http://im.example.com:18080/a%20b")
        let notices = log.components(separatedBy: "http://im.example.com:18080 is spoken to without TLS").count - 1
        XCTAssertEqual(notices, 1, log)
        XCTAssertFalse(log.contains("canary"), log)
    }

    func test_this_machine_is_not_worth_a_word() throws {
        XCTAssertEqual(try logOfTwoClients(of: "http://127.0.0.1:18080"), "")
    }

    private func logOfTwoClients(of baseUrl: String) throws -> String {
        let ended = try Program("make", baseUrl, TestServer.secret, "2").end()
        XCTAssertEqual(ended.status, 0)
        return ended.errors
    }
}
