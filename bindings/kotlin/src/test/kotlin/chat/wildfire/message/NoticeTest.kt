package chat.wildfire.message

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.logging.Level
import java.util.logging.LogRecord

/** The lines about a client in the application's log. */
class NoticeTest : ListeningToTheLog() {
    @Test
    fun `a server that is called without TLS is named once, however many clients it has`() {
        repeat(2) { MessageClient("http://im.notice.example:18080/prefix$it", SECRET).close() }
        val record = records.single()
        assertEquals(Level.WARNING, record.level)
        assertTrue(record.message.startsWith("http://im.notice.example:18080 is called without TLS"), record.message)
        assertFalse(SECRET in record.message)
        MessageClient("http://im2.notice.example", SECRET).close()
        assertEquals(2, records.size)
    }

    @Test
    fun `TLS and this machine are not worth a word`() {
        for (server in listOf("http://127.0.0.1:18080", "http://localhost", "https://im.notice.example")) {
            MessageClient(server, SECRET).close()
        }
        assertEquals(emptyList<LogRecord>(), records)
    }
}
