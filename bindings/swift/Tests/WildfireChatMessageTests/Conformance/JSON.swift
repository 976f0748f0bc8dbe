import Foundation

/// A JSON value that keeps integers of 64 bits whole and compares texts byte by byte.
enum JSON {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSON].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }
}

extension JSON: Equatable {
    static func == (left: JSON, right: JSON) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        // Swift takes "é" and "e" with an accent for equal; the wire does not.
        case (.text(let left), .text(let right)): left.utf8.elementsEqual(right.utf8)
        case (.list(let left), .list(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }
}

extension JSON {
    /// The same with every long text written out: `{"before": "x", "repeat": "ab", "times": 2}` is `"xabab"`.
    func withLongTexts() throws -> JSON {
        switch self {
        case .list(let values):
            return .list(try values.map { try $0.withLongTexts() })
        case .object(let values) where values["repeat"] != nil:
            var fields = try Fields(of: self, "a long text")
            let before = try fields.textIfGiven("before") ?? ""
            let middle = String(repeating: try fields.text("repeat"), count: Int(try fields.integer("times")))
            let after = try fields.textIfGiven("after") ?? ""
            try fields.end()
            return .text(before + middle + after)
        case .object(let values):
            return .object(try values.mapValues { try $0.withLongTexts() })
        default:
            return self
        }
    }
}
