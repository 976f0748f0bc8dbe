import WildfireChatMessage
import XCTest

/// Texts that mention users: the names are in front of the text, the ids beside it.
final class MentionTests: XCTestCase {
    func test_a_text_and_its_mentions_go_together() throws {
        let payload = try TextContent.mentioning([.user("ann", name: "Ann"), Mention(userId: "li", name: "李四")], "hi")
        XCTAssertEqual(payload.searchableContent, "@Ann @李四 hi")
        XCTAssertEqual(payload.mentionedTargets, ["ann", "li"])
        let everyone = try TextContent.mentioning([.everyone(name: "所有人")], "hi")
        XCTAssertEqual(everyone.searchableContent, "@所有人 hi")
        XCTAssertEqual(everyone.mentionedType, MentionedType.everyone)
    }

    func test_what_else_goes_with_a_text_stays() throws {
        let payload = try TextContent("hi").withMentions(
            users: [.user("ann")], extras: ContentExtras(pushContent: "psst"))
        XCTAssertEqual(payload.pushContent, "psst")
        XCTAssertEqual(payload.mentionedTargets, ["ann"])
    }

    func test_the_one_line() throws {
        let server = try TestServer()
        let first = try server.client.sendText(sender: "bob", conversation: .group("g1"), text: "shall we?")
        let quote = try server.client.getMessage(messageUid: first.messageUid).quote()
        let answer = try server.client.sendText(
            sender: "admin", conversation: .group("g1"), text: "yes", mention: [.user("bob", name: "Bob")],
            quote: quote)
        guard case .text(let content) = try server.client.getMessage(messageUid: answer.messageUid).decodeContent()
        else { return XCTFail("it is no text") }
        XCTAssertEqual(content.text, "@Bob yes")
        XCTAssertEqual(content.quote?.messageUid, first.messageUid)
    }

    func test_who_is_nobody_is_refused() throws {
        let server = try TestServer()
        for (mention, argument) in [
            (Mention(), "mention[0].user_id"), (Mention(userId: "ann", isEveryone: true), "mention[0]"),
        ] {
            let error = failure(
                of: try server.client.sendText(
                    sender: "admin", conversation: .group("g1"), text: "hi", mention: [mention]))
            guard case .invalidArgument(argument, _) = error else {
                XCTFail("\(mention) passes")
                continue
            }
        }
        XCTAssertEqual(try server.sandbox.requests().count, 0)
    }
}
