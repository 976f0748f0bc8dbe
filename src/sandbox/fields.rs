//! Reading a request body as strictly as the server does: what does not fit is an HTTP 500, not a code.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::message::{Conversation, Payload};

/// Why a body could not be read, in words that hold nothing of it but field names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable(pub(super) String);

/// Reads a body into its object. An empty body and `null` are an object without fields.
pub(super) fn read(body: &[u8]) -> Result<Map<String, Value>, Unreadable> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str(&without_lone_surrogates(&text)) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Unreadable("the body is not an object".to_owned())),
        Err(error) => {
            Err(Unreadable(format!("the body is not JSON at line {}, column {}", error.line(), error.column())))
        }
    }
}

/// An object's fields. Absent and null are alike: 0, empty or none.
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn text(&self, name: &str) -> Result<String, Unreadable> {
        match self.value(name) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(wrong(name, "a string")),
        }
    }

    pub(super) fn int(&self, name: &str) -> Result<i32, Unreadable> {
        Ok(self.optional_int(name)?.unwrap_or_default())
    }

    pub(super) fn optional_int(&self, name: &str) -> Result<Option<i32>, Unreadable> {
        let int = i32::try_from(self.long(name)?).map_err(|_| wrong(name, "an int"))?;
        Ok(self.value(name).map(|_| int))
    }

    pub(super) fn long(&self, name: &str) -> Result<i64, Unreadable> {
        match self.value(name) {
            None => Ok(0),
            Some(value) => value.as_i64().ok_or_else(|| wrong(name, "a whole number")),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Unreadable> {
        match self.value(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| wrong(name, "true or false")),
        }
    }

    /// A list of strings. A null in it is as bad as a number.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Unreadable> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| wrong(name, "a list of strings"))
    }

    pub(super) fn objects(&self, name: &str) -> Result<Option<Vec<Fields<'a>>>, Unreadable> {
        let Some(items) = self.list(name)? else {
            return Ok(None);
        };
        items
            .iter()
            .map(|item| item.as_object().map(Fields))
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| wrong(name, "a list of objects"))
    }

    pub(super) fn conversation(&self, name: &str) -> Result<Option<Conversation>, Unreadable> {
        let Some(fields) = self.object(name)? else {
            return Ok(None);
        };
        Ok(Some(Conversation { kind: fields.int("type")?, target: fields.text("target")?, line: fields.int("line")? }))
    }

    /// The payload, `None` where it is absent, null or has no field at all.
    pub(super) fn payload(&self) -> Result<Option<Payload>, Unreadable> {
        let Some(fields) = self.object("payload")?.filter(|fields| !fields.0.is_empty()) else {
            return Ok(None);
        };
        Ok(Some(Payload {
            kind: fields.int("type")?,
            searchable_content: fields.text("searchableContent")?,
            push_content: fields.text("pushContent")?,
            push_data: fields.text("pushData")?,
            content: fields.text("content")?,
            data: fields.base64("base64edData")?,
            media_type: fields.int("mediaType")?,
            remote_media_url: fields.text("remoteMediaUrl")?,
            persist_flag: fields.int("persistFlag")?,
            expire_duration: fields.int("expireDuration")?,
            mentioned_type: fields.int("mentionedType")?,
            mentioned_target: fields.texts("mentionedTarget")?.unwrap_or_default(),
            extra: fields.text("extra")?,
        }))
    }

    /// Base64 of the standard alphabet, padded, in one line; kept as it is.
    fn base64(&self, name: &str) -> Result<String, Unreadable> {
        let text = self.text(name)?;
        STANDARD.decode(&text).map_err(|_| wrong(name, "base64"))?;
        Ok(text)
    }

    fn object(&self, name: &str) -> Result<Option<Fields<'a>>, Unreadable> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Fields(object))),
            Some(_) => Err(wrong(name, "an object")),
        }
    }

    fn list(&self, name: &str) -> Result<Option<&'a Vec<Value>>, Unreadable> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(wrong(name, "a list")),
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

fn wrong(name: &str, expected: &str) -> Unreadable {
    Unreadable(format!("{name} is not {expected}"))
}

/// Puts `?` in the place of half a surrogate pair, as the server stores it; our JSON reader would refuse it.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    // Backslashes stand in strings only, so there is no need to know where strings begin.
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (unit(rest), rest.get(6..).and_then(unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended.push('?');
                rest = &rest[6..];
                continue;
            }
            // The backslash and what it escapes, so that an escaped backslash does not start an escape.
            _ => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        mended.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

/// The UTF-16 unit of a `\uXXXX` at the beginning of the text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> String {
        without_lone_surrogates(text).into_owned()
    }

    #[test]
    fn half_a_surrogate_pair_becomes_a_question_mark() {
        assert_eq!(mended(r#""a\ud83db""#), r#""a?b""#);
        assert_eq!(mended(r#""\ude00""#), r#""?""#);
        assert_eq!(mended(r#""\ud83d\ud83d\ude00""#), r#""?\ud83d\ude00""#);
        assert_eq!(mended(r#""\ud83d\u0041""#), r#""?\u0041""#);
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in
            [r#""\ud83d\ude00""#, r#""\\ud83d""#, r#""\u0041\n\"""#, r#""\u+12a""#, "\"\\u12", "\"\\", "\"\\é\\u00e9"]
        {
            assert_eq!(mended(text), text);
        }
    }

    #[test]
    fn trailing_commas_are_not_json() {
        assert!(read(br#"{"a":1,}"#).is_err());
        assert!(read(br#"{"a":[1,]}"#).is_err());
    }

    #[test]
    fn an_empty_body_and_null_have_no_fields() {
        assert_eq!(read(b""), Ok(Map::new()));
        assert_eq!(read(b" null "), Ok(Map::new()));
    }

    #[test]
    fn numbers_have_the_width_of_the_field() {
        let object = read(br#"{"long":588582842607370241,"wide":2147483648,"half":1.0}"#).unwrap();
        let fields = Fields(&object);
        assert_eq!(fields.long("long"), Ok(588_582_842_607_370_241));
        assert!(fields.int("wide").is_err());
        assert!(fields.int("half").is_err());
        assert_eq!(fields.int("absent"), Ok(0));
    }

    #[test]
    fn base64_is_of_the_standard_alphabet_in_one_line() {
        for (text, readable) in [("+/8=", true), ("", true), ("-_8=", false), (r"AAAA\nAAAA", false), ("A", false)] {
            let body = format!(r#"{{"payload":{{"type":1,"base64edData":"{text}"}}}}"#);
            let object = read(body.as_bytes()).unwrap();
            assert_eq!(Fields(&object).payload().is_ok(), readable, "{text}");
        }
    }
}
