package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import java.net.ServerSocket

/** Credentials for the way to a server: they are sent, checked, and never shown. */
@Timeout(60)
class CredentialsTest {
    @Test
    fun `a gateway's header goes with each request`() = Sandbox(SECRET).use { sandbox ->
        val credentials = Credentials().header("X-Api-Key", "canary-key").header("authorization", "Bearer canary")
        MessageClient(sandbox.baseUrl, SECRET, null, credentials).use { it.sendHello() }
        val headers = sandbox.requests().single().headers.associate { it.name.lowercase() to it.value }
        assertEquals(listOf("canary-key", "Bearer canary"), listOf(headers["x-api-key"], headers["authorization"]))
    }

    @Test
    fun `a proxy is shown the login`() = Sandbox(SECRET).use { sandbox ->
        val login = Credentials().proxyLogin("u", "p w")
        MessageClient("http://im.invalid", SECRET, ClientOptions(proxy = sandbox.baseUrl), login).use { client ->
            // The sandbox is no proxy and knows no such path; what it was sent is what counts.
            assertThrows<MessageException> { client.sendHello() }
        }
        val headers = sandbox.requests().first().headers.associate { it.name to it.value }
        assertEquals("Basic dTpwIHc=", headers["proxy-authorization"])
    }

    @Test
    fun `what cannot work is refused by its name`() {
        for ((credentials, argument) in listOf(
            Credentials().header("nonce", "canary") to "headers.nonce",
            Credentials().header("x key", "canary") to "headers.?",
            Credentials().header("x-key", "canary\n") to "headers.x-key",
            Credentials().proxyLogin("u", "canary") to "proxy_login",
            Credentials().clientCertificate("canary", "canary") to "client_certificate.certificates",
        )) {
            val refused = assertThrows<MessageException.InvalidArgument> {
                MessageClient("http://im.example.com", SECRET, null, credentials)
            }
            assertEquals(argument, refused.argument)
            assertFalse("canary" in refused.toString(), refused.toString())
        }
    }

    @Test
    fun `nothing of them is shown`() {
        val credentials = Credentials().proxyLogin("canary", "canary").header("x-key", "canary")
        assertEquals("Credentials(proxyLogin=***, headers=***)", credentials.toString())
        assertEquals("Credentials()", Credentials().toString())
    }

    @Test
    fun `the next server of a cluster is taken`() = Sandbox(SECRET).use { sandbox ->
        val gone = ServerSocket(0).use { "http://127.0.0.1:${it.localPort}" }
        MessageClient(gone, SECRET, ClientOptions(moreBaseUrls = listOf(sandbox.baseUrl))).use { it.sendHello() }
        MessageClient(gone, SECRET).use { alone -> assertThrows<MessageException.Unreachable> { alone.sendHello() } }
        assertEquals(1, sandbox.messageUids().size)
    }

    @Test
    fun `idle connections are closed when one asks for it`() = withServer { client, sandbox ->
        repeat(3) {
            client.sendHello()
            client.sendHello()
            client.closeIdle()
        }
        assertEquals(3, sandbox.requests().map { it.connection }.toSet().size)
    }
}
