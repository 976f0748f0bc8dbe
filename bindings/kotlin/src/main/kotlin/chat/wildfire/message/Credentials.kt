package chat.wildfire.message

/**
 * What the way to a server needs besides its address, and nobody may read: a proxy's user and password, a client's
 * certificate for mutual TLS, headers that a gateway wants to see. No description, exception or log shows it.
 *
 * ```
 * val credentials = Credentials().header("x-api-key", System.getenv("GATEWAY_KEY"))
 * val client = MessageClient("https://im.example.com", secret, null, credentials)
 * ```
 *
 * Each method gives new ones and leaves these as they are. What is wrong with them is told when a client is made.
 */
class Credentials private constructor(
    internal val proxyLogin: List<String>?,
    internal val clientCertificate: List<String>?,
    internal val headers: Map<String, String>,
) {
    /** None at all. */
    constructor() : this(null, null, emptyMap())

    /** The [user] and [password] that the proxy of the options wants: HTTP's basic authentication, or SOCKS5's own. */
    fun proxyLogin(user: String, password: String) = Credentials(listOf(user, password), clientCertificate, headers)

    /**
     * What shows a server with mutual TLS who is calling, as PEM texts.
     *
     * @param certificates the client's certificate, which those of the authorities in between may follow.
     * @param key its private key, without a passphrase.
     */
    fun clientCertificate(certificates: String, key: String) =
        Credentials(proxyLogin, listOf(certificates, key), headers)

    /**
     * A header that a gateway wants to see on each request, such as an API key. The headers that the library sends
     * itself cannot be given. The same [name] once more takes the place of the first.
     */
    fun header(name: String, value: String) = Credentials(proxyLogin, clientCertificate, headers + (name to value))

    /** What there is, and nothing of it. */
    override fun toString(): String {
        val given = listOfNotNull(
            proxyLogin?.let { "proxyLogin" },
            clientCertificate?.let { "clientCertificate" },
            if (headers.isEmpty()) null else "headers",
        )
        return given.joinToString(prefix = "Credentials(", postfix = ")") { "$it=***" }
    }
}
