import Foundation

/// Something that several threads use until one of them lets it go.
///
/// The one place where the compiler takes our word that sharing is safe: every access holds the lock. (`Mutex`, which
/// it could check, is newer than the platforms that the package is for.)
final class Closable<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var held: Value?

    init(_ value: Value) {
        held = value
    }

    /// What is held; nil once it was let go.
    var value: Value? {
        lock.lock()
        defer { lock.unlock() }
        return held
    }

    /// Lets go of it. Who is using it at the moment keeps it until then.
    func close() {
        lock.lock()
        let last = held
        held = nil
        lock.unlock()
        // Its end comes outside of the lock: others need not wait for that.
        withExtendedLifetime(last) {}
    }
}
