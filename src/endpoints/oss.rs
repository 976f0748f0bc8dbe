//! Files: oss/get_upload_url, which names a store for one.

use reqwest::{Url, header::HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Effect, Endpoint, Rules,
    answer::{Answer, required},
};
use crate::{MessageError, check, steps};

/// The question where to bring a file.
// Source: wire.md §7.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GetUploadUrl {
    pub(crate) file_name: String,
    pub(crate) media_type: i32,
    pub(crate) content_type: String,
}

impl Endpoint for GetUploadUrl {
    const NAME: &'static str = steps::ADDRESS;
    /// A second time names a place again; nothing is in either until somebody brings a file.
    const EFFECT: Effect = Effect::None;
    /// Anybody who has the address may upload a file to it.
    const ANSWER_IS_SECRET: bool = true;
    type Answer = UploadAddress;

    fn check(&self, _: &Rules) -> Result<(), MessageError> {
        check::not_empty("file_name", &self.file_name)?;
        if self.file_name.contains(char::is_control) {
            return Err(MessageError::invalid("file_name", "it contains a control character, such as a line break"));
        }
        if self.media_type < 0 {
            let reason = format!("{} is not a media type: it must be 0 or more", self.media_type);
            return Err(MessageError::invalid("media_type", reason));
        }
        content_type(&self.content_type)
    }
}

/// It goes out as a header of its own, and as one of a form's part.
fn content_type(given: &str) -> Result<(), MessageError> {
    let is_header = HeaderValue::from_str(given).is_ok();
    if is_header && reqwest::multipart::Part::text("").mime_str(given).is_ok() {
        return Ok(());
    }
    Err(MessageError::invalid("content_type", "it is not a content type such as image/jpeg"))
}

/// Where a file is brought, and where it is found then.
pub(crate) struct UploadAddress {
    pub(crate) store: Place,
    pub(crate) backup: Option<Place>,
    pub(crate) download_url: String,
}

/// A place in a store, and how that is spoken to.
#[derive(Clone)]
pub(crate) enum Place {
    /// A PUT of the bytes.
    Plain { url: Url },
    /// A form with the fields `token`, `key` and `file`.
    Form { url: Url, token: String, key: String },
}

impl Place {
    /// The kind of store that takes forms.
    const FORM: i32 = 1;

    /// Reads what an answer says. The reasons do not repeat it, because anybody who has the address may upload a file
    /// to it.
    fn read(kind: i32, text: &str) -> Result<Self, String> {
        let web = |text: &str| match text.parse::<Url>() {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
            Ok(url) => Err(format!("its scheme is {}, not http or https", url.scheme())),
            Err(error) => Err(format!("it is not a URL: {error}")),
        };
        if kind != Self::FORM {
            return Ok(Self::Plain { url: web(text)? });
        }
        let mut parts = text.splitn(3, '?');
        let mut part = || parts.next().filter(|part| !part.is_empty()).map(str::to_owned);
        match (part(), part(), part()) {
            (Some(url), Some(token), Some(key)) => Ok(Self::Form { url: web(&url)?, token, key }),
            _ => Err("it lacks the token or the key, each of which follows a question mark".into()),
        }
    }
}

/// All of it decides, so nothing of another type passes for absent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    upload_url: Option<String>,
    backup_upload_url: Option<String>,
    download_url: Option<String>,
    r#type: Option<i32>,
}

impl Answer for UploadAddress {
    fn read(result: Option<&RawValue>) -> Result<Self, String> {
        let Told { upload_url, backup_upload_url, download_url, r#type } = required(result)?;
        let download_url = download_url.filter(|url| !url.is_empty()).ok_or("downloadUrl is missing")?;
        let kind = r#type.unwrap_or_default();
        let store = Place::read(kind, &upload_url.unwrap_or_default())
            .map_err(|reason| format!("uploadUrl cannot be used: {reason}"))?;
        // One that cannot be used is as good as none.
        let backup = Place::read(kind, &backup_upload_url.unwrap_or_default()).ok();
        Ok(Self { store, backup, download_url })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<UploadAddress, String> {
        UploadAddress::read(Some(&RawValue::from_string(json.to_owned()).unwrap()))
    }

    #[test]
    fn a_form_has_its_token_and_key_behind_question_marks() {
        let json = r#"{"uploadUrl":"https://up.example.com?to:ken=?1/a b?.jpg","backupUploadUrl":null,"downloadUrl":"d","type":1}"#;
        let address = read(json).unwrap();
        let Place::Form { url, token, key } = address.store else { panic!("no form") };
        assert_eq!((url.as_str(), &*token, &*key), ("https://up.example.com/", "to:ken=", "1/a b?.jpg"));
        assert!(address.backup.is_none());
    }

    #[test]
    fn any_other_kind_is_a_plain_address_with_all_its_query() {
        for kind in ["", r#","type":0"#, r#","type":2"#, r#","type":99"#] {
            let json = format!(
                r#"{{"uploadUrl":"http://s/k?sign=a&b=c?d","backupUploadUrl":"https://b/k","downloadUrl":"d"{kind}}}"#
            );
            let address = read(&json).unwrap();
            assert!(matches!(address.store, Place::Plain { url } if url.as_str() == "http://s/k?sign=a&b=c?d"));
            assert!(matches!(address.backup, Some(Place::Plain { url }) if url.as_str() == "https://b/k"));
        }
    }

    #[test]
    fn a_back_up_that_cannot_be_used_is_none() {
        for url in ["null", r#""""#, r#""/k""#, r#""ftp://b/k""#] {
            let json = format!(r#"{{"uploadUrl":"https://s/k","backupUploadUrl":{url},"downloadUrl":"d"}}"#);
            assert!(read(&json).unwrap().backup.is_none(), "{url}");
        }
    }

    #[test]
    fn an_address_that_cannot_be_used_is_told_without_repeating_it() {
        for (json, expected) in [
            (r#"{"uploadUrl":"https://s/secret"}"#, "downloadUrl is missing"),
            (r#"{"downloadUrl":"d"}"#, "uploadUrl cannot be used: it is not a URL: relative URL without a base"),
            (
                r#"{"uploadUrl":"ftp://s/secret","downloadUrl":"d"}"#,
                "uploadUrl cannot be used: its scheme is ftp, not http or https",
            ),
            (
                r#"{"uploadUrl":"https://s?secret","downloadUrl":"d","type":1}"#,
                "uploadUrl cannot be used: it lacks the token or the key, each of which follows a question mark",
            ),
            (
                r#"{"uploadUrl":5,"downloadUrl":"d"}"#,
                "the result does not have the expected form: invalid type: \
                integer `5`, expected",
            ),
        ] {
            let reason = read(json).err().unwrap();
            assert!(reason.starts_with(expected) && !reason.contains("secret"), "{reason}");
        }
        assert_eq!(UploadAddress::read(None).err().unwrap(), "the result is missing");
    }
}
