import chat.wildfire.message.Conversation
import chat.wildfire.message.Fault
import chat.wildfire.message.MessageClient
import chat.wildfire.message.MessageException
import chat.wildfire.message.MessagePayload
import chat.wildfire.message.Sandbox
import chat.wildfire.message.group
import chat.wildfire.message.text
import java.util.logging.Level
import java.util.logging.Logger

fun main(arguments: Array<String>) {
    for (level in arguments) Logger.getLogger("chat.wildfire.message").level = Level.parse(level)
    Logger.getLogger("").handlers.forEach { it.level = Level.ALL }
    Sandbox("123456").use { sandbox ->
        MessageClient(sandbox.baseUrl, "123456").use { client ->
            val group = Conversation.group("g1")
            sandbox.failNext(Fault.OVER_FREQUENCY)
            client.sendMessage("admin", group, MessagePayload.text("first"))
            sandbox.failNext(Fault.RESET_BEFORE_READING)
            client.findMessage(1)
            sandbox.failNext(Fault.RESET_AFTER_EXECUTING)
            try {
                client.sendMessage("admin", group, MessagePayload.text("second"))
            } catch (_: MessageException.ConnectionLost) {
                // The log has said it.
            }
        }
    }
}
