//! The tables of the errors: names, fields and texts are the library's, what to do is in `docs/tables/errors.json`.

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use serde::Deserialize;

use super::{first_sentence, in_one_line, markdown, read};
use crate::{
    api::{Api, ErrorKind},
    rules,
};

/// The words about an error that are not in its own text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    error: String,
    /// What only the long table says.
    #[serde(default)]
    more: String,
    executed: String,
    to_do: String,
    zh: String,
    zh_executed: String,
}

/// An error with these words.
pub(super) struct Described<'a> {
    kind: &'a ErrorKind,
    words: Words,
}

/// All errors with which a call can end, in the library's order.
pub(super) fn read_words<'a>(api: &'a Api, root: &Utf8Path) -> Result<Vec<Described<'a>>> {
    let mut words: Vec<Words> = serde_json::from_str(&read(root, "docs/tables/errors.json")?)?;
    let kinds = api.errors.iter().filter(|kind| rules::is_outcome(kind));
    let described = kinds
        .map(|kind| {
            let at = words.iter().position(|words| words.error == kind.name);
            let at = at.with_context(|| format!("docs/tables/errors.json says nothing of {}", kind.name))?;
            Ok(Described { kind, words: words.remove(at) })
        })
        .collect::<Result<Vec<_>>>()?;
    let others: Vec<&str> = words.iter().map(|words| words.error.as_str()).collect();
    ensure!(others.is_empty(), "docs/tables/errors.json names what is no error of the library: {others:?}");
    Ok(described)
}

impl Described<'_> {
    fn name(&self) -> String {
        format!("`{}`", self.kind.name)
    }

    /// Its name and its fields.
    fn name_and_fields(&self) -> String {
        let fields: Vec<String> = self.kind.fields.iter().map(|field| format!("`{}`", field.name)).collect();
        format!("{} {}", self.name(), fields.join(", "))
    }
}

/// For README and the page on deliveries.
pub(super) fn short(errors: &[Described]) -> String {
    let rows = errors.iter().map(|each| {
        let Words { executed, to_do, .. } = &each.words;
        [each.name(), first_sentence(&each.kind.docs), executed.clone(), to_do.clone()]
    });
    markdown(["Error", "When", "May the server have executed the request?", "What to do"], rows)
}

/// For the page on errors.
pub(super) fn long(errors: &[Described]) -> String {
    let rows = errors.iter().map(|each| {
        let Words { more, executed, to_do, .. } = &each.words;
        let when = format!("{} {more}", in_one_line(&each.kind.docs));
        [each.name_and_fields(), when.trim().to_owned(), executed.clone(), to_do.clone()]
    });
    markdown(["Variant and fields", "When", "May the server have executed the request?", "What to do"], rows)
}

/// For the Chinese page.
pub(super) fn in_chinese(errors: &[Described]) -> String {
    let rows = errors.iter().map(|each| [each.name(), each.words.zh.clone(), each.words.zh_executed.clone()]);
    markdown(["错误", "原因", "服务器可能已执行？"], rows)
}
