/// Secrets that are needed to reach a server, besides its own secret: the user name and password of a proxy, a client
/// certificate for mutual TLS, headers that a gateway requires. No description, dump, error or log shows them.
///
/// ```swift
/// let credentials = Credentials(headers: ["x-api-key": key])
/// let client = try MessageClient(baseUrl: "https://im.example.com", secret: secret, credentials: credentials)
/// ```
public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let proxyLogin: [String]?
    let clientCertificate: [String]?
    let headers: [String: String]

    /// Mistakes in them are reported when a client is made.
    ///
    /// - Parameters:
    ///   - proxyLogin: The user name and password for the proxy in the options, by HTTP basic authentication or by
    ///     SOCKS5.
    ///   - clientCertificate: For mutual TLS, as PEM texts: the client's certificate, which may be followed by those of
    ///     intermediate authorities, and its private key without a passphrase.
    ///   - headers: Headers that a gateway requires in each request, such as an API key. The headers that the library
    ///     sets itself cannot be given.
    public init(
        proxyLogin: (user: String, password: String)? = nil,
        clientCertificate: (certificates: String, key: String)? = nil,
        headers: [String: String] = [:]
    ) {
        self.proxyLogin = proxyLogin.map { [$0.user, $0.password] }
        self.clientCertificate = clientCertificate.map { [$0.certificates, $0.key] }
        self.headers = headers
    }

    /// Which credentials are set, without their values.
    public var description: String {
        var given: [String] = []
        if proxyLogin != nil { given.append("proxyLogin: ***") }
        if clientCertificate != nil { given.append("clientCertificate: ***") }
        if !headers.isEmpty { given.append("headers: ***") }
        return "Credentials(\(given.joined(separator: ", ")))"
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
