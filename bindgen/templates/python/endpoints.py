"""What each call asks of the server. Generated from the methods of the Rust clients."""

ENDPOINTS = {
{%- for client in clients %}
{%- for call in client.calls %}
    "{{ client.native() }}.{{ call.name }}": "{{ call.endpoint }}",
{%- endfor %}
{%- endfor %}
}
