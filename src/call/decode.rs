//! The text of an answer, out of whatever somebody on its way has wrapped it in: compression that nobody asked for, other
//! encodings, marks and blanks. Only what is not plainly the server's JSON comes here.

use std::{borrow::Cow, io::Read};

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::reply::Reply;

/// An answer's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// Some of its bytes were no text of its encoding, and stand in it as U+FFFD.
    pub(super) damaged: bool,
}

/// Why an answer has no text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// Unpacked, it is longer than is allowed.
    TooLarge,
    /// It is packed in a way that cannot be undone, with the way's name.
    Packed(String),
}

/// The text of an answer, which may have `limit` bytes when it is unpacked.
pub(super) fn text(reply: &Reply, limit: usize) -> Result<Text, Unread> {
    let bytes = unpacked(reply, limit)?;
    let (text, damaged) = match encoding_of(&bytes) {
        Encoding::Utf16 { low_byte_first } => utf16(&bytes, low_byte_first),
        Encoding::Utf8 => match String::from_utf8_lossy(&bytes) {
            Cow::Borrowed(text) => (text.to_owned(), false),
            Cow::Owned(text) => (text, true),
        },
    };
    Ok(Text { text, damaged })
}

/// The body without the codings that were laid over it, the outermost last named.
fn unpacked(reply: &Reply, limit: usize) -> Result<Cow<'_, [u8]>, Unread> {
    let mut bytes = Cow::Borrowed(&reply.body[..]);
    let told: Vec<&str> = reply.codings.iter().map(String::as_str).filter(|coding| *coding != "identity").collect();
    for coding in told.iter().rev() {
        bytes = match unpack(coding, &bytes, limit) {
            Ok(unpacked) => unpacked.into(),
            // Some say so and do not do it.
            Err(Unread::Packed(_)) if looks_like_text(&bytes) => bytes,
            Err(unread) => return Err(unread),
        };
    }
    // Some do it and do not say so.
    if bytes.starts_with(GZIP) {
        bytes = unpack("gzip", &bytes, limit)?.into();
    }
    Ok(bytes)
}

const GZIP: &[u8] = &[0x1f, 0x8b];

fn unpack(coding: &str, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Unread> {
    match coding {
        "gzip" | "x-gzip" => read(MultiGzDecoder::new(bytes), coding, limit),
        // By the standard with a head of two bytes, by many without.
        "deflate" => match read(ZlibDecoder::new(bytes), coding, limit) {
            Err(Unread::Packed(_)) => read(DeflateDecoder::new(bytes), coding, limit),
            read => read,
        },
        _ => Err(Unread::Packed(coding.to_owned())),
    }
}

/// A few bytes can unpack to any number: no more than is allowed is ever held.
fn read(unpacked: impl Read, coding: &str, limit: usize) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    match unpacked.take(one_more).read_to_end(&mut bytes) {
        Ok(length) if length > limit => Err(Unread::TooLarge),
        Ok(_) => Ok(bytes),
        Err(_) => Err(Unread::Packed(coding.to_owned())),
    }
}

fn looks_like_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
}

enum Encoding {
    Utf8,
    Utf16 { low_byte_first: bool },
}

/// By its mark, or by how the first brace lies in it.
fn encoding_of(bytes: &[u8]) -> Encoding {
    match bytes {
        [0xff, 0xfe, ..] => Encoding::Utf16 { low_byte_first: true },
        [0xfe, 0xff, ..] => Encoding::Utf16 { low_byte_first: false },
        [b'{', 0, _, 0, ..] => Encoding::Utf16 { low_byte_first: true },
        [0, b'{', 0, _, ..] => Encoding::Utf16 { low_byte_first: false },
        _ => Encoding::Utf8,
    }
}

fn utf16(bytes: &[u8], low_byte_first: bool) -> (String, bool) {
    let units = bytes.chunks_exact(2).map(|pair| match low_byte_first {
        true => u16::from_le_bytes([pair[0], pair[1]]),
        false => u16::from_be_bytes([pair[0], pair[1]]),
    });
    let mut damaged = !bytes.len().is_multiple_of(2);
    let text = char::decode_utf16(units)
        .map(|letter| {
            letter.unwrap_or_else(|_| {
                damaged = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    (text, damaged)
}

/// What begins with an object of JSON, behind blanks and marks, with what JSON forbids in it made good: marks between its
/// parts are taken out, and control characters within its texts are written as escapes. What follows the object is left.
pub(super) fn tidy(text: &str) -> Option<String> {
    let begin = text.find(|letter: char| !is_mark(letter))?;
    // The guard that some put in front of JSON, so that no browser runs it.
    let text = text[begin..].strip_prefix(")]}'").unwrap_or(&text[begin..]);
    let text = text.trim_start_matches(|letter| is_mark(letter) || letter == ',');
    if !text.starts_with('{') {
        return None;
    }
    let mut tidy = String::with_capacity(text.len());
    let (mut in_text, mut escaped) = (false, false);
    for letter in text.chars() {
        match letter {
            _ if in_text && u32::from(letter) < 0x20 => {
                tidy.push_str(if escaped { "\\" } else { "" });
                tidy.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ if !in_text && !letter.is_ascii_whitespace() && is_mark(letter) => {}
            _ => tidy.push(letter),
        }
        in_text = if letter == '"' && !escaped { !in_text } else { in_text };
        escaped = in_text && letter == '\\' && !escaped;
    }
    Some(tidy)
}

/// What is not seen: blanks of every kind, control characters, byte order marks, and what joins or parts letters.
fn is_mark(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '\u{feff}' | '\u{fffe}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    const LIMIT: usize = 1 << 20;

    fn reply(codings: &[&str], body: impl Into<bytes::Bytes>) -> Reply {
        Reply {
            codings: codings.iter().map(|coding| (*coding).to_owned()).collect(),
            body: body.into(),
            ..Reply::default()
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_is_compressed_is_unpacked_or_named() {
        let json = r#"{"code":0}"#.as_bytes();
        #[rustfmt::skip]
        // The codings, the bytes, and the text or why there is none.
        type Row<'a> = (&'a [&'a str], Vec<u8>, Result<&'a str, &'a str>);
        let table: [Row<'_>; 13] = [
            (&[], json.to_vec(), Ok(r#"{"code":0}"#)),
            (&["identity"], json.to_vec(), Ok(r#"{"code":0}"#)),
            (&["gzip"], gzip(json), Ok(r#"{"code":0}"#)),
            (&["x-gzip"], gzip(json), Ok(r#"{"code":0}"#)),
            (&["deflate"], zlib(json), Ok(r#"{"code":0}"#)),
            (&["deflate"], deflate(json), Ok(r#"{"code":0}"#)),
            (&["gzip", "deflate"], zlib(&gzip(json)), Ok(r#"{"code":0}"#)),
            (&["gzip"], json.to_vec(), Ok(r#"{"code":0}"#)),
            (&[], gzip(json), Ok(r#"{"code":0}"#)),
            (&["br"], json.to_vec(), Ok(r#"{"code":0}"#)),
            (&["br"], vec![0x8b, 0xff, 0], Err("br")),
            (&["zstd"], vec![0x28, 0xb5, 0x2f, 0xfd], Err("zstd")),
            (&["gzip"], gzip(json)[..9].to_vec(), Err("gzip")),
        ];
        for (codings, body, expected) in table {
            let told = text(&reply(codings, body), LIMIT);
            let expected = match expected {
                Ok(text) => Ok(Text { text: text.to_owned(), damaged: false }),
                Err(coding) => Err(Unread::Packed(coding.to_owned())),
            };
            assert_eq!(told, expected, "{codings:?}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked_past_the_limit() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(text(&reply(&["gzip"], bomb.clone()), LIMIT), Err(Unread::TooLarge));
        assert_eq!(text(&reply(&["gzip", "gzip"], gzip(&bomb)), LIMIT), Err(Unread::TooLarge));
        let just = text(&reply(&["gzip"], gzip(&vec![b' '; LIMIT])), LIMIT);
        assert_eq!(just.map(|text| text.text.len()), Ok(LIMIT));
    }

    #[test]
    fn other_encodings_are_read() {
        let wide = |marked: bool, big: bool| {
            let units = marked.then_some(0xfeff).into_iter().chain("{\"msg\":\"好\"}".encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect::<Vec<u8>>()
        };
        for (marked, big) in [(true, true), (true, false), (false, true), (false, false)] {
            let told = text(&reply(&[], wide(marked, big)), LIMIT).unwrap();
            assert_eq!(tidy(&told.text).as_deref(), Some("{\"msg\":\"好\"}"), "mark {marked}, big end first {big}");
            assert!(!told.damaged);
        }
        let told = text(&reply(&[], &b"{\"msg\":\"\xba\xc3\"}"[..]), LIMIT).unwrap();
        assert!(told.damaged && told.text.starts_with("{\"msg\":\""));
    }

    #[test]
    fn marks_around_and_within_json_are_no_hindrance() {
        #[rustfmt::skip]
        let table = [
            ("{\"a\":1}",                       Some("{\"a\":1}")),
            ("\u{feff}{\"a\":1}",               Some("{\"a\":1}")),
            ("\0\u{200b}\r\n\t {\"a\":1}\r\n",  Some("{\"a\":1}\r\n")),
            (")]}',\n{\"a\":1}",                Some("{\"a\":1}")),
            ("{\u{a0}\"a\"\u{feff}:\0 1}",      Some("{\"a\": 1}")),
            ("{\"a\":\"x\ny\u{feff}\0\"}",      Some("{\"a\":\"x\\u000ay\u{feff}\\u0000\"}")),
            ("{\"a\":\"\\\"\u{b}\"}\u{b}",      Some("{\"a\":\"\\\"\\u000b\"}")),
            ("{\"a\":\"\\\n\"}",                Some("{\"a\":\"\\\\\\u000a\"}")),
            ("<p>{\"a\":1}",                    None),
            ("[{\"a\":1}]",                     None),
            ("\u{feff}",                        None),
            ("",                                None),
        ];
        for (text, expected) in table {
            assert_eq!(tidy(text).as_deref(), expected, "{text:?}");
        }
    }
}
