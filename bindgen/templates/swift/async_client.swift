// Generated from the methods of the Rust client and the records that they take. Do not edit.

import Foundation

/// ``{{ client.name }}`` for tasks: the same methods as `async` functions, which block no thread that tasks run on.
///
/// ```swift
/// let client = try {{ name }}({{ passed }})
/// ```
///
/// One thread of the native library drives all calls of a client, and another thread reports which calls have finished;
/// both end a second after the last call. 128 calls are under way at the same time, each on a connection of its own;
/// the others wait for a connection, and that wait counts towards `totalTimeout`.
///
/// If a task is cancelled, its call ends within 200 ms with ``MessageError/interrupted(endpoint:sent:attempts:)``,
/// which says whether a request was sent, and no request is sent afterwards. If the answer or another error has arrived
/// first, the method returns or throws it: no outcome is lost.
///
/// Its connections are closed with its last reference, or by ``close()``. The secret never appears in a description, an
/// error or a dump.
public final class {{ name }}: Sendable {
{%- include "swift/common.swift" %}

extension {{ name }} {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- if let Some(bulk) = client.bulk %}

/// Sending many messages, several at the same time.
extension {{ name }} {
    /// Sends many messages, several at the same time, and returns the outcome of each, in their order. Endpoint
    /// {{ bulk.endpoint }}; {{ bulk.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the sender of all of them, whatever sender a request names.{% endif %}
    ///
    /// It does what ``{{ client.name }}/sendMessages(requests:options:progress:)`` does. If its task is cancelled, it ends
    /// within 200 ms: finished outcomes are kept, and the outcomes of the other messages are
    /// ``MessageError/interrupted(endpoint:sent:attempts:)``.
    ///
    /// - Parameters:
    ///   - requests: The messages. One that can never be sent fails alone, as its outcome.
    ///   - options: How many messages are sent at the same time and per second, what ends the sending early, whether
    ///     any order will do, and how long to wait for a server that accepts nothing.
    ///   - progress: Is called with the progress, at most ten times per second and at the end.
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

    /// Sends the messages of a sequence with limited memory: they need not fit into memory. Endpoint {{ bulk.endpoint }};
    /// {{ bulk.servers }}.
    ///
    /// ```swift
    /// for try await outcome in client.sendEach(requests: requests) {
    ///     if case .failure(let error) = outcome { print(error) }
    /// }
    /// ```
    ///
    /// Requests are taken from the sequence while you iterate over the outcomes, at most 8,192 ahead of the outcomes
    /// (or `concurrency`, if that is more). If it ends early, because of `stopOn` or because the task is cancelled, all
    /// requests that were taken have outcomes.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be lazy and without an end.
    ///   - options: How many messages are sent at the same time and per second, what ends the sending early, whether
    ///     any order will do, and how long to wait for a server that accepts nothing.
    ///   - progress: Is called with the progress, at most ten times per second and at the end.
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
    /// At most 256 more requests wait for their turn. An error of the sequence ends the sending at once, and the
    /// iteration over the outcomes throws it.
    ///
    /// - Parameters:
    ///   - requests: The messages; the sequence may be endless.
    ///   - options: How many messages are sent at the same time and per second, what ends the sending early, whether
    ///     any order will do, and how long to wait for a server that accepts nothing.
    ///   - progress: Is called with the progress, at most ten times per second and at the end.
    ///   - rest: If the sequence throws, this closure gets the outcomes of the requests that were taken and whose
    ///     outcomes were not returned, in their order.
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
        let native = try core.openNative()
        let bulk = try Bulk(of: native.access, requests, size: size, options: options, log: core.log) {
            try native.calls.beginBulk(options: $0, total: $1)
        }
        return try AsyncBulk(bulk, awaited: native.awaited, inbox: inbox, progress: progress, rest: rest)
    }
}
{%- endif %}
{%- if let Some(asked) = client.stream %}

/// Texts that grow while receivers read them.
extension Async{{ client.name }} {
    /// Sends a text that grows while receivers read it, such as the answer of a language model, and returns the message
    /// with the whole text. Endpoint {{ asked.endpoint }}; {{ asked.servers }}.{% if let Some(sender) = client.sender() %} The {{ sender }} is the sender.{% endif %}
    ///
    /// The first piece is sent immediately; the others are gathered, and receivers see the text so far in steps, at most
    /// one in each interval. At the end the whole text is sent as an ordinary message, which is stored; the steps are not.
    /// A step that does not arrive does no harm, because the next one has its text too; if the server accepts no more for
    /// now, the steps slow down.
    ///
    /// If the text is not finished, because the sequence throws, the task is cancelled or the server refuses it,
    /// receivers who have seen some of it see that it was cancelled, and `streamFailed` says what they see. That takes
    /// two seconds at the most.
    ///
    /// - Parameters:
{%- let takes_pieces = true %}
{%- include "swift/stream_docs.swift" %}
    ///   - onCancel: If the sequence throws, this closure gets the `streamFailed` that says what receivers see.
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an argument can never work or there is no text;
    ///   `streamFailed` if the text could not be finished; what the sequence throws.
    /// - Returns: The message with the whole text.
    @discardableResult
    public func streamText<Pieces: AsyncSequence>(
        {% if client.id().is_none() %}sender: String, {% endif %}conversation: Conversation, pieces: Pieces, interval: TimeInterval? = nil,
        toUsers: [String] = [], streamId: String? = nil, extras: ContentExtras? = nil,
        onCancel: (@Sendable (MessageError) -> Void)? = nil
    ) async throws -> SentMessage where Pieces.Element == String {
        let stream = try streamText(
            {% if client.id().is_none() %}sender: sender, {% endif %}conversation: conversation, interval: interval, toUsers: toUsers, streamId: streamId,
            extras: extras)
        return try await stream.send(pieces, onCancel: onCancel)
    }
{%- let stream = "AsyncTextStream" %}
{%- let awaited = ", awaited: opened.awaited" %}

{% include "swift/stream_begin.swift" %}
}
{%- endif %}
{%- if let Some(asked) = client.upload %}

/// Uploading files for messages.
extension {{ name }} {
    /// Uploads bytes and returns the URL of the file, which is the value for `remoteMediaUrl`. Endpoint
    /// {{ asked.endpoint }}; {{ asked.servers }}.
    ///
    /// The server names a file store, to which the bytes are streamed, and a back-up store that is used if the first
    /// one does not accept them. Together at most `maxAttempts` attempts are made. The upload may take any time, but
    /// not be silent for longer than `readTimeout`. If its task is cancelled, it ends within 200 ms. A thread of
    /// Dispatch waits for it.
    ///
    /// An upload sends no message, so ``MessageError/mayHaveExecuted`` is false for all its errors; their `endpoint` is
    /// the step that failed: `{{ asked.endpoint }}`, `file store` or `backup file store`.
    ///
    /// - Parameters:
    ///   - fileName: The name of the file for the server.
    ///   - data: The bytes of the file.
    ///   - mediaType: The kind of the file, a number of ``MediaType``.
    ///   - contentType: The content type, such as `image/jpeg`; guessed from the ending of `fileName` when left out.
    ///   - progress: Is called with the progress, at most ten times per second and at the end.
    /// - Throws: ``MessageError``, which names the step that failed.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, data: Data, mediaType: Int32, contentType: String? = nil,
        progress: (@Sendable (UploadProgress) -> Void)? = nil
    ) async throws(MessageError) -> String {
        let data = try crossing(data)
        return try await core.awaitUpload(of: "{{ asked.endpoint }}", progress) {
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
    ///   - progress: Is called with the progress, at most ten times per second and at the end.
    /// - Throws: ``MessageError``, which names the step that failed; ``MessageError/invalidArgument(argument:reason:)``
    ///   if the file cannot be read, or changes its size while it is read.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, file: URL, mediaType: Int32, contentType: String? = nil,
        progress: (@Sendable (UploadProgress) -> Void)? = nil
    ) async throws(MessageError) -> String {
        let path = try filePath(of: file)
        return try await core.awaitUpload(of: "{{ asked.endpoint }}", progress) {
            try $0.beginFileUpload(
                fileName: fileName, path: path, mediaType: mediaType, contentType: contentType)
        }
    }
}
{%- endif %}
{%- if !files.is_empty() %}

/// Sending messages with files.
extension {{ name }} {
{%- for method in files %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
{%- endif %}

extension {{ name }}: CustomStringConvertible {
    /// {{ whose }} and whether it is closed; never the secret.
    public var description: String {
        "{{ name }}({{ description }})" + (core.isClosed ? " (closed)" : "")
    }
}
