import WildfireChatMessage
import XCTest

final class ThumbnailTests: XCTestCase {
    func test_an_image_becomes_a_small_jpeg() throws {
        let thumbnail = try makeThumbnail(try picture())
        XCTAssertEqual(try XCTUnwrap(sizeOfJPEG(thumbnail)), [120, 60])
        XCTAssertLessThan(thumbnail.count, 8 * 1024)

        let image = ImageContent(remoteMediaUrl: "https://files/i.png", thumbnail: thumbnail, width: 240, height: 120)
        XCTAssertEqual(try decodeContent(image.toPayload()), .image(value: image))
    }

    func test_a_broken_image_is_refused() throws {
        let whole = try picture()
        let (empty, cut, text) = (Data(), whole.prefix(whole.count / 2), Data("no image".utf8))
        for image in [empty, cut, text] {
            let error = failure(of: try makeThumbnail(image))
            guard case .invalidArgument("image", let reason) = error else {
                XCTFail("\(String(describing: error))")
                continue
            }
            XCTAssert(reason.hasPrefix("it "), reason)
        }
    }

    /// A PNG of 240 by 120 pixels, half white and half black.
    private func picture() throws -> Data {
        let base64 =
            "iVBORw0KGgoAAAANSUhEUgAAAPAAAAB4AQAAAADkzUKKAAAAJElEQVR42u3JoQEAAAgDoP3/tOaZjVDJtBxaa6211lprrfVn"
            + "L54yAWI1B6kAAAAAAElFTkSuQmCC"
        return try XCTUnwrap(Data(base64Encoded: base64))
    }

    /// Width and height, from the start of the frame.
    private func sizeOfJPEG(_ jpeg: Data) -> [Int]? {
        guard jpeg.starts(with: [0xFF, 0xD8]), let frame = jpeg.firstRange(of: Data([0xFF, 0xC0])) else { return nil }
        let sizes = jpeg[frame.upperBound...].dropFirst(3).prefix(4).map { Int($0) }
        return sizes.count == 4 ? [sizes[2] << 8 | sizes[3], sizes[0] << 8 | sizes[1]] : nil
    }
}
