package chat.wildfire.message

import chat.wildfire.message.conformance.Case
import chat.wildfire.message.conformance.Player
import chat.wildfire.message.conformance.rustName
import kotlin.reflect.KVisibility
import kotlin.reflect.full.declaredFunctions

/** Those that send a message with its file, which FilesTest knows. */
val FILE_METHODS = setOf("sendImage", "sendFile", "sendVideo", "sendVoice")

/** Every other method of the client by its name, with the arguments of the first conformance case in which it succeeds. */
val EVERY_METHOD: Map<String, (MessageClient) -> Any?> = Case.all()
    .filter { it.sender == null && it.succeeds && it.method != "new" }
    .distinctBy { it.method }
    .associate { case -> kotlinName(case.method) to { client: MessageClient -> Player.call(client, case) } }
    .minus(FILE_METHODS)

private fun kotlinName(method: String): String = MessageClient::class.declaredFunctions
    .filter { it.visibility == KVisibility.PUBLIC }
    .first { rustName(it.name) == method }
    .name
