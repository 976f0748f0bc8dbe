import Foundation
import WildfireChatMessage

/// A sandbox and a client of it, which most tests need.
struct TestServer {
    static let secret = "canary-5ecret-🗝"

    let sandbox: Sandbox
    let client: MessageClient

    init(edition: Edition = .professional, options: ClientOptions? = nil) throws {
        sandbox = try Sandbox(secret: Self.secret, edition: edition)
        client = try MessageClient(baseUrl: sandbox.baseUrl, secret: Self.secret, options: options)
    }

    /// Lets the next request get this answer.
    /// `marked` answers have the mark that the server puts on its own words.
    func answerNext(_ body: String, status: Int32 = 200, marked: Bool = false) throws {
        let headers = marked ? [Header(name: "content-encoding", value: "utf-8")] : []
        try sandbox.answerNext(ScriptedAnswer(status: status, headers: headers, body: Data(body.utf8)))
    }

    @discardableResult
    func send(_ text: String = "hi", to conversation: Conversation = .single("u1")) throws -> SentMessage {
        try client.sendMessage(sender: "admin", conversation: conversation, payload: .text(text))
    }
}

/// The error that a call fails with; nil where it succeeds.
func failure<Value>(of call: @autoclosure () throws -> Value) -> MessageError? {
    do {
        _ = try call()
        return nil
    } catch {
        return error as? MessageError
    }
}
