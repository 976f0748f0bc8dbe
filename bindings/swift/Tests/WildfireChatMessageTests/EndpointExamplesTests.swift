import Foundation
import WildfireChatMessage
import XCTest

/// The examples of docs/endpoints: each sends the request on its page, and accepts the answer on its page.
final class EndpointExamplesTests: XCTestCase {
    func test_every_page_has_an_example() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: Checkout.find("docs/endpoints").path)
        let names = pages.filter { $0.contains("-") }.map { String($0.dropLast(".md".count)) }
        XCTAssertEqual(Set(names), Set(endpointExamples.keys))
    }

    func test_an_example_sends_what_its_page_shows() throws {
        for (name, example) in endpointExamples {
            let page = try String(contentsOf: Checkout.find("docs/endpoints/\(name).md"), encoding: .utf8)
            let blocks = page.components(separatedBy: "```json\n").dropFirst()
                .map { $0.components(separatedBy: "```\n")[0] }
            XCTAssertEqual(blocks.count, 2, name)

            let sandbox = try Sandbox()
            let client = try MessageClient(baseUrl: sandbox.baseUrl, secret: "123456")
            // The store that an answer names is the sandbox's.
            let answer = blocks[1].replacingOccurrences(of: "https://store.example.com", with: sandbox.baseUrl)
            try sandbox.answerNext(ScriptedAnswer(body: Data(answer.utf8)))
            try example(client, 588_582_842_607_370_241)

            let sent = try sandbox.requests()
            XCTAssertEqual(sent.map(\.path), ["/admin/" + name.replacingOccurrences(of: "-", with: "/")])
            let bodies = try [blocks[0].data(using: .utf8), sent.first?.body].map {
                try JSONDecoder().decode(JSON.self, from: $0 ?? Data())
            }
            XCTAssertEqual(bodies[0], bodies[1], name)
        }
    }
}
