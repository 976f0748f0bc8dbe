import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// URLSession as a careful user of it would send messages: one session, kept-alive connections, typed values.
final class Peer: Sendable {
    #if os(Linux)
        static let version = "swift-corelibs-foundation"
    #else
        static let version = "Foundation"
    #endif

    private let session: URLSession
    private let send: URL
    private let get: URL
    private let secret: String

    init(baseUrl: String, secret: String) throws {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 128
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.urlCache = nil
        configuration.httpCookieStorage = nil
        configuration.connectionProxyDictionary = [:]
        session = URLSession(configuration: configuration)
        // On Linux it fails on the header `content-encoding: utf-8` of the server: it gets the answers without that.
        guard let send = URL(string: baseUrl + "/admin/message/send?plain"),
            let get = URL(string: baseUrl + "/admin/message/get_one?plain")
        else { throw Wrong(what: "\(baseUrl) is no URL") }
        self.send = send
        self.get = get
        self.secret = secret
    }

    func call(_ work: Work) throws {
        switch work {
        case .send, .sendWithData:
            let sent: Sent = try post(message(work), to: send)
            try check(sent.messageUid == uid)
        case .get:
            let found: Found = try post(GetBody(messageUid: uid), to: get)
            try check(found.payload.searchableContent.utf8.count == 40_000)
        }
    }

    /// Sends a message by the session's own asynchronous method.
    func callAwaiting() async throws {
        let (data, response) = try await session.data(for: request(message(.send), to: send))
        guard (response as? HTTPURLResponse)?.statusCode == 200 else { throw Wrong(what: "\(response)") }
        let sent: Sent = try read(data)
        try check(sent.messageUid == uid)
    }

    private func message(_ work: Work) -> SendBody {
        let payload = SentPayload(
            type: 1, searchableContent: "hello", base64edData: work == .sendWithData ? data40K : nil, persistFlag: 3)
        return SendBody(sender: "admin", conv: Conv(type: 0, target: "u1", line: 0), payload: payload)
    }

    private func post<Answer: Decodable>(_ body: some Encodable, to url: URL) throws -> Answer {
        try read(answer(to: request(body, to: url)))
    }

    private func request(_ body: some Encodable, to url: URL) throws -> URLRequest {
        let nonce = UUID().uuidString
        let timestamp = String(Int64(Date().timeIntervalSince1970 * 1000))
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = try JSONEncoder().encode(body)
        request.setValue("application/json; charset=utf-8", forHTTPHeaderField: "Content-Type")
        request.setValue(nonce, forHTTPHeaderField: "nonce")
        request.setValue(timestamp, forHTTPHeaderField: "timestamp")
        request.setValue(SHA1.hexDigest(of: "\(nonce)|\(secret)|\(timestamp)"), forHTTPHeaderField: "sign")
        return request
    }

    private func read<Answer: Decodable>(_ data: Data) throws -> Answer {
        let answer = try JSONDecoder().decode(Envelope<Answer>.self, from: data)
        guard answer.code == 0, let result = answer.result else { throw Wrong(what: "code \(answer.code)") }
        return result
    }

    /// Waits for it, as a caller of a blocking method does.
    private func answer(to request: URLRequest) throws -> Data {
        let done = DispatchSemaphore(value: 0)
        let answer = Answer()
        session.dataTask(with: request) { data, response, error in
            answer.take(data, (response as? HTTPURLResponse)?.statusCode, error)
            done.signal()
        }.resume()
        done.wait()
        return try answer.body()
    }
}

/// What the session's thread leaves for the caller, who looks once it is told.
private final class Answer: @unchecked Sendable {
    private var data: Data?
    private var status: Int?
    private var error: (any Error)?

    func take(_ data: Data?, _ status: Int?, _ error: (any Error)?) {
        self.data = data
        self.status = status
        self.error = error
    }

    func body() throws -> Data {
        if let error { throw error }
        guard let data, status == 200 else { throw Wrong(what: "status \(String(describing: status))") }
        return data
    }
}

private struct Conv: Encodable {
    let type: Int32
    let target: String
    let line: Int32
}

private struct SentPayload: Encodable {
    let type: Int32
    let searchableContent: String
    /// The encoder writes data as base64.
    let base64edData: Data?
    let persistFlag: Int32
}

private struct SendBody: Encodable {
    let sender: String
    let conv: Conv
    let payload: SentPayload
}

private struct GetBody: Encodable {
    let messageUid: Int64
}

private struct Envelope<Result: Decodable>: Decodable {
    let code: Int32
    let result: Result?
}

private struct Sent: Decodable {
    let messageUid: Int64
}

private struct Found: Decodable {
    let payload: FoundPayload
}

private struct FoundPayload: Decodable {
    let searchableContent: String
}
