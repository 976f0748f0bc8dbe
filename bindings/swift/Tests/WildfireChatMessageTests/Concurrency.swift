import Foundation

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

/// A call in a task of its own, watched from outside with a clock: a call that hangs fails its test and not the run.
struct WatchedCall<Value: Sendable> {
    struct TooSlow: Error {
        let what: String
    }

    private let outcomes = Collected<Result<Value, any Error>>()
    private let done = DispatchSemaphore(value: 0)
    private let task: Task<Void, Never>

    init(_ call: @escaping @Sendable () throws -> Value) {
        task = Task.detached { [outcomes, done] in
            outcomes.add(Result { try call() })
            done.signal()
        }
    }

    func cancel() {
        task.cancel()
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
