import Foundation

/// A record that stands in a vector; what is left out there has the record's default.
protocol Form {
    init(of fields: inout Fields) throws
}

extension Form {
    init(of value: JSON) throws {
        var fields = try Fields(of: value, "\(Self.self)")
        try self.init(of: &fields)
        try fields.end()
    }
}

/// Each puts a field where it belongs; one that is left out leaves what is there.
extension Fields {
    mutating func put(_ name: String, in place: inout String) throws {
        if let text = try textIfGiven(name) { place = text }
    }

    mutating func put(_ name: String, in place: inout String?) throws {
        if let text = try textIfGiven(name) { place = text }
    }

    mutating func put(_ name: String, in place: inout Int32) throws {
        if let integer = try smallIntegerIfGiven(name) { place = integer }
    }

    mutating func put(_ name: String, in place: inout Int32?) throws {
        if let integer = try smallIntegerIfGiven(name) { place = integer }
    }

    mutating func put(_ name: String, in place: inout Int64) throws {
        if let integer = try integerIfGiven(name) { place = integer }
    }

    mutating func put(_ name: String, in place: inout Double) throws {
        if let number = try numberIfGiven(name) { place = number }
    }

    mutating func put(_ name: String, in place: inout Bool) throws {
        if let bool = try boolIfGiven(name) { place = bool }
    }

    mutating func put(_ name: String, in place: inout Data) throws {
        if let bytes = try bytesIfGiven(name) { place = bytes }
    }

    mutating func put(_ name: String, in place: inout Data?) throws {
        if let bytes = try bytesIfGiven(name) { place = bytes }
    }

    mutating func put(_ name: String, in place: inout [String]) throws {
        if let texts = try textsIfGiven(name) { place = texts }
    }

    mutating func put<Record: Form>(_ name: String, in place: inout Record) throws {
        if let value = valueIfGiven(name), value != .null { place = try Record(of: value) }
    }

    mutating func put<Record: Form>(_ name: String, in place: inout Record?) throws {
        if let value = valueIfGiven(name), value != .null { place = try Record(of: value) }
    }

    mutating func put<Record: Form>(_ name: String, in place: inout [Record]) throws {
        if let values = try listIfGiven(name) { place = try values.map { try Record(of: $0) } }
    }
}
