//! The table of a record's fields: names, types, defaults and texts are the library's.

use anyhow::{Context, Result};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{DefaultValue, Literal, Type},
};

use super::{in_one_line, markdown};
use crate::api::{Argument, fields};

/// `linked` says which records have a section of their own on the page.
pub(super) fn table(interface: &ComponentInterface, name: &str, linked: impl Fn(&str) -> bool) -> Result<String> {
    let record = interface.get_record_definition(name).with_context(|| format!("the library has no record {name}"))?;
    let rows = fields(record.fields()).into_iter().map(|field| {
        let ty = type_in_words(&field.ty, &linked);
        [format!("`{}`", field.name), ty, default_in_words(&field), in_one_line(&field.docs)]
    });
    Ok(markdown(["Field", "Type", "Default", "What it is"], rows))
}

fn type_in_words(ty: &Type, linked: &impl Fn(&str) -> bool) -> String {
    match ty {
        Type::Optional { inner_type } => type_in_words(inner_type, linked),
        Type::Sequence { inner_type } if **inner_type == Type::String => "list of texts".to_owned(),
        Type::Sequence { inner_type } => format!("list of {}", type_in_words(inner_type, linked)),
        Type::String => "text".to_owned(),
        Type::Int32 => "32-bit integer".to_owned(),
        Type::Int64 => "64-bit integer".to_owned(),
        Type::Float64 => "floating-point number".to_owned(),
        Type::Boolean => "true or false".to_owned(),
        Type::Bytes => "bytes".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Custom { builtin, .. } => type_in_words(builtin, linked),
        Type::Record { name, .. } | Type::Enum { name, .. } if linked(name) => {
            format!("[`{name}`](#{})", name.to_lowercase())
        }
        Type::Record { name, .. } | Type::Enum { name, .. } => format!("`{name}`"),
        other => format!("{other:?}"),
    }
}

/// The default of a field; empty if it has none.
pub(super) fn default_in_words(field: &Argument) -> String {
    let Some(default) = &field.default else { return String::new() };
    match (default, &field.ty) {
        (_, Type::Optional { .. }) => "none".to_owned(),
        (DefaultValue::Literal(Literal::Boolean(value)), _) => value.to_string(),
        (DefaultValue::Literal(Literal::Int(value, ..)), _) => value.to_string(),
        (DefaultValue::Literal(Literal::UInt(value, ..)), _) => value.to_string(),
        (DefaultValue::Literal(Literal::Float(value, ..)), _) => value.clone(),
        (_, Type::Int32 | Type::Int64 | Type::Float64) => "0".to_owned(),
        (_, Type::Boolean) => "false".to_owned(),
        _ => "empty".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample::argument;

    #[test]
    fn a_default_is_told_in_words() {
        let optional = Type::Optional { inner_type: Box::new(Type::String) };
        for (ty, default, words) in [
            (Type::String, None, ""),
            (Type::String, Some(DefaultValue::Default), "empty"),
            (Type::Int64, Some(DefaultValue::Default), "0"),
            (Type::Boolean, Some(DefaultValue::Default), "false"),
            (Type::Boolean, Some(DefaultValue::Literal(Literal::Boolean(true))), "true"),
            (optional, Some(DefaultValue::Default), "none"),
        ] {
            assert_eq!(default_in_words(&argument("a", "", ty, default)), words);
        }
    }
}
