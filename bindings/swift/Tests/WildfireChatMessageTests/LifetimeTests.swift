import XCTest

@testable import WildfireChatMessage

final class LifetimeTests: XCTestCase {
    private let closed = MessageError.invalidArgument(argument: "client", reason: "it is closed: make a new one")

    func test_a_closed_client_refuses_every_later_call() throws {
        let server = try TestServer()
        try server.send()
        server.client.close()
        XCTAssertEqual(failure(of: try server.send()), closed)
        XCTAssertEqual(failure(of: try server.client.findMessage(messageUid: 1)), closed)
        XCTAssertEqual(closed.description, "invalid argument client: it is closed: make a new one")
        XCTAssertEqual(try server.sandbox.requests().count, 1)
    }

    func test_closing_twice_does_no_harm() throws {
        let server = try TestServer()
        server.client.close()
        server.client.close()
        XCTAssertEqual(failure(of: try server.send()), closed)
    }

    func test_a_closed_client_says_so() throws {
        let client = try MessageClient(baseUrl: "http://localhost:18080", secret: TestServer.secret)
        client.close()
        XCTAssertEqual("\(client)", #"MessageClient(baseUrl: "http://localhost:18080") (closed)"#)
    }

    func test_a_closed_client_has_let_its_connections_go() throws {
        let server = try TestServer()
        try server.send()
        XCTAssertEqual(connections(toPort: server.sandbox.port), 1)
        server.client.close()
        XCTAssertEqual(connections(toPort: server.sandbox.port), 0)
    }

    func test_a_client_that_nobody_holds_has_let_its_connections_go() throws {
        let sandbox = try Sandbox(secret: TestServer.secret)
        var client: MessageClient? = try MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        XCTAssertNil(try client?.findMessage(messageUid: 1))
        XCTAssertEqual(connections(toPort: sandbox.port), 1)
        client = nil
        XCTAssertEqual(connections(toPort: sandbox.port), 0)
    }

    func test_calls_under_way_go_on_when_the_client_is_closed() throws {
        let server = try TestServer()
        let calls = try waitingCalls(of: server, count: 8, delay: 0.5)
        server.client.close()
        XCTAssertEqual(failure(of: try server.send()), closed)
        for call in calls { XCTAssertGreaterThan(try call.outcome(within: 10).get().messageUid, 0) }
        XCTAssertEqual(try server.sandbox.messageUids().count, 8)
    }

    func test_calls_under_way_go_on_when_nobody_else_holds_the_client() throws {
        let sandbox = try Sandbox(secret: TestServer.secret)
        try sandbox.failNext(.delayAfterExecuting, times: 8, delay: 0.5)
        var client: MessageClient? = try MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        weak var watched = client
        let calls = (0..<8).map { [client] number in
            WatchedCall.inThread {
                try client?.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("\(number)"))
            }
        }
        try calls[0].waitUntil("every request arrives") { try sandbox.requests().count == 8 }
        client = nil
        for call in calls { XCTAssertNotNil(try call.outcome(within: 10).get()) }
        XCTAssertEqual(try sandbox.messageUids().count, 8)
        try calls[0].waitUntil("the client is gone") { watched == nil }
    }

    func test_a_call_that_is_closed_under_may_still_be_cancelled() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswer)
        let call = WatchedCall { try server.send() }
        try call.waitUntil("the request arrives") { try server.sandbox.requests().count == 1 }
        server.client.close()
        call.cancel()
        guard case .failure(MessageError.interrupted("message/send", true, 1)) = try call.outcome(within: 5) else {
            return XCTFail("it ended otherwise")
        }
    }

    func test_a_client_may_be_closed_while_others_call() throws {
        let server = try TestServer()
        let callers = (0..<8).map { number in
            WatchedCall<Void>.inThread { while true { try server.send("\(number)") } }
        }
        Thread.sleep(forTimeInterval: 0.1)
        server.client.close()
        for caller in callers {
            XCTAssertThrowsError(try caller.outcome(within: 20).get()) { XCTAssertEqual($0 as? MessageError, closed) }
        }
    }

    private func waitingCalls(
        of server: TestServer, count: Int, delay: TimeInterval
    ) throws -> [WatchedCall<SentMessage>] {
        try server.sandbox.failNext(.delayAfterExecuting, times: Int32(count), delay: delay)
        let calls = (0..<count).map { number in WatchedCall.inThread { try server.send("\(number)") } }
        try calls[0].waitUntil("every request arrives") { try server.sandbox.requests().count == count }
        return calls
    }
}
