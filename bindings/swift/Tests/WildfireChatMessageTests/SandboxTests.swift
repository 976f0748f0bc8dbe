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

    func test_a_fault_strikes_as_often_as_it_is_told_and_only_one_endpoint() throws {
        let server = try TestServer(options: ClientOptions(maxAttempts: 1))
        try server.sandbox.failNext(.unknownCode, times: 2, endpoint: "message/send")
        XCTAssertNil(try server.client.findMessage(messageUid: 1))
        for _ in 0..<2 {
            guard case .rejected(_, 9999, _, _) = failure(of: try server.send()) else { return XCTFail("no fault") }
        }
        try server.send()
        XCTAssertEqual(try server.sandbox.requests().map(\.fault), [nil, .unknownCode, .unknownCode, nil])
    }

    func test_a_fault_takes_the_delay_it_is_given() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.delayAfterExecuting, delay: 0.3)
        let begun = Date()
        try server.send()
        XCTAssertGreaterThanOrEqual(Date().timeIntervalSince(begun), 0.3)
    }

    func test_the_same_seed_draws_the_same_faults() throws {
        func faults(seed: Int64) throws -> [Fault?] {
            let server = try TestServer(options: ClientOptions(maxAttempts: 1))
            try server.sandbox.failRandomly(
                [.unknownCode, .authFailure], probability: 0.5, seed: seed, endpoint: "message/send")
            for _ in 0..<32 { _ = failure(of: try server.send()) }
            XCTAssertNil(try server.client.findMessage(messageUid: 1))
            return try server.sandbox.requests().map(\.fault)
        }
        let drawn = try faults(seed: 7)
        XCTAssertEqual(try faults(seed: 7), drawn)
        XCTAssertNotEqual(try faults(seed: 8), drawn)
        XCTAssertEqual(Set(drawn), [nil, .unknownCode, .authFailure])
    }

    func test_it_stops_failing_when_it_is_told() throws {
        let server = try TestServer(options: ClientOptions(maxAttempts: 1))
        try server.sandbox.failNext(.unknownCode, times: 1000)
        try server.sandbox.failRandomly([.authFailure], probability: 1)
        XCTAssertNotNil(failure(of: try server.send()))
        try server.sandbox.stopFailing()
        try server.send()
    }

    func test_it_refuses_connections_for_a_while() throws {
        let server = try TestServer(options: ClientOptions(maxAttempts: 1))
        try server.sandbox.refuseConnections(for: 0.5)
        let refused = failure(of: try server.send())
        guard case .unreachable(_, 1, _) = refused else { return XCTFail("\(String(describing: refused))") }
        let deadline = Date(timeIntervalSinceNow: 10)
        while failure(of: try server.send()) != nil, Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
        try server.send()
    }

    func test_a_connection_that_it_closed_while_idle_costs_no_call() throws {
        let sandbox = try Sandbox(secret: "s", idleTimeout: 0.05)
        let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "s", options: ClientOptions(maxAttempts: 1))
        for _ in 0..<3 {
            XCTAssertNil(try client.findMessage(messageUid: 1))
            Thread.sleep(forTimeInterval: 0.3)
        }
        XCTAssertEqual(try sandbox.requests().map(\.connection), [1, 2, 3])
    }

    func test_it_plays_a_version() throws {
        for (version, reached) in [("1.2.4", true), ("1.3.2", false), (nil, false)] as [(String?, Bool)] {
            let sandbox = try Sandbox(secret: "s", serverVersion: version)
            let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "s")
            let sent = try client.sendMessage(
                sender: "admin", conversation: .chatroom("r1"), payload: .text("hi"), toUsers: ["u1"])
            XCTAssertEqual(try sandbox.messagesOfUser("u2").contains(sent.messageUid), reached)
        }
    }

    func test_a_users_own_rights_are_asked_for_where_they_are_to_be() throws {
        let server = try TestServer()
        func send(_ byUser: Bool) -> MessageError? {
            do {
                _ = try server.client.sendMessage(
                    sender: "muted-1", conversation: .single("u1"), payload: .text("hi"), isUserMessage: byUser)
                return nil
            } catch {
                return error
            }
        }
        XCTAssertNil(send(false))
        let refused = try XCTUnwrap(send(true))
        guard case .rejected(_, ErrorCode.sendingForbidden, _, _) = refused else { return XCTFail("\(refused)") }
        XCTAssertFalse(refused.mayHaveExecuted)
    }

    func test_what_can_never_work_is_refused() throws {
        let sandbox = try Sandbox()
        let seconds = "s is out of range: it must be from 0 to 1000000000 s"
        let refused: [(words: String, ask: () throws -> Void)] = [
            ("delay: -1.0 \(seconds)", { try sandbox.failNext(.slowDrip, delay: -1) }),
            ("delay: nan \(seconds)", { try sandbox.failNext(.slowDrip, delay: .nan) }),
            ("delay: inf \(seconds)", { try sandbox.failRandomly([.slowDrip], probability: 1, delay: .infinity) }),
            ("duration: -0.5 \(seconds)", { try sandbox.refuseConnections(for: -0.5) }),
            ("idle_timeout: 1e+18 \(seconds)", { _ = try Sandbox(idleTimeout: 1e18) }),
            ("server_version \"newest\" is not a version such as 1.2.4", { _ = try Sandbox(serverVersion: "newest") }),
            ("times 0 is below 1", { try sandbox.failNext(.refuse, times: 0) }),
            (
                "message/nothing is not an endpoint such as message/send",
                { try sandbox.failNext(.refuse, endpoint: "message/nothing") }
            ),
            ("faults is empty", { try sandbox.failRandomly([], probability: 1) }),
            (
                "probability 1.5 is out of range: it must be from 0 to 1",
                { try sandbox.failRandomly([.refuse], probability: 1.5) }
            ),
        ]
        for (words, ask) in refused {
            XCTAssertThrowsError(try ask(), words) { XCTAssertEqual("\($0)", words) }
        }
    }

    func test_every_fault_is_known() {
        XCTAssertEqual(Fault.allCases.count, 38)
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
            XCTAssertEqual("\(error)", "status 99 is out of range: it must be from 200 to 999")
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
