// Generated from the Rust error of the same name. Do not edit.

import Foundation

/// Why something did not work with an ``Outbox``: one case for each situation that a caller handles differently.
///
/// Neither its description nor a value of a case contains the store's password, the secret or a message.
public enum OutboxError: Error, Equatable, Hashable, Sendable {
{%- include "swift/cases.swift" %}
    /// This library itself failed: please report it.
    case internalError(reason: String)
}

extension OutboxError {
    /// What a native call failed with.
    init(native: NativeOutboxError) {
        switch native {
{%- for case in cases %}
{%- if case.wraps %}
        case .{{ case.native }}(let error): self = .{{ case.name }}(error: MessageError(native: error))
{%- else %}
        case .{{ case.native }}{{ case.bound }}: self = .{{ case.name }}{{ case.passed }}
{%- endif %}
{%- endfor %}
        }
    }

    /// The native error, whose sentence and judgement are those of every language; nil if there is none.
    var native: NativeOutboxError? {
        switch self {
{%- for case in cases %}
{%- if case.wraps %}
        case .{{ case.name }}(let error): error.native.map { .{{ case.native }}(error: $0) }
{%- else %}
        case .{{ case.name }}{{ case.bound }}: .{{ case.native }}{{ case.passed }}
{%- endif %}
{%- endfor %}
        case .internalError: nil
        }
    }
}