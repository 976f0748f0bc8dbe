//! Plays the vectors beside this file, and holds them to the whole of the library. Their format: README.md.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::Write,
    path::Path,
};

use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use wildfirechat_message::*;

use crate::forms::{self, Form};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    name: String,
    content: Option<Value>,
    extras: Option<Value>,
    /// The text as it stands in the file: its bytes are compared.
    payload: Option<Box<RawValue>>,
    data_text: Option<String>,
    decodes_to: Option<Value>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusal {
    argument: String,
    reason: String,
}

impl Vector {
    fn payload(&self) -> Option<MessagePayload> {
        self.payload.as_ref().map(|text| serde_json::from_str(text.get()).expect("a payload"))
    }

    fn extras(&self) -> ContentExtras {
        self.extras.clone().map(ContentExtras::of).unwrap_or_default()
    }

    fn written(&self) -> Option<MessageContent> {
        Some(forms::content(self.content.clone()?, None))
    }

    fn read(&self) -> MessageContent {
        let expected = self.decodes_to.clone().or_else(|| self.content.clone()).expect("what it decodes to");
        forms::content(expected, self.payload().as_ref())
    }
}

fn all() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contents");
    let files = fs::read_dir(folder).expect("the folder of the vectors").map(|file| file.expect("a file").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Vector> {
    let text = fs::read_to_string(path).expect("a file of vectors");
    let mut vectors: Vec<Vector> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    vectors.iter_mut().filter_map(|vector| vector.content.as_mut()).for_each(write_out_long_texts);
    vectors
}

/// `{"repeat": "ab", "times": 2}` is the text `abab`.
fn write_out_long_texts(value: &mut Value) {
    match value {
        Value::Object(fields) => match (fields.get("repeat"), fields.get("times")) {
            (Some(Value::String(text)), Some(times)) => {
                *value = text.repeat(times.as_u64().expect("a number of times") as usize).into();
            }
            _ => fields.values_mut().for_each(write_out_long_texts),
        },
        Value::Array(entries) => entries.iter_mut().for_each(write_out_long_texts),
        _ => {}
    }
}

#[test]
fn every_content_is_written_as_its_vector_says_to_the_byte() {
    for vector in all() {
        let (Some(content), Some(expected)) = (vector.written(), &vector.payload) else { continue };
        let extras = vector.extras.is_some().then(|| vector.extras());
        let payload = content.to_payload(extras).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(serde_json::to_string(&payload).expect("JSON"), expected.get(), "{}", vector.name);
    }
}

#[test]
fn every_vector_is_played() {
    let vectors = all();
    let played = vectors.iter().filter(|vector| vector.payload.is_some() || vector.error.is_some()).count();
    assert_eq!(played, vectors.len());
    // Past the test harness, which swallows what a passing test prints.
    let _ = writeln!(std::io::stdout(), "contents: {played} vectors played");
}

#[test]
fn every_payload_is_read_as_its_vector_says() {
    for vector in all() {
        let Some(payload) = vector.payload() else { continue };
        assert_eq!(decode_content(payload.clone()), Ok(vector.read()), "{}", vector.name);
        assert_eq!(content_extras(payload), Ok(vector.extras()), "{}", vector.name);
    }
}

#[test]
fn a_message_reads_its_payload_alike() {
    for vector in all() {
        let Some(payload) = vector.payload() else { continue };
        let message = Message { payload, ..Message::default() };
        assert_eq!(message.decode_content(), Ok(vector.read()), "{}", vector.name);
    }
}

#[test]
fn what_cannot_be_sent_is_refused_as_its_vector_says() {
    for vector in all() {
        let Some(Refusal { argument, reason }) = &vector.error else { continue };
        let content = vector.written().expect("a content to refuse");
        let refused = MessageError::InvalidArgument { argument: argument.clone(), reason: reason.clone() };
        assert_eq!(content.to_payload(Some(vector.extras())), Err(refused), "{}", vector.name);
    }
}

#[test]
fn the_text_beside_a_payload_is_what_its_data_says() {
    for vector in all() {
        let Some(text) = &vector.data_text else { continue };
        assert_eq!(vector.payload().expect("a payload").data, text.as_bytes(), "{}", vector.name);
    }
}

#[test]
fn every_content_has_at_least_three_vectors_and_no_name_is_used_twice() {
    let mut written: BTreeMap<&str, usize> = forms::RECORDS.iter().map(|record| (*record, 0)).collect();
    let mut names = HashSet::new();
    let vectors = all();
    for vector in &vectors {
        assert!(names.insert(&vector.name), "{}", vector.name);
        assert!(vector.payload.is_some() != vector.error.is_some(), "{}: a payload or an error", vector.name);
        assert!(vector.content.is_some() || vector.decodes_to.is_some(), "{}: a content", vector.name);
        if let (Some(Value::Object(content)), Some(_)) = (&vector.content, &vector.payload) {
            for record in content.keys() {
                *written.get_mut(record.as_str()).expect("a content that can be written") += 1;
            }
        }
    }
    for (record, count) in written {
        assert!(count >= 3, "{record} has {count} vectors");
    }
}

#[test]
fn what_is_left_of_a_recalled_message_is_not_written() {
    let recalled = MessageContent::Recalled { value: RecalledContent::default() };
    let Err(MessageError::InvalidArgument { argument, .. }) = recalled.to_payload(None) else { panic!("written") };
    assert_eq!(argument, "content");
}

#[test]
fn a_content_of_ones_own_is_written_as_it_is_and_with_what_the_extras_set() {
    let payload = MessagePayload { content_type: 1001, extra: "old".into(), ..MessagePayload::default() };
    let custom = MessageContent::Custom { payload: payload.clone() };
    assert_eq!(custom.to_payload(None), Ok(payload.clone()));
    let extras = ContentExtras { extra: "new".into(), ..ContentExtras::mention_everyone() };
    let changed = MessagePayload { mentioned_type: 2, extra: "new".into(), ..payload };
    assert_eq!(custom.to_payload(Some(extras)), Ok(changed));
}
