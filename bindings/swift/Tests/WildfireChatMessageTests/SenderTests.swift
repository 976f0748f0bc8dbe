import Foundation
import WildfireChatMessage
import XCTest

/// Robots and channels have everything that `MessageClient` has besides its calls.
final class SenderTests: XCTestCase {
    private static let secret = "canary-of-the-robot"
    private static let options = ClientOptions(retryPause: 0.001)

    /// A server with a robot and a channel.
    private struct World {
        let sandbox: Sandbox
        let admin: MessageClient
        let robot: RobotClient
        let channel: ChannelClient

        init(edition: Edition = .professional) throws {
            sandbox = try Sandbox(edition: edition)
            try sandbox.setRobot(robotId: "FireRobot", secret: secret)
            try sandbox.setChannel(channelId: "news", owner: "ann", secret: secret)
            admin = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
            robot = try RobotClient(
                baseUrl: sandbox.baseUrl, robotId: "FireRobot", secret: secret, options: options)
            channel = try ChannelClient(
                baseUrl: sandbox.baseUrl, channelId: "news", secret: secret, options: options)
        }
    }

    func test_the_sender_is_the_robot_or_the_owner_of_the_channel() throws {
        let world = try World()
        let ofRobot = try world.robot.sendMessage(conversation: .group("g1"), content: .text("hi"))
        let ofChannel = try world.channel.sendMessage(content: .text("hi"), targets: ["ann"])
        let (robots, channels) = (
            try world.admin.getMessage(messageUid: ofRobot.messageUid),
            try world.admin.getMessage(messageUid: ofChannel.messageUid)
        )
        XCTAssertEqual([robots.sender, channels.sender], ["FireRobot", "ann"])
        XCTAssertEqual([robots.conversation, channels.conversation], [.group("g1"), .channel("news")])
    }

    func test_a_robot_answers_changes_and_recalls_what_it_has_said() throws {
        let world = try World()
        let question = try world.admin.sendMessage(sender: "ann", conversation: .group("g1"), content: .text("who?"))
        let answer = try world.robot.replyMessage(
            messageUid: question.messageUid, content: .text("me"), onlyToSender: true
        ).messageUid
        XCTAssertEqual(try world.admin.getMessage(messageUid: answer).toUsers, ["ann"])
        try world.robot.updateMessage(messageUid: answer, content: .text("I"))
        XCTAssertEqual(try world.robot.recallMessage(messageUid: answer)?.searchableContent, "I")
        guard case .rejected(_, 248, _, _) = failure(of: try world.robot.recallMessage(messageUid: question.messageUid))
        else { return XCTFail("somebody else's message was recalled") }
    }

    func test_where_a_robots_messages_are_posted() throws {
        let world = try World()
        let robot = world.robot
        // Or else it ends after its last use.
        defer { withExtendedLifetime(world) {} }
        XCTAssertNil(try robot.getCallback())
        try robot.setCallback(url: "https://app.example.com/secret-path")
        XCTAssertEqual(try robot.getCallback(), "https://app.example.com/secret-path")
        try robot.deleteCallback()
        XCTAssertNil(try robot.getCallback())
        XCTAssertEqual(try robot.getProfile().userId, "FireRobot")
    }

    func test_nobody_is_asked_twice_for_what_a_second_time_would_repeat() throws {
        let world = try World()
        try world.sandbox.failNext(.resetAfterExecuting)
        let lost = failure(of: try world.robot.sendMessage(conversation: .group("g1"), payload: .text("once")))
        XCTAssertEqual(lost?.mayHaveExecuted, true)
        XCTAssertEqual(try world.sandbox.messagesWithText("once").count, 1)
        try world.sandbox.failNext(.overFrequency)
        try world.channel.sendMessage(payload: .text("once"))
        XCTAssertEqual(try world.sandbox.messagesWithText("once").count, 2)
    }

    func test_many_messages_are_the_robots() throws {
        let world = try World()
        let requests = (0..<50).map {
            SendRequest(sender: "somebody", conversation: .group("g1"), payload: .text("\($0)"))
        }
        XCTAssertEqual(try world.robot.sendMessages(requests: requests).filter { (try? $0.get()) != nil }.count, 50)
        var told = 0
        try world.robot.sendEach(requests: requests.prefix(3)) { if case .success = $0 { told += 1 } }
        XCTAssertEqual(told, 3)
        XCTAssertEqual(try world.sandbox.messageUids(), try world.sandbox.messagesOfUser("FireRobot"))
        XCTAssertEqual(Set(try world.sandbox.requests().map(\.path)), ["/robot/message/send"])
    }

    func test_a_cancelled_task_ends_a_call_a_bulk_and_an_upload_and_says_which() throws {
        let world = try World()
        let (robot, channel) = (world.robot, world.channel)
        let request = SendRequest(sender: "", conversation: .group("g1"), payload: .text("hi"))
        let calls: [(String, @Sendable () throws -> Void)] = [
            ("robot/message/send", { try robot.sendMessage(conversation: .group("g1"), payload: .text("hi")) }),
            ("channel/message/send", { try channel.sendMessage(payload: .text("hi")) }),
            ("robot/oss/get_upload_url", { _ = try robot.upload(fileName: "a", data: Data([1]), mediaType: 4) }),
            ("robot/message/send", { _ = try robot.sendMessages(requests: [request])[0].get() }),
        ]
        for (endpoint, make) in calls {
            let before = try world.sandbox.requests().count
            try world.sandbox.failNext(.neverAnswer)
            let call = WatchedCall(make)
            try call.waitUntil("the request arrives") { try world.sandbox.requests().count > before }
            call.cancel()
            guard case .failure(MessageError.interrupted(endpoint, true, 1)) = try call.outcome(within: 5) else {
                XCTFail("\(endpoint) was not interrupted")
                continue
            }
        }
    }

    func test_a_robot_brings_a_file() throws {
        let world = try World()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("senders-\(UUID()).txt")
        try Data("words".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let urls = [
            try world.robot.upload(fileName: "a.txt", data: Data("words".utf8), mediaType: MediaType.file),
            try world.robot.upload(fileName: "a.txt", file: file, mediaType: MediaType.file),
        ]
        XCTAssertEqual(urls, try world.sandbox.files().map(\.url))
        try world.sandbox.failStore(.forbidden, times: 100)
        let error = failure(of: try world.robot.upload(fileName: "a.txt", file: file, mediaType: MediaType.file))
        XCTAssertEqual(error?.mayHaveExecuted, false)
        XCTAssertTrue("\(String(describing: error?.description))".contains("file store"))
    }

    func test_what_a_server_refuses() throws {
        let world = try World()
        let url = world.sandbox.baseUrl
        func code(_ call: @autoclosure () throws -> Void) -> Int32? {
            if case .rejected(_, let code, _, _) = failure(of: try call()) { code } else { nil }
        }
        func send(_ robot: RobotClient, to group: String = "g1") throws {
            try robot.sendMessage(conversation: .group(group), payload: .text("hi"))
        }
        XCTAssertEqual(code(try send(world.robot, to: "others1")), 9)
        XCTAssertEqual(code(try send(world.robot, to: "muted1")), 241)
        XCTAssertEqual(code(try send(RobotClient(baseUrl: url, robotId: "nobody", secret: "s"))), 253)
        let nowhere = try ChannelClient(baseUrl: url, channelId: "nowhere", secret: "s")
        XCTAssertEqual(code(_ = try nowhere.sendMessage(payload: .text("hi"))), 236)
        try world.sandbox.setRobot(robotId: "silent")
        XCTAssertEqual(code(try send(RobotClient(baseUrl: url, robotId: "silent", secret: "s"))), 248)
        try world.sandbox.setSenderRateLimit(rateLimit: 1)
        try world.channel.sendMessage(payload: .text("hi"))
        let hasty = try ChannelClient(
            baseUrl: url, channelId: "news", secret: Self.secret, options: ClientOptions(maxAttempts: 1))
        guard case .rateLimited = failure(of: try hasty.sendMessage(payload: .text("hi"))) else {
            return XCTFail("there is no limit")
        }
        XCTAssertThrowsError(try world.sandbox.setSenderRateLimit(rateLimit: -1))
    }

    func test_numbers_and_log_are_those_of_any_client() throws {
        let world = try World()
        let heard = Heard()
        let robot = try RobotClient(
            baseUrl: world.sandbox.baseUrl, robotId: "FireRobot", secret: Self.secret, logHandler: heard)
        try robot.sendMessage(conversation: .group("g1"), payload: .text("hi"))
        XCTAssertEqual(heard.endpoints.all, ["robot/message/send"])
        XCTAssertEqual(try robot.stats().calls, 1)
        XCTAssertEqual(try robot.stats().connections, 1)
        try robot.closeIdle()
        XCTAssertEqual(try robot.stats().connections, 0)
    }

    private struct Heard: MessageLogHandler {
        let endpoints = Collected<String>()
        var minimumLevel: MessageLogLevel? { .debug }

        func log(level: MessageLogLevel, message: String, metadata: [String: String]) {
            endpoints.add(metadata["endpoint"] ?? "")
        }
    }

    func test_nothing_shows_the_secret_and_what_is_closed_says_so() throws {
        let world = try World()
        let url = world.sandbox.baseUrl
        XCTAssertEqual(world.robot.description, "RobotClient(baseUrl: \"\(url)\", robotId: \"FireRobot\")")
        XCTAssertEqual(world.channel.description, "ChannelClient(baseUrl: \"\(url)\", channelId: \"news\")")
        var dumped = ""
        dump(world.robot, to: &dumped)
        XCTAssertFalse(dumped.contains(Self.secret))
        world.robot.close()
        XCTAssertTrue(world.robot.description.hasSuffix(" (closed)"))
        guard case .invalidArgument("client", _) = failure(of: try world.robot.getProfile()) else {
            return XCTFail("a closed client works")
        }
    }

    func test_the_examples_of_the_page_work() throws {
        for (name, example) in senderExamples {
            let world = try World()
            let uid =
                name.hasPrefix("channel")
                ? try world.channel.sendMessage(payload: .text("hi")).messageUid
                : try world.robot.sendMessage(conversation: .group("g1"), payload: .text("hi")).messageUid
            try world.sandbox.clearRequests()
            try example(world.robot, world.channel, uid)
            let found = try world.sandbox.requests().map(\.path)
            if name.hasPrefix("robot-stream_text") {
                // How many steps it takes, the time decides.
                XCTAssertEqual(Set(found), ["/robot/message/send"], name)
                XCTAssertEqual(try world.sandbox.streamedTexts().last?.contentType, 15, name)
                continue
            }
            // Making a client sends nothing.
            let paths = name == "robot" ? [] : ["/" + name.replacingOccurrences(of: "-", with: "/")]
            XCTAssertEqual(found, paths)
        }
    }

    func test_what_can_never_work_is_refused_at_once() throws {
        let refused: [(String, () throws -> Void)] = [
            ("robot_id", { _ = try RobotClient(baseUrl: "http://localhost", robotId: "", secret: "s") }),
            ("channel_id", { _ = try ChannelClient(baseUrl: "http://localhost", channelId: "频道", secret: "s") }),
            ("secret", { _ = try RobotClient(baseUrl: "http://localhost", robotId: "r1", secret: "") }),
            ("base_url", { _ = try ChannelClient(baseUrl: "", channelId: "c1", secret: "s") }),
        ]
        for (argument, make) in refused {
            guard case .invalidArgument(argument, _) = failure(of: try make()) else {
                XCTFail("\(argument) passes")
                continue
            }
        }
    }

    func test_a_community_server_lacks_what_only_professional_ones_have() throws {
        let world = try World(edition: .community)
        let uid = try world.robot.sendMessage(conversation: .group("g1"), payload: .text("hi")).messageUid
        let error = failure(of: try world.robot.recallMessage(messageUid: uid))
        guard case .notSupported("robot/message/recall", _) = error else { return XCTFail("it has it") }
    }
}
