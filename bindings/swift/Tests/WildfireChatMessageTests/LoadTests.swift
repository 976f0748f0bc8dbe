#if os(Linux)
    import WildfireChatMessage
    import XCTest

    /// Many clients and many threads, against a sandbox in a process of its own. `WILDFIRECHAT_CLIENTS` and
    /// `WILDFIRECHAT_THREADS_SECONDS` ask for longer runs.
    final class LoadTests: XCTestCase {
        func test_clients_that_come_and_go_leave_nothing_behind() throws {
            let server = try Server()
            let baseUrl = server.baseUrl
            let count = setting("CLIENTS", otherwise: 300)
            @Sendable func useAndDrop(_ count: Int) throws {
                for _ in 0..<count {
                    let client = try MessageClient(baseUrl: baseUrl, secret: Server.secret)
                    XCTAssertNil(try client.findMessage(messageUid: 1))
                }
            }
            try useAndDrop(100)
            let before = try ThisProcess.now()
            let made = WatchedCall.inThread { try useAndDrop(count) }
            try made.outcome(within: 60 + Double(count) / 20).get()
            let after = try ThisProcess.settled(threads: before.threads + 8)
            try server.stop()
            print("measured: \(count) clients made, used and dropped: before \(before); after \(after)")
            assertFlat(before, after, memory: 4 * 1024)
        }

        func test_64_threads_with_every_kind_of_call_meet_no_error() throws {
            let server = try Server()
            let client = try MessageClient(baseUrl: server.baseUrl, secret: Server.secret)
            let seconds = TimeInterval(setting("THREADS_SECONDS", otherwise: 2))
            _ = try callFrom64Threads(client, for: min(seconds, 2))
            let before = try ThisProcess.now()
            let made = try callFrom64Threads(client, for: seconds)
            let after = try ThisProcess.settled(threads: before.threads + 8)
            try server.stop()
            print("measured: 64 threads, \(Int(seconds)) s, \(made) calls: before \(before); after \(after)")
            XCTAssertGreaterThan(made, 64)
            assertFlat(before, after, memory: 16 * 1024)
        }

        /// A leak shows in hundreds. A few more or less come from what the tests before have left and the system keeps.
        private func assertFlat(_ before: ThisProcess, _ after: ThisProcess, memory: Int, line: UInt = #line) {
            XCTAssertLessThanOrEqual(after.threads, before.threads + 8, line: line)
            XCTAssertLessThanOrEqual(after.files, before.files + 8, line: line)
            XCTAssertLessThanOrEqual(after.memory, before.memory + memory, line: line)
        }

        /// How many calls were made; none may fail.
        private func callFrom64Threads(_ client: MessageClient, for seconds: TimeInterval) throws -> Int {
            let end = Date(timeIntervalSinceNow: seconds)
            let counts = Collected<Int>()
            let failures = Collected<String>()
            let threads = DispatchGroup()
            for number in 0..<64 {
                threads.enter()
                inThread {
                    var count = 0
                    do {
                        while Date() < end { count += try Self.oneOfEach(client, user: "u\(number)") }
                    } catch {
                        failures.add("\(error)")
                    }
                    counts.add(count)
                    threads.leave()
                }
            }
            guard threads.wait(timeout: .now() + seconds + 60) == .success else {
                throw WatchedCall<Void>.TooSlow(what: "the threads hang")
            }
            XCTAssertEqual(failures.all, [])
            return counts.all.reduce(0, +)
        }

        /// Gives how many calls that were.
        private static func oneOfEach(_ client: MessageClient, user: String) throws -> Int {
            let sent = try client.sendMessage(sender: "admin", conversation: .single(user), payload: .text("hi"))
            _ = try client.getMessage(messageUid: sent.messageUid)
            _ = try client.recallMessage(operator: "admin", messageUid: sent.messageUid)
            let many = try client.multicastMessage(sender: "admin", targets: [user], payload: .text("hi"))
            try client.deleteMessage(messageUid: many.messageUid)
            _ = try client.getDeliveryTimestamp(userId: user)
            return 6
        }
    }
#endif
