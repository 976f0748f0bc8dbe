//! Kotlin: the number lists as constants, which Java sees as `static final int`, and our changes to what uniffi writes.

mod builders;
mod calls;
mod client;
mod comments;
mod errors;
mod hiding;
pub mod machinery;
mod outbox;
mod records;
mod sandbox;

use anyhow::{Result, bail};
use heck::{ToLowerCamelCase, ToShoutySnakeCase};
use uniffi_bindgen::interface::Type;

pub use builders::builders;
pub use client::clients;
pub use errors::{errors, outbox_errors};
pub use outbox::{coroutine_outbox, outbox};
pub use sandbox::sandbox;

use crate::{docs, metadata::NumberList};

/// `NativeCall.kt`: the code by which the calls are made that `calls.rs` writes.
pub const NATIVE_CALL: &str = include_str!("NativeCall.kt");

/// `Numbers.kt`.
pub fn numbers(lists: &[NumberList], package: &str) -> String {
    let objects: String = lists.iter().map(object).collect();
    format!("// Generated from the Rust enums of the same names. Do not edit.\n\npackage {package}\n{objects}")
}

fn object(list: &NumberList) -> String {
    let constants: Vec<String> = list
        .numbers
        .iter()
        .map(|number| {
            let name = number.name.to_shouty_snake_case();
            format!("{}    const val {name}: Int = {}\n", comment(&number.docs, "    "), number.value)
        })
        .collect();
    format!("\n{}object {} {{\n{}}}\n", comment(&list.docs, ""), list.name, constants.join("\n"))
}

fn comment(text: &str, indent: &str) -> String {
    // Comments nest in Kotlin, so both the beginning and the end of one would break this comment.
    let text = docs::without_links(text).replace("*/", "* /").replace("/*", "/ *");
    match text.lines().count() {
        0 => String::new(),
        1 => format!("{indent}/** {text} */\n"),
        _ => {
            let lines: String =
                text.lines().map(|line| format!("{indent} * {line}").trim_end().to_owned() + "\n").collect();
            format!("{indent}/**\n{lines}{indent} */\n")
        }
    }
}

fn camel(name: &str) -> String {
    name.to_lower_camel_case()
}

fn type_name(ty: &Type) -> Result<String> {
    Ok(match ty {
        Type::Int32 => "Int".into(),
        Type::Int64 => "Long".into(),
        Type::Float64 => "Double".into(),
        Type::Boolean => "Boolean".into(),
        Type::Duration => "Duration".into(),
        Type::String => "String".into(),
        Type::Bytes => "ByteArray".into(),
        Type::Record { name, .. } | Type::Enum { name, .. } => name.clone(),
        Type::Optional { inner_type } => format!("{}?", type_name(inner_type)?),
        Type::Sequence { inner_type } => format!("List<{}>", type_name(inner_type)?),
        other => bail!("{other:?} is a type that Kotlin's calls do not know"),
    })
}
