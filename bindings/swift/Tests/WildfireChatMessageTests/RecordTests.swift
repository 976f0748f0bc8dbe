import WildfireChatMessage
import XCTest

final class RecordTests: XCTestCase {
    func test_conversations_have_short_hands() {
        XCTAssertEqual(Conversation.single("u1"), Conversation(kind: 0, target: "u1", line: 0))
        XCTAssertEqual(Conversation.group("g1"), Conversation(kind: 1, target: "g1", line: 0))
        XCTAssertEqual(Conversation.chatroom("r1"), Conversation(kind: 2, target: "r1", line: 0))
        XCTAssertEqual(Conversation.channel("c1", line: 7), Conversation(kind: 3, target: "c1", line: 7))
    }

    func test_a_text_payload_is_stored_and_counted() {
        let payload = MessagePayload.text("hi")
        XCTAssertEqual(payload.contentType, ContentType.text)
        XCTAssertEqual(payload.searchableContent, "hi")
        XCTAssertEqual(payload.persistFlag, PersistFlag.storedAndCounted)
    }

    func test_payloads_are_equal_when_their_bytes_are() {
        let one = MessagePayload(contentType: 1001, data: Data([1, 2, 3]))
        var other = MessagePayload(contentType: 1001, data: Data([0, 1, 2, 3]).dropFirst())
        XCTAssertEqual(one, other)
        XCTAssertEqual(Set([one, other]).count, 1)
        other.data = Data([1, 2, 4])
        XCTAssertNotEqual(one, other)
    }

    func test_numbers_that_have_no_name_pass() throws {
        let server = try TestServer()
        let payload = MessagePayload(contentType: 4711, searchableContent: "x", mediaType: 99, mentionedType: 88)
        let uid = try server.client.sendMessage(
            sender: "admin", conversation: Conversation(kind: 6, target: "t1"), payload: payload
        ).messageUid
        XCTAssertEqual(try server.client.getMessage(messageUid: uid).payload, payload)
    }

    func test_a_record_shows_its_fields() {
        XCTAssertEqual(
            "\(SentMessage(messageUid: 588_582_842_607_370_241, timestamp: 1))",
            "SentMessage(messageUid: 588582842607370241, timestamp: 1)")
    }

    func test_options_have_the_documented_defaults() {
        let options = ClientOptions()
        XCTAssertNil(options.connectTimeout)
        XCTAssertEqual(options.maxAttempts, 3)
        XCTAssertNil(options.retryPause)
        XCTAssertNil(options.retryPauseMax)
        XCTAssertEqual(options.rateLimit, 0)
        XCTAssertEqual(options.poolMaxIdle, 32)
        XCTAssertEqual(options.maxResponseBytes, 16 * 1024 * 1024)
        XCTAssertFalse(options.allowUnsendableTypes)
    }

    func test_known_numbers_have_names() {
        XCTAssertEqual(ConversationType.secretChat, 5)
        XCTAssertEqual(ContentType.streamingTextCancelled, 20)
        XCTAssertEqual(MediaType.pan, 12)
        XCTAssertEqual(PersistFlag.transparent, 4)
        XCTAssertEqual(MentionedType.everyone, 2)
        XCTAssertEqual(Platform.harmonyPc, 12)
        XCTAssertEqual(ErrorCode.overFrequency, 250)
    }

    func test_records_may_be_handed_to_other_tasks() async {
        let payload = MessagePayload.text("hi")
        let copy = await Task.detached { payload }.value
        XCTAssertEqual(copy, payload)
    }
}
