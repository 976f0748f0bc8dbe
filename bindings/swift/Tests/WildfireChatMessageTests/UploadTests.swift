import Foundation
import WildfireChatMessage
import XCTest

/// Uploads of bytes or of a file: they arrive whole or not at all, and can be ended at any moment.
final class UploadTests: XCTestCase {
    private let bytes = Data((0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) })

    /// Each kind of store, with a client of it.
    private func servers() throws -> [(sandbox: Sandbox, client: MessageClient)] {
        try [StoreKind.put, .form].map { kind in
            let sandbox = try Sandbox(store: kind)
            let options = ClientOptions(readTimeout: 0.25, retryPause: 0.001)
            return (sandbox, try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456", options: options))
        }
    }

    private func temporaryFile(_ bytes: Data, name: String = "file 😀-\(UUID().uuidString)") throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try bytes.write(to: file)
        addTeardownBlock { try? FileManager.default.removeItem(at: file) }
        return file
    }

    func test_bytes_come_whole() throws {
        for (sandbox, client) in try servers() {
            for data in [Data(), Data([7]), bytes, bytes[5...]] {
                let url = try client.upload(fileName: "照片 1.jpg", data: data, mediaType: MediaType.image)
                let file = try XCTUnwrap(try sandbox.files().last)
                XCTAssertEqual(file.url, url)
                XCTAssertEqual(file.fileName, "照片 1.jpg")
                XCTAssertEqual(file.mediaType, 1)
                XCTAssertEqual(file.contentType, "image/jpeg")
                XCTAssertEqual(file.data, data)
                XCTAssertEqual(file.size, Int64(data.count))
            }
        }
    }

    func test_a_file_comes_whole_under_the_name_that_is_given() throws {
        let file = try temporaryFile(bytes)
        for (sandbox, client) in try servers() {
            _ = try client.upload(
                fileName: "clip.mp4", file: file, mediaType: MediaType.video, contentType: "video/x-own")
            let stored = try sandbox.files()
            XCTAssertEqual(stored.map(\.contentType), ["video/x-own"])
            XCTAssertEqual(stored.map(\.data), [bytes])
            XCTAssertEqual(try sandbox.requests().count, 1)
            XCTAssertEqual(try sandbox.storeRequests().count, 1)
        }
    }

    func test_what_can_never_work_is_refused_before_anything_is_sent() throws {
        let server = try TestServer()
        let (client, data) = (server.client, Data([1]))
        let folder = FileManager.default.temporaryDirectory
        let refused: [(argument: String, call: () throws -> String)] = [
            ("file_name", { try client.upload(fileName: "", data: data, mediaType: 0) }),
            ("media_type", { try client.upload(fileName: "a", data: data, mediaType: -1) }),
            ("content_type", { try client.upload(fileName: "a", data: data, mediaType: 0, contentType: "jpeg") }),
            ("path", { try client.upload(fileName: "a", file: folder, mediaType: 0) }),
            ("path", { try client.upload(fileName: "a", file: URL(fileURLWithPath: "/nowhere/at all"), mediaType: 0) }),
            ("file", { try client.upload(fileName: "a", file: URL(string: "https://a/b")!, mediaType: 0) }),
        ]
        for (argument, call) in refused {
            guard case .invalidArgument(let named, _) = failure(of: try call()) else {
                XCTFail("\(argument) is not refused")
                continue
            }
            XCTAssertEqual(named, argument)
        }
        XCTAssertEqual(try server.sandbox.requests(), [])
    }

    func test_a_file_that_is_cut_in_the_middle_is_brought_to_the_back_up_store() throws {
        for (sandbox, client) in try servers() {
            try sandbox.failStore(.cutInBody)
            var told: [UploadProgress] = []
            _ = try client.upload(fileName: "a.bin", data: bytes, mediaType: 0) { told.append($0) }
            XCTAssertEqual(try sandbox.files().map(\.data), [bytes])
            XCTAssertEqual(told.last, UploadProgress(sent: 700_001, total: 700_001, attempt: 2))
            XCTAssertEqual(
                try sandbox.storeRequests().map { $0.path.hasPrefix("/backup-store") }, [false, true])
        }
    }

    func test_an_error_names_the_step_and_no_message_was_sent() throws {
        for (sandbox, client) in try servers() {
            let expected: [(fault: StoreFault, step: String)] = [
                (.cutInBody, "file store: the connection was lost"),
                (.neverAnswer, "file store: no complete answer"),
                (.htmlAnswer, "file store: the answer is not one that a file store gives"),
                (.forbidden, "backup file store: the server answered with HTTP 403"),
                (.refuse, "file store: no connection"),
            ]
            for (fault, beginning) in expected {
                try sandbox.failStore(fault, times: 3)
                let error = try XCTUnwrap(
                    failure(of: try client.upload(fileName: "a", data: Data("few".utf8), mediaType: 0)))
                try sandbox.stopFailing()
                XCTAssert(error.description.hasPrefix(beginning), error.description)
                XCTAssertFalse(error.mayHaveExecuted, error.description)
            }
            XCTAssertEqual(try sandbox.files(), [])
        }
    }

    func test_progress_grows_in_this_thread_and_is_told_at_the_end() throws {
        for (sandbox, client) in try servers() {
            try sandbox.failStore(.slowReading, delay: 0.002)
            let here = Thread.current
            var told: [Int64] = []
            _ = try client.upload(fileName: "a.bin", data: Data(count: 9_000_000), mediaType: 0) { now in
                XCTAssertEqual(Thread.current, here)
                told.append(now.sent)
            }
            XCTAssertGreaterThan(told.count, 3)
            XCTAssertEqual(told, Set(told).sorted())
            XCTAssertEqual(told.last, 9_000_000)
        }
    }

    func test_a_cancelled_task_ends_it_within_200_ms() throws {
        for (sandbox, client) in try servers() {
            try sandbox.failStore(.slowReading, delay: 0.005)
            let upload = WatchedCall {
                try client.upload(fileName: "a.bin", data: Data(count: 50_000_000), mediaType: 0)
            }
            try upload.waitUntil("the store is asked") { try sandbox.storeRequests().count == 1 }
            Thread.sleep(forTimeInterval: 0.13)
            let cancelled = Date()
            upload.cancel()
            let outcome = try upload.outcome(within: 5)
            XCTAssertLessThan(Date().timeIntervalSince(cancelled), 0.2)
            guard case .failure(let error) = outcome,
                case MessageError.interrupted(let endpoint, let sent, let attempts) = error
            else {
                XCTFail("\(outcome)")
                continue
            }
            XCTAssertEqual(endpoint, "file store")
            XCTAssertTrue(sent)
            XCTAssertEqual(attempts, 1)
            Thread.sleep(forTimeInterval: 0.2)
            XCTAssertEqual(try sandbox.files(), [])
        }
    }

    func test_a_cancelled_task_ends_the_question_for_an_address() throws {
        let server = try TestServer()
        try server.sandbox.failNext(.neverAnswer)
        let upload = WatchedCall { try server.client.upload(fileName: "a", data: Data(), mediaType: 0) }
        try upload.waitUntil("the question arrives") { try server.sandbox.requests().count == 1 }
        upload.cancel()
        guard case .failure(let error) = try upload.outcome(within: 5),
            case MessageError.interrupted("oss/get_upload_url", _, attempts: 1) = error
        else { return XCTFail("it was not interrupted") }
        XCTAssertEqual(try server.sandbox.storeRequests(), [])
    }

    func test_a_file_that_shrinks_is_not_stored() throws {
        for (sandbox, client) in try servers() {
            let file = try temporaryFile(Data(count: 9_000_000))
            try sandbox.failStore(.slowReading, delay: 0.005)
            let error = failure(
                of: try client.upload(fileName: "a.log", file: file, mediaType: 0) { _ in
                    truncate(file.path, 10)
                })
            guard case .invalidArgument("path", let reason) = error else {
                XCTFail("\(String(describing: error))")
                continue
            }
            XCTAssert(reason.contains("from 9000000 to 10 bytes"), reason)
            XCTAssertEqual(try sandbox.files(), [])
        }
    }

    func test_a_closed_client_uploads_nothing() throws {
        let server = try TestServer()
        server.client.close()
        XCTAssertNotNil(failure(of: try server.client.upload(fileName: "a", data: Data(), mediaType: 0)))
        XCTAssertEqual(try server.sandbox.requests(), [])
    }

    #if os(Linux)
        /// Also: the program is not ended by the signal SIGPIPE when its connection is reset.
        func test_a_large_file_that_is_cut_once_needs_little_memory() throws {
            let piece = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) })
            let file = try temporaryFile(Data(), name: "large-\(UUID().uuidString).bin")
            let handle = try FileHandle(forWritingTo: file)
            for _ in 0..<200 { try handle.write(contentsOf: piece) }
            try handle.close()

            let sandbox = try Sandbox()
            // The first one is warm-up.
            try sandbox.failStore(.slowReading, delay: 0)
            try sandbox.failStore(.cutInBody)
            let program = try Program("upload", sandbox.baseUrl, "123456", file.path)
            let line = try program.firstLine(within: 240)
            let ended = try program.end()
            XCTAssertEqual(ended.errors, "")
            XCTAssertEqual(ended.status, 0)
            let words = line.split(separator: " ")
            let (grown, seconds) = (try XCTUnwrap(words.first), try XCTUnwrap(words.last))
            print("measured: 200 MB uploaded, cut once: \(seconds) s, \(grown) KiB more memory at the most")
            XCTAssertEqual(try sandbox.files().last?.size, 200_000_000)
            XCTAssertEqual(try sandbox.storeRequests().count, 3)
            XCTAssertLessThan(try XCTUnwrap(Int(grown)), 12 * 1024)
        }
    #endif
}
