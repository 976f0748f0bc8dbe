package chat.wildfire.message

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.awt.image.BufferedImage
import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer
import java.nio.file.Path
import java.time.Duration
import javax.imageio.ImageIO
import kotlin.concurrent.thread
import kotlin.io.path.createFile
import kotlin.io.path.writeBytes

/** A message with its file in one call: looked at, uploaded, sent; and nothing sent where the store fails. */
@Timeout(120)
class FilesTest {
    @TempDir
    lateinit var folder: Path

    @AfterEach
    fun `leave no flag behind`() {
        Thread.interrupted()
    }

    private class World(val sandbox: Sandbox) : AutoCloseable {
        private val options =
            ClientOptions(readTimeout = Duration.ofMillis(500), retryPause = Duration.ofMillis(1), maxAttempts = 1)
        val client = MessageClient(sandbox.baseUrl, SECRET, options)
        val robot = RobotClient(sandbox.baseUrl, ROBOT, "its secret", options)
        val coroutines = CoroutineMessageClient(sandbox.baseUrl, SECRET, options)
        val robotOfCoroutines = CoroutineRobotClient(sandbox.baseUrl, ROBOT, "its secret", options)

        init {
            sandbox.setRobot(ROBOT, "its secret")
        }

        fun sends() = sandbox.requests().count { it.path.endsWith("/message/send") }

        override fun close() = listOf(client, robot, coroutines, robotOfCoroutines, sandbox).forEach { it.close() }
    }

    /** One kind of message with one of the clients: [of] sends bytes, with a URL that is known. */
    private class Way(
        val name: String,
        val sender: String,
        val bytes: ByteArray,
        val content: (String) -> MessageContent,
        val of: (World, String?) -> SentMessage,
    ) {
        val endpoint = if (sender == ROBOT) "robot/message/send" else "message/send"
    }

    private fun ways(): List<Way> {
        val image = { url: String -> MessageContent.Image(ImageContent(url, makeThumbnail(PNG), 300, 200)) }
        val file = { url: String -> MessageContent.File(FileContent("a.txt", 5, url)) }
        val video = { url: String -> MessageContent.Video(VideoContent(url, 3)) }
        val voice = { url: String -> MessageContent.Voice(VoiceContent(url, 2)) }
        return listOf(
            Way("image", "ann", PNG, image) { w, u -> w.client.sendImage("ann", BOB, PNG, remoteMediaUrl = u) },
            Way("file", "ann", TXT, file) { w, u -> w.client.sendFile("ann", BOB, TXT, "a.txt", remoteMediaUrl = u) },
            Way("video", "ann", MP4, video) { w, u -> w.client.sendVideo("ann", BOB, MP4, remoteMediaUrl = u) },
            Way("voice", "ann", AMR, voice) { w, u -> w.client.sendVoice("ann", BOB, AMR, remoteMediaUrl = u) },
            Way("robot's image", ROBOT, PNG, image) { w, u -> w.robot.sendImage(BOB, PNG, remoteMediaUrl = u) },
            Way("robot's file", ROBOT, TXT, file) { w, u -> w.robot.sendFile(BOB, TXT, "a.txt", remoteMediaUrl = u) },
            Way("robot's video", ROBOT, MP4, video) { w, u -> w.robot.sendVideo(BOB, MP4, remoteMediaUrl = u) },
            Way("robot's voice", ROBOT, AMR, voice) { w, u -> w.robot.sendVoice(BOB, AMR, remoteMediaUrl = u) },
            Way("image of a coroutine", "ann", PNG, image) { w, u ->
                runBlocking { w.coroutines.sendImage("ann", BOB, PNG, remoteMediaUrl = u) }
            },
            Way("file of a coroutine", "ann", TXT, file) { w, u ->
                runBlocking { w.coroutines.sendFile("ann", BOB, TXT, "a.txt", remoteMediaUrl = u) }
            },
            Way("video of a coroutine", "ann", MP4, video) { w, u ->
                runBlocking { w.coroutines.sendVideo("ann", BOB, MP4, remoteMediaUrl = u) }
            },
            Way("voice of a coroutine", "ann", AMR, voice) { w, u ->
                runBlocking { w.coroutines.sendVoice("ann", BOB, AMR, remoteMediaUrl = u) }
            },
            Way("robot's voice of a coroutine", ROBOT, AMR, voice) { w, u ->
                runBlocking { w.robotOfCoroutines.sendVoice(BOB, AMR, remoteMediaUrl = u) }
            },
        )
    }

    private fun withEachWay(test: (Way, World) -> Unit): List<DynamicTest> =
        ways().map { way -> dynamicTest(way.name) { World(Sandbox(SECRET)).use { test(way, it) } } }

    @TestFactory
    fun `a file is uploaded and sent with what phones show of it`() = withEachWay { way, world ->
        val sent = way.of(world, null)
        val message = world.client.getMessage(sent.messageUid)
        val stored = world.sandbox.files().single()
        assertEquals(way.content(stored.url), decodeContent(message.payload))
        assertEquals(way.sender to way.bytes.size.toLong(), message.sender to stored.size)
    }

    @TestFactory
    fun `where the store fails no message is sent and the error names the step`() = withEachWay { way, world ->
        for (fault in listOf(StoreFault.FORBIDDEN, StoreFault.CUT_IN_BODY, StoreFault.NEVER_ANSWER)) {
            world.sandbox.failStore(fault)
            val failure = assertThrows<MessageException> { way.of(world, null) }
            assertTrue(failure.message.startsWith("file store: "), failure.message)
            assertFalse(failure.mayHaveExecuted || failure is MessageException.FailedAfterUpload)
            world.sandbox.stopFailing()
        }
        assertEquals(0, world.sends())
    }

    @TestFactory
    fun `a send that fails says where the file is and a retry uploads nothing`() = withEachWay { way, world ->
        for ((fault, kind, code, doubt) in FAILURES) {
            world.sandbox.failNext(fault, endpoint = way.endpoint)
            val failure = assertThrows<MessageException.FailedAfterUpload> { way.of(world, null) }
            val told = failure.run { listOf(endpoint, this.kind, this.code, attempts) }
            assertEquals(listOf(way.endpoint, kind, code, 1), told)
            assertEquals(doubt to doubt, failure.sent to failure.mayHaveExecuted)
            assertEquals(world.sandbox.files().last().url, failure.remoteMediaUrl)
            assertTrue(failure.message.endsWith("; the file has been uploaded, and remote_media_url says where it is"))
            val uploads = world.sandbox.storeRequests().size
            val sent = way.of(world, failure.remoteMediaUrl)
            assertEquals(failure.remoteMediaUrl, world.client.getMessage(sent.messageUid).payload.remoteMediaUrl)
            assertEquals(uploads, world.sandbox.storeRequests().size)
        }
    }

    @Test
    fun `a path and a file give the name, and progress is told`() = World(Sandbox(SECRET)).use { world ->
        val path = folder.resolve("照片.png").apply { writeBytes(PNG) }
        val told = mutableListOf<UploadProgress>()
        world.client.sendImage("ann", BOB, path, progress = told::add)
        world.client.sendImage("ann", BOB, path.toFile())
        world.robot.sendVideo(BOB, folder.resolve("a.mp4").apply { writeBytes(MP4) }, duration = 61, thumbnail = PNG)
        runBlocking { world.coroutines.sendImage("ann", BOB, path, progress = told::add) }
        assertEquals(listOf("照片.png", "照片.png", "a.mp4", "照片.png"), world.sandbox.files().map { it.fileName })
        assertEquals(UploadProgress(PNG.size.toLong(), PNG.size.toLong(), 1), told.last())
        val video = world.client.getMessage(world.sandbox.messageUids()[2]).payload
        val content = VideoContent(video.remoteMediaUrl, 61, makeThumbnail(PNG))
        assertEquals(MessageContent.Video(content), decodeContent(video))
    }

    @Test
    fun `what can never be sent is refused before anything is sent`() = World(Sandbox(SECRET)).use { world ->
        val client = world.client
        val empty = folder.resolve("empty").createFile()
        val refused: List<Pair<String, () -> Unit>> = listOf(
            "data" to { client.sendImage("ann", BOB, TXT) },
            "data" to { client.sendVideo("ann", BOB, PNG) },
            "data" to { world.robot.sendVoice(BOB, PNG) },
            "data" to { runBlocking { world.coroutines.sendImage("ann", BOB, MP4) } },
            "file_name" to { client.sendFile("ann", BOB, TXT) },
            "file_name" to { client.sendFile("ann", BOB, TXT, "half \ud83d") },
            "path" to { client.sendFile("ann", BOB, empty) },
            "path" to { client.sendFile("ann", BOB, folder.toFile()) },
            "sender" to { client.sendFile("", BOB, TXT, "a") },
            "duration" to { client.sendVoice("ann", BOB, AMR, duration = -1) },
            "thumbnail" to { client.sendVideo("ann", BOB, MP4, thumbnail = TXT) },
            "remote_media_url" to { client.sendVoice("ann", BOB, AMR, remoteMediaUrl = "") },
        )
        for ((argument, call) in refused) {
            assertEquals(argument, assertThrows<MessageException.InvalidArgument> { call() }.argument)
        }
        assertEquals(0 to 0, world.sandbox.requests().size to world.sandbox.storeRequests().size)
    }

    @TestFactory
    fun `an interrupt and a cancelled coroutine end it in each step`() =
        listOf("oss/get_upload_url", "file store", "message/send").map { step ->
            dynamicTest(step) {
                Sandbox(SECRET).use { sandbox ->
                    val isThere = stop(sandbox, step)
                    MessageClient(sandbox.baseUrl, SECRET).use { client ->
                        val here = Thread.currentThread()
                        thread(isDaemon = true) {
                            while (!isThere()) Thread.sleep(10)
                            here.interrupt()
                        }
                        val failure = assertThrows<MessageException.Interrupted> {
                            client.sendFile("ann", BOB, TXT, "a")
                        }
                        assertTrue(Thread.interrupted())
                        assertEquals(step to (step == "message/send"), failure.endpoint to failure.mayHaveExecuted)
                    }
                }
                Sandbox(SECRET).use { sandbox ->
                    val isThere = stop(sandbox, step)
                    CoroutineMessageClient(sandbox.baseUrl, SECRET).use { client ->
                        runBlocking {
                            val call = async(Dispatchers.Default) { client.sendFile("ann", BOB, TXT, "a") }
                            while (!isThere()) delay(10)
                            call.cancel()
                            val stopped = runCatching { call.await() }.exceptionOrNull()
                            assertTrue(stopped is CancellationException, "$stopped")
                        }
                    }
                }
            }
        }

    /** Has a step wait for ever, and tells when it has come so far. */
    private fun stop(sandbox: Sandbox, step: String): () -> Boolean {
        if (step == "file store") {
            sandbox.failStore(StoreFault.NEVER_ANSWER, delay = Duration.ofMinutes(1))
            return { sandbox.storeRequests().isNotEmpty() }
        }
        sandbox.failNext(Fault.NEVER_ANSWER, endpoint = step, delay = Duration.ofMinutes(1))
        return { sandbox.requests().any { it.path.endsWith(step) } }
    }

    private data class Expected(val fault: Fault, val kind: String, val code: Int?, val doubt: Boolean)

    private companion object {
        const val ROBOT = "FireRobot"
        val BOB = Conversation.single("bob")
        val TXT = "words".toByteArray()
        val AMR = "#!AMR\n".toByteArray() + ByteArray(32 * 100) { if (it % 32 == 0) 0x3c else 0 }

        val PNG: ByteArray = ByteArrayOutputStream().also {
            ImageIO.write(BufferedImage(300, 200, BufferedImage.TYPE_INT_RGB), "png", it)
        }.toByteArray()

        /** Three seconds, without a picture in it. */
        val MP4: ByteArray = run {
            fun part(name: String, body: ByteArray) =
                ByteBuffer.allocate(body.size + 8).putInt(body.size + 8).put(name.toByteArray()).put(body).array()
            val header = ByteBuffer.allocate(100).putInt(12, 1_000).putInt(16, 3_000).array()
            val kind = part("ftyp", "isom    isommp42".toByteArray())
            kind + part("moov", part("mvhd", header)) + part("mdat", ByteArray(9))
        }

        val FAILURES = listOf(
            Expected(Fault.AUTH_FAILURE, "Unauthorized", 244, false),
            Expected(Fault.SERVER_TIMEOUT, "Rejected", 249, true),
            Expected(Fault.CLOSE_AFTER_EXECUTING, "ConnectionLost", null, true),
        )
    }
}
