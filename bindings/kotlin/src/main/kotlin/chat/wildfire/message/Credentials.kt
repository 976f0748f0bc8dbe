package chat.wildfire.message

/**
 * Secrets that are needed to reach a server, besides its own secret: the user name and password of a proxy, a client
 * certificate for mutual TLS, headers that a gateway requires. No description, exception or log shows them.
 *
 * ```
 * val credentials = Credentials().header("x-api-key", System.getenv("GATEWAY_KEY"))
 * val client = MessageClient("https://im.example.com", secret, null, credentials)
 * ```
 *
 * Each method returns new credentials and does not change these. Mistakes in them are reported when a client is made.
 */
class Credentials private constructor(
    internal val proxyLogin: List<String>?,
    internal val clientCertificate: List<String>?,
    internal val headers: Map<String, String>,
) {
    /** None at all. */
    constructor() : this(null, null, emptyMap())

    /** The [user] name and [password] for the proxy in the options, by HTTP basic authentication or by SOCKS5. */
    fun proxyLogin(user: String, password: String) = Credentials(listOf(user, password), clientCertificate, headers)

    /**
     * The certificate by which a server with mutual TLS identifies this client, as PEM texts.
     *
     * @param certificates the client's certificate, which may be followed by those of intermediate authorities.
     * @param key its private key, without a passphrase.
     */
    fun clientCertificate(certificates: String, key: String) =
        Credentials(proxyLogin, listOf(certificates, key), headers)

    /**
     * A header that a gateway requires in each request, such as an API key. The headers that the library sets itself
     * cannot be given. A second header with the same [name] replaces the first.
     */
    fun header(name: String, value: String) = Credentials(proxyLogin, clientCertificate, headers + (name to value))

    /** Which credentials are set, without their values. */
    override fun toString(): String {
        val given = listOfNotNull(
            proxyLogin?.let { "proxyLogin" },
            clientCertificate?.let { "clientCertificate" },
            if (headers.isEmpty()) null else "headers",
        )
        return given.joinToString(prefix = "Credentials(", postfix = ")") { "$it=***" }
    }
}
