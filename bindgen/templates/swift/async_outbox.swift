// Generated from the methods of the Rust outbox and the records that they take. Do not edit.

import Foundation

extension AsyncOutbox {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}
