//! What kind of file a message carries: [`Kind`], and which files are of it.

use super::duration;
use crate::{MediaType, MessageError, upload::guessed};

/// The messages that carry a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    File,
    Video,
    Voice,
}

impl Kind {
    pub(super) fn media_type(self) -> i32 {
        let media_type = match self {
            Self::Image => MediaType::Image,
            Self::File => MediaType::File,
            Self::Video => MediaType::Video,
            Self::Voice => MediaType::Voice,
        };
        media_type as i32
    }

    /// What such a file is in words, with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Image => "an image",
            Self::File => "a file",
            Self::Video => "a video",
            Self::Voice => "a voice recording",
        }
    }

    /// What such a file is called where it has no name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::File => "file",
            Self::Video => "video",
            Self::Voice => "voice",
        }
    }

    /// How many bytes it may have.
    pub(super) fn most_bytes(self) -> u64 {
        match self {
            // It is read whole, for its thumbnail.
            Self::Image => 64 * 1024 * 1024,
            // Receivers read the size of a file as a signed number of 32 bits.
            Self::File | Self::Video | Self::Voice => i32::MAX as u64,
        }
    }

    /// Whether a content type is one of this kind. Recorders put a voice into the containers of videos, too.
    fn has(self, content_type: &str) -> bool {
        const CONTAINERS: [&str; 4] = ["video/mp4", "video/3gpp", "video/quicktime", "video/webm"];
        match self {
            Self::Image => content_type.starts_with("image/"),
            Self::File => true,
            Self::Video => content_type.starts_with("video/"),
            Self::Voice => content_type.starts_with("audio/") || CONTAINERS.contains(&content_type),
        }
    }

    /// The content type of a file of this kind, by its first bytes and its name; refuses one of another kind.
    pub(super) fn content_type(self, head: &[u8], file_name: &str, argument: &str) -> Result<String, MessageError> {
        let of_name = guessed(file_name);
        if self == Self::File {
            return Ok(of_name.to_owned());
        }
        let of_bytes = of_bytes(head);
        match of_bytes {
            Some(known) if !self.has(known) => {
                let reason = format!("it is not {}: its first bytes are those of {known}", self.words());
                Err(MessageError::invalid(argument, reason))
            }
            _ if self.has(of_name) => Ok(of_name.to_owned()),
            Some(known) => Ok(known.to_owned()),
            // Whoever reads the picture says better what is wrong.
            None if self == Self::Image => Ok(of_name.to_owned()),
            None => {
                let words = self.words();
                let reason =
                    format!("neither its first bytes nor the ending of its name, {file_name:?}, are those of {words}");
                Err(MessageError::invalid(argument, reason))
            }
        }
    }
}

/// The content type that the first bytes of a file stand for, where they are known.
fn of_bytes(head: &[u8]) -> Option<&'static str> {
    // infer wants more of these than their mark, and knows nothing of the second.
    if head.starts_with(duration::AMR) {
        return Some("audio/amr");
    }
    if head.starts_with(duration::AMR_WIDEBAND) {
        return Some("audio/amr-wb");
    }
    // The brands of mobile phones, which infer does not know.
    if head.get(4..10) == Some(b"ftyp3g") {
        return Some("video/3gpp");
    }
    infer::get(head).map(|known| known.mime_type())
}

/// The ending of a name for a file whose first bytes are known.
pub(super) fn ending(head: &[u8]) -> &'static str {
    match of_bytes(head) {
        Some("audio/amr" | "audio/amr-wb") => "amr",
        Some("video/3gpp") => "3gp",
        _ => infer::get(head).map_or("bin", |known| known.extension()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The first bytes of files, and what they are.
    const FILES: [(&[u8], &str, Option<Kind>); 12] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "image/png", Some(Kind::Image)),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", Some(Kind::Image)),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "video/mp4", Some(Kind::Video)),
        (b"\0\0\0\x14ftyp3gp5\0\0\0\0", "video/3gpp", Some(Kind::Video)),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "video/quicktime", Some(Kind::Video)),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/m4a", Some(Kind::Voice)),
        (b"#!AMR\n\x3c", "audio/amr", Some(Kind::Voice)),
        (b"#!AMR-WB\n\x3c", "audio/amr-wb", Some(Kind::Voice)),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/x-wav", Some(Kind::Voice)),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg", Some(Kind::Voice)),
        (b"OggS\0\x02\0\0", "audio/ogg", Some(Kind::Voice)),
        (b"%PDF-1.7\n", "application/pdf", None),
    ];

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (head, content_type, own) in FILES {
            assert_eq!(of_bytes(head), Some(content_type));
            for kind in [Kind::Image, Kind::Video, Kind::Voice] {
                let is_container = kind == Kind::Voice && own == Some(Kind::Video);
                match kind.content_type(head, "data", "path") {
                    Ok(told) => assert!(told == content_type && (own == Some(kind) || is_container), "{content_type}"),
                    Err(error) => {
                        let expected = format!(
                            "invalid argument path: it is not {}: its first bytes are those of {content_type}",
                            kind.words()
                        );
                        assert!(error.to_string() == expected && own != Some(kind) && !is_container, "{error}");
                    }
                }
            }
            assert!(Kind::File.content_type(head, "data", "path").is_ok());
        }
    }

    proptest! {
        /// Cut anywhere, changed anywhere, or any bytes at all.
        #[test]
        fn whatever_a_file_begins_with_does_no_harm(
            (head, ..) in prop::sample::select(FILES.to_vec()),
            cut in any::<prop::sample::Index>(),
            rest in proptest::collection::vec(any::<u8>(), 0..300),
            name in ".{0,20}",
        ) {
            let head = [&head[..cut.index(head.len() + 1)], &rest].concat();
            for kind in [Kind::Image, Kind::File, Kind::Video, Kind::Voice] {
                match kind.content_type(&head, &name, "data") {
                    Ok(told) => prop_assert!(matches!(kind, Kind::File | Kind::Image) || kind.has(&told)),
                    Err(error) => prop_assert!(error.to_string().starts_with("invalid argument data: "), "{error}"),
                }
            }
            prop_assert!(!ending(&head).is_empty());
        }
    }

    #[test]
    fn a_name_tells_where_the_bytes_do_not() {
        for (name, kind, expected) in [
            ("a.mpg", Kind::Video, Some("video/mpeg")),
            ("a.wma", Kind::Voice, Some("audio/x-ms-wma")),
            ("a.mpg", Kind::Voice, None),
            ("notes.txt", Kind::Video, None),
            ("notes", Kind::Voice, None),
        ] {
            assert_eq!(kind.content_type(b"no known bytes", name, "path").ok().as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_fits_says_it_more_exactly() {
        let [.., (m4a, ..), _, _, _, _, _, _] = FILES;
        assert_eq!(Kind::Voice.content_type(m4a, "a.m4a", "path").unwrap(), "audio/m4a");
        let (mp4, ..) = FILES[2];
        assert_eq!(Kind::Video.content_type(mp4, "a.m4v", "path").unwrap(), "video/x-m4v");
        assert_eq!(Kind::Video.content_type(mp4, "a.jpg", "path").unwrap(), "video/mp4");
        assert_eq!((ending(mp4), ending(m4a), ending(b"?")), ("mp4", "m4a", "bin"));
    }
}
