//! `_packing.py`: for each record a function that returns all its bytes for the library at once.
//!
//! The code of uniffi makes several calls per field, and checks each field in a separate pass.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase;
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Record, Type},
};

const HEAD: &str = include_str!("packing.py");

/// `_packing.py`: of the records that objects' methods take, and that hold nothing but texts, numbers, flags, bytes,
/// lists and such records.
pub fn packing(interface: &ComponentInterface) -> String {
    let records: BTreeMap<&str, &Record> =
        interface.record_definitions().iter().map(|record| (record.name(), record)).collect();
    let records = Records(records);
    // What the functions of the head use.
    let mut shapes = BTreeSet::from(["b", "i", "q"].map(str::to_owned));
    let mut packed = Vec::new();
    let mut functions = String::new();
    let wanted = records.taken_by_methods(interface);
    for record in interface.record_definitions() {
        if wanted.contains(record.name()) {
            packed.push(record.name());
            functions += &function(&records, record, &mut shapes);
        }
    }
    let shapes: String =
        shapes.iter().map(|shape| format!("_{shape} = Struct(\">{}\").pack\n", shape.replace(FLAG, "?"))).collect();
    let by_name: String = packed.iter().map(|name| format!("    \"{name}\": {},\n", name.to_snake_case())).collect();
    format!(
        "{HEAD}\n\n{shapes}{functions}\n\n# The function of each record.\n\
         OF: dict[str, Callable[[Any], bytes]] = {{\n{by_name}}}\n"
    )
}

/// A flag in a shape's name.
const FLAG: char = 'b';

struct Records<'a>(BTreeMap<&'a str, &'a Record>);

impl<'a> Records<'a> {
    /// Those that methods take, alone or in lists, and those in lists of theirs.
    fn taken_by_methods(&self, interface: &'a ComponentInterface) -> BTreeSet<&'a str> {
        let methods = interface.object_definitions().iter().flat_map(|object| object.methods());
        let taken = methods.flat_map(|method| method.arguments().into_iter().flat_map(|each| each.iter_types()));
        let mut found: Vec<&Type> = taken.collect();
        let mut names = BTreeSet::new();
        while let Some(ty) = found.pop() {
            if let Type::Record { name, .. } = ty
                && self.can_cross(ty)
                && let Some((name, record)) = self.0.get_key_value(name.as_str())
                && names.insert(*name)
            {
                found.extend(record.fields().iter().flat_map(|field| field.iter_types()));
            }
        }
        names
    }

    fn can_cross(&self, ty: &Type) -> bool {
        match ty {
            Type::Int32 | Type::Int64 | Type::Boolean | Type::String | Type::Bytes => true,
            Type::Optional { inner_type } | Type::Sequence { inner_type } => self.can_cross(inner_type),
            Type::Record { name, .. } => self
                .0
                .get(name.as_str())
                .is_some_and(|record| record.fields().iter().all(|field| self.can_cross(&field.as_type()))),
            _ => false,
        }
    }
}

fn function(records: &Records<'_>, record: &Record, shapes: &mut BTreeSet<String>) -> String {
    let mut body = Body::default();
    body.record(records, "value", record);
    body.flush();
    shapes.append(&mut body.shapes);
    let parts: String = body.parts.iter().map(|part| format!("            {part},\n")).collect();
    format!(
        "\n\ndef {}(value: Any) -> bytes:\n    \"\"\"The bytes of a record of the class {}.\"\"\"\n{}    return b\"\".join(\n        (\n{parts}        )\n    )\n",
        record.name().to_snake_case(),
        record.name(),
        body.statements,
    )
}

/// The first statements of a function, and the parts that it joins.
#[derive(Default)]
struct Body {
    statements: String,
    parts: Vec<String>,
    /// Numbers that follow each other and are packed together: the letters of their format, and the numbers.
    row: (String, Vec<String>),
    shapes: BTreeSet<String>,
    names: usize,
}

impl Body {
    fn record(&mut self, records: &Records<'_>, value: &str, record: &Record) {
        self.statements +=
            &format!("    if not isinstance({value}, _records.{}):\n        raise TypeError\n", record.name());
        for field in record.fields() {
            self.value(records, &format!("{value}.{}", field.name()), &field.as_type());
        }
    }

    fn value(&mut self, records: &Records<'_>, value: &str, ty: &Type) {
        match ty {
            Type::Int32 => self.number('i', value.into()),
            Type::Int64 => self.number('q', value.into()),
            Type::Boolean => {
                let name = self.named(value);
                self.statements +=
                    &format!("    if {name} is not True and {name} is not False:\n        raise TypeError\n");
                self.number(FLAG, name);
            }
            Type::String => {
                let name = self.named(&format!("_encode({value})"));
                self.number('i', format!("len({name})"));
                self.part(name);
            }
            Type::Bytes => {
                let name = self.named(value);
                self.statements += &format!("    if not isinstance({name}, bytes):\n        raise TypeError\n");
                self.number('i', format!("len({name})"));
                self.part(name);
            }
            Type::Record { name: kind, .. } => {
                let name = self.named(value);
                if let Some(record) = records.0.get(kind.as_str()) {
                    self.record(records, &name, record);
                }
            }
            Type::Optional { inner_type } => self.part(format!("_optional({value}, {})", packer(inner_type))),
            Type::Sequence { inner_type } => self.part(format!("_list({value}, {})", packer(inner_type))),
            other => unreachable!("{other:?} cannot cross"),
        }
    }

    fn named(&mut self, value: &str) -> String {
        self.names += 1;
        let name = format!("v{}", self.names);
        self.statements += &format!("    {name} = {value}\n");
        name
    }

    fn number(&mut self, shape: char, value: String) {
        self.row.0.push(shape);
        self.row.1.push(value);
    }

    fn part(&mut self, part: String) {
        self.flush();
        self.parts.push(part);
    }

    fn flush(&mut self) {
        let (shape, values) = std::mem::take(&mut self.row);
        if !shape.is_empty() {
            self.parts.push(format!("_{shape}({})", values.join(", ")));
            self.shapes.insert(shape);
        }
    }
}

/// The function that packs one value of a type.
fn packer(ty: &Type) -> String {
    match ty {
        Type::Int32 => "_i".into(),
        Type::Int64 => "_q".into(),
        Type::Boolean => "_flag".into(),
        Type::String => "_text".into(),
        Type::Bytes => "_octets".into(),
        Type::Record { name, .. } => name.to_snake_case(),
        Type::Optional { inner_type } => format!("lambda value: _optional(value, {})", packer(inner_type)),
        Type::Sequence { inner_type } => format!("lambda value: _list(value, {})", packer(inner_type)),
        other => unreachable!("{other:?} cannot cross"),
    }
}
