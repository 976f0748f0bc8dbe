        client, _ = self._open()
        users = _arguments.items(to_users, "to_users")
{%- if client.id().is_none() %}
        request = StreamTextRequest(sender, conversation, users, interval, stream_id, extras)
{%- else %}
        request = RobotStreamTextRequest(conversation, users, interval, stream_id, extras)
{%- endif %}
