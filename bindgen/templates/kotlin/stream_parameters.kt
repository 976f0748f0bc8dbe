{%- if client.id().is_none() %}
        sender: String,
{%- endif %}
        conversation: Conversation,
{%- if pieces != "" %}
        pieces: {{ pieces }},
{%- endif %}
        interval: Duration? = null,
        toUsers: List<String> = emptyList(),
        streamId: String? = null,
        extras: ContentExtras? = null,
