import chat.wildfire.message.Conversation
import chat.wildfire.message.CoroutineMessageClient
import chat.wildfire.message.single
import kotlinx.coroutines.future.await
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import okhttp3.Call
import okhttp3.Callback
import okhttp3.ConnectionPool
import okhttp3.Dispatcher
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.Response
import java.io.IOException
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.TimeUnit
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** A way to make calls from coroutines. */
class Awaiting(val name: String, val version: String, val call: suspend () -> Unit)

/** Ours, and those that one would take otherwise, each with as many connections as ours has at the most. */
fun awaiting(url: String, inFlight: Int): List<Awaiting> {
    val client = CoroutineMessageClient(url, SECRET)
    val ours = Awaiting("ours", VERSION) {
        val sent = client.sendMessage("admin", Conversation.single("u1"), payload(Work.SEND))
        check(sent.messageUid == UID)
    }
    return listOf(ours, okhttpAwaiting(url, minOf(inFlight, MOST)), javaNetAwaiting(url))
}

private const val MOST = 128

private fun okhttpAwaiting(url: String, connections: Int): Awaiting {
    val dispatcher = Dispatcher().apply {
        maxRequests = connections
        maxRequestsPerHost = connections
    }
    val pool = ConnectionPool(connections, 5, TimeUnit.MINUTES)
    val client = OkHttpClient.Builder().connectionPool(pool).dispatcher(dispatcher).build()
    val peer = peer("okhttp", url)
    return Awaiting(peer.name, peer.version) {
        checkSent(client.newCall(okhttpRequest(url)).awaited())
    }
}

private suspend fun Call.awaited(): ByteArray = suspendCancellableCoroutine { waiting ->
    waiting.invokeOnCancellation { cancel() }
    val heard = object : Callback {
        override fun onFailure(call: Call, e: IOException) = waiting.resumeWithException(e)

        override fun onResponse(call: Call, response: Response) = waiting.resume(response.use { it.body.bytes() })
    }
    enqueue(heard)
}

private fun javaNetAwaiting(url: String): Awaiting {
    val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    return Awaiting("java.net.http", System.getProperty("java.version")) {
        checkSent(client.sendAsync(javaNetRequest(url), BodyHandlers.ofByteArray()).await().body())
    }
}

/** So many coroutines on one thread, each with one call after the other until the time is over: the time of each call. */
fun inFlight(count: Int, seconds: Double, call: suspend () -> Unit): LongArray = runBlocking {
    val until = System.nanoTime() + (seconds * 1e9).toLong()
    val times = ArrayList<Long>()
    List(count) {
        launch {
            var last = System.nanoTime()
            while (last < until) {
                call()
                val now = System.nanoTime()
                times += now - last
                last = now
            }
        }
    }.joinAll()
    times.toLongArray()
}
