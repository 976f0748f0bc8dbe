import Foundation
import WildfireChatMessage

// From a case's arguments and options to the library's records. A field left out keeps the library's own default.

extension Fields {
    mutating func conversation(_ name: String) throws -> Conversation {
        var fields = try Fields(of: value(name), name)
        let kind = try fields.smallIntegerIfGiven("kind")
        guard let kind else { throw Unreadable("\(name) has no kind") }
        var conversation = Conversation(kind: kind, target: try fields.text("target"))
        if let line = try fields.smallIntegerIfGiven("line") { conversation.line = line }
        try fields.end()
        return conversation
    }

    mutating func payload(_ name: String) throws -> MessagePayload {
        var fields = try Fields(of: value(name), name)
        guard let contentType = try fields.smallIntegerIfGiven("content_type") else {
            throw Unreadable("\(name) has no content_type")
        }
        var payload = MessagePayload(contentType: contentType)
        if let text = try fields.textIfGiven("searchable_content") { payload.searchableContent = text }
        if let text = try fields.textIfGiven("push_content") { payload.pushContent = text }
        if let text = try fields.textIfGiven("push_data") { payload.pushData = text }
        if let text = try fields.textIfGiven("content") { payload.content = text }
        if let bytes = try fields.bytesIfGiven("data") { payload.data = bytes }
        if let number = try fields.smallIntegerIfGiven("media_type") { payload.mediaType = number }
        if let text = try fields.textIfGiven("remote_media_url") { payload.remoteMediaUrl = text }
        if let number = try fields.smallIntegerIfGiven("persist_flag") { payload.persistFlag = number }
        if let number = try fields.smallIntegerIfGiven("expire_duration") { payload.expireDuration = number }
        if let number = try fields.smallIntegerIfGiven("mentioned_type") { payload.mentionedType = number }
        if let users = try fields.textsIfGiven("mentioned_targets") { payload.mentionedTargets = users }
        if let text = try fields.textIfGiven("extra") { payload.extra = text }
        try fields.end()
        return payload
    }

    mutating func mentions(_ name: String) throws -> [Mention] {
        try (listIfGiven(name) ?? []).map { mention in
            var fields = try Fields(of: mention, "a mention")
            var made = Mention()
            if let id = try fields.textIfGiven("user_id") { made.userId = id }
            if let name = try fields.textIfGiven("name") { made.name = name }
            if let everyone = try fields.boolIfGiven("is_everyone") { made.isEveryone = everyone }
            try fields.end()
            return made
        }
    }

    mutating func quoteIfGiven(_ name: String) throws -> Quote? {
        try valueIfGiven(name).map { quote in
            var fields = try Fields(of: quote, "a quote")
            let made = Quote(
                messageUid: try fields.integer("message_uid"), userId: try fields.textIfGiven("user_id") ?? "",
                displayName: try fields.textIfGiven("display_name") ?? "",
                digest: try fields.textIfGiven("digest") ?? "")
            try fields.end()
            return made
        }
    }

    mutating func importedMessages(_ name: String) throws -> [ImportedMessage] {
        guard let messages = try listIfGiven(name) else { throw Unreadable("there is no \(name)") }
        return try messages.map { message in
            var fields = try Fields(of: message, "an imported message")
            var imported = ImportedMessage(
                sender: try fields.text("sender"), conversation: try fields.conversation("conversation"),
                payload: try fields.payload("payload"), timestamp: try fields.integer("timestamp"))
            if let receivers = try fields.textsIfGiven("receivers") { imported.receivers = receivers }
            try fields.end()
            return imported
        }
    }
}

/// What an upload is given.
struct UploadedFile {
    enum Source {
        case data(Data)
        case file(URL)
    }

    let name: String
    let source: Source
    let mediaType: Int32
    let contentType: String?
}

extension Fields {
    mutating func upload() throws -> UploadedFile {
        let (name, data) = (try text("file_name"), try bytesIfGiven("data"))
        guard let mediaType = try smallIntegerIfGiven("media_type") else {
            throw Unreadable("an upload has no media_type")
        }
        let source = try data.map { UploadedFile.Source.data($0) } ?? .file(URL(fileURLWithPath: text("path")))
        return UploadedFile(
            name: name, source: source, mediaType: mediaType, contentType: try textIfGiven("content_type"))
    }
}

/// What a message with a file is given.
struct SentFile {
    let conversation: Conversation
    let data: Data
    let name: String?
    let duration: Int32?
    let url: String?
}

extension Fields {
    mutating func sentFile() throws -> SentFile {
        SentFile(
            conversation: try conversation("conversation"), data: try bytesIfGiven("data") ?? Data(),
            name: try textIfGiven("file_name"), duration: try smallIntegerIfGiven("duration"),
            url: try textIfGiven("remote_media_url"))
    }
}

extension ClientOptions {
    init(of value: JSON) throws {
        var fields = try Fields(of: value, "options")
        self.init()
        connectTimeout = try fields.secondsIfGiven("connect_timeout_ms")
        readTimeout = try fields.secondsIfGiven("read_timeout_ms")
        totalTimeout = try fields.secondsIfGiven("total_timeout_ms")
        if let number = try fields.smallIntegerIfGiven("max_attempts") { maxAttempts = number }
        retryPause = try fields.secondsIfGiven("retry_pause_ms")
        retryPauseMax = try fields.secondsIfGiven("retry_pause_max_ms")
        if let number = try fields.smallIntegerIfGiven("rate_limit") { rateLimit = number }
        poolIdleTimeout = try fields.secondsIfGiven("pool_idle_timeout_ms")
        poolMaxAge = try fields.secondsIfGiven("pool_max_age_ms")
        if let number = try fields.smallIntegerIfGiven("pool_max_idle") { poolMaxIdle = number }
        if let number = try fields.integerIfGiven("max_response_bytes") { maxResponseBytes = number }
        proxy = try fields.textIfGiven("proxy")
        if let urls = try fields.textsIfGiven("more_base_urls") { moreBaseUrls = urls }
        rootCertificates = try fields.textIfGiven("root_certificates")
        userAgent = try fields.textIfGiven("user_agent")
        if let allowed = try fields.boolIfGiven("allow_unsendable_types") { allowUnsendableTypes = allowed }
        try fields.end()
    }
}

extension Fields {
    fileprivate mutating func secondsIfGiven(_ name: String) throws -> TimeInterval? {
        try integerIfGiven(name).map { TimeInterval($0) / 1000 }
    }
}
