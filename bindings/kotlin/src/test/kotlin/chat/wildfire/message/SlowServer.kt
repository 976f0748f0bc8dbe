package chat.wildfire.message

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration
import java.util.concurrent.Executors

/** A proxy in front of a server, which delays each answer. */
class SlowServer(private val server: String, private val delay: Duration) : AutoCloseable {
    private val listener = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    private val threads = Executors.newCachedThreadPool()
    private val http = HttpClient.newHttpClient()

    val baseUrl = "http://127.0.0.1:${listener.address.port}"

    init {
        listener.executor = threads
        listener.createContext("/", ::pass)
        listener.start()
    }

    private fun pass(exchange: HttpExchange) = exchange.use {
        val request = HttpRequest.newBuilder(URI(server + exchange.requestURI))
            .POST(BodyPublishers.ofByteArray(exchange.requestBody.readBytes()))
        for (name in listOf("nonce", "timestamp", "sign", "content-type")) {
            request.header(name, exchange.requestHeaders.getFirst(name))
        }
        val answer = http.send(request.build(), BodyHandlers.ofByteArray())
        Thread.sleep(delay.toMillis())
        exchange.responseHeaders.add("content-type", "application/json")
        exchange.sendResponseHeaders(answer.statusCode(), answer.body().size.toLong().takeIf { it > 0 } ?: -1)
        exchange.responseBody.write(answer.body())
    }

    override fun close() {
        listener.stop(0)
        threads.shutdownNow()
    }
}
