import Foundation
import WildfireChatMessage
import XCTest

/// What docs/observing.md shows of the log is what the program beside it writes.
final class TranscriptTests: XCTestCase {
    func test_the_page_shows_what_the_program_writes() throws {
        let page = try String(contentsOf: Checkout.find("docs/observing.md"), encoding: .utf8)
        let section = try XCTUnwrap(page.components(separatedBy: "\n#### In Swift\n").last)
        let parts = section.components(separatedBy: "\n#")[0].components(separatedBy: "\n```")
        let shown = stride(from: 1, to: parts.count, by: 2).map { parts[$0].drop { $0 != "\n" } }
        let program = try Checkout.find("bindings/swift/Tests/WildfireChatMessageTests/Transcript.swift")
        XCTAssertEqual(trimmed(shown[0]), trimmed(Substring(try String(contentsOf: program, encoding: .utf8))))
        for (level, text) in zip([.info, .debug] as [MessageLogLevel], shown.dropFirst()) {
            let lines = Collected<String>()
            try transcript(level) { lines.add($0) }
            XCTAssertEqual(withoutTimes(lines.all.joined(separator: "\n")), withoutTimes(trimmed(text)))
        }
    }

    private func trimmed(_ text: Substring) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func withoutTimes(_ text: String) -> String {
        text.replacingOccurrences(of: #"\d+\.\d+ s"#, with: "0 s", options: .regularExpression)
    }
}
