import Foundation
import WildfireChatMessage

/// A robot that answers whoever mentions it, behind any web framework: `take` gets the body of each post.
final class MentionRobot: @unchecked Sendable {
    private let id: String
    private let robot: RobotClient
    private let work = DispatchQueue(label: "robot")
    private var seen: [Int64] = []

    /// Tells the server where to post. Nobody signs what is posted, so the URL's path is a secret.
    init(url: String, id: String, secret: String, callbackUrl: String) throws {
        self.id = id
        robot = try RobotClient(baseUrl: url, robotId: id, secret: secret)
        try robot.setCallback(url: callbackUrl)
    }

    /// Returns the status to answer with, at once; the work is done after that.
    func take(_ body: Data) -> Int {
        guard let message = try? parseMessageCallback(body) else { return 400 }
        work.async { self.answer(message) }
        return 200
    }

    /// Answers where the robot was mentioned, or who wrote to it alone.
    private func answer(_ message: Message) {
        // A robot hears its own messages in groups, and anything may come twice.
        guard message.sender != id, !seen.contains(message.messageUid) else { return }
        seen = seen.suffix(999) + [message.messageUid]
        var conversation = message.conversation
        if conversation.kind == ConversationType.single {
            conversation = .single(message.sender)
        } else if !message.payload.mentionedTargets.contains(id) {
            return
        }
        do {
            let text = "You said: \(message.payload.searchableContent)"
            try robot.sendText(conversation: conversation, text: text, quote: message.quote())
        } catch {
            print("message \(message.messageUid) was not answered: \(error)")
        }
    }
}
