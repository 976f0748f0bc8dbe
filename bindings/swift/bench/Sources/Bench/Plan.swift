import Foundation

/// What the command line asks for.
struct Plan {
    var url = ""
    var workloads: [String] = []
    var rounds = 5
    var seconds: TimeInterval = 1

    init(_ arguments: [String]) throws {
        guard let url = arguments.first else { throw Wrong(what: "the server's URL comes first") }
        self.url = url
        for at in stride(from: 1, to: arguments.count, by: 2) {
            guard at + 1 < arguments.count else { throw Wrong(what: "\(arguments[at]) needs a value") }
            let value = arguments[at + 1]
            switch (arguments[at], Int(value), TimeInterval(value)) {
            case ("--workloads", _, _): workloads = value.split(separator: ",").map(String.init)
            case ("--rounds", let number?, _): rounds = number
            case ("--seconds", _, let number?): seconds = number
            default: throw Wrong(what: "\(arguments[at]) \(value)")
            }
        }
    }
}

/// Why the measurement is worth nothing.
struct Wrong: Error, CustomStringConvertible {
    let what: String

    var description: String { what }
}

/// A call that did not do its work is no call.
func check(_ isSo: Bool, line: UInt = #line) throws {
    guard isSo else { throw Wrong(what: "line \(line): the answer is not the one that the server gives") }
}
