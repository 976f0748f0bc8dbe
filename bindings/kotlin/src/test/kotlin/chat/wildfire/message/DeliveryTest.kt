package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.time.Duration
import java.util.concurrent.TimeUnit
import kotlin.random.Random

/** What a call reports about its message is what happened to it, whatever fails on the way. */
@Timeout(30, unit = TimeUnit.MINUTES)
class DeliveryTest {
    /** `WILDFIRECHAT_ORACLE_SEED` draws the same faults again, `WILDFIRECHAT_ORACLE_CALLS` makes more calls. */
    private val seed = System.getenv("WILDFIRECHAT_ORACLE_SEED")?.toLong() ?: Random.nextLong(1_000_000)
    private val calls = System.getenv("WILDFIRECHAT_ORACLE_CALLS")?.toInt() ?: 624

    private class Plan(val fault: Fault, delay: Long) {
        val delay: Duration = Duration.ofMillis(delay)
        val name = "${fault.name.lowercase()}, $delay ms"
    }

    /** Every fault, and those that delay also for longer than the client waits. */
    private val plans = Fault.entries.map { Plan(it, 20) } + listOf(
        Fault.DELAY_BEFORE_READING,
        Fault.DELAY_AFTER_READING,
        Fault.DELAY_AFTER_EXECUTING,
        Fault.DELAY_IN_ANSWER,
    ).map { Plan(it, 250) }

    private val hasty = ClientOptions(
        readTimeout = Duration.ofMillis(150),
        totalTimeout = Duration.ofMillis(600),
        retryPause = Duration.ofMillis(1),
        maxResponseBytes = 64 * 1024,
    )

    /** Sends many messages while half of the requests meet the fault, and looks what the sandbox made of them. */
    private fun judge(sandbox: Sandbox, plan: Plan, calls: Int, send: (String) -> SentMessage): Verdict {
        sandbox.clearRequests()
        // Two for certain, so that there is something to judge.
        sandbox.failNext(plan.fault, times = 2, delay = plan.delay)
        sandbox.failRandomly(listOf(plan.fault), 0.5, seed + plans.indexOf(plan), delay = plan.delay)
        val told = sendAll(List(calls) { "${plan.name}, message $it" }, send)
        sandbox.stopFailing()
        // What the server still has in hand is executed late.
        Thread.sleep(plan.delay.toMillis() + 50)
        assertTrue(sandbox.requests().any { it.fault == plan.fault }, "no request met ${plan.name}")
        return Verdict(plan.name, told, sandbox)
    }

    @Test
    fun `a success is one message, a failure that says so is none, and never is it two`() {
        val verdicts = Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET, hasty).use { client ->
                plans.map { judge(sandbox, it, (calls + plans.size - 1) / plans.size, client::sendHello) }
            }
        }
        println((listOf("seed $seed", Verdict.TITLES) + verdicts).joinToString("\n") { "oracle: $it" })
        val violations = verdicts.flatMap { it.violations }
        val sums = verdicts.map { it.counts }.reduce { sums, counts -> sums.zip(counts, Int::plus) }
        val (made, succeeded, notExecuted, unknown, executed) = sums
        println(
            "oracle: $made calls, $succeeded succeeded, $notExecuted not executed, $unknown unknown " +
                "($executed executed), ${violations.size} violations, seed $seed",
        )
        assertEquals(emptyList<String>(), violations)
        // Each outcome was there to be judged.
        assertTrue(sums.all { it > 0 } && unknown > executed, "$sums")
    }

    @Test
    fun `the same judge catches a caller who sends again when the connection is lost`() {
        Sandbox(SECRET, rateLimit = 0).use { sandbox ->
            MessageClient(sandbox.baseUrl, SECRET, hasty).use { client ->
                val verdict = judge(sandbox, Plan(Fault.RESET_AFTER_EXECUTING, 20), 40) { carelessly(client, it) }
                assertTrue(verdict.violations.isNotEmpty(), "$verdict")
            }
        }
    }

    private fun carelessly(client: MessageClient, text: String): SentMessage {
        while (true) {
            try {
                return client.sendHello(text)
            } catch (_: MessageException.ConnectionLost) {
                // It did not work, so let us try again.
            }
        }
    }
}
