import Foundation

@testable import WildfireChatMessage

/// One case, as tests/conformance/README.md tells.
struct Case {
    let name: String
    let method: String
    /// Whose client it is; the administrator's where nobody is named.
    let sender: Sender?
    let arguments: JSON
    let options: ClientOptions
    let baseUrl: String?
    let client: (baseUrl: String, secret: String)?
    let answer: ScriptedAnswer?
    let fault: Fault?
    /// How many requests meet the fault, or, without one, get the answer.
    let times: Int32
    let request: (path: String, body: String)?
    let expected: Expected

    enum Sender {
        case robot(String)
        case channel(String)
    }

    enum Expected {
        case result(JSON)
        case error(ExpectedError)
    }

    struct ExpectedError {
        let variant: String
        let fields: [String: JSON]
        let text: String?
        let textStartsWith: String?
        let mayHaveExecuted: Bool
    }
}

extension Case {
    /// Every case of every file, in the order of the files' names.
    static func all() throws -> [Case] {
        let folders = ["cases", "senders"].map { "tests/conformance/\($0)" }
        return try folders.flatMap { try Checkout.entries(of: $0) }.map { try Case(of: $0) }
    }

    init(of value: JSON) throws {
        var fields = try Fields(of: value, "a case")
        name = try fields.text("name")
        do {
            method = try fields.text("method")
            sender = try fields.valueIfGiven("sender").map { value in
                var sender = try Fields(of: value, "sender")
                let robot = try sender.textIfGiven("robot")
                let named = try robot.map { Sender.robot($0) } ?? .channel(sender.text("channel"))
                try sender.end()
                return named
            }
            arguments = fields.valueIfGiven("arguments") ?? .object([:])
            options = try fields.valueIfGiven("options").map { try ClientOptions(of: $0) } ?? ClientOptions()
            baseUrl = try fields.textIfGiven("base_url")
            client = try fields.valueIfGiven("client").map { value in
                var client = try Fields(of: value, "client")
                let both = (baseUrl: try client.text("base_url"), secret: try client.text("secret"))
                try client.end()
                return both
            }
            answer = try fields.valueIfGiven("answer").map { try ScriptedAnswer(of: $0) }
            fault = try fields.textIfGiven("fault").map { try Fault(named: $0) }
            times = try fields.smallIntegerIfGiven("times") ?? 1
            request = try fields.valueIfGiven("request").map { value in
                var request = try Fields(of: value, "request")
                let both = (path: try request.text("path"), body: try request.text("body"))
                try request.end()
                return both
            }
            switch (fields.valueIfGiven("result"), fields.valueIfGiven("error")) {
            case (let result?, nil): expected = .result(result)
            case (nil, let error?): expected = .error(try ExpectedError(of: error))
            default: throw Unreadable("it has either a result or an error")
            }
            try fields.end()
        } catch {
            throw Unreadable("\(name): \(error)")
        }
    }
}

extension Case.ExpectedError {
    fileprivate init(of value: JSON) throws {
        var error = try Fields(of: value, "error")
        variant = try error.text("variant")
        guard case .object(let fields) = try error.value("fields") else { throw Unreadable("fields is no object") }
        self.fields = fields
        text = try error.textIfGiven("text")
        textStartsWith = try error.textIfGiven("text_starts_with")
        if (text == nil) == (textStartsWith == nil) {
            throw Unreadable("an error has either text or text_starts_with")
        }
        guard let mayHaveExecuted = try error.boolIfGiven("may_have_executed") else {
            throw Unreadable("error has no may_have_executed")
        }
        self.mayHaveExecuted = mayHaveExecuted
        try error.end()
    }
}

extension ScriptedAnswer {
    fileprivate init(of value: JSON) throws {
        var answer = try Fields(of: value, "answer")
        self.init()
        if let status = try answer.smallIntegerIfGiven("status") { self.status = status }
        headers = try (answer.listIfGiven("headers") ?? []).map { header in
            guard case .list(let both) = header, both.count == 2, case .text(let name) = both[0],
                case .text(let value) = both[1]
            else { throw Unreadable("a header is a list of name and value") }
            return Header(name: name, value: value)
        }
        body = Data(try answer.text("body").utf8)
        try answer.end()
    }
}

extension Fault {
    /// Its name in the cases: `closeInAnswer` is `close_in_answer`.
    var nameInCases: String {
        "\(self)".map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined()
    }

    fileprivate init(named name: String) throws {
        guard let fault = Fault.allCases.first(where: { $0.nameInCases == name }) else {
            throw Unreadable("there is no fault \(name)")
        }
        self = fault
    }
}
