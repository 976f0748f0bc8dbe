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
