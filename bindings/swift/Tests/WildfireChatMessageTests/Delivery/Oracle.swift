import Foundation
import WildfireChatMessage

/// Holds what callers were told against what the server did: many calls from 8 threads over one client, each with a
/// text of its own, while the sandbox fails by chance.
final class Oracle: Sendable {
    /// What the caller of one call was told.
    private enum Told {
        case succeeded
        case notExecuted
        case unknown
    }

    private static let threads = 8

    let name: String
    private let sandbox: Sandbox
    private let client: MessageClient
    private let calls = Collected<(text: String, told: Told)>()

    init(_ name: String, faults: [Fault], delay: TimeInterval, seed: Int64) throws {
        self.name = name
        sandbox = try Sandbox(secret: "s", rateLimit: 0)
        // Short, so that faults which take time take little. Where a healthy call takes longer, its outcome is unknown,
        // which is true.
        let options = ClientOptions(
            readTimeout: 0.15, totalTimeout: 0.6, retryPause: 0.001, maxResponseBytes: 64 * 1024)
        client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "s", options: options)
        try sandbox.failRandomly(faults, probability: 0.5, seed: seed, delay: delay)
    }

    typealias Send = @Sendable (_ client: MessageClient, _ text: String) throws -> Void

    /// The way of a caller who takes the library's word.
    static let sendOnce: Send = { client, text in
        try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text(text))
    }

    /// Makes the calls and notes what each was told. False where they do not end.
    func makeCalls(_ count: Int, within seconds: TimeInterval, send: @escaping Send = Oracle.sendOnce) -> Bool {
        let threads = DispatchGroup()
        for first in 0..<Self.threads {
            threads.enter()
            inThread { [self] in
                for number in stride(from: first, to: count, by: Self.threads) {
                    let text = "\(name) \(number)"
                    do {
                        try send(client, text)
                        calls.add((text, .succeeded))
                    } catch {
                        let mayHaveExecuted = (error as? MessageError)?.mayHaveExecuted ?? true
                        calls.add((text, mayHaveExecuted ? .unknown : .notExecuted))
                    }
                }
                threads.leave()
            }
        }
        return threads.wait(timeout: .now() + seconds) == .success
    }

    /// What became of them, once nothing is under way any more.
    func judge() throws -> Judgement {
        var judgement = Judgement(name: name)
        judgement.faults = try sandbox.requests().filter { $0.fault != nil }.count
        for (text, told) in calls.all {
            let executed = try sandbox.messagesWithText(text).count
            judgement.calls += 1
            let allowed: ClosedRange<Int>
            switch told {
            case .succeeded:
                judgement.succeeded += 1
                allowed = 1...1
            case .notExecuted:
                judgement.notExecuted += 1
                allowed = 0...0
            case .unknown:
                judgement.unknown += 1
                judgement.executedOfUnknown += min(executed, 1)
                allowed = 0...1
            }
            if !allowed.contains(executed) {
                judgement.violations.append("\(text): \(told), and executed \(executed) times")
            }
        }
        return judgement
    }
}

/// One row of the oracle's table.
struct Judgement {
    var name: String
    /// How many of the newest requests met a fault.
    var faults = 0
    var calls = 0
    var succeeded = 0
    var notExecuted = 0
    var unknown = 0
    var executedOfUnknown = 0
    var violations: [String] = []

    static func + (one: Judgement, other: Judgement) -> Judgement {
        Judgement(
            name: one.name, faults: one.faults + other.faults, calls: one.calls + other.calls,
            succeeded: one.succeeded + other.succeeded, notExecuted: one.notExecuted + other.notExecuted,
            unknown: one.unknown + other.unknown,
            executedOfUnknown: one.executedOfUnknown + other.executedOfUnknown,
            violations: one.violations + other.violations)
    }

    static let head = row(
        "fault", ["calls", "succeeded", "not executed", "unknown", "executed of those", "violations"])

    var row: String {
        Self.row(name, [calls, succeeded, notExecuted, unknown, executedOfUnknown, violations.count].map { "\($0)" })
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        let widths = [7, 11, 14, 9, 19, 12]
        let padded = zip(cells, widths).map { cell, width in
            String(repeating: " ", count: max(1, width - cell.count)) + cell
        }
        return name.padding(toLength: 31, withPad: " ", startingAt: 0) + padded.joined()
    }
}
