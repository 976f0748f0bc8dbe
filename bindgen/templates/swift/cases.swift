{%- for case in cases %}
{%- for line in case.docs.lines() %}
    ///{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
    case {{ case.name }}{{ case.fields }}
{% endfor %}
