package chat.wildfire.message.bridges

import ch.qos.logback.classic.spi.ILoggingEvent
import ch.qos.logback.core.Layout
import ch.qos.logback.core.UnsynchronizedAppenderBase
import ch.qos.logback.core.util.Duration
import chat.wildfire.message.Conversation
import chat.wildfire.message.MessageClient
import chat.wildfire.message.MessageException
import chat.wildfire.message.RobotClient
import chat.wildfire.message.TextContent
import chat.wildfire.message.channel
import chat.wildfire.message.chatroom
import chat.wildfire.message.group
import chat.wildfire.message.single
import java.io.File
import java.util.concurrent.atomic.AtomicLong

/**
 * An appender of Logback that sends log events to a conversation, without ever making the application wait.
 *
 * Appending puts the event's text into a queue and returns; a thread of the appender's own sends what has gathered there
 * as one message, at most one each [pause]. So a storm of errors becomes a few messages, and a server that is slow or away
 * never holds up the application. Logback itself has to be on the class path; it is no dependency of this library.
 *
 * ```xml
 * <appender name="ops" class="chat.wildfire.message.bridges.MessageAppender">
 *   <filter class="ch.qos.logback.classic.filter.ThresholdFilter"><level>ERROR</level></filter>
 *   <url>https://im.example.com</url>
 *   <secretFile>/run/secrets/wildfirechat</secretFile>
 *   <sender>admin</sender>
 *   <group>ops</group>
 *   <layout class="ch.qos.logback.classic.PatternLayout"><pattern>%level %logger{20}: %msg%n%ex{5}</pattern></layout>
 * </appender>
 * ```
 *
 * - What certainly was not sent, because the server is away or has reached its limit, stays in the queue and is sent
 *   later. What may have been sent is not sent again.
 * - When [capacity] events wait, further ones are left out; the next message begins with their number.
 * - What the client itself logs is never sent, because sending it would log again.
 * - [stop] waits up to [closeTimeout] for the queue to become empty. Logback stops its appenders at the end of a program
 *   if the configuration has `<shutdownHook/>`; Spring Boot does so by itself.
 *
 * A message that cannot be sent is reported as a warning of Logback's status.
 */
class MessageAppender : UnsynchronizedAppenderBase<ILoggingEvent>() {
    /** Base URL of the server's message API; for a [robot], the server's public address. */
    var url: String? = null

    /** The server's admin secret, or the [robot]'s own, unless [secretFile] is given. */
    var secret: String? = null

    /** A file with nothing but the secret. */
    var secretFile: String? = null

    /** Id of the user whom the messages come from, unless a [robot] is given. */
    var sender: String? = null

    /** Id of the robot that sends the messages. */
    var robot: String? = null

    /** Id of the user who gets the messages, unless another receiver is given. */
    var user: String? = null

    /** Id of the group that gets the messages. */
    var group: String? = null

    /** Id of the chatroom that gets the messages. */
    var chatroom: String? = null

    /** Id of the channel that gets the messages. */
    var channel: String? = null

    /** What an event's text looks like; its formatted message where none is given. */
    var layout: Layout<ILoggingEvent>? = null

    /** How many events may wait at the most. */
    var capacity: Int = 1000

    /** How many characters a message may have; a longer event is cut. */
    var longest: Int = 4000

    /** The time between the beginnings of two messages, at least. */
    var pause: Duration = Duration.buildBySeconds(1.0)

    /** How long [stop] waits. */
    var closeTimeout: Duration = Duration.buildBySeconds(5.0)

    /** How many events were left out, because too many were waiting or the appender was stopped. */
    val leftOut: Long get() = queue?.leftOut ?: 0

    /** How many events were in messages that failed, or whose fate is unknown. */
    val failed: Long get() = failures.get()

    private val failures = AtomicLong()
    private var queue: LineQueue? = null
    private var client: AutoCloseable? = null

    /** Checks the settings, and begins to take events. No connection is opened before the first one. */
    override fun start() {
        try {
            begin()
            super.start()
        } catch (wrong: IllegalArgumentException) {
            addError("$name: ${wrong.message}")
        } catch (wrong: MessageException) {
            addError("$name: ${wrong.message}")
        }
    }

    private fun begin() {
        val conversation = conversation()
        require(capacity > 0) { "capacity must be at least 1, and is $capacity" }
        require(longest > 0) { "longest must be at least 1, and is $longest" }
        val say = opened(conversation)
        queue = LineQueue(capacity, longest, pause.milliseconds) { text, events -> send(say, text, events) }
    }

    /** Makes the client, and returns what sends a text by it. */
    private fun opened(conversation: Conversation): (TextContent) -> Unit {
        val robot = robot
        if (robot == null) {
            val sender = required(sender, "sender or robot")
            val admin = MessageClient(required(url, "url"), secret()).also { client = it }
            return { text -> admin.sendMessage(sender, conversation, text) }
        }
        require(sender == null) { "give either sender or robot; both are given" }
        val own = RobotClient(required(url, "url"), required(robot, "robot"), secret()).also { client = it }
        return { text -> own.sendMessage(conversation, text) }
    }

    /** Sends what is in the queue, waiting up to [closeTimeout], and takes no further event. */
    override fun stop() {
        super.stop()
        queue?.close(closeTimeout.milliseconds)
        client?.close()
    }

    override fun append(event: ILoggingEvent) {
        if (event.loggerName == OWN_LOGGER || event.loggerName.startsWith("$OWN_LOGGER.")) return
        val text = layout?.doLayout(event) ?: event.formattedMessage
        queue?.offer(text.trimEnd())
    }

    private fun send(say: (TextContent) -> Unit, text: String, events: Int): Boolean {
        try {
            say(TextContent(text))
        } catch (_: MessageException.Unreachable) {
            return true
        } catch (_: MessageException.RateLimited) {
            return true
        } catch (failure: Exception) {
            failures.addAndGet(events.toLong())
            addWarn("$name: $events log events were not sent, or nobody knows", failure)
        }
        return false
    }

    private fun conversation(): Conversation {
        val given = listOfNotNull(
            user?.let { Conversation.single(it) },
            group?.let { Conversation.group(it) },
            chatroom?.let { Conversation.chatroom(it) },
            channel?.let { Conversation.channel(it) },
        )
        require(given.size == 1) { "give exactly one of user, group, chatroom and channel; ${given.size} are given" }
        return given[0]
    }

    private fun secret(): String {
        val file = secretFile ?: return required(secret, "secret or secretFile")
        require(secret == null) { "give either secret or secretFile; both are given" }
        return try {
            File(file).readText().trimEnd('\r', '\n')
        } catch (unreadable: java.io.IOException) {
            throw IllegalArgumentException("secretFile cannot be read: ${unreadable.message}", unreadable)
        }
    }

    private fun required(value: String?, name: String): String =
        requireNotNull(value?.ifEmpty { null }) { "$name is missing" }
}

private const val OWN_LOGGER = "chat.wildfire.message"
