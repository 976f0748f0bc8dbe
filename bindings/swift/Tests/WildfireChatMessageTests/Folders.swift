import Foundation
import XCTest

extension URL {
    /// Removes a folder with what is in it. A database in it that nobody holds any more may be closing at this very
    /// moment, and then its own files go away under the removal, which is tried again.
    func removedWhenClosed() throws {
        for _ in 0..<100 {
            do {
                return try FileManager.default.removeItem(at: self)
            } catch CocoaError.fileNoSuchFile where FileManager.default.fileExists(atPath: path) {
                usleep(10_000)
            }
        }
        XCTFail("\(path) could not be removed")
    }
}
