//! `_records.py`: one dataclass per record, and the function that makes uniffi's module use them instead of its own classes.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Enum, Field, Method, Record, Type},
};

use super::{
    docstring, numbers, section,
    types::{self, Default},
};
use crate::{metadata, rules, wrappers};

/// What every `_records.py` ends with: `install` and `shape_problems`.
const INSTALL: &str = include_str!("install.py");

/// The beginning of the module, with what the classes need.
const BEGINNING: &str = r#"
_set = object.__setattr__


class _Made:
    """Stands for a default that is made anew for each record."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE: Any = _Made()
"#;

/// A hand-written base class for a record, which adds what Rust cannot export (class methods, short-hands).
#[derive(Clone, Debug)]
pub struct Base {
    record: String,
    module: String,
    class: String,
    /// Whether it has a `__post_init__`, with which `__init__` ends.
    looks_at_it: bool,
}

/// The ending in the option `--python-base` that says that the class has a `__post_init__`.
const POST_INIT: &str = ".__post_init__";

impl Base {
    /// `Conversation=._shorthands:ConversationShorthands`, and `.__post_init__` behind it where the class has one.
    pub fn parse(text: &str) -> Result<Self> {
        let parts = text.split_once('=').and_then(|(record, rest)| Some((record, rest.split_once(':')?)));
        let (record, (module, class)) = parts.context("expected RECORD=MODULE:CLASS")?;
        let (class, looks_at_it) = class.strip_suffix(POST_INIT).map_or((class, false), |class| (class, true));
        Ok(Self { record: record.into(), module: module.into(), class: class.into(), looks_at_it })
    }
}

/// `_records.py`. `native` is the module with uniffi's generated code, relative to the package; `frozen` are the records
/// that cannot be changed; those without lists hash therefore.
pub fn records(interface: &ComponentInterface, native: &str, bases: &[Base], frozen: &[String]) -> Result<String> {
    let records = interface.record_definitions();
    for name in bases.iter().map(|base| &base.record).chain(frozen) {
        ensure!(records.iter().any(|each| each.name() == name), "there is no record {name}");
    }
    let classes = records
        .iter()
        .map(|record| {
            let base = bases.iter().find(|base| base.record == record.name());
            let is_frozen = frozen.iter().any(|name| name == record.name());
            class(record, base, is_frozen).with_context(|| format!("record {}", record.name()))
        })
        .collect::<Result<String>>()?;
    let unions = unions(interface);
    let mut natives = native_types(records);
    natives.retain(|name| !unions.iter().any(|union| union.name == *name));
    let names: String = records.iter().map(|record| format!("    \"{}\",\n", record.name())).collect();
    let tail = format!(
        "\n\n{}{}_RECORDS: tuple[type[Any], ...] = {}\n_NATIVE_TYPES: tuple[str, ...] = {}\n{}\n\n{INSTALL}",
        unions.iter().map(|union| union.text.as_str()).collect::<String>(),
        wide_fields(records),
        tuple(records.iter().map(|record| record.name().to_owned())),
        tuple(natives.iter().map(|name| format!("\"{name}\""))),
        enum_docs(interface)?,
    );
    let imports = imports(&format!("{classes}{tail}"), native, &natives, bases);
    Ok(format!(
        r#""""What callers hold. Generated from the Rust records of the same names."""

from __future__ import annotations

{imports}
__all__ = [
{names}]
{BEGINNING}{classes}{tail}"#
    ))
}

/// An enum whose variants each contain only a record, as a union of these records.
struct Union<'a> {
    name: &'a str,
    text: String,
}

fn unions(interface: &ComponentInterface) -> Vec<Union<'_>> {
    fn union(each: &Enum) -> Option<Union<'_>> {
        let records = each.variants().iter().map(|variant| match variant.fields() {
            [only] => Some(only.as_type()).filter(|ty| matches!(ty, Type::Record { .. })),
            _ => None,
        });
        let records: Vec<Type> = records.collect::<Option<_>>()?;
        let names: String = records.iter().map(|ty| format!("    {},\n", types::annotation(ty))).collect();
        Some(Union { name: each.name(), text: format!("{} = Union[\n{names}]\n\n", each.name()) })
    }
    interface.enum_definitions().iter().filter(|each| !each.variants().is_empty()).filter_map(union).collect()
}

/// The integers of 64 bits, by their names, and by their record's as well where others of the name have 32; all others have 32.
fn wide_fields(records: &[Record]) -> String {
    let (mut wide, mut narrow) = (BTreeSet::new(), BTreeSet::new());
    for record in records {
        let fields = record.fields().iter().map(|field| (field.name(), field.as_type()));
        let arguments = record.methods().iter().flat_map(|method| method.arguments());
        let arguments = arguments.map(|argument| (argument.name(), argument.as_type()));
        for (name, ty) in fields.chain(arguments) {
            for each in ty.iter_types() {
                match each {
                    Type::Int64 => _ = wide.insert((name.to_owned(), record.name())),
                    Type::Int32 => _ = narrow.insert(name.to_owned()),
                    _ => {}
                }
            }
        }
    }
    let names: BTreeSet<String> = wide
        .into_iter()
        .map(|(name, record)| if narrow.contains(&name) { format!("{record}.{name}") } else { name })
        .collect();
    let names = tuple(names.into_iter().map(|name| format!("\"{name}\"")));
    format!("# The integers of 64 bits; all others have 32.\nWIDE_FIELDS: frozenset[str] = frozenset({names})\n")
}

/// The classes that records mention and that stay with uniffi's generator: enums and objects.
fn native_types(records: &[Record]) -> BTreeSet<&str> {
    let mentioned = records.iter().flat_map(|record| {
        let methods = record.methods().iter().flat_map(|method| {
            let arguments = method.arguments().into_iter().flat_map(|argument| argument.iter_types());
            arguments.chain(method.return_type().into_iter().flat_map(Type::iter_types))
        });
        record.fields().iter().flat_map(Field::iter_types).chain(methods)
    });
    mentioned
        .filter_map(|ty| match ty {
            Type::Enum { name, .. } | Type::Object { name, .. } | Type::CallbackInterface { name, .. } => {
                Some(name.as_str())
            }
            _ => None,
        })
        .collect()
}

/// The docstrings of the enums that uniffi generates, because `help()` would show nothing of their members.
fn enum_docs(interface: &ComponentInterface) -> Result<String> {
    let docs = |each: &Enum| {
        let docs = numbers::enum_docs(each.docstring().unwrap_or_default(), &metadata::numbers(each)?);
        Ok(format!("    \"{}\": {},\n", each.name(), docstring(&docs, "    ").trim()))
    };
    let enums = interface.enum_definitions().iter().filter(|each| metadata::is_closed_list(interface, each));
    let docs = enums.map(docs).collect::<Result<String>>()?;
    Ok(format!("_ENUM_DOCS: dict[str, str] = {{\n{docs}}}\n"))
}

fn imports(body: &str, native: &str, natives: &BTreeSet<&str>, bases: &[Base]) -> String {
    let mut text = String::new();
    if body.contains("datetime.") {
        text += "import datetime\n";
    }
    text += &typing_import(body, &["TYPE_CHECKING"]);
    if !bases.is_empty() {
        text += "\n";
    }
    for base in bases {
        text += &format!("from {} import {}\n", base.module, base.class);
    }
    text += "\nif TYPE_CHECKING:\n    import dataclasses\n";
    if !natives.is_empty() {
        let names: Vec<&str> = natives.iter().copied().collect();
        text += &format!("\n    from {native} import {}\n", names.join(", "));
    }
    text + "else:\n    from . import _dataclass as dataclasses\n"
}

/// The import of `Any`, of `Optional` and `Union` where `body` uses them, and of `more`.
pub(super) fn typing_import(body: &str, more: &[&str]) -> String {
    let used = ["Optional", "Union"].into_iter().filter(|name| body.contains(&format!("{name}[")));
    let names: Vec<&str> = more.iter().copied().chain(["Any"]).chain(used).collect();
    format!("from typing import {}\n", names.join(", "))
}

fn class(record: &Record, base: Option<&Base>, is_frozen: bool) -> Result<String> {
    let fields = in_argument_order(record.fields());
    let meanings = fields.iter().map(|field| (field.name().to_owned(), meaning(field)));
    let docs = format!("{}{}", record.docstring().unwrap_or_default(), section("Attributes", meanings));
    // What `@dataclass` would add is written out below, because it would be compiled each time the package is imported.
    let frozen = if is_frozen { ", frozen=True" } else { "" };
    let mut text =
        format!("\n\n@dataclasses.dataclass(init=False, repr=False, eq=False{frozen})\nclass {}", record.name());
    if let Some(base) = base {
        text += &format!("({})", base.class);
    }
    text += &format!(":\n{}", docstring(&docs, "    "));
    for each in &fields {
        text += "\n";
        text += &field(each).with_context(|| format!("field {}", each.name()))?;
    }
    text += &construction(&fields, is_frozen, base.is_some_and(|base| base.looks_at_it))?;
    text += &comparison(&fields, is_frozen);
    for each in record.methods() {
        text += &method(record, each).with_context(|| format!("method {}", each.name()))?;
    }
    Ok(text)
}

/// Rust's order, but with the fields that have no default first: callers give arguments by position.
fn in_argument_order(fields: &[Field]) -> Vec<&Field> {
    let (required, optional): (Vec<&Field>, Vec<&Field>) =
        fields.iter().partition(|field| field.default_value().is_none());
    [required, optional].concat()
}

/// Whether a field is a duration that callers give: seconds will do for it.
fn takes_seconds(field: &Field) -> bool {
    rules::is_given_duration(field.default_value(), &field.as_type())
}

/// The text of a field in the record's docstring.
fn meaning(field: &Field) -> String {
    let docs = field.docstring().unwrap_or_default();
    if takes_seconds(field) { format!("{docs} A timedelta, or a number of seconds.") } else { docs.to_owned() }
}

fn annotation(field: &Field) -> String {
    let annotation = types::annotation(&field.as_type());
    if takes_seconds(field) {
        return annotation.replace("datetime.timedelta", "Union[datetime.timedelta, float]");
    }
    annotation
}

fn field(field: &Field) -> Result<String> {
    let annotation = annotation(field);
    let default = match field.default_value() {
        None => String::new(),
        Some(value) => match types::default(value, &field.as_type())? {
            Default::Shared(value) => format!(" = {value}"),
            Default::Made(maker) => format!(" = dataclasses.field(default_factory={maker})"),
        },
    };
    // Editors show the text below a field when they complete its name, and not the docstring of the class.
    let docs = docstring(&meaning(field), "    ");
    Ok(format!("    {}: {annotation}{default}\n{docs}", field.name()))
}

/// `__init__`. A mark stands for a default that is made anew for each record.
fn construction(fields: &[&Field], is_frozen: bool, is_looked_at: bool) -> Result<String> {
    let mut parameters = String::from("self");
    let mut body = String::new();
    for field in fields {
        let name = field.name();
        let mut value = name.to_owned();
        parameters += &format!(", {name}: {}", annotation(field));
        match field.default_value().map(|value| types::default(value, &field.as_type())).transpose()? {
            None => {}
            Some(Default::Shared(default)) => parameters += &format!(" = {default}"),
            Some(Default::Made(maker)) => {
                parameters += " = _MADE";
                let made = maker.strip_prefix("lambda: ").map_or_else(|| format!("{maker}()"), str::to_owned);
                value = format!("{made} if {name} is _MADE else {name}");
            }
        }
        body += &if is_frozen {
            format!("        _set(self, \"{name}\", {value})\n")
        } else {
            format!("        self.{name} = {value}\n")
        };
    }
    if is_looked_at {
        body += "        self.__post_init__()\n";
    }
    if body.is_empty() {
        body += "        pass\n";
    }
    Ok(format!("\n    def __init__({parameters}) -> None:\n{body}"))
}

/// `__repr__` and `__eq__`, and `__hash__` for records that cannot be changed.
fn comparison(fields: &[&Field], is_frozen: bool) -> String {
    let shown: Vec<String> = fields.iter().map(|field| format!("{0}={{self.{0}!r}}", field.name())).collect();
    let values = |of: &str| {
        let values: Vec<String> = fields.iter().map(|field| format!("{of}.{}", field.name())).collect();
        if values.len() == 1 { format!("({},)", values[0]) } else { format!("({})", values.join(", ")) }
    };
    let (ours, theirs) = (values("self"), values("other"));
    let mut text = format!(
        r#"
    def __repr__(self) -> str:
        return f"{{type(self).__qualname__}}({})"

    def __eq__(self, other: Any) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return {ours} == {theirs}
"#,
        shown.join(", "),
    );
    if is_frozen {
        text += &format!("\n    def __hash__(self) -> int:\n        return hash({ours})\n");
    }
    text
}

/// A method that hands over, by `_call`, to the one of uniffi's class, which takes any object with the record's fields.
fn method(record: &Record, method: &Method) -> Result<String> {
    ensure!(!method.is_async(), "async methods of records are not supported");
    let mut parameters = String::from("self");
    let mut arguments = String::new();
    for argument in method.arguments() {
        let ty = argument.as_type();
        parameters += &format!(", {}: {}", argument.name(), types::annotation(&ty));
        if let Some(value) = argument.default_value() {
            match types::default(value, &ty)? {
                Default::Shared(value) => parameters += &format!(" = {value}"),
                Default::Made(_) => bail!("argument {} has a default that can be changed", argument.name()),
            }
        }
        arguments += &format!(", {0}={0}", argument.name());
    }
    let name = method.name().strip_prefix(wrappers::PREFIX).unwrap_or(method.name());
    let (class, generated) = (record.name(), method.name());
    let call = format!("_call(_native[\"{class}\"].{generated}, {class}.{name}, self{arguments})");
    let (returns, body) = match method.return_type() {
        None => ("None".into(), format!("        {call}\n")),
        Some(ty) => {
            let ty = types::annotation(ty);
            (ty.clone(), format!("        result: {ty} = {call}\n        return result\n"))
        }
    };
    let docs = docstring(method.docstring().unwrap_or_default(), "        ");
    Ok(format!("\n    def {name}({parameters}) -> {returns}:\n{docs}{body}"))
}

fn tuple(items: impl Iterator<Item = String>) -> String {
    let lines: String = items.map(|item| format!("    {item},\n")).collect();
    if lines.is_empty() { "()".into() } else { format!("(\n{lines})") }
}
