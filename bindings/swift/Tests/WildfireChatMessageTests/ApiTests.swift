import Foundation
import XCTest

/// The public API as it is compiled, compared with the listings in git: `api.txt` and `api-docs.txt`.
final class ApiTests: XCTestCase {
    func test_the_signatures_are_those_of_the_listing() throws {
        try hold("api.txt", PublicSymbols.compiled().signatures())
    }

    func test_the_documentation_is_that_of_the_listing() throws {
        try hold("api-docs.txt", PublicSymbols.compiled().documentation())
    }

    /// What is sent one by one takes other sources, and gives the outcomes another way; a text from a sequence that may
    /// throw has an `onCancel` more, and one that is fed by hand is begun without waiting.
    func test_each_client_has_an_asynchronous_twin_with_the_same_methods() throws {
        let symbols = try PublicSymbols.compiled()
        for client in ["MessageClient", "RobotClient", "ChannelClient"] {
            let (called, awaited) = (symbols.methods(of: client), symbols.methods(of: "Async\(client)"))
            XCTAssertGreaterThan(called.count, 5, client)
            let twins = awaited.keys.map { $0.replacingOccurrences(of: "onCancel:", with: "") }
            XCTAssertEqual(Set(called.keys), Set(twins), client)
            for (name, declaration) in awaited {
                let isBegun = name.hasPrefix("streamText(") && !name.contains("pieces:")
                let isAsync = !isBegun && !["close()", "closeIdle()", "stats()", "sendEach"].contains(name)
                XCTAssertEqual(declaration.contains(") async throws"), isAsync, declaration)
            }
        }
    }

    func test_a_change_is_shown_with_what_it_belongs_to() {
        let before = "struct A\n    var x: Int\n    var y: Int\n\nstruct B\n    var z: Int\n"
        let after = before.replacingOccurrences(of: "y: Int", with: "y: Int64")
        XCTAssertEqual(difference(before, after), "struct A\n-    var y: Int\n+    var y: Int64")
        XCTAssertEqual(difference(before, "struct A\n    var x: Int\n    var y: Int\n"), "-struct B\n-    var z: Int")
    }

    /// Compares with a listing; with WILDFIRECHAT_API=write it writes the listing.
    private func hold(_ name: String, _ compiled: String) throws {
        let file = try Checkout.find("bindings/swift").appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["WILDFIRECHAT_API"] == "write" {
            try compiled.write(to: file, atomically: true, encoding: .utf8)
        }
        let listed = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        if listed != compiled {
            XCTFail(
                """
                the public API is not that of bindings/swift/\(name). Where this is meant, renew the listing by \
                `cargo xtask api swift`.
                \(beginning(of: difference(listed, compiled)))
                """)
        }
    }

    /// The lines that differ, each below the beginning of its paragraph: `-` for what is listed, `+` for what is there.
    private func difference(_ listed: String, _ compiled: String) -> String {
        let (before, after) = (paragraphs(listed), paragraphs(compiled))
        return Set(before.keys).union(after.keys).sorted()
            .filter { before[$0] != after[$0] }
            .flatMap { head -> [String] in
                let (old, new) = (before[head] ?? [], after[head] ?? [])
                let lines =
                    old.filter { !new.contains($0) }.map { "-\($0)" }
                    + new.filter { !old.contains($0) }.map { "+\($0)" }
                return old.isEmpty || new.isEmpty ? lines : [head] + lines
            }
            .joined(separator: "\n")
    }

    /// As much as somebody reads, indented so that the runner shows it.
    private func beginning(of text: String) -> String {
        let lines = text.split(separator: "\n").map { "  \($0)" }
        let rest = lines.count > 60 ? ["  … and \(lines.count - 60) lines more"] : []
        return (lines.prefix(60) + rest).joined(separator: "\n")
    }

    private func paragraphs(_ text: String) -> [String: [String]] {
        let paragraphs = text.components(separatedBy: "\n\n").map { paragraph in
            paragraph.split(separator: "\n").map(String.init)
        }
        return Dictionary(grouping: paragraphs.filter { !$0.isEmpty }) { $0[0] }.mapValues { $0.flatMap { $0 } }
    }
}
