import Foundation

/// So many tasks, each with one call after the other until the time is over; the time of each call.
func inFlight(
    _ count: Int, for seconds: TimeInterval, _ call: @escaping @Sendable () async throws -> Void
) throws -> Round {
    let done = DispatchSemaphore(value: 0)
    let outcome = Outcome()
    let stopwatch = Stopwatch()
    Task {
        do {
            outcome.value = .success(try await timed(count, for: seconds, call))
        } catch {
            outcome.value = .failure(error)
        }
        done.signal()
    }
    done.wait()
    let times = try outcome.value.get()
    return stopwatch.stop(calls: times.count, times: times)
}

private func timed(
    _ count: Int, for seconds: TimeInterval, _ call: @escaping @Sendable () async throws -> Void
) async throws -> [UInt64] {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
    return try await withThrowingTaskGroup(of: [UInt64].self) { group in
        for _ in 0..<count {
            group.addTask {
                var times: [UInt64] = []
                var last = DispatchTime.now().uptimeNanoseconds
                while last < end {
                    try await call()
                    let now = DispatchTime.now().uptimeNanoseconds
                    times.append(now - last)
                    last = now
                }
                return times
            }
        }
        return try await group.reduce([], +)
    }
}

/// What the task leaves for the thread that waits for it.
private final class Outcome: @unchecked Sendable {
    var value: Result<[UInt64], any Error> = .success([])
}
