import WildfireChatMessage
import XCTest

/// One message to many users, in multicasts: an outcome for each part.
final class MulticastEachTests: XCTestCase {
    private let users = (0..<25).map { "u\($0)" }

    func test_each_part_has_its_outcome_and_everybody_gets_it_once() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.closeAfterExecuting)
        let parts = try server.client.multicastEach(
            sender: "admin", receivers: users, payload: .text("to all"), size: 10)
        XCTAssertEqual(parts.map(\.receivers.count), [10, 10, 5])
        XCTAssertEqual(parts.flatMap(\.receivers), users)
        let failed = parts.filter { if case .failure(.connectionLost) = $0.outcome { true } else { false } }
        XCTAssertEqual(failed.count, 1)
        for user in users { XCTAssertEqual(try server.sandbox.messagesOfUser(user).count, 1, user) }
    }

    func test_what_can_never_work_is_refused_before_anything_is_sent() throws {
        let server = try TestServer()
        let wrong: [([String], Int32, String)] = [
            (users, 0, "size"), ([], 10, "receivers"), (["u1", ""], 1, "receivers[1]"),
        ]
        for (receivers, size, argument) in wrong {
            let refused = failure(
                of: try server.client.multicastEach(
                    sender: "admin", receivers: receivers, payload: .text("to all"), size: size))
            guard case .invalidArgument(argument, _) = refused else {
                XCTFail("\(argument): \(String(describing: refused))")
                continue
            }
        }
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }

    func test_a_cancelled_task_tells_what_became_of_each_part() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswerAfterExecuting)
        let (client, users) = (server.client, users)
        let call = WatchedCall {
            try client.multicastEach(
                sender: "admin", receivers: users, payload: .text("to all"), size: 10,
                options: BulkOptions(concurrency: 1))
        }
        try call.waitUntil("the first one is executed") { try server.sandbox.messageUids().count == 1 }
        call.cancel()
        let parts = try call.outcome(within: 30).get()
        let fates = parts.map { part -> Bool? in
            if case .failure(.interrupted(_, let sent, _)) = part.outcome { sent } else { nil }
        }
        XCTAssertEqual(fates, [true, false, false])
        XCTAssertEqual(try server.sandbox.messageUids().count, 1)
    }

    func test_tasks_await_them_too() async throws {
        let server = try TestServer()
        let client = try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret)
        try server.sandbox.failNext(.closeAfterExecuting)
        let parts = try await client.multicastEach(
            sender: "admin", receivers: users, payload: .text("to all"), size: 10)
        XCTAssertEqual(parts.flatMap(\.receivers), users)
        let failed = parts.filter { if case .failure(.connectionLost) = $0.outcome { true } else { false } }
        XCTAssertEqual(failed.count, 1)
        for user in users { XCTAssertEqual(try server.sandbox.messagesOfUser(user).count, 1, user) }
        do {
            try await client.multicastEach(sender: "admin", receivers: ["u1", ""], payload: .text("to all"), size: 1)
            XCTFail("it was sent")
        } catch {
            guard case .invalidArgument("receivers[1]", _) = error else { return XCTFail("\(error)") }
        }
    }

    func test_a_cancelled_task_that_awaits_them_tells_what_became_of_each_part() async throws {
        let server = try TestServer()
        let client = try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret)
        try server.sandbox.failNext(.neverAnswerAfterExecuting)
        let users = users
        let sending = Task {
            try await client.multicastEach(
                sender: "admin", receivers: users, payload: .text("to all"), size: 10,
                options: BulkOptions(concurrency: 1))
        }
        while try server.sandbox.messageUids().isEmpty { try await Task.sleep(nanoseconds: 2_000_000) }
        sending.cancel()
        let fates = try await sending.value.map { part -> Bool? in
            if case .failure(.interrupted(_, let sent, _)) = part.outcome { sent } else { nil }
        }
        XCTAssertEqual(fates, [true, false, false])
        XCTAssertEqual(try server.sandbox.messageUids().count, 1)
    }
}
