import Foundation

/// Why a call failed: one case for each thing a caller does differently.
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
///
/// Its ``description`` is one plain sentence that names the endpoint. Neither the sentence nor a field holds the
/// secret or the request's body. `attempts` is how often the call was tried; the property ``attempts`` gives it for
/// every case.
public enum MessageError: Error, Equatable, Hashable, Sendable {
    /// The arguments can never work; nothing was sent. `argument` is a path such as `targets[2]`.
    case invalidArgument(argument: String, reason: String)

    /// The server was not reached: connection refused, no such host, TLS failed, no connection in time; or somebody in
    /// front of it refused to pass the request on: a redirect, a proxy that wants a password. Nothing was executed.
    case unreachable(endpoint: String, attempts: Int32, reason: String)

    /// The server takes no more calls for now (code 250 or HTTP 429), or the client's own `rateLimit` left no turn
    /// within the total time-out; this call was not executed. `attempts` is 0 where the client's own limit left no
    /// turn. `msg` is the server's own words, or which limit it was.
    case rateLimited(endpoint: String, attempts: Int32, msg: String)

    /// The server does not accept the signature (codes 239, 243, 244; HTTP 401): nothing was executed. `code` is
    /// the HTTP status where the server gave no code. `clockOffset` is by how many milliseconds this machine's clock is
    /// ahead of the answer's date, behind where it is negative; only for code 243, and where the answer has a date.
    case unauthorized(endpoint: String, code: Int32, msg: String, attempts: Int32 = 1, clockOffset: Int64? = nil)

    /// The server answered with an error code; ``ErrorCode`` names the known ones. Most prove that nothing was executed;
    /// codes 4, 222, 249, 252, 255 and those that nobody knows do not.
    case rejected(endpoint: String, code: Int32, msg: String, attempts: Int32 = 1)

    /// This server, or its edition, does not have the endpoint (its own HTTP 500 without a text, or 404); nothing was
    /// executed.
    case notSupported(endpoint: String, attempts: Int32 = 1)

    /// The server could not read the request (its own HTTP 500 with a text, or 400; HTTP 413 of anybody); nothing was
    /// executed. `body` is the beginning of the server's text.
    case badRequest(endpoint: String, status: Int32, body: String, attempts: Int32 = 1)

    /// The answer did not come in time; whether the server acted is unknown. `elapsed` is how long the call took, in
    /// seconds.
    case timedOut(endpoint: String, attempts: Int32, elapsed: TimeInterval)

    /// The connection was reset or closed after the request left; whether the server acted is unknown.
    case connectionLost(endpoint: String, attempts: Int32, reason: String)

    /// The answer is not one of this API, or not the server's own word: HTML, cut JSON, wrong types, too large, HTTP 502
    /// to 504, a gateway's HTTP 500. Whether the server acted is unknown. `body` is the beginning of the answer.
    case invalidResponse(endpoint: String, status: Int32, reason: String, body: String, attempts: Int32 = 1)

    /// The task was cancelled. `sent` tells whether a request had left whose fate nobody knows. No request goes out
    /// afterwards.
    case interrupted(endpoint: String, sent: Bool, attempts: Int32 = 1)

    /// This library failed, which is a mistake in it: please report it. Whether the server acted is unknown.
    case internalError(reason: String)

    /// Whether the server may have acted although the call failed. Where it may, repeat a sending call only if a second
    /// message does no harm.
    public var mayHaveExecuted: Bool { native?.mayHaveExecuted() ?? true }

    /// How often the call was tried: 0 where it never had its turn, nil where that is not known, as nothing was sent
    /// (``invalidArgument(argument:reason:)``) or this library failed (``internalError(reason:)``).
    public var attempts: Int32? {
        switch self {
        case .invalidArgument, .internalError: nil
        case .unreachable(_, let attempts, _): attempts
        case .rateLimited(_, let attempts, _): attempts
        case .unauthorized(_, _, _, let attempts, _): attempts
        case .rejected(_, _, _, let attempts): attempts
        case .notSupported(_, let attempts): attempts
        case .badRequest(_, _, _, let attempts): attempts
        case .timedOut(_, let attempts, _): attempts
        case .connectionLost(_, let attempts, _): attempts
        case .invalidResponse(_, _, _, _, let attempts): attempts
        case .interrupted(_, _, let attempts): attempts
        }
    }
}

extension MessageError: CustomStringConvertible {
    /// What happened, as one plain sentence: the same in every language of this library.
    public var description: String {
        if let native { return native.sentence() }
        guard case .internalError(let reason) = self else { return "" }
        return "the native library failed: \(reason); the server may have executed the call"
    }
}

extension MessageError: LocalizedError {
    /// The same sentence as ``description``.
    public var errorDescription: String? { description }
}
