// Generated from the methods of the Rust sandbox and the records that they take. Do not edit.

import Foundation

extension Sandbox {
{%- for method in methods %}
{%- include "swift/method.swift" %}
{% endfor -%}
}

/// Why a ``Sandbox`` could not start or could not do what it was asked.
public struct SandboxError: Error, Equatable, Hashable, Sendable {
    /// What went wrong, as a sentence.
    public let reason: String

    init(reason: String) {
        self.reason = reason
    }

    /// What a native call threw.
    init(_ error: any Error) {
        switch error {
        case NativeSandboxError.Failed(let reason): self.reason = reason
        default: reason = error.localizedDescription
        }
    }
}

extension SandboxError: CustomStringConvertible {
    /// What went wrong, as a sentence.
    public var description: String { reason }
}

extension SandboxError: LocalizedError {
    /// The same sentence as ``description``.
    public var errorDescription: String? { reason }
}
