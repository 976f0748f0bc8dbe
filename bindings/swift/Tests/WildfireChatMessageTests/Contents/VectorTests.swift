import WildfireChatMessage
import XCTest

final class VectorTests: XCTestCase {
    func test_every_vector_holds_in_both_directions() throws {
        let vectors = try Vector.all()
        for vector in vectors {
            try assertIsWritten(vector)
            try assertIsRead(vector)
        }
        XCTAssertGreaterThanOrEqual(vectors.count, 100)
        print("contents: \(vectors.count) vectors played")
    }

    func test_every_content_is_written_by_at_least_three_vectors() throws {
        let written = try Vector.all().filter { $0.payload != nil }.compactMap(\.content?.record)
        let counts = Dictionary(grouping: written) { $0 }.mapValues(\.count)
        XCTAssertEqual(counts.count, 25)
        for (record, count) in counts {
            XCTAssertGreaterThanOrEqual(count, 3, record)
        }
    }

    func test_what_differs_in_bytes_only_is_told_apart() {
        let (one, other) = (TextContent("e\u{301}"), TextContent("\u{e9}"))
        XCTAssertEqual(one, other, "Swift takes them for equal; the wire does not")
        XCTAssertFalse(areAlike(one, other))
        XCTAssertTrue(areAlike(one, one))
    }

    private func assertIsWritten(_ vector: Vector) throws {
        guard let content = vector.content else { return }
        let contents: [any Content] = [content.written, content.any]
        for content in contents {
            do {
                let payload = try content.toPayload(extras: vector.extras)
                guard let expected = vector.payload else { return XCTFail("\(vector.name): gives \(payload)") }
                XCTAssert(areAlike(payload, expected), "\(vector.name):\n    gives \(payload)\n    not   \(expected)")
            } catch {
                XCTAssertEqual(error, vector.error, vector.name)
            }
        }
    }

    private func assertIsRead(_ vector: Vector) throws {
        guard let payload = vector.payload, let expected = vector.read else { return }
        let message = Message(messageUid: 1, sender: "u1", conversation: .single("u2"), payload: payload)
        for content in [try decodeContent(payload), try message.decodeContent()] {
            XCTAssert(areAlike(content, expected), "\(vector.name):\n    gives \(content)\n    not   \(expected)")
        }
        let extras = try contentExtras(payload)
        XCTAssert(areAlike(extras, vector.extras ?? ContentExtras()), "\(vector.name): \(extras)")
    }

    /// Whether they are equal, and their texts byte by byte.
    private func areAlike<Value: Equatable>(_ one: Value, _ other: Value) -> Bool {
        one == other && "\(one)".utf8.elementsEqual("\(other)".utf8)
    }
}
