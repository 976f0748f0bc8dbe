import Foundation

#if canImport(Darwin)
    import Darwin
    private let stream = SOCK_STREAM
#else
    import Glibc
    private let stream = Int32(SOCK_STREAM.rawValue)
#endif

/// A web server that is just large enough for callbacks behind a proxy: one post after the other, each with a length and a
/// connection of its own.
struct SmallServer {
    private let listener: Int32
    let port: UInt16

    /// Listens on this machine alone; port 0 takes a free one.
    init(port: UInt16) throws {
        // Who goes away before the answer does not end this program.
        signal(SIGPIPE, SIG_IGN)
        listener = socket(AF_INET, stream, 0)
        var reuse: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let listens = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard listens else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        self.port = UInt16(bigEndian: address.sin_port)
    }

    /// Answers each post with the status that `answer` returns for its path and body.
    func serve(_ answer: (_ path: String, _ body: Data) -> Int) -> Never {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            // Who sends nothing does not hold up the others for ever.
            var patience = timeval(tv_sec: 3, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            let status = post(on: connection).map { post in answer(post.path, post.body) } ?? 400
            let text = Array("HTTP/1.1 \(status) \r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
            _ = send(connection, text, text.count, 0)
            close(connection)
        }
    }

    /// A POST with its length, of 1 MiB at the most.
    private func post(on connection: Int32) -> (path: String, body: Data)? {
        var bytes = Data()
        var piece = [UInt8](repeating: 0, count: 16384)
        while bytes.count < 1 << 20 {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: piece[..<count])
            guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else { continue }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            let lengths = lines.filter { line in line.lowercased().hasPrefix("content-length:") }
            let length = lengths.first.flatMap { line in Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            guard words.count == 3, words[0] == "POST", let length, length >= 0 else { return nil }
            let body = bytes[end.upperBound...]
            if body.count >= length { return (String(words[1]), Data(body.prefix(length))) }
        }
        return nil
    }
}
