import Foundation

/// Makes traces and metrics of a client's calls, with the tracing library of the application.
///
/// The package depends on none. An adapter begins a span in ``begin(endpoint:)``, puts its context into the headers, and
/// ends it in ``MessageCallTracer/end(_:attempts:)``. The names of spans and attributes are those of OpenTelemetry's
/// conventions for HTTP clients. Neither the secret nor any part of a request, such as a user's id, is in them.
///
/// A call that was refused before anything was sent is never ended. Of many messages (`sendMessages`, `sendEach`,
/// `multicastEach`) a tracer does not hear.
public protocol MessageTracer: Sendable {
    /// A call is about to begin, in the thread or the task that makes it: its context is the current one.
    ///
    /// - Parameter endpoint: What it asks the server, such as `message/send`: the name of its span.
    /// - Returns: What hears of its end.
    func begin(endpoint: String) -> any MessageCallTracer
}

/// Traces one call.
public protocol MessageCallTracer: Sendable {
    /// What the requests of the call carry to the server, such as `traceparent`.
    var headers: [String: String] { get }

    /// The call has ended, in the thread or the task that made it.
    ///
    /// - Parameters:
    ///   - call: The span of the call.
    ///   - attempts: The spans of its attempts, of the kind "client", below that of the call.
    func end(_ call: MessageSpan, attempts: [MessageSpan])
}

/// One span of a trace.
public struct MessageSpan: Equatable, Sendable {
    /// The value of an attribute.
    public enum Value: Equatable, Sendable {
        /// A text.
        case text(String)
        /// A number.
        case number(Int64)
        /// Yes or no.
        case flag(Bool)
    }

    /// What it is called, such as `message/send` or `POST`.
    public let name: String
    /// When it began.
    public let started: Date
    /// How long it took, in seconds.
    public let duration: TimeInterval
    /// Its attributes, such as `http.response.status_code`.
    public let attributes: [String: Value]
    /// Those of them that the metric `http.client.request.duration` of attempts has too.
    public let measured: [String: Value]
    /// What failed, for the span's status; nil if nothing failed.
    public let error: String?

    init(_ span: TraceSpan) {
        name = span.name
        started = span.started
        duration = span.duration
        let pairs = span.attributes.map { ($0.name, Value($0.value)) }
        attributes = Dictionary(uniqueKeysWithValues: pairs)
        let measured = Set(span.attributes.filter(\.isMeasured).map(\.name))
        self.measured = attributes.filter { measured.contains($0.key) }
        error = span.error
    }
}

extension MessageSpan.Value {
    init(_ value: TraceValue) {
        self =
            switch value {
            case .text(let text): .text(text)
            case .number(let number): .number(number)
            case .flag(let flag): .flag(flag)
            }
    }
}
