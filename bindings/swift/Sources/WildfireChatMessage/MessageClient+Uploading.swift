import Foundation

/// Files: brought to a store, for messages that carry them.
extension MessageClient {
    /// Uploads bytes and gives the URL under which they are found: what goes into `remoteMediaUrl`. Endpoint
    /// oss/get_upload_url; professional servers.
    ///
    /// The server names a store, and the bytes are streamed there; to a back-up store, where the first one does not take
    /// them. The store is tried as often as `maxAttempts` says, all in all. However long it takes, only silence ends it:
    /// `readTimeout` without a byte either way. In a task that is cancelled, it ends within 200 ms.
    ///
    /// No message is sent by an upload. So for none of its errors is ``MessageError/mayHaveExecuted`` true; their
    /// `endpoint` is the step that failed: `oss/get_upload_url`, `file store` or `backup file store`.
    ///
    /// - Parameters:
    ///   - fileName: What the server is told that the file is called.
    ///   - data: The bytes of the file.
    ///   - mediaType: What it is, a number of ``MediaType``.
    ///   - contentType: Such as `image/jpeg`; guessed by the ending of `fileName` when left out.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, data: Data, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        // What crosses in one piece has a length of 31 bits, which it holds itself.
        guard data.count < Int(Int32.max) - 4 else {
            throw .invalidArgument(
                argument: "data", reason: "it has \(data.count) bytes: 2 GiB or more are uploaded from a file")
        }
        return try finish(progress) {
            try $0.beginUpload(fileName: fileName, data: data, mediaType: mediaType, contentType: contentType)
        }
    }

    /// Uploads a file of this machine, which need not fit into memory, and gives the URL under which it is found, as
    /// ``upload(fileName:data:mediaType:contentType:progress:)`` does.
    ///
    /// - Parameters:
    ///   - fileName: What the server is told that the file is called; need not be the name that it has here.
    ///   - file: Where it is: a file URL.
    ///   - mediaType: What it is, a number of ``MediaType``.
    ///   - contentType: Such as `image/jpeg`; guessed by the ending of `fileName` when left out.
    ///   - progress: Is told how it goes, in the calling thread, ten times a second at the most and at the end.
    /// - Throws: ``MessageError``, which names the step that failed;
    ///   ``MessageError/invalidArgument(argument:reason:)`` where the file cannot be read, or changes its size while it
    ///   is read.
    /// - Returns: The URL of the file.
    public func upload(
        fileName: String, file: URL, mediaType: Int32, contentType: String? = nil,
        progress: ((UploadProgress) -> Void)? = nil
    ) throws(MessageError) -> String {
        guard file.isFileURL else {
            throw .invalidArgument(argument: "file", reason: "it is the URL of no file on this machine")
        }
        return try finish(progress) {
            try $0.beginFileUpload(
                fileName: fileName, path: file.path, mediaType: mediaType, contentType: contentType)
        }
    }

    /// Begins an upload and waits for its end, until the current task is cancelled.
    private func finish(
        _ progress: ((UploadProgress) -> Void)?, _ begin: (NativeMessageClient) throws -> NativeUpload
    ) throws(MessageError) -> String {
        /// How long to wait for news, in seconds: cancellation is looked for in between.
        let patience: TimeInterval = 0.1
        let native = try opened()
        return try log.around(native) { () throws(MessageError) in
            do {
                let upload = try begin(native)
                while true {
                    // It throws that it was interrupted, and in which step.
                    if Task.isCancelled { try upload.cancel() }
                    let news = try upload.wait(patience: patience)
                    if let progress, let now = news.progress { progress(now) }
                    if let url = news.url { return url }
                }
            } catch {
                throw MessageError(error)
            }
        }
    }
}
