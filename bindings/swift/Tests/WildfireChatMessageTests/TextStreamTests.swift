import Foundation
import WildfireChatMessage
import XCTest

private let generating: Int32 = 14
private let generated: Int32 = 15
private let cancelled: Int32 = 20
/// No second step comes while a test runs.
private let never: TimeInterval = 3600
private let to = Conversation.single("u1")

/// Texts that grow: what receivers see of them, from every source and through every trouble.
final class TextStreamTests: XCTestCase {
    private struct Seen: Equatable, CustomStringConvertible {
        let kind: Int32
        let text: String

        var description: String { "\(kind) \(text)" }
    }

    private struct Broken: Error, Equatable {}

    private func shown(_ sandbox: Sandbox) throws -> [Seen] {
        try sandbox.streamedTexts().map { Seen(kind: $0.contentType, text: $0.text) }
    }

    private func waitFor(_ steps: Int, _ sandbox: Sandbox) throws {
        let begun = Date()
        while try sandbox.streamedTexts().count < steps {
            guard Date().timeIntervalSince(begun) < 60 else { throw Broken() }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func pieces() throws -> [(pause: UInt64, piece: String)] {
        try Checkout.entries(of: "tests/streams/answer").map { entry in
            var fields = try Fields(of: entry, "a piece")
            return (UInt64(try fields.integer("after_ms")), try fields.text("piece"))
        }
    }

    private func checkThatItGrew(_ sandbox: Sandbox) throws {
        let (steps, whole) = (try shown(sandbox), try pieces().map(\.piece).joined())
        XCTAssertEqual(steps.last, Seen(kind: generated, text: whole))
        XCTAssertGreaterThan(steps.count, 2)
        for (step, next) in zip(steps, steps.dropFirst()) {
            XCTAssertEqual(step.kind, generating)
            XCTAssertTrue(next.text.utf8.starts(with: step.text.utf8), "\(steps)")
        }
    }

    func test_every_vector_is_sent_to_the_byte() async throws {
        for vector in try Checkout.entries(of: "tests/streams") {
            try await play(vector) { arguments, robot, url in
                try robot
                    ? RobotClient(baseUrl: url, robotId: "FireRobot", secret: "123456").streamText(
                        conversation: arguments.conversation, pieces: arguments.pieces, interval: never,
                        toUsers: arguments.toUsers, streamId: arguments.streamId, extras: arguments.extras)
                    : MessageClient(baseUrl: url, secret: "123456").streamText(
                        sender: arguments.sender, conversation: arguments.conversation, pieces: arguments.pieces,
                        interval: never, toUsers: arguments.toUsers, streamId: arguments.streamId,
                        extras: arguments.extras)
            }
        }
    }

    func test_every_vector_is_sent_to_the_byte_by_tasks() async throws {
        for vector in try Checkout.entries(of: "tests/streams") {
            try await play(vector) { arguments, robot, url in
                let taken = Taken(arguments.pieces)
                let pieces = AsyncStream { taken.next() }
                if robot {
                    return try await AsyncRobotClient(baseUrl: url, robotId: "FireRobot", secret: "123456").streamText(
                        conversation: arguments.conversation, pieces: pieces, interval: never,
                        toUsers: arguments.toUsers, streamId: arguments.streamId, extras: arguments.extras)
                }
                return try await AsyncMessageClient(baseUrl: url, secret: "123456").streamText(
                    sender: arguments.sender, conversation: arguments.conversation, pieces: pieces, interval: never,
                    toUsers: arguments.toUsers, streamId: arguments.streamId, extras: arguments.extras)
            }
        }
    }

    private struct Arguments: Sendable {
        var sender = ""
        var conversation: Conversation
        var toUsers: [String]
        var streamId: String?
        var extras: ContentExtras?
        var pieces: [String]
    }

    private func play(
        _ vector: JSON, _ stream: (Arguments, Bool, String) async throws -> SentMessage
    ) async throws {
        var fields = try Fields(of: vector, "a vector")
        let name = try fields.text("name")
        let robot = try fields.boolIfGiven("robot") ?? false
        var given = try Fields(of: try fields.value("arguments"), name)
        let arguments = Arguments(
            sender: try given.textIfGiven("sender") ?? "", conversation: try given.conversation("conversation"),
            toUsers: try given.textsIfGiven("to_users") ?? [], streamId: try given.textIfGiven("stream_id"),
            extras: try given.valueIfGiven("extras").map { extras in
                var extras = try Fields(of: extras, name)
                return ContentExtras(
                    mentionedType: try extras.smallIntegerIfGiven("mentioned_type") ?? 0,
                    mentionedTargets: try extras.texts("mentioned_targets"),
                    pushContent: try extras.text("push_content"))
            },
            pieces: try fields.texts("pieces"))
        try given.end()
        let sandbox = try Sandbox(secret: "123456")
        try sandbox.setRobot(robotId: "FireRobot", secret: "123456")
        let outcome: Result<SentMessage, any Error>
        do {
            outcome = .success(try await stream(arguments, robot, sandbox.baseUrl))
        } catch {
            outcome = .failure(error)
        }
        if let expected = fields.valueIfGiven("error") {
            var expected = try Fields(of: expected, name)
            guard case .failure(let error as MessageError) = outcome else { return XCTFail("\(name): \(outcome)") }
            XCTAssertEqual("\(error)", try expected.text("text"), name)
            let variant = try expected.text("variant")
            switch error {
            case .streamFailed: XCTAssertEqual(variant, "StreamFailed", name)
            case .invalidArgument: XCTAssertEqual(variant, "InvalidArgument", name)
            default: XCTFail("\(name): \(error)")
            }
            XCTAssertEqual(error.mayHaveExecuted, try expected.boolIfGiven("may_have_executed"), name)
            try expected.end()
        } else {
            XCTAssertEqual(try outcome.get().messageUid, try sandbox.streamedTexts().last?.messageUid, name)
        }
        XCTAssertEqual(
            try sandbox.requests().map { String(decoding: $0.body, as: UTF8.self) }, try fields.texts("bodies"), name)
        let seen = try shown(sandbox).map { JSON.list([.integer(Int64($0.kind)), .text($0.text)]) }
        XCTAssertEqual(JSON.list(seen), try fields.value("shown"), name)
        try fields.end()
    }

    func test_the_answer_of_a_language_model_grows_on_the_phone() throws {
        let server = try TestServer()
        let answer = try pieces().lazy.map { pause, piece in
            Thread.sleep(forTimeInterval: Double(pause) / 1000)
            return piece
        }
        try server.client.streamText(sender: "admin", conversation: to, pieces: answer, interval: 0.02)
        try checkThatItGrew(server.sandbox)
    }

    func test_the_awaited_answer_of_a_language_model_grows_on_the_phone() async throws {
        let (server, answer) = (try TestServer(), try pieces())
        let model = AsyncStream<String> { continuation in
            Task {
                for (pause, piece) in answer {
                    try? await Task.sleep(nanoseconds: pause * 1_000_000)
                    continuation.yield(piece)
                }
                continuation.finish()
            }
        }
        let client = try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret)
        try await client.streamText(sender: "admin", conversation: to, pieces: model, interval: 0.02)
        try checkThatItGrew(server.sandbox)
    }

    func test_a_text_is_fed_by_hand() throws {
        let server = try TestServer()
        let stream = try server.client.streamText(sender: "admin", conversation: to, interval: never)
        for piece in ["a", "", "b"] { try stream.append(piece) }
        let sent = try stream.finish()
        XCTAssertEqual(try stream.finish(), sent)
        try stream.cancel()
        XCTAssertEqual(Set(try server.sandbox.streamedTexts().map(\.streamId)), [stream.streamId])
        guard case .invalidArgument("piece", _)? = failure(of: try stream.append("c")) else {
            return XCTFail("it takes more")
        }
        XCTAssertEqual(
            try shown(server.sandbox), [Seen(kind: generating, text: "a"), Seen(kind: generated, text: "ab")])
    }

    func test_a_text_that_nobody_has_any_more_is_cancelled() throws {
        let server = try TestServer()
        do {
            let stream = try server.client.streamText(sender: "admin", conversation: to, interval: never)
            try stream.append("a")
            try waitFor(1, server.sandbox)
        }
        try waitFor(2, server.sandbox)
        XCTAssertEqual(
            try shown(server.sandbox), [Seen(kind: generating, text: "a"), Seen(kind: cancelled, text: "a")])
    }

    func test_a_cancelled_task_cancels_its_text() throws {
        let server = try TestServer()
        let client = server.client
        let call = WatchedCall {
            try client.streamText(
                sender: "admin", conversation: to,
                pieces: sequence(first: "x") { _ in
                    Thread.sleep(forTimeInterval: 0.005)
                    return "x"
                }, interval: never)
        }
        try call.waitUntil("the text is seen") { try server.sandbox.streamedTexts().count == 1 }
        call.cancel()
        guard case .failure(let error as MessageError) = try call.outcome(within: 30),
            case .streamFailed(_, _, _, _, _, true, false) = error
        else { return XCTFail("it goes on") }
        XCTAssertTrue("\(error)".hasSuffix("marked as cancelled"), "\(error)")
        XCTAssertEqual(try shown(server.sandbox).map(\.kind), [generating, cancelled])
    }

    func test_an_asynchronous_source_that_breaks_cancels_the_text() async throws {
        let sandbox = try TestServer().sandbox
        let client = try AsyncMessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        let told = Collected<MessageError>()
        let broken = AsyncThrowingStream<String, any Error> { continuation in
            Task {
                continuation.yield("The capital")
                while try sandbox.streamedTexts().isEmpty { try await Task.sleep(nanoseconds: 5_000_000) }
                continuation.yield(" of")
                continuation.finish(throwing: Broken())
            }
        }
        do {
            try await client.streamText(
                sender: "admin", conversation: to, pieces: broken, interval: never, onCancel: { told.add($0) })
            XCTFail("it does not break")
        } catch {
            XCTAssertTrue(error is Broken, "\(error)")
        }
        guard case .streamFailed(_, _, _, 14, 14, true, false)? = told.all.first else {
            return XCTFail("\(told.all)")
        }
        XCTAssertEqual(try shown(sandbox).last, Seen(kind: cancelled, text: "The capital of"))
    }

    func test_a_cancelled_task_cancels_the_text_of_an_endless_source() async throws {
        let sandbox = try TestServer().sandbox
        let client = try AsyncMessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        let text = Task {
            let endless = AsyncStream<String> {
                try? await Task.sleep(nanoseconds: 5_000_000)
                return "x"
            }
            return try await client.streamText(sender: "admin", conversation: to, pieces: endless, interval: never)
        }
        while try sandbox.streamedTexts().isEmpty { try await Task.sleep(nanoseconds: 5_000_000) }
        text.cancel()
        guard case .failure(let error as MessageError) = await text.result,
            case .streamFailed(_, _, _, _, _, true, false) = error
        else { return XCTFail("it goes on") }
        XCTAssertEqual(try shown(sandbox).map(\.kind), [generating, cancelled])
    }

    func test_a_text_is_fed_by_hand_in_a_task() async throws {
        let sandbox = try TestServer().sandbox
        let client = try AsyncMessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        let stream = try client.streamText(sender: "admin", conversation: to, interval: never)
        try stream.append("a")
        let sent = try await stream.finish()
        let again = try await stream.finish()
        XCTAssertEqual(again, sent)
        try await stream.cancel()
        let other = try client.streamText(sender: "admin", conversation: to, interval: never)
        try other.append("b")
        while try sandbox.streamedTexts().count < 3 { try await Task.sleep(nanoseconds: 5_000_000) }
        try await other.cancel()
        XCTAssertEqual(
            try shown(sandbox),
            [
                Seen(kind: generating, text: "a"), Seen(kind: generated, text: "a"),
                Seen(kind: generating, text: "b"), Seen(kind: cancelled, text: "b"),
            ])
    }

    func test_what_can_never_work_is_refused_by_name() throws {
        let server = try TestServer()
        let wrong: [(String, () throws -> SentMessage)] = [
            ("sender", { try server.client.streamText(sender: "", conversation: to, pieces: ["a"]) }),
            (
                "conversation.target",
                { try server.client.streamText(sender: "admin", conversation: .group(""), pieces: ["a"]) }
            ),
            (
                "interval",
                { try server.client.streamText(sender: "admin", conversation: to, pieces: ["a"], interval: -1) }
            ),
            ("text", { try server.client.streamText(sender: "admin", conversation: to, pieces: []) }),
        ]
        for (argument, stream) in wrong {
            guard case .invalidArgument(argument, _)? = failure(of: try stream()) else {
                XCTFail(argument)
                continue
            }
        }
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }
}

/// The texts of a list, one after the other.
private final class Taken: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: ArraySlice<String>

    init(_ texts: [String]) {
        self.texts = texts[...]
    }

    func next() -> String? {
        lock.withLock { texts.popFirst() }
    }
}
