import Foundation
import WildfireChatMessage
import XCTest

/// Credentials for the way to a server: they are sent, checked, and never shown.
final class CredentialsTests: XCTestCase {
    private func send(_ client: MessageClient) throws {
        try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hello"))
    }

    func test_a_gateways_header_goes_with_each_request() throws {
        let sandbox = try Sandbox(secret: TestServer.secret)
        let credentials = Credentials(headers: ["X-Api-Key": "canary-key", "authorization": "Bearer canary"])
        try send(MessageClient(baseUrl: sandbox.baseUrl, secret: TestServer.secret, credentials: credentials))
        let headers = try sandbox.requests()[0].headers
        XCTAssertEqual(headers.first { $0.name.lowercased() == "x-api-key" }?.value, "canary-key")
        XCTAssertEqual(headers.first { $0.name == "authorization" }?.value, "Bearer canary")
    }

    func test_a_proxy_is_shown_the_login() throws {
        let sandbox = try Sandbox(secret: TestServer.secret)
        let client = try MessageClient(
            baseUrl: "http://im.invalid", secret: TestServer.secret, options: ClientOptions(proxy: sandbox.baseUrl),
            credentials: Credentials(proxyLogin: (user: "u", password: "p w")))
        // The sandbox is no proxy and knows no such path; what it was sent is what counts.
        XCTAssertThrowsError(try send(client))
        let headers = try sandbox.requests()[0].headers
        XCTAssertEqual(headers.first { $0.name == "proxy-authorization" }?.value, "Basic dTpwIHc=")
    }

    func test_what_cannot_work_is_refused_by_its_name() {
        let table: [(Credentials, String)] = [
            (Credentials(headers: ["nonce": "canary"]), "headers.nonce"),
            (Credentials(headers: ["x key": "canary"]), "headers.?"),
            (Credentials(headers: ["x-key": "canary\n"]), "headers.x-key"),
            (Credentials(proxyLogin: (user: "u", password: "canary")), "proxy_login"),
            (
                Credentials(clientCertificate: (certificates: "canary", key: "canary")),
                "client_certificate.certificates"
            ),
        ]
        for (credentials, expected) in table {
            let error = failure(
                of: try MessageClient(
                    baseUrl: "http://im.example.com", secret: TestServer.secret, credentials: credentials))
            guard case .invalidArgument(let argument, _) = error else {
                XCTFail("\(expected) is taken")
                continue
            }
            XCTAssertEqual(argument, expected)
            XCTAssertFalse("\(error!)".contains("canary"))
        }
    }

    func test_nothing_of_them_is_shown() {
        let credentials = Credentials(proxyLogin: (user: "canary", password: "canary"), headers: ["x-key": "canary"])
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            XCTAssertFalse(text.contains("canary"), text)
        }
        XCTAssertEqual("\(credentials)", "Credentials(proxyLogin: ***, headers: ***)")
    }

    func test_the_next_server_of_a_cluster_is_taken() throws {
        let gone = try Sandbox(secret: TestServer.secret)
        let url = gone.baseUrl
        try gone.stop()
        let server = try TestServer()
        let options = ClientOptions(moreBaseUrls: [server.sandbox.baseUrl])
        try send(MessageClient(baseUrl: url, secret: TestServer.secret, options: options))
        XCTAssertEqual(try server.sandbox.messageUids().count, 1)
        XCTAssertThrowsError(try send(MessageClient(baseUrl: url, secret: TestServer.secret)))
    }

    func test_idle_connections_are_closed_when_one_asks_for_it() throws {
        let server = try TestServer()
        for _ in 0..<3 {
            try server.send()
            try server.send()
            try server.client.closeIdle()
        }
        XCTAssertEqual(Set(try server.sandbox.requests().map(\.connection)).count, 3)
    }
}
