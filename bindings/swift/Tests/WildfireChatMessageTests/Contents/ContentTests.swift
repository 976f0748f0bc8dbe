import WildfireChatMessage
import XCTest

final class ContentTests: XCTestCase {
    private let uidOf60Bits: Int64 = 1_152_921_504_606_846_975

    func test_a_content_that_was_sent_is_read_back() throws {
        let server = try TestServer()
        let file = FileContent(name: "plan.pdf", size: 4_812, remoteMediaUrl: "https://files/plan.pdf")
        let sent = try server.client.sendMessage(sender: "ann", conversation: .group("g1"), content: file)
        let message = try server.client.getMessage(messageUid: sent.messageUid)
        XCTAssertEqual(try message.decodeContent(), .file(value: file))
        XCTAssertEqual(message.payload, try file.toPayload())
    }

    func test_every_sending_method_takes_a_content_with_extras() throws {
        let server = try TestServer()
        let client = server.client
        let extras = ContentExtras(extra: "mine", pushContent: "look", expireDuration: 60)

        let sent = try client.sendMessage(
            sender: "ann", conversation: .group("g1"), content: .text("one"), toUsers: ["bob"], isUserMessage: true,
            extras: extras)
        let multicast = try client.multicastMessage(
            sender: "ann", targets: ["bob", "eve"], content: .text("two"), line: 1, extras: extras)
        let broadcast = try client.broadcastMessage(sender: "ann", content: .text("three"), line: 1, extras: extras)
        let uids = [sent.messageUid, multicast.messageUid, broadcast.messageUid]
        for (uid, text) in zip(uids, ["one", "two", "three"]) {
            let message = try client.getMessage(messageUid: uid)
            XCTAssertEqual(try message.decodeContent(), .text(value: TextContent(text)))
            XCTAssertEqual(try contentExtras(message.payload), extras)
        }

        try client.updateMessage(
            messageUid: sent.messageUid, content: TipContent("gone"), distribute: false, operator: "ann",
            extras: .mentionEveryone)
        let updated = try client.getMessage(messageUid: sent.messageUid)
        XCTAssertEqual(try updated.decodeContent(), .tip(value: TipContent("gone")))
        XCTAssertEqual(try contentExtras(updated.payload), .mentionEveryone)
    }

    func test_a_content_is_sent_as_its_payload_would_be() throws {
        let server = try TestServer()
        let client = server.client
        let content = TextContent("hi")
        let payload = try content.toPayload(extras: .mention(["bob"]))

        let uid = try client.sendMessage(
            sender: "ann", conversation: .group("g1"), payload: payload, toUsers: ["bob"], isUserMessage: true
        ).messageUid
        try client.sendMessage(
            sender: "ann", conversation: .group("g1"), content: content, toUsers: ["bob"], isUserMessage: true,
            extras: .mention(["bob"]))
        try client.multicastMessage(sender: "ann", targets: ["bob"], payload: payload, line: 1)
        try client.multicastMessage(
            sender: "ann", targets: ["bob"], content: content, line: 1, extras: .mention(["bob"]))
        try client.broadcastMessage(sender: "ann", payload: payload, line: 1)
        try client.broadcastMessage(sender: "ann", content: content, line: 1, extras: .mention(["bob"]))
        try client.updateMessage(messageUid: uid, payload: payload, distribute: false, operator: "ann")
        try client.updateMessage(
            messageUid: uid, content: content, distribute: false, operator: "ann", extras: .mention(["bob"]))

        let requests = try server.sandbox.requests()
        XCTAssertEqual(requests.count, 8)
        for pair in stride(from: 0, to: requests.count, by: 2).map({ requests[$0...($0 + 1)] }) {
            XCTAssertEqual(Set(pair.map(\.path)).count, 1)
            XCTAssertEqual(Set(pair.map(\.body)).count, 1)
        }
    }

    func test_a_content_that_cannot_be_sent_never_leaves() throws {
        let server = try TestServer()
        let refused = MessageError.invalidArgument(
            argument: "remote_media_url", reason: "a media message needs the URL of its file")
        let error = failure(
            of: try server.client.sendMessage(
                sender: "ann", conversation: .single("bob"), content: VoiceContent(remoteMediaUrl: "")))
        XCTAssertEqual(error, refused)
        XCTAssertEqual(error?.mayHaveExecuted, false)
        XCTAssertTrue(try server.sandbox.requests().isEmpty)
    }

    func test_mentions_have_short_hands() {
        XCTAssertEqual(
            ContentExtras.mention(["ann", "bob"]),
            ContentExtras(mentionedType: MentionedType.targets, mentionedTargets: ["ann", "bob"]))
        XCTAssertEqual(ContentExtras.mentionEveryone, ContentExtras(mentionedType: MentionedType.everyone))
    }

    func test_one_text_needs_no_label() {
        let quote = Quote(messageUid: uidOf60Bits)
        XCTAssertEqual(TextContent("hi", quote: quote), TextContent(text: "hi", quote: quote))
        XCTAssertEqual(PlainTextContent("hi", quote: quote), PlainTextContent(text: "hi", quote: quote))
        XCTAssertEqual(TipContent("hi"), TipContent(tip: "hi"))
    }

    func test_an_answer_quotes_a_message_by_its_60_bit_uid() throws {
        let server = try TestServer()
        let question = try server.client.getMessage(messageUid: try server.send("Shall we?").messageUid)
        let quote = try question.quote()
        XCTAssertEqual(quote.messageUid, question.messageUid)
        XCTAssertGreaterThan(quote.messageUid, 1 << 53, "more than a double holds")
        XCTAssertEqual(quote.digest, "Shall we?")

        for quote in [quote, Quote(messageUid: uidOf60Bits)] {
            let uid = try server.client.sendMessage(
                sender: "bob", conversation: .single("ann"), content: .text("yes", quote: quote)
            ).messageUid
            let answer = try server.client.getMessage(messageUid: uid)
            XCTAssertEqual(try answer.decodeContent(), .text(value: TextContent("yes", quote: quote)))
        }
    }

    func test_messages_fetched_earlier_are_forwarded_with_their_60_bit_uids() throws {
        let server = try TestServer()
        let client = server.client
        let first = try server.send("one").messageUid
        let image = ImageContent(
            remoteMediaUrl: "https://files/i.png", thumbnail: Data([0xFF, 0xD8, 0xFF, 0xD9]), width: 640, height: 480)
        let second = try client.sendMessage(sender: "ann", conversation: .single("bob"), content: image).messageUid
        var history = CompositeContent(
            title: "One and two", messages: try [first, second].map { try client.getMessage(messageUid: $0) })
        history.messages.append(
            Message(
                messageUid: uidOf60Bits, sender: "eve", conversation: .group("g1", line: 2), payload: .text("three"),
                toUsers: ["bob"], timestamp: 1_795_394_170_036))
        XCTAssertNil(try history.toUpload())

        let uid = try client.sendMessage(sender: "ann", conversation: .group("g2"), content: history).messageUid
        guard case .composite(let read) = try client.getMessage(messageUid: uid).decodeContent() else {
            return XCTFail("it came back as something else")
        }
        XCTAssertEqual(read.messages.map(\.messageUid), [first, second, uidOf60Bits])
        XCTAssertEqual(read.messages.map(\.payload), history.messages.map(\.payload))
        XCTAssertEqual(try read.messages[1].decodeContent(), .image(value: image))
        XCTAssertEqual(read.messages[2], history.messages[2])
    }

    func test_a_long_history_lies_in_a_file_that_is_uploaded() throws {
        let messages = (0..<500).map { number in
            Message(
                messageUid: uidOf60Bits - number, sender: "ann", conversation: .single("bob"),
                payload: .text("message \(number)"))
        }
        var history = CompositeContent(title: "Long", messages: messages)
        let file = try XCTUnwrap(history.toUpload())
        guard case .invalidArgument("remote_media_url", _) = failure(of: try history.toPayload()) else {
            return XCTFail("the file has no URL yet")
        }

        history.remoteMediaUrl = "https://files/long"
        guard case .composite(let read) = try decodeContent(history.toPayload()) else {
            return XCTFail("it came back as something else")
        }
        XCTAssertLessThan(read.messages.count, 500)
        XCTAssertEqual(try read.withUpload(file: file), history)
        XCTAssertEqual(
            failure(of: try read.withUpload(file: Data("<html>".utf8))),
            .invalidArgument(argument: "file", reason: "it is not a list of forwarded messages"))
    }

    func test_what_is_left_of_a_recalled_message_is_read_and_never_sent() throws {
        let server = try TestServer()
        let uid = try server.send("oops").messageUid
        try server.client.recallMessage(operator: "boss", messageUid: uid)
        let content = try server.client.getMessage(messageUid: uid).decodeContent()
        guard case .recalled(let recalled) = content else { return XCTFail("\(content)") }
        XCTAssertEqual(recalled.operator, "boss")
        XCTAssertEqual(recalled.messageUid, uid)
        XCTAssertEqual(recalled.original?.searchableContent, "oops")
        guard case .invalidArgument("content", _) = failure(of: try content.toPayload()) else {
            return XCTFail("it was written")
        }
    }

    func test_a_content_of_ones_own_is_sent_and_read_like_any_other() throws {
        let server = try TestServer()
        let order = OrderContent(number: "2026-7")
        let uid = try server.client.sendMessage(
            sender: "shop", conversation: .single("ann"), content: order, extras: .mention(["ann"])
        ).messageUid

        let message = try server.client.getMessage(messageUid: uid)
        XCTAssertEqual(message.payload.searchableContent, "Order 2026-7")
        XCTAssertEqual(try contentExtras(message.payload), .mention(["ann"]))
        XCTAssertEqual(OrderContent(try message.decodeContent()), order)
        XCTAssertNil(OrderContent(try decodeContent(.text("Order 2026-7"))))
    }

    func test_a_type_that_the_library_does_not_know_keeps_its_payload_untouched() throws {
        let payload = MessagePayload(
            contentType: 9_999, searchableContent: "s", pushContent: "p", content: "{", data: Data([0, 255]),
            mediaType: 77, remoteMediaUrl: "x", persistFlag: 1, expireDuration: 5, extra: "e")
        let content = try decodeContent(payload)
        XCTAssertEqual(content, .custom(payload: payload))
        XCTAssertEqual(try content.toPayload(), payload)
    }

    func test_contents_of_several_kinds_go_through_one_list() throws {
        let server = try TestServer()
        let contents: [any Content] = [
            TextContent("hi"), TypingContent(kind: 0), OrderContent(number: "1"),
            MessageContent.tip(value: TipContent("x")),
        ]
        for content in contents {
            try server.client.sendMessage(sender: "ann", conversation: .single("bob"), content: content)
        }
        XCTAssertEqual(try server.sandbox.requests().count, contents.count)
    }

    func test_contents_may_be_handed_to_other_tasks() async throws {
        let content: any Content = TextContent("hi")
        let payload = try await Task.detached { try content.toPayload() }.value
        XCTAssertEqual(payload, .text("hi"))
    }
}

/// A content of one's own, as an application writes it.
private struct OrderContent: Content, Equatable {
    static let contentType: Int32 = 1001

    var number: String

    func toPayload(extras: ContentExtras?) throws(MessageError) -> MessagePayload {
        let payload = MessagePayload(
            contentType: Self.contentType, searchableContent: "Order \(number)", content: number)
        return try MessageContent.custom(payload: payload).toPayload(extras: extras)
    }
}

extension OrderContent {
    /// Nil where the content is another one.
    init?(_ content: MessageContent) {
        guard case .custom(let payload) = content, payload.contentType == Self.contentType else { return nil }
        number = payload.content
    }
}
