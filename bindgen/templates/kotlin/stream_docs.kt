{%- if client.id().is_none() %}
     * @param sender id of the user who sends it.
{%- endif %}
     * @param conversation the conversation to send it to.
{%- if pieces != "" %}
     * @param pieces the pieces of the text.
{%- endif %}
     * @param interval the least time between two steps; null for half a second.
     * @param toUsers only these users of the conversation receive it, and the sender; empty for all.
     * @param streamId the id of the stream, the same in all its messages; null to make one up.
     * @param extras mentions, push text, expiry and a text of your own, for the finished message; null for none.
