
    {{ call.define }} {{ call.name }}(
        self,
{%- for parameter in call.parameters %}
        {{ parameter }},
{%- endfor %}
    ) -> {{ call.returns }}:
{{ call.docs }}
{%- for line in call.body.lines() %}
        {{ line }}
{%- endfor %}
