    def __init__(
        self,
{%- for argument in client.arguments %}
        {{ argument.name }}: str,
{%- endfor %}
        options: Optional[ClientOptions] = None,
        credentials: Optional[Credentials] = None,
    ) -> None:
{%- for argument in client.arguments %}
        {{ argument.name }} = _arguments.text({{ argument.name }}, "{{ argument.name }}")
{%- endfor %}
        options = None if options is None else _options(options, "options")
        shown = {} if credentials is None else _credentials(credentials, "credentials")._native_values
        native = {{ client.native() }}.in_slices_with(
            {% for argument in client.arguments %}{{ argument.name }}, {% endfor %}options, _WAIT, **shown
        )
        access = native.access()
        # What makes its calls, and what waits for them: closing the client releases both in one step.
        self._native: Optional[tuple[{{ client.native() }}, NativeAccess]] = (native, access)
        # What a description shows.
        self._named = (base_url,{% for id in client.id() %} {{ id.name }}{% endfor %})
        # The level of the application's log that the library was told last.
        self._listening = _logs.NOTHING
        notice = access.notice()
        if notice is not None:
            _logs.notice(notice)
