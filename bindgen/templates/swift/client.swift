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
/// Any number of threads may share one client. Making a client opens no connection; a program may have several clients,
/// for different servers. The methods of endpoints that only professional servers have fail with
/// ``MessageError/notSupported(endpoint:attempts:)`` on a community server.
///
/// Its methods block until the answer has arrived, a time-out is over, or the call has failed. If a method is called
/// inside a `Task` and the task is cancelled while the method waits (for the server, for another attempt or for its
/// turn), it ends within 200 ms with ``MessageError/interrupted(endpoint:sent:attempts:)``, and no request is sent
/// afterwards. A call that takes less than 100 ms, or whose answer has arrived first, ends normally: no outcome is
/// lost. While it waits, a method blocks its thread: call it in a `Task.detached` or on a queue of your own, not on the
/// main actor.
///
/// Its connections are closed with its last reference, or by ``close()``.
///
/// The secret never appears in a description, an error or a dump. A ``MessageLogHandler`` gets the log of the calls:
/// with `debug` how each call ended, with `info` that a call was tried again, and with `warning` that it is unknown
/// whether the server executed a call. Using plain HTTP to another machine logs one warning per server and process, to
/// the handler, or with `NSLog` if there is none.
public final class {{ client.name }}: Sendable {
{%- include "swift/common.swift" %}

extension {{ client.name }} {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- if let Some(bulk) = client.bulk %}

/// Sending many messages.
extension {{ client.name }} {
    /// Sends many messages, several at the same time, and returns the outcome of each, in their order. Endpoint
    /// {{ bulk.endpoint }}; {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the
    /// sender of all of them, whatever sender a request names.{% endif %}
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
    /// A message is tried again if that is safe, and never sent twice. Messages of one conversation are sent one after
    /// the other, in their order. If the server accepts no more for now, all messages slow down together; if the server
    /// goes away, the method waits for it until the patience is over. If its task is cancelled, it ends within 200 ms:
    /// finished outcomes are kept, and the outcomes of the other messages are
    /// ``MessageError/interrupted(endpoint:sent:attempts:)``. For more messages than fit into memory, see
    /// ``sendEach(requests:options:progress:rest:outcome:)``.
    ///
    /// - Parameters:
    ///   - requests: The messages. One that can never be sent fails alone, as its outcome.
    ///   - options: How many messages are sent at the same time and per second, what ends the sending early, whether
    ///     any order will do, and how long to wait for a server that accepts nothing.
    ///   - progress: Is called with the progress, in the calling thread, at most ten times per second and at the end.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an option can never work or the client is
    ///   closed.
    /// - Returns: One outcome per request, in the order of the requests.
    public func sendMessages(
        requests: some Collection<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil
    ) throws(MessageError) -> [SendOutcome] {
        let size = requests.count
        var outcomes: [SendOutcome] = []
        outcomes.reserveCapacity(size)
        let native = try core.openNative()
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

    /// Sends the messages of a sequence as ``sendMessages(requests:options:progress:)`` does, with limited memory:
    /// there may be more messages than fit into memory. Endpoint {{ bulk.endpoint }}; {{ bulk.servers }}.
    ///
    /// Requests are taken from the sequence at most 8,192 ahead of the outcomes (or `concurrency`, if that is more). If
    /// it ends early, because of `stopOn` or because the task is cancelled, all requests that were taken have outcomes,
    /// and the rest of the sequence is not taken; after `stopOn`, the rest is taken if the size of the sequence is
    /// known.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be lazy and without an end.
    ///   - options: How many messages are sent at the same time and per second, what ends the sending early, whether
    ///     any order will do, and how long to wait for a server that accepts nothing.
    ///   - progress: Is called with the progress, in the calling thread, at most ten times per second and at the end.
    ///   - rest: If `outcome` throws, this closure gets the outcomes of the requests that were taken and for which
    ///     `outcome` was not called, in their order: finished outcomes are kept, and all others are
    ///     ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///   - outcome: Is called with the outcome of each request, in their order, in the calling thread. An error that it
    ///     throws, such as a `CancellationError`, ends the sending at once, and no request is sent afterwards.
    /// - Throws: What `outcome` throws; ``MessageError/invalidArgument(argument:reason:)`` when an option can never
    ///   work or the client is closed.
    public func sendEach(
        requests: some Sequence<SendRequest>, options: BulkOptions? = nil, progress: ((BulkProgress) -> Void)? = nil,
        rest: (([SendOutcome]) -> Void)? = nil, outcome: (SendOutcome) throws -> Void
    ) throws {
        // Only where counting takes nothing from it and costs nothing.
        let size = (requests as? any RandomAccessCollection)?.count
        let native = try core.openNative()
        var bulk = try Bulk(of: native.access, requests, size: size, options: options, log: core.log) {
            try native.calls.beginBulk(options: $0, total: $1)
        }
        try bulk.run(progress: progress, rest: rest, outcome: outcome)
    }
}
{%- endif %}
{%- if let Some(asked) = client.stream %}

/// Texts that grow while receivers read them.
extension {{ client.name }} {
    /// Sends a text that grows while receivers read it, such as the answer of a language model, and returns the message
    /// with the whole text. Endpoint {{ asked.endpoint }}; {{ asked.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the sender.{% endif %}
    ///
    /// The first piece is sent immediately; the others are gathered, and receivers see the text so far in steps, at most
    /// one in each interval. At the end the whole text is sent as an ordinary message, which is stored; the steps are not.
    /// A step that does not arrive does no harm, because the next one has its text too; if the server accepts no more for
    /// now, the steps slow down.
    ///
    /// If the text is not finished, because the task is cancelled or the server refuses it, receivers who have
    /// seen some of it see that it was cancelled, and `streamFailed` says what they see. That takes two seconds at the most.
    ///
    /// - Parameters:
{%- let takes_pieces = true %}
{%- include "swift/stream_docs.swift" %}
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an argument can never work or there is no text;
    ///   `streamFailed` if the text could not be finished.
    /// - Returns: The message with the whole text.
    @discardableResult
    public func streamText(
        {% if client.id().is_none() %}sender: String, {% endif %}conversation: Conversation, pieces: some Sequence<String>, interval: TimeInterval? = nil,
        toUsers: [String] = [], streamId: String? = nil, extras: ContentExtras? = nil
    ) throws(MessageError) -> SentMessage {
        let stream = try streamText(
            {% if client.id().is_none() %}sender: sender, {% endif %}conversation: conversation, interval: interval, toUsers: toUsers, streamId: streamId,
            extras: extras)
        return try stream.send(pieces)
    }
{%- let stream = "TextStream" %}
{%- let awaited = "" %}

{% include "swift/stream_begin.swift" %}
}
{%- endif %}
{%- if let Some(asked) = client.upload %}

/// Uploading files for messages.
extension {{ client.name }} {
    /// Uploads bytes and returns the URL of the file, which is the value for `remoteMediaUrl`. Endpoint
    /// {{ asked.endpoint }}; {{ asked.servers }}.
    ///
    /// The server names a file store, to which the bytes are streamed, and a back-up store that is used if the first
    /// one does not accept them. Together at most `maxAttempts` attempts are made. The upload may take any time, but
    /// not be silent for longer than `readTimeout`. If its task is cancelled, it ends within 200 ms.
    ///
    /// An upload sends no message, so ``MessageError/mayHaveExecuted`` is false for all its errors; their `endpoint` is
    /// the step that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
    ///
    /// - Parameters:
    ///   - fileName: The name of the file for the server.
    ///   - data: The bytes of the file.
    ///   - mediaType: The kind of the file, a number of ``MediaType``.
    ///   - contentType: The content type, such as `image/jpeg`; guessed from the ending of `fileName` when left out.
    ///   - progress: Is called with the progress, in the calling thread, at most ten times per second and at the end.
    /// - Throws: ``MessageError``, which names the step that failed.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, data: Data, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        let data = try crossing(data)
        return try core.upload(of: "{{ asked.endpoint }}", progress) {
            try $0.beginUpload(fileName: fileName, data: data, mediaType: mediaType, contentType: contentType)
        }
    }

    /// Uploads a file on this machine, which need not fit into memory, and returns its URL, as
    /// ``upload(fileName:data:mediaType:contentType:progress:)`` does.
    ///
    /// - Parameters:
    ///   - fileName: The name of the file for the server; it may differ from its name on this machine.
    ///   - file: The URL of the file on this machine.
    ///   - mediaType: The kind of the file, a number of ``MediaType``.
    ///   - contentType: The content type, such as `image/jpeg`; guessed from the ending of `fileName` when left out.
    ///   - progress: Is called with the progress, in the calling thread, at most ten times per second and at the end.
    /// - Throws: ``MessageError``, which names the step that failed; ``MessageError/invalidArgument(argument:reason:)``
    ///   if the file cannot be read, or changes its size while it is read.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, file: URL, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        let path = try filePath(of: file)
        return try core.upload(of: "{{ asked.endpoint }}", progress) {
            try $0.beginFileUpload(
                fileName: fileName, path: path, mediaType: mediaType, contentType: contentType)
        }
    }
}
{%- endif %}
{%- if !files.is_empty() %}

/// Sending messages with files.
extension {{ client.name }} {
{%- for method in files %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- endif %}

extension {{ client.name }}: CustomStringConvertible {
    /// {{ whose }} and whether it is closed; never the secret.
    public var description: String {
        "{{ client.name }}({{ description }})" + (core.isClosed ? " (closed)" : "")
    }
}
