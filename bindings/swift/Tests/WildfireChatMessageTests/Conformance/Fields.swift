import Foundation

/// Something in a case that this player cannot read.
struct Unreadable: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// An object's fields, taken out one by one; a field that is left at the end is one nobody knows.
struct Fields {
    private var rest: [String: JSON]
    private let owner: String

    init(of value: JSON, _ owner: String) throws {
        guard case .object(let fields) = value else { throw Unreadable("\(owner) is no object") }
        rest = fields
        self.owner = owner
    }

    mutating func end() throws {
        if let unknown = rest.keys.min() { throw Unreadable("\(owner) has an unknown field \(unknown)") }
    }

    /// The names of the fields that are left.
    var names: [String] { rest.keys.sorted() }

    mutating func valueIfGiven(_ name: String) -> JSON? {
        rest.removeValue(forKey: name)
    }

    mutating func value(_ name: String) throws -> JSON {
        guard let value = valueIfGiven(name) else { throw Unreadable("\(owner) has no \(name)") }
        return value
    }

    mutating func text(_ name: String) throws -> String {
        guard let text = try textIfGiven(name) else { throw Unreadable("\(owner) has no \(name)") }
        return text
    }

    mutating func textIfGiven(_ name: String) throws -> String? {
        try take(name, "text") { if case .text(let text) = $0 { text } else { nil } }
    }

    mutating func integer(_ name: String) throws -> Int64 {
        guard let integer = try integerIfGiven(name) else { throw Unreadable("\(owner) has no \(name)") }
        return integer
    }

    mutating func integerIfGiven(_ name: String) throws -> Int64? {
        try take(name, "integer") { if case .integer(let integer) = $0 { integer } else { nil } }
    }

    mutating func smallIntegerIfGiven(_ name: String) throws -> Int32? {
        try take(name, "integer of 32 bits") {
            if case .integer(let integer) = $0 { Int32(exactly: integer) } else { nil }
        }
    }

    mutating func numberIfGiven(_ name: String) throws -> Double? {
        try take(name, "number") {
            switch $0 {
            case .integer(let integer): Double(exactly: integer)
            case .number(let number): number
            default: nil
            }
        }
    }

    mutating func boolIfGiven(_ name: String) throws -> Bool? {
        try take(name, "bool") { if case .bool(let bool) = $0 { bool } else { nil } }
    }

    mutating func texts(_ name: String) throws -> [String] {
        guard let texts = try textsIfGiven(name) else { throw Unreadable("\(owner) has no \(name)") }
        return texts
    }

    mutating func textsIfGiven(_ name: String) throws -> [String]? {
        try listIfGiven(name)?.map {
            guard case .text(let text) = $0 else { throw Unreadable("\(owner).\(name) is no list of texts") }
            return text
        }
    }

    mutating func listIfGiven(_ name: String) throws -> [JSON]? {
        try take(name, "list") { if case .list(let list) = $0 { list } else { nil } }
    }

    mutating func bytesIfGiven(_ name: String) throws -> Data? {
        try take(name, "base64") { if case .text(let text) = $0 { Data(base64Encoded: text) } else { nil } }
    }

    /// A null is a field that was not given; the cases write one where an optional argument is nil.
    private mutating func take<Value>(_ name: String, _ kind: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let value = rest.removeValue(forKey: name), value != .null else { return nil }
        guard let read = read(value) else { throw Unreadable("\(owner).\(name) is no \(kind)") }
        return read
    }
}
