        self,
{%- if client.id().is_none() %}
        sender: str,
{%- endif %}
        conversation: Conversation,
        pieces: {{ pieces }},
        *,
        to_users: Iterable[str] = (),
        interval: Union[datetime.timedelta, float, None] = None,
        stream_id: Optional[str] = None,
        extras: Optional[ContentExtras] = None,
