//! The examples of the pages: each is written once, as data, and printed for every language.
//!
//! `docs/examples/endpoints.json` has the calls with their arguments, and `senders.json` has those of robots and channels.
//! `language` knows how each language writes them, and `layout` where lines break. The suites of the languages compile and run
//! the same text that the pages show.

mod files;
mod language;
mod layout;
mod values;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
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
    /// The name of the answer, if the example uses it.
    result: Option<String>,
    /// The text that is printed; `{sent.message_uid}` is a field of the answer.
    #[serde(default)]
    prints: String,
    /// What the endpoint does, for the Chinese page: `tables` reads it.
    #[serde(default, rename = "zh")]
    _zh: String,
    /// The lines in each language, for an example that has another form in each.
    #[serde(default)]
    by_hand: BTreeMap<String, Vec<String>>,
}

/// The examples of one file, which are printed into one program per language.
struct Collection {
    /// The file's name, without its ending.
    name: &'static str,
    /// The pages that show them, in words.
    shown: &'static str,
    /// The program's name, in words: `endpoint examples`.
    program: &'static str,
    /// The clients that an example gets besides the id of a message: name and class of each.
    clients: &'static [(&'static str, &'static str)],
    /// Whether each has a page of its own; all are on `docs/robots.md` otherwise.
    has_pages: bool,
}

const ENDPOINTS: Collection = Collection {
    name: "endpoints",
    shown: "docs/endpoints, one for each page",
    program: "endpoint examples",
    clients: &[("client", "MessageClient")],
    has_pages: true,
};

const SENDERS: Collection = Collection {
    name: "senders",
    shown: "docs/robots.md",
    program: "sender examples",
    clients: &[("robot", "RobotClient"), ("channel", "ChannelClient")],
    has_pages: false,
};

/// An example in one language.
struct Printed {
    endpoint: String,
    /// The page's name: `message-send`.
    page: String,
    lines: Vec<String>,
}

/// Every file with examples: its path in the checkout, and the text that it must have.
pub fn files(interface: &ComponentInterface, api: &Api, root: &Utf8Path) -> Result<Vec<(String, String)>> {
    let mut files = files_of(&ENDPOINTS, interface, api, root)?;
    files.extend(files_of(&SENDERS, interface, api, root)?);
    Ok(files)
}

fn files_of(
    collection: &Collection,
    interface: &ComponentInterface,
    api: &Api,
    root: &Utf8Path,
) -> Result<Vec<(String, String)>> {
    let source = root.join(format!("docs/examples/{}.json", collection.name));
    let text = std::fs::read_to_string(&source).with_context(|| format!("cannot read {source}"))?;
    let examples: Vec<Example> = serde_json::from_str(&text).with_context(|| format!("{source}"))?;
    let mut printed = BTreeMap::new();
    for language in Language::ALL {
        let all = examples.iter().map(|example| {
            let lines = print(interface, api, example, language);
            let lines = lines.with_context(|| format!("{} in {}", example.endpoint, language.name()))?;
            Ok(Printed { endpoint: example.endpoint.clone(), page: example.endpoint.replace('/', "-"), lines })
        });
        printed.insert(language, all.collect::<Result<Vec<_>>>()?);
    }
    let mut files = files::pages(collection, &printed, root)?;
    files.extend(printed.iter().map(|(language, examples)| files::program(collection, *language, examples)));
    Ok(files)
}

fn print(interface: &ComponentInterface, api: &Api, example: &Example, language: Language) -> Result<Vec<String>> {
    if !example.by_hand.is_empty() {
        let lines = example.by_hand.get(language.name());
        return lines.cloned().context("it is written by hand, and not in this language");
    }
    let mut calls = api.clients.iter().flat_map(|client| client.calls.iter().map(move |call| (client, call)));
    let is_meant = |call: &Call| call.endpoint == example.endpoint && call.name == example.method;
    let (client, call) = calls.find(|(_, call)| is_meant(call)).context("no method of this name asks this")?;
    let receiver = client.sender().unwrap_or("client");
    let call_text = values::call(interface, receiver, call, &example.arguments, language)?;
    statements(call, &call_text, example, language)
}

/// The statements of an example: the call, the use of its answer, and what it prints.
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
