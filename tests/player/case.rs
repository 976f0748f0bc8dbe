//! The cases as they lie in `tests/conformance/cases`: see the README there for what each key means.

use std::{fs, path::Path};

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) arguments: Value,
    #[serde(default)]
    pub(crate) options: Map<String, Value>,
    pub(crate) base_url: Option<String>,
    pub(crate) client: Option<Client>,
    /// Whose client it is; the administrator's where nobody is named.
    pub(crate) sender: Option<Sender>,
    pub(crate) answer: Option<ScriptedAnswer>,
    pub(crate) fault: Option<String>,
    pub(crate) request: Option<Request>,
    /// How often the answer or the fault comes, and the request with it.
    #[serde(default = "once")]
    pub(crate) times: i32,
    /// Some(null) where the method gives nothing, None where it fails.
    #[serde(default, deserialize_with = "present")]
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) base_url: String,
    pub(crate) secret: String,
}

/// A robot or a channel, by its id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sender {
    Robot(String),
    Channel(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptedAnswer {
    pub(crate) status: i32,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) body: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) variant: String,
    pub(crate) fields: Map<String, Value>,
    pub(crate) text: Option<String>,
    pub(crate) text_starts_with: Option<String>,
    pub(crate) may_have_executed: bool,
}

/// Every case of every file, in the order of the files' names.
pub(crate) fn all() -> Vec<Case> {
    of("cases")
}

/// The cases of robots and channels.
pub(crate) fn of_senders() -> Vec<Case> {
    of("senders")
}

fn of(folder: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder of the cases")
        .map(|entry| entry.expect("a file in the folder of the cases").path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut cases: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    write_out_long_texts(&mut cases);
    serde_json::from_value(cases).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// `{"before": "x", "repeat": "ab", "times": 2, "after": "y"}` is the text `xababy`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongText {
    #[serde(default)]
    before: String,
    repeat: String,
    times: usize,
    #[serde(default)]
    after: String,
}

fn write_out_long_texts(value: &mut Value) {
    match value {
        Value::Object(fields) if fields.contains_key("repeat") => {
            let text: LongText = serde_json::from_value(value.take()).expect("a long text");
            *value = Value::String(text.before + &text.repeat.repeat(text.times) + &text.after);
        }
        Value::Object(fields) => fields.values_mut().for_each(write_out_long_texts),
        Value::Array(values) => values.iter_mut().for_each(write_out_long_texts),
        _ => {}
    }
}

fn once() -> i32 {
    1
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
