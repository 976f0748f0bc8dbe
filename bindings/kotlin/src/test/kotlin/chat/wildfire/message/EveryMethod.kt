package chat.wildfire.message

/** Every method of the client by its name, with arguments that are accepted. */
val EVERY_METHOD: Map<String, (MessageClient) -> Any?> = Conversation.group("group1").let { group ->
    val text = MessagePayload.text("hello")
    mapOf(
        "sendMessage" to { it.sendMessage("admin", group, text) },
        "sendText" to { it.sendText("admin", group, "hello") },
        "updateMessage" to { it.updateMessage(1, text) },
        "recallMessage" to { it.recallMessage("admin", 1) },
        "multicastMessage" to { it.multicastMessage("admin", listOf("user1"), text) },
        "broadcastMessage" to { it.broadcastMessage("admin", text) },
        "deleteMessage" to { it.deleteMessage(1) },
        "clearUserMessages" to { it.clearUserMessages("user1", group) },
        "clearConversation" to { it.clearConversation("user1", group) },
        "getMessage" to { it.getMessage(1) },
        "findMessage" to { it.findMessage(1) },
        "recallBroadcastMessage" to { it.recallBroadcastMessage("admin", 1) },
        "recallMulticastMessage" to { it.recallMulticastMessage("admin", 1, listOf("user1")) },
        "deleteBroadcastMessage" to { it.deleteBroadcastMessage("admin", 1) },
        "deleteMulticastMessage" to { it.deleteMulticastMessage("admin", 1, listOf("user1")) },
        "getConversationReadTimestamp" to { it.getConversationReadTimestamp("user1", group) },
        "getDeliveryTimestamp" to { it.getDeliveryTimestamp("user1") },
        "importMessages" to { it.importMessages(listOf(ImportedMessage("user1", group, text, timestamp = 1))) },
        "upload" to { it.upload("a.txt", "hello".toByteArray(), MediaType.FILE) },
    )
}

/** Those that send a message with its file, which FilesTest knows. */
val FILE_METHODS = setOf("sendImage", "sendFile", "sendVideo", "sendVoice")
