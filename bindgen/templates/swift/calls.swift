// Generated from the methods of the Rust client and the records that they take. Do not edit.

extension MessageClient {
{%- for method in methods %}
{%- for line in method.docs.lines() %}
    ///{% if line != "" %} {{ line }}{% endif %}
{%- endfor %}
{%- if method.discardable %}
    @discardableResult
{%- endif %}
    public func {{ method.name }}({{ method.parameters }}) throws(MessageError){{ method.returns }} {
        {{ method.body }}
    }
{% endfor -%}
}

/// The value of an answer, which is nil where the answer is another's.
extension Answer {
{%- for value in values %}
    var {{ value.name }}: {{ value.ty }}? {
        if case .{{ value.name }}{{ value.pattern }} = self { {{ value.value }} } else { nil }
    }
{% endfor -%}
}
