// The measurements on the JVM; what the command line asks for and what is printed stands in benches/src/lib.rs.

import chat.wildfire.message.Conversation
import chat.wildfire.message.MessageClient
import chat.wildfire.message.MessageException
import chat.wildfire.message.MessagePayload
import chat.wildfire.message.SendRequest
import chat.wildfire.message.single
import chat.wildfire.message.text
import com.google.gson.Gson
import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.atomic.LongAdder

const val SECRET = "123456"

/** The message that the server tells of. */
const val UID = 588_582_842_607_370_241

/** Ours; whoever builds this knows it. */
val VERSION: String = System.getProperty("wildfirechat.version", "")

/** What a contestant is to do in each call. */
enum class Work { SEND, SEND_WITH_DATA, GET }

private class Plan(arguments: Array<String>) {
    private val options = arguments.drop(1).chunked(2).associate { (name, value) -> name to value }
    val url = arguments.first()
    val workloads = options.getValue("--workloads").split(',')
    val rounds = options["--rounds"]?.toInt() ?: 5
    val seconds = options["--seconds"]?.toDouble() ?: 1.0
}

/** One round of one contestant. Times are nanoseconds, of each call where they are taken singly. */
private class Round(val calls: Int, val elapsed: Long, val cpu: Long, times: LongArray = LongArray(0)) {
    private val times = times.apply { sort() }

    fun quantileUs(share: Double): Double =
        if (times.isEmpty()) 0.0 else times[(times.size * share).toInt().coerceAtMost(times.size - 1)] / 1e3
}

private val system by lazy { ManagementFactory.getPlatformMXBean(OperatingSystemMXBean::class.java) }

/** Measures [work], which gives the times of its calls or how many they were. */
private fun round(work: () -> LongArray): Round {
    val cpu = system.processCpuTime
    val begun = System.nanoTime()
    val times = work()
    val elapsed = System.nanoTime() - begun
    return Round(times.size, elapsed, system.processCpuTime - cpu, times)
}

/** Calls until the time is over, on this thread; gives the time of each call. */
private fun sequentially(seconds: Double, call: () -> Unit): LongArray {
    val begun = System.nanoTime()
    val until = begun + (seconds * 1e9).toLong()
    var times = LongArray(64 * 1024)
    var count = 0
    var last = begun
    while (last < until) {
        call()
        val now = System.nanoTime()
        if (count == times.size) times = times.copyOf(2 * count)
        times[count++] = now - last
        last = now
    }
    return times.copyOf(count)
}

private fun onThreads(threads: Int, seconds: Double, call: () -> Unit): Round {
    if (threads == 1) return round { sequentially(seconds, call) }
    val pool = Executors.newFixedThreadPool(threads)
    try {
        return round {
            val calling = List(threads) { pool.submit(Callable { sequentially(seconds, call) }) }
            calling.map { it.get() }.reduce { all, times -> all + times }
        }
    } finally {
        pool.shutdown()
    }
}

private fun median(values: List<Double>) = values.sorted()[values.size / 2]

private fun print(workload: String, contestant: String, version: String, rounds: List<Round>) {
    val figure = mapOf(
        "language" to "kotlin",
        "workload" to workload,
        "contestant" to contestant,
        "version" to version,
        "calls_per_second" to median(rounds.map { it.calls * 1e9 / it.elapsed }),
        "cpu_us" to median(rounds.map { it.cpu / 1e3 / it.calls }),
        "p50_us" to median(rounds.map { it.quantileUs(0.5) }),
        "p99_us" to median(rounds.map { it.quantileUs(0.99) }),
    )
    println(Gson().toJson(figure))
}

fun payload(work: Work): MessagePayload {
    val text = MessagePayload.text("hello")
    return if (work == Work.SEND_WITH_DATA) text.copy(data = ByteArray(30_000) { 7 }) else text
}

fun ours(client: MessageClient, work: Work): () -> Unit = when (work) {
    Work.GET -> {
        { check(client.getMessage(UID).payload.searchableContent.length == 40_000) }
    }

    else -> {
        {
            val sent = client.sendMessage("admin", Conversation.single("u1"), payload(work))
            check(sent.messageUid == UID)
        }
    }
}

/** A contestant's name, its version, and what it calls. */
private class Contestant(val name: String, val version: String, val call: () -> Unit)

private fun compare(plan: Plan, workload: String, threads: Int, contestants: List<Contestant>) {
    // Until all is compiled.
    contestants.forEach { onThreads(threads, plan.seconds.coerceAtLeast(WARM_UP), it.call) }
    val rounds = contestants.map { mutableListOf<Round>() }
    repeat(plan.rounds) {
        contestants.forEachIndexed { index, each -> rounds[index] += onThreads(threads, plan.seconds, each.call) }
    }
    contestants.forEachIndexed { index, each -> print(workload, each.name, each.version, rounds[index]) }
}

/** Seconds. */
private const val WARM_UP = 1.0

/** As many calls at the same time as the workload's name says, from coroutines on one thread. */
private fun compareAwaiting(plan: Plan, workload: String) {
    val count = workload.removePrefix("async_").toInt()
    val ways = awaiting(plan.url, count)
    ways.forEach { inFlight(count, plan.seconds.coerceAtLeast(WARM_UP), it.call) }
    val rounds = ways.map { mutableListOf<Round>() }
    repeat(plan.rounds) {
        ways.forEachIndexed { index, each -> rounds[index] += round { inFlight(count, plan.seconds, each.call) } }
    }
    ways.forEachIndexed { index, each -> print(workload, each.name, each.version, rounds[index]) }
}

private fun bulk(plan: Plan, client: MessageClient) {
    val count = if (plan.seconds < 1) 20_000 else 100_000
    // A notice to many: messages to one conversation would go one after the other.
    val users = List(1_000) { Conversation.single("u$it") }
    fun sendAll() {
        val outcomes = client.sendMessages(
            List(count) { SendRequest("admin", users[it % users.size], payload(Work.SEND)) },
        )
        check(outcomes.size == count && outcomes.all { it.sent?.messageUid == UID })
    }
    sendAll()
    val rounds = List(plan.rounds) {
        val all = round {
            sendAll()
            LongArray(0)
        }
        Round(count, all.elapsed, all.cpu)
    }
    print("bulk", "ours", VERSION, rounds)
}

/** A call that is refused before anything is sent. */
private fun refused(client: MessageClient, data: ByteArray): () -> Unit {
    val payload = MessagePayload.text("hello").copy(data = data)
    return {
        try {
            client.sendMessage("", Conversation.single("u1"), payload)
            error("it was sent")
        } catch (_: MessageException.InvalidArgument) {
            // As it is to be.
        }
    }
}

/** Where copies go, so that none is left out: what they cost is compared with the crossing. */
@Volatile
private var copied = ByteArray(0)

/** Ours alone, without the time of each call: over many minutes a list of these would grow itself. */
private fun soak(plan: Plan, client: MessageClient) {
    val calls = LongAdder()
    val call = ours(client, Work.SEND)
    val pool = Executors.newFixedThreadPool(SOAK_THREADS)
    val all = round {
        val until = System.nanoTime() + (plan.seconds * 1e9).toLong()
        val calling = List(SOAK_THREADS) {
            pool.submit {
                while (System.nanoTime() < until) {
                    call()
                    calls.increment()
                }
            }
        }
        calling.forEach { it.get() }
        LongArray(0)
    }
    pool.shutdown()
    print("soak", "ours", VERSION, listOf(Round(calls.toInt(), all.elapsed, all.cpu)))
}

private const val SOAK_THREADS = 16

fun main(arguments: Array<String>) {
    if (arguments[1] == "--startup") startup(arguments[0], arguments[2]) else measure(Plan(arguments))
    // The peers' threads would keep it alive.
    System.exit(0)
}

private fun measure(plan: Plan) {
    MessageClient(plan.url, SECRET).use { client ->
        for (workload in plan.workloads) {
            if (workload == "soak") {
                soak(plan, client)
                continue
            }
            val work = when (workload) {
                "get_40k" -> Work.GET
                "send_40k" -> Work.SEND_WITH_DATA
                else -> Work.SEND
            }
            fun ours(call: () -> Unit) = Contestant("ours", VERSION, call)
            val contestants = listOf(ours(ours(client, work))) +
                peers(plan.url).map { Contestant(it.name, it.version, work(it, work)) }
            when (workload) {
                "sequential", "get_40k", "send_40k" -> compare(plan, workload, 1, contestants)

                "threads_16" -> compare(plan, workload, 16, contestants)

                "threads_64" -> compare(plan, workload, 64, contestants)

                "threads_256" -> compare(plan, workload, 256, contestants)

                "async_100", "async_1000" -> compareAwaiting(plan, workload)

                "bulk" -> bulk(plan, client)

                "crossing" -> {
                    val data = ByteArray(40_000) { 7 }
                    compare(plan, "crossing", 1, listOf(ours(refused(client, ByteArray(0)))))
                    compare(plan, "crossing_40k", 1, listOf(ours(refused(client, data))))
                    compare(plan, "copy_40k", 1, listOf(ours({ copied = data.copyOf() })))
                }
            }
        }
    }
}
