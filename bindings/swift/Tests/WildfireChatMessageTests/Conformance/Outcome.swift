import Foundation
import WildfireChatMessage

// From what the library gives back to the JSON a case expects.

extension JSON {
    init(_ message: SentMessage) {
        self = .object(["message_uid": .integer(message.messageUid), "timestamp": .integer(message.timestamp)])
    }

    init(_ message: BroadcastMessage) {
        self = .object(["message_uid": .integer(message.messageUid), "count": .integer(message.count)])
    }

    init(_ message: RecalledMessage) {
        self = .object([
            "sender": .text(message.sender),
            "timestamp": .integer(message.timestamp),
            "content_type": .integer(message.contentType),
            "searchable_content": .text(message.searchableContent),
            "content": .text(message.content),
            "extra": .text(message.extra),
            "data": .text(message.data.base64EncodedString()),
            "media_type": .integer(message.mediaType),
            "remote_media_url": .text(message.remoteMediaUrl),
        ])
    }

    init(_ message: Message) {
        self = .object([
            "message_uid": .integer(message.messageUid),
            "sender": .text(message.sender),
            "conversation": JSON(message.conversation),
            "payload": JSON(message.payload),
            "to_users": JSON(message.toUsers),
            "timestamp": .integer(message.timestamp),
            "client": message.client.map { JSON($0) } ?? .null,
            "sender_user_info": message.senderUserInfo.map { JSON($0) } ?? .null,
            "target_user_info": message.targetUserInfo.map { JSON($0) } ?? .null,
            "target_group_info": message.targetGroupInfo.map { JSON($0) } ?? .null,
            "target_channel_info": message.targetChannelInfo.map { JSON($0) } ?? .null,
            "to_robot_id": message.toRobotId.map { .text($0) } ?? .null,
        ])
    }

    private init(_ conversation: Conversation) {
        self = .object([
            "kind": .integer(conversation.kind),
            "target": .text(conversation.target),
            "line": .integer(conversation.line),
        ])
    }

    private init(_ payload: MessagePayload) {
        self = .object([
            "content_type": .integer(payload.contentType),
            "searchable_content": .text(payload.searchableContent),
            "push_content": .text(payload.pushContent),
            "push_data": .text(payload.pushData),
            "content": .text(payload.content),
            "data": .text(payload.data.base64EncodedString()),
            "media_type": .integer(payload.mediaType),
            "remote_media_url": .text(payload.remoteMediaUrl),
            "persist_flag": .integer(payload.persistFlag),
            "expire_duration": .integer(payload.expireDuration),
            "mentioned_type": .integer(payload.mentionedType),
            "mentioned_targets": JSON(payload.mentionedTargets),
            "extra": .text(payload.extra),
        ])
    }

    private init(_ client: ClientInfo) {
        self = .object(["platform": .integer(client.platform), "client_id": .text(client.clientId)])
    }

    init(_ user: UserInfo) {
        self = .object([
            "user_id": .text(user.userId),
            "name": .text(user.name),
            "display_name": .text(user.displayName),
            "portrait": .text(user.portrait),
            "mobile": .text(user.mobile),
            "email": .text(user.email),
            "address": .text(user.address),
            "company": .text(user.company),
            "social": .text(user.social),
            "extra": .text(user.extra),
            "gender": .integer(user.gender),
            "kind": .integer(user.kind),
            "update_dt": .integer(user.updateDt),
            "other_fields": .text(user.otherFields),
        ])
    }

    private init(_ group: GroupInfo) {
        self = .object([
            "target_id": .text(group.targetId),
            "name": .text(group.name),
            "portrait": .text(group.portrait),
            "owner": .text(group.owner),
            "extra": .text(group.extra),
            "kind": .integer(group.kind),
            "mute": .integer(group.mute),
            "join_type": .integer(group.joinType),
            "private_chat": .integer(group.privateChat),
            "searchable": .integer(group.searchable),
            "max_member_count": .integer(group.maxMemberCount),
            "history_message": .integer(group.historyMessage),
            "super_group": .bool(group.superGroup),
            "other_fields": .text(group.otherFields),
        ])
    }

    private init(_ channel: ChannelInfo) {
        self = .object([
            "channel_id": .text(channel.channelId),
            "name": .text(channel.name),
            "desc": .text(channel.desc),
            "portrait": .text(channel.portrait),
            "extra": .text(channel.extra),
            "owner": .text(channel.owner),
            "callback": .text(channel.callback),
            "state": .integer(channel.state),
            "status": .integer(channel.status),
            "automatic": .integer(channel.automatic),
            "update_dt": .integer(channel.updateDt),
            "menus": JSON(channel.menus),
            "other_fields": .text(channel.otherFields),
        ])
    }

    private init(_ texts: [String]) {
        self = .list(texts.map { .text($0) })
    }

    private static func integer(_ number: Int32) -> JSON {
        .integer(Int64(number))
    }
}

extension MessageError {
    /// The variant's name in the cases, and its fields but those that are measured.
    func asInCases() throws -> (variant: String, fields: [String: JSON]) {
        switch self {
        case .invalidArgument(let argument, let reason):
            ("InvalidArgument", ["argument": .text(argument), "reason": .text(reason)])
        case .unreachable(let endpoint, let attempts, let reason):
            (
                "Unreachable",
                ["endpoint": .text(endpoint), "attempts": .integer(Int64(attempts)), "reason": .text(reason)]
            )
        case .rateLimited(let endpoint, let attempts, let msg):
            ("RateLimited", ["endpoint": .text(endpoint), "attempts": .integer(Int64(attempts)), "msg": .text(msg)])
        case .unauthorized(let endpoint, let code, let msg, let attempts, let clockOffset):
            (
                "Unauthorized",
                [
                    "endpoint": .text(endpoint), "code": .integer(Int64(code)), "msg": .text(msg),
                    "attempts": .integer(Int64(attempts)),
                    "clock_offset": clockOffset.map { .integer($0) } ?? .null,
                ]
            )
        case .rejected(let endpoint, let code, let msg, let attempts):
            (
                "Rejected",
                [
                    "endpoint": .text(endpoint), "code": .integer(Int64(code)), "msg": .text(msg),
                    "attempts": .integer(Int64(attempts)),
                ]
            )
        case .notSupported(let endpoint, let attempts):
            ("NotSupported", ["endpoint": .text(endpoint), "attempts": .integer(Int64(attempts))])
        case .badRequest(let endpoint, let status, let body, let attempts):
            (
                "BadRequest",
                [
                    "endpoint": .text(endpoint), "status": .integer(Int64(status)), "body": .text(body),
                    "attempts": .integer(Int64(attempts)),
                ]
            )
        case .timedOut(let endpoint, let attempts, _):
            ("TimedOut", ["endpoint": .text(endpoint), "attempts": .integer(Int64(attempts))])
        case .connectionLost(let endpoint, let attempts, let reason):
            (
                "ConnectionLost",
                ["endpoint": .text(endpoint), "attempts": .integer(Int64(attempts)), "reason": .text(reason)]
            )
        case .invalidResponse(let endpoint, let status, let reason, let body, let attempts):
            (
                "InvalidResponse",
                [
                    "endpoint": .text(endpoint), "status": .integer(Int64(status)), "reason": .text(reason),
                    "body": .text(body), "attempts": .integer(Int64(attempts)),
                ]
            )
        case .failedAfterUpload(let endpoint, let url, let kind, let reason, let sent, let attempts, let code):
            (
                "FailedAfterUpload",
                [
                    "endpoint": .text(endpoint), "remote_media_url": .text(url), "kind": .text(kind),
                    "reason": .text(reason), "sent": .bool(sent), "attempts": .integer(Int64(attempts)),
                    "code": code.map { .integer(Int64($0)) } ?? .null,
                ]
            )
        case .interrupted, .streamFailed, .internalError:
            throw Unreadable("no case can meet \(self)")
        }
    }
}
