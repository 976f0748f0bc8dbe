{%- for line in method.docs.lines() %}
    ///{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
{%- if method.discardable %}
    @discardableResult
{%- endif %}
    public func {{ method.name }}({{ method.parameters }}) {{ method.manner }}throws({{ method.error }}){{ method.returns }} {
{%- for line in method.body.lines() %}
        {{ line }}
{%- endfor %}
    }
