// Generated from the Rust functions and methods of the same names. Do not edit.

@file:JvmName("Contents")

package chat.wildfire.message

/** Reads a note. */
fun readNote(place: Place): Outcome =
    crossing(mapOf("place" to place)) { nativeReadNote(place) }

/** What the library does with it. */
@JvmOverloads
fun Note.toPayload(extras: Place? = null): Place =
    crossing(this) { nativeToPayload(extras) }

/** [MessageClient.sendMessage] with a [Note]; [extras] is what any content may carry besides. */
@JvmOverloads
fun MessageClient.sendMessage(sender: String, conversation: Conversation, content: Note, toUsers: List<String> = emptyList(), isUserMessage: Boolean = false, extras: ContentExtras? = null): SentMessage =
    sendMessage(sender, conversation, content.toPayload(extras), toUsers, isUserMessage)

/** [MessageClient.updateMessage] with a [Note]; [extras] is what any content may carry besides. */
@JvmOverloads
fun MessageClient.updateMessage(messageUid: Long, content: Note, distribute: Boolean = true, operator: String? = null, extras: ContentExtras? = null): Unit =
    updateMessage(messageUid, content.toPayload(extras), distribute, operator)

/** [MessageClient.multicastMessage] with a [Note]; [extras] is what any content may carry besides. */
@JvmOverloads
fun MessageClient.multicastMessage(sender: String, targets: List<String>, content: Note, line: Int = 0, extras: ContentExtras? = null): SentMessage =
    multicastMessage(sender, targets, content.toPayload(extras), line)

/** [MessageClient.broadcastMessage] with a [Note]; [extras] is what any content may carry besides. */
@JvmOverloads
fun MessageClient.broadcastMessage(sender: String, content: Note, line: Int = 0, extras: ContentExtras? = null): BroadcastMessage =
    broadcastMessage(sender, content.toPayload(extras), line)
