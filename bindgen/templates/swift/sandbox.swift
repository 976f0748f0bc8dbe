// Generated from the methods of the Rust sandbox and the records that they take. Do not edit.

import Foundation

extension Sandbox {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
