
    /**
{%- for line in call.docs.lines() %}
     *{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
     */
{%- if call.has_defaults %}
    @JvmOverloads
{%- endif %}
    {{ call.define }} {{ call.name }}(
{%- for parameter in call.parameters %}
        {{ parameter }},
{%- endfor %}
    ){{ call.returns }} {
{%- for line in call.body.lines() %}
        {{ line }}
{%- endfor %}
    }
