package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.condition.DisabledOnOs
import org.junit.jupiter.api.condition.OS
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.security.KeyStore
import java.time.Duration
import java.util.Base64
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLSocket
import kotlin.concurrent.thread

/** Each time-out measures what its name says: silence, connecting, the whole. Slow data is not silence. */
@Timeout(60)
class TimeoutsTest {
    private val uid = 588_582_842_607_370_241
    private val body = """{"code":0,"msg":"success","result":{"messageUid":$uid,"timestamp":5}}"""
    private val answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n$body".toByteArray()

    /** A server of raw sockets that takes one connection. */
    private class Server(receiveBuffer: Int = 0, private val serve: (Socket) -> Unit) : AutoCloseable {
        private val listener = ServerSocket()
        val port get() = listener.localPort

        init {
            if (receiveBuffer > 0) listener.receiveBufferSize = receiveBuffer
            listener.bind(java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            thread(isDaemon = true) { runCatching { listener.accept().use(serve) } }
        }

        override fun close() = listener.close()
    }

    /** Reads a whole request, so many bytes at once. */
    private fun readRequest(input: InputStream, piece: Int = 65_536, pause: Long = 0) {
        val head = StringBuilder()
        while (!head.endsWith("\r\n\r\n")) head.append(input.read().toChar())
        var left = Regex("content-length: (\\d+)").find(head.toString().lowercase())!!.groupValues[1].toInt()
        val buffer = ByteArray(piece)
        while (left > 0) {
            left -= input.read(buffer, 0, minOf(piece, left))
            Thread.sleep(pause)
        }
    }

    private fun send(url: String, options: ClientOptions) = MessageClient(url, SECRET, options).use { it.sendHello() }

    private fun drip(socket: Socket) {
        readRequest(socket.getInputStream())
        for (piece in answer.toList().chunked(12)) {
            socket.getOutputStream().apply { write(piece.toByteArray()) }.flush()
            Thread.sleep(120)
        }
    }

    @Test
    fun `an answer that trickles in, head and body, is no silence`() = Server(serve = ::drip).use { server ->
        val begun = System.nanoTime()
        val sent = send("http://127.0.0.1:${server.port}", ClientOptions(readTimeout = Duration.ofMillis(600)))
        assertEquals(uid, sent.messageUid)
        assertTrue(System.nanoTime() - begun > 1_000_000_000, "it took longer than the silence that is allowed")
    }

    @Test
    fun `an answer that trickles in ends with the total time`() = Server(serve = ::drip).use { server ->
        val options =
            ClientOptions(readTimeout = Duration.ofMillis(600), totalTimeout = Duration.ofMillis(800), maxAttempts = 1)
        val failure = assertThrows<MessageException.TimedOut> { send("http://127.0.0.1:${server.port}", options) }
        assertTrue(failure.elapsed < Duration.ofMillis(1_500), failure.message)
    }

    @Test
    fun `an upload over a slow line is no silence`() {
        val slowly = { socket: Socket ->
            readRequest(socket.getInputStream(), piece = 16_384, pause = 20)
            val body = """{"code":0,"msg":"success"}"""
            socket.getOutputStream().write(
                "HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n$body".toByteArray(),
            )
        }
        val message = ImportedMessage("u1", Conversation.group("g1"), MessagePayload.text("x".repeat(30_000)), 5)
        val options = ClientOptions(readTimeout = Duration.ofMillis(700), maxAttempts = 1)
        Server(receiveBuffer = 8_192, serve = slowly).use { server ->
            MessageClient("http://127.0.0.1:${server.port}", SECRET, options).use { client ->
                val begun = System.nanoTime()
                client.importMessages(List(60) { message })
                assertTrue(System.nanoTime() - begun > 1_000_000_000, "it took longer than the silence that is allowed")
            }
        }
    }

    @Test
    fun `a slow handshake is bounded by the time to connect alone`(@TempDir folder: File) {
        val store = File(folder, "server.p12")
        val keytool = File(System.getProperty("java.home"), "bin/keytool").path
        val arguments = "-genkeypair -keyalg EC -dname CN=localhost -ext san=dns:localhost -validity 2 " +
            "-storepass secret -storetype PKCS12"
        val made = ProcessBuilder(listOf(keytool) + arguments.split(' ') + listOf("-keystore", store.path)).start()
        assertEquals(0, made.waitFor())
        val keys = KeyStore.getInstance("PKCS12").apply { store.inputStream().use { load(it, "secret".toCharArray()) } }
        val certificate = Base64.getMimeEncoder().encodeToString(
            keys.getCertificate(keys.aliases().nextElement()).encoded,
        )
        val trusted = "-----BEGIN CERTIFICATE-----\n$certificate\n-----END CERTIFICATE-----\n"
        val managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        managers.init(keys, "secret".toCharArray())
        val context = SSLContext.getInstance("TLS").apply { init(managers.keyManagers, null, null) }
        val late = { socket: Socket ->
            Thread.sleep(1_000)
            val secured = context.socketFactory.createSocket(socket, null, socket.port, true) as SSLSocket
            secured.useClientMode = false
            readRequest(secured.inputStream)
            secured.outputStream.write(answer)
        }
        val patient = ClientOptions(
            readTimeout = Duration.ofMillis(300),
            connectTimeout = Duration.ofSeconds(5),
            rootCertificates = trusted,
        )
        Server(serve = late).use { assertEquals(uid, send("https://localhost:${it.port}", patient).messageUid) }
        val hasty = patient.copy(
            readTimeout = Duration.ofSeconds(5),
            connectTimeout = Duration.ofMillis(300),
            maxAttempts = 1,
        )
        Server(serve = late).use {
            assertThrows<MessageException.Unreachable> { send("https://localhost:${it.port}", hasty) }
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    fun `a process that stood still reads the answer that came meanwhile`() {
        val hasCome = CountDownLatch(1)
        val later = { socket: Socket ->
            readRequest(socket.getInputStream())
            hasCome.countDown()
            Thread.sleep(500)
            socket.getOutputStream().write(answer)
        }
        Server(serve = later).use { server ->
            val java = ProcessHandle.current().info().command().get()
            val classpath = System.getProperty("java.class.path")
            val command =
                listOf(
                    java,
                    "-cp",
                    classpath,
                    "chat.wildfire.message.TimeoutsTestKt",
                    "http://127.0.0.1:${server.port}",
                )
            val process = ProcessBuilder(command).redirectErrorStream(true).start()
            assertTrue(hasCome.await(30, TimeUnit.SECONDS))
            signal("STOP", process)
            Thread.sleep(2_500)
            signal("CONT", process)
            assertEquals("$uid\n", process.inputStream.bufferedReader().readText())
        }
    }

    private fun signal(name: String, process: Process) =
        assertEquals(0, ProcessBuilder("kill", "-$name", "${process.pid()}").start().waitFor())
}

/** A program that sends one message, and is less patient than it is stopped. */
fun main(arguments: Array<String>) {
    val options =
        ClientOptions(readTimeout = Duration.ofSeconds(1), totalTimeout = Duration.ofMillis(1_500), maxAttempts = 1)
    MessageClient(arguments.single(), SECRET, options).use { println(it.sendHello().messageUid) }
}
