import XCTest

@testable import WildfireChatMessage

final class ClientTests: XCTestCase {
    func test_a_message_that_was_sent_is_found_and_then_recalled() throws {
        let server = try TestServer()
        let payload = MessagePayload(
            contentType: 1001, searchableContent: "hi", data: Data([0, 255, 10]), extra: "mine")
        let sent = try server.client.sendMessage(sender: "admin", conversation: .group("g1", line: 2), payload: payload)

        let found = try server.client.getMessage(messageUid: sent.messageUid)
        XCTAssertEqual(found.sender, "admin")
        XCTAssertEqual(found.conversation, .group("g1", line: 2))
        XCTAssertEqual(found.payload, payload)
        XCTAssertEqual(found.timestamp, sent.timestamp)

        let recalled = try server.client.recallMessage(operator: "boss", messageUid: sent.messageUid)
        XCTAssertEqual(recalled?.searchableContent, "hi")
        XCTAssertEqual(recalled?.data, Data([0, 255, 10]))
        XCTAssertEqual(
            try server.client.getMessage(messageUid: sent.messageUid).payload.contentType, ContentType.recalled)
    }

    func test_a_message_that_never_was_is_not_found() throws {
        let server = try TestServer()
        XCTAssertNil(try server.client.findMessage(messageUid: 1))
        let error = failure(of: try server.client.getMessage(messageUid: 1))
        guard case .rejected("message/get_one", ErrorCode.notExist, _, 1) = error else {
            return XCTFail("\(String(describing: error))")
        }
    }

    func test_ids_of_60_bits_come_through_exactly() throws {
        let server = try TestServer()
        let uid: Int64 = 588_582_842_607_370_241
        try server.answerNext(#"{"code":0,"msg":"success","result":{"messageUid":\#(uid),"timestamp":1}}"#)
        XCTAssertEqual(try server.send().messageUid, uid)

        try server.sandbox.clearRequests()
        XCTAssertNil(try server.client.findMessage(messageUid: uid))
        let body = try XCTUnwrap(server.sandbox.requests().first?.body)
        XCTAssertEqual(String(decoding: body, as: UTF8.self), #"{"messageUid":588582842607370241}"#)
    }

    func test_text_of_every_plane_comes_back_unchanged() throws {
        let server = try TestServer()
        let text = "\u{FEFF}e\u{301} 𠮷野家 👩‍👩‍👧‍👦 \u{0} \u{10FFFF} \"\\\n"
        let uid = try server.send(text).messageUid
        let found = try server.client.getMessage(messageUid: uid).payload.searchableContent
        XCTAssertEqual(Array(found.utf8), Array(text.utf8))
    }

    func test_64_threads_share_a_client() throws {
        let server = try TestServer()
        let uids = Collected<Int64>()
        let threads = DispatchGroup()
        for number in 0..<64 {
            threads.enter()
            inThread {
                for round in 0..<5 {
                    let sent = try? server.send("\(number), \(round)")
                    if let sent { uids.add(sent.messageUid) }
                }
                threads.leave()
            }
        }
        XCTAssertEqual(threads.wait(timeout: .now() + 60), .success)
        XCTAssertEqual(Set(uids.all).count, 64 * 5)
        XCTAssertEqual(try server.sandbox.messageUids().count, 64 * 5)
    }

    func test_clients_of_several_servers_live_side_by_side() throws {
        let servers = try (0..<3).map { _ in try TestServer() }
        for (number, server) in servers.enumerated() { try server.send("to \(number)") }
        for (number, server) in servers.enumerated() {
            XCTAssertEqual(try server.sandbox.messagesWithText("to \(number)").count, 1)
            XCTAssertEqual(try server.sandbox.messageUids().count, 1)
        }
    }

    func test_a_call_may_be_made_inside_a_task() async throws {
        let server = try TestServer()
        let sent = try await Task.detached { try server.send() }.value
        XCTAssertGreaterThan(sent.messageUid, 0)
    }

    func test_every_kind_of_answer_is_known_by_its_own_property() {
        let sent = SentMessage(messageUid: 1, timestamp: 2)
        XCTAssertNotNil(Answer.done.done)
        XCTAssertEqual(Answer.sent(value: sent).sent, sent)
        XCTAssertEqual(Answer.broadcast(value: BroadcastMessage(messageUid: 1, count: 2)).broadcast?.count, 2)
        XCTAssertEqual(Answer.recalled(value: nil).recalled, .some(nil))
        XCTAssertEqual(Answer.maybeMessage(value: nil).maybeMessage, .some(nil))
        XCTAssertEqual(Answer.timestamp(value: 3).timestamp, 3)
        XCTAssertNil(Answer.done.sent)
        XCTAssertNil(Answer.done.broadcast)
        XCTAssertNil(Answer.done.message)
        XCTAssertNil(Answer.done.timestamp)
        XCTAssertTrue(Answer.done.recalled == nil)
        XCTAssertTrue(Answer.done.maybeMessage == nil)
        XCTAssertNil(Answer.timestamp(value: 3).done)
    }

    func test_a_client_says_which_server_it_is_for() throws {
        let client = try MessageClient(baseUrl: "http://localhost:18080/im", secret: TestServer.secret)
        XCTAssertEqual("\(client)", #"MessageClient(baseUrl: "http://localhost:18080/im")"#)
    }

    func test_a_thousand_clients_come_and_go() throws {
        let server = try TestServer()
        for _ in 0..<1000 { _ = try MessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret) }
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }
}
