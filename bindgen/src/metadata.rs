//! Reads the metadata in the library: its types, and its open number lists.

use anyhow::{Context, Result, bail, ensure};
use camino::Utf8Path;
use uniffi_bindgen::{
    BindgenLoader, BindgenPaths, ComponentInterface, GlobalConfig,
    interface::{Enum, Literal, Type, Variant},
};

/// Reads the metadata that uniffi's macros left in a library (`.so`, `.dylib`, `.dll` or `.a`), before it is stripped.
pub fn load(library: &Utf8Path) -> Result<ComponentInterface> {
    let loader = BindgenLoader::new(BindgenPaths::default(), GlobalConfig::default());
    let metadata =
        loader.load_metadata(library).with_context(|| format!("cannot read uniffi's metadata from {library}"))?;
    let mut interfaces = loader.load_cis(metadata)?;
    ensure!(interfaces.len() == 1, "{library} exports {} crates, this generator knows one", interfaces.len());
    Ok(interfaces.remove(0))
}

/// Names for the known numbers of a field. Other numbers in that field are passed on unchanged.
///
/// In Rust it is an enum without data whose numbers are declared `#[repr(i32)]`; an enum without a `repr` is an
/// ordinary closed one and stays with uniffi's generator.
pub struct NumberList {
    pub name: String,
    pub docs: String,
    pub numbers: Vec<Number>,
}

/// One name and its number.
pub struct Number {
    /// As Rust writes it: `SecretChat`.
    pub name: String,
    pub docs: String,
    pub value: i32,
}

/// The number lists, by name.
pub fn number_lists(interface: &ComponentInterface) -> Result<Vec<NumberList>> {
    interface.enum_definitions().iter().filter(|each| is_number_list(each)).map(number_list).collect()
}

pub(crate) fn is_number_list(each: &Enum) -> bool {
    each.variant_discr_type().is_some() && each.is_flat()
}

/// Whether it is an enum without data that stays with uniffi's generator.
pub(crate) fn is_closed_list(interface: &ComponentInterface, each: &Enum) -> bool {
    each.is_flat() && !is_number_list(each) && !interface.is_name_used_as_error(each.name())
}

fn number_list(each: &Enum) -> Result<NumberList> {
    let name = each.name();
    ensure!(each.variant_discr_type() == &Some(Type::Int32), "{name} must be #[repr(i32)], as the fields it names are");
    Ok(NumberList { name: name.into(), docs: each.docstring().unwrap_or_default().into(), numbers: numbers(each)? })
}

/// The members of an enum without data, in their order.
pub(crate) fn numbers(each: &Enum) -> Result<Vec<Number>> {
    let number = |(index, variant): (usize, &Variant)| {
        let value = match each.variant_discr(index)? {
            Literal::Int(value, ..) => i32::try_from(value)?,
            Literal::UInt(value, ..) => i32::try_from(value)?,
            other => bail!("{}::{} is {other:?}, not a number", each.name(), variant.name()),
        };
        Ok(Number { name: variant.name().into(), docs: variant.docstring().unwrap_or_default().into(), value })
    };
    each.variants().iter().enumerate().map(number).collect()
}
