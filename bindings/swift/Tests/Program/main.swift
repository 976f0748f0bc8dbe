// What the tests watch from outside: a process of its own, with a client or a sandbox in it.
//
//   WildfireChatMessageTestProgram serve SECRET            a sandbox, until the input ends; its URL is the one line out
//   WildfireChatMessageTestProgram return URL SECRET       calls that wait; when the input ends, main returns
//   WildfireChatMessageTestProgram exit URL SECRET         calls that wait; when the input ends, exit(0)
//   WildfireChatMessageTestProgram drop URL SECRET         the same as return, but only the calls hold the client
//   WildfireChatMessageTestProgram make URL SECRET COUNT   so many clients, and not one call
//   WildfireChatMessageTestProgram upload URL SECRET PATH  a small upload, then this file; how much memory it took, in KiB
//   WildfireChatMessageTestProgram send URL SECRET         one message, with less patience than two seconds
//   WildfireChatMessageTestProgram last URL SECRET COUNT   so many clients, each let go with the thread that used it

import Foundation
import WildfireChatMessage

/// Eight calls, seven in threads and one in a task: there may be no room for more tasks at once.
func callFromEverywhere(_ client: MessageClient) {
    let call: @Sendable () -> Void = {
        _ = try? client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi"))
    }
    for _ in 0..<7 { Thread.detachNewThread(call) }
    Task.detached { call() }
}

final class Watch {
    weak var client: MessageClient?
}

/// A client whose last reference is in the closure of a thread: Foundation lets go of it in the thread's last moment.
func leaveToAThread(baseUrl: String, secret: String) throws {
    let (watch, alone) = (Watch(), DispatchSemaphore(value: 0))
    do {
        let client = try MessageClient(baseUrl: baseUrl, secret: secret)
        watch.client = client
        Thread.detachNewThread {
            alone.wait()
            _ = try? client.findMessage(messageUid: 1)
        }
    }
    alone.signal()
    while watch.client != nil { Thread.sleep(forTimeInterval: 0.001) }
}

/// Tells how much more memory the process had at the most while it uploaded a file, as Linux tells it, and how many seconds
/// that took.
func upload(_ path: String, with client: MessageClient) throws {
    func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }
    _ = try client.upload(fileName: "warm.bin", data: Data(count: 1_000_000), mediaType: 4) { _ in }
    let (before, begun) = (try peak(), Date())
    let file = URL(fileURLWithPath: path)
    _ = try client.upload(fileName: "large.bin", file: file, mediaType: 4) { _ in }
    print(try peak() - before, (Date().timeIntervalSince(begun) * 10).rounded() / 10)
}

func waitForTheEndOfTheInput() {
    while readLine() != nil {}
}

func run(_ arguments: [String]) throws {
    let (mode, first) = (arguments[0], arguments[1])
    if mode == "serve" {
        let sandbox = try Sandbox(secret: first, rateLimit: 0)
        print(sandbox.baseUrl)
        fflush(nil)
        waitForTheEndOfTheInput()
        return
    }
    if mode == "make" {
        for _ in 0..<(Int(arguments[3]) ?? 0) { _ = try MessageClient(baseUrl: first, secret: arguments[2]) }
        return
    }
    if mode == "upload" {
        try upload(arguments[3], with: MessageClient(baseUrl: first, secret: arguments[2]))
        return
    }
    if mode == "send" {
        let options = ClientOptions(readTimeout: 1, totalTimeout: 1.5, maxAttempts: 1)
        let client = try MessageClient(baseUrl: first, secret: arguments[2], options: options)
        print("ready")
        fflush(nil)
        try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi"))
        return
    }
    if mode == "last" {
        for _ in 0..<(Int(arguments[3]) ?? 0) { try leaveToAThread(baseUrl: first, secret: arguments[2]) }
        return
    }
    var client: MessageClient? = try MessageClient(baseUrl: first, secret: arguments[2])
    if let client { callFromEverywhere(client) }
    if mode == "drop" { client = nil }
    waitForTheEndOfTheInput()
    if mode == "exit" { exit(0) }
    withExtendedLifetime(client) {}
}

try run(Array(CommandLine.arguments.dropFirst()))
