#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Foundation

/// A server of raw sockets that serves one connection and does what a correct server never does.
final class RawServer {
    struct Failure: Error {
        let step: String
    }

    let port: UInt16
    private let listener: Int32

    // `receiveBuffer` is how many bytes the system takes ahead of `serve`; its own choice when left out.
    init(receiveBuffer: Int32? = nil, serve: @escaping @Sendable (Int32) -> Void) throws {
        #if canImport(Glibc)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        guard listener >= 0 else { throw Failure(step: "socket") }
        self.listener = listener
        if var receiveBuffer {
            setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) + listen(listener, 1) + getsockname(listener, address, &size)
            }
        }
        guard result == 0 else { throw Failure(step: "listen") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            serve(connection)
            close(connection)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Reads a request piece by piece, with a pause after each.
    static func readRequest(_ connection: Int32, piece: Int, pause: TimeInterval) {
        var all = Data()
        var bytes = [UInt8](repeating: 0, count: piece)
        while !isWhole(all) {
            let count = recv(connection, &bytes, piece, 0)
            guard count > 0 else { return }
            all.append(contentsOf: bytes[..<count])
            Thread.sleep(forTimeInterval: pause)
        }
    }

    static func write(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, 0)
    }

    private static func isWhole(_ request: Data) -> Bool {
        guard let end = request.range(of: Data("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
        let line = head.components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) }
        return request.count >= request.distance(from: request.startIndex, to: end.upperBound) + (length ?? 0)
    }
}
