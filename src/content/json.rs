//! The JSON inside payloads: written compact, read leniently.

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::wire::base64_bytes;

/// Compact JSON text, its keys in the order of the structure's fields.
pub(super) fn text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("texts, numbers and lists of them always have a JSON text")
}

/// Compact JSON text as the bytes of a payload's `data`.
pub(super) fn bytes<T: Serialize>(value: &T) -> Bytes {
    text(value).into_bytes().into()
}

/// The fields of a JSON object. Each is taken out once; what is missing or of another type is empty.
#[derive(Default)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Text that is no JSON object has no fields.
    pub(super) fn read(json: impl AsRef<[u8]>) -> Self {
        serde_json::from_slice(json.as_ref()).ok().and_then(Self::of).unwrap_or_default()
    }

    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(fields) => Some(Self(fields)),
            _ => None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&mut self, key: &str) -> String {
        self.optional_text(key).unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self, key: &str) -> Option<String> {
        self.0.remove(key).and_then(text_of)
    }

    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        self.list(key).into_iter().flatten().filter_map(text_of).collect()
    }

    /// A length, a size or a number of a list. Some clients write lengths with a fraction, which is cut off.
    pub(super) fn int(&mut self, key: &str) -> Option<i32> {
        let number = self.0.remove(key)?;
        let whole = number.as_i64().or_else(|| number.as_f64().map(|number| number as i64))?;
        i32::try_from(whole).ok()
    }

    /// An id or a time: a whole number, never one that went through a floating-point one.
    pub(super) fn long(&mut self, key: &str) -> i64 {
        self.0.remove(key).and_then(|number| number.as_i64()).unwrap_or_default()
    }

    pub(super) fn number(&mut self, key: &str) -> f64 {
        self.0.remove(key).and_then(|number| number.as_f64()).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, key: &str) -> bool {
        self.0.remove(key).and_then(|flag| flag.as_bool()).unwrap_or_default()
    }

    /// Bytes that stand there as base64.
    pub(super) fn bytes(&mut self, key: &str) -> Bytes {
        self.0.remove(key).and_then(|text| text.as_str().map(base64_bytes::read)).unwrap_or_default()
    }

    pub(super) fn object(&mut self, key: &str) -> Option<Self> {
        self.0.remove(key).and_then(Self::of)
    }

    /// The objects of a list; None where there is no list.
    pub(super) fn objects(&mut self, key: &str) -> Option<Vec<Self>> {
        Some(self.list(key)?.into_iter().filter_map(Self::of).collect())
    }

    fn list(&mut self, key: &str) -> Option<Vec<Value>> {
        match self.0.remove(key) {
            Some(Value::Array(list)) => Some(list),
            _ => None,
        }
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_object_has_no_fields() {
        for json in ["", "{", "null", "[1]", "\"text\"", "7", "{\"a\":1}}", "\u{feff}{}"] {
            assert!(Fields::read(json).is_empty(), "{json}");
        }
        assert!(Fields::read([0xff, 0xfe]).is_empty());
        assert!(Fields::read("[".repeat(1_000_000)).is_empty());
    }

    #[test]
    fn a_field_of_another_type_is_empty_and_the_rest_is_kept() {
        let mut fields = Fields::read(r#"{"t":7,"u":"588582842607370241","n":[],"f":1,"l":{},"b":"*","k":"kept"}"#);
        assert_eq!(fields.text("t"), "");
        assert_eq!(fields.long("u"), 0);
        assert_eq!(fields.number("n"), 0.0);
        assert!(!fields.flag("f"));
        assert!(fields.texts("l").is_empty());
        assert_eq!(fields.bytes("b"), b""[..]);
        assert_eq!(fields.text("k"), "kept");
    }

    #[test]
    fn an_id_is_read_whole_or_not_at_all() {
        let mut fields = Fields::read(r#"{"a":588582842607370241,"b":588582842607370241.0,"c":99999999999999999999}"#);
        assert_eq!(fields.long("a"), 588_582_842_607_370_241);
        assert_eq!(fields.long("b"), 0);
        assert_eq!(fields.long("c"), 0);
    }

    #[test]
    fn a_length_loses_its_fraction_and_one_that_fits_no_integer_is_empty() {
        let mut fields = Fields::read(r#"{"a":12.9,"b":-0.5,"c":2147483648,"d":1e300,"e":"12"}"#);
        assert_eq!(fields.int("a"), Some(12));
        assert_eq!(fields.int("b"), Some(0));
        assert_eq!(fields.int("c"), None);
        assert_eq!(fields.int("d"), None);
        assert_eq!(fields.int("e"), None);
    }

    #[test]
    fn the_entries_of_a_list_that_do_not_fit_are_left_out() {
        let mut fields = Fields::read(r#"{"texts":["a",1,null,"b"],"objects":[{"k":"v"},1,[]]}"#);
        assert_eq!(fields.texts("texts"), ["a", "b"]);
        assert_eq!(fields.objects("objects").expect("a list").len(), 1);
    }
}
