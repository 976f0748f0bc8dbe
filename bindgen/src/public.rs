//! What users meet: whatever a signature of the facades reaches. All else that is exported is for the facades alone.

use std::collections::BTreeSet;

use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Type},
};

use crate::{metadata, rules, wrappers};

/// The records and enums that users meet. `whole` are those records which a language's facade takes whole although they are
/// the only argument of a method: a habit, which no rule tells.
pub fn public(interface: &ComponentInterface, whole: &[&str]) -> BTreeSet<String> {
    let mut open = types_given(interface, whole);
    open.extend(types_got(interface));
    let shown = interface.record_definitions().iter().filter(|record| SHOWN_BY_THE_FACADES.contains(&record.name()));
    open.extend(shown.map(|record| record.as_type()));
    open.retain(|ty| !names_in(ty).any(|name| FOR_THE_FACADES.contains(&name)));
    reached(interface, open)
}

/// What is exported, and not for users: all objects, which the facades wrap, and the records and enums that nothing public
/// reaches. The number lists are no types of any signature, and public.
pub fn internal(interface: &ComponentInterface, whole: &[&str]) -> BTreeSet<String> {
    let public = public(interface, whole);
    let objects = interface.object_definitions().iter().map(|object| object.name());
    let records = interface.record_definitions().iter().map(|record| record.name());
    let enums = interface.enum_definitions().iter().filter(|each| !metadata::is_number_list(each));
    let names = objects.chain(records).chain(enums.map(|each| each.name()));
    names.filter(|name| !public.contains(*name)).map(str::to_owned).collect()
}

/// An answer made to order is a record in Kotlin and in Swift, although it is the only argument of its method.
pub const WHOLE: [&str; 1] = ["ScriptedAnswer"];

/// What a facade gives as it comes although no call does: the numbers of a client, and those of an outbox.
const SHOWN_BY_THE_FACADES: [&str; 3] = ["ClientStats", "OutboxStatus", "PutCounts"];
/// What a facade takes apart, wherever it gets it from: it goes to the application's own log.
const FOR_THE_FACADES: [&str; 3] = ["CallRecord", "LogLine", "MulticastEach"];

/// The arguments of the facades of a sandbox's constructor: a record there, which may be left out.
const SPREAD_BY_THE_FACADES: &str = "SandboxOptions";

/// What methods, constructors and functions take, less the records that are spread; and the contents.
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

/// What calls and functions give. What another method of an object gives by itself, such as the news of many messages, the
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

/// The types of a record's fields, or of what an enum's variants hold.
fn parts(interface: &ComponentInterface, ty: &Type) -> Vec<Type> {
    let of = |name: &str| {
        let record = interface.get_record_definition(name).into_iter().flat_map(|record| record.fields());
        let variants = interface.get_enum_definition(name).into_iter().flat_map(|each| each.variants());
        record.chain(variants.flat_map(|variant| variant.fields())).map(|field| field.as_type()).collect::<Vec<_>>()
    };
    names_in(ty).flat_map(of).collect()
}

/// The records and enums that a type is made of.
fn names_in(ty: &Type) -> impl Iterator<Item = &str> {
    ty.iter_types().filter_map(|each| match each {
        Type::Record { name, .. } | Type::Enum { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// All that types lead to. An error of the library's ends that: whatever holds one, the facade makes its own of.
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
