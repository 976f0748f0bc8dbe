    /// Begins a text that grows while receivers read it, to which you append the pieces; nothing is sent before the first
    /// one. Otherwise as the `streamText` that takes the pieces.
    ///
    /// - Parameters:
{%- let takes_pieces = false %}
{%- include "swift/stream_docs.swift" %}
    /// - Throws: ``MessageError/invalidArgument(argument:reason:)`` when an argument can never work or the client is
    ///   closed.
    /// - Returns: What the pieces are appended to.
    public func streamText(
        {% if client.id().is_none() %}sender: String, {% endif %}conversation: Conversation, interval: TimeInterval? = nil,
        toUsers: [String] = [], streamId: String? = nil, extras: ContentExtras? = nil
    ) throws(MessageError) -> {{ stream }} {
        try Durations.check("interval", interval)
        let opened = try core.openNative()
        do {
            let request = {{ client.stream_request() }}(
                {% if client.id().is_none() %}sender: sender, {% endif %}conversation: conversation, toUsers: toUsers, interval: interval,
                streamId: streamId, extras: extras)
            return {{ stream }}(try opened.calls.beginStream(request: request){{ awaited }})
        } catch {
            throw MessageError(error)
        }
    }
