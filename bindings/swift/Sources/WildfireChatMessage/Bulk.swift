import Foundation

/// The outcome of one of many messages: what the server has accepted, or why it has not.
public typealias SendOutcome = Result<SentMessage, MessageError>

/// Many messages that are being sent: it takes requests as there is room for them, and reports the outcomes in order.
struct Bulk<Requests: Sequence> where Requests.Element == SendRequest {
    /// How long to wait for news, in seconds; after that, it checks for cancellation.
    private static var patience: TimeInterval { 0.1 }

    let native: NativeBulk
    /// The endpoint of its messages.
    let endpoint: String
    private let log: CallLog
    private var requests: Requests.Iterator
    private let isEndless: Bool
    private(set) var hasEnded = false
    private var isCancelled = false
    private var told: Int64 = 0
    /// Outcomes that have arrived and were not reported.
    private(set) var pendingOutcomes: ArraySlice<SendOutcome> = []
    /// Whether every request that was taken has its outcome, and the progress, if the last round reported it.
    private(set) var isDone = false
    private(set) var progress: BulkProgress?
    /// How many requests the native bulk takes in next; its first answer says that for the first ones too.
    private(set) var wanted = 0
    /// How long the source may take to give these requests.
    private var within: TimeInterval = 0

    /// Starts the sending; `size` is the number of requests, if it is known.
    init(
        of access: NativeAccess, _ requests: Requests, size: Int?, options: BulkOptions?, log: CallLog,
        begin: (BulkOptions?, Int64?) throws -> NativeBulk
    ) throws(MessageError) {
        try options?.checkDurations()
        self.log = log
        log.updateLevel(access)
        do {
            native = try begin(options, size.map(Int64.init))
            endpoint = try native.endpoint()
        } catch {
            throw MessageError(error)
        }
        self.requests = requests.makeIterator()
        isEndless = size == nil
    }

    /// Continues until every request that was taken has its outcome. If it stops early and the number of requests is
    /// known, the remaining requests are taken too, so that each has an outcome; if the task is cancelled, no more are
    /// taken.
    ///
    /// - Throws: An error of `outcome`, or an error of the library. Then no message is under way any more, and `rest`
    ///   has received the outcomes of the requests for which `outcome` was not called.
    mutating func run(
        progress: ((BulkProgress) -> Void)?, rest: (([SendOutcome]) -> Void)? = nil,
        outcome: (SendOutcome) throws -> Void
    ) throws {
        do {
            try feedAndTell(progress, outcome)
        } catch {
            giveUp()
            rest?(Array(pendingOutcomes))
            throw error
        }
    }

    /// Ends the sending, and keeps the outcomes.
    mutating func giveUp() {
        try? native.cancel()
        while let news = try? native.wait(patience: Self.patience) {
            keep(news)
            if news.done { return }
        }
    }

    private mutating func feedAndTell(
        _ progress: ((BulkProgress) -> Void)?, _ outcome: (SendOutcome) throws -> Void
    ) throws {
        while !isDone {
            try endIfCancelled()
            if !hasEnded && wanted > 0 { try feedSome() }
            try takeNews(patience: Self.patience)
            while let next = popFirst() { try outcome(next) }
            if let progress, let now = self.progress { progress(now) }
        }
    }

    mutating func popFirst() -> SendOutcome? {
        pendingOutcomes.popFirst()
    }

    /// Ends the sending if the current task is cancelled.
    mutating func endIfCancelled() throws {
        if Task.isCancelled && !isCancelled {
            isCancelled = true
            try ask { try $0.cancel() }
            try end()
        }
    }

    /// Takes the news, and waits for it at most so many seconds.
    mutating func takeNews(patience: TimeInterval) throws {
        let news = try ask { try $0.wait(patience: patience) }
        (wanted, within, progress) = (Int(news.wanted), news.within, news.progress)
        keep(news)
        if news.stopped && isEndless { try end() }
        isDone = news.done && hasEnded
    }

    /// Passes requests to the library that their source had ready.
    mutating func feed(_ some: [SendRequest]) throws {
        if !some.isEmpty { try ask { try $0.feed(requests: some, inTime: true) } }
    }

    /// Passes the next requests to the library, fewer if the source is slow.
    mutating func feedSome() throws {
        let begun = DispatchTime.now().uptimeNanoseconds
        let moment = UInt64(within * 1e9)
        var some: [SendRequest] = []
        some.reserveCapacity(wanted)
        var isLast = false
        var inTime = true
        while inTime && some.count < wanted {
            guard let request = requests.next() else {
                isLast = true
                break
            }
            some.append(request)
            inTime = DispatchTime.now().uptimeNanoseconds - begun < moment
        }
        if !some.isEmpty { try ask { [some, inTime] in try $0.feed(requests: some, inTime: inTime) } }
        if isLast { try end() }
    }

    mutating func end() throws {
        if hasEnded { return }
        hasEnded = true
        try ask { try $0.end() }
    }

    /// Keeps the outcomes in the news: for each message its uid and timestamp, or its error.
    private mutating func keep(_ news: BulkNews) {
        log.say(news.lines)
        var failures = news.failures[...]
        news.sent.withUnsafeBytes { bytes in
            for at in stride(from: 0, to: bytes.count, by: 16) {
                let number = told
                told += 1
                if let failure = failures.first, failure.index == number {
                    failures.removeFirst()
                    pendingOutcomes.append(.failure(MessageError(failure.error)))
                } else {
                    let uid = bytes.loadUnaligned(fromByteOffset: at, as: Int64.self)
                    let timestamp = bytes.loadUnaligned(fromByteOffset: at + 8, as: Int64.self)
                    pendingOutcomes.append(
                        .success(
                            SentMessage(
                                messageUid: Int64(littleEndian: uid), timestamp: Int64(littleEndian: timestamp))))
                }
            }
        }
    }

    private func ask<Value>(_ question: (NativeBulk) throws -> Value) throws(MessageError) -> Value {
        try MessageError.translated { try question(native) }
    }
}
