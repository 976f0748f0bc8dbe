//! The small JPEG that images, videos and places carry (feature `thumbnails`).

use std::io::{Cursor, ErrorKind};

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult, Limits, Rgb, RgbImage,
    codecs::jpeg::JpegEncoder, error::ImageFormatHint, metadata::Orientation,
};

use crate::MessageError;

/// The longest side of a thumbnail in pixels, and its JPEG quality.
// Source: layouts.md, Image.
const LONGEST_SIDE: u32 = 120;
const QUALITY: u8 = 45;

/// The largest image that is opened: the longest side in pixels …
const MOST_PIXELS_A_SIDE: u32 = 16_384;
/// … and the memory that its pixels take, in bytes: 64 million pixels of three bytes.
const MOST_MEMORY: u64 = 192 * 1024 * 1024;

/// The thumbnail of an image, for `ImageContent`, `VideoContent` and `LocationContent`: a JPEG within 120 by
/// 120 pixels.
///
/// The argument is the bytes of a JPEG, PNG, WebP or GIF file; of an animated image, the first picture is used. The
/// image is rotated as its camera has noted, transparent parts become white, and a small image is not enlarged. Fails
/// with `InvalidArgument` if the bytes are not such an image, or if the image has more than 16,384 pixels per side or
/// needs more than 192 MiB of memory, which is checked before that memory is used.
#[uniffi::export(name = "native_make_thumbnail")]
pub fn make_thumbnail(image: Bytes) -> Result<Bytes, MessageError> {
    Ok(Picture::of(&image, "image")?.thumbnail)
}

/// What there is to say of an image.
#[cfg_attr(not(feature = "files"), allow(dead_code, reason = "only what sends files asks for more than the thumbnail"))]
pub(crate) struct Picture {
    /// A small JPEG.
    pub(crate) thumbnail: Bytes,
    /// As it is shown, upright.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Such as `image/png`.
    pub(crate) content_type: &'static str,
}

impl Picture {
    /// Refuses what is no image, in the name of an argument.
    pub(crate) fn of(bytes: &[u8], argument: &str) -> Result<Self, MessageError> {
        Self::read(bytes).map_err(|error| MessageError::invalid(argument, reason(&error)))
    }

    fn read(bytes: &[u8]) -> ImageResult<Self> {
        let Opened { small, width, height, format } = open(bytes)?;
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&on_white(&small))?;
        Ok(Self { thumbnail: jpeg.into(), width, height, content_type: format.to_mime_type() })
    }
}

/// An image made small, and how large it was.
struct Opened {
    small: DynamicImage,
    width: u32,
    height: u32,
    format: ImageFormat,
}

/// The image, small and upright. Looks at its head, refuses what is too large, and only then reads the pixels.
fn open(bytes: &[u8]) -> ImageResult<Opened> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS_A_SIDE);
    limits.max_image_height = Some(MOST_PIXELS_A_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);

    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?;
    let format = reader.format().ok_or_else(|| ImageError::Unsupported(ImageFormatHint::Unknown.into()))?;
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder()?;
    limits.reserve(decoder.total_bytes())?;
    decoder.set_limits(limits)?;

    if format == ImageFormat::Jpeg && is_cut(bytes) {
        return Err(ImageError::IoError(ErrorKind::UnexpectedEof.into()));
    }
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    let size = (image.width(), image.height());
    image = within(image, LONGEST_SIDE);
    image.apply_orientation(orientation);
    let (width, height) = if lies(orientation) { (size.1, size.0) } else { size };
    Ok(Opened { small: image, width, height, format })
}

/// Whether the image lies on its side, so that its width is shown as its height.
fn lies(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Whether a JPEG has no end mark behind its first pixels. The decoder would show grey for what is missing.
fn is_cut(jpeg: &[u8]) -> bool {
    let mut rest = jpeg.get(2..).unwrap_or_default();
    while let [0xff, marker, after @ ..] = rest {
        rest = match (marker, after) {
            (0xff, _) => &rest[1..],
            (0xda, pixels) => return !pixels.windows(2).any(|pair| pair == [0xff, 0xd9]),
            (_, [high, low, ..]) => after.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default(),
            _ => return true,
        };
    }
    true
}

/// The image made smaller where it is larger than a square of this side.
fn within(image: DynamicImage, side: u32) -> DynamicImage {
    if image.width() <= side && image.height() <= side { image } else { image.thumbnail(side, side) }
}

/// JPEG knows no transparency: what shines through is white.
fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0;
        let mix = |color: u8| {
            let (color, alpha) = (u32::from(color), u32::from(alpha));
            ((color * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        Rgb([mix(red), mix(green), mix(blue)])
    })
}

fn reason(error: &ImageError) -> String {
    match error {
        ImageError::Limits(_) => format!(
            "it is too large: at most {MOST_PIXELS_A_SIDE} pixels per side and {} MiB in memory are allowed",
            MOST_MEMORY / (1024 * 1024)
        ),
        ImageError::Unsupported(_) => "it has an unknown format: it must be JPEG, PNG, WebP or GIF".to_owned(),
        broken => format!("it cannot be read: {broken}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("an image that can be written");
        bytes.into_inner()
    }

    /// Red to the left, blue to the right.
    fn picture(width: u32, height: u32) -> DynamicImage {
        let color = |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
        RgbImage::from_fn(width, height, color).into()
    }

    fn opened(jpeg: &[u8]) -> RgbImage {
        image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).expect("a JPEG").to_rgb8()
    }

    fn refusal(image: Vec<u8>) -> String {
        match make_thumbnail(image.into()) {
            Err(MessageError::InvalidArgument { argument, reason }) if argument == "image" => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_format_becomes_a_small_jpeg_with_the_same_picture() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let thumbnail = opened(&make_thumbnail(encoded(&picture(400, 200), format).into()).expect("a thumbnail"));
            assert_eq!(thumbnail.dimensions(), (120, 60), "{format:?}");
            let ([red, ..], [.., blue]) = (thumbnail.get_pixel(10, 30).0, thumbnail.get_pixel(110, 30).0);
            assert!(red > 200 && blue > 200, "{format:?}");
        }
    }

    #[test]
    fn a_small_image_keeps_its_size_and_a_thin_one_keeps_a_pixel() {
        for (size, expected) in [((40, 30), (40, 30)), ((120, 120), (120, 120)), ((5_000, 2), (120, 1))] {
            let image = encoded(&picture(size.0, size.1), ImageFormat::Png);
            assert_eq!(opened(&make_thumbnail(image.into()).expect("a thumbnail")).dimensions(), expected);
        }
    }

    #[test]
    fn what_is_transparent_becomes_white() {
        let clear = DynamicImage::new_rgba8(10, 10);
        let thumbnail = opened(&make_thumbnail(encoded(&clear, ImageFormat::Png).into()).expect("a thumbnail"));
        assert!(thumbnail.pixels().all(|pixel| pixel.0.iter().all(|&color| color > 250)));
    }

    /// The head of a JPEG that says "turn me by 90 degrees".
    fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let mut exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        [&jpeg[..2], &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_photo_is_turned_as_its_camera_says() {
        let photo = with_orientation(&encoded(&picture(400, 200), ImageFormat::Jpeg), 6);
        let thumbnail = opened(&make_thumbnail(photo.clone().into()).expect("a thumbnail"));
        assert_eq!(thumbnail.dimensions(), (60, 120));
        let shown = Picture::of(&photo, "image").expect("a picture");
        assert_eq!((shown.width, shown.height, shown.content_type), (200, 400, "image/jpeg"));
        assert!(thumbnail.get_pixel(30, 10).0[0] > 200, "left has become top");
    }

    #[test]
    fn bytes_that_are_no_image_are_refused() {
        for bytes in [&b""[..], b"hello", b"<svg/>", b"BM\0\0"] {
            assert_eq!(refusal(bytes.to_vec()), "it has an unknown format: it must be JPEG, PNG, WebP or GIF");
        }
    }

    #[test]
    fn a_broken_image_is_refused() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let whole = encoded(&picture(400, 200), format);
            assert!(refusal(whole[..whole.len() / 2].to_vec()).starts_with("it cannot be read: "), "{format:?}");
        }
    }

    /// A PNG of a few bytes that says how large it is.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut header = b"IHDR".to_vec();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([8, 6, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        png.extend(&header);
        png.extend(crc32(&header).to_be_bytes());
        png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        png
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }

    #[test]
    fn an_image_that_claims_to_be_too_large_is_refused_before_its_pixels_are_read() {
        let expected = "it is too large: at most 16384 pixels per side and 192 MiB in memory are allowed";
        for (width, height) in [(16_385, 1), (1, 16_385), (16_384, 16_384), (u32::MAX >> 1, u32::MAX >> 1)] {
            assert_eq!(refusal(claiming(width, height)), expected, "{width} by {height}");
        }
    }
}
