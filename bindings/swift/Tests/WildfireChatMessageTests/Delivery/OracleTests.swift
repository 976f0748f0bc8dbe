import WildfireChatMessage
import XCTest

/// Never twice, never lost in silence. `WILDFIRECHAT_ORACLE_CALLS` and `WILDFIRECHAT_ORACLE_SEED` ask for another run.
final class OracleTests: XCTestCase {
    /// How long the faults that hold up the request take: longer than the client waits, so that a call has failed when
    /// it is executed.
    private let late: TimeInterval = 0.2
    private let longest: TimeInterval = 120

    func test_what_a_call_tells_is_what_the_server_did() throws {
        let seed = Int64(setting("ORACLE_SEED", otherwise: 20_260_301))
        var oracles = try Fault.allCases.map { fault in
            try Oracle(fault.nameInCases, faults: [fault], delay: delay(of: fault), seed: seed)
        }
        // Attempts of one call that meet different faults.
        oracles.append(try Oracle("any of them", faults: Fault.allCases, delay: 0.02, seed: seed))
        let calls = setting("ORACLE_CALLS", otherwise: 600)
        let each = (calls + oracles.count - 1) / oracles.count
        for oracle in oracles {
            XCTAssertTrue(oracle.makeCalls(each, within: longest + Double(each) / 5), "\(oracle.name) hangs")
        }
        waitForLateExecutions()

        let judgements = try oracles.map { try $0.judge() }
        let all = judgements.reduce(Judgement(name: "together"), +)
        print("oracle: seed \(seed), 8 threads, one client and one sandbox a fault")
        for row in [Judgement.head] + judgements.map(\.row) + [all.row] { print("oracle: " + row) }
        XCTAssertEqual(all.violations, [])
        XCTAssertEqual(all.calls, each * oracles.count)
        for judgement in judgements { XCTAssertGreaterThan(judgement.faults, 0, "\(judgement.name) never struck") }
        // Every outcome was there to be judged.
        for count in [all.succeeded, all.notExecuted, all.executedOfUnknown, all.unknown - all.executedOfUnknown] {
            XCTAssertGreaterThan(count, 0)
        }
    }

    func test_a_caller_who_sends_again_after_a_lost_connection_is_found_out() throws {
        let oracle = try Oracle("careless", faults: [.closeAfterExecuting, .resetAfterExecuting], delay: late, seed: 1)
        let ended = oracle.makeCalls(64, within: longest) { client, text in
            for _ in 0..<4 {
                do {
                    return try Oracle.sendOnce(client, text)
                } catch MessageError.connectionLost {
                    continue
                }
            }
        }
        XCTAssertTrue(ended)
        waitForLateExecutions()
        let violations = try oracle.judge().violations
        XCTAssertFalse(violations.isEmpty)
        XCTAssertTrue(violations.allSatisfy { $0.contains("executed") }, "\(violations)")
    }

    private func delay(of fault: Fault) -> TimeInterval {
        switch fault {
        case .slowDrip: 0.005
        case .refuse, .tooManyRequests: 0.01
        default: late
        }
    }

    private func waitForLateExecutions() {
        Thread.sleep(forTimeInterval: late * 3)
    }
}
