// Generated from the methods of the Rust client and the records that they take. Do not edit.

import Foundation

/// ``{{ client.name }}`` for tasks: the same methods as `async` functions, which block no thread that tasks run on.
///
/// ```swift
/// let client = try Async{{ client.name }}({{ passed }})
/// ```
///
/// One thread of the native library drives all calls of a client, and one more hears which have finished; both end a second
/// after the last call. 128 calls are under way at the same time, each on a connection of its own; the others wait for a
/// connection, and that wait counts towards `totalTimeout`.
///
/// If a task is cancelled, its call ends within 200 ms with ``MessageError/interrupted(endpoint:sent:attempts:)``, which says
/// whether a request had left, and no request goes out afterwards. If the answer or another error was there first, that
/// comes out: no outcome is lost.
///
/// Its connections end with its last reference, or with ``close()``. The secret never shows in a description, an error or a
/// dump.
public final class Async{{ client.name }}: Sendable {
{%- for name in shown %}
    private let {{ name }}: String
{%- endfor %}
    let core: ClientCore<{{ client.native() }}>

    /// Makes a client.
    ///
    /// - Parameters:
{%- for line in arguments %}
    /// {{ line }}
{%- endfor %}
    ///   - options: Time-outs, limits, proxy and certificates; what is left out has its default.
    ///   - credentials: What a proxy or a gateway on the way wants to see: a login, a certificate, headers.
    ///   - logHandler: Where it writes what becomes of its calls; nowhere when left out.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when the URL is not a plain http or https one,
    ///   {% if client.id().is_some() %}the id or {% endif %}the secret is empty, or an option or a part of the credentials can never work.
    public init(
        {{ parameters }}, options: ClientOptions? = nil, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil
    ) throws(MessageError) {
        core = try ClientCore(
            logHandler: logHandler, options: options,
            make: {
                try {{ client.native() }}.inSlicesWith(
                    {{ passed }}, options: options, slice: 0,
                    proxyLogin: credentials?.proxyLogin, clientCertificate: credentials?.clientCertificate,
                    headers: credentials?.headers ?? [:])
            },
            access: { try $0.access() })
{%- for name in shown %}
        self.{{ name }} = {{ name }}
{%- endfor %}
    }

    /// Lets the connections go.
    ///
    /// Calls under way in other threads or tasks go on to their end; later ones throw
    /// ``MessageError/invalidArgument(argument:reason:)``. A second time does no harm.
    public func close() {
        core.close()
    }

    /// Closes the connections that lie idle. Calls under way keep theirs, and the next call makes a new one.
    ///
    /// An idle client does nothing by itself: what is idle stays open until the next call, which closes what is older
    /// than `poolIdleTimeout`, or until this.
    public func closeIdle() throws(MessageError) {
        try core.closeIdle()
    }

    /// What this client has done so far in this process, in numbers of one moment: calls, attempts, errors by their name,
    /// unknown fates, connections, waits for limits, and how long attempts took. They are counted whether anybody asks or
    /// not.
    public func stats() throws(MessageError) -> ClientStats {
        try core.stats()
    }
}

extension Async{{ client.name }} {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- if let Some(bulk) = client.bulk %}

/// Sending many messages, several at the same time.
extension Async{{ client.name }} {
    /// Sends many messages, several at the same time, and returns the outcome of each, in their order. Endpoint
    /// {{ bulk.endpoint }}; {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} sends them, whatever sender a request names.{% endif %}
    ///
    /// It does what ``{{ client.name }}/sendMessages(requests:options:progress:)`` does. In a task that is cancelled, it ends
    /// within 200 ms and returns what it has: the outcomes of those that are finished stay, all others are
    /// ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///
    /// - Parameters:
    ///   - requests: The messages. One that can never be sent fails alone, as its outcome.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an option can never work or the client is
    ///   closed.
    /// - Returns: One outcome for each request, in the order of the requests.
    public func sendMessages(
        requests: some Collection<SendRequest>, options: BulkOptions? = nil,
        progress: (@Sendable (BulkProgress) -> Void)? = nil
    ) async throws(MessageError) -> [SendOutcome] {
        let size = requests.count
        var outcomes: [SendOutcome] = []
        outcomes.reserveCapacity(size)
        do {
            let bulk = try begin(AnySequence(Array(requests)), size: size, options, inbox: nil, progress, rest: nil)
            while let outcome = try await bulk.next() { outcomes.append(outcome) }
            // Those that were never taken, as the task was cancelled.
            let untaken = SendOutcome.failure(.interrupted(endpoint: bulk.endpoint, sent: false, attempts: 0))
            outcomes.append(contentsOf: repeatElement(untaken, count: max(0, size - outcomes.count)))
        } catch {
            throw MessageError(error)
        }
        return outcomes
    }

    /// Sends the messages of a sequence in bounded memory: more of them than memory holds. Endpoint {{ bulk.endpoint }};
    /// {{ bulk.servers }}.
    ///
    /// ```swift
    /// for try await outcome in client.sendEach(requests: requests) {
    ///     if case .failure(let error) = outcome { print(error) }
    /// }
    /// ```
    ///
    /// Requests are taken from the sequence while the outcomes are iterated, and only as there is room for them, at the
    /// most 8,192 ahead of the outcomes (or `concurrency`, where that is more). When it ends early, by `stopOn` or as the
    /// task is cancelled, the requests that were taken have their outcomes.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be lazy and without an end.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    /// - Returns: The outcome of each request, in their order.
    public func sendEach(
        requests: some Sequence<SendRequest> & Sendable, options: BulkOptions? = nil,
        progress: (@Sendable (BulkProgress) -> Void)? = nil
    ) -> AsyncSendOutcomes {
        // Only where counting takes nothing from it and costs nothing.
        let size = (requests as? any RandomAccessCollection)?.count
        return AsyncSendOutcomes { [self] in
            try begin(AnySequence(requests), size: size, options, inbox: nil, progress, rest: nil)
        }
    }

    /// Sends the messages of an asynchronous sequence, as the other `sendEach` does. Endpoint {{ bulk.endpoint }};
    /// {{ bulk.servers }}.
    ///
    /// At the most 256 requests wait for their turn besides. What the sequence throws ends the sending at once, and comes
    /// out of the outcomes.
    ///
    /// - Parameters:
    ///   - requests: The messages; there may be no end to them.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    ///   - rest: Is given, where the sequence throws, what became of the requests that were taken and whose outcomes were
    ///     not given out, in their order.
    /// - Returns: The outcome of each request, in their order.
    public func sendEach<Requests: AsyncSequence & Sendable>(
        requests: Requests, options: BulkOptions? = nil, progress: (@Sendable (BulkProgress) -> Void)? = nil,
        rest: (@Sendable ([SendOutcome]) -> Void)? = nil
    ) -> AsyncSendOutcomes where Requests.Element == SendRequest {
        AsyncSendOutcomes { [self] in
            try begin(AnySequence([]), size: nil, options, inbox: Inbox(requests), progress, rest: rest)
        }
    }

    private func begin(
        _ requests: AnySequence<SendRequest>, size: Int?, _ options: BulkOptions?, inbox: Inbox?,
        _ progress: (@Sendable (BulkProgress) -> Void)?, rest: (@Sendable ([SendOutcome]) -> Void)?
    ) throws -> AsyncBulk {
        let native = try core.opened()
        let bulk = try Bulk(of: native.access, requests, size: size, options: options, log: core.log) {
            try native.calls.beginBulk(options: $0, total: $1)
        }
        return try AsyncBulk(bulk, awaited: native.awaited, inbox: inbox, progress: progress, rest: rest)
    }
}
{%- endif %}
{%- if let Some(asked) = client.upload %}

/// Files: brought to a store, for messages that carry them.
extension Async{{ client.name }} {
    /// Uploads bytes and gives the URL under which they are found: what goes into `remoteMediaUrl`. Endpoint
    /// {{ asked.endpoint }}; {{ asked.servers }}.
    ///
    /// The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not take
    /// them. The store is tried as often as `maxAttempts` says, all in all. However long it takes, only silence ends it:
    /// `readTimeout` without a byte either way. In a task that is cancelled, it ends within 200 ms. A thread of Dispatch
    /// waits for it.
    ///
    /// No message is sent by an upload. So for none of its errors is ``MessageError/mayHaveExecuted`` true; their
    /// `endpoint` is the step that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
    ///
    /// - Parameters:
    ///   - fileName: What the server is told that the file is called.
    ///   - data: The bytes of the file.
    ///   - mediaType: What it is, a number of ``MediaType``.
    ///   - contentType: Such as `image/jpeg`; guessed by the ending of `fileName` when left out.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, data: Data, mediaType: Int32, contentType: String? = nil,
        progress: (@Sendable (UploadProgress) -> Void)? = nil
    ) async throws(MessageError) -> String {
        // What crosses in one piece has a length of 31 bits, which it holds itself.
        guard data.count < Int(Int32.max) - 4 else {
            throw .invalidArgument(
                argument: "data", reason: "it has \(data.count) bytes: 2 GiB or more are uploaded from a file")
        }
        return try await core.awaitUpload(progress) {
            try $0.beginUpload(fileName: fileName, data: data, mediaType: mediaType, contentType: contentType)
        }
    }

    /// Uploads a file of this machine, which need not fit into memory, and gives the URL under which it is found, as
    /// ``upload(fileName:data:mediaType:contentType:progress:)`` does.
    ///
    /// - Parameters:
    ///   - fileName: What the server is told that the file is called; need not be the name that it has here.
    ///   - file: Where it is: a file URL.
    ///   - mediaType: What it is, a number of ``MediaType``.
    ///   - contentType: Such as `image/jpeg`; guessed by the ending of `fileName` when left out.
    ///   - progress: Is told how it goes, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed;
    ///   ``MessageError/invalidArgument(argument:reason:)`` where the file cannot be read, or changes its size while it
    ///   is read.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, file: URL, mediaType: Int32, contentType: String? = nil,
        progress: (@Sendable (UploadProgress) -> Void)? = nil
    ) async throws(MessageError) -> String {
        guard file.isFileURL else {
            throw .invalidArgument(argument: "file", reason: "it is the URL of no file on this machine")
        }
        return try await core.awaitUpload(progress) {
            try $0.beginFileUpload(
                fileName: fileName, path: file.path, mediaType: mediaType, contentType: contentType)
        }
    }
}
{%- endif %}

extension Async{{ client.name }}: CustomStringConvertible {
    /// {{ whose }} and whether it is closed; never the secret.
    public var description: String {
        "Async{{ client.name }}({{ description }})" + (core.isClosed ? " (closed)" : "")
    }
}
