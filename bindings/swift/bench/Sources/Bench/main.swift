// The measurements in Swift: ours, and URLSession, which one would take otherwise.
//
//   WildfireChatMessageBench URL --workloads a,b --rounds N --seconds S
//
// Everybody does the same work: a body from typed values, a signature of its own, one POST, the answer read, the code
// checked, typed values out. What is printed is the same in every language: a line of JSON a contestant.

import Foundation
import WildfireChatMessage

let secret = "123456"
let uid: Int64 = 588_582_842_607_370_241

/// A workload's call.
enum Work: Equatable {
    case send
    case sendWithData
    case get
}

let version = ProcessInfo.processInfo.environment["WILDFIRECHAT_VERSION"] ?? "of this checkout"

let data40K = Data(repeating: 7, count: 30_000)

func payload(_ work: Work) -> MessagePayload {
    MessagePayload(
        contentType: ContentType.text, searchableContent: "hello", data: work == .sendWithData ? data40K : Data())
}

func ours(_ client: MessageClient, _ work: Work) throws {
    switch work {
    case .send, .sendWithData:
        let sent = try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: payload(work))
        try check(sent.messageUid == uid)
    case .get:
        let found = try client.getMessage(messageUid: uid)
        try check(found.payload.searchableContent.utf8.count == 40_000)
    }
}

func ours(_ client: AsyncMessageClient) async throws {
    let sent = try await client.sendMessage(sender: "admin", conversation: .single("u1"), payload: payload(.send))
    try check(sent.messageUid == uid)
}

/// A call that is refused before anything is sent.
func refused(_ client: MessageClient, _ work: Work) throws {
    let outcome = Result { () throws(MessageError) in
        try client.sendMessage(sender: "", conversation: .single("u1"), payload: payload(work))
    }
    guard case .failure(.invalidArgument) = outcome else { return try check(false) }
}

func bulk(_ client: MessageClient, count: Int) throws -> Round {
    // A notice to many: messages to one conversation would go one after the other.
    let requests = (0..<count).map { number in
        SendRequest(sender: "admin", conversation: .single("u\(number % 1_000)"), payload: payload(.send))
    }
    let stopwatch = Stopwatch()
    let outcomes = try client.sendMessages(requests: requests)
    let round = stopwatch.stop(calls: count, times: [])
    for outcome in outcomes { try check(outcome.get().messageUid == uid) }
    return round
}

func measure(_ plan: Plan) throws {
    let client = try MessageClient(baseUrl: plan.url, secret: secret)
    let peer = try Peer(baseUrl: plan.url, secret: secret)
    for workload in plan.workloads {
        let alone = { (round: @escaping () throws -> Round) in
            [Contestant(name: "ours", version: version, round: round)]
        }
        let both = { (threads: Int, work: Work) in
            [
                Contestant(name: "ours", version: version) {
                    try onThreads(threads, for: plan.seconds) { try ours(client, work) }
                },
                Contestant(name: "URLSession", version: Peer.version) {
                    try onThreads(threads, for: plan.seconds) { try peer.call(work) }
                },
            ]
        }
        let awaiting = { (count: Int) in
            let client = try AsyncMessageClient(baseUrl: plan.url, secret: secret)
            return [
                Contestant(name: "ours", version: version) {
                    try inFlight(count, for: plan.seconds) { try await ours(client) }
                },
                Contestant(name: "URLSession", version: Peer.version) {
                    try inFlight(count, for: plan.seconds) { try await peer.callAwaiting() }
                },
            ]
        }
        let contestants: [Contestant]
        switch workload {
        case "sequential": contestants = both(1, .send)
        case "threads_16": contestants = both(16, .send)
        case "threads_64": contestants = both(64, .send)
        case "threads_256": contestants = both(256, .send)
        case "get_40k": contestants = both(1, .get)
        case "send_40k": contestants = both(1, .sendWithData)
        case "async_100": contestants = try awaiting(100)
        case "async_1000": contestants = try awaiting(1_000)
        case "bulk": contestants = alone { try bulk(client, count: plan.seconds < 1 ? 20_000 : 100_000) }
        case "crossing": contestants = alone { try onThreads(1, for: plan.seconds) { try refused(client, .send) } }
        case "crossing_40k":
            contestants = alone { try onThreads(1, for: plan.seconds) { try refused(client, .sendWithData) } }
        case "soak":
            contestants = alone { try untimedOnThreads(16, for: plan.seconds) { try ours(client, .send) } }
        default: continue
        }
        var rounds: [[Round]] = contestants.map { _ in [] }
        for _ in 0..<plan.rounds {
            for (number, contestant) in contestants.enumerated() { rounds[number].append(try contestant.round()) }
        }
        for (contestant, rounds) in zip(contestants, rounds) {
            try Figure(workload: workload, contestant: contestant, rounds: rounds).print()
        }
    }
}

let words = Array(CommandLine.arguments.dropFirst())
if words.count == 3, words[1] == "--startup" {
    try startup(words[0], words[2])
} else {
    try measure(Plan(words))
}
