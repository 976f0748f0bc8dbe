//! JSON that people write, read strictly: a misspelt name is refused instead of ignored. Errors contain only names, because
//! values are what users want to say to each other.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, error::Category};

use wildfirechat_message::{MessagePayload, program::FIELDS};

/// An object whose values are taken out one by one.
pub(super) struct Object {
    values: Map<String, Value>,
    /// Its name followed by a full stop, for errors.
    at: String,
}

impl Object {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|error| match error.classify() {
            Category::Eof => "it is not JSON: it ends too early".to_owned(),
            Category::Syntax => format!("it is not JSON: see line {}, column {}", error.line(), error.column()),
            Category::Io | Category::Data => "it is not JSON".to_owned(),
        })?;
        Self::of(value, "")
    }

    pub(super) fn new(values: Map<String, Value>) -> Self {
        Self { values, at: String::new() }
    }

    fn of(value: Value, at: &str) -> Result<Self, String> {
        match value {
            Value::Object(values) => Ok(Self { values, at: at.to_owned() }),
            _ if at.is_empty() => Err("it is not a JSON object".into()),
            _ => Err(format!("{}: it is not a JSON object", at.trim_end_matches('.'))),
        }
    }

    fn wrong(&self, name: &str, reason: &str) -> String {
        format!("{}{name}: {reason}", self.at)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, String> {
        let at = format!("{}{name}.", self.at);
        self.values.remove(name).map(|value| Self::of(value, &at)).transpose()
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.values.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "it is not text")),
        }
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<i32>, String> {
        match self.long(name)? {
            None => Ok(None),
            Some(number) => number.try_into().map(Some).map_err(|_| self.wrong(name, "it has more than 32 bits")),
        }
    }

    /// A whole number, which may also be in quotes.
    pub(super) fn long(&mut self, name: &str) -> Result<Option<i64>, String> {
        let number = match self.values.remove(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
        };
        number.map(Some).ok_or_else(|| self.wrong(name, "it is not a whole number"))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, String> {
        match self.values.remove(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(Value::String(text)) if matches!(text.as_str(), "true" | "false") => Ok(text == "true"),
            Some(_) => Err(self.wrong(name, "it is neither true nor false")),
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, String> {
        let wrong = |object: &Self| object.wrong(name, "it is not a list of texts");
        match self.values.remove(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                values.into_iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong(self))).collect()
            }
            Some(_) => Err(wrong(self)),
        }
    }

    /// Refuses names that no field has.
    pub(super) fn nothing_but(&self, known: &[&str]) -> Result<(), String> {
        match self.values.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                Err(self.wrong(name, &format!("there is no such field; the known fields are: {}", known.join(", "))))
            }
        }
    }
}

/// A payload with the names that it has on the wire. One without a persist flag is stored and counted, as everywhere in this
/// library: the server's own default would store nothing.
pub(super) fn payload(mut object: Object) -> Result<MessagePayload, String> {
    object.nothing_but(&FIELDS)?;
    let content_type = object.number("type")?.ok_or_else(|| object.wrong("type", "it is missing"))?;
    let data = object.text("base64edData")?.unwrap_or_default();
    let data = STANDARD.decode(data).map_err(|_| object.wrong("base64edData", "it is not base64"))?;
    let mut text = |name| object.text(name).map(Option::unwrap_or_default);
    let texts = MessagePayload {
        searchable_content: text("searchableContent")?,
        push_content: text("pushContent")?,
        push_data: text("pushData")?,
        content: text("content")?,
        remote_media_url: text("remoteMediaUrl")?,
        extra: text("extra")?,
        ..MessagePayload::default()
    };
    Ok(MessagePayload {
        content_type,
        data: data.into(),
        media_type: object.number("mediaType")?.unwrap_or_default(),
        persist_flag: object.number("persistFlag")?.unwrap_or(texts.persist_flag),
        expire_duration: object.number("expireDuration")?.unwrap_or_default(),
        mentioned_type: object.number("mentionedType")?.unwrap_or_default(),
        mentioned_targets: object.texts("mentionedTarget")?,
        ..texts
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<MessagePayload, String> {
        payload(Object::parse(text)?)
    }

    #[test]
    fn a_payload_reads_back_as_it_is_written() {
        let whole = MessagePayload {
            content_type: 1000,
            searchable_content: "searchable".into(),
            push_content: "push".into(),
            push_data: "push data".into(),
            content: "content".into(),
            data: vec![0, 1, 255].into(),
            media_type: 4,
            remote_media_url: "http://host/file".into(),
            persist_flag: 1,
            expire_duration: 7,
            mentioned_type: 1,
            mentioned_targets: vec!["u1".into()],
            extra: "extra".into(),
        };
        assert_eq!(read(&serde_json::to_string(&whole).unwrap()), Ok(whole));
        assert_eq!(read(r#"{"type": 1, "searchableContent": "hello"}"#), Ok(MessagePayload::text("hello")));
    }

    #[test]
    fn a_mistake_is_named_and_no_value_is_shown() {
        for (text, reason) in [
            ("", "it is not JSON: it ends too early"),
            ("canary", "it is not JSON: see line 1, column 1"),
            (r#"["canary"]"#, "it is not a JSON object"),
            ("{}", "type: it is missing"),
            (r#"{"type": "canary"}"#, "type: it is not a whole number"),
            (r#"{"type": 1.5}"#, "type: it is not a whole number"),
            (r#"{"type": 4294967296}"#, "type: it has more than 32 bits"),
            (r#"{"type": 1, "content": ["canary"]}"#, "content: it is not text"),
            (r#"{"type": 1, "base64edData": "canary!"}"#, "base64edData: it is not base64"),
            (r#"{"type": 1, "mentionedTarget": "canary"}"#, "mentionedTarget: it is not a list of texts"),
            (r#"{"type": 1, "mentionedTarget": ["u1", null]}"#, "mentionedTarget: it is not a list of texts"),
        ] {
            assert_eq!(read(text), Err(reason.to_owned()), "{text}");
        }
        // The server would ignore these names silently.
        for name in ["binaryContent", "mentionedTargets", "searchable_content", "text"] {
            let told = read(&format!(r#"{{"type": 1, "{name}": "canary"}}"#)).unwrap_err();
            assert!(told.starts_with(&format!("{name}: there is no such field")) && !told.contains("canary"), "{told}");
        }
    }
}
