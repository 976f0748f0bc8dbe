package chat.wildfire.message

import java.time.Duration

/**
 * Makes [ClientOptions] from Java; what is left out has its default. Kotlin names the arguments of [ClientOptions]
 * instead.
 *
 * ```java
 * ClientOptions options = new ClientOptionsBuilder().readTimeout(Duration.ofSeconds(5)).build();
 * ```
 */
class ClientOptionsBuilder {
    private var options = ClientOptions()

    /** How long making a connection may take, name look-up and TLS included; 5 seconds when left out. */
    fun connectTimeout(value: Duration) = change { copy(connectTimeout = value) }

    /** How long the server may be silent while it answers; 15 seconds when left out. */
    fun readTimeout(value: Duration) = change { copy(readTimeout = value) }

    /** How long a call may take in all, every attempt and pause included; 30 seconds when left out. */
    fun totalTimeout(value: Duration) = change { copy(totalTimeout = value) }

    /** How often a call is tried where another attempt is safe; 1 for never again. 3 when left out. */
    fun maxAttempts(value: Int) = change { copy(maxAttempts = value) }

    /**
     * The longest pause before the second attempt, twice as long before each further one; 200 milliseconds when left
     * out. A random part of it is taken. A longer one that the server asks for (`Retry-After`) comes on top.
     */
    fun retryPause(value: Duration) = change { copy(retryPause = value) }

    /** What the doubled pause grows to at the most; 5 seconds when left out. */
    fun retryPauseMax(value: Duration) = change { copy(retryPauseMax = value) }

    /**
     * How many requests a second leave the client at the most, all threads together; 0, for any number, when left
     * out. A call waits for its turn within its total time-out, one of many in a bulk as
     * long as it takes.
     */
    fun rateLimit(value: Int) = change { copy(rateLimit = value) }

    /** How many idle connections are kept for later calls; 32 when left out. */
    fun poolMaxIdle(value: Int) = change { copy(poolMaxIdle = value) }

    /** How long an idle connection is kept for another call; 15 seconds when left out. */
    fun poolIdleTimeout(value: Duration) = change { copy(poolIdleTimeout = value) }

    /** How old a connection may grow; 5 minutes when left out. Then a new one is made, and the name looked up again. */
    fun poolMaxAge(value: Duration) = change { copy(poolMaxAge = value) }

    /** The longest answer that is read, in bytes; 16 MiB when left out. */
    fun maxResponseBytes(value: Long) = change { copy(maxResponseBytes = value) }

    /** URL of a proxy: http, https, socks5 or socks5h; its user and password are given as [Credentials]. */
    fun proxy(value: String) = change { copy(proxy = value) }

    /** URLs of further servers of the same cluster: where one does not come through, the next request goes to the next. */
    fun moreBaseUrls(value: List<String>) = change { copy(moreBaseUrls = value) }

    /** Certificates, as PEM text, that are trusted besides the system's own. */
    fun rootCertificates(value: String) = change { copy(rootCertificates = value) }

    /** What is added to the user agent `wildfirechat-message/<version>`. */
    fun userAgent(value: String) = change { copy(userAgent = value) }

    /** Lets payloads pass whose content type is not meant to be sent through the server API. */
    fun allowUnsendableTypes(value: Boolean) = change { copy(allowUnsendableTypes = value) }

    /** The options with everything that was set so far. */
    fun build(): ClientOptions = options

    private inline fun change(changed: ClientOptions.() -> ClientOptions) = apply { options = options.changed() }
}
