// Generated from the Rust error of the same name. Do not edit.

import Foundation

{% for line in docs.lines() -%}
///{% if line != "" %} {{ line }}{% endif %}
{% endfor -%}
///
/// ```swift
/// do {
///     try client.sendMessage(sender: "admin", conversation: .single("u1"), payload: .text("hi"))
/// } catch .rejected(_, ErrorCode.notExist, _, _) {
///     print("there is no such user")
/// } catch {
///     print(error, error.mayHaveExecuted ? "ask the server before sending again" : "safe to send again")
/// }
/// ```
public enum MessageError: Error, Equatable, Hashable, Sendable {
{%- include "swift/cases.swift" %}
    /// This library itself failed: please report it. It is unknown whether the server executed the request.
    case internalError(reason: String)

    /// How often the call was tried: 0 if it never had its turn; nil if nothing was sent
    /// (``invalidArgument(argument:reason:)``) or this library itself failed (``internalError(reason:)``).
    public var attempts: Int32? {
        switch self {
{%- for case in cases %}
{%- if let Some(pattern) = case.attempts %}
        case .{{ case.name }}({{ pattern }}): attempts
{%- else %}
        case .{{ case.name }}: nil
{%- endif %}
{%- endfor %}
        case .internalError: nil
        }
    }
}

extension MessageError {
    /// What a native call failed with.
    init(native: NativeMessageError) {
        switch native {
{%- for case in cases %}
        case .{{ case.native }}{{ case.bound }}: self = .{{ case.name }}{{ case.passed }}
{%- endfor %}
        // The client waits such calls out; nobody else gets one.
{%- for other in others %}
        case .{{ other }}: self = .internalError(reason: native.sentence())
{%- endfor %}
        }
    }

    /// The native error, whose sentence and judgement are those of every language; nil for the one case it lacks.
    var native: NativeMessageError? {
        switch self {
{%- for case in cases %}
        case .{{ case.name }}{{ case.bound }}: .{{ case.native }}{{ case.passed }}
{%- endfor %}
        case .internalError: nil
        }
    }
}
