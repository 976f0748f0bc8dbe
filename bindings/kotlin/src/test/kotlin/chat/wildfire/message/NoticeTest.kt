package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import java.util.logging.Handler
import java.util.logging.Level
import java.util.logging.LogRecord
import java.util.logging.Logger

/** What the application's log hears of a client. */
class NoticeTest {
    private val logger = Logger.getLogger("chat.wildfire.message")
    private val heard = mutableListOf<LogRecord>()
    private val listening = object : Handler() {
        override fun publish(record: LogRecord) {
            heard += record
        }

        override fun flush() = Unit

        override fun close() = Unit
    }

    @BeforeEach
    fun listen() {
        logger.addHandler(listening)
        logger.useParentHandlers = false
    }

    @AfterEach
    fun `listen no more`() {
        logger.removeHandler(listening)
        logger.useParentHandlers = true
    }

    @Test
    fun `a server that is spoken to without TLS is named once, however many clients it has`() {
        repeat(2) { MessageClient("http://im.notice.example:18080/prefix$it", SECRET).close() }
        val record = heard.single()
        assertEquals(Level.WARNING, record.level)
        assertTrue(record.message.startsWith("http://im.notice.example:18080 is spoken to without TLS"), record.message)
        assertFalse(SECRET in record.message)
        MessageClient("http://im2.notice.example", SECRET).close()
        assertEquals(2, heard.size)
    }

    @Test
    fun `TLS and this machine are not worth a word`() {
        for (server in listOf("http://127.0.0.1:18080", "http://localhost", "https://im.notice.example")) {
            MessageClient(server, SECRET).close()
        }
        assertEquals(emptyList<LogRecord>(), heard)
    }
}
