    private fun beginStream({%- if client.id().is_none() %}
        sender: String,
{%- endif %}
        conversation: Conversation,
        interval: Duration?,
        toUsers: List<String>,
        streamId: String?,
        extras: ContentExtras?,
    ): NativeTextStream {
        val request = {{ client.stream_request() }}({% if client.id().is_none() %}sender, {% endif %}conversation, toUsers, interval, streamId, extras)
        return native.use { opened -> TextStreams.begin(request, interval) { opened.calls.beginStream(request) } }
    }
