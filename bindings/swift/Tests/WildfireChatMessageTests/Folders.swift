import Foundation

extension URL {
    /// Removes a folder with what is in it. A database in it that nobody holds any more may be closing at this very
    /// moment, and then its own files go away under the removal: it is tried again until the folder is gone.
    func removedWhenClosed() throws {
        let manager = FileManager.default
        for _ in 0..<100 where manager.fileExists(atPath: path) {
            do {
                return try manager.removeItem(at: self)
            } catch CocoaError.fileNoSuchFile {
                usleep(10_000)
            }
        }
    }
}
