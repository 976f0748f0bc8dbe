import WildfireChatMessage

/// One golden vector of a content, as tests/contents/README.md tells.
struct Vector {
    let name: String
    /// What it is called in Rust, as it is, and as one of all.
    let content: (record: String, written: any Content, any: MessageContent)?
    let extras: ContentExtras?
    let payload: MessagePayload?
    /// What the payload is read as.
    let read: MessageContent?
    let error: MessageError?
}

extension Vector {
    /// Every vector of every file, in the order of the files' names.
    static func all() throws -> [Vector] {
        try Checkout.entries(of: "tests/contents").map { try Vector(of: $0) }
    }

    private init(of value: JSON) throws {
        var fields = try Fields(of: value, "a vector")
        name = try fields.text("name")
        do {
            extras = try fields.valueIfGiven("extras").map { try ContentExtras(of: $0) }
            payload = try fields.valueIfGiven("payload").map { try MessagePayload(onTheWire: $0) }
            error = try fields.valueIfGiven("error").map { try MessageError(refusal: $0) }
            content = try fields.valueIfGiven("content").map { try writeable($0) }
            let payload = payload
            read = try fields.valueIfGiven("decodes_to").map { try readable($0, payload) } ?? content?.any
            // The same as the payload's data, for human eyes.
            _ = try fields.textIfGiven("data_text")
            try fields.end()
        } catch {
            throw Unreadable("\(name): \(error)")
        }
        guard (payload == nil) != (error == nil) else {
            throw Unreadable("\(name): it has either a payload or an error")
        }
        guard payload == nil || read != nil, error == nil || content != nil else {
            throw Unreadable("\(name): it has no content")
        }
    }
}

extension MessagePayload {
    /// By the names of the wire.
    fileprivate init(onTheWire value: JSON) throws {
        var fields = try Fields(of: value, "payload")
        guard let contentType = try fields.smallIntegerIfGiven("type"),
            let persistFlag = try fields.smallIntegerIfGiven("persistFlag")
        else { throw Unreadable("a payload has a type and a persistFlag") }
        self.init(contentType: contentType, persistFlag: persistFlag)
        try fields.put("searchableContent", in: &searchableContent)
        try fields.put("pushContent", in: &pushContent)
        try fields.put("pushData", in: &pushData)
        try fields.put("content", in: &content)
        try fields.put("base64edData", in: &data)
        try fields.put("mediaType", in: &mediaType)
        try fields.put("remoteMediaUrl", in: &remoteMediaUrl)
        try fields.put("expireDuration", in: &expireDuration)
        try fields.put("mentionedType", in: &mentionedType)
        try fields.put("mentionedTarget", in: &mentionedTargets)
        try fields.put("extra", in: &extra)
        try fields.end()
    }
}

extension MessageError {
    fileprivate init(refusal value: JSON) throws {
        var fields = try Fields(of: value, "error")
        self = .invalidArgument(argument: try fields.text("argument"), reason: try fields.text("reason"))
        try fields.end()
    }
}

/// The record of `{"TextContent": {…}}` and its fields.
private func onlyField(of value: JSON) throws -> (record: String, value: JSON) {
    guard case .object(let fields) = value, fields.count == 1, let only = fields.first else {
        throw Unreadable("\(value) is no content")
    }
    return (only.key, only.value)
}

private func readable(_ value: JSON, _ payload: MessagePayload?) throws -> MessageContent {
    let (record, fields) = try onlyField(of: value)
    switch (record, payload) {
    case ("RecalledContent", _):
        return .recalled(value: try RecalledContent(of: fields))
    case ("Custom", let payload?):
        guard fields == .object([:]) else { throw Unreadable("a custom content has no fields but its payload") }
        return .custom(payload: payload)
    default:
        return try writeable(value).any
    }
}

private func writeable(_ value: JSON) throws -> (record: String, written: any Content, any: MessageContent) {
    let (record, fields) = try onlyField(of: value)
    func form<Record: Form & Content>(
        _ wrap: (Record) -> MessageContent
    ) throws -> (record: String, written: any Content, any: MessageContent) {
        let content = try Record(of: fields)
        return (record, content, wrap(content))
    }
    switch record {
    case "TextContent": return try form(MessageContent.text)
    case "PlainTextContent": return try form(MessageContent.plainText)
    case "VoiceContent": return try form(MessageContent.voice)
    case "ImageContent": return try form(MessageContent.image)
    case "LocationContent": return try form(MessageContent.location)
    case "FileContent": return try form(MessageContent.file)
    case "VideoContent": return try form(MessageContent.video)
    case "StickerContent": return try form(MessageContent.sticker)
    case "LinkContent": return try form(MessageContent.link)
    case "CardContent": return try form(MessageContent.card)
    case "CompositeContent": return try form(MessageContent.composite)
    case "RichNotificationContent": return try form(MessageContent.richNotification)
    case "ArticlesContent": return try form(MessageContent.articles)
    case "StreamingTextGeneratingContent": return try form(MessageContent.streamingTextGenerating)
    case "StreamingTextGeneratedContent": return try form(MessageContent.streamingTextGenerated)
    case "StreamingTextCancelledContent": return try form(MessageContent.streamingTextCancelled)
    case "TipContent": return try form(MessageContent.tip)
    case "TypingContent": return try form(MessageContent.typing)
    case "CollectionContent": return try form(MessageContent.collection)
    case "PollContent": return try form(MessageContent.poll)
    case "PollResultContent": return try form(MessageContent.pollResult)
    case "MeetingMinutesContent": return try form(MessageContent.meetingMinutes)
    case "TranscriptionContent": return try form(MessageContent.transcription)
    case "MixMultiMediaTextContent": return try form(MessageContent.mixMultiMediaText)
    case "MixFileTextContent": return try form(MessageContent.mixFileText)
    default: throw Unreadable("no content is called \(record)")
    }
}
