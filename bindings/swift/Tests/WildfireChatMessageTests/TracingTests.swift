import Foundation
import WildfireChatMessage
import XCTest

/// An adapter as an application has it, with a tracing library in memory: it makes ids, passes them on as `traceparent`,
/// and keeps the spans.
private struct Tracer: MessageTracer {
    @TaskLocal static var current = "0000000000000000"
    static let trace = "0af7651916cd43dd8448eb211c80319c"

    let ended = Collected<Span>()

    struct Span: Sendable {
        let id: String
        let parent: String
        let call: MessageSpan
        let attempts: [MessageSpan]
    }

    struct Call: MessageCallTracer {
        let id: String
        let parent: String
        let ended: Collected<Span>

        var headers: [String: String] { ["traceparent": "00-\(Tracer.trace)-\(id)-01"] }

        func end(_ call: MessageSpan, attempts: [MessageSpan]) {
            ended.add(Span(id: id, parent: parent, call: call, attempts: attempts))
        }
    }

    func begin(endpoint: String) -> any MessageCallTracer {
        let id = UInt64.random(in: 1...UInt64.max)
        let hex = String(id, radix: 16)
        let padded = String(repeating: "0", count: 16 - hex.count) + hex
        return Call(id: padded, parent: Self.current, ended: ended)
    }
}

/// Spans of calls and the context on the way to the server.
final class TracingTests: XCTestCase {
    private static let canary = "canary-of-a-user"

    private func client(_ server: TestServer, _ tracer: Tracer) throws -> MessageClient {
        try MessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret, tracer: tracer)
    }

    private func send(_ client: MessageClient) throws {
        let user = Self.canary
        try client.sendMessage(sender: user, conversation: .single(user), payload: .text(user))
    }

    /// Makes calls in so many tasks at the same time, each below a span of its own: "work 1", "work 2" and so on.
    private func inTasks(
        _ count: Int, _ server: TestServer, _ tracer: Tracer,
        _ call: @escaping @Sendable (AsyncMessageClient, Int) async throws -> Void
    ) async throws {
        let client = try AsyncMessageClient(
            baseUrl: server.sandbox.baseUrl, secret: TestServer.secret, tracer: tracer)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...count {
                group.addTask {
                    try await Tracer.$current.withValue("work \(number)") { try await call(client, number) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func carried(_ server: TestServer) throws -> [String] {
        try server.sandbox.requests().map { request in
            request.headers.filter { $0.name == "traceparent" }.map(\.value).joined(separator: ",")
        }
    }

    func test_each_call_has_a_span_and_each_attempt_one_below_it() throws {
        let (server, tracer) = (try TestServer(), Tracer())
        try server.sandbox.failNext(.overFrequency)
        try Tracer.$current.withValue("00f067aa0ba902b7") { try send(try client(server, tracer)) }
        let span = try XCTUnwrap(tracer.ended.all.first)
        XCTAssertEqual(span.parent, "00f067aa0ba902b7")
        XCTAssertEqual(span.call.name, "message/send")
        XCTAssertEqual(
            span.call.attributes, ["wildfirechat.endpoint": .text("message/send"), "wildfirechat.attempts": .number(2)])
        let port = try XCTUnwrap(Int64(server.sandbox.baseUrl.split(separator: ":").last ?? ""))
        let shared: [String: MessageSpan.Value] = [
            "http.request.method": .text("POST"), "server.address": .text("127.0.0.1"), "server.port": .number(port),
            "http.response.status_code": .number(200),
        ]
        let refused: [String: MessageSpan.Value] = [
            "error.type": .text("RateLimited"), "wildfirechat.code": .number(250),
            "wildfirechat.may_have_executed": .flag(false),
        ]
        let again: [String: MessageSpan.Value] = [
            "http.request.resend_count": .number(1), "wildfirechat.code": .number(0),
        ]
        XCTAssertEqual(span.attempts.map(\.name), ["POST", "POST"])
        XCTAssertEqual(span.attempts[0].attributes, shared.merging(refused) { $1 })
        XCTAssertEqual(span.attempts[1].attributes, shared.merging(again) { $1 })
        XCTAssertEqual(span.attempts[1].measured, shared)
        XCTAssertNotNil(span.attempts[0].error)
        XCTAssertNil(span.attempts[1].error)
        let end = span.attempts[0].started.addingTimeInterval(span.attempts[0].duration)
        XCTAssertLessThanOrEqual(end, span.attempts[1].started.addingTimeInterval(0.001))
        XCTAssertEqual(try carried(server), Array(repeating: "00-\(Tracer.trace)-\(span.id)-01", count: 2))
    }

    func test_an_unknown_fate_is_an_error_with_its_name_and_nothing_of_the_request_is_shown() throws {
        let (server, tracer) = (try TestServer(), Tracer())
        let client = try client(server, tracer)
        try server.sandbox.failNext(.resetAfterExecuting)
        XCTAssertThrowsError(try send(client))
        let span = try XCTUnwrap(tracer.ended.all.first)
        for each in [span.call] + span.attempts {
            XCTAssertEqual(each.attributes["error.type"], .text("ConnectionLost"))
            XCTAssertEqual(each.attributes["wildfirechat.may_have_executed"], .flag(true))
            XCTAssertNotNil(each.error)
        }
        let shown = "\(tracer.ended.all)"
        XCTAssertFalse(shown.contains(Self.canary) || shown.contains(TestServer.secret))
    }

    func test_a_call_that_is_refused_is_never_ended_and_uploads_are() throws {
        let (server, tracer) = (try TestServer(), Tracer())
        let client = try client(server, tracer)
        XCTAssertThrowsError(try client.sendMessage(sender: "", conversation: .single("u1"), payload: .text("hi")))
        XCTAssertTrue(tracer.ended.all.isEmpty)
        _ = try client.upload(fileName: "a.txt", data: Data("text".utf8), mediaType: MediaType.file)
        try client.sendFile(
            sender: "admin", conversation: .single("u1"), data: Data("text".utf8), fileName: "a.txt")
        let spans = tracer.ended.all
        XCTAssertEqual(spans.map(\.call.name), ["oss/get_upload_url", "message/send"])
        XCTAssertEqual(spans.map(\.attempts.count), [1, 2])
        let asked = spans.last?.attempts.map { $0.attributes["wildfirechat.endpoint"] }
        XCTAssertEqual(asked, [.text("oss/get_upload_url"), nil])
        let ids = spans.map(\.id) + spans.suffix(1).map(\.id)
        XCTAssertEqual(try carried(server), ids.map { "00-\(Tracer.trace)-\($0)-01" })
    }

    func test_uploads_of_tasks_have_the_span_of_their_own_call() async throws {
        let (server, tracer) = (try TestServer(), Tracer())
        try await inTasks(10, server, tracer) { client, _ in
            _ = try await client.sendFile(
                sender: "admin", conversation: .single("u1"), data: Data("text".utf8), fileName: "a.txt")
        }
        let spans = tracer.ended.all
        XCTAssertEqual(Set(spans.map(\.parent)), Set((1...10).map { "work \($0)" }))
        let ids = (spans + spans).map { "00-\(Tracer.trace)-\($0.id)-01" }
        XCTAssertEqual(try carried(server).sorted(), ids.sorted())
    }

    func test_each_task_has_the_span_of_its_own_call() async throws {
        let (server, tracer) = (try TestServer(), Tracer())
        try await inTasks(20, server, tracer) { client, number in
            _ = try await client.findMessage(messageUid: Int64(number))
        }
        let spans = tracer.ended.all
        XCTAssertEqual(Set(spans.map(\.parent)), Set((1...20).map { "work \($0)" }))
        XCTAssertEqual(Set(try carried(server)), Set(spans.map { "00-\(Tracer.trace)-\($0.id)-01" }))
        XCTAssertEqual(spans.count, 20)
    }

    func test_the_log_has_the_lines_of_its_level_all_the_same() throws {
        let (server, lines) = (try TestServer(), Collected<String>())
        let client = try MessageClient(
            baseUrl: server.sandbox.baseUrl, secret: TestServer.secret,
            logHandler: Console(minimumLevel: .info) { lines.add($0) }, tracer: Tracer())
        try server.sandbox.failNext(.overFrequency)
        try send(client)
        XCTAssertEqual(lines.all.count, 1)
    }
}
