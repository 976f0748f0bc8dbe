import Foundation
import WildfireChatMessage

/// A client whose asynchronous methods are called by the names that cases have for them.
protocol AwaitedClient {
    /// Calls a method. Methods that give nothing give null.
    func play(_ method: String, _ given: inout Fields) async throws -> JSON
}

extension AwaitedClient {
    func play(_ method: String, _ arguments: JSON) async throws -> JSON {
        var given = try Fields(of: arguments, "arguments")
        let outcome: Result<JSON, any Error>
        do {
            outcome = .success(try await play(method, &given))
        } catch {
            outcome = .failure(error)
        }
        try given.end()
        return try outcome.get()
    }
}

extension AsyncMessageClient: AwaitedClient {
    // Where a case leaves all optional arguments out, so does the call: the defaults under test are the library's.
    func play(_ method: String, _ given: inout Fields) async throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let (sender, conversation) = (try given.text("sender"), try given.conversation("conversation"))
            let payload = try given.payload("payload")
            if given.names.isEmpty {
                return JSON(try await sendMessage(sender: sender, conversation: conversation, payload: payload))
            }
            return JSON(
                try await sendMessage(
                    sender: sender, conversation: conversation, payload: payload,
                    toUsers: try given.textsIfGiven("to_users") ?? [],
                    isUserMessage: try given.boolIfGiven("is_user_message") ?? false))
        case "send_text":
            let (sender, conversation) = (try given.text("sender"), try given.conversation("conversation"))
            let text = try given.text("text")
            if given.names.isEmpty {
                return JSON(try await sendText(sender: sender, conversation: conversation, text: text))
            }
            return JSON(
                try await sendText(
                    sender: sender, conversation: conversation, text: text, mention: try given.mentions("mention"),
                    quote: try given.quoteIfGiven("quote")))
        case "update_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty {
                try await updateMessage(messageUid: uid, payload: payload)
            } else {
                try await updateMessage(
                    messageUid: uid, payload: payload, distribute: try given.boolIfGiven("distribute") ?? true,
                    operator: try given.textIfGiven("operator"))
            }
            return .null
        case "recall_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            return try await recallMessage(operator: user, messageUid: uid).map { JSON($0) } ?? .null
        case "multicast_message":
            let (sender, targets) = (try given.text("sender"), try given.texts("targets"))
            let payload = try given.payload("payload")
            if let line = try given.smallIntegerIfGiven("line") {
                return JSON(try await multicastMessage(sender: sender, targets: targets, payload: payload, line: line))
            }
            return JSON(try await multicastMessage(sender: sender, targets: targets, payload: payload))
        case "broadcast_message":
            let (sender, payload) = (try given.text("sender"), try given.payload("payload"))
            if let line = try given.smallIntegerIfGiven("line") {
                return JSON(try await broadcastMessage(sender: sender, payload: payload, line: line))
            }
            return JSON(try await broadcastMessage(sender: sender, payload: payload))
        case "delete_message":
            try await deleteMessage(messageUid: try given.integer("message_uid"))
            return .null
        case "clear_user_messages":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            if given.names.isEmpty {
                try await clearUserMessages(userId: user, conversation: conversation)
            } else {
                try await clearUserMessages(
                    userId: user, conversation: conversation, startTime: try given.integerIfGiven("start_time"),
                    endTime: try given.integerIfGiven("end_time"))
            }
            return .null
        case "clear_conversation":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            try await clearConversation(userId: user, conversation: conversation)
            return .null
        case "get_message":
            return JSON(try await getMessage(messageUid: try given.integer("message_uid")))
        case "find_message":
            return try await findMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "recall_broadcast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try await recallBroadcastMessage(operator: user, messageUid: uid)
            return .null
        case "recall_multicast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try await recallMulticastMessage(operator: user, messageUid: uid, receivers: try given.texts("receivers"))
            return .null
        case "delete_broadcast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try await deleteBroadcastMessage(operator: user, messageUid: uid)
            return .null
        case "delete_multicast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try await deleteMulticastMessage(operator: user, messageUid: uid, receivers: try given.texts("receivers"))
            return .null
        case "get_conversation_read_timestamp":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            return .integer(try await getConversationReadTimestamp(userId: user, conversation: conversation))
        case "get_delivery_timestamp":
            return .integer(try await getDeliveryTimestamp(userId: try given.text("user_id")))
        case "import_messages":
            try await importMessages(messages: try given.importedMessages("messages"))
            return .null
        case "send_image":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try await sendImage(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_file":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try await sendFile(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_video":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try await sendVideo(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    duration: file.duration, remoteMediaUrl: file.url))
        case "send_voice":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try await sendVoice(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    duration: file.duration, remoteMediaUrl: file.url))
        case "upload":
            let file = try given.upload()
            switch file.source {
            case .data(let data):
                return .text(
                    try await upload(
                        fileName: file.name, data: data, mediaType: file.mediaType, contentType: file.contentType))
            case .file(let url):
                return .text(
                    try await upload(
                        fileName: file.name, file: url, mediaType: file.mediaType, contentType: file.contentType))
            }
        default:
            throw Unreadable("there is no method \(method)")
        }
    }
}

extension AsyncRobotClient: AwaitedClient {
    func play(_ method: String, _ given: inout Fields) async throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let (conversation, payload) = (try given.conversation("conversation"), try given.payload("payload"))
            if given.names.isEmpty { return JSON(try await sendMessage(conversation: conversation, payload: payload)) }
            return JSON(
                try await sendMessage(
                    conversation: conversation, payload: payload, toUsers: try given.textsIfGiven("to_users") ?? []))
        case "send_text":
            let (conversation, text) = (try given.conversation("conversation"), try given.text("text"))
            return JSON(
                try await sendText(
                    conversation: conversation, text: text, mention: try given.mentions("mention"),
                    quote: try given.quoteIfGiven("quote")))
        case "reply_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty { return JSON(try await replyMessage(messageUid: uid, payload: payload)) }
            return JSON(
                try await replyMessage(
                    messageUid: uid, payload: payload, onlyToSender: try given.boolIfGiven("only_to_sender") ?? false))
        case "update_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty {
                try await updateMessage(messageUid: uid, payload: payload)
            } else {
                let distribute = try given.boolIfGiven("distribute") ?? true
                try await updateMessage(messageUid: uid, payload: payload, distribute: distribute)
            }
            return .null
        case "recall_message":
            return try await recallMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "set_callback":
            try await setCallback(url: try given.text("url"))
            return .null
        case "get_callback":
            return try await getCallback().map { .text($0) } ?? .null
        case "delete_callback":
            try await deleteCallback()
            return .null
        case "get_profile":
            return JSON(try await getProfile())
        case "send_image":
            let file = try given.sentFile()
            return JSON(
                try await sendImage(
                    conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_file":
            let file = try given.sentFile()
            return JSON(
                try await sendFile(
                    conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_video":
            let file = try given.sentFile()
            return JSON(
                try await sendVideo(
                    conversation: file.conversation, data: file.data, fileName: file.name, duration: file.duration,
                    remoteMediaUrl: file.url))
        case "send_voice":
            let file = try given.sentFile()
            return JSON(
                try await sendVoice(
                    conversation: file.conversation, data: file.data, fileName: file.name, duration: file.duration,
                    remoteMediaUrl: file.url))
        case "upload":
            let file = try given.upload()
            switch file.source {
            case .data(let data):
                return .text(
                    try await upload(
                        fileName: file.name, data: data, mediaType: file.mediaType, contentType: file.contentType))
            case .file(let url):
                return .text(
                    try await upload(
                        fileName: file.name, file: url, mediaType: file.mediaType, contentType: file.contentType))
            }
        default:
            throw Unreadable("a robot has no method \(method)")
        }
    }
}

extension AsyncChannelClient: AwaitedClient {
    func play(_ method: String, _ given: inout Fields) async throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let payload = try given.payload("payload")
            if given.names.isEmpty { return JSON(try await sendMessage(payload: payload)) }
            return JSON(
                try await sendMessage(
                    payload: payload, targets: try given.textsIfGiven("targets") ?? [],
                    line: try given.smallIntegerIfGiven("line") ?? 0))
        case "send_text":
            let text = try given.text("text")
            if given.names.isEmpty { return JSON(try await sendText(text: text)) }
            return JSON(
                try await sendText(
                    text: text, mention: try given.mentions("mention"), quote: try given.quoteIfGiven("quote"),
                    targets: try given.textsIfGiven("targets") ?? [],
                    line: try given.smallIntegerIfGiven("line") ?? 0))
        case "recall_message":
            return try await recallMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "republish_message":
            let uid = try given.integer("message_uid")
            try await republishMessage(messageUid: uid, targets: try given.texts("targets"))
            return .null
        default:
            throw Unreadable("a channel has no method \(method)")
        }
    }
}
