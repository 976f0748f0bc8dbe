/// What the way to a server needs besides its address, and nobody may read: a proxy's user and password, a client's
/// certificate for mutual TLS, headers that a gateway wants to see. No description, dump, error or log shows it.
///
/// ```swift
/// let credentials = Credentials(headers: ["x-api-key": key])
/// let client = try MessageClient(baseUrl: "https://im.example.com", secret: secret, credentials: credentials)
/// ```
public struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let proxyLogin: [String]?
    let clientCertificate: [String]?
    let headers: [String: String]

    /// What is wrong with them is told when a client is made.
    ///
    /// - Parameters:
    ///   - proxyLogin: User and password for the proxy of the options: HTTP's basic authentication, or SOCKS5's own.
    ///   - clientCertificate: For mutual TLS, PEM texts: the client's certificate, which those of the authorities in
    ///     between may follow, and its private key without a passphrase.
    ///   - headers: Headers that a gateway wants to see on each request, such as an API key. The headers that the
    ///     library sends itself cannot be given.
    public init(
        proxyLogin: (user: String, password: String)? = nil,
        clientCertificate: (certificates: String, key: String)? = nil,
        headers: [String: String] = [:]
    ) {
        self.proxyLogin = proxyLogin.map { [$0.user, $0.password] }
        self.clientCertificate = clientCertificate.map { [$0.certificates, $0.key] }
        self.headers = headers
    }

    /// What there is, and nothing of it.
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
