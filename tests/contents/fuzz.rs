//! What must hold for any content and any payload.
//!
//! 10,000 cases each; `PROPTEST_CASES=1000000 cargo test --test contents` plays as many as it says.

use proptest::prelude::*;
use wildfirechat_message::*;

use crate::strategies;

fn config(share: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().map(|count| count.parse().expect("PROPTEST_CASES: a number"));
    ProptestConfig { cases: cases.unwrap_or(10_000) / share, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn a_content_comes_back_as_it_was() {
    proptest!(config(1), |(content in strategies::content())| {
        let payload = content.to_payload(None).expect("a payload");
        prop_assert_eq!(decode_content(payload).expect("a content"), content);
    });
}

#[test]
fn the_extras_of_a_content_come_back_too() {
    proptest!(config(1), |(content in strategies::content(), mut extras in strategies::extras())| {
        if matches!(content, MessageContent::RichNotification { .. }) {
            extras.push_content.clear();
        }
        let payload = content.to_payload(Some(extras.clone())).expect("a payload");
        prop_assert_eq!(content_extras(payload.clone()).expect("extras"), extras);
        prop_assert_eq!(decode_content(payload).expect("a content"), content);
    });
}

#[test]
fn any_payload_is_read_and_an_unknown_one_is_kept_whole() {
    const KNOWN: [i32; 26] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 25, 26, 80, 90, 91, 510, 511];
    proptest!(config(1), |(payload in strategies::payload())| {
        let content = decode_content(payload.clone()).expect("a content");
        let known = KNOWN.contains(&payload.content_type);
        match content {
            MessageContent::Custom { payload: kept } => prop_assert!(!known && kept == payload),
            _ => prop_assert!(known),
        }
    });
}

#[test]
fn what_was_read_and_is_written_again_loses_no_field_that_the_library_knows() {
    proptest!(config(1), |(payload in strategies::payload())| {
        let content = decode_content(payload.clone()).expect("a content");
        let extras = content_extras(payload).expect("extras");
        match content.to_payload(Some(extras.clone())) {
            Ok(again) => {
                prop_assert_eq!(content_extras(again.clone()).expect("extras"), extras);
                prop_assert_eq!(decode_content(again).expect("a content"), content);
            }
            Err(error) => prop_assert!(matches!(error, MessageError::InvalidArgument { .. }), "{}", error),
        }
    });
}

#[test]
fn any_file_of_forwarded_messages_is_read_or_refused() {
    proptest!(config(1), |(payload in strategies::payload())| {
        let read = CompositeContent::default().with_upload(payload.data);
        let as_promised = matches!(read, Ok(_) | Err(MessageError::InvalidArgument { .. }));
        prop_assert!(as_promised);
    });
}

#[cfg(feature = "thumbnails")]
#[test]
fn an_image_with_wrong_bytes_gives_a_thumbnail_or_is_refused() {
    use image::ImageFormat::{Gif, Jpeg, Png, WebP};

    let picture = image::RgbImage::from_fn(20, 14, |x, y| image::Rgb([x as u8 * 12, y as u8 * 18, 77]));
    let images = [Gif, Jpeg, Png, WebP].map(|format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("an image that can be written");
        bytes.into_inner()
    });
    let wrong = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8);
    let length = proptest::option::of(any::<proptest::sample::Index>());
    proptest!(config(10), |(image in proptest::sample::select(images.to_vec()), wrong in wrong, length in length)| {
        let mut image = image;
        for (place, byte) in wrong {
            let place = place.index(image.len());
            image[place] = byte;
        }
        if let Some(length) = length {
            image.truncate(length.index(image.len()));
        }
        match make_thumbnail(image.into()) {
            Ok(thumbnail) => prop_assert!(thumbnail.starts_with(b"\xff\xd8")),
            Err(error) => prop_assert!(matches!(error, MessageError::InvalidArgument { .. }), "{}", error),
        }
    });
}
