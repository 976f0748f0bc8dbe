{%- for (name, _) in arguments %}
    {% if name.as_str() != "secret" %}private val {% endif %}{{ name }}: String,
{%- endfor %}
    options: ClientOptions? = null,
    credentials: Credentials? = null,
) : AutoCloseable {
    private val native: NativeHolder<Opened<{{ client.native() }}>>

    init {
        val shown = credentials ?: Credentials()
        val arguments = mapOf(
{%- for (name, rust) in arguments %}
            "{{ rust }}" to {{ name }},
{%- endfor %}
            "options" to options,
            "proxy_login" to shown.proxyLogin,
            "client_certificate" to shown.clientCertificate,
            "headers" to (shown.headers.keys + shown.headers.values).toList(),
        )
        val opened = translatingErrors(arguments) {
            val calls = {{ client.native() }}.inSlicesWith(
{%- for (name, _) in arguments %}
                {{ name }},
{%- endfor %}
                options,
                {{ slice }},
                shown.proxyLogin,
                shown.clientCertificate,
                shown.headers,
            )
            Opened(calls, calls.access())
        }
        native = NativeHolder(opened, "{{ name }}")
        opened.access.notice()?.let(CallLog::warn)
    }
