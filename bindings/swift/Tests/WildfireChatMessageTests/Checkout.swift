import Foundation

/// The checkout in which this file was compiled; its cases are the same for every language.
enum Checkout {
    /// Every entry of every JSON file of a folder, in the order of the files' names, with long texts written out.
    static func entries(of folder: String) throws -> [JSON] {
        try FileManager.default.contentsOfDirectory(at: find(folder), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .flatMap { file in
                try JSONDecoder().decode([JSON].self, from: Data(contentsOf: file)).map { try $0.withLongTexts() }
            }
    }

    /// What lies at this path below one of the folders above this file.
    static func find(_ path: String) throws -> URL {
        var folder = URL(fileURLWithPath: #filePath)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let found = folder.appendingPathComponent(path)
            if FileManager.default.fileExists(atPath: found.path) { return found }
        }
        throw Unreadable("there is no \(path) in any folder above \(#filePath)")
    }
}
