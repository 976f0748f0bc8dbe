// Generated from the methods of the Rust client and the records that they take. Do not edit.

import Foundation

/// {{ client.intro }}
{%- for line in docs %}
///{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
///
/// ```swift
/// let client = try {{ client.name }}({{ passed }})
/// ```
///
/// It may be used from many threads at once and is cheap to share. Making one opens nothing; many for different
/// servers live side by side. The methods that only professional servers have fail with
/// ``MessageError/notSupported(endpoint:attempts:)`` on a community server.
///
/// Its methods block until the answer is there, a time-out is over, or the call failed. Called inside a `Task` that
/// is cancelled while they wait, be it for the server, for another attempt or for their turn, they end within 200 ms
/// with ``MessageError/interrupted(endpoint:sent:attempts:)``, and no request goes out afterwards; a call that takes
/// less than 100 ms ends as it would have, and so does one whose answer is there first: no outcome is lost. Meanwhile
/// they occupy their thread: call them in a `Task.detached` or on a queue of your own, not on the main actor, which
/// could neither draw nor cancel anything then.
///
/// Its connections end with its last reference, or with ``close()``.
///
/// The secret never shows in a description, an error or a dump. A ``MessageLogHandler`` hears of calls: with `debug` how
/// each ended, with `info` that one was tried again, as a `warning` that nobody knows whether the server executed it. A
/// client that speaks plain http to another machine says so once for a server in a process: to its handler, or with
/// `NSLog` where it has none.
public final class {{ client.name }}: Sendable {
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
    public convenience init(
        {{ parameters }}, options: ClientOptions? = nil, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil
    ) throws(MessageError) {
        try self.init(
            {{ passed }}, options: options, credentials: credentials, logHandler: logHandler,
            slice: 0.1)
    }

    /// `slice` is how long a call waits, in seconds, before it looks whether its task was cancelled.
    init(
        {{ parameters }}, options: ClientOptions?, credentials: Credentials? = nil,
        logHandler: (any MessageLogHandler)? = nil, slice: TimeInterval
    ) throws(MessageError) {
        core = try ClientCore(
            logHandler: logHandler, options: options,
            make: {
                try {{ client.native() }}.inSlicesWith(
                    {{ passed }}, options: options, slice: slice,
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

extension {{ client.name }} {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- if let Some(bulk) = client.bulk %}

/// Sending many messages, several at once.
extension {{ client.name }} {
    /// Sends many messages, several at once, and gives the outcome of each, in their order. Endpoint
    /// {{ bulk.endpoint }}; {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} sends them, whatever sender a request names.{% endif %}
    ///
    /// ```swift
    /// let requests = try users.map {
    ///     try SendRequest(sender: "admin", conversation: .single($0), content: .text("The doors are open."))
    /// }
    /// for (user, outcome) in zip(users, try client.sendMessages(requests: requests)) {
    ///     if case .failure(let error) = outcome { print(user, error) }
    /// }
    /// ```
    ///
    /// Each is tried again where that is safe, and never sent twice. Those of one conversation go one after the other, in
    /// their order. When the server accepts no more for now, all slow down together; one that goes away is waited for, as
    /// long as the patience lasts. In a task that is cancelled, it ends within 200 ms and gives what it has: the outcomes of those
    /// that are finished stay, all others are ``MessageError/interrupted(endpoint:sent:attempts:)``. For more messages
    /// than memory holds, see ``sendEach(requests:options:progress:rest:outcome:)``.
    ///
    /// - Parameters:
    ///   - requests: The messages. One that can never be sent fails alone, as its outcome.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an option can never work or the client is
    ///   closed.
    /// - Returns: One outcome a request, in the order of the requests.
    public func sendMessages(
        requests: some Collection<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil
    ) throws(MessageError) -> [SendOutcome] {
        let size = requests.count
        var outcomes: [SendOutcome] = []
        outcomes.reserveCapacity(size)
        let native = try core.opened()
        var bulk = try Bulk(of: native.access, requests, size: size, options: options, log: core.log) {
            try native.calls.beginBulk(options: $0, total: $1)
        }
        do {
            try bulk.run(progress: progress) { outcomes.append($0) }
        } catch {
            throw MessageError(error)
        }
        // Those that were never taken, as the task was cancelled.
        let untaken = SendOutcome.failure(.interrupted(endpoint: bulk.endpoint, sent: false, attempts: 0))
        outcomes.append(contentsOf: repeatElement(untaken, count: max(0, size - outcomes.count)))
        return outcomes
    }

    /// Sends the messages of a sequence as ``sendMessages(requests:options:progress:)`` does, in bounded memory: more
    /// of them than memory holds. Endpoint {{ bulk.endpoint }}; {{ bulk.servers }}.
    ///
    /// Requests are taken from the sequence only as there is room for them, at the most 8,192 ahead of the outcomes (or
    /// `concurrency`, where that is more). When it ends early, by `stopOn` or as the task is cancelled, the requests
    /// that were taken have their outcomes, and the rest of a sequence is not taken; after `stopOn` it is where its
    /// size is known.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be lazy and without an end.
    ///   - options: How many are under way at once, how many go a second, what ends it early, whether any order will do,
    ///     and how long a server that takes nothing is waited for.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    ///   - rest: Is given, where `outcome` throws, what became of the requests that were taken and of which it was not
    ///     told, in their order: what is finished stays, all others are
    ///     ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///   - outcome: Is given the outcome of each request, in their order, in the calling thread. What it throws, such as
    ///     a `CancellationError`, ends the sending at once, and no request goes out afterwards.
    /// - Throws: What `outcome` throws; ``MessageError/invalidArgument(argument:reason:)`` when an option can never
    ///   work or the client is closed.
    public func sendEach(
        requests: some Sequence<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil,
        rest: (([SendOutcome]) -> Void)? = nil, outcome: (SendOutcome) throws -> Void
    ) throws {
        // Only where counting takes nothing from it and costs nothing.
        let size = (requests as? any RandomAccessCollection)?.count
        let native = try core.opened()
        var bulk = try Bulk(of: native.access, requests, size: size, options: options, log: core.log) {
            try native.calls.beginBulk(options: $0, total: $1)
        }
        try bulk.run(progress: progress, rest: rest, outcome: outcome)
    }
}
{%- endif %}
{%- if let Some(asked) = client.upload %}

/// Files: brought to a store, for messages that carry them.
extension {{ client.name }} {
    /// Uploads bytes and gives the URL under which they are found: what goes into `remoteMediaUrl`. Endpoint
    /// {{ asked.endpoint }}; {{ asked.servers }}.
    ///
    /// The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not take
    /// them. The store is tried as often as `maxAttempts` says, all in all. However long it takes, only silence ends it:
    /// `readTimeout` without a byte either way. In a task that is cancelled, it ends within 200 ms.
    ///
    /// No message is sent by an upload. So for none of its errors is ``MessageError/mayHaveExecuted`` true; their
    /// `endpoint` is the step that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
    ///
    /// - Parameters:
    ///   - fileName: What the server is told that the file is called.
    ///   - data: The bytes of the file.
    ///   - mediaType: What it is, a number of ``MediaType``.
    ///   - contentType: Such as `image/jpeg`; guessed by the ending of `fileName` when left out.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, data: Data, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        // What crosses in one piece has a length of 31 bits, which it holds itself.
        guard data.count < Int(Int32.max) - 4 else {
            throw .invalidArgument(
                argument: "data", reason: "it has \(data.count) bytes: 2 GiB or more are uploaded from a file")
        }
        return try core.upload(progress) {
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
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed;
    ///   ``MessageError/invalidArgument(argument:reason:)`` where the file cannot be read, or changes its size while it
    ///   is read.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, file: URL, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        guard file.isFileURL else {
            throw .invalidArgument(argument: "file", reason: "it is the URL of no file on this machine")
        }
        return try core.upload(progress) {
            try $0.beginFileUpload(
                fileName: fileName, path: file.path, mediaType: mediaType, contentType: contentType)
        }
    }
}
{%- endif %}

extension {{ client.name }}: CustomStringConvertible {
    /// {{ whose }} and whether it is closed; never the secret.
    public var description: String {
        "{{ client.name }}({{ description }})" + (core.isClosed ? " (closed)" : "")
    }
}
