// Every method of the client once, one line each: `WildfireChatMessageDemo URL SECRET`.
//
// `cargo xtask demo` runs it against the sandbox, beside its twins in Rust, Python and Kotlin, which print the same
// lines. On a real server it sends real messages, one of them to every user.

import Foundation
import WildfireChatMessage

func demo(url: String, secret: String) throws {
    let client = try MessageClient(baseUrl: url, secret: secret)
    let (admin, user, others) = ("admin", "user1", ["user2", "user3"])
    let (toUser, toGroup) = (Conversation.single(user), Conversation.group("group1"))

    // To a user, a group and many users.
    let sent = try client.sendMessage(sender: admin, conversation: toUser, payload: .text("Hello, user1."))
    try show("sendMessage", sent, told)
    try show(
        "sendMessage",
        try client.sendMessage(sender: admin, conversation: toGroup, payload: .text("Hello, group1.")),
        told)
    let many = (2..<5).map { time in
        SendRequest(sender: admin, conversation: toUser, payload: .text("Hello for the \(time). time."))
    }
    try show("sendMessages", try client.sendMessages(requests: many), counted)
    var outcomes: [SendOutcome] = []
    try client.sendEach(requests: many) { outcome in outcomes.append(outcome) }
    try show("sendEach", outcomes, counted)
    let multicast = try show(
        "multicastMessage",
        try client.multicastMessage(sender: admin, targets: others, payload: .text("Hello, both of you.")),
        told)

    // Back again, gone, and looked up.
    let uid = sent.messageUid
    try show("getMessage", try client.getMessage(messageUid: uid)) { message in
        "\"\(message.payload.searchableContent)\" from \(message.sender)"
    }
    try show("recallMessage", try client.recallMessage(operator: admin, messageUid: uid)) { recalled in
        recalled.map { "took back \"\($0.searchableContent)\"" } ?? "done"
    }
    try show("findMessage", try client.findMessage(messageUid: uid)) { message in
        guard let payload = message?.payload else { return "nothing" }
        return "content type \(payload.contentType), a recall by \(payload.content)"
    }

    // An error: its text names the endpoint and what the server said.
    try show("getMessage", try client.getMessage(messageUid: 1)) { _ in "a message nobody sent" }

    // Every other method.
    try show(
        "updateMessage",
        try client.updateMessage(messageUid: uid, payload: .text("Hello again."), operator: admin),
        done)
    let broadcast = try show(
        "broadcastMessage",
        try client.broadcastMessage(sender: admin, payload: .text("Hello, everybody."))
    ) { broadcast in "uid \(broadcast.messageUid) to \(broadcast.count) users" }
    let uidOfBroadcast = broadcast?.messageUid ?? uid
    try show(
        "recallBroadcastMessage",
        try client.recallBroadcastMessage(operator: admin, messageUid: uidOfBroadcast),
        done)
    try show(
        "deleteBroadcastMessage",
        try client.deleteBroadcastMessage(operator: admin, messageUid: uidOfBroadcast),
        done)
    let uidOfMulticast = multicast?.messageUid ?? uid
    try show(
        "recallMulticastMessage",
        try client.recallMulticastMessage(operator: admin, messageUid: uidOfMulticast, receivers: ["user2"]),
        done)
    try show(
        "deleteMulticastMessage",
        try client.deleteMulticastMessage(operator: admin, messageUid: uidOfMulticast, receivers: ["user3"]),
        done)
    try show(
        "getConversationReadTimestamp",
        try client.getConversationReadTimestamp(userId: user, conversation: toGroup),
        time)
    try show("getDeliveryTimestamp", try client.getDeliveryTimestamp(userId: user), time)
    let old = ImportedMessage(
        sender: user, conversation: toGroup, payload: .text("From the old system."), timestamp: 1_700_000_000_000)
    try show("importMessages", try client.importMessages(messages: [old]), done)
    let answer = ["The capital ", "of France ", "is Paris."]
    try show("streamText", try client.streamText(sender: admin, conversation: toUser, pieces: answer), told)
    let file = Data("Hello.".utf8)
    try show(
        "upload", try client.upload(fileName: "hello.txt", data: file, mediaType: MediaType.file), { _ in "done" })
    try show(
        "sendFile",
        try client.sendFile(sender: user, conversation: toGroup, data: file, fileName: "hello.txt"), told)
    try show("deleteMessage", try client.deleteMessage(messageUid: uid), done)
    try show(
        "clearUserMessages",
        try client.clearUserMessages(userId: user, conversation: toGroup, startTime: sent.timestamp),
        done)
    try show("clearConversation", try client.clearConversation(userId: user, conversation: toUser), done)
}

/// Prints a method and what came of it. What the server refuses or lacks is part of the show; that it cannot be
/// reached, or does not take the secret, ends it.
@discardableResult
func show<Value>(
    _ method: String, _ call: @autoclosure () throws -> Value, _ words: (Value) -> String
) throws -> Value? {
    let line: String
    var value: Value?
    do {
        let answer = try call()
        line = words(answer)
        value = answer
    } catch MessageError.notSupported {
        line = "skipped: this edition does not have it"
    } catch let error as MessageError {
        guard case .rejected = error else { throw error }
        line = "error: \(error)"
    }
    print(method.padding(toLength: 32, withPad: " ", startingAt: 0) + "→ " + line)
    return value
}

func told(_ sent: SentMessage) -> String {
    "uid \(sent.messageUid) at \(time(sent.timestamp))"
}

func counted(_ outcomes: [SendOutcome]) -> String {
    let sent = outcomes.filter { outcome in (try? outcome.get()) != nil }
    return "\(sent.count) of \(outcomes.count) sent"
}

func done(_: Void) -> String {
    "done"
}

/// A time of the server as people read it: `2026-03-01 08:15:00 UTC`.
func time(_ milliseconds: Int64) -> String {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "yyyy-MM-dd HH:mm:ss 'UTC'"
    return format.string(from: Date(timeIntervalSince1970: TimeInterval(milliseconds) / 1000))
}

func fail(_ reason: String, status: Int32) -> Never {
    FileHandle.standardError.write(Data((reason + "\n").utf8))
    exit(status)
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else { fail("usage: WildfireChatMessageDemo URL SECRET", status: 2) }
do {
    try demo(url: arguments[1], secret: arguments[2])
} catch {
    fail("\(error)", status: 1)
}
