{%- if client.id().is_none() %}
    ///   - sender: Id of the user who sends it.
{%- endif %}
    ///   - conversation: The conversation to send it to.
{%- if takes_pieces %}
    ///   - pieces: The pieces of the text.
{%- endif %}
    ///   - interval: The least time between two steps, in seconds; half a second when left out.
    ///   - toUsers: Only these users of the conversation receive it, and the sender; empty for all.
    ///   - streamId: The id of the stream, the same in all its messages; made up when left out.
    ///   - extras: Mentions, push text, expiry and a text of your own, for the finished message.
