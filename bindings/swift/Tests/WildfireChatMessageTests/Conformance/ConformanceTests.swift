import XCTest

final class ConformanceTests: XCTestCase {
    func test_every_case_holds() throws {
        let played = try play(with: Player())
        print("conformance: \(played) cases played")
    }

    /// With the shortest slices every call is left and taken up again, so that every kind of answer comes that way.
    func test_every_case_holds_for_calls_that_take_many_slices() throws {
        try play(with: Player(slice: 0.000_001))
    }

    @discardableResult
    private func play(with player: Player) throws -> Int {
        let cases = try Case.all()
        for next in cases {
            let found = try player.play(next)
            XCTAssert(found.isEmpty, "\(next.name):\n    \(found.joined(separator: "\n    "))")
        }
        XCTAssertGreaterThanOrEqual(cases.count, 80)
        return cases.count
    }

    func test_a_key_that_nobody_knows_is_no_case() throws {
        let known = #"{"name": "n", "method": "new", "options": {"max_attempts": 2}, "times": 1, "result": null}"#
        XCTAssertNoThrow(try read(known))
        for (key, misspelt) in [("times", "tmies"), ("max_attempts", "attempts"), ("result", "results")] {
            XCTAssertThrowsError(try read(known.replacingOccurrences(of: key, with: misspelt)), misspelt)
        }
    }

    func test_a_fault_that_nobody_knows_is_no_case() throws {
        func named(_ fault: String) throws {
            _ = try read(#"{"name": "n", "method": "new", "fault": "\#(fault)", "result": null}"#)
        }
        XCTAssertNoThrow(try named("server_timeout_after_executing"))
        XCTAssertThrowsError(try named("server_timeout_before_executing"))
    }

    private func read(_ text: String) throws -> Case {
        try Case(of: JSONDecoder().decode(JSON.self, from: Data(text.utf8)))
    }

    func test_integers_of_64_bits_are_read_whole() throws {
        let text = "[588582842607370241, 9223372036854775807, -9223372036854775808, 1, true]"
        let numbers = try JSONDecoder().decode([JSON].self, from: Data(text.utf8))
        XCTAssertEqual(
            numbers,
            [.integer(588_582_842_607_370_241), .integer(.max), .integer(.min), .integer(1), .bool(true)])
    }

    func test_texts_are_compared_byte_by_byte() {
        XCTAssertNotEqual(JSON.text("e\u{301}"), JSON.text("\u{e9}"))
    }
}
