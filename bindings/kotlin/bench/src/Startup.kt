import chat.wildfire.message.MessageClient
import com.google.gson.Gson

/** What a start costs in a JVM that has loaded nothing yet: making a client, which loads the library, and the first call. */
fun startup(url: String, contestant: String) {
    val begun = System.nanoTime()
    val (version, call) = if (contestant == "ours") {
        VERSION to ours(MessageClient(url, SECRET), Work.SEND)
    } else {
        peer(contestant, url).let { it.version to work(it, Work.SEND) }
    }
    val made = System.nanoTime()
    call()
    val answered = System.nanoTime()
    println("answered")
    val start = mapOf(
        "language" to "kotlin",
        "contestant" to contestant,
        "version" to version,
        "client_us" to (made - begun) / 1e3,
        "call_us" to (answered - made) / 1e3,
    )
    println(Gson().toJson(start))
}
