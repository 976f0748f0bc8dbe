import WildfireChatMessage
import XCTest

final class EditionTests: XCTestCase {
    func test_a_professional_server_has_every_method() throws {
        let server = try TestServer(edition: .professional)
        let uid = try server.send().messageUid
        for (name, call) in try calls(on: server.client, uid: uid) {
            XCTAssertNil(failure(of: try call()), name)
        }
    }

    func test_a_community_server_lacks_what_only_professional_ones_have() throws {
        let server = try TestServer(edition: .community)
        let uid = try server.send().messageUid
        let lacking = try calls(on: server.client, uid: uid).filter { _, call in
            guard case .notSupported = failure(of: try call()) else { return false }
            return true
        }
        XCTAssertEqual(
            lacking.map(\.name),
            [
                "updateMessage", "deleteMulticastMessage", "deleteBroadcastMessage", "recallBroadcastMessage",
                "getConversationReadTimestamp", "getDeliveryTimestamp", "upload", "importMessages", "clearUserMessages",
                "clearConversation", "deleteMessage",
            ])
    }

    private typealias Call = (name: String, make: () throws -> Void)

    /// Each method once, in an order in which each can succeed.
    private func calls(on client: MessageClient, uid: Int64) throws -> [Call] {
        let users = ["u1", "u2"]
        let many = try client.multicastMessage(sender: "admin", targets: users, payload: .text("to many")).messageUid
        let others = try client.multicastMessage(sender: "admin", targets: users, payload: .text("again")).messageUid
        let all = try client.broadcastMessage(sender: "admin", payload: .text("to all")).messageUid
        let conversation = Conversation.single("u1")
        let imported = ImportedMessage(
            sender: "u1", conversation: conversation, payload: .text("old"), timestamp: 1_700_000_000_000)
        return [
            ("getMessage", { _ = try client.getMessage(messageUid: uid) }),
            ("findMessage", { _ = try client.findMessage(messageUid: uid) }),
            (
                "updateMessage",
                {
                    try client.updateMessage(messageUid: uid, payload: .text("new"), operator: "admin")
                }
            ),
            ("recallMessage", { try client.recallMessage(operator: "admin", messageUid: uid) }),
            (
                "recallMulticastMessage",
                {
                    try client.recallMulticastMessage(operator: "admin", messageUid: many, receivers: ["u1"])
                }
            ),
            (
                "deleteMulticastMessage",
                {
                    try client.deleteMulticastMessage(operator: "admin", messageUid: others, receivers: users)
                }
            ),
            (
                "deleteBroadcastMessage",
                { try client.deleteBroadcastMessage(operator: "admin", messageUid: all) }
            ),
            (
                "recallBroadcastMessage",
                {
                    let another = try client.broadcastMessage(sender: "admin", payload: .text("oops")).messageUid
                    try client.recallBroadcastMessage(operator: "admin", messageUid: another)
                }
            ),
            (
                "getConversationReadTimestamp",
                {
                    _ = try client.getConversationReadTimestamp(userId: "u1", conversation: conversation)
                }
            ),
            (
                "getDeliveryTimestamp",
                { _ = try client.getDeliveryTimestamp(userId: "u1") }
            ),
            ("upload", { _ = try client.upload(fileName: "a", data: Data([1]), mediaType: MediaType.file) }),
            ("importMessages", { try client.importMessages(messages: [imported]) }),
            (
                "clearUserMessages",
                {
                    try client.clearUserMessages(userId: "u1", conversation: conversation, startTime: 1, endTime: 2)
                }
            ),
            (
                "clearConversation",
                { try client.clearConversation(userId: "u1", conversation: conversation) }
            ),
            ("deleteMessage", { try client.deleteMessage(messageUid: uid) }),
        ]
    }
}
