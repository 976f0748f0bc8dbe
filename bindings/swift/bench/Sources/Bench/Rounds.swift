import Foundation

/// One round of one contestant; times in nanoseconds.
struct Round {
    let calls: Int
    let elapsed: UInt64
    let cpu: UInt64
    /// Of each call, where they are timed singly.
    let times: [UInt64]
}

/// Who takes part in a workload.
struct Contestant {
    let name: String
    let version: String
    let round: () throws -> Round
}

/// A moment, by the clock and by what the process has worked so far.
struct Stopwatch {
    private let begun = DispatchTime.now().uptimeNanoseconds
    private let cpu = Stopwatch.cpuTime()

    func stop(calls: Int, times: [UInt64]) -> Round {
        Round(
            calls: calls, elapsed: DispatchTime.now().uptimeNanoseconds - begun, cpu: Stopwatch.cpuTime() - cpu,
            times: times)
    }

    /// Of all threads together.
    private static func cpuTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Calls on so many threads until the time is over; one means the calling thread.
func onThreads(_ count: Int, for seconds: TimeInterval, _ call: @escaping @Sendable () throws -> Void) throws -> Round {
    let stopwatch = Stopwatch()
    if count == 1 {
        let times = try sequentially(for: seconds, call)
        return stopwatch.stop(calls: times.count, times: times)
    }
    let results = Results()
    let threads = DispatchGroup()
    for _ in 0..<count {
        threads.enter()
        Thread.detachNewThread {
            results.add(Result { try sequentially(for: seconds, call) })
            threads.leave()
        }
    }
    threads.wait()
    let times = try results.all.flatMap { try $0.get() }
    return stopwatch.stop(calls: times.count, times: times)
}

/// The same without the time of each call: over many minutes a list of these would grow itself.
func untimedOnThreads(
    _ count: Int, for seconds: TimeInterval, _ call: @escaping @Sendable () throws -> Void
) throws -> Round {
    let stopwatch = Stopwatch()
    let results = Results()
    let threads = DispatchGroup()
    for _ in 0..<count {
        threads.enter()
        Thread.detachNewThread {
            results.add(Result { [try counted(for: seconds, call)] })
            threads.leave()
        }
    }
    threads.wait()
    let calls = try results.all.flatMap { try $0.get() }.reduce(0, +)
    return stopwatch.stop(calls: Int(calls), times: [])
}

private func counted(for seconds: TimeInterval, _ call: () throws -> Void) throws -> UInt64 {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
    var calls: UInt64 = 0
    while DispatchTime.now().uptimeNanoseconds < end {
        try call()
        calls += 1
    }
    return calls
}

private func sequentially(for seconds: TimeInterval, _ call: () throws -> Void) throws -> [UInt64] {
    let end = DispatchTime.now().uptimeNanoseconds + UInt64(seconds * 1e9)
    var times: [UInt64] = []
    times.reserveCapacity(64 * 1024)
    var last = DispatchTime.now().uptimeNanoseconds
    while last < end {
        try call()
        let now = DispatchTime.now().uptimeNanoseconds
        times.append(now - last)
        last = now
    }
    return times
}

/// What the threads have measured: times, or a count.
private final class Results: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Result<[UInt64], any Error>] = []

    func add(_ result: Result<[UInt64], any Error>) {
        lock.lock()
        defer { lock.unlock() }
        results.append(result)
    }

    var all: [Result<[UInt64], any Error>] {
        lock.lock()
        defer { lock.unlock() }
        return results
    }
}

/// A figure of one contestant: medians over its rounds.
struct Figure: Encodable {
    let language = "swift"
    let workload: String
    let contestant: String
    let version: String
    let callsPerSecond: Double
    /// Processor time of this process, in microseconds a call.
    let cpuUs: Double
    /// Half of the calls, and all but one in a hundred, took no longer; in microseconds. 0 where calls are not timed.
    let p50Us: Double
    let p99Us: Double

    init(workload: String, contestant: Contestant, rounds: [Round]) {
        self.workload = workload
        self.contestant = contestant.name
        version = contestant.version
        callsPerSecond = median(rounds.map { Double($0.calls) * 1e9 / Double($0.elapsed) })
        cpuUs = median(rounds.map { Double($0.cpu) / 1e3 / Double($0.calls) })
        let sorted = rounds.map { $0.times.sorted() }
        p50Us = median(sorted.map { quantile($0, 0.5) })
        p99Us = median(sorted.map { quantile($0, 0.99) })
    }

    func print() throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Swift.print(String(decoding: try encoder.encode(self), as: UTF8.self))
        fflush(nil)
    }
}

private func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
}

/// Of times that are sorted, in microseconds.
private func quantile(_ times: [UInt64], _ share: Double) -> Double {
    let at = Int(Double(times.count) * share)
    return at < times.count ? Double(times[at]) / 1e3 : 0
}
