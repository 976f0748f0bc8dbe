//! `_public.py`: the generated names that users see, found by a rule and not by a list.

use anyhow::Result;
use askama::Template;
use uniffi_bindgen::ComponentInterface;

use crate::{
    api::Api,
    metadata::{self, NumberList},
    public, rules,
};

/// The template of `_public.py`; it only prints.
#[derive(Template)]
#[template(path = "python/public.py", escape = "none")]
struct Public<'a> {
    modules: Vec<(&'a str, Vec<&'a str>)>,
}

/// `_public.py`. `native` is the module with uniffi's generated code, relative to the package.
pub fn public(interface: &ComponentInterface, api: &Api, lists: &[NumberList], native: &str) -> Result<String> {
    let public = public::public(interface, &[]);
    let outcomes = api.errors.iter().filter(|kind| rules::is_outcome(kind)).map(|kind| kind.name.as_str());
    let enums = interface.enum_definitions().iter().filter(|each| public.contains(each.name()));
    let (closed, unions): (Vec<_>, Vec<_>) = enums.partition(|each| metadata::is_closed_list(interface, each));
    let records = interface.record_definitions().iter().map(|record| record.name());
    let records = records.filter(|name| public.contains(*name)).chain(unions.into_iter().map(|each| each.name()));
    let mut modules = vec![
        ("._errors", outcomes.collect::<Vec<_>>()),
        (native, closed.into_iter().map(|each| each.name()).collect()),
        ("._numbers", lists.iter().map(|list| list.name.as_str()).collect()),
        ("._records", records.collect()),
    ];
    modules.iter_mut().for_each(|(_, names)| names.sort_unstable());
    Ok(Public { modules }.render()? + "\n")
}
