//! Functions, and methods of records and enums, that the library exports under a name that begins with `native_`.
//!
//! The code that uniffi generates throws uniffi's error from them. The facade has errors of its own; therefore each of them gets a
//! wrapper with the plain name, which turns one error into the other.

use heck::ToSnakeCase;
use uniffi_bindgen::{
    ComponentInterface,
    interface::{Argument, Type},
};

/// The prefix of the functions that are wrapped.
pub const PREFIX: &str = "native_";

/// The method of records that makes them contents, which the sending methods take.
pub const TO_PAYLOAD: &str = "to_payload";

/// One function or method to wrap.
pub struct Wrapper {
    /// The record or enum whose method it is; None for a function.
    pub owner: Option<String>,
    /// Its name in Rust without the prefix; for a function that belongs to a record, also without the name of that record.
    pub name: String,
    /// Whether it is a function that belongs to a record: its name begins with that of the record.
    pub is_static: bool,
    native: String,
    pub docs: String,
    pub arguments: Vec<Argument>,
    pub returns: Option<Type>,
}

impl Wrapper {
    /// Its name in the code of uniffi.
    pub fn native_name(&self) -> String {
        self.native.clone()
    }
}

/// Everything to wrap, functions first.
pub fn wrappers(interface: &ComponentInterface) -> Vec<Wrapper> {
    let functions = interface.function_definitions().iter().filter_map(|function| {
        let arguments = function.arguments().into_iter().cloned().collect();
        let own = wrapper(None, function.name(), function.docstring(), arguments, function.return_type())?;
        let records = interface.record_definitions().iter().map(|record| record.name());
        let owner = records
            .filter(|name| own.name.starts_with(&format!("{}_", name.to_snake_case())))
            .max_by_key(|name| name.len());
        Some(match owner {
            Some(owner) => Wrapper {
                name: own.name[owner.to_snake_case().len() + 1..].to_owned(),
                owner: Some(owner.to_owned()),
                is_static: true,
                ..own
            },
            None => own,
        })
    });
    let of_records = interface.record_definitions().iter().map(|record| (record.name(), record.methods()));
    let of_enums = interface.enum_definitions().iter().map(|each| (each.name(), each.methods()));
    let methods = of_records.chain(of_enums).flat_map(|(owner, methods)| {
        methods.iter().filter_map(move |method| {
            let arguments = method.arguments().into_iter().cloned().collect();
            wrapper(Some(owner), method.name(), method.docstring(), arguments, method.return_type())
        })
    });
    functions.chain(methods).collect()
}

fn wrapper(
    owner: Option<&str>,
    name: &str,
    docs: Option<&str>,
    arguments: Vec<Argument>,
    returns: Option<&Type>,
) -> Option<Wrapper> {
    Some(Wrapper {
        owner: owner.map(Into::into),
        name: name.strip_prefix(PREFIX)?.into(),
        is_static: false,
        native: name.into(),
        docs: docs.unwrap_or_default().into(),
        arguments,
        returns: returns.cloned(),
    })
}
