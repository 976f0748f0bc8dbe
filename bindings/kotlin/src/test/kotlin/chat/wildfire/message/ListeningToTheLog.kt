package chat.wildfire.message

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import java.util.Collections
import java.util.logging.Handler
import java.util.logging.LogRecord
import java.util.logging.Logger

/** A test that receives the lines of the application's log, which then do not go to standard error. */
abstract class ListeningToTheLog {
    protected val logger: Logger = Logger.getLogger("chat.wildfire.message")
    protected val records: MutableList<LogRecord> = Collections.synchronizedList(mutableListOf())
    private val listening = object : Handler() {
        override fun publish(record: LogRecord) {
            records += record
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
        logger.level = null
        logger.filter = null
    }
}
