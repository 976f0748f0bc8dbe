import WildfireChatMessage
import XCTest

/// The same calls as `async` methods.
final class AsyncClientTests: XCTestCase {
    private func client(_ server: TestServer, logHandler: (any MessageLogHandler)? = nil) throws -> AsyncMessageClient {
        try AsyncMessageClient(baseUrl: server.sandbox.baseUrl, secret: TestServer.secret, logHandler: logHandler)
    }

    private func hasReceived(_ server: TestServer, _ count: Int) async throws {
        let deadline = Date(timeIntervalSinceNow: 10)
        while try server.sandbox.requests().count < count {
            guard Date() < deadline else { return XCTFail("\(count) requests did not arrive") }
            try await Task.sleep(nanoseconds: 2_000_000)
        }
    }

    func test_every_case_of_conformance_holds_for_awaited_calls_too() async throws {
        let player = try Player()
        let cases = try Case.all()
        for next in cases {
            let found = try await player.playAwaiting(next)
            XCTAssert(found.isEmpty, "\(next.name):\n    \(found.joined(separator: "\n    "))")
        }
        print("conformance: \(cases.count) cases awaited")
    }

    func test_a_thousand_calls_at_the_same_time_need_few_threads_more() async throws {
        let server = try TestServer()
        let client = try client(server)
        _ = try await client.sendHello()
        let before = try ThisProcess.now().threads
        let most = Collected<Int>()
        let uids = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    if number % 100 == 0 { most.add(try ThisProcess.now().threads - before) }
                    return try await client.sendHello().messageUid
                }
            }
            var uids: Set<Int64> = []
            for try await uid in group { uids.insert(uid) }
            return uids
        }
        XCTAssertEqual(uids.count, 1_000)
        // The sandbox is in this process too: it has a thread for each of 128 connections.
        XCTAssertLessThan(most.all.max() ?? 0, 128 + 32)
        let stats = try client.stats()
        XCTAssertEqual(stats.inFlight, 0)
    }

    func test_a_cancelled_task_ends_its_call_within_200_ms_with_its_fate() async throws {
        let server = try TestServer()
        let client = try client(server)
        var delays: [TimeInterval] = []
        for round in 1...3 {
            try server.sandbox.failNext(.neverAnswer)
            let call = Task { try await client.sendHello() }
            try await hasReceived(server, round)
            let cancelled = Date()
            call.cancel()
            let outcome = await call.result
            delays.append(Date().timeIntervalSince(cancelled))
            guard case .failure(let error as MessageError) = outcome,
                case .interrupted(let endpoint, let sent, let attempts) = error
            else { return XCTFail("\(outcome)") }
            XCTAssertEqual(endpoint, "message/send")
            XCTAssertTrue(sent)
            XCTAssertEqual(attempts, 1)
            XCTAssertEqual(try client.stats().inFlight, 0)
        }
        try await Task.sleep(nanoseconds: 200_000_000)
        XCTAssertEqual(try server.sandbox.requests().count, 3)
        // The best of several: on a busy machine a thread may wait for its turn.
        XCTAssertLessThan(delays.min()!, 0.2)
        _ = try await client.sendHello()
    }

    func test_a_task_that_is_cancelled_already_sends_nothing() async throws {
        let server = try TestServer()
        let client = try client(server)
        let call = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.sendHello()
        }
        call.cancel()
        guard case .failure(let error as MessageError) = await call.result,
            case .interrupted(_, false, 0) = error
        else { return XCTFail("it was sent") }
        XCTAssertEqual(try server.sandbox.requests().count, 0)
    }

    func test_an_answer_that_is_there_is_not_lost() async throws {
        let server = try TestServer()
        let client = try client(server)
        for _ in 0..<50 {
            let call = Task { try await client.sendHello() }
            try await Task.sleep(nanoseconds: UInt64.random(in: 0..<3_000_000))
            call.cancel()
            let before = Set(try server.sandbox.messageUids())
            switch await call.result {
            case .success(let sent): XCTAssertTrue(try server.sandbox.messageUids().contains(sent.messageUid))
            case .failure(let error as MessageError):
                guard case .interrupted(_, let sent, _) = error else { return XCTFail("\(error)") }
                if !sent { XCTAssertEqual(Set(try server.sandbox.messageUids()), before) }
            case .failure(let error): XCTFail("\(error)")
            }
        }
    }

    func test_errors_are_those_of_the_blocking_client() async throws {
        let server = try TestServer()
        let client = try client(server)
        do {
            _ = try await client.sendMessage(sender: "", conversation: .single("u1"), content: .text("hi"))
            XCTFail("it was sent")
        } catch {
            guard case .invalidArgument("sender", _) = error else { return XCTFail("\(error)") }
        }
        try server.sandbox.failNext(.resetAfterExecuting)
        do {
            _ = try await client.sendHello()
            XCTFail("it was answered")
        } catch {
            XCTAssertTrue(error.mayHaveExecuted)
        }
        client.close()
        do {
            _ = try await client.sendHello()
            XCTFail("it was sent")
        } catch {
            guard case .invalidArgument("client", _) = error else { return XCTFail("\(error)") }
        }
        XCTAssertTrue(client.description.hasSuffix("(closed)"))
        XCTAssertFalse(client.description.contains(TestServer.secret))
    }

    func test_many_messages_have_an_outcome_each() async throws {
        let server = try TestServer()
        let client = try client(server)
        let requests = (0..<300).map { number in
            SendRequest(sender: "a", conversation: .single("u\(number % 7)"), payload: .text("\(number)"))
        }
        let told = Collected<BulkProgress>()
        let outcomes = try await client.sendMessages(requests: requests) { told.add($0) }
        XCTAssertEqual(outcomes.filter { (try? $0.get()) != nil }.count, 300)
        XCTAssertEqual(told.all.last?.sent, 300)
        var count = 0
        for try await outcome in client.sendEach(requests: requests) {
            _ = try outcome.get()
            count += 1
        }
        XCTAssertEqual(count, 300)
        let source = AsyncStream<SendRequest> { continuation in
            Task {
                for request in requests {
                    continuation.yield(request)
                    if Int.random(in: 0..<50) == 0 { try? await Task.sleep(nanoseconds: 20_000_000) }
                }
                continuation.finish()
            }
        }
        for try await outcome in client.sendEach(requests: source) {
            _ = try outcome.get()
            count += 1
        }
        XCTAssertEqual(count, 600)
        let stopped = try await client.sendMessages(
            requests: [SendRequest(sender: "", conversation: .single("u1"), payload: .text("a"))] + requests,
            options: BulkOptions(concurrency: 1, stopOn: .failure))
        XCTAssertEqual(stopped.count, 301)
    }

    func test_who_breaks_out_of_the_outcomes_ends_the_sending() async throws {
        let server = try TestServer()
        let client = try client(server)
        let request = SendRequest(sender: "a", conversation: .single("u1"), payload: .text("a"))
        var taken = 0
        let requests = repeatElement(request, count: 100_000)
        let outcomes = client.sendEach(requests: requests, options: BulkOptions(rateLimit: 500))
        for try await _ in outcomes {
            taken += 1
            if taken == 5 { break }
        }
        try await Task.sleep(nanoseconds: 300_000_000)
        let count = try server.sandbox.requests().count
        try await Task.sleep(nanoseconds: 300_000_000)
        XCTAssertEqual(try server.sandbox.requests().count, count)
    }

    func test_what_an_asynchronous_source_throws_comes_out_and_the_rest_is_told() async throws {
        struct Broken: Error {}
        let server = try TestServer()
        let client = try client(server)
        let source = AsyncThrowingStream<SendRequest, any Error> { continuation in
            continuation.yield(SendRequest(sender: "a", conversation: .single("u1"), payload: .text("a")))
            continuation.finish(throwing: Broken())
        }
        let rest = Collected<[SendOutcome]>()
        var told = 0
        do {
            for try await _ in client.sendEach(requests: source, rest: { rest.add($0) }) { told += 1 }
            XCTFail("it ended")
        } catch is Broken {}
        XCTAssertEqual(told + (rest.all.first?.count ?? 0), 1)
    }

    func test_a_cancelled_bulk_tells_what_became_of_each_message() async throws {
        let server = try TestServer()
        let client = try client(server)
        try server.sandbox.failNext(.neverAnswer)
        let requests = (0..<40).map { number in
            SendRequest(sender: "a", conversation: .single("u\(number)"), payload: .text("\(number)"))
        }
        let sending = Task { try await client.sendMessages(requests: requests) }
        try await hasReceived(server, 40)
        let cancelled = Date()
        sending.cancel()
        let outcomes = try await sending.value
        XCTAssertEqual(outcomes.count, 40)
        XCTAssertTrue(outcomes.contains { if case .failure(.interrupted) = $0 { true } else { false } })
        XCTAssertLessThan(Date().timeIntervalSince(cancelled), 2)
        XCTAssertEqual(try client.stats().inFlight, 0)
    }

    func test_a_file_is_uploaded_and_a_cancelled_upload_ends() async throws {
        let server = try TestServer()
        let client = try client(server)
        let url = try await client.upload(fileName: "a.txt", data: Data("text".utf8), mediaType: MediaType.file)
        XCTAssertTrue(url.hasPrefix("http"))
        try server.sandbox.failNext(.neverAnswer)
        let before = try server.sandbox.requests().count
        let upload = Task { try await client.upload(fileName: "a", data: Data("a".utf8), mediaType: MediaType.file) }
        try await hasReceived(server, before + 1)
        upload.cancel()
        guard case .failure(let error as MessageError) = await upload.result else { return XCTFail("it ended well") }
        XCTAssertFalse(error.mayHaveExecuted)
    }

    func test_the_pool_of_tasks_is_never_blocked() async throws {
        let server = try TestServer()
        let client = try client(server)
        // As many calls that hang as there are threads for tasks, and more.
        try server.sandbox.failNext(.delayAfterReading, times: 64, delay: 1)
        let begun = Date()
        let calls = (0..<64).map { _ in Task { try await client.sendHello() } }
        try await hasReceived(server, 64)
        for _ in 0..<100 { await Task { await Task.yield() }.value }
        XCTAssertLessThan(Date().timeIntervalSince(begun), 0.9)
        for call in calls { _ = try await call.value }
    }

    func test_calls_are_logged() async throws {
        let server = try TestServer()
        let lines = Lines()
        let client = try client(server, logHandler: lines)
        try server.sandbox.failNext(.overFrequency)
        _ = try await client.sendHello()
        try server.sandbox.failNext(.resetAfterExecuting)
        _ = try? await client.sendHello()
        XCTAssertEqual(lines.levels.all, [.info, .debug, .warning])
    }
}

private struct Lines: MessageLogHandler {
    let levels = Collected<MessageLogLevel>()
    var minimumLevel: MessageLogLevel? { .debug }

    func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
        levels.add(level)
    }
}

extension AsyncMessageClient {
    fileprivate func sendHello() async throws(MessageError) -> SentMessage {
        try await sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hello"))
    }
}
