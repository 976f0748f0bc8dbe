import Foundation
import WildfireChatMessage

extension RobotClient: PlayedClient {
    func play(_ method: String, _ given: inout Fields) throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let (conversation, payload) = (try given.conversation("conversation"), try given.payload("payload"))
            if given.names.isEmpty { return JSON(try sendMessage(conversation: conversation, payload: payload)) }
            return JSON(
                try sendMessage(
                    conversation: conversation, payload: payload, toUsers: try given.textsIfGiven("to_users") ?? []))
        case "send_text":
            let (conversation, text) = (try given.conversation("conversation"), try given.text("text"))
            return JSON(
                try sendText(
                    conversation: conversation, text: text, mention: try given.mentions("mention"),
                    quote: try given.quoteIfGiven("quote")))
        case "reply_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty { return JSON(try replyMessage(messageUid: uid, payload: payload)) }
            return JSON(
                try replyMessage(
                    messageUid: uid, payload: payload, onlyToSender: try given.boolIfGiven("only_to_sender") ?? false))
        case "update_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty {
                try updateMessage(messageUid: uid, payload: payload)
            } else {
                let distribute = try given.boolIfGiven("distribute") ?? true
                try updateMessage(messageUid: uid, payload: payload, distribute: distribute)
            }
            return .null
        case "recall_message":
            return try recallMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "set_callback":
            try setCallback(url: try given.text("url"))
            return .null
        case "get_callback":
            return try getCallback().map { .text($0) } ?? .null
        case "delete_callback":
            try deleteCallback()
            return .null
        case "get_profile":
            return JSON(try getProfile())
        case "send_image":
            let file = try given.sentFile()
            return JSON(
                try sendImage(
                    conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_file":
            let file = try given.sentFile()
            return JSON(
                try sendFile(
                    conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_video":
            let file = try given.sentFile()
            return JSON(
                try sendVideo(
                    conversation: file.conversation, data: file.data, fileName: file.name, duration: file.duration,
                    remoteMediaUrl: file.url))
        case "send_voice":
            let file = try given.sentFile()
            return JSON(
                try sendVoice(
                    conversation: file.conversation, data: file.data, fileName: file.name, duration: file.duration,
                    remoteMediaUrl: file.url))
        case "upload":
            let file = try given.upload()
            switch file.source {
            case .data(let data):
                return .text(
                    try upload(
                        fileName: file.name, data: data, mediaType: file.mediaType, contentType: file.contentType))
            case .file(let url):
                return .text(
                    try upload(
                        fileName: file.name, file: url, mediaType: file.mediaType, contentType: file.contentType))
            }
        default:
            throw Unreadable("a robot has no method \(method)")
        }
    }
}

extension ChannelClient: PlayedClient {
    func play(_ method: String, _ given: inout Fields) throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let payload = try given.payload("payload")
            if given.names.isEmpty { return JSON(try sendMessage(payload: payload)) }
            return JSON(
                try sendMessage(
                    payload: payload, targets: try given.textsIfGiven("targets") ?? [],
                    line: try given.smallIntegerIfGiven("line") ?? 0))
        case "send_text":
            let text = try given.text("text")
            if given.names.isEmpty { return JSON(try sendText(text: text)) }
            return JSON(
                try sendText(
                    text: text, mention: try given.mentions("mention"), quote: try given.quoteIfGiven("quote"),
                    targets: try given.textsIfGiven("targets") ?? [],
                    line: try given.smallIntegerIfGiven("line") ?? 0))
        case "recall_message":
            return try recallMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "republish_message":
            let uid = try given.integer("message_uid")
            try republishMessage(messageUid: uid, targets: try given.texts("targets"))
            return .null
        default:
            throw Unreadable("a channel has no method \(method)")
        }
    }
}
