// Generated from the methods of the Rust client and the records that they take. Do not edit.

extension MessageClient {
{%- for method in methods %}
{%- include "swift/method.swift" %}
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
