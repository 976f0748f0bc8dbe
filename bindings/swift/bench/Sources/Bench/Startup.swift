import Foundation
import WildfireChatMessage

/// What a start costs, in a fresh process that has used nothing yet: making a client, and the first call.
func startup(_ url: String, _ contestant: String) throws {
    let begun = DispatchTime.now().uptimeNanoseconds
    let call: () throws -> Void
    if contestant == "ours" {
        let client = try MessageClient(baseUrl: url, secret: secret)
        call = { try ours(client, .send) }
    } else {
        let peer = try Peer(baseUrl: url, secret: secret)
        call = { try peer.call(.send) }
    }
    let made = DispatchTime.now().uptimeNanoseconds
    try call()
    let answered = DispatchTime.now().uptimeNanoseconds
    print("answered")
    fflush(nil)
    let start = Startup(
        contestant: contestant, version: contestant == "ours" ? version : Peer.version,
        clientUs: Double(made - begun) / 1e3, callUs: Double(answered - made) / 1e3)
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    print(String(decoding: try encoder.encode(start), as: UTF8.self))
    fflush(nil)
}

private struct Startup: Encodable {
    let language = "swift"
    let contestant: String
    let version: String
    let clientUs: Double
    let callUs: Double
}
