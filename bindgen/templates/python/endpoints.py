"""What each call asks of the server. Generated from the methods of the Rust client."""

ENDPOINTS = {
{%- for call in calls %}
    "{{ call.name }}": "{{ call.endpoint }}",
{%- endfor %}
}
