import Foundation
import XCTest

@testable import WildfireChatMessage

/// A task is cancelled at one of some hundred moments of a call: what comes out is what the server counted, and nothing
/// goes out afterwards.
final class CancellationMomentTests: XCTestCase {
    private static let moments = 300

    func test_whenever_a_call_is_cancelled_it_says_what_became_of_it() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.delayAfterExecuting, times: 1_000, delay: 0.02)
        // It looks for the cancellation so often that a short call waits several times.
        let client = try MessageClient(
            baseUrl: server.sandbox.baseUrl, secret: TestServer.secret, options: nil, slice: 0.003)
        var counts = (sent: 0, unknown: 0, not: 0)
        for moment in 0..<Self.moments {
            let text = "message \(moment)"
            let call = WatchedCall {
                try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text(text))
            }
            Thread.sleep(forTimeInterval: 0.03 * Double(moment) / Double(Self.moments))
            call.cancel()
            let outcome = try call.outcome(within: 5)
            let executed = try server.sandbox.messagesWithText(text)
            switch outcome {
            case .success(let sent):
                XCTAssertEqual(executed, [sent.messageUid], text)
                counts.sent += 1
            case .failure(let error as MessageError):
                guard case .interrupted("message/send", let hasLeft, _) = error else {
                    XCTFail("\(text): \(error)")
                    continue
                }
                if !hasLeft { XCTAssertEqual(executed, [], text) }
                if hasLeft { counts.unknown += 1 } else { counts.not += 1 }
            case .failure(let error):
                XCTFail("\(text): \(error)")
            }
        }
        XCTAssertGreaterThan(counts.unknown, 20)
        XCTAssertGreaterThan(counts.sent, 5)
        try assertNothingFollows(server)
    }

    func test_whenever_a_bulk_is_cancelled_each_message_has_its_true_outcome() throws {
        let server = try TestServer()
        let client = server.client
        for moment in 0..<Self.moments {
            let texts = (0..<6).map { "message \(moment).\($0)" }
            let call = WatchedCall {
                try client.sendMessages(
                    requests: texts.map { SendRequest(sender: "a", conversation: .single("u1"), payload: .text($0)) })
            }
            Thread.sleep(forTimeInterval: 0.006 * Double(moment) / Double(Self.moments))
            call.cancel()
            let outcomes = try call.outcome(within: 5).get()
            XCTAssertEqual(outcomes.count, texts.count)
            try assertTrue(outcomes, of: texts, server)
        }
        try assertNothingFollows(server)
    }

    func test_what_the_closure_throws_comes_out_and_the_rest_is_told() throws {
        let server = try TestServer()
        for moment in 0..<100 {
            let texts = (0..<6).map { "message \(moment).\($0)" }
            var outcomes: [SendOutcome] = []
            var rest: [SendOutcome]?
            XCTAssertThrowsError(
                try server.client.sendEach(
                    requests: texts.lazy.map {
                        SendRequest(sender: "a", conversation: .single("u1"), payload: .text($0))
                    },
                    rest: { rest = $0 },
                    outcome: { outcome in
                        outcomes.append(outcome)
                        if outcomes.count > moment % 6 { throw CancellationError() }
                    })
            ) { XCTAssert($0 is CancellationError, "\($0)") }
            outcomes += try XCTUnwrap(rest)
            try assertTrue(outcomes, of: texts, server)
        }
        try assertNothingFollows(server)
    }

    private func assertTrue(_ outcomes: [SendOutcome], of texts: [String], _ server: TestServer) throws {
        XCTAssertLessThanOrEqual(outcomes.count, texts.count)
        for (number, text) in texts.enumerated() {
            let executed = try server.sandbox.messagesWithText(text)
            guard number < outcomes.count else {
                XCTAssertEqual(executed, [], text)
                continue
            }
            switch outcomes[number] {
            case .success(let sent): XCTAssertEqual(executed, [sent.messageUid], text)
            case .failure(let error) where !error.mayHaveExecuted: XCTAssertEqual(executed, [], text)
            case .failure: break
            }
        }
    }

    private func assertNothingFollows(_ server: TestServer) throws {
        Thread.sleep(forTimeInterval: 0.2)
        let arrived = try server.sandbox.requests().count
        Thread.sleep(forTimeInterval: 0.3)
        XCTAssertEqual(try server.sandbox.requests().count, arrived)
    }
}
