//! `Durations+Records.swift`: checks the durations of a record, because an invalid one would end the process in the library.

use anyhow::Result;
use askama::Template;
use heck::ToSnakeCase;
use uniffi_bindgen::ComponentInterface;

use super::client::camel;
use crate::{api, public, rules};

/// The template of `Durations+Records.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/durations.swift", escape = "none")]
struct Durations<'a> {
    records: Vec<Record<'a>>,
}

struct Record<'a> {
    name: &'a str,
    /// Each field: its name in errors, and its name in Swift.
    fields: Vec<(String, String)>,
}

/// `Durations+Records.swift`, for the public records in which callers give durations.
pub fn durations(interface: &ComponentInterface) -> Result<String> {
    let public = public::public(interface, &public::WHOLE);
    let records = interface.record_definitions().iter().filter(|record| public.contains(record.name()));
    let records = records.map(|record| {
        // Methods name this argument by the last word of its type: `options`.
        let snake = record.name().to_snake_case();
        let argument = snake.rsplit('_').next().unwrap_or(&snake);
        let fields = api::fields(record.fields()).into_iter();
        let fields = fields.filter(|field| rules::is_given_duration(field.default.as_ref(), &field.ty));
        let fields = fields.map(|field| (format!("{argument}.{}", field.name), camel(&field.name)));
        Record { name: record.name(), fields: fields.collect() }
    });
    let records = records.filter(|record| !record.fields.is_empty()).collect();
    Ok(Durations { records }.render()? + "\n")
}
