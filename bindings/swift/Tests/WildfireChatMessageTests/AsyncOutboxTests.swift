import Foundation
import WildfireChatMessage
import XCTest

/// The methods of an outbox as `async` methods.
final class AsyncOutboxTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "/")
    private var store: String { "sqlite:\(folder.appendingPathComponent("outbox.db").path)" }

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("outbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    }

    override func tearDownWithError() throws {
        try folder.removedWhenClosed()
    }

    private func opened(_ server: TestServer) async throws -> AsyncOutbox {
        let client = try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret)
        return try await AsyncOutbox(store: store, client: client)
    }

    private static func request(_ number: Int, sender: String = "admin") -> SendRequest {
        SendRequest(sender: sender, conversation: .single("u\(number % 5)"), payload: .text("message \(number)"))
    }

    private func messages(_ count: Int) -> [OutboxMessage] {
        (0..<count).map { OutboxMessage(request: .send(value: Self.request($0)), key: String($0)) }
    }

    /// What a call throws.
    private func error(_ call: () async throws -> Void) async -> OutboxError? {
        do {
            try await call()
            return nil
        } catch {
            return error as? OutboxError
        }
    }

    private func hasSent(_ server: TestServer, _ count: Int) async throws {
        while try server.sandbox.messageUids().count < count { try await Task.sleep(nanoseconds: 5_000_000) }
    }

    func test_messages_are_put_sent_and_found() async throws {
        let server = try TestServer()
        let outbox = try await opened(server)
        let first = try await outbox.put(Self.request(0), key: "0")
        let again = try await outbox.put(Self.request(1), key: "0")
        XCTAssertEqual(first, again)
        let counts = try await outbox.putMany(messages(2_100))
        XCTAssertEqual(counts, PutCounts(put: 2_099, known: 1))
        let users = (0..<25).map { "u\($0)" }
        let parts = try await outbox.multicastEach(
            sender: "admin", receivers: users, payload: .text("to all"), size: 10)
        XCTAssertEqual(parts.count, 3)
        let told = Collected<RunProgress>()
        let did = try await outbox.run { told.add($0) }
        XCTAssertEqual([did.sent, did.failed, did.unknown], [2_103, 0, 0])
        XCTAssertEqual(told.all.last, did)
        let found = try await outbox.find(key: "7")
        let uid = try XCTUnwrap(found?.messageUid)
        XCTAssertEqual(try server.sandbox.messagesWithText("message 7"), [uid])
        var keys: Set<Int> = []
        for try await entry in outbox.entries(.sent) { entry.key.flatMap { Int($0) }.map { _ = keys.insert($0) } }
        XCTAssertEqual(keys, Set(0..<2_100))
        for try await entry in outbox.unknown() { XCTFail("\(entry)") }
        let removed = try await outbox.purge(olderThan: 0)
        XCTAssertEqual(removed, 2_103)
    }

    func test_people_decide_and_outcomes_are_waited_for() async throws {
        let server = try TestServer()
        let outbox = try await opened(server)
        let nobody = try await outbox.wait(key: "nobody", patience: 5)
        XCTAssertNil(nobody)
        try await outbox.put(Self.request(0), key: "0")
        let queued = try await outbox.wait(key: "0", patience: 0.05)
        XCTAssertEqual(queued?.state, .queued)
        try server.sandbox.failNext(.closeAfterExecuting, endpoint: "message/send")
        let waiting = Task { try await outbox.wait(key: "0", patience: 60) }
        let did = try await outbox.run()
        XCTAssertEqual(did.unknown, 1)
        let waited = try await waiting.value
        let unknown = try XCTUnwrap(waited)
        XCTAssertEqual(unknown.state, .unknown)
        try await outbox.resolve(id: unknown.id, decision: .resend)
        let more = try await outbox.run()
        XCTAssertEqual(more.sent, 1)
        let refused = await error { try await outbox.cancel(id: unknown.id) }
        XCTAssertEqual(refused, .wrongState(id: unknown.id, state: .sent))
    }

    func test_cancelling_a_run_gives_back_what_it_holds() async throws {
        let server = try TestServer()
        let outbox = try await opened(server)
        try await outbox.putMany(messages(500))
        let run = Task { try await outbox.run(options: RunOptions(rateLimit: 100, lease: 86_400)) }
        try await hasSent(server, 20)
        run.cancel()
        let did = try await run.value
        let status = try await outbox.status()
        XCTAssertEqual([status.sending, status.unknown], [0, 0])
        XCTAssertEqual(status.sent, did.sent)
        XCTAssertEqual(try server.sandbox.messageUids().count, Int(did.sent))
        XCTAssert((1..<500).contains(status.queued))
        // Nobody has to wait for its lease, which is a day.
        try await outbox.run()
        XCTAssertEqual(try server.sandbox.messageUids().count, 500)
    }

    func test_what_can_never_work_is_refused_by_its_name() async throws {
        let server = try TestServer()
        let outbox = try await opened(server)
        let noKey = await error { try await outbox.put(Self.request(0), key: "") }
        guard case .invalidArgument("key", _) = noKey else { return XCTFail("\(String(describing: noKey))") }
        outbox.close()
        XCTAssertEqual("\(outbox)", "AsyncOutbox() (closed)")
        let closed = await error { _ = try await outbox.status() }
        guard case .invalidArgument("outbox", _) = closed else { return XCTFail("\(String(describing: closed))") }
        let client = try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret)
        let store = "redis://canary"
        let noStore = await error { _ = try await AsyncOutbox(store: store, client: client) }
        guard case .invalidArgument("store", let reason) = noStore else {
            return XCTFail("\(String(describing: noStore))")
        }
        XCTAssertFalse(reason.contains("canary"))
    }

    func test_a_robot_sends_its_own() async throws {
        let server = try TestServer()
        try server.sandbox.setRobot(robotId: "FireRobot", secret: "its secret")
        let robot = try AsyncRobotClient(
            baseUrl: server.sandbox.baseUrl, robotId: "FireRobot", secret: "its secret")
        let outbox = try await AsyncOutbox(store: store, client: robot)
        try await outbox.put(Self.request(0, sender: ""), key: "0")
        let did = try await outbox.run()
        XCTAssertEqual(did.sent, 1)
        let entry = try await outbox.find(key: "0")
        XCTAssertEqual(entry?.robot, "FireRobot")
    }
}
