import com.google.gson.Gson
import com.google.gson.reflect.TypeToken
import okhttp3.ConnectionPool
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttp
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import org.apache.http.client.methods.HttpPost
import org.apache.http.entity.ByteArrayEntity
import org.apache.http.impl.client.HttpClients
import org.apache.http.impl.conn.PoolingHttpClientConnectionManager
import org.apache.http.util.EntityUtils
import org.apache.http.util.VersionInfo
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.security.MessageDigest
import java.util.Base64
import java.util.concurrent.ThreadLocalRandom
import java.util.concurrent.TimeUnit

/** An HTTP client that one would take otherwise: [post] sends a body to a path, with these headers, on a kept connection. */
class Peer(val name: String, val version: String, val post: (String, Map<String, String>, ByteArray) -> ByteArray)

fun peers(url: String): List<Peer> = listOf("apache", "okhttp", "java.net.http").map { peer(it, url) }

fun peer(name: String, url: String): Peer = when (name) {
    "apache" -> apache(url)
    "okhttp" -> okhttp(url)
    "java.net.http" -> javaNet(url)
    else -> error("there is no peer $name")
}

/** As the vendor's SDK sets it up. */
private fun apache(url: String): Peer {
    val pool = PoolingHttpClientConnectionManager().apply {
        maxTotal = 100
        defaultMaxPerRoute = 50
    }
    val client = HttpClients.custom().setConnectionManager(pool).build()
    val version = VersionInfo.loadVersionInfo("org.apache.http.client", null).release
    return Peer("apache", version) { path, headers, body ->
        val request = HttpPost(url + path)
        headers.forEach(request::setHeader)
        request.setHeader("Content-Type", JSON_TYPE)
        request.entity = ByteArrayEntity(body)
        client.execute(request).use { answer -> EntityUtils.toByteArray(answer.entity) }
    }
}

private fun okhttp(url: String): Peer {
    // By itself it keeps 5 connections; many threads would open one for most calls.
    val client = OkHttpClient.Builder().connectionPool(ConnectionPool(100, 5, TimeUnit.MINUTES)).build()
    return Peer("okhttp", OkHttp.VERSION) { path, headers, body ->
        client.newCall(okhttpRequest(url + path, headers, body)).execute().use { answer -> answer.body.bytes() }
    }
}

private fun okhttpRequest(url: String, headers: Map<String, String>, body: ByteArray): Request {
    val request = Request.Builder().url(url).post(body.toRequestBody(JSON_TYPE.toMediaType()))
    headers.forEach(request::header)
    return request.build()
}

/** A message on its way to the server, as each client wants it. */
fun okhttpRequest(url: String): Request = okhttpRequest(url + SEND_PATH, signature(), message(null))

fun javaNetRequest(url: String): HttpRequest = javaNetRequest(url + SEND_PATH, signature(), message(null))

private fun javaNet(url: String): Peer {
    val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    return Peer("java.net.http", System.getProperty("java.version")) { path, headers, body ->
        val post = javaNetRequest(url + path, headers, body)
        try {
            client.send(post, BodyHandlers.ofByteArray()).body()
        } catch (_: IOException) {
            // With many threads its pool now and then closes a connection that it has just given out.
            client.send(post, BodyHandlers.ofByteArray()).body()
        }
    }
}

private fun javaNetRequest(url: String, headers: Map<String, String>, body: ByteArray): HttpRequest {
    val request = HttpRequest.newBuilder(URI(url)).header("Content-Type", JSON_TYPE)
    headers.forEach(request::header)
    return request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build()
}

private const val SEND_PATH = "/admin/message/send"
private const val JSON_TYPE = "application/json; charset=utf-8"

/** A call of the API as a careful user of an HTTP client writes it: typed values in and out, each time. */
fun work(peer: Peer, work: Work): () -> Unit = when (work) {
    Work.SEND -> {
        { send(peer, null) }
    }

    Work.SEND_WITH_DATA -> {
        { send(peer, ByteArray(30_000) { 7 }) }
    }

    Work.GET -> {
        {
            val answer = peer.post("/admin/message/get_one", signature(), json(Get(UID)))
            check(read(answer, FOUND).payload.searchableContent.length == 40_000)
        }
    }
}

private fun send(peer: Peer, data: ByteArray?) {
    checkSent(peer.post(SEND_PATH, signature(), message(data)))
}

private fun message(data: ByteArray?): ByteArray {
    val encoded = data?.let { Base64.getEncoder().encodeToString(it) }
    return json(Send("admin", Conv(0, "u1", 0), Payload(1, "hello", encoded, 3)))
}

fun checkSent(answer: ByteArray) = check(read(answer, SENT).messageUid == UID)

private class Conv(val type: Int, val target: String, val line: Int)

private class Payload(
    val type: Int,
    val searchableContent: String,
    @Suppress("SpellCheckingInspection") val base64edData: String?,
    val persistFlag: Int,
)

private class Send(val sender: String, val conv: Conv, val payload: Payload)

private class Get(val messageUid: Long)

private class Envelope<T>(val code: Int, val result: T)

private class Sent(val messageUid: Long, val timestamp: Long)

private class Found(val sender: String, val conv: Conv, val payload: Payload, val timestamp: Long)

private val SENT = object : TypeToken<Envelope<Sent>>() {}
private val FOUND = object : TypeToken<Envelope<Found>>() {}
private val gson = Gson()

private fun json(value: Any) = gson.toJson(value).toByteArray()

private fun <T> read(answer: ByteArray, type: TypeToken<Envelope<T>>): T {
    val envelope = gson.fromJson(answer.decodeToString(), type)
    check(envelope.code == 0) { "code ${envelope.code}" }
    return envelope.result
}

private fun signature(): Map<String, String> {
    val nonce = ThreadLocalRandom.current().nextInt(1_000_000_000).toString()
    val timestamp = System.currentTimeMillis().toString()
    val digest = MessageDigest.getInstance("SHA-1").digest("$nonce|$SECRET|$timestamp".toByteArray())
    val sign = StringBuilder(40)
    digest.forEach { sign.append(HEX[it.toInt() shr 4 and 15]).append(HEX[it.toInt() and 15]) }
    return mapOf("nonce" to nonce, "timestamp" to timestamp, "sign" to sign.toString())
}

private const val HEX = "0123456789abcdef"
