//! The stub (`.pyi`) of the module that uniffi generates: all of it but the records, with types that checkers understand, and with
//! our dataclasses instead of uniffi's own records.

use anyhow::Result;
use heck::ToShoutySnakeCase;
use uniffi_bindgen::{
    ComponentInterface,
    interface::{Argument, AsType, Enum, Field, Function, Method, Object, Variant},
};

use super::{numbers, records::typing_import, types};
use crate::metadata;

/// The stub of `native`, a module relative to the package (`._native.sample`), and its place in the package.
pub fn stub(interface: &ComponentInterface, native: &str) -> Result<(String, String)> {
    let path = native.trim_start_matches('.').replace('.', "/") + ".pyi";
    let to_package = ".".repeat(path.split('/').count());
    let closed_enums = interface.enum_definitions().iter().filter(|each| !metadata::is_number_list(each));
    let enums = closed_enums
        .map(|each| match interface.is_name_used_as_error(each.name()) {
            true => Ok(variants(each, "Exception", str::to_owned)),
            false if metadata::is_closed_list(interface, each) => flat_enum(each),
            false => Ok(variants(each, "", str::to_shouty_snake_case)),
        })
        .collect::<Result<String>>()?;
    let objects: String = interface.object_definitions().iter().map(object).collect();
    let functions: String = interface.function_definitions().iter().map(function).collect();
    let records: String = interface
        .record_definitions()
        .iter()
        .map(|record| format!("from {to_package}_records import {0} as {0}\n", record.name()))
        .collect();
    let body = format!(
        "
class InternalError(Exception): ...
{enums}{objects}{functions}
# The converters and the calls into the library.
def __getattr__(name: str) -> Any: ...
"
    );
    let datetime = if body.contains("datetime.") { "import datetime\n" } else { "" };
    let text = format!(
        "# What type checkers see of the generated module. Generated, do not edit.\n\n{datetime}import enum\n{}\n{records}{body}",
        typing_import(&body, &[])
    );
    Ok((path, text))
}

fn flat_enum(each: &Enum) -> Result<String> {
    let body = numbers::enum_body(each.docstring().unwrap_or_default(), &metadata::numbers(each)?);
    let methods: String = each.methods().iter().map(method).collect();
    Ok(format!("\nclass {}(enum.Enum):\n{body}{methods}", each.name()))
}

/// An enum with data: uniffi nests a class a variant, which is at the same time a subclass. Stubs cannot nest a class
/// in its own base, so that the nested name is an attribute here.
fn variants(each: &Enum, base: &str, variant_name: fn(&str) -> String) -> String {
    let name = each.name();
    let base = if base.is_empty() { String::new() } else { format!("({base})") };
    let class = |variant: &Variant| format!("_{name}{}", variant.name());
    let nested = |variant: &Variant| format!("    {}: type[{}]\n", variant_name(variant.name()), class(variant));
    let nested: String = each.variants().iter().map(nested).collect();
    let methods: String = each.methods().iter().map(method).collect();
    let classes: String = each
        .variants()
        .iter()
        .map(|variant| {
            let attribute = |field: &Field| format!("    {}: {}\n", field.name(), annotation(field));
            let attributes: String = variant.fields().iter().map(attribute).collect();
            let parameter = |field: &Field| format!(", {}: {}", field.name(), annotation(field));
            let parameters: String = variant.fields().iter().map(parameter).collect();
            format!(
                "\nclass {}({name}):\n{attributes}    def __init__(self{parameters}) -> None: ...\n",
                class(variant)
            )
        })
        .collect();
    format!("\nclass {name}{base}:\n{nested}{methods}{classes}")
}

fn object(object: &Object) -> String {
    let name = object.name();
    let constructors: String = object
        .constructors()
        .into_iter()
        .map(|each| {
            let parameters = parameters(&each.arguments());
            if each.is_primary_constructor() {
                format!("    def __init__(self{parameters}) -> None: ...\n")
            } else {
                format!("    @classmethod\n    def {}(cls{parameters}) -> {name}: ...\n", each.name())
            }
        })
        .collect();
    let methods: String = object.methods().into_iter().map(method).collect();
    let empty = if constructors.is_empty() && methods.is_empty() { "    ...\n" } else { "" };
    format!("\nclass {name}:\n{constructors}{methods}{empty}")
}

fn function(function: &Function) -> String {
    let keyword = if function.is_async() { "async def" } else { "def" };
    let parameters = parameters(&function.arguments());
    let parameters = parameters.trim_start_matches(", ");
    let returns = function.return_type().map_or("None".into(), types::annotation);
    format!("\n{keyword} {}({parameters}) -> {returns}: ...\n", function.name())
}

fn method(method: &Method) -> String {
    let keyword = if method.is_async() { "async def" } else { "def" };
    let returns = method.return_type().map_or("None".into(), types::annotation);
    format!("    {keyword} {}(self{}) -> {returns}: ...\n", method.name(), parameters(&method.arguments()))
}

fn parameters(arguments: &[&Argument]) -> String {
    let parameter = |argument: &&Argument| {
        let default = if argument.default_value().is_some() { " = ..." } else { "" };
        format!(", {}: {}{default}", argument.name(), annotation(*argument))
    };
    arguments.iter().map(parameter).collect()
}

fn annotation(typed: &impl AsType) -> String {
    types::annotation(&typed.as_type())
}
