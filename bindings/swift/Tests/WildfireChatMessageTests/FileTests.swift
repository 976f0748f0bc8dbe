import Foundation
import WildfireChatMessage
import XCTest

/// A message with its file in one call: looked at, uploaded, sent; and nothing sent where the store fails.
final class FileTests: XCTestCase {
    private static let robotId = "FireRobot"
    private let bob = Conversation.single("bob")

    /// A server with a robot, and a client of each kind.
    private struct World {
        let sandbox: Sandbox
        let client: MessageClient
        let robot: RobotClient
        let tasks: AsyncMessageClient
        let robotOfTasks: AsyncRobotClient

        init() throws {
            sandbox = try Sandbox()
            try sandbox.setRobot(robotId: FileTests.robotId, secret: "its secret")
            let options = ClientOptions(readTimeout: 0.5, maxAttempts: 1, retryPause: 0.001)
            let (url, id) = (sandbox.baseUrl, FileTests.robotId)
            client = try MessageClient(baseUrl: url, secret: "123456", options: options)
            robot = try RobotClient(baseUrl: url, robotId: id, secret: "its secret", options: options)
            tasks = try AsyncMessageClient(baseUrl: url, secret: "123456", options: options)
            robotOfTasks = try AsyncRobotClient(baseUrl: url, robotId: id, secret: "its secret", options: options)
        }

        func sends() throws -> Int { try sandbox.requests().filter { $0.path.hasSuffix("/message/send") }.count }
    }

    /// One kind of message with one of the clients; `send` takes a URL that is known.
    private struct Way {
        let name: String
        let sender: String
        let content: (String) throws -> MessageContent
        let send: (World, String?) async throws -> SentMessage

        var endpoint: String { sender == FileTests.robotId ? "robot/message/send" : "message/send" }
    }

    private func ways() throws -> [Way] {
        let (bob, png, txt) = (bob, try png(), Data("words".utf8))
        let (mp4, amr, robot) = (mp4(seconds: 3), amr(seconds: 2), Self.robotId)
        let thumbnail = try makeThumbnail(png)
        let image = { (url: String) -> MessageContent in
            .image(value: ImageContent(remoteMediaUrl: url, thumbnail: thumbnail, width: 240, height: 120))
        }
        let file = { (url: String) -> MessageContent in
            .file(value: FileContent(name: "a.txt", size: 5, remoteMediaUrl: url))
        }
        let video = { (url: String) -> MessageContent in .video(value: VideoContent(remoteMediaUrl: url, duration: 3)) }
        let voice = { (url: String) -> MessageContent in .voice(value: VoiceContent(remoteMediaUrl: url, duration: 2)) }
        return [
            Way(name: "image", sender: "ann", content: image) {
                try $0.client.sendImage(sender: "ann", conversation: bob, data: png, remoteMediaUrl: $1)
            },
            Way(name: "file", sender: "ann", content: file) {
                try $0.client.sendFile(
                    sender: "ann", conversation: bob, data: txt, fileName: "a.txt", remoteMediaUrl: $1)
            },
            Way(name: "video", sender: "ann", content: video) {
                try $0.client.sendVideo(sender: "ann", conversation: bob, data: mp4, remoteMediaUrl: $1)
            },
            Way(name: "voice", sender: "ann", content: voice) {
                try $0.client.sendVoice(sender: "ann", conversation: bob, data: amr, remoteMediaUrl: $1)
            },
            Way(name: "robot's image", sender: robot, content: image) {
                try $0.robot.sendImage(conversation: bob, data: png, remoteMediaUrl: $1)
            },
            Way(name: "robot's file", sender: robot, content: file) {
                try $0.robot.sendFile(conversation: bob, data: txt, fileName: "a.txt", remoteMediaUrl: $1)
            },
            Way(name: "robot's video", sender: robot, content: video) {
                try $0.robot.sendVideo(conversation: bob, data: mp4, remoteMediaUrl: $1)
            },
            Way(name: "robot's voice", sender: robot, content: voice) {
                try $0.robot.sendVoice(conversation: bob, data: amr, remoteMediaUrl: $1)
            },
            Way(name: "awaited image", sender: "ann", content: image) {
                try await $0.tasks.sendImage(sender: "ann", conversation: bob, data: png, remoteMediaUrl: $1)
            },
            Way(name: "awaited file", sender: "ann", content: file) {
                try await $0.tasks.sendFile(
                    sender: "ann", conversation: bob, data: txt, fileName: "a.txt", remoteMediaUrl: $1)
            },
            Way(name: "awaited video", sender: "ann", content: video) {
                try await $0.tasks.sendVideo(sender: "ann", conversation: bob, data: mp4, remoteMediaUrl: $1)
            },
            Way(name: "awaited voice", sender: "ann", content: voice) {
                try await $0.tasks.sendVoice(sender: "ann", conversation: bob, data: amr, remoteMediaUrl: $1)
            },
            Way(name: "robot's awaited voice", sender: robot, content: voice) {
                try await $0.robotOfTasks.sendVoice(conversation: bob, data: amr, remoteMediaUrl: $1)
            },
        ]
    }

    private func failure(of way: Way, in world: World) async -> MessageError? {
        do {
            _ = try await way.send(world, nil)
            return nil
        } catch {
            return error as? MessageError
        }
    }

    func test_a_file_is_uploaded_and_sent_with_what_phones_show_of_it() async throws {
        for way in try ways() {
            let world = try World()
            let sent = try await way.send(world, nil)
            let message = try world.client.getMessage(messageUid: sent.messageUid)
            let url = try XCTUnwrap(try world.sandbox.files().last).url
            XCTAssertEqual(try decodeContent(message.payload), try way.content(url), way.name)
            XCTAssertEqual(message.sender, way.sender, way.name)
        }
    }

    func test_where_the_store_fails_no_message_is_sent_and_the_error_names_the_step() async throws {
        for way in try ways() {
            let world = try World()
            for fault in [StoreFault.forbidden, .cutInBody, .neverAnswer] {
                try world.sandbox.failStore(fault)
                let found = await failure(of: way, in: world)
                let error = try XCTUnwrap(found, "\(way.name) \(fault)")
                XCTAssert(error.description.hasPrefix("file store: "), "\(way.name) \(error)")
                XCTAssertFalse(error.mayHaveExecuted)
                if case .failedAfterUpload = error { XCTFail("\(way.name) \(error)") }
                try world.sandbox.stopFailing()
            }
            XCTAssertEqual(try world.sends(), 0, way.name)
        }
    }

    func test_a_send_that_fails_says_where_the_file_is_and_a_retry_uploads_nothing() async throws {
        let failures: [(fault: Fault, kind: String, code: Int32?, doubt: Bool)] = [
            (.authFailure, "Unauthorized", 244, false),
            (.serverTimeout, "Rejected", 249, true),
            (.closeAfterExecuting, "ConnectionLost", nil, true),
        ]
        for way in try ways() {
            let world = try World()
            for expected in failures {
                try world.sandbox.failNext(expected.fault, endpoint: way.endpoint)
                let error = await failure(of: way, in: world)
                guard
                    case .failedAfterUpload(let endpoint, let url, let kind, _, let sent, let attempts, let code) =
                        error
                else {
                    XCTFail("\(way.name) \(expected.fault): \(String(describing: error))")
                    continue
                }
                XCTAssertEqual([endpoint, kind], [way.endpoint, expected.kind])
                XCTAssertEqual(code, expected.code)
                XCTAssertEqual(attempts, 1)
                XCTAssertEqual([sent, error?.mayHaveExecuted], [expected.doubt, expected.doubt])
                XCTAssertEqual(url, try world.sandbox.files().last?.url)
                let uploads = try world.sandbox.storeRequests().count
                let again = try await way.send(world, url)
                let message = try world.client.getMessage(messageUid: again.messageUid)
                XCTAssertEqual(message.payload.remoteMediaUrl, url)
                XCTAssertEqual(try world.sandbox.storeRequests().count, uploads)
            }
        }
    }

    func test_a_url_gives_the_name_and_progress_is_told() async throws {
        let (world, png) = (try World(), try png())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
        let picture = folder.appendingPathComponent("照片.png")
        try png.write(to: picture)
        var told: [UploadProgress] = []
        try world.client.sendImage(sender: "ann", conversation: bob, file: picture) { told.append($0) }
        XCTAssertEqual(told.last, UploadProgress(sent: Int64(png.count), total: Int64(png.count), attempt: 1))
        try await world.tasks.sendImage(sender: "ann", conversation: bob, file: picture)
        let sent = try world.robot.sendVideo(
            conversation: bob, data: mp4(seconds: 3), duration: 61, thumbnail: png)
        XCTAssertEqual(try world.sandbox.files().map(\.fileName), ["照片.png", "照片.png", "video.mp4"])
        let payload = try world.client.getMessage(messageUid: sent.messageUid).payload
        let thumbnail = try makeThumbnail(png)
        let video = VideoContent(remoteMediaUrl: payload.remoteMediaUrl, duration: 61, thumbnail: thumbnail)
        XCTAssertEqual(try decodeContent(payload), .video(value: video))
    }

    func test_what_can_never_be_sent_is_refused_before_anything_is_sent() throws {
        let (world, png, txt, bob) = (try World(), try png(), Data("words".utf8), bob)
        let (client, folder) = (world.client, FileManager.default.temporaryDirectory)
        let (mp4, amr) = (mp4(seconds: 3), amr(seconds: 2))
        let refused: [(argument: String, call: () throws -> SentMessage)] = [
            ("data", { try client.sendImage(sender: "ann", conversation: bob, data: txt) }),
            ("data", { try client.sendVideo(sender: "ann", conversation: bob, data: png) }),
            ("data", { try world.robot.sendVoice(conversation: bob, data: png) }),
            ("file_name", { try client.sendFile(sender: "ann", conversation: bob, data: txt) }),
            ("path", { try client.sendFile(sender: "ann", conversation: bob, file: folder) }),
            ("file", { try client.sendFile(sender: "ann", conversation: bob, file: URL(string: "https://a/b")!) }),
            ("sender", { try client.sendFile(sender: "", conversation: bob, data: txt, fileName: "a") }),
            ("duration", { try client.sendVoice(sender: "ann", conversation: bob, data: amr, duration: -1) }),
            ("thumbnail", { try client.sendVideo(sender: "ann", conversation: bob, data: mp4, thumbnail: txt) }),
        ]
        for (argument, call) in refused {
            guard case .invalidArgument(let named, _) = WildfireChatMessageTests.failure(of: try call()) else {
                XCTFail("\(argument) is not refused")
                continue
            }
            XCTAssertEqual(named, argument)
        }
        XCTAssertEqual(try world.sandbox.requests(), [])
        XCTAssertEqual(try world.sandbox.storeRequests(), [])
    }

    func test_a_cancelled_task_ends_it_in_each_step() async throws {
        let steps = ["oss/get_upload_url", "file store", "message/send"]
        for (step, isAwaited) in steps.flatMap({ [($0, false), ($0, true)] }) {
            let sandbox = try Sandbox()
            let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
            let tasks = try AsyncMessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
            let (bob, words) = (bob, Data("words".utf8))
            if step == "file store" {
                try sandbox.failStore(.neverAnswer, delay: 60)
            } else {
                try sandbox.failNext(.neverAnswer, endpoint: step, delay: 60)
            }
            let call = Task.detached {
                isAwaited
                    ? try await tasks.sendFile(sender: "ann", conversation: bob, data: words, fileName: "a")
                    : try client.sendFile(sender: "ann", conversation: bob, data: words, fileName: "a")
            }
            while try step == "file store"
                ? sandbox.storeRequests().isEmpty : !sandbox.requests().contains(where: { $0.path.hasSuffix(step) })
            {
                try await Task.sleep(nanoseconds: 10_000_000)
            }
            call.cancel()
            do {
                _ = try await call.value
                XCTFail("\(step) was not ended")
            } catch MessageError.interrupted(let endpoint, _, _) {
                XCTAssertEqual(endpoint, step)
            }
        }
    }

    /// A PNG of 240 by 120 pixels, half white and half black.
    private func png() throws -> Data {
        let base64 =
            "iVBORw0KGgoAAAANSUhEUgAAAPAAAAB4AQAAAADkzUKKAAAAJElEQVR42u3JoQEAAAgDoP3/tOaZjVDJtBxaa6211lprrfVn"
            + "L54yAWI1B6kAAAAAAElFTkSuQmCC"
        return try XCTUnwrap(Data(base64Encoded: base64))
    }

    /// A video without a picture in it.
    private func mp4(seconds: UInt32) -> Data {
        func number(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }
        func part(_ name: String, _ body: Data) -> Data { number(UInt32(body.count + 8)) + Data(name.utf8) + body }
        let header = Data(count: 12) + number(1_000) + number(seconds * 1_000) + Data(count: 80)
        let movie = part("moov", part("mvhd", header))
        return part("ftyp", Data("isom    isommp42".utf8)) + movie + part("mdat", Data(count: 9))
    }

    /// Silence.
    private func amr(seconds: Int) -> Data {
        (0..<seconds * 50).reduce(into: Data("#!AMR\n".utf8)) { voice, _ in voice += Data([0x3c]) + Data(count: 31) }
    }
}
