//! What users see: all types that the signatures of the facades reach. Everything else that is exported is only for the facades.

use std::collections::BTreeSet;

use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Type},
};

use crate::{metadata, rules, wrappers};

/// The records and enums that users see. `whole` names the records that a language's facade does not spread although they are the
/// only argument of a method; no rule can know this.
pub fn public(interface: &ComponentInterface, whole: &[&str]) -> BTreeSet<String> {
    let mut open = types_given(interface, whole);
    open.extend(types_got(interface));
    let shown = interface.record_definitions().iter().filter(|record| SHOWN_BY_THE_FACADES.contains(&record.name()));
    open.extend(shown.map(|record| record.as_type()));
    open.retain(|ty| !names_in(ty).any(|name| FOR_THE_FACADES.contains(&name)));
    reached(interface, open)
}

/// The exported types that users do not see: all objects, because the facades wrap them, and the records and enums that no public
/// signature reaches. The number lists stand in no signature and are public.
pub fn internal(interface: &ComponentInterface, whole: &[&str]) -> BTreeSet<String> {
    let public = public(interface, whole);
    let objects = interface.object_definitions().iter().map(|object| object.name());
    let records = interface.record_definitions().iter().map(|record| record.name());
    let enums = interface.enum_definitions().iter().filter(|each| !metadata::is_number_list(each));
    let names = objects.chain(records).chain(enums.map(|each| each.name()));
    names.filter(|name| !public.contains(*name)).map(str::to_owned).collect()
}

/// A scripted answer stays a record in Kotlin and Swift, although it is the only argument of its method.
pub const WHOLE: [&str; 1] = ["ScriptedAnswer"];

/// Records that facades return unchanged although no call returns them: the numbers of a client and of an outbox.
const SHOWN_BY_THE_FACADES: [&str; 3] = ["ClientStats", "OutboxStatus", "PutCounts"];
/// Records that facades take apart and never return: they go to the application's log and traces.
const FOR_THE_FACADES: [&str; 6] =
    ["AttemptRecord", "CallRecord", "CallTrace", "LogLine", "MulticastEach", "TraceSpan"];

/// The optional record of a sandbox's constructor, which the facades spread into arguments.
const SPREAD_BY_THE_FACADES: &str = "SandboxOptions";

/// The types of all arguments, without the records that are spread; and the contents.
fn types_given(interface: &ComponentInterface, whole: &[&str]) -> Vec<Type> {
    let mut types = Vec::new();
    for object in interface.object_definitions() {
        for method in object.methods() {
            match method.arguments().as_slice() {
                [only] if is_spread(&only.as_type(), whole) => types.extend(parts(interface, &only.as_type())),
                arguments => types.extend(arguments.iter().map(|argument| argument.as_type())),
            }
        }
        let constructors = object.constructors();
        let taken = constructors.iter().flat_map(|constructor| constructor.arguments());
        for ty in taken.map(|argument| argument.as_type()) {
            let is_spread = names_in(&ty).any(|name| name == SPREAD_BY_THE_FACADES);
            types.extend(if is_spread { parts(interface, &ty) } else { vec![ty] });
        }
    }
    let wrappers = wrappers::wrappers(interface);
    types.extend(wrappers.iter().flat_map(|wrapper| &wrapper.arguments).map(|argument| argument.as_type()));
    let contents = wrappers.iter().filter(|wrapper| wrapper.name == wrappers::TO_PAYLOAD);
    let owners: BTreeSet<&str> = contents.filter_map(|wrapper| wrapper.owner.as_deref()).collect();
    let records = interface.record_definitions().iter().filter(|record| owners.contains(record.name()));
    types.extend(records.map(|record| record.as_type()));
    types
}

fn is_spread(ty: &Type, whole: &[&str]) -> bool {
    matches!(ty, Type::Record { name, .. } if !whole.contains(&name.as_str()))
}

/// The types that calls and functions return. What other methods of an object return, such as the news of many messages, the
/// facade takes apart.
fn types_got(interface: &ComponentInterface) -> Vec<Type> {
    let mut types: Vec<Type> =
        wrappers::wrappers(interface).into_iter().filter_map(|wrapper| wrapper.returns).collect();
    for method in interface.object_definitions().iter().flat_map(|object| object.methods()) {
        match method.return_type() {
            Some(ty @ (Type::Record { .. } | Type::Enum { .. })) if !rules::is_call(method) => {
                types.extend(parts(interface, ty));
            }
            returned => types.extend(returned.cloned()),
        }
    }
    types
}

/// The types of a record's fields, or of the fields of an enum's variants.
fn parts(interface: &ComponentInterface, ty: &Type) -> Vec<Type> {
    let of = |name: &str| {
        let record = interface.get_record_definition(name).into_iter().flat_map(|record| record.fields());
        let variants = interface.get_enum_definition(name).into_iter().flat_map(|each| each.variants());
        record.chain(variants.flat_map(|variant| variant.fields())).map(|field| field.as_type()).collect::<Vec<_>>()
    };
    names_in(ty).flat_map(of).collect()
}

/// The records and enums in a type.
fn names_in(ty: &Type) -> impl Iterator<Item = &str> {
    ty.iter_types().filter_map(|each| match each {
        Type::Record { name, .. } | Type::Enum { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// All types that these types reach. An error of the library reaches nothing: facades replace it by an error of their own.
fn reached(interface: &ComponentInterface, mut open: Vec<Type>) -> BTreeSet<String> {
    let is_error = |name: &str| interface.is_name_used_as_error(name);
    let mut found = BTreeSet::new();
    while let Some(ty) = open.pop() {
        let parts = parts(interface, &ty);
        if names_in(&ty).any(is_error) || parts.iter().flat_map(names_in).any(is_error) {
            continue;
        }
        let new: Vec<&str> = names_in(&ty).filter(|name| !found.contains(*name)).collect();
        if !new.is_empty() {
            found.extend(new.into_iter().map(str::to_owned));
            open.extend(parts);
        }
    }
    found
}
