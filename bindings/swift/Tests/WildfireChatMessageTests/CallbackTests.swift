import Foundation
import WildfireChatMessage
import XCTest

/// Callbacks: the library reads what servers post, and the sandbox posts the same.
final class CallbackTests: XCTestCase {
    func test_every_vector_holds() throws {
        let vectors = try Checkout.entries(of: "tests/callbacks")
        for vector in vectors {
            var fields = try Fields(of: vector, "a vector")
            let (name, kind) = (try fields.text("name"), try fields.text("parse"))
            let body = Data(try fields.text("body").utf8)
            let (expected, reason) = (fields.valueIfGiven("result"), try fields.textIfGiven("error"))
            try fields.end()
            let outcome = Result { try parse(kind, body) }
            switch (outcome, expected, reason) {
            case (.success(let given), let expected?, nil):
                XCTAssertEqual(given, expected, name)
            case (.failure(MessageError.invalidArgument("body", let given)), nil, let reason?):
                XCTAssertEqual(given, reason, name)
            default:
                XCTFail("\(name): \(outcome)")
            }
        }
        XCTAssertGreaterThan(vectors.count, 15)
    }

    private func parse(_ kind: String, _ body: Data) throws -> JSON {
        switch kind {
        case "message":
            return JSON(try parseMessageCallback(body))
        case "recall":
            let recall = try parseRecallCallback(body)
            return .object([
                "message": JSON(recall.message), "user_id": .text(recall.userId),
                "timestamp": .integer(recall.timestamp), "is_admin": .bool(recall.isAdmin),
            ])
        default:
            let subscription = try parseSubscriptionCallback(body)
            return .object([
                "user_id": .text(subscription.userId), "channel_id": .text(subscription.channelId),
                "is_subscribed": .bool(subscription.isSubscribed),
            ])
        }
    }

    func test_a_censor_answers_by_status_and_body() throws {
        XCTAssertEqual(try CensorAnswer.send(), CensorAnswer(status: 200, body: Data()))
        XCTAssertEqual(try CensorAnswer.refuse(), CensorAnswer(status: 403, body: Data()))
        let answer = try CensorAnswer.replace(TextContent("***").toPayload())
        XCTAssertEqual(answer.status, 200)
        XCTAssertEqual(
            String(decoding: answer.body, as: UTF8.self), #"{"type":1,"searchableContent":"***","persistFlag":3}"#)
        XCTAssertThrowsError(try CensorAnswer.replace(.text("")))
    }

    /// The callbacks, once there are so many.
    private func posted(_ sandbox: Sandbox, _ count: Int) throws -> [PostedCallback] {
        let until = Date() + 20
        while try sandbox.callbacks().count < count, Date() < until { Thread.sleep(forTimeInterval: 0.005) }
        let posted = try sandbox.callbacks()
        XCTAssertEqual(posted.count, count)
        return posted
    }

    func test_a_robot_answers_each_mention_once() throws {
        let server = try TestServer()
        let application = try Sandbox()
        try server.sandbox.setRobot(robotId: "FireRobot", secret: "secret")
        let robot = try RobotClient(baseUrl: server.sandbox.baseUrl, robotId: "FireRobot", secret: "secret")
        try robot.setCallback(url: application.baseUrl + "/a-path-that-nobody-guesses")
        try server.sandbox.failCallbacks(.repeat)
        try server.client.sendText(
            sender: "ann", conversation: .group("g1"), text: "are you there?",
            mention: [.user("FireRobot", name: "FireRobot")])
        var seen = Set<Int64>()
        for each in try posted(server.sandbox, 2) {
            let message = try parseMessageCallback(each.body)
            guard message.sender != "FireRobot", seen.insert(message.messageUid).inserted else { continue }
            try robot.replyMessage(messageUid: message.messageUid, content: .text("I am"))
        }
        XCTAssertEqual(try server.sandbox.messagesWithText("I am").count, 1)
        XCTAssertEqual(try parseMessageCallback(posted(server.sandbox, 3)[2].body).sender, "FireRobot")
        XCTAssertEqual(Set(try application.requests().map(\.path)), ["/a-path-that-nobody-guesses"])
    }

    func test_a_channel_and_what_is_forwarded() throws {
        let server = try TestServer()
        let (sandbox, application) = (server.sandbox, try Sandbox())
        try sandbox.setChannel(channelId: "news", owner: "ann")
        try sandbox.setChannelCallback(channelId: "news", url: application.baseUrl)
        try sandbox.subscribe(userId: "bob", channelId: "news")
        XCTAssertTrue(try parseSubscriptionCallback(posted(sandbox, 1)[0].body).isSubscribed)
        try sandbox.unsubscribe(userId: "bob", channelId: "news")
        XCTAssertFalse(try parseSubscriptionCallback(posted(sandbox, 2)[1].body).isSubscribed)
        try sandbox.forwardTo(.recalls, url: application.baseUrl + "/recalls")
        let sent = try server.client.sendText(sender: "bob", conversation: .channel("news"), text: "a question")
        let uid = sent.messageUid
        XCTAssertEqual(try parseMessageCallback(posted(sandbox, 3)[2].body).messageUid, uid)
        try server.client.recallMessage(operator: "boss", messageUid: uid)
        let recall = try parseRecallCallback(posted(sandbox, 4)[3].body)
        XCTAssertEqual(recall.userId, "boss")
        XCTAssertTrue(recall.isAdmin)
        XCTAssertEqual(recall.message.messageUid, uid)
        XCTAssertThrowsError(try sandbox.subscribe(userId: "bob", channelId: "nowhere"))
    }

    func test_the_censor_is_asked_and_obeyed() throws {
        let server = try TestServer()
        let (sandbox, application) = (server.sandbox, try Sandbox())
        try sandbox.setRobot(robotId: "FireRobot", secret: "secret")
        try sandbox.setCensor(url: application.baseUrl + "/censor")
        let robot = try RobotClient(baseUrl: sandbox.baseUrl, robotId: "FireRobot", secret: "secret")
        let group = Conversation.group("g1")
        func answering(_ answer: CensorAnswer) throws {
            try application.answerNext(ScriptedAnswer(status: answer.status, body: answer.body))
        }
        func said() throws -> String {
            let sent = try robot.sendText(conversation: group, text: "a word")
            return try server.client.getMessage(messageUid: sent.messageUid).payload.searchableContent
        }
        try answering(CensorAnswer.send())
        XCTAssertEqual(try said(), "a word")
        try answering(CensorAnswer.replace(.text("***")))
        XCTAssertEqual(try said(), "***")
        try answering(CensorAnswer.refuse())
        guard case .rejected(_, 242, _, _) = failure(of: try said()) else { return XCTFail("it is not refused") }
        // One that is not asked, and one that cannot be, let the message go out.
        try sandbox.failCallbacks(.lose)
        try robot.sendText(conversation: group, text: "never asked")
        try application.stop()
        try robot.sendText(conversation: group, text: "nobody answers")
        let asked = try posted(sandbox, 4)
        XCTAssertEqual(asked.map(\.status), [200, 200, 403, 0])
        XCTAssertEqual(try parseMessageCallback(asked[3].body).payload.searchableContent, "nobody answers")
    }
}
