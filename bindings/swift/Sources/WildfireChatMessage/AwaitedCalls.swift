import Foundation

/// Calls that tasks await: the native library drives them on a thread of its own, and one thread here learns which have
/// finished. This thread exists while calls are under way.
///
/// The compiler takes our word that sharing is safe: every access to the state holds the lock.
final class AwaitedCalls: @unchecked Sendable {
    /// The state of a ticket: it has finished before a task awaited it, or a task awaits it.
    private enum Entry {
        case finished
        case awaited(CheckedContinuation<Void, Never>)
    }

    /// How long to wait for news at a time, in seconds, and after how many waits without news the thread ends.
    private static let patience: TimeInterval = 0.1
    private static let quiet = 10

    private let access: NativeAccess
    private let lock = NSLock()
    private var entries: [Int64: Entry] = [:]
    private var underWay = 0
    private var isListening = false

    init(_ access: NativeAccess) {
        self.access = access
    }

    /// Counts a task that awaits a call from now on. It must call `leave` afterwards.
    func enter() {
        let isFirst = lock.withLock {
            underWay += 1
            defer { isListening = true }
            return !isListening
        }
        if isFirst { Thread.detachNewThread { self.listen() } }
    }

    /// Uncounts a task that awaits nothing any more, and forgets its ticket.
    func leave(_ ticket: Int64? = nil) {
        lock.withLock {
            underWay -= 1
            if let ticket { entries[ticket] = nil }
            // News that arrived after their task had left.
            if underWay == 0 { entries = [:] }
        }
    }

    /// Awaits the next news of a ticket: the end of a call, or that many messages have news.
    func news(of ticket: Int64) async {
        await withCheckedContinuation { continuation in
            let hasFinished = lock.withLock {
                if case .finished = entries[ticket] {
                    entries[ticket] = nil
                    return true
                }
                entries[ticket] = .awaited(continuation)
                return false
            }
            if hasFinished { continuation.resume() }
        }
    }

    /// Wakes the task that awaits a ticket, because there is news.
    func tell(_ ticket: Int64) {
        let waiting: CheckedContinuation<Void, Never>? = lock.withLock {
            if case .awaited(let continuation) = entries[ticket] {
                entries[ticket] = nil
                return continuation
            }
            entries[ticket] = .finished
            return nil
        }
        waiting?.resume()
    }

    private func listen() {
        var quiet = 0
        while true {
            let tickets = (try? access.waitFinished(patience: Self.patience)) ?? Data()
            tickets.withUnsafeBytes { bytes in
                for at in stride(from: 0, to: bytes.count, by: 8) {
                    tell(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: Int64.self)))
                }
            }
            quiet = tickets.isEmpty ? quiet + 1 : 0
            if quiet >= Self.quiet && stopsListening() { return }
        }
    }

    private func stopsListening() -> Bool {
        lock.withLock {
            if underWay == 0 { isListening = false }
            return underWay == 0
        }
    }
}
