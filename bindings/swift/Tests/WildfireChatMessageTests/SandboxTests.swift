import WildfireChatMessage
import XCTest

final class SandboxTests: XCTestCase {
    func test_it_tells_what_arrived() throws {
        let server = try TestServer()
        try server.send("hi", to: .group("g1"))
        let request = try XCTUnwrap(server.sandbox.requests().first)
        XCTAssertEqual(request.method, "POST")
        XCTAssertEqual(request.path, "/admin/message/send")
        XCTAssertTrue(request.signatureValid)
        XCTAssertEqual(
            String(decoding: request.body, as: UTF8.self),
            #"{"sender":"admin","conv":{"type":1,"target":"g1","line":0},"payload":{"type":1,"searchableContent":"hi","persistFlag":3}}"#
        )
        try server.sandbox.clearRequests()
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }

    func test_answers_and_faults_come_in_the_order_of_asking() throws {
        let server = try TestServer(options: ClientOptions(maxAttempts: 1))
        try server.answerNext(#"{"code":253,"msg":"first"}"#)
        try server.sandbox.failNext(.htmlAnswer)
        try server.answerNext(#"{"code":253,"msg":"third"}"#)
        var texts: [String] = []
        for _ in 0..<3 { texts.append(failure(of: try server.client.getMessage(messageUid: 1))?.description ?? "") }
        XCTAssertTrue(texts[0].contains("first"))
        XCTAssertTrue(texts[1].contains("502"))
        XCTAssertTrue(texts[2].contains("third"))
    }

    func test_it_knows_who_has_which_message() throws {
        let server = try TestServer()
        let uid = try server.send("for u7", to: .single("u7")).messageUid
        XCTAssertEqual(try server.sandbox.messageUids(), [uid])
        XCTAssertEqual(try server.sandbox.messagesWithText("for u7"), [uid])
        XCTAssertEqual(try server.sandbox.messagesOfUser("u7"), [uid])
        XCTAssertEqual(try server.sandbox.executions(messageUid: uid), 1)
        XCTAssertEqual(try server.sandbox.executions(messageUid: uid + 1), 0)
    }

    func test_its_times_can_be_set() throws {
        let server = try TestServer()
        let conversation = Conversation.group("g1", line: 3)
        try server.sandbox.setReadTimestamp(userId: "u1", conversation: conversation, timestamp: 1_700_000_000_001)
        try server.sandbox.setDeliveryTimestamp(userId: "u1", timestamp: 1_700_000_000_002)
        let client = server.client
        XCTAssertEqual(
            try client.getConversationReadTimestamp(userId: "u1", conversation: conversation), 1_700_000_000_001)
        XCTAssertEqual(try client.getDeliveryTimestamp(userId: "u1"), 1_700_000_000_002)
    }

    func test_it_limits_the_rate() throws {
        let sandbox = try Sandbox(secret: "s", rateLimit: 2)
        let client = try MessageClient(
            baseUrl: sandbox.baseUrl, secret: "s", options: ClientOptions(maxAttempts: 1))
        var limited = 0
        for _ in 0..<5 {
            if case .rateLimited = failure(of: try client.findMessage(messageUid: 1)) { limited += 1 }
        }
        XCTAssertEqual(limited, 3)
    }

    func test_a_port_that_is_taken_is_a_clear_error() throws {
        let first = try Sandbox()
        XCTAssertThrowsError(try Sandbox(port: first.port)) { error in
            XCTAssertTrue("\(error)".contains("\(first.port)"), "\(error)")
            XCTAssertEqual(error.localizedDescription, "\(error)")
        }
    }

    func test_an_answer_that_cannot_be_written_is_refused() throws {
        let sandbox = try Sandbox()
        XCTAssertThrowsError(try sandbox.answerNext(ScriptedAnswer(status: 99))) { error in
            XCTAssertEqual("\(error)", "status 99 is not in 200 to 999")
        }
    }

    func test_it_stops_once_and_for_all() throws {
        let server = try TestServer()
        try server.send()
        try server.sandbox.stop()
        try server.sandbox.stop()
        XCTAssertEqual(try server.sandbox.requests().count, 1)
        XCTAssertNotNil(failure(of: try server.client.findMessage(messageUid: 1)))
    }

    func test_it_stops_when_nobody_holds_it() throws {
        var sandbox: Sandbox? = try Sandbox()
        let port = try XCTUnwrap(sandbox?.port)
        sandbox = nil
        XCTAssertEqual(try Sandbox(port: port).port, port)
    }

    func test_it_says_where_it_listens() throws {
        let sandbox = try Sandbox()
        XCTAssertEqual("\(sandbox)", #"Sandbox(baseUrl: "\#(sandbox.baseUrl)")"#)
        XCTAssertEqual(sandbox.baseUrl, "http://127.0.0.1:\(sandbox.port)")
    }
}
