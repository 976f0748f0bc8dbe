class {{ error.name }}({{ base }}):
{{ error.docs }}

    def __init__(
        self,
{%- for parameter in error.parameters %}
        {{ parameter }},
{%- endfor %}
    ) -> None:
        super().__init__({{ error.passed }})
{%- for field in error.fields %}
        self.{{ field }} = {{ field }}
{%- endfor %}
