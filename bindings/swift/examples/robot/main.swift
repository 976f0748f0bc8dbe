// A robot that answers whoever mentions it. Its settings are environment variables.

import Foundation
import WildfireChatMessage

private func setting(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw CocoaError(.keyValueValidation, userInfo: [NSLocalizedDescriptionKey: "\(name) is not set"])
    }
    return value
}

private let path = try setting("CALLBACK_PATH")
private let server = try SmallServer(port: UInt16(try setting("PORT")) ?? 8000)
private let robot = try MentionRobot(
    url: setting("WILDFIRECHAT_URL"), id: setting("ROBOT_ID"), secret: setting("ROBOT_SECRET"),
    callbackUrl: setting("PUBLIC_URL") + path)
print("listens on http://127.0.0.1:\(server.port)")
server.serve { posted, body in posted == path ? robot.take(body) : 404 }
