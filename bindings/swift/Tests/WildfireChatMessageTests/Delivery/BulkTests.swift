import WildfireChatMessage
import XCTest

/// Many messages in one call. The library's own suite holds its rate; here is what a caller in Swift sees.
final class BulkTests: XCTestCase {
    /// They run until their test is over, also those that it does not ask.
    private var sandboxes: [Sandbox] = []

    override func tearDown() {
        sandboxes = []
    }

    func test_every_message_is_sent_once_and_the_outcomes_have_the_order_of_the_requests() throws {
        let (sandbox, client) = try server()
        let outcomes = try client.sendMessages(requests: messages(3_000))
        XCTAssertEqual(outcomes.count, 3_000)
        for (number, outcome) in outcomes.enumerated() {
            let sent = try outcome.get()
            XCTAssertEqual(try sandbox.messagesWithText("message \(number)"), [sent.messageUid])
        }
        let last = try XCTUnwrap(outcomes.last).get()
        XCTAssertEqual(try client.getMessage(messageUid: last.messageUid).timestamp, last.timestamp)
    }

    func test_the_time_of_each_begins_with_its_turn() throws {
        let (_, client) = try server(options: ClientOptions(totalTimeout: 0.5, rateLimit: 20))
        XCTAssertEqual(try client.sendMessages(requests: messages(40)).map { try $0.get() }.count, 40)
    }

    func test_no_messages_have_no_outcomes() throws {
        let (sandbox, client) = try server()
        XCTAssertTrue(try client.sendMessages(requests: []).isEmpty)
        try client.sendEach(requests: EmptyCollection()) { outcome in XCTFail("\(outcome)") }
        XCTAssertTrue(try sandbox.requests().isEmpty)
    }

    func test_a_message_that_can_never_be_sent_fails_alone() throws {
        let (sandbox, client) = try server()
        var requests = messages(10)
        requests[4].sender = ""
        let outcomes = try client.sendMessages(requests: requests)
        for (number, outcome) in outcomes.enumerated() where number != 4 { XCTAssertNoThrow(try outcome.get()) }
        XCTAssertEqual(
            failure(of: try outcomes[4].get()), .invalidArgument(argument: "sender", reason: "it is empty"))
        XCTAssertEqual(try sandbox.requests().count, 9)
    }

    func test_a_message_may_be_given_as_a_content() throws {
        let (_, client) = try server()
        let request = try SendRequest(
            sender: "admin", conversation: .group("g1"), content: .text("@Ann"), extras: .mention(["ann"]))
        let sent = try XCTUnwrap(client.sendMessages(requests: [request]).first).get()
        let payload = try client.getMessage(messageUid: sent.messageUid).payload
        XCTAssertEqual(payload.searchableContent, "@Ann")
        XCTAssertEqual(payload.mentionedTargets, ["ann"])
    }

    func test_options_that_can_never_work_are_refused() throws {
        let (sandbox, client) = try server()
        let seconds = "s is out of range: it must be from 0 to 1000000000 s"
        for (options, argument, reason) in [
            (BulkOptions(concurrency: 0), "options.concurrency", "0 is out of range: it must be from 1 to 1024"),
            (BulkOptions(rateLimit: -1), "options.rate_limit", "-1 is below 0"),
            (BulkOptions(patience: -1), "options.patience", "-1.0 \(seconds)"),
            (BulkOptions(patience: .nan), "options.patience", "nan \(seconds)"),
        ] {
            let refused = MessageError.invalidArgument(argument: argument, reason: reason)
            XCTAssertEqual(failure(of: try client.sendMessages(requests: messages(1), options: options)), refused)
            XCTAssertEqual(
                failure(of: try client.sendEach(requests: messages(1), options: options) { _ in }), refused)
        }
        XCTAssertTrue(try sandbox.requests().isEmpty)
    }

    func test_it_stops_on_what_it_is_told_to_stop_on() throws {
        let cases: [(StopOn?, Fault, Bool)] = [
            (nil, .closeAfterExecuting, false), (.unknown, .authFailure, false), (.unknown, .closeAfterExecuting, true),
            (.failure, .unknownCode, true),
        ]
        for (stopOn, fault, stops) in cases {
            let (sandbox, client) = try server()
            try sandbox.failNext(fault)
            let options = BulkOptions(concurrency: 4, stopOn: stopOn)
            // More than there is room for at once.
            let outcomes = try client.sendMessages(requests: messages(stops ? 9_000 : 500), options: options)
            let counts = Counts(outcomes)
            XCTAssertEqual(outcomes.count, stops ? 9_000 : 500)
            XCTAssertEqual(counts.sent + counts.notBegun, outcomes.count - 1)
            XCTAssertEqual(counts.notBegun > 0, stops, "\(String(describing: stopOn)), \(fault)")
            XCTAssertEqual(try sandbox.messageUids().count, counts.sent + (fault == .closeAfterExecuting ? 1 : 0))
        }
    }

    func test_a_sequence_without_an_end_is_left_alone_when_it_stops() throws {
        let (_, client) = try server()
        let endless = sequence(first: 0) { $0 + 1 }.lazy.map { number in
            var request = message(number)
            if number == 500 { request.sender = "" }
            return request
        }
        var outcomes = 0
        try client.sendEach(requests: endless, options: BulkOptions(stopOn: .failure)) { _ in outcomes += 1 }
        XCTAssertTrue((501..<20_000).contains(outcomes), "\(outcomes)")
    }

    func test_a_sequence_of_a_known_size_has_an_outcome_for_each_when_it_stops() throws {
        let (_, client) = try server()
        var requests = messages(9_000)
        requests[0].sender = ""
        var outcomes = 0
        try client.sendEach(requests: requests, options: BulkOptions(stopOn: .failure)) { _ in outcomes += 1 }
        XCTAssertEqual(outcomes, 9_000)
    }

    func test_progress_is_told_in_the_calling_thread_and_ten_times_a_second_at_the_most() throws {
        let (_, client) = try server()
        var requests = messages(60)
        requests[0].sender = ""
        let thread = Thread.current
        var told: [BulkProgress] = []
        let begun = DispatchTime.now().uptimeNanoseconds
        _ = try client.sendMessages(requests: requests, options: BulkOptions(rateLimit: 100)) { progress in
            XCTAssertTrue(Thread.current === thread)
            told.append(progress)
        }
        let most = Int((DispatchTime.now().uptimeNanoseconds - begun) / 100_000_000) + 1
        XCTAssertTrue((3...most).contains(told.count), "told \(told.count) times, \(most) at the most")
        let last = try XCTUnwrap(told.last)
        XCTAssertEqual([last.sent, last.failed, last.unknown, last.total], [59, 1, 0, 60])
        XCTAssertEqual(last.timeLeft, 0)
    }

    func test_requests_are_taken_only_as_there_is_room() throws {
        let (sandbox, client) = try server()
        struct Enough: Error {}
        // While the first one gets no answer, no outcome makes room: they go one after the other.
        try sandbox.failNext(.delayAfterExecuting, delay: 1)
        var taken = 0
        let endless = AnyIterator<SendRequest> {
            taken += 1
            return message(taken)
        }
        XCTAssertThrowsError(
            try client.sendEach(requests: endless, options: BulkOptions(concurrency: 1)) { _ in throw Enough() }
        ) { XCTAssertTrue($0 is Enough, "\($0)") }
        XCTAssertTrue((4_000...8_192).contains(taken), "\(taken) requests ahead")
    }

    func test_a_slow_sequence_is_not_waited_for() throws {
        let (sandbox, client) = try server()
        var (number, told) = (0, 0)
        let slow = AnyIterator<SendRequest> {
            if number == 5 { return nil }
            // The first comes at once; each of the others takes its time, and until the one before it has arrived.
            let deadline = Date(timeIntervalSinceNow: 30)
            repeat {
                if number > 0 { Thread.sleep(forTimeInterval: 0.02) }
            } while (try? sandbox.requests().count) ?? 0 < number && Date() < deadline
            XCTAssertLessThan(Date(), deadline, "a message waits for message \(number)")
            number += 1
            return message(number)
        }
        try client.sendEach(requests: slow) { outcome in
            XCTAssertNoThrow(try outcome.get())
            told += 1
        }
        XCTAssertEqual(told, 5)
    }

    func test_a_cancelled_task_keeps_what_is_finished_and_is_told_of_the_rest() throws {
        let (sandbox, client) = try server()
        var times: [TimeInterval] = []
        // What else the machine does makes it longer, never shorter: the best of three counts.
        while times.count < 3 && !times.contains(where: { $0 < 0.2 }) {
            let before = try sandbox.messageUids().count
            try sandbox.failNext(.neverAnswerAfterExecuting, times: 4)
            let call = WatchedCall {
                let outcomes = try client.sendMessages(
                    requests: messages(30_000), options: BulkOptions(concurrency: 8))
                return (outcomes, Task.isCancelled)
            }
            try call.waitUntil("a thousand arrive") { try sandbox.messageUids().count >= before + 1_000 }
            let cancelled = Date()
            call.cancel()
            let (outcomes, isCancelled) = try call.outcome(within: 10).get()
            times.append(Date().timeIntervalSince(cancelled))

            XCTAssertTrue(isCancelled)
            XCTAssertEqual(outcomes.count, 30_000)
            let counts = Counts(outcomes)
            XCTAssertEqual(counts.sent + counts.notBegun + counts.unknown + counts.other, 30_000)
            XCTAssertGreaterThan(counts.sent, 900)
            XCTAssertGreaterThan(counts.notBegun, 1_000)
            // The four that get no answer, and perhaps the four others of the moment.
            XCTAssertTrue((4...8).contains(counts.unknown), "\(counts)")
            Thread.sleep(forTimeInterval: 0.3)
            let executed = try sandbox.messageUids().count - before
            XCTAssertTrue((counts.sent + 4...counts.sent + counts.unknown).contains(executed), "\(executed), \(counts)")
        }
        XCTAssertTrue(times.contains { $0 < 0.2 }, "it took \(times) s")
    }

    func test_a_cancelled_task_takes_no_more_of_a_sequence() throws {
        let (sandbox, client) = try server()
        let call = WatchedCall {
            var (taken, told) = (0, 0)
            let endless = AnyIterator<SendRequest> {
                taken += 1
                return message(taken)
            }
            try client.sendEach(requests: endless) { _ in told += 1 }
            return (taken, told)
        }
        try call.waitUntil("some arrive") { try sandbox.messageUids().count >= 100 }
        call.cancel()
        let (taken, told) = try call.outcome(within: 5).get()
        XCTAssertEqual(taken, told)
        try assertNothingMoreArrives(sandbox)
    }

    func test_what_a_callback_throws_ends_it_and_goes_on() throws {
        struct Enough: Error {}
        let (sandbox, client) = try server()
        var told = 0
        let endless = sequence(first: 0) { $0 + 1 }.lazy.map { message($0) }
        XCTAssertThrowsError(
            try client.sendEach(requests: endless) { _ in
                told += 1
                if told == 100 { throw Enough() }
            }
        ) { XCTAssertTrue($0 is Enough, "\($0)") }
        XCTAssertEqual(told, 100)
        try assertNothingMoreArrives(sandbox)
        XCTAssertNoThrow(try client.sendMessages(requests: messages(1))[0].get())
    }

    /// The oracle over many at once: what each outcome says is what the server did.
    func test_outcomes_through_random_faults_are_the_truth() throws {
        let sandbox = try Sandbox(secret: TestServer.secret, rateLimit: 0)
        let impatient = ClientOptions(
            readTimeout: 0.1, totalTimeout: 0.4, retryPause: 0.001, maxResponseBytes: 64 * 1024)
        let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret, options: impatient)
        try sandbox.failRandomly(Fault.allCases, probability: 0.2, seed: 20_261_125, delay: 0.01)
        let outcomes = try client.sendMessages(requests: messages(800))
        Thread.sleep(forTimeInterval: 0.4)
        for (number, outcome) in outcomes.enumerated() {
            let executed = try sandbox.messagesWithText("message \(number)").count
            let allowed: ClosedRange<Int>
            switch outcome {
            case .success: allowed = 1...1
            case .failure(let error): allowed = error.mayHaveExecuted ? 0...1 : 0...0
            }
            XCTAssertTrue(allowed.contains(executed), "message \(number): \(outcome), and executed \(executed) times")
        }
        let counts = Counts(outcomes)
        for count in [counts.sent, counts.unknown, counts.other] { XCTAssertGreaterThan(count, 5, "\(counts)") }
    }

    func test_a_closed_client_begins_none_and_ends_those_that_it_has_begun() throws {
        let (sandbox, client) = try server()
        let closed = MessageError.invalidArgument(argument: "client", reason: "it is closed: make a new one")
        var sent = 0
        try client.sendEach(requests: messages(1_000)) { outcome in
            client.close()
            _ = try outcome.get()
            sent += 1
        }
        XCTAssertEqual(sent, 1_000)
        XCTAssertEqual(failure(of: try client.sendMessages(requests: messages(1))), closed)
        XCTAssertEqual(failure(of: try client.sendEach(requests: messages(1)) { _ in }), closed)
        XCTAssertEqual(try sandbox.messageUids().count, 1_000)
    }

    func test_messages_of_a_conversation_arrive_in_their_order() throws {
        let (sandbox, client) = try server()
        let requests = (0..<500).map { number in
            SendRequest(sender: "admin", conversation: .group("g\(number % 5)"), payload: .text("message \(number)"))
        }
        try sandbox.failRandomly([.delayBeforeReading], probability: 0.3, seed: 5, delay: 0.005)
        func outOfOrder(_ options: BulkOptions) throws -> Int {
            let uids = try client.sendMessages(requests: requests, options: options).map { try $0.get().messageUid }
            return (5..<500).filter { uids[$0] < uids[$0 - 5] }.count
        }
        XCTAssertEqual(try outOfOrder(BulkOptions()), 0)
        XCTAssertGreaterThan(try outOfOrder(BulkOptions(anyOrder: true)), 20)
    }

    func test_a_server_that_goes_away_is_waited_for_and_progress_says_so() throws {
        let (sandbox, client) = try server()
        var (told, outcomes): ([BulkProgress], [SendOutcome]) = ([], [])
        try client.sendEach(
            requests: awayAfterSome(sandbox, count: 600, away: 1), options: BulkOptions(patience: 20),
            progress: { told.append($0) }
        ) { outcomes.append($0) }
        let counts = Counts(outcomes)
        XCTAssertEqual(counts.sent + counts.unknown, 600, "\(counts)")
        let away = told.filter { $0.waitingFor == .server }
        XCTAssertGreaterThan(away.count, 3)
        for each in away {
            let (waited, left) = (try XCTUnwrap(each.waited), try XCTUnwrap(each.patienceLeft))
            XCTAssertEqual(waited + left, 20, accuracy: 0.001)
        }
        let last = try XCTUnwrap(told.last)
        XCTAssertTrue(last.waitingFor == nil && last.waited == nil && last.patienceLeft == nil, "\(last)")
    }

    func test_a_limit_fails_no_message_and_progress_says_that_it_waits() throws {
        let sandbox = try Sandbox(secret: TestServer.secret, rateLimit: 200)
        let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret)
        var told: [BulkProgress] = []
        let outcomes = try client.sendMessages(requests: messages(260)) { told.append($0) }
        XCTAssertEqual(Counts(outcomes).sent, 260)
        XCTAssertTrue(told.contains { $0.waitingFor == .rateLimit }, "\(told)")
    }

    func test_a_server_that_was_never_reached_is_not_waited_for() throws {
        let (sandbox, client) = try server()
        try sandbox.stop()
        let begun = Date()
        for outcome in try client.sendMessages(requests: messages(5_000)) {
            guard case .failure(.unreachable) = outcome else { return XCTFail("\(outcome)") }
        }
        XCTAssertLessThan(Date().timeIntervalSince(begun), 5)
    }

    func test_a_cancelled_task_ends_what_waits_for_a_server() throws {
        let (sandbox, client) = try server()
        let call = WatchedCall {
            var outcomes: [SendOutcome] = []
            try client.sendEach(requests: awayAfterSome(sandbox, count: 5_000, away: 60)) { outcomes.append($0) }
            return outcomes
        }
        try call.waitUntil("some arrive") { try sandbox.messageUids().count >= 100 }
        Thread.sleep(forTimeInterval: 0.5)
        let cancelled = Date()
        call.cancel()
        let counts = Counts(try call.outcome(within: 5).get())
        XCTAssertLessThan(Date().timeIntervalSince(cancelled), 0.5)
        XCTAssertTrue(counts.other == 0 || counts.notBegun > 0, "\(counts)")
        XCTAssertTrue(counts.unknown <= 33 && counts.sent >= 100, "\(counts)")
    }

    private func server(options: ClientOptions? = nil) throws -> (Sandbox, MessageClient) {
        let sandbox = try Sandbox(secret: TestServer.secret, rateLimit: 0)
        sandboxes.append(sandbox)
        return (sandbox, try MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret, options: options))
    }

    private func assertNothingMoreArrives(_ sandbox: Sandbox, line: UInt = #line) throws {
        // What had left before is executed by then.
        Thread.sleep(forTimeInterval: 0.1)
        let arrived = try sandbox.messageUids().count
        Thread.sleep(forTimeInterval: 0.2)
        XCTAssertEqual(try sandbox.messageUids().count, arrived, line: line)
    }
}

/// How many outcomes there are of each kind.
private struct Counts {
    var sent = 0
    var notBegun = 0
    var unknown = 0
    var other = 0

    init(_ outcomes: [SendOutcome]) {
        for outcome in outcomes {
            switch outcome {
            case .success: sent += 1
            case .failure(.interrupted(_, false, 0)): notBegun += 1
            case .failure(let error) where error.mayHaveExecuted: unknown += 1
            case .failure: other += 1
            }
        }
    }
}

/// Those after the first 200 find the server away for a while.
private func awayAfterSome(_ sandbox: Sandbox, count: Int, away: TimeInterval) -> AnyIterator<SendRequest> {
    var number = -1
    return AnyIterator {
        number += 1
        if number == count { return nil }
        if number == 200 {
            // Those that are taken together with the next ones are not on their way yet.
            while ((try? sandbox.messageUids().count) ?? 100) < 100 { Thread.sleep(forTimeInterval: 0.001) }
            try? sandbox.refuseConnections(for: away)
        }
        return message(number)
    }
}

/// Those of a conversation would go one after the other.
private func message(_ number: Int) -> SendRequest {
    SendRequest(sender: "admin", conversation: .single("u\(number % 64)"), payload: .text("message \(number)"))
}

private func messages(_ count: Int) -> [SendRequest] {
    (0..<count).map(message)
}
