import Foundation
import WildfireChatMessage
import XCTest

/// A message that is put into an outbox is sent once, however many workers run and whatever happens to them.
final class OutboxTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "/")
    /// A sandbox ends with whoever holds it.
    private var servers: [TestServer] = []
    private var store: String { "sqlite:\(folder.appendingPathComponent("outbox.db").path)" }

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("outbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    override func tearDownWithError() throws {
        try folder.removedWhenClosed()
    }

    private func opened() throws -> (Outbox, TestServer) {
        let server = try TestServer()
        servers.append(server)
        return (try Outbox(store: store, client: server.client), server)
    }

    private func request(_ number: Int) -> SendRequest {
        SendRequest(
            sender: "admin", conversation: .single("u\(number % 5)"), payload: .text("message \(number)"))
    }

    private func message(_ number: Int, key: String? = nil) -> OutboxMessage {
        OutboxMessage(request: .send(value: request(number)), key: key ?? String(number))
    }

    private func fill(_ outbox: Outbox, _ count: Int) throws {
        let counts = try outbox.putMany((0..<count).lazy.map { self.message($0) })
        XCTAssertEqual(counts, PutCounts(put: Int64(count), known: 0))
    }

    private func all(_ entries: OutboxEntries) throws -> [OutboxEntry] {
        var all: [OutboxEntry] = []
        while let entry = try entries.next() { all.append(entry) }
        return all
    }

    private func executions(_ number: Int, in server: TestServer) throws -> Int {
        try server.sandbox.messagesWithText("message \(number)").count
    }

    func test_a_message_is_put_sent_and_found_by_its_key() throws {
        let (outbox, server) = try opened()
        let id = try outbox.put(request(0), key: "order-7")
        let queued = try XCTUnwrap(outbox.find(key: "order-7"))
        XCTAssertEqual(queued.id, id)
        XCTAssertEqual(queued.state, .queued)
        XCTAssertEqual(queued.request, .send(value: request(0)))
        var told: [RunProgress] = []
        let did = try outbox.run { told.append($0) }
        XCTAssertEqual([did.sent, did.failed, did.unknown, did.left], [1, 0, 0, 0])
        XCTAssertEqual(told.last, did)
        let sent = try XCTUnwrap(outbox.get(id: id))
        XCTAssertEqual(sent.state, .sent)
        XCTAssertEqual(try server.sandbox.messagesWithText("message 0"), [sent.messageUid])
        XCTAssertNil(try outbox.find(key: "another"))
        XCTAssertNil(try outbox.get(id: id + 1))
    }

    func test_a_robot_sends_its_own_messages_and_no_others() throws {
        let (outbox, server) = try opened()
        try server.sandbox.setRobot(robotId: "FireRobot", secret: "its secret")
        let robot = try RobotClient(
            baseUrl: server.sandbox.baseUrl, robotId: "FireRobot", secret: "its secret")
        let robots = try Outbox(store: store, client: robot)
        func notice(_ sender: String, _ text: String) -> SendRequest {
            SendRequest(sender: sender, conversation: .single("u1"), payload: .text(text))
        }
        try robots.put(notice("FireRobot", "of the robot"), key: "robot")
        try robots.put(notice("", "of nobody"), key: "nobody")
        try outbox.put(notice("admin", "of a user"), key: "user")
        XCTAssertThrowsError(try robots.put(notice("admin", "x"))) { error in
            guard case OutboxError.invalidArgument("sender", _) = error else { return XCTFail("\(error)") }
        }
        let many = MulticastRequest(sender: "FireRobot", targets: ["u1"], payload: .text("x"))
        XCTAssertThrowsError(try robots.put(many)) { error in
            guard case OutboxError.invalidArgument("request", _) = error else { return XCTFail("\(error)") }
        }
        XCTAssertEqual(try robots.run().sent, 2)
        XCTAssertEqual(try robots.find(key: "user")?.state, .queued)
        XCTAssertEqual(try outbox.run().sent, 1)
        let entries = try ["robot", "nobody", "user"].map { try XCTUnwrap(outbox.find(key: $0)) }
        XCTAssertEqual(entries.map(\.robot), ["FireRobot", "FireRobot", nil])
        let senders = try entries.map { try server.client.getMessage(messageUid: XCTUnwrap($0.messageUid)).sender }
        XCTAssertEqual(senders, ["FireRobot", "FireRobot", "admin"])
    }

    func test_the_same_key_is_one_message() throws {
        let (outbox, server) = try opened()
        let first = try outbox.put(request: .send(value: request(0)), key: "k")
        XCTAssertEqual(try outbox.put(request: .send(value: request(1)), key: "k"), first)
        let counts = try outbox.putMany((0..<10).map { message($0, key: String($0 / 2)) })
        XCTAssertEqual(counts, PutCounts(put: 5, known: 5))
        XCTAssertEqual(try outbox.run().sent, 6)
        XCTAssertEqual(try executions(1, in: server), 0)
    }

    func test_every_kind_of_request_goes_in_and_comes_back() throws {
        let (outbox, _) = try opened()
        let multicast = MulticastRequest(sender: "admin", targets: ["u1", "u2"], payload: .text("hello"))
        let broadcast = BroadcastRequest(sender: "admin", payload: .text("hello"))
        let requests: [OutboxRequest] = [.multicast(value: multicast), .broadcast(value: broadcast)]
        try outbox.put(multicast)
        try outbox.put(broadcast)
        try outbox.put(request: .send(value: request(0)), priority: 3)
        let queued = try all(outbox.entries(.queued)).map(\.request)
        XCTAssertEqual(queued, [.send(value: request(0))] + requests)
        XCTAssertEqual(try outbox.run().sent, 3)
        XCTAssertEqual(try outbox.status().sent, 3)
    }

    func test_what_is_said_of_a_message_is_kept() throws {
        let (outbox, server) = try opened()
        let now = try XCTUnwrap(outbox.get(id: outbox.put(request: .send(value: request(0))))).createdAt
        try outbox.put(request: .send(value: request(1)), key: "later", notBefore: now + 3_600_000)
        try outbox.put(request: .send(value: request(2)), key: "over", expiresAt: now - 1)
        try outbox.put(request: .send(value: request(3)), key: "twice", onUnknown: .resend)
        try server.sandbox.failNext(.closeAfterExecuting, times: 2)
        try outbox.run()
        let states = try ["later", "over", "twice"].map { try outbox.find(key: $0)?.state }
        XCTAssertEqual(states, [.queued, .expired, .sent])
        XCTAssertEqual(try executions(3, in: server), 2)
    }

    func test_an_unknown_fate_stays_until_a_person_decides() throws {
        let (outbox, server) = try opened()
        try fill(outbox, 1)
        try server.sandbox.failNext(.closeAfterExecuting)
        XCTAssertEqual(try outbox.run().unknown, 1)
        let unknown = try all(outbox.unknown())
        XCTAssertEqual(unknown.count, 1)
        XCTAssertTrue(unknown[0].error?.contains("may have executed") ?? false)
        XCTAssertEqual(try outbox.run().sent, 0)
        try outbox.resolve(id: unknown[0].id, decision: .resend)
        XCTAssertEqual(try outbox.run().sent, 1)
        XCTAssertEqual(try executions(0, in: server), 2)
    }

    func test_what_a_person_cannot_decide_is_told() throws {
        let (outbox, _) = try opened()
        let id = try outbox.put(request: .send(value: request(0)))
        try outbox.cancel(id: id)
        XCTAssertEqual(error { try outbox.resolve(id: id, decision: .drop) }, .wrongState(id: id, state: .cancelled))
        XCTAssertEqual(error { try outbox.cancel(id: 999) }, .wrongState(id: 999, state: nil))
        let refused = SendRequest(sender: "admin", conversation: .group("unknown-1"), payload: .text("x"))
        try outbox.put(request: .send(value: refused), key: "refused")
        try outbox.run()
        XCTAssertEqual(try all(outbox.failed()).map(\.code), [253])
        XCTAssertEqual(try all(outbox.lost()), [])
        XCTAssertEqual(try outbox.purge(olderThan: 0), 1)
        XCTAssertEqual(try outbox.purge(olderThan: 0, alsoUndecided: true), 1)
    }

    func test_one_message_to_many_is_split() throws {
        let (outbox, server) = try opened()
        let users = (0..<25).map { "u\($0)" }
        func put(size: Int32) throws -> [Int64] {
            try outbox.multicastEach(
                sender: "admin", receivers: users, payload: .text("to all"), size: size, key: "notice")
        }
        let ids = try put(size: 10)
        XCTAssertEqual(ids.count, 3)
        XCTAssertEqual(try put(size: 10), ids)
        XCTAssertEqual(try outbox.run().sent, 3)
        XCTAssertEqual(try server.sandbox.messagesOfUser("u24").count, 1)
        XCTAssertNotNil(error { _ = try put(size: 0) })
    }

    func test_what_can_never_work_is_refused_by_its_name() throws {
        let (outbox, server) = try opened()
        let nobody = SendRequest(sender: "", conversation: .single("u"), payload: .text("x"))
        let messages = [message(0), OutboxMessage(request: .send(value: nobody))]
        let refused: [(String, () throws -> Void)] = [
            ("key", { try outbox.put(request: .send(value: self.request(0)), key: "") }),
            ("sender", { try outbox.put(request: .send(value: nobody)) }),
            ("messages[1].sender", { try outbox.putMany(messages) }),
            ("options.concurrency", { try outbox.run(options: RunOptions(concurrency: 0)) }),
            ("options.patience", { try outbox.run(options: RunOptions(patience: -1)) }),
            ("older_than", { try outbox.purge(olderThan: .infinity) }),
            ("patience", { _ = try outbox.wait(key: "k", patience: .nan) }),
            ("store", { _ = try Outbox(store: "redis://canary:canary@host", client: server.client) }),
        ]
        for (argument, call) in refused {
            guard case .invalidArgument(argument, _) = error(call) else {
                XCTFail("\(argument): \(String(describing: error(call)))")
                continue
            }
            XCTAssertFalse(error(call)!.description.contains("canary"))
        }
        XCTAssertEqual(try outbox.status().queued, 0)
    }

    func test_a_store_that_does_not_do_is_told_without_its_password() throws {
        let server = try TestServer()
        let away = error { _ = try Outbox(store: "postgres://canary:canary@127.0.0.1:1/db", client: server.client) }
        XCTAssertEqual(away?.isTemporary, true)
        XCTAssertFalse("\(String(describing: away))".contains("canary"))
        let file = folder.appendingPathComponent("text")
        try String(repeating: "no database begins like that. ", count: 200).write(
            to: file, atomically: true, encoding: .utf8)
        let text = error { _ = try Outbox(store: "sqlite:\(file.path)", client: server.client) }
        guard case .storeUnusable = text else { return XCTFail("\(String(describing: text))") }
        XCTAssertEqual(text?.isTemporary, false)
    }

    func test_a_run_ends_where_every_message_would_be_refused() throws {
        let (outbox, server) = try opened()
        let wrong = try MessageClient(baseUrl: server.sandbox.baseUrl, secret: "wrong")
        let stranger = try Outbox(store: store, client: wrong)
        try fill(stranger, 10)
        let ended = error { try stranger.run() }
        guard case .call(.unauthorized) = ended else { return XCTFail("\(String(describing: ended))") }
        XCTAssertEqual(try outbox.status().queued, 10)
        XCTAssertEqual(try outbox.run().sent, 10)
    }

    func test_a_closed_one_is_refused_and_shows_nothing() throws {
        let (outbox, server) = try opened()
        XCTAssertEqual(outbox.description, "Outbox()")
        outbox.close()
        guard case .invalidArgument("outbox", _) = error({ _ = try outbox.status() }) else { return XCTFail() }
        server.client.close()
        guard case .invalidArgument("client", _) = error({ _ = try Outbox(store: store, client: server.client) })
        else { return XCTFail() }
    }

    func test_it_is_waited_for_an_outcome() throws {
        let (outbox, _) = try opened()
        XCTAssertNil(try outbox.wait(key: "nobody", patience: 5))
        try outbox.put(request: .send(value: request(0)), key: "0")
        XCTAssertEqual(try outbox.wait(key: "0", patience: 0.15)?.state, .queued)
        let worker = WatchedCall { try outbox.run() }
        XCTAssertEqual(try outbox.wait(key: "0", patience: 60)?.state, .sent)
        _ = try worker.outcome(within: 60)
    }

    func test_a_cancelled_task_gives_back_what_it_holds() throws {
        let (outbox, server) = try opened()
        try fill(outbox, 500)
        let worker = WatchedCall { try outbox.run(options: RunOptions(rateLimit: 100, lease: 86_400)) }
        try worker.waitUntil("some are sent") { try server.sandbox.messageUids().count >= 20 }
        worker.cancel()
        _ = try worker.outcome(within: 60)
        let status = try outbox.status()
        XCTAssertEqual([status.sending, status.unknown], [0, 0])
        XCTAssertEqual(status.sent, Int64(try server.sandbox.messageUids().count))
        XCTAssertGreaterThan(status.queued, 0)
        // Nobody has to wait for its lease, which is a day.
        XCTAssertEqual(try outbox.run().sent, status.queued)
    }

    /// What a call throws.
    private func error(_ call: () throws -> Void) -> OutboxError? {
        do {
            try call()
            return nil
        } catch {
            return error as? OutboxError
        }
    }
}
