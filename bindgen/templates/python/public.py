"""What users see beside the hand-written classes. Generated: it is what the signatures of the library reach."""

{% for (module, names) in modules -%}
from {{ module }} import (
{%- for name in names %}
    {{ name }},
{%- endfor %}
)
{% endfor %}
__all__ = [
{%- for (_, names) in modules %}
{%- for name in names %}
    "{{ name }}",
{%- endfor %}
{%- endfor %}
]
