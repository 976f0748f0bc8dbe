//! The tables of the client's options: names, defaults and texts are the library's.

use anyhow::{Context, Result};
use uniffi_bindgen::ComponentInterface;

use super::{first_sentence, in_one_line, markdown, records::default_in_words};
use crate::api::{Argument, fields};

const OPTIONS: &str = "ClientOptions";

/// The words with which a text names the default of an option that the library fills in: "…; 5 seconds when left out."
const WHEN_LEFT_OUT: &str = " when left out";

/// For README: the first sentence of each.
pub(super) fn short(interface: &ComponentInterface) -> Result<String> {
    table(interface, first_sentence)
}

/// For the guide: the whole text of each.
pub(super) fn long(interface: &ComponentInterface) -> Result<String> {
    table(interface, str::to_owned)
}

fn table(interface: &ComponentInterface, text: impl Fn(&str) -> String) -> Result<String> {
    let record = interface.get_record_definition(OPTIONS).with_context(|| format!("the library has no {OPTIONS}"))?;
    let rows = fields(record.fields()).into_iter().map(|option| {
        let (docs, default) = described(&option);
        [format!("`{}`", option.name), default, text(&docs)]
    });
    Ok(markdown(["Option", "Default", "What it does"], rows))
}

/// The option's text without its default, and the default.
fn described(option: &Argument) -> (String, String) {
    let docs = in_one_line(&option.docs);
    if let Some((before, after)) = docs.split_once(WHEN_LEFT_OUT)
        && let Some((text, default)) = before.rsplit_once("; ")
    {
        return (format!("{text}{after}"), default.to_owned());
    }
    (docs, default_in_words(option))
}

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::{DefaultValue, Type};

    use super::*;
    use crate::api::sample::argument;

    #[test]
    fn a_default_is_read_from_the_text_or_from_the_field() {
        let optional = Type::Optional { inner_type: Box::new(Type::Duration) };
        let told = argument("a", "How long it may\ntake; 5 seconds when left out. More.", optional.clone(), None);
        assert_eq!(described(&told), ("How long it may take. More.".into(), "5 seconds".into()));
        let none = argument("a", "A name.", optional, Some(DefaultValue::Default));
        assert_eq!(described(&none), ("A name.".into(), "none".into()));
    }
}
