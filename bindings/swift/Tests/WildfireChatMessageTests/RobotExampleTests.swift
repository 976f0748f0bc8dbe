#if os(macOS) || os(Linux)
    import Foundation
    import WildfireChatMessage
    import XCTest

    #if canImport(FoundationNetworking)
        import FoundationNetworking
    #endif

    /// The example of a robot, started as its users start it, against the callbacks of the sandbox.
    final class RobotExampleTests: XCTestCase {
        private static let id = "FireRobot"
        private static let path = "/a-path-that-nobody-guesses"

        /// A server, and the robot, which has told it where to post.
        private struct World {
            let sandbox: Sandbox
            let client: MessageClient
            let robot: Program
            let url: String

            init() throws {
                let server = try TestServer()
                (sandbox, client) = (server.sandbox, server.client)
                try sandbox.setRobot(robotId: RobotExampleTests.id, secret: "secret")
                let port = try RobotExampleTests.freePort()
                url = "http://127.0.0.1:\(port)"
                robot = try Program(
                    named: "WildfireChatMessageRobot",
                    environment: [
                        "WILDFIRECHAT_URL": sandbox.baseUrl, "ROBOT_ID": RobotExampleTests.id, "ROBOT_SECRET": "secret",
                        "PUBLIC_URL": url, "CALLBACK_PATH": RobotExampleTests.path, "PORT": "\(port)",
                    ])
                let sandbox = server.sandbox
                try RobotExampleTests.until("the robot") { try !sandbox.requests().isEmpty }
            }

            /// The status of the answer to a post of somebody who is no server.
            func post(_ path: String, _ body: String) throws -> Int {
                var request = URLRequest(url: URL(string: url + path)!)
                request.httpMethod = "POST"
                request.httpBody = Data(body.utf8)
                let answered = DispatchSemaphore(value: 0)
                nonisolated(unsafe) var status = 0
                URLSession.shared.dataTask(with: request) { _, response, _ in
                    status = (response as? HTTPURLResponse)?.statusCode ?? 0
                    answered.signal()
                }.resume()
                XCTAssertEqual(answered.wait(timeout: .now() + 60), .success)
                return status
            }
        }

        private static func until(_ what: String, _ happened: () throws -> Bool) throws {
            let end = Date() + 60
            while try !happened() {
                guard Date() < end else { return XCTFail("waited in vain for \(what)") }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }

        /// A port that was free a moment ago.
        private static func freePort() throws -> Int32 {
            let sandbox = try Sandbox()
            defer { try? sandbox.stop() }
            return sandbox.port
        }

        func test_it_answers_each_mention_once_and_neither_itself_nor_others() throws {
            let world = try World()
            let (sandbox, client, group) = (world.sandbox, world.client, Conversation.group("g1"))
            try sandbox.failCallbacks(.repeat)
            let question = try client.sendText(
                sender: "ann", conversation: group, text: "are you there?", mention: [.user(Self.id, name: "Robot")])
            let answer = "You said: @Robot are you there?"
            try Self.until("an answer") { try !sandbox.messagesWithText(answer).isEmpty }
            try client.sendText(sender: "ann", conversation: group, text: "nobody is meant")
            try client.sendText(sender: "bob", conversation: .single(Self.id), text: "hello")
            try Self.until("an answer") { try !sandbox.messagesWithText("You said: hello").isEmpty }
            // All is posted: the mention twice, its answer, what nobody is meant by, and what was said to the robot alone.
            try Self.until("all posts") { try sandbox.callbacks().count == 5 }
            XCTAssertEqual(Set(try sandbox.callbacks().map(\.status)), [200])
            XCTAssertEqual(try sandbox.messageUids().count, 5)
            let answers = try sandbox.messagesWithText(answer)
            XCTAssertEqual(answers.count, 1)
            let message = try client.getMessage(messageUid: answers[0])
            XCTAssertEqual(message.sender, Self.id)
            XCTAssertEqual(message.conversation, group)
            XCTAssertTrue(
                String(decoding: message.payload.data, as: UTF8.self).contains("\(question.messageUid)"), "it quotes")
            let hello = try sandbox.messagesWithText("You said: hello")[0]
            XCTAssertEqual(try client.getMessage(messageUid: hello).conversation, .single("bob"))
        }

        func test_what_is_no_message_is_refused_and_another_path_is_not_there() throws {
            let world = try World()
            XCTAssertEqual(try world.post("/", "{}"), 404)
            XCTAssertEqual(try world.post("/guessed", "{}"), 404)
            XCTAssertEqual(try world.post(Self.path, "{}"), 400)
        }

        func test_the_server_does_not_wait_for_the_work() throws {
            let world = try World()
            try world.sandbox.failNext(.neverAnswer, endpoint: "robot/message/send")
            let message = """
                {"messageId":7,"sender":"ann","conv":{"type":0,"target":"FireRobot","line":0},
                "payload":{"type":1,"searchableContent":"hello"},"timestamp":1}
                """
            // The robot's own call waits for 15 seconds.
            let begun = Date()
            XCTAssertEqual(try world.post(Self.path, message), 200)
            XCTAssertLessThan(Date().timeIntervalSince(begun), 12)
            try Self.until("the answer") {
                try world.sandbox.requests().contains { request in request.fault == .neverAnswer }
            }
        }
    }
#endif
