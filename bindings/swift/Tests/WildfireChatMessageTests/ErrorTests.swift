import XCTest

@testable import WildfireChatMessage

final class ErrorTests: XCTestCase {
    func test_an_empty_sender_is_refused_before_anything_is_sent() throws {
        let server = try TestServer()
        let error = failure(
            of: try server.client.sendMessage(sender: "", conversation: .single("u1"), payload: .text("hi")))
        guard case .invalidArgument("sender", _) = error else { return XCTFail("\(String(describing: error))") }
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }

    func test_a_url_of_another_scheme_is_refused() {
        let error = failure(of: try MessageClient(baseUrl: "ftp://host", secret: "s"))
        guard case .invalidArgument("base_url", _) = error else { return XCTFail("\(String(describing: error))") }
    }

    func test_a_server_that_is_not_there_is_unreachable() throws {
        let server = try TestServer()
        try server.sandbox.stop()
        let error = try XCTUnwrap(failureOfSending(to: server))
        guard case .unreachable("message/send", 3, _) = error else { return XCTFail("\(error)") }
        XCTAssertFalse(error.mayHaveExecuted)
    }

    func test_code_250_is_rate_limited() throws {
        let server = try TestServer(options: ClientOptions(retryPause: 0.001))
        try server.sandbox.failNext(.overFrequency, times: 3)
        let error = try XCTUnwrap(failureOfSending(to: server))
        guard case .rateLimited("message/send", 3, _) = error else { return XCTFail("\(error)") }
        XCTAssertFalse(error.mayHaveExecuted)
    }

    func test_a_wrong_secret_is_unauthorized() throws {
        let sandbox = try Sandbox(secret: "right")
        let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "wrong")
        let error = failure(of: try client.findMessage(messageUid: 1))
        guard case .unauthorized("message/get_one", ErrorCode.authFailure, _, 1, nil) = error else {
            return XCTFail("\(String(describing: error))")
        }
    }

    func test_code_243_says_by_how_much_the_clocks_differ() throws {
        let server = try TestServer()
        let answer = ScriptedAnswer(
            headers: [Header(name: "date", value: "Sun, 01 Mar 2026 08:15:00 GMT")],
            body: Data(#"{"code":243,"msg":"sign expired"}"#.utf8))
        try server.sandbox.answerNext(answer)
        let error = try XCTUnwrap(failureOfSending(to: server))
        guard case .unauthorized("message/send", ErrorCode.signExpired, _, 1, let offset?) = error else {
            return XCTFail("\(error)")
        }
        let sinceThen = Date().timeIntervalSince1970 - 1_772_352_900
        XCTAssertEqual(TimeInterval(offset) / 1000, sinceThen, accuracy: 60)
        XCTAssertTrue(error.description.contains("this machine's clock is"), error.description)
    }

    func test_an_error_says_how_often_the_call_was_tried() throws {
        let server = try TestServer(options: ClientOptions(maxAttempts: 4, retryPause: 0))
        try server.sandbox.failNext(.htmlAnswer, times: 4)
        let error = try XCTUnwrap(failure(of: try server.client.getMessage(messageUid: 1)))
        guard case .invalidResponse("message/get_one", 502, _, _, 4) = error else { return XCTFail("\(error)") }
        XCTAssertEqual(error.attempts, 4)
        XCTAssertEqual(try server.sandbox.requests().count, 4)
    }

    func test_a_call_that_has_no_turn_within_its_time_was_never_tried() throws {
        let server = try TestServer(options: ClientOptions(totalTimeout: 0.5, rateLimit: 1))
        try server.send()
        let error = try XCTUnwrap(failureOfSending(to: server))
        let msg = "the client's own rate_limit is 1 per second"
        XCTAssertEqual(error, .rateLimited(endpoint: "message/send", attempts: 0, msg: msg))
        XCTAssertEqual(error.attempts, 0)
        XCTAssertEqual(try server.sandbox.requests().count, 1)
    }

    func test_an_error_that_is_made_without_them_was_tried_once_and_knows_no_clock() {
        XCTAssertEqual(
            MessageError.unauthorized(endpoint: "e", code: 243, msg: "m"),
            .unauthorized(endpoint: "e", code: 243, msg: "m", attempts: 1, clockOffset: nil))
        XCTAssertEqual(
            MessageError.rejected(endpoint: "e", code: 253, msg: "m"),
            .rejected(endpoint: "e", code: 253, msg: "m", attempts: 1))
        XCTAssertEqual(MessageError.notSupported(endpoint: "e"), .notSupported(endpoint: "e", attempts: 1))
        XCTAssertEqual(
            MessageError.badRequest(endpoint: "e", status: 400, body: "b"),
            .badRequest(endpoint: "e", status: 400, body: "b", attempts: 1))
        XCTAssertEqual(
            MessageError.invalidResponse(endpoint: "e", status: 200, reason: "r", body: "b"),
            .invalidResponse(endpoint: "e", status: 200, reason: "r", body: "b", attempts: 1))
        XCTAssertEqual(
            MessageError.interrupted(endpoint: "e", sent: true),
            .interrupted(endpoint: "e", sent: true, attempts: 1))
    }

    func test_errors_of_calls_that_were_tried_another_number_of_times_differ() {
        XCTAssertNotEqual(
            MessageError.notSupported(endpoint: "e", attempts: 2), .notSupported(endpoint: "e", attempts: 1))
        XCTAssertNotEqual(
            MessageError.unauthorized(endpoint: "e", code: 243, msg: "m", clockOffset: 1),
            .unauthorized(endpoint: "e", code: 243, msg: "m", clockOffset: nil))
    }

    func test_every_error_tells_its_attempts() {
        XCTAssertEqual(Self.oneOfEach.map(\.attempts), [nil, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, nil, nil])
    }

    func test_an_unknown_code_is_rejected_with_its_number() throws {
        let error = try failureOfSending(onAnswer: #"{"code":98765,"msg":"of tomorrow"}"#)
        XCTAssertEqual(error, .rejected(endpoint: "message/send", code: 98765, msg: "of tomorrow"))
        XCTAssertTrue(error.mayHaveExecuted)
    }

    func test_a_code_of_unknown_outcome_may_have_executed() throws {
        XCTAssertTrue(try failureOfSending(onAnswer: #"{"code":249,"msg":"timeout"}"#).mayHaveExecuted)
    }

    func test_http_500_without_a_text_is_not_supported() throws {
        XCTAssertEqual(
            try failureOfSending(onAnswer: "", status: 500, marked: true), .notSupported(endpoint: "message/send"))
    }

    func test_http_500_with_a_text_is_a_bad_request() throws {
        XCTAssertEqual(
            try failureOfSending(onAnswer: "cannot be read", status: 500, marked: true),
            .badRequest(endpoint: "message/send", status: 500, body: "cannot be read"))
    }

    func test_an_answer_that_is_not_the_servers_own_word_proves_nothing() throws {
        for body in ["", "upstream request timeout", #"{"status":500,"error":"Internal Server Error"}"#] {
            let error = try failureOfSending(onAnswer: body, status: 500)
            guard case .invalidResponse("message/send", 500, _, body, 1) = error else { return XCTFail("\(error)") }
            XCTAssertTrue(error.mayHaveExecuted)
        }
        let server = try TestServer()
        for fault in [Fault.gatewayAnswer, .gatewayAnswerBeforeExecuting, .gatewayAnswerAfterExecuting] {
            try server.sandbox.failNext(fault)
            XCTAssertEqual(try XCTUnwrap(failureOfSending(to: server)).mayHaveExecuted, true, "\(fault)")
        }
    }

    func test_the_call_after_a_bad_request_succeeds() throws {
        let server = try TestServer()
        for _ in 0..<20 {
            try server.sandbox.failNext(.unreadableRequest)
            guard case .badRequest = try failureOfSending(to: server) else { return XCTFail("no bad request") }
            try server.send()
        }
    }

    func test_a_server_that_never_answers_times_out() throws {
        let server = try TestServer(options: ClientOptions(readTimeout: 0.2))
        try server.sandbox.failNext(.neverAnswer)
        let error = try XCTUnwrap(failureOfSending(to: server))
        guard case .timedOut("message/send", 1, let elapsed) = error else { return XCTFail("\(error)") }
        XCTAssertEqual(elapsed, 0.2, accuracy: 0.2)
        XCTAssertTrue(error.mayHaveExecuted)
    }

    func test_a_connection_that_ends_after_the_request_left_is_lost() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.closeAfterExecuting)
        let error = try XCTUnwrap(failureOfSending(to: server))
        guard case .connectionLost("message/send", 1, _) = error else { return XCTFail("\(error)") }
        XCTAssertTrue(error.mayHaveExecuted)
    }

    func test_a_page_of_html_is_an_invalid_response() throws {
        let error = try failureOfSending(onAnswer: "<html>502</html>", status: 502)
        guard case .invalidResponse("message/send", 502, _, "<html>502</html>", 1) = error else {
            return XCTFail("\(error)")
        }
        XCTAssertTrue(error.mayHaveExecuted)
    }

    /// What a caller is told of a panic. Its own words are not among it.
    private static let defect = MessageError.internalError(
        reason: "this is a defect of the library, which says more on standard error")

    func test_a_panic_is_a_defect_that_says_so_and_the_client_works_on() throws {
        let server = try TestServer()
        let uid = try server.send().messageUid
        let error = panicInACall(of: server, messageUid: uid)
        XCTAssertEqual(error, Self.defect)
        XCTAssertEqual(
            error?.description,
            "the native library failed: this is a defect of the library, which says more on standard error; the server "
                + "may have executed the call")
        XCTAssertEqual(error?.mayHaveExecuted, true)
        XCTAssertEqual(try server.client.getMessage(messageUid: uid).messageUid, uid)
    }

    func test_a_panic_of_a_call_that_took_many_slices_is_one_too() throws {
        let server = try TestServer()
        let uid = try server.send().messageUid
        try server.sandbox.failNext(.delayAfterExecuting, delay: 0.3)
        let call = WatchedCall { panicInACall(of: server, messageUid: uid) }
        XCTAssertEqual(try call.outcome(within: 10).get(), Self.defect)
        try server.send()
    }

    func test_a_panic_leaves_the_calls_of_other_threads_alone() throws {
        let server = try TestServer()
        let uid = try server.send().messageUid
        let others = (0..<8).map { _ in
            WatchedCall.inThread { try (0..<50).map { try server.send("\($0)").messageUid } }
        }
        let panics = WatchedCall.inThread { (0..<50).map { _ in panicInACall(of: server, messageUid: uid) } }
        XCTAssertEqual(try panics.outcome(within: 30).get(), Array(repeating: Self.defect, count: 50))
        for other in others { XCTAssertEqual(try other.outcome(within: 30).get().count, 50) }
        XCTAssertEqual(try server.sandbox.messageUids().count, 401)
    }

    func test_every_way_to_print_an_error_gives_the_same_sentence() {
        for error in Self.oneOfEach {
            let sentence = error.description
            XCTAssertFalse(sentence.isEmpty)
            XCTAssertEqual("\(error)", sentence)
            XCTAssertEqual(String(reflecting: error), sentence)
            XCTAssertEqual(error.localizedDescription, sentence)
            XCTAssertEqual(error.errorDescription, sentence)
            XCTAssertEqual((error as any Error).localizedDescription, sentence)
        }
    }

    func test_an_error_survives_the_way_to_the_native_library_and_back() throws {
        for error in Self.oneOfEach.dropLast() {
            XCTAssertEqual(MessageError(try XCTUnwrap(error.native)), error)
        }
    }

    func test_a_call_that_goes_on_never_looks_like_an_outcome() {
        guard case .internalError = MessageError(NativeMessageError.Pending(ticket: 1)) else {
            return XCTFail("a pending call became an error of its own")
        }
    }

    func test_durations_that_could_not_cross_are_refused() {
        for seconds in [-1, -0.001, .nan, .infinity, -.infinity, 1e18, .greatestFiniteMagnitude] {
            for option in Self.durations {
                var options = ClientOptions()
                options[keyPath: option] = seconds
                let error = failure(
                    of: try MessageClient(baseUrl: "http://localhost", secret: "s", options: options))
                guard case .invalidArgument(let argument, _) = error else { return XCTFail("\(seconds) is taken") }
                XCTAssertTrue(argument.hasPrefix("options."))
            }
        }
    }

    private static let durations: [WritableKeyPath<ClientOptions, TimeInterval?> & Sendable] = [
        \.connectTimeout, \.readTimeout, \.totalTimeout, \.retryPause, \.retryPauseMax, \.poolIdleTimeout,
        \.poolMaxAge,
    ]

    func test_no_pause_at_all_is_taken() throws {
        try TestServer(options: ClientOptions(retryPause: 0, retryPauseMax: 0)).send()
    }

    func test_a_call_is_tried_at_least_once() {
        let options = ClientOptions(maxAttempts: 0)
        let error = failure(of: try MessageClient(baseUrl: "http://localhost", secret: "s", options: options))
        XCTAssertEqual(error?.description, "invalid argument options.max_attempts: 0 is below 1")
    }

    func test_the_longest_duration_is_taken() throws {
        let longest = ClientOptions(
            connectTimeout: 1e9, readTimeout: 1e9, totalTimeout: 1e9, retryPause: 1e9, retryPauseMax: 1e9,
            poolIdleTimeout: 1e9, poolMaxAge: 1e9)
        try TestServer(options: longest).send()
    }

    func test_a_bad_option_is_named() {
        let options = ClientOptions(readTimeout: -2)
        let error = failure(of: try MessageClient(baseUrl: "http://localhost", secret: "s", options: options))
        XCTAssertEqual(
            error?.description,
            "invalid argument options.read_timeout: -2.0 s is out of range: it must be from 0 to 1000000000 s")
    }

    /// One of each case, `internalError` last.
    private static let oneOfEach: [MessageError] = [
        .invalidArgument(argument: "sender", reason: "it is empty"),
        .unreachable(endpoint: "message/send", attempts: 1, reason: "connection refused"),
        .rateLimited(endpoint: "message/send", attempts: 2, msg: "over frequency"),
        .unauthorized(endpoint: "message/send", code: 243, msg: "sign expired", attempts: 3, clockOffset: -7_500_000),
        .rejected(endpoint: "message/send", code: 253, msg: "not exist", attempts: 4),
        .notSupported(endpoint: "message/update", attempts: 5),
        .badRequest(endpoint: "message/send", status: 500, body: "no JSON", attempts: 6),
        .timedOut(endpoint: "message/send", attempts: 7, elapsed: 15),
        .connectionLost(endpoint: "message/send", attempts: 8, reason: "reset"),
        .invalidResponse(endpoint: "message/send", status: 200, reason: "cut JSON", body: "{", attempts: 9),
        .interrupted(endpoint: "message/send", sent: true, attempts: 10),
        .streamFailed(
            endpoint: "message/send", reason: "message/send: the text was cancelled", code: 0, characters: 9, shown: 3,
            isMarked: true, mayBeFinished: false),
        .internalError(reason: "index out of bounds"),
    ]

    private func failureOfSending(to server: TestServer) throws -> MessageError? {
        failure(
            of: try server.client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi")))
    }

    private func failureOfSending(
        onAnswer body: String, status: Int32 = 200, marked: Bool = false
    ) throws -> MessageError {
        let server = try TestServer()
        try server.answerNext(body, status: status, marked: marked)
        return try XCTUnwrap(failureOfSending(to: server))
    }
}

/// The error of a call if the library panics while it reads the answer.
private func panicInACall(of server: TestServer, messageUid: Int64) -> MessageError? {
    failure(of: try server.client.core.call(\.done, of: "panic") { try $0.panicInACall(messageUid: messageUid) })
}
