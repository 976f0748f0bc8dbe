// Every method of the client once, one line each: `DemoKt URL SECRET`.
//
// `cargo xtask demo` runs it against the sandbox, beside its twins in Rust, Python and Swift, which print the same
// lines. On a real server it sends real messages, one of them to every user.

import chat.wildfire.message.Conversation
import chat.wildfire.message.ImportedMessage
import chat.wildfire.message.MediaType
import chat.wildfire.message.MessageClient
import chat.wildfire.message.MessageException
import chat.wildfire.message.MessagePayload
import chat.wildfire.message.SendOutcome
import chat.wildfire.message.SendRequest
import chat.wildfire.message.SentMessage
import chat.wildfire.message.group
import chat.wildfire.message.single
import chat.wildfire.message.text
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import kotlin.system.exitProcess

fun main(arguments: Array<String>) {
    if (arguments.size != 2) {
        System.err.println("usage: DemoKt URL SECRET")
        exitProcess(2)
    }
    val (url, secret) = arguments
    try {
        MessageClient(url, secret).use(::demo)
    } catch (failure: MessageException) {
        System.err.println(failure.message)
        exitProcess(1)
    }
}

private fun demo(client: MessageClient) {
    val (admin, user) = listOf("admin", "user1")
    val others = listOf("user2", "user3")
    val toUser = Conversation.single(user)
    val toGroup = Conversation.group("group1")

    // To a user, a group and many users.
    val sent = client.sendMessage(admin, toUser, MessagePayload.text("Hello, user1."))
    show("sendMessage", { sent }, ::told)
    show("sendMessage", { client.sendMessage(admin, toGroup, MessagePayload.text("Hello, group1.")) }, ::told)
    val many = (2..4).map { SendRequest(admin, toUser, MessagePayload.text("Hello for the $it. time.")) }
    show("sendMessages", { client.sendMessages(many) }, ::counted)
    show("sendEach", { client.sendEach(many).toList() }, ::counted)
    val both = MessagePayload.text("Hello, both of you.")
    val multicast = show("multicastMessage", { client.multicastMessage(admin, others, both) }, ::told)

    // Back again, gone, and looked up.
    val uid = sent.messageUid
    show("getMessage", { client.getMessage(uid) }) { "\"${it.payload.searchableContent}\" from ${it.sender}" }
    show("recallMessage", { client.recallMessage(admin, uid) }) { recalled ->
        recalled?.let { "took back \"${it.searchableContent}\"" } ?: "done"
    }
    show("findMessage", { client.findMessage(uid) }) { found ->
        found?.payload?.let { "content type ${it.contentType}, a recall by ${it.content}" } ?: "nothing"
    }

    // An error: its text names the endpoint and what the server said.
    show("getMessage", { client.getMessage(1) }) { "a message nobody sent" }

    // Every other method.
    show("updateMessage", { client.updateMessage(uid, MessagePayload.text("Hello again."), operator = admin) })
    val everybody = MessagePayload.text("Hello, everybody.")
    val broadcast = show("broadcastMessage", { client.broadcastMessage(admin, everybody) }) {
        "uid ${it.messageUid} to ${it.count} users"
    }
    val broadcastUid = broadcast?.messageUid ?: uid
    show("recallBroadcastMessage", { client.recallBroadcastMessage(admin, broadcastUid) })
    show("deleteBroadcastMessage", { client.deleteBroadcastMessage(admin, broadcastUid) })
    val multicastUid = multicast?.messageUid ?: uid
    show("recallMulticastMessage", { client.recallMulticastMessage(admin, multicastUid, others.take(1)) })
    show("deleteMulticastMessage", { client.deleteMulticastMessage(admin, multicastUid, others.drop(1)) })
    show("getConversationReadTimestamp", { client.getConversationReadTimestamp(user, toGroup) }, ::at)
    show("getDeliveryTimestamp", { client.getDeliveryTimestamp(user) }, ::at)
    val old = ImportedMessage(user, toGroup, MessagePayload.text("From the old system."), timestamp = 1_700_000_000_000)
    show("importMessages", { client.importMessages(listOf(old)) })
    val answer = listOf("The capital ", "of France ", "is Paris.")
    show("streamText", { client.streamText(admin, toUser, answer) }, ::told)
    show("upload", { client.upload("hello.txt", "Hello.".toByteArray(), MediaType.FILE) }) { "done" }
    show("sendFile", { client.sendFile(user, toGroup, "Hello.".toByteArray(), "hello.txt") }, ::told)
    show("deleteMessage", { client.deleteMessage(uid) })
    show("clearUserMessages", { client.clearUserMessages(user, toGroup, startTime = sent.timestamp) })
    show("clearConversation", { client.clearConversation(user, toUser) })
}

/**
 * Prints a method and what came of it. What the server refuses or lacks is part of the show; that it cannot be reached,
 * or does not take the secret, ends it.
 */
private fun <R> show(method: String, call: () -> R, words: (R) -> String = { "done" }): R? {
    val (line, value) = try {
        call().let { words(it) to it }
    } catch (_: MessageException.NotSupported) {
        "skipped: this edition does not have it" to null
    } catch (rejected: MessageException.Rejected) {
        "error: ${rejected.message}" to null
    }
    println("${method.padEnd(32)}→ $line")
    return value
}

private fun counted(outcomes: List<SendOutcome>) = "${outcomes.count { it.sent != null }} of ${outcomes.size} sent"

private fun told(sent: SentMessage) = "uid ${sent.messageUid} at ${at(sent.timestamp)}"

/** A time of the server as people read it: `2026-03-01 08:15:00 UTC`. */
private fun at(milliseconds: Long): String =
    DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC)
        .format(Instant.ofEpochMilli(milliseconds))
