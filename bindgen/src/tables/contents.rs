//! The tables of the contents and of the error codes: the library's lists of numbers, with their texts.

use anyhow::{Context, Result, bail};
use camino::Utf8Path;
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Type},
};

use super::{first_sentence, in_one_line, markdown, read};
use crate::metadata::NumberList;

/// For the page on errors.
pub(super) fn codes(lists: &[NumberList]) -> Result<String> {
    let list = lists.iter().find(|list| list.name == "ErrorCode").context("the library has no ErrorCode")?;
    let rows = list.numbers.iter().map(|number| {
        let text = in_one_line(&number.docs);
        [number.value.to_string(), format!("`{}`", number.name), text.trim_end_matches('.').to_owned()]
    });
    Ok(markdown(["Code", "Name", "What it means"], rows))
}

/// For the page on contents. The persist flag comes from the page on layouts, from which the vectors were written.
pub(super) fn contents(interface: &ComponentInterface, root: &Utf8Path) -> Result<String> {
    let layouts = read(root, "docs/layouts.md")?;
    let all = interface.get_enum_definition("MessageContent").context("the library has no MessageContent")?;
    let mut rows = Vec::new();
    for variant in all.variants() {
        let Some(Type::Record { name, .. }) = variant.fields().first().map(|field| field.as_type()) else {
            bail!("{} holds no record", variant.name())
        };
        // `Custom` is any other content: its type is not in the table.
        if name == "MessagePayload" {
            continue;
        }
        let record = interface.get_record_definition(&name).with_context(|| format!("no record {name}"))?;
        let begin = format!("| {} | ", variant.name());
        let row = layouts.lines().find_map(|line| line.strip_prefix(&begin));
        let row = row.with_context(|| format!("docs/layouts.md has no row {}", variant.name()))?;
        let mut numbers = row.split(" | ").map(str::to_owned);
        let (Some(number), Some(flag)) = (numbers.next(), numbers.next()) else { bail!("{row}: no type and flag") };
        let link = format!("[`{name}`](#{})", name.to_lowercase());
        rows.push([link, number, flag, first_sentence(record.docstring().unwrap_or_default())]);
    }
    Ok(markdown(["Content", "Type", "Flag", "What it is"], rows))
}
