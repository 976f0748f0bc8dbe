import Foundation

/// The public symbols of the module: the symbol graph that the compiler writes beside it.
struct PublicSymbols: Decodable {
    let symbols: [Symbol]
    let relationships: [Relationship]

    struct Symbol: Decodable {
        let kind: Kind
        let identifier: Identifier
        let pathComponents: [String]
        let declarationFragments: [Fragment]?
        let docComment: Comment?
    }

    struct Kind: Decodable {
        let identifier: String
    }

    struct Identifier: Decodable {
        let precise: String
    }

    struct Fragment: Decodable {
        let spelling: String
    }

    struct Comment: Decodable {
        let lines: [Line]
    }

    struct Line: Decodable {
        let text: String
    }

    struct Relationship: Decodable {
        let kind: String
        let source: String
        let target: String
        let targetFallback: String?
    }

    static func compiled() throws -> PublicSymbols {
        let file = try Checkout.find("build/symbols/WildfireChatMessage.symbols.json")
        return try JSONDecoder().decode(PublicSymbols.self, from: Data(contentsOf: file))
    }

    /// A paragraph for each type, with its members below it, and for each function that belongs to none.
    func signatures() -> String {
        let members = Dictionary(grouping: written.filter { !$0.isType && $0.owner != nil }) { $0.owner ?? "" }
        let paragraphs = written.filter { $0.isType || $0.owner == nil }.map { symbol -> String in
            let lines = (members[symbol.path] ?? []).map(\.declaration).sorted().flatMap(wrapped)
            return ([head(of: symbol)] + lines.map { "    \($0)" }).joined(separator: "\n")
        }
        return paragraphs.sorted().joined(separator: "\n\n") + "\n"
    }

    /// The declarations of a type's methods by their names with the arguments, as in `close()`; `sendEach` has many.
    func methods(of type: String) -> [String: String] {
        let methods = written.filter { $0.owner == type && $0.kind.identifier == "swift.method" }
        let named = methods.map { method -> (String, String) in
            let name = method.pathComponents.last ?? ""
            return (name.hasPrefix("sendEach(") ? "sendEach" : name, method.declaration)
        }
        return Dictionary(named) { first, _ in first }
    }

    /// What quick help says, a paragraph for each symbol.
    func documentation() -> String {
        let paragraphs = written.compactMap { symbol -> String? in
            guard let comment = symbol.docComment, !comment.lines.isEmpty else { return nil }
            let lines = comment.lines.map { $0.text.trimmingCharacters(in: .whitespaces).isEmpty ? "" : $0.text }
            return ([symbol.path] + lines.map { $0.isEmpty ? "" : "    \($0)" }).joined(separator: "\n")
        }
        return paragraphs.sorted().joined(separator: "\n\n") + "\n"
    }

    /// What was written by somebody, rather than what a type has because it conforms to a protocol.
    private var written: [Symbol] {
        symbols.filter { symbol in
            !symbol.identifier.precise.contains("::SYNTHESIZED::")
                && !["==(_:_:)", "hash(into:)"].contains(symbol.pathComponents.last ?? "")
        }
    }

    /// A type with what it conforms to: to protocols of this package, and to those that say how it is used.
    private func head(of symbol: Symbol) -> String {
        guard symbol.isType else { return wrapped(symbol.declaration).joined(separator: "\n") }
        let conformsTo = relationships.filter { $0.source == symbol.identifier.precise && $0.kind == "conformsTo" }
        let ours = Dictionary(symbols.map { ($0.identifier.precise, $0.path) }) { first, _ in first }
        let names = conformsTo.compactMap { relationship in
            ours[relationship.target] ?? relationship.targetFallback?.components(separatedBy: ".").last
        }
        let told = Set(names).subtracting(["Copyable", "CustomStringConvertible", "Equatable", "Escapable", "Hashable"])
        let name = symbol.pathComponents.last ?? ""
        let declared = symbol.declaration.components(separatedBy: " :")[0]
        let declaration = declared.replacingOccurrences(of: " \(name)", with: " \(symbol.path)")
        return declaration + (told.isEmpty ? "" : ": \(told.sorted().joined(separator: ", "))")
    }
}

extension PublicSymbols.Symbol {
    var path: String { pathComponents.joined(separator: ".") }
    var owner: String? { pathComponents.count > 1 ? pathComponents.dropLast().joined(separator: ".") : nil }
    var declaration: String { (declarationFragments ?? []).map(\.spelling).joined() }
    var isType: Bool {
        ["swift.struct", "swift.class", "swift.enum", "swift.protocol", "swift.actor"].contains(kind.identifier)
    }
}

/// A declaration in one line where it fits, otherwise with a line for each of its parameters.
private func wrapped(_ declaration: String) -> [String] {
    guard declaration.count > 100, let open = declaration.firstIndex(of: "(") else { return [declaration] }
    var lines = [String(declaration[...open])]
    var (line, depth) = ("    ", 1)
    // An arrow closes nothing.
    let rest = declaration[declaration.index(after: open)...].replacingOccurrences(of: "->", with: "→")
    for character in rest {
        depth += "([<".contains(character) ? 1 : ")]>".contains(character) ? -1 : 0
        if depth == 1, character == "," {
            lines.append(line + ",")
            line = "   "
        } else if depth == 0, line.hasPrefix("    ") {
            lines.append(line)
            line = String(character)
        } else {
            line.append(character)
        }
    }
    return (lines + [line]).map { $0.replacingOccurrences(of: "→", with: "->") }
}
