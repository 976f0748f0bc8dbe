//! Swift: the number lists as static members of an enum without cases, which nobody can make a value of.

use heck::ToLowerCamelCase;

use crate::{docs, metadata::NumberList};

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

fn member_name(rust_name: &str) -> String {
    const RESERVED: [&str; 9] = ["case", "default", "false", "in", "init", "nil", "public", "self", "true"];
    let name = rust_name.to_lower_camel_case();
    if RESERVED.contains(&name.as_str()) { format!("`{name}`") } else { name }
}

fn comment(text: &str, indent: &str) -> String {
    let line = |line: &str| format!("{indent}/// {line}").trim_end().to_owned() + "\n";
    docs::without_links(text).lines().map(line).collect()
}
