import Foundation

/// A value that several threads use until one of them closes it.
///
/// The one place where the compiler takes our word that sharing is safe: every access holds the lock. (`Mutex`, which
/// it could check, is newer than the platforms that the package is for.)
final class Closable<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var held: Value?

    init(_ value: Value) {
        held = value
    }

    /// The value; nil after it was closed.
    var value: Value? {
        lock.lock()
        defer { lock.unlock() }
        return held
    }

    /// Releases the value. Code that uses it at this moment keeps it until it has finished.
    func close() {
        lock.lock()
        let last = held
        held = nil
        lock.unlock()
        // The value is freed outside of the lock, so that other threads need not wait.
        withExtendedLifetime(last) {}
    }
}
