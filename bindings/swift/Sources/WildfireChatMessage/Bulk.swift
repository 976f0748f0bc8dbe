import Foundation

/// Many messages on their way: takes requests as there is room for them, and gives each outcome out, in order.
struct Bulk<Requests: Sequence> where Requests.Element == SendRequest {
    /// How long to wait for news, in seconds, where there is nothing else to do: cancellation is looked for in between.
    private static var patience: TimeInterval { 0.1 }

    let native: NativeBulk
    /// What each of its messages asks the server.
    let endpoint: String
    private let log: CallLog
    private var requests: Requests.Iterator
    private let isEndless: Bool
    private(set) var hasEnded = false
    private var isCancelled = false
    private var told: Int64 = 0
    /// Outcomes that have come and were not given out.
    private(set) var untold: ArraySlice<SendOutcome> = []
    /// Whether every request that was taken has its outcome, and how it goes, where the last round told.
    private(set) var isDone = false
    private(set) var progress: BulkProgress?
    /// How many requests the native bulk takes in next; its first answer says that for the first ones too.
    private(set) var wanted = 0
    /// How long the source may take to give these.
    private var within: TimeInterval = 0

    /// Begins one; `size` is how many requests there are, where that is known.
    init(
        of access: NativeAccess, _ requests: Requests, size: Int?, options: BulkOptions?, log: CallLog,
        begin: (BulkOptions?, Int64?) throws -> NativeBulk
    ) throws(MessageError) {
        try options?.checkDurations()
        self.log = log
        log.heed(access)
        do {
            native = try begin(options, size.map(Int64.init))
            endpoint = try native.endpoint()
        } catch {
            throw MessageError(error)
        }
        self.requests = requests.makeIterator()
        isEndless = size == nil
    }

    /// Goes on until every request that was taken has its outcome. When it stops early, the rest of the requests is
    /// taken where its size is known, so that each has an outcome; when the task is cancelled, no more are taken.
    ///
    /// - Throws: What `outcome` throws, or that the library failed; nothing is under way any more then, and `rest` has
    ///   been given the outcomes of those requests of which `outcome` was not told.
    mutating func run(
        progress: ((BulkProgress) -> Void)?, rest: (([SendOutcome]) -> Void)? = nil,
        outcome: (SendOutcome) throws -> Void
    ) throws {
        do {
            try feedAndTell(progress, outcome)
        } catch {
            giveUp()
            rest?(Array(untold))
            throw error
        }
    }

    /// Ends it, and keeps what became of the messages.
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
        untold.popFirst()
    }

    /// Sends nothing more once the current task is cancelled.
    mutating func endIfCancelled() throws {
        if Task.isCancelled && !isCancelled {
            isCancelled = true
            try ask { try $0.cancel() }
            try end()
        }
    }

    /// Takes what is new, and waits for it at most for so many seconds.
    mutating func takeNews(patience: TimeInterval) throws {
        let news = try ask { try $0.wait(patience: patience) }
        (wanted, within, progress) = (Int(news.wanted), news.within, news.progress)
        keep(news)
        if news.stopped && isEndless { try end() }
        isDone = news.done && hasEnded
    }

    /// Feeds requests of a source that is asked elsewhere, which had them ready.
    mutating func feed(_ some: [SendRequest]) throws {
        if !some.isEmpty { try ask { try $0.feed(requests: some, inTime: true) } }
    }

    /// Feeds the next requests, fewer where they take their time.
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

    /// Keeps the outcomes of the news: uid and timestamp of each, or its error.
    private mutating func keep(_ news: BulkNews) {
        log.say(news.lines)
        var failures = news.failures[...]
        news.sent.withUnsafeBytes { bytes in
            for at in stride(from: 0, to: bytes.count, by: 16) {
                let number = told
                told += 1
                if let failure = failures.first, failure.index == number {
                    failures.removeFirst()
                    untold.append(.failure(MessageError(failure.error)))
                } else {
                    let uid = bytes.loadUnaligned(fromByteOffset: at, as: Int64.self)
                    let timestamp = bytes.loadUnaligned(fromByteOffset: at + 8, as: Int64.self)
                    untold.append(
                        .success(
                            SentMessage(
                                messageUid: Int64(littleEndian: uid), timestamp: Int64(littleEndian: timestamp))))
                }
            }
        }
    }

    private func ask<Value>(_ question: (NativeBulk) throws -> Value) throws(MessageError) -> Value {
        do {
            return try question(native)
        } catch {
            throw MessageError(error)
        }
    }
}
