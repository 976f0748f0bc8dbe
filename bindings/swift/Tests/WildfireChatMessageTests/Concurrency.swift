import Foundation

@testable import WildfireChatMessage

/// Runs work in a thread of its own, and lets go of what it holds when it is done: Foundation does that only some time
/// later, at the thread's very end.
func inThread(_ work: @escaping @Sendable () -> Void) {
    let held = Closable(work)
    Thread.detachNewThread {
        held.value?()
        held.close()
    }
}

/// Values that several threads collect.
final class Collected<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Value] = []

    func add(_ value: Value) {
        lock.lock()
        defer { lock.unlock() }
        values.append(value)
    }

    var all: [Value] {
        lock.lock()
        defer { lock.unlock() }
        return values
    }
}

/// A call in a task or a thread of its own, watched from outside with a clock: a call that hangs fails its test and not
/// the run.
struct WatchedCall<Value: Sendable> {
    struct TooSlow: Error {
        let what: String
    }

    private let outcomes = Collected<Result<Value, any Error>>()
    private let done = DispatchSemaphore(value: 0)
    private var task: Task<Void, Never>?

    private init() {}

    init(_ call: @escaping @Sendable () throws -> Value) {
        task = Task.detached { [outcomes, done] in
            outcomes.add(Result { try call() })
            done.signal()
        }
    }

    /// In a thread, of which there may be more at once than there are processors. It cannot be cancelled.
    static func inThread(_ call: @escaping @Sendable () throws -> Value) -> WatchedCall {
        let watched = WatchedCall()
        WildfireChatMessageTests.inThread { [outcomes = watched.outcomes, done = watched.done] in
            outcomes.add(Result { try call() })
            done.signal()
        }
        return watched
    }

    func cancel() {
        task?.cancel()
    }

    func outcome(within seconds: TimeInterval) throws -> Result<Value, any Error> {
        guard done.wait(timeout: .now() + seconds) == .success, let outcome = outcomes.all.first else {
            throw TooSlow(what: "the call did not end within \(seconds) s")
        }
        return outcome
    }

    func waitUntil(_ what: String, _ isSo: () throws -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: 5)
        while try !isSo() {
            guard Date() < deadline else { throw TooSlow(what: "\(what): not within 5 s") }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }
}
