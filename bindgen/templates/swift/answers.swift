// Generated from the answers of the Rust clients. Do not edit.

/// The value of an answer, which is nil where the answer is another's.
extension Answer {
{%- for value in values %}
    var {{ value.name }}: {{ value.ty }}? {
        if case .{{ value.name }}{{ value.pattern }} = self { {{ value.value }} } else { nil }
    }
{% endfor -%}
}
