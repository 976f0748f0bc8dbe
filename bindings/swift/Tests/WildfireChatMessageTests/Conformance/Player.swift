import Foundation
@testable import WildfireChatMessage

/// Plays cases through the public API against one sandbox.
struct Player {
    private static let secret = "123456"
    private let sandbox: Sandbox
    private let slice: TimeInterval?

    /// With `slice`, calls wait in slices of so many seconds.
    init(slice: TimeInterval? = nil) throws {
        sandbox = try Sandbox(secret: Self.secret)
        try sandbox.setRobot(robotId: "FireRobot", secret: Self.secret)
        try sandbox.setChannel(channelId: "news", owner: "ann", secret: Self.secret)
        self.slice = slice
    }

    /// Plays one case and gives all that differs from what it expects.
    func play(_ played: Case) throws -> [String] {
        try prepare(played)
        let outcome: Result<JSON, MessageError>
        do {
            outcome = .success(try client(of: played).play(played.method, played.arguments))
        } catch let error as MessageError {
            outcome = .failure(error)
        }
        return try differences(played, outcome)
    }

    /// The same through the asynchronous clients.
    func playAwaiting(_ played: Case) async throws -> [String] {
        try prepare(played)
        let outcome: Result<JSON, MessageError>
        do {
            outcome = .success(try await asyncClient(of: played).play(played.method, played.arguments))
        } catch let error as MessageError {
            outcome = .failure(error)
        }
        return try differences(played, outcome)
    }

    private func prepare(_ played: Case) throws {
        try sandbox.clearRequests()
        try script(played)
    }

    private func differences(_ played: Case, _ outcome: Result<JSON, MessageError>) throws -> [String] {
        try differences(played.expected, outcome) + differences(played, try sandbox.requests())
    }

    /// The fault strikes first. What there is one of comes as often as the case says; with a fault, the answer comes
    /// once.
    private func script(_ played: Case) throws {
        if let fault = played.fault { try sandbox.failNext(fault, times: played.times) }
        guard var answer = played.answer else { return }
        let body = String(decoding: answer.body, as: UTF8.self)
        answer.body = Data(body.replacingOccurrences(of: "{sandbox}", with: sandbox.baseUrl).utf8)
        for _ in 0..<(played.fault == nil ? played.times : 1) { try sandbox.answerNext(answer) }
    }

    private func server(of played: Case) -> (baseUrl: String, secret: String) {
        let baseUrl = (played.client?.baseUrl ?? played.baseUrl ?? "{sandbox}")
            .replacingOccurrences(of: "{sandbox}", with: sandbox.baseUrl)
        return (baseUrl, played.client?.secret ?? Self.secret)
    }

    private func asyncClient(of played: Case) throws -> any AwaitedClient {
        let ((baseUrl, secret), options) = (server(of: played), played.options)
        switch played.sender {
        case nil:
            return try AsyncMessageClient(baseUrl: baseUrl, secret: secret, options: options)
        case .robot(let id):
            return try AsyncRobotClient(baseUrl: baseUrl, robotId: id, secret: secret, options: options)
        case .channel(let id):
            return try AsyncChannelClient(baseUrl: baseUrl, channelId: id, secret: secret, options: options)
        }
    }

    private func client(of played: Case) throws -> any PlayedClient {
        let ((baseUrl, secret), options) = (server(of: played), played.options)
        switch (played.sender, slice) {
        case (nil, nil):
            return try MessageClient(baseUrl: baseUrl, secret: secret, options: options)
        case (nil, let slice?):
            return try MessageClient(baseUrl: baseUrl, secret: secret, options: options, slice: slice)
        case (.robot(let id), nil):
            return try RobotClient(baseUrl: baseUrl, robotId: id, secret: secret, options: options)
        case (.robot(let id), let slice?):
            return try RobotClient(baseUrl: baseUrl, robotId: id, secret: secret, options: options, slice: slice)
        case (.channel(let id), nil):
            return try ChannelClient(baseUrl: baseUrl, channelId: id, secret: secret, options: options)
        case (.channel(let id), let slice?):
            return try ChannelClient(baseUrl: baseUrl, channelId: id, secret: secret, options: options, slice: slice)
        }
    }

    private func differences(_ expected: Case.Expected, _ outcome: Result<JSON, MessageError>) throws -> [String] {
        switch (expected, outcome) {
        case (.result(let expected), .success(let result)):
            result == expected ? [] : ["gives \(result), not \(expected)"]
        case (.result, .failure(let error)):
            ["fails: \(error)"]
        case (.error(let expected), .success(let result)):
            ["gives \(result), and should fail with \(expected)"]
        case (.error(let expected), .failure(let error)):
            try differences(expected, error)
        }
    }

    private func differences(_ expected: Case.ExpectedError, _ error: MessageError) throws -> [String] {
        var found: [String] = []
        let (variant, fields) = try error.asInCases()
        if variant != expected.variant { found.append("fails with \(variant), not \(expected.variant): \(error)") }
        for (name, value) in expected.fields where fields[name] != value {
            found.append("the error's \(name) is \(String(describing: fields[name])), not \(value)")
        }
        let text = error.description
        if let whole = expected.text, !text.utf8.elementsEqual(whole.utf8) {
            found.append("the error says \(text), not \(whole)")
        }
        if let beginning = expected.textStartsWith, !text.utf8.starts(with: beginning.utf8) {
            found.append("the error says \(text), which does not start with \(beginning)")
        }
        if error.mayHaveExecuted != expected.mayHaveExecuted {
            found.append("mayHaveExecuted is \(error.mayHaveExecuted)")
        }
        return found
    }

    private func differences(_ played: Case, _ requests: [ReceivedRequest]) -> [String] {
        let answeredAtLast = played.fault != nil && played.answer != nil
        let count = played.request == nil ? 0 : Int(played.times) + (answeredAtLast ? 1 : 0)
        guard requests.count == count else {
            return ["\(requests.count) requests reached the sandbox, not \(count)"]
        }
        guard let expected = played.request else { return [] }
        var found = requests.flatMap { differences(expected, $0) + differences(played.sender, $0) }
        let nonces = requests.flatMap { $0.headers.filter { $0.name == "nonce" }.map(\.value) }
        if Set(nonces).count != count { found.append("two attempts share a signature") }
        return found
    }

    private func differences(_ sender: Case.Sender?, _ request: ReceivedRequest) -> [String] {
        let named =
            switch sender {
            case nil: [String: String]()
            case .robot(let id): ["rid": id]
            case .channel(let id): ["cid": id]
            }
        let headers = request.headers.filter { ["rid", "cid"].contains($0.name) }.map { ($0.name, $0.value) }
        let found = Dictionary(headers) { first, _ in first }
        return found == named ? [] : ["the headers rid and cid are \(found), not \(named)"]
    }

    private func differences(_ expected: (path: String, body: String), _ request: ReceivedRequest) -> [String] {
        var found: [String] = []
        if request.method != "POST" { found.append("the request's method is \(request.method)") }
        if request.path != expected.path { found.append("the path is \(request.path), not \(expected.path)") }
        if request.body != Data(expected.body.utf8) {
            found.append("the body is \(String(decoding: request.body, as: UTF8.self)), not \(expected.body)")
        }
        if !request.signatureValid { found.append("the signature is not valid") }
        for header in request.headers where header.name != header.name.lowercased() {
            found.append("the header \(header.name) is not in lower case")
        }
        let types = request.headers.filter { $0.name == "content-type" }.map(\.value)
        if types != ["application/json; charset=utf-8"] { found.append("the content types are \(types)") }
        return found
    }
}

/// A client whose methods are called by the names that cases have for them.
protocol PlayedClient {
    /// Calls a method. Methods that give nothing give null.
    func play(_ method: String, _ given: inout Fields) throws -> JSON
}

extension PlayedClient {
    fileprivate func play(_ method: String, _ arguments: JSON) throws -> JSON {
        var given = try Fields(of: arguments, "arguments")
        let outcome = Result { try play(method, &given) }
        try given.end()
        return try outcome.get()
    }
}

extension MessageClient: PlayedClient {
    // Where a case leaves all optional arguments out, so does the call: the defaults under test are the library's.
    func play(_ method: String, _ given: inout Fields) throws -> JSON {
        switch method {
        case "new":
            return .null
        case "send_message":
            let (sender, conversation) = (try given.text("sender"), try given.conversation("conversation"))
            let payload = try given.payload("payload")
            if given.names.isEmpty {
                return JSON(try sendMessage(sender: sender, conversation: conversation, payload: payload))
            }
            return JSON(
                try sendMessage(
                    sender: sender, conversation: conversation, payload: payload,
                    toUsers: try given.textsIfGiven("to_users") ?? [],
                    isUserMessage: try given.boolIfGiven("is_user_message") ?? false))
        case "send_text":
            let (sender, conversation) = (try given.text("sender"), try given.conversation("conversation"))
            let text = try given.text("text")
            if given.names.isEmpty {
                return JSON(try sendText(sender: sender, conversation: conversation, text: text))
            }
            return JSON(
                try sendText(
                    sender: sender, conversation: conversation, text: text, mention: try given.mentions("mention"),
                    quote: try given.quoteIfGiven("quote")))
        case "update_message":
            let (uid, payload) = (try given.integer("message_uid"), try given.payload("payload"))
            if given.names.isEmpty {
                try updateMessage(messageUid: uid, payload: payload)
            } else {
                try updateMessage(
                    messageUid: uid, payload: payload, distribute: try given.boolIfGiven("distribute") ?? true,
                    operator: try given.textIfGiven("operator"))
            }
            return .null
        case "recall_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            return try recallMessage(operator: user, messageUid: uid).map { JSON($0) } ?? .null
        case "multicast_message":
            let (sender, targets) = (try given.text("sender"), try given.texts("targets"))
            let payload = try given.payload("payload")
            if let line = try given.smallIntegerIfGiven("line") {
                return JSON(try multicastMessage(sender: sender, targets: targets, payload: payload, line: line))
            }
            return JSON(try multicastMessage(sender: sender, targets: targets, payload: payload))
        case "broadcast_message":
            let (sender, payload) = (try given.text("sender"), try given.payload("payload"))
            if let line = try given.smallIntegerIfGiven("line") {
                return JSON(try broadcastMessage(sender: sender, payload: payload, line: line))
            }
            return JSON(try broadcastMessage(sender: sender, payload: payload))
        case "delete_message":
            try deleteMessage(messageUid: try given.integer("message_uid"))
            return .null
        case "clear_user_messages":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            if given.names.isEmpty {
                try clearUserMessages(userId: user, conversation: conversation)
            } else {
                try clearUserMessages(
                    userId: user, conversation: conversation, startTime: try given.integerIfGiven("start_time"),
                    endTime: try given.integerIfGiven("end_time"))
            }
            return .null
        case "clear_conversation":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            try clearConversation(userId: user, conversation: conversation)
            return .null
        case "get_message":
            return JSON(try getMessage(messageUid: try given.integer("message_uid")))
        case "find_message":
            return try findMessage(messageUid: try given.integer("message_uid")).map { JSON($0) } ?? .null
        case "recall_broadcast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try recallBroadcastMessage(operator: user, messageUid: uid)
            return .null
        case "recall_multicast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try recallMulticastMessage(operator: user, messageUid: uid, receivers: try given.texts("receivers"))
            return .null
        case "delete_broadcast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try deleteBroadcastMessage(operator: user, messageUid: uid)
            return .null
        case "delete_multicast_message":
            let (user, uid) = (try given.text("operator"), try given.integer("message_uid"))
            try deleteMulticastMessage(operator: user, messageUid: uid, receivers: try given.texts("receivers"))
            return .null
        case "get_conversation_read_timestamp":
            let (user, conversation) = (try given.text("user_id"), try given.conversation("conversation"))
            return .integer(try getConversationReadTimestamp(userId: user, conversation: conversation))
        case "get_delivery_timestamp":
            return .integer(try getDeliveryTimestamp(userId: try given.text("user_id")))
        case "import_messages":
            try importMessages(messages: try given.importedMessages("messages"))
            return .null
        case "send_image":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try sendImage(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_file":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try sendFile(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    remoteMediaUrl: file.url))
        case "send_video":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try sendVideo(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    duration: file.duration, remoteMediaUrl: file.url))
        case "send_voice":
            let (sender, file) = (try given.text("sender"), try given.sentFile())
            return JSON(
                try sendVoice(
                    sender: sender, conversation: file.conversation, data: file.data, fileName: file.name,
                    duration: file.duration, remoteMediaUrl: file.url))
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
            throw Unreadable("there is no method \(method)")
        }
    }
}
