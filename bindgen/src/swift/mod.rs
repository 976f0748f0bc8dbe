//! Swift: the number lists as static members of an enum without cases, which nobody can make a value of, and the
//! wrappers as functions and methods of the same names.

mod client;
mod durations;
mod errors;
mod hiding;
pub mod machinery;
mod outbox;
mod sandbox;
mod spelling;

pub use client::{answers, clients};
pub use durations::durations;
pub use errors::{errors, outbox_errors};
pub use outbox::outboxes;
pub use sandbox::sandbox;

use anyhow::{Result, bail};
use heck::ToLowerCamelCase;
use uniffi_bindgen::interface::{Argument, AsType, Type};

use crate::{
    docs,
    metadata::NumberList,
    wrappers::{TO_PAYLOAD, Wrapper},
};

/// `Numbers.swift`.
pub fn numbers(lists: &[NumberList]) -> String {
    let namespaces: String = lists.iter().map(namespace).collect();
    format!("// Generated from the Rust enums of the same names. Do not edit.\n{namespaces}")
}

fn namespace(list: &NumberList) -> String {
    let members: Vec<String> = list
        .numbers
        .iter()
        .map(|number| {
            let name = member_name(&number.name);
            format!("{}    public static let {name}: Int32 = {}\n", comment(&number.docs, "    "), number.value)
        })
        .collect();
    format!("\n{}public enum {} {{\n{}}}\n", comment(&list.docs, ""), list.name, members.join("\n"))
}

/// `Contents.swift`: the wrappers. A record or enum that lays itself out as a payload is a `Content`.
pub fn wrappers(wrappers: &[Wrapper]) -> Result<String> {
    let functions: String = wrappers.iter().map(wrapper).collect::<Result<_>>()?;
    Ok(format!(
        "// Generated from the Rust functions and methods of the same names. Do not edit.\n\nimport Foundation\n{functions}"
    ))
}

fn wrapper(wrapper: &Wrapper) -> Result<String> {
    let Some(owner) = &wrapper.owner else {
        return Ok(format!("\n{}", function(wrapper, "")?));
    };
    let conformance = if wrapper.name == TO_PAYLOAD { ": Content" } else { "" };
    Ok(format!("\nextension {owner}{conformance} {{\n{}}}\n", function(wrapper, "    ")?))
}

fn function(wrapper: &Wrapper, indent: &str) -> Result<String> {
    let (name, native) = (wrapper.name.to_lower_camel_case(), wrapper.native_name().to_lower_camel_case());
    // The only argument of a function needs no label.
    let bare = (wrapper.owner.is_none() || wrapper.is_static) && wrapper.arguments.len() == 1;
    let parameters: Vec<String> = wrapper.arguments.iter().map(|each| parameter(each, bare)).collect::<Result<_>>()?;
    let passed = wrapper.arguments.iter().map(|argument| {
        let name = argument.name().to_lower_camel_case();
        format!("{name}: {name}")
    });
    let (parameters, passed) = (parameters.join(", "), passed.collect::<Vec<_>>().join(", "));
    let returns = match &wrapper.returns {
        Some(ty) => format!(" -> {}", type_name(ty)?),
        None => String::new(),
    };
    let docs = comment(&wrapper.docs, indent);
    let kind = if wrapper.is_static { "static " } else { "" };
    Ok(format!(
        "{docs}{indent}public {kind}func {name}({parameters}) throws(MessageError){returns} {{\n\
         {indent}    do {{ return try {native}({passed}) }} catch {{ throw MessageError(error) }}\n{indent}}}\n"
    ))
}

fn parameter(argument: &Argument, bare: bool) -> Result<String> {
    let ty = argument.as_type();
    let default = match (&ty, argument.default_value()) {
        (_, None) => "",
        (Type::Optional { .. }, Some(_)) => " = nil",
        (other, Some(default)) => bail!("{default:?} is a default of {other:?} that Swift's wrappers do not know"),
    };
    let label = if bare { "_ " } else { "" };
    Ok(format!("{label}{}: {}{default}", argument.name().to_lower_camel_case(), type_name(&ty)?))
}

fn type_name(ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Int32 => "Int32".into(),
        Type::Int64 => "Int64".into(),
        Type::Float64 => "Double".into(),
        Type::Boolean => "Bool".into(),
        // In seconds, as in Foundation.
        Type::Duration => "TimeInterval".into(),
        Type::String => "String".into(),
        Type::Bytes => "Data".into(),
        Type::Record { name, .. } | Type::Enum { name, .. } => name.clone(),
        Type::Optional { inner_type } => format!("{}?", type_name(inner_type)?),
        Type::Sequence { inner_type } => format!("[{}]", type_name(inner_type)?),
        other => bail!("{other:?} is a type that Swift's wrappers do not know"),
    })
}

fn member_name(rust_name: &str) -> String {
    const RESERVED: [&str; 9] = ["case", "default", "false", "in", "init", "nil", "public", "self", "true"];
    let name = rust_name.to_lower_camel_case();
    if RESERVED.contains(&name.as_str()) { format!("`{name}`") } else { name }
}

fn comment(text: &str, indent: &str) -> String {
    let line = |line: &str| format!("{indent}/// {line}").trim_end().to_owned() + "\n";
    docs::without_links(text).lines().map(line).collect()
}
