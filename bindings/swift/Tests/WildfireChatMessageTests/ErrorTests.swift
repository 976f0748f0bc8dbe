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

    func test_an_unknown_code_is_rejected_with_its_number() throws {
        let error = try failureOfSending(onAnswer: #"{"code":98765,"msg":"of tomorrow"}"#)
        XCTAssertEqual(error, .rejected(endpoint: "message/send", code: 98765, msg: "of tomorrow"))
        XCTAssertFalse(error.mayHaveExecuted)
    }

    func test_a_code_of_unknown_outcome_may_have_executed() throws {
        XCTAssertTrue(try failureOfSending(onAnswer: #"{"code":249,"msg":"timeout"}"#).mayHaveExecuted)
    }

    func test_http_500_without_a_text_is_not_supported() throws {
        XCTAssertEqual(try failureOfSending(onAnswer: "", status: 500), .notSupported(endpoint: "message/send"))
    }

    func test_http_500_with_a_text_is_a_bad_request() throws {
        XCTAssertEqual(
            try failureOfSending(onAnswer: "cannot be read", status: 500),
            .badRequest(endpoint: "message/send", status: 500, body: "cannot be read"))
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

    func test_a_failure_of_the_native_library_is_an_error_like_any_other() {
        struct Panic: LocalizedError {
            let errorDescription: String? = "index out of bounds"
        }
        let error = MessageError(Panic())
        XCTAssertEqual(error, .internalError(reason: "index out of bounds"))
        XCTAssertEqual(
            error.description,
            "the native library failed: index out of bounds; the server may have executed the call")
        XCTAssertTrue(error.mayHaveExecuted)
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
            for option in [\ClientOptions.connectTimeout, \.readTimeout, \.totalTimeout, \.poolIdleTimeout] {
                var options = ClientOptions()
                options[keyPath: option] = seconds
                let error = failure(
                    of: try MessageClient(baseUrl: "http://localhost", secret: "s", options: options))
                guard case .invalidArgument(let argument, _) = error else { return XCTFail("\(seconds) is taken") }
                XCTAssertTrue(argument.hasPrefix("options."))
            }
        }
    }

    func test_the_longest_duration_is_taken() throws {
        let longest = ClientOptions(
            connectTimeout: 1e9, readTimeout: 1e9, totalTimeout: 1e9, poolIdleTimeout: 1e9)
        try TestServer(options: longest).send()
    }

    func test_a_bad_option_is_named() {
        let options = ClientOptions(readTimeout: -2)
        let error = failure(of: try MessageClient(baseUrl: "http://localhost", secret: "s", options: options))
        XCTAssertEqual(
            error?.description,
            "invalid argument options.read_timeout: -2.0 s is not from 0 to 1000000000 s")
    }

    /// One of each case, `internalError` last.
    private static let oneOfEach: [MessageError] = [
        .invalidArgument(argument: "sender", reason: "it is empty"),
        .unreachable(endpoint: "message/send", attempts: 1, reason: "connection refused"),
        .rateLimited(endpoint: "message/send", attempts: 1, msg: "over frequency"),
        .unauthorized(endpoint: "message/send", code: 244, msg: "auth failure"),
        .rejected(endpoint: "message/send", code: 253, msg: "not exist"),
        .notSupported(endpoint: "message/update"),
        .badRequest(endpoint: "message/send", status: 500, body: "no JSON"),
        .timedOut(endpoint: "message/send", attempts: 1, elapsed: 15),
        .connectionLost(endpoint: "message/send", attempts: 1, reason: "reset"),
        .invalidResponse(endpoint: "message/send", status: 200, reason: "cut JSON", body: "{"),
        .interrupted(endpoint: "message/send", sent: true),
        .internalError(reason: "index out of bounds"),
    ]

    private func failureOfSending(to server: TestServer) throws -> MessageError? {
        failure(
            of: try server.client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi")))
    }

    private func failureOfSending(onAnswer body: String, status: Int32 = 200) throws -> MessageError {
        let server = try TestServer()
        try server.answerNext(body, status: status)
        return try XCTUnwrap(failureOfSending(to: server))
    }
}
