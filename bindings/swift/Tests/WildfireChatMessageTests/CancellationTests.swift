import WildfireChatMessage
import XCTest

final class CancellationTests: XCTestCase {
    func test_a_cancelled_task_ends_its_call_within_200_ms() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswer)
        let call = WatchedCall { try server.send() }
        try call.waitUntil("the request arrives") { try server.sandbox.requests().count == 1 }

        let cancelled = Date()
        call.cancel()
        let outcome = try call.outcome(within: 5)

        XCTAssertLessThan(Date().timeIntervalSince(cancelled), 0.2)
        assertInterrupted(outcome, endpoint: "message/send", sent: true)
    }

    func test_a_call_that_has_not_left_yet_tells_so() throws {
        // A proxy that never lets the connection come about.
        let proxy = try TestServer()
        try proxy.sandbox.failNext(.neverAnswer)
        let client = try MessageClient(
            baseUrl: "https://localhost", secret: "s", options: ClientOptions(proxy: proxy.sandbox.baseUrl))
        let call = WatchedCall { try client.findMessage(messageUid: 1) }
        try call.waitUntil("the proxy is asked") { try proxy.sandbox.requests().count == 1 }
        call.cancel()
        assertInterrupted(try call.outcome(within: 5), endpoint: "message/get_one", sent: false)
    }

    func test_every_method_ends_when_its_task_is_cancelled() throws {
        let server = try TestServer()
        let client = server.client
        let conversation = Conversation.group("g1")
        let payload = MessagePayload.text("hi")
        let imported = ImportedMessage(sender: "u1", conversation: conversation, payload: payload, timestamp: 1)
        let calls: [(endpoint: String, make: @Sendable () throws -> Void)] = [
            ("message/send", { try client.sendMessage(sender: "a", conversation: conversation, payload: payload) }),
            ("message/multicast", { try client.multicastMessage(sender: "a", targets: ["u1"], payload: payload) }),
            ("message/broadcast", { try client.broadcastMessage(sender: "a", payload: payload) }),
            ("message/update", { try client.updateMessage(messageUid: 1, payload: payload) }),
            ("message/import", { try client.importMessages(messages: [imported]) }),
            ("message/recall", { try client.recallMessage(operator: "a", messageUid: 1) }),
            ("message/recall_broadcast", { try client.recallBroadcastMessage(operator: "a", messageUid: 1) }),
            (
                "message/recall_multicast",
                { try client.recallMulticastMessage(operator: "a", messageUid: 1, receivers: ["u1"]) }
            ),
            ("message/delete", { try client.deleteMessage(messageUid: 1) }),
            ("message/delete_broadcast", { try client.deleteBroadcastMessage(operator: "a", messageUid: 1) }),
            (
                "message/delete_multicast",
                { try client.deleteMulticastMessage(operator: "a", messageUid: 1, receivers: ["u1"]) }
            ),
            ("message/clear_by_user", { try client.clearUserMessages(userId: "u1", conversation: conversation) }),
            ("conversation/delete", { try client.clearConversation(userId: "u1", conversation: conversation) }),
            ("message/get_one", { _ = try client.getMessage(messageUid: 1) }),
            ("message/get_one", { _ = try client.findMessage(messageUid: 1) }),
            (
                "message/conv_read",
                { _ = try client.getConversationReadTimestamp(userId: "u1", conversation: conversation) }
            ),
            ("message/delivery", { _ = try client.getDeliveryTimestamp(userId: "u1") }),
        ]
        for _ in calls { try server.sandbox.failNext(.neverAnswer) }
        for (number, call) in calls.enumerated() {
            let watched = WatchedCall(call.make)
            try watched.waitUntil("\(call.endpoint) arrives") {
                try server.sandbox.requests().count == number + 1
            }
            watched.cancel()
            assertInterrupted(try watched.outcome(within: 5), endpoint: call.endpoint, sent: true)
        }
    }

    func test_a_call_that_pauses_before_another_attempt_ends_and_makes_none() throws {
        let server = try assertEndsWithin200Milliseconds(sent: false, attempts: 1) {
            // The pause that the server asks for is certain; a random part of the client's own may be none.
            let server = try TestServer(options: ClientOptions(retryPause: 0))
            try server.sandbox.failNext(.tooManyRequests, delay: 2)
            let call = WatchedCall { try server.send() }
            try call.waitUntil("the first attempt arrives") { try server.sandbox.requests().count == 1 }
            return (server, call)
        }
        Thread.sleep(forTimeInterval: 2.5)
        XCTAssertEqual(try server.sandbox.requests().count, 1)
        XCTAssertEqual(try server.sandbox.messageUids(), [])
    }

    func test_a_call_that_pauses_keeps_the_doubt_of_an_earlier_attempt() throws {
        try assertEndsWithin200Milliseconds(endpoint: "message/delete", sent: true, attempts: 2) {
            let server = try TestServer(options: ClientOptions(retryPause: 0))
            try server.sandbox.failNext(.closeAfterExecuting)
            try server.sandbox.failNext(.tooManyRequests, delay: 10)
            let call = WatchedCall { try server.client.deleteMessage(messageUid: 1) }
            try call.waitUntil("the second attempt arrives") { try server.sandbox.requests().count == 2 }
            return (server, call)
        }
    }

    func test_a_call_that_waits_for_its_turn_ends_and_never_leaves() throws {
        let server = try assertEndsWithin200Milliseconds(sent: false, attempts: 0) {
            let server = try TestServer(options: ClientOptions(rateLimit: 1))
            try server.send("first")
            // Their turns come one and two seconds later.
            inThread { _ = try? server.send("second") }
            Thread.sleep(forTimeInterval: 0.2)
            return (server, WatchedCall { try server.send("third") })
        }
        Thread.sleep(forTimeInterval: 2.5)
        XCTAssertEqual(try server.sandbox.messagesWithText("second").count, 1)
        XCTAssertEqual(try server.sandbox.messagesWithText("third"), [])
        XCTAssertEqual(try server.sandbox.requests().count, 2)
    }

    func test_a_call_whose_answer_drips_ends_too() throws {
        try assertEndsWithin200Milliseconds(sent: true, attempts: 1) {
            let server = try TestServer()
            try server.sandbox.failNext(.slowDrip, delay: 0.5)
            let call = WatchedCall { try server.send() }
            try call.waitUntil("it is executed") { try server.sandbox.messageUids().count == 1 }
            return (server, call)
        }
    }

    func test_the_client_works_on_after_a_cancelled_call() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswer)
        let call = WatchedCall { try server.send("first") }
        try call.waitUntil("the request arrives") { try server.sandbox.requests().count == 1 }
        call.cancel()
        _ = try call.outcome(within: 5)

        let uid = try server.send("second").messageUid
        XCTAssertEqual(try server.sandbox.executions(messageUid: uid), 1)
    }

    func test_one_cancelled_task_leaves_the_others_alone() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswer)
        let stuck = WatchedCall { try server.send("stuck") }
        try stuck.waitUntil("the request arrives") { try server.sandbox.requests().count == 1 }
        let other = WatchedCall { try (0..<50).map { try server.send("\($0)").messageUid } }
        stuck.cancel()
        XCTAssertEqual(try other.outcome(within: 20).get().count, 50)
        assertInterrupted(try stuck.outcome(within: 5), endpoint: "message/send", sent: true)
    }

    /// Begins a call, cancels it when it certainly waits, and looks how it ends. What else the machine does makes that
    /// longer, never shorter: the time counts of the best of three. Gives the server of the last.
    @discardableResult
    private func assertEndsWithin200Milliseconds<Value>(
        endpoint: String = "message/send", sent: Bool, attempts: Int32, line: UInt = #line,
        begin: () throws -> (TestServer, WatchedCall<Value>)
    ) throws -> TestServer {
        var times: [TimeInterval] = []
        while true {
            let (server, call) = try begin()
            Thread.sleep(forTimeInterval: 0.15)
            let cancelled = Date()
            call.cancel()
            let outcome = try call.outcome(within: 5)
            times.append(Date().timeIntervalSince(cancelled))
            assertInterrupted(outcome, endpoint: endpoint, sent: sent, attempts: attempts, line: line)
            if times.contains(where: { $0 < 0.2 }) { return server }
            if times.count == 3 {
                XCTFail("it took \(times) s", line: line)
                return server
            }
        }
    }

    private func assertInterrupted<Value>(
        _ outcome: Result<Value, any Error>, endpoint: String, sent: Bool, attempts: Int32 = 1,
        line: UInt = #line
    ) {
        guard case .failure(let error as MessageError) = outcome else {
            return XCTFail("\(outcome)", line: line)
        }
        XCTAssertEqual(error, .interrupted(endpoint: endpoint, sent: sent, attempts: attempts), line: line)
        XCTAssertEqual(error.mayHaveExecuted, sent, line: line)
    }
}
