//! The examples of the endpoints' pages: each is written once, as data, and printed for every language.
//!
//! `docs/examples/endpoints.json` says what is called with what. How a language writes that is in `language`; where lines
//! break, in `layout`. The pages show what the languages' suites compile and run.

mod files;
mod language;
mod layout;
mod values;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use serde::Deserialize;
use serde_json::{Map, Value};
use uniffi_bindgen::{ComponentInterface, interface::Type};

use crate::api::{Api, Call};
pub use language::Language;

/// An example as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    endpoint: String,
    method: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    /// What the answer is called, where it is used.
    result: Option<String>,
    /// What is printed of it: `{sent.message_uid}` is a field.
    #[serde(default)]
    prints: String,
    /// The lines in each language, of what has a form of its own in each.
    #[serde(default)]
    by_hand: BTreeMap<String, Vec<String>>,
}

/// An example in one language.
struct Printed {
    /// The page's name: `message-send`.
    page: String,
    lines: Vec<String>,
}

/// Every file with examples, by its path in the checkout, as it is to be.
pub fn files(interface: &ComponentInterface, api: &Api, root: &Utf8Path) -> Result<Vec<(String, String)>> {
    let source = root.join("docs/examples/endpoints.json");
    let text = std::fs::read_to_string(&source).with_context(|| format!("cannot read {source}"))?;
    let examples: Vec<Example> = serde_json::from_str(&text).with_context(|| format!("{source}"))?;
    let mut printed = BTreeMap::new();
    for language in Language::ALL {
        let all = examples.iter().map(|example| {
            let lines = print(interface, api, example, language);
            let lines = lines.with_context(|| format!("{} in {}", example.endpoint, language.name()))?;
            Ok(Printed { page: example.endpoint.replace('/', "-"), lines })
        });
        printed.insert(language, all.collect::<Result<Vec<_>>>()?);
    }
    let mut files = files::pages(&printed, root)?;
    files.extend(printed.iter().map(|(language, examples)| files::program(*language, examples)));
    Ok(files)
}

fn print(interface: &ComponentInterface, api: &Api, example: &Example, language: Language) -> Result<Vec<String>> {
    if !example.by_hand.is_empty() {
        let lines = example.by_hand.get(language.name());
        return lines.cloned().context("it is written by hand, and not in this language");
    }
    let call = api.calls.iter().find(|call| call.name == example.method).context("there is no such method")?;
    ensure!(call.endpoint == example.endpoint, "{} asks {}", call.name, call.endpoint);
    let call_text = values::call(interface, call, &example.arguments, language)?;
    statements(call, &call_text, example, language)
}

/// The call, what is done with its answer, and what is printed of that.
fn statements(call: &Call, node: &layout::Node, example: &Example, language: Language) -> Result<Vec<String>> {
    let Some(result) = &example.result else {
        return Ok(language.statement("", node, ""));
    };
    let Some(returned) = &call.returns else { bail!("{} returns nothing", call.name) };
    let print = language.print(&example.prints);
    if !matches!(returned.ty, Type::Optional { .. }) {
        let (before, after) = language.assignment(result);
        let mut lines = language.statement(&before, node, after);
        lines.push(print);
        return Ok(lines);
    }
    Ok(language.guarded(result, node, &print))
}
