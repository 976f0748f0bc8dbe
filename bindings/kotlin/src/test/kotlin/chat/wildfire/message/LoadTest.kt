package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import java.time.Duration
import java.util.concurrent.ThreadLocalRandom
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlin.io.path.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readLines

/**
 * Many threads and many clients, and what is left of them. Each runs in a JVM of its own with a small heap, so that its
 * memory is the client's and not that of the sandbox and the other tests.
 *
 * `WILDFIRECHAT_THREADS_SECONDS` and `WILDFIRECHAT_CLIENTS` make them longer than a suite can wait for.
 */
@EnabledOnOs(OS.LINUX)
class LoadTest {
    private val seconds = System.getenv("WILDFIRECHAT_THREADS_SECONDS")?.toLong() ?: 2
    private val clients = System.getenv("WILDFIRECHAT_CLIENTS")?.toInt() ?: 500

    private fun load(what: String, amount: Number): String = Sandbox(SECRET, rateLimit = 0).use { sandbox ->
        val limit = LIMIT.plusSeconds(2 * seconds).plusMillis(20L * clients)
        // All of the heap from the beginning on: what grows is not the heap.
        val small = listOf("-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
        val arguments = arrayOf(what, sandbox.baseUrl, "$amount")
        val ended = Program.run("LoadTest", *arguments, limit = limit, jvmOptions = small)
        assertEquals(0 to "", ended.code to ended.errors, ended.output)
        println("measured: ${ended.output.trim()}")
        ended.output
    }

    @Test
    fun `64 threads call one client without an error, and memory stays`() {
        val told = load("threads", seconds)
        assertTrue("no error" in told, told)
    }

    @Test
    fun `clients that are used once and closed leave nothing behind`() {
        val told = load("closed", clients)
        assertTrue("nothing left" in told, told)
    }

    @Test
    fun `clients that are just dropped leave nothing behind`() {
        val told = load("dropped", (clients / 10).coerceAtLeast(100))
        assertTrue("nothing left" in told, told)
    }
}

/** What the process holds, as Linux counts it. */
private class Holdings {
    private val status = Path("/proc/self/status").readLines()
    val memoryKiB = number("VmRSS:")
    val threads = number("Threads:")
    val files = Path("/proc/self/fd").listDirectoryEntries().size.toLong()

    private fun number(name: String) = status.single { it.startsWith(name) }.split(Regex("\\s+"))[1].toLong()

    override fun toString() = "$memoryKiB KiB, $threads threads, $files files"
}

/** What the JVM's own compiling may add to the memory meanwhile. A leak adds more when the load is a long one. */
private const val MOST_KIB = 32 * 1024

/** Does what a test here asks for, says what it was, and fails with an exception. */
fun main(arguments: Array<String>) {
    val (what, server, amount) = arguments
    when (what) {
        "threads" -> callFromManyThreads(server, Duration.ofSeconds(amount.toLong()))
        "closed" -> makeMany(amount.toInt()) { MessageClient(server, SECRET).use { it.sendHello() } }
        "dropped" -> makeMany(amount.toInt()) { MessageClient(server, SECRET).sendHello() }
        else -> error("there is no $what")
    }
}

private fun callFromManyThreads(server: String, time: Duration) = MessageClient(server, SECRET).use { client ->
    // As long as what is measured: the JVM needs a while until all is compiled.
    callFor(time, client)
    val before = settled { true }
    val calls = callFor(time, client)
    val after = settled { true }
    println("64 threads, ${time.toSeconds()} s: $calls calls, no error; before: $before; after: $after")
    check(after.memoryKiB - before.memoryKiB < MOST_KIB) { "memory grows" }
}

/** Calls from 64 threads for a while and gives how many calls it were. */
private fun callFor(time: Duration, client: MessageClient): Long {
    val calls = AtomicLong()
    val failures = AtomicLong()
    val until = System.nanoTime() + time.toNanos()
    val calling = List(64) { number ->
        thread {
            try {
                while (System.nanoTime() < until) calls.addAndGet(mixedCalls(client, number))
            } catch (failure: Throwable) {
                failures.incrementAndGet()
                failure.printStackTrace()
            }
        }
    }
    calling.forEach { it.join() }
    check(failures.get() == 0L) { "${failures.get()} threads had errors" }
    return calls.get()
}

/** Calls of different kinds; gives how many. */
private fun mixedCalls(client: MessageClient, number: Int): Long {
    val user = "user$number"
    val text = "${ThreadLocalRandom.current().nextLong()}"
    val sent = client.sendMessage("admin", Conversation.single(user), MessagePayload.text(text))
    check(client.getMessage(sent.messageUid).payload.searchableContent == text) { "somebody else's message" }
    check(client.recallMessage("admin", sent.messageUid)?.searchableContent == text) { "somebody else's message" }
    client.deleteMessage(sent.messageUid)
    client.multicastMessage("admin", listOf(user, "other"), MessagePayload.text(text))
    check(client.getDeliveryTimestamp(user) > 0)
    return 6
}

/**
 * Makes many clients, twice, and compares what the process holds before and after the second time. The first fills the
 * room that so many take before the garbage collector lets them go; only a leak takes more.
 */
private fun makeMany(count: Int, useOne: () -> Unit) {
    repeat(10) { useOne() }
    val few = settled { true }

    // A few more or less are the JVM's own.
    fun areGone(now: Holdings) = now.threads <= few.threads + 4 && now.files <= few.files + 4

    repeat(count) { useOne() }
    val before = settled(::areGone)
    repeat(count) { useOne() }
    val after = settled(::areGone)
    val grown = after.memoryKiB - before.memoryKiB
    check(areGone(after) && grown < MOST_KIB) { "$count clients; 10: $few; before: $before; after: $after" }
    println("$count clients, nothing left of them; before: $before; after: $after")
}

/** What is held when the garbage collector has had its time, at the latest after a while. */
private fun settled(enough: (Holdings) -> Boolean): Holdings {
    var holdings = Holdings()
    for (round in 1..50) {
        System.gc()
        Thread.sleep(100)
        holdings = Holdings()
        if (round >= 3 && enough(holdings)) break
    }
    return holdings
}
