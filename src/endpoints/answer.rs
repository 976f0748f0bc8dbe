//! How `result` of a code-0 answer becomes what the caller gets.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{BroadcastMessage, Message, RecalledMessage, SentMessage, model::wire::strictly};

/// Something an endpoint answers.
pub trait Answer: Sized + Send + 'static {
    /// Reads `result`; the error says what is wrong with it.
    fn read(result: Option<&RawValue>) -> Result<Self, String>;

    /// Reads the body of a success in one go, where it is one without anything odd. None is for `read`.
    fn at_once(_: &[u8]) -> Option<Self> {
        None
    }
}

/// The body of a success, as nearly every answer is one.
#[derive(Deserialize)]
struct Success<T> {
    code: i32,
    result: T,
}

fn success<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let Success { code, result } = strictly(body)?;
    (code == 0).then_some(result)
}

/// The endpoint promises nothing.
impl Answer for () {
    fn read(_: Option<&RawValue>) -> Result<Self, String> {
        Ok(())
    }
}

impl Answer for SentMessage {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        required(result)
    }

    fn at_once(body: &[u8]) -> Option<Self> {
        success(body)
    }
}

impl Answer for BroadcastMessage {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        required(result)
    }
}

impl Answer for Message {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        required(result)
    }

    fn at_once(body: &[u8]) -> Option<Self> {
        success(body)
    }
}

/// A time in milliseconds since the epoch.
#[derive(Deserialize)]
pub struct Timestamp {
    #[serde(default, deserialize_with = "crate::model::wire::time_or_zero")]
    pub timestamp: i64,
}

impl Answer for Timestamp {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        required(result)
    }
}

/// A string of JSON, which is empty when the message was recalled before; some take the string apart on the way. What is
/// told of it is a detail: that it was recalled stands in the code.
impl Answer for Option<RecalledMessage> {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        let Some(result) = result.map(RawValue::get) else { return Ok(None) };
        let text = serde_json::from_str(result).unwrap_or_else(|_| result.to_owned());
        Ok(serde_json::from_str::<Option<RecalledMessage>>(&text).ok().flatten())
    }
}

pub(super) fn required<T: DeserializeOwned>(result: Option<&RawValue>) -> Result<T, String> {
    parse(result.ok_or("the result is missing")?.get())
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json)
        .map_err(|error| format!("the result does not have the expected form: {}", what_is_wrong(&error)))
}

/// What serde says, less the texts it quotes: they are the answer's, and an answer may repeat anything.
pub(crate) fn what_is_wrong(error: &serde_json::Error) -> String {
    let words = error.to_string();
    match (words.find("string \""), words.rfind("\", expected")) {
        (Some(begin), Some(end)) if begin < end => format!("{}text{}", &words[..begin], &words[end + 1..]),
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_success_is_read_at_once() {
        let sent = r#"{"messageUid":588582842607370241,"timestamp":1795391931000}"#;
        for (body, plain) in [
            (format!(r#"{{"code":0,"msg":"success","result":{sent}}}"#), true),
            (format!(" {{\"result\":{sent},\n\"code\":0,\"extra\":[]}} "), true),
            (format!(r#"{{"code":1,"msg":"","result":{sent}}}"#), false),
            (format!(r#"{{"code":0,"result":{sent}}} behind it"#), false),
            (r#"{"code":0,"msg":"success"}"#.into(), false),
            (r#"{"code":0,"result":{"messageUid":0}}"#.into(), false),
            (format!(r#"{{"result":{sent}}}"#), false),
        ] {
            let read = SentMessage::at_once(body.as_bytes());
            assert_eq!(read.map(|sent| sent.message_uid), plain.then_some(588_582_842_607_370_241), "{body}");
        }
    }
}
