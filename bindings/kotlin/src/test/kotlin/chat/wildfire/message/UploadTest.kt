package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.RandomAccessFile
import java.net.URI
import java.nio.file.Path
import java.security.MessageDigest
import java.time.Duration
import java.util.function.Consumer
import kotlin.concurrent.thread
import kotlin.io.path.writeBytes
import kotlin.random.Random

/** Uploads of bytes or of a file: they arrive whole or not at all, and can be ended at any moment. */
@Timeout(60)
class UploadTest {
    @TempDir
    lateinit var folder: Path

    @AfterEach
    fun `leave no flag behind`() {
        Thread.interrupted()
    }

    private val bytes = Random(7).nextBytes(700_001)

    /** [test] with each kind of store. */
    private fun withEachStore(test: (MessageClient, Sandbox) -> Unit): List<DynamicTest> =
        StoreKind.entries.map { kind ->
            dynamicTest(kind.name) {
                val options = ClientOptions(readTimeout = Duration.ofMillis(250), retryPause = Duration.ofMillis(1))
                Sandbox(SECRET, store = kind).use { sandbox ->
                    MessageClient(sandbox.baseUrl, SECRET, options).use { client -> test(client, sandbox) }
                }
            }
        }

    @TestFactory
    fun `bytes come whole and can be fetched`() = withEachStore { client, sandbox ->
        for (data in listOf(ByteArray(0), byteArrayOf(7), bytes)) {
            val url = client.upload("照片 1.jpg", data, MediaType.IMAGE)
            val file = sandbox.files().last()
            assertEquals(listOf(url, "照片 1.jpg"), listOf(file.url, file.fileName))
            assertEquals(1 to "image/jpeg", file.mediaType to file.contentType)
            assertEquals(data.size.toLong() to sha1(data), file.size to file.sha1)
            assertArrayEquals(data, file.data)
            assertArrayEquals(data, URI(url).toURL().openStream().use { it.readAllBytes() })
        }
    }

    @TestFactory
    fun `a file comes whole under the name that is given`() = withEachStore { client, sandbox ->
        val path = folder.resolve("another name 😀.bin").apply { writeBytes(bytes) }
        client.upload("clip.mp4", path, MediaType.VIDEO, contentType = "video/x-own")
        client.upload("clip.mp4", path.toFile(), MediaType.VIDEO)
        assertEquals(listOf("video/x-own", "video/mp4"), sandbox.files().map { it.contentType })
        sandbox.files().forEach { assertArrayEquals(bytes, it.data) }
        assertEquals(2 to 2, sandbox.requests().size to sandbox.storeRequests().size)
    }

    @Test
    fun `what can never work is refused before anything is sent`() = withServer { client, sandbox ->
        val refused: List<Pair<String, () -> Unit>> = listOf(
            "file_name" to { client.upload("", bytes, 0) },
            "file_name" to { client.upload("half \ud83d", bytes, 0) },
            "media_type" to { client.upload("a", bytes, -1) },
            "content_type" to { client.upload("a", bytes, 0, "jpeg") },
            "path" to { client.upload("a", folder, 0) },
            "path" to { client.upload("a", File("/nowhere/at all"), 0) },
            "path" to { client.upload("a", File(""), 0) },
        )
        for ((argument, call) in refused) {
            assertEquals(argument, assertThrows<MessageException.InvalidArgument> { call() }.argument)
        }
        assertEquals(emptyList<ReceivedRequest>(), sandbox.requests())
    }

    @Test
    fun `a community server has no files`() = withServer(Edition.COMMUNITY) { client, _ ->
        val failure = assertThrows<MessageException.NotSupported> { client.upload("a", bytes, 0) }
        assertEquals("oss/get_upload_url", failure.endpoint)
    }

    @TestFactory
    fun `a file that is cut in the middle is brought to the back-up store`() = withEachStore { client, sandbox ->
        sandbox.failStore(StoreFault.CUT_IN_BODY)
        val told = ArrayList<UploadProgress>()
        client.upload("a.bin", bytes, 0, progress = told::add)
        assertArrayEquals(bytes, sandbox.files().single().data)
        assertEquals(UploadProgress(700_001, 700_001, 2), told.last())
        val (first, second) = sandbox.storeRequests().map { it.path.startsWith("/backup-store") }
        assertEquals(false to true, first to second)
    }

    @TestFactory
    fun `an error names the step, and no message was sent`() = withEachStore { client, sandbox ->
        val expected = mapOf(
            StoreFault.CUT_IN_BODY to ("ConnectionLost" to "file store"),
            StoreFault.NEVER_ANSWER to ("TimedOut" to "file store"),
            StoreFault.HTML_ANSWER to ("InvalidResponse" to "file store"),
            StoreFault.FORBIDDEN to ("Rejected" to "backup file store"),
            StoreFault.REFUSE to ("Unreachable" to "file store"),
        )
        for ((fault, outcome) in expected) {
            sandbox.failStore(fault, times = 3)
            val failure = assertThrows<MessageException> { client.upload("a.bin", "few bytes".toByteArray(), 0) }
            sandbox.stopFailing()
            val (variant, step) = outcome
            assertEquals(variant, failure::class.simpleName, failure.message)
            assertTrue(failure.message!!.startsWith("$step: "), failure.message)
            assertEquals(false, failure.mayHaveExecuted, failure.message)
        }
        assertEquals(emptyList<StoredFile>(), sandbox.files())
    }

    @TestFactory
    fun `progress grows on this thread and is told at the end`() = withEachStore { client, sandbox ->
        sandbox.failStore(StoreFault.SLOW_READING, delay = Duration.ofMillis(2))
        val data = ByteArray(9_000_000)
        val here = Thread.currentThread()
        val told = ArrayList<Long>()
        client.upload("a.bin", data, 0) { now ->
            assertSame(here, Thread.currentThread())
            told += now.sent
        }
        assertTrue(told.size > 3 && told == told.distinct().sorted(), "$told")
        assertEquals(9_000_000, told.last())
    }

    @TestFactory
    fun `an interrupt ends it within 200 ms and leaves the flag set`() = withEachStore { client, sandbox ->
        sandbox.failStore(StoreFault.SLOW_READING, delay = Duration.ofMillis(5))
        var failure: Throwable? = null
        var flag = false
        var ended = 0L
        val uploading = thread {
            failure = runCatching { client.upload("a.bin", ByteArray(50_000_000), 0) }.exceptionOrNull()
            ended = System.nanoTime()
            flag = Thread.currentThread().isInterrupted
        }
        while (sandbox.storeRequests().isEmpty()) Thread.sleep(5)
        Thread.sleep(130)
        val begun = System.nanoTime()
        uploading.interrupt()
        uploading.join()
        val interrupted = failure as MessageException.Interrupted
        assertEquals(listOf("file store", true, 1), interrupted.run { listOf(endpoint, sent, attempts) })
        assertEquals(true to false, flag to interrupted.mayHaveExecuted)
        assertTrue(ended - begun < 200_000_000, "${(ended - begun) / 1_000_000} ms")
        Thread.sleep(200)
        assertEquals(emptyList<StoredFile>(), sandbox.files())
    }

    @Test
    fun `a thread that is interrupted already sends nothing`() = withServer { client, sandbox ->
        Thread.currentThread().interrupt()
        val failure = assertThrows<MessageException.Interrupted> { client.upload("a", bytes, 0) }
        assertTrue(Thread.interrupted())
        assertEquals(false to "oss/get_upload_url", failure.sent to failure.endpoint)
        assertEquals(emptyList<ReceivedRequest>(), sandbox.requests())
    }

    @TestFactory
    fun `what progress throws ends it`() = withEachStore { client, sandbox ->
        sandbox.failStore(StoreFault.SLOW_READING, delay = Duration.ofMillis(10))
        val enough = Consumer<UploadProgress> { if (it.sent > 0) error("enough") }
        val data = ByteArray(20_000_000)
        val failure = assertThrows<IllegalStateException> { client.upload("a.bin", data, 0, null, enough) }
        assertEquals("enough", failure.message)
        Thread.sleep(200)
        assertEquals(emptyList<StoredFile>(), sandbox.files())
    }

    @TestFactory
    fun `a file that shrinks is not stored`() = withEachStore { client, sandbox ->
        val path = folder.resolve("shrinking").apply { writeBytes(ByteArray(9_000_000)) }
        sandbox.failStore(StoreFault.SLOW_READING, delay = Duration.ofMillis(5))
        val failure = assertThrows<MessageException.InvalidArgument> {
            client.upload("a.log", path, 0) { RandomAccessFile(path.toFile(), "rw").use { it.setLength(10) } }
        }
        assertEquals("path", failure.argument)
        assertTrue(failure.reason.contains("from 9000000 to 10 bytes"), failure.reason)
        assertEquals(emptyList<StoredFile>(), sandbox.files())
    }

    @Test
    fun `a client that is closed meanwhile brings its file to its end, and takes no other`() =
        withServer { client, sandbox ->
            client.upload("a.txt", bytes, 0) { client.close() }
            assertEquals(1, sandbox.files().size)
            assertThrows<IllegalStateException> { client.upload("a", bytes, 0) }
        }

    @Test
    @EnabledOnOs(OS.LINUX)
    @Timeout(300)
    fun `a large file that is cut once needs little memory`() {
        val large = folder.resolve("large.bin").toFile()
        large.outputStream().use { out -> repeat(200) { out.write(ByteArray(1_000_000) { it.toByte() }) } }
        Sandbox(SECRET).use { sandbox ->
            // The first one is warm-up.
            sandbox.failStore(StoreFault.SLOW_READING, delay = Duration.ZERO)
            sandbox.failStore(StoreFault.CUT_IN_BODY)
            val program = Program.run("UploadTest", sandbox.baseUrl, large.path, limit = Duration.ofSeconds(240))
            assertEquals("" to 0, program.errors to program.code)
            val (grown, seconds) = program.output.trim().split(" ")
            println("measured: 200 MB uploaded, cut once: $seconds s, $grown KiB more memory at the most")
            assertEquals(200_000_000, sandbox.files().last().size)
            assertEquals(3, sandbox.storeRequests().size)
            assertTrue(grown.toInt() < 24 * 1024, program.output)
        }
    }

    private fun sha1(data: ByteArray) =
        MessageDigest.getInstance("SHA-1").digest(data).joinToString("") { "%02x".format(it) }
}

/**
 * Uploads a small file and then a large one, which somebody cuts once; tells how much memory the large one took, and how
 * many seconds.
 */
fun main(arguments: Array<String>) {
    val (server, path) = arguments
    fun peak() = File("/proc/self/status").readLines().single { it.startsWith("VmHWM:") }.filter(Char::isDigit).toInt()
    MessageClient(server, SECRET).use { client ->
        client.upload("warm.bin", ByteArray(1_000_000), 4) {}
        val before = peak()
        val begun = System.nanoTime()
        client.upload("large.bin", File(path), 4) {}
        println("${peak() - before} ${(System.nanoTime() - begun) / 100_000_000 / 10.0}")
    }
}
