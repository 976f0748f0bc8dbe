import WildfireChatMessage
import XCTest

/// No text shows the secret or the body of a request.
final class CanaryTests: XCTestCase {
    private let body = "canary-b0dy-🐤"

    func test_no_error_shows_the_secret_or_the_body() throws {
        let server = try TestServer(options: ClientOptions(readTimeout: 0.2, maxAttempts: 1))
        let trouble: [() throws -> Void] = [
            { try server.answerNext(#"{"code":244,"msg":"auth failure","result":{"code":244}}"#) },
            { try server.answerNext(#"{"code":243,"msg":"sign expired"}"#) },
            { try server.answerNext(#"{"code":250,"msg":"over frequency"}"#) },
            { try server.answerNext(#"{"code":253,"msg":"not exist"}"#) },
            { try server.answerNext("", status: 500) },
            { try server.answerNext("cannot be read", status: 500) },
            { try server.answerNext("{") },
            { try server.sandbox.failNext(.htmlAnswer) },
            { try server.sandbox.failNext(.neverAnswer) },
            { try server.sandbox.failNext(.resetAfterReading) },
            { try server.sandbox.failNext(.closeBeforeReading) },
            { try server.sandbox.failNext(.truncatedBody) },
            { try server.sandbox.stop() },
        ]
        for makeTrouble in trouble {
            try makeTrouble()
            XCTAssertThrowsError(try server.send(body)) { assertNoCanary(in: $0) }
        }
    }

    func test_no_refused_argument_shows_the_secret_or_the_body() throws {
        let server = try TestServer()
        let refused: [MessagePayload] = [
            MessagePayload(contentType: 80, searchableContent: body),
            MessagePayload(contentType: 1, content: body),
            MessagePayload(contentType: 1, searchableContent: String(repeating: body, count: 10_000)),
        ]
        for payload in refused {
            XCTAssertThrowsError(
                try server.client.sendMessage(sender: "admin", conversation: .single("u1"), payload: payload)
            ) { assertNoCanary(in: $0) }
        }
        XCTAssertThrowsError(try MessageClient(baseUrl: "ftp://host", secret: TestServer.secret)) {
            assertNoCanary(in: $0)
        }
    }

    func test_no_refused_content_shows_its_text() throws {
        let refused: [any Content] = [
            TextContent(String(repeating: body, count: 10_000)),
            ImageContent(remoteMediaUrl: "", thumbnail: Data(body.utf8)),
            RichNotificationContent(title: body),
            MessageContent.recalled(value: RecalledContent(operator: body)),
        ]
        for content in refused {
            XCTAssertThrowsError(try content.toPayload(extras: ContentExtras(pushContent: "not " + body))) {
                assertNoCanary(in: $0)
            }
        }
        XCTAssertThrowsError(try makeThumbnail(Data(body.utf8))) { assertNoCanary(in: $0) }
    }

    func test_no_client_and_no_sandbox_shows_the_secret() throws {
        let server = try TestServer()
        try server.send(body)
        assertNoCanary(in: server.client)
        assertNoCanary(in: server.sandbox)
        assertNoCanary(in: try server.sandbox.requests().map(\.headers))
    }

    /// Looks at every way in which a value can be printed.
    private func assertNoCanary(in value: Any, line: UInt = #line) {
        var dumped = ""
        dump(value, to: &dumped)
        var printed = ["\(value)", String(reflecting: value), dumped]
        if let error = value as? any Error {
            let bridged = error as NSError
            printed += [error.localizedDescription, bridged.debugDescription, "\(bridged.userInfo)"]
        }
        for text in printed {
            XCTAssertFalse(text.contains("canary"), "\(text)", line: line)
        }
    }
}
