//! `Builders.kt`: builders for the larger records, for Java, which has no named arguments.

use anyhow::Result;
use askama::Template;
use heck::{ToLowerCamelCase, ToSnakeCase};
use uniffi_bindgen::{ComponentInterface, interface::Type};

use super::{camel, client::in_kotlin, comments, type_name};
use crate::{
    api::{self, Argument, ErrorKind},
    docs, public, rules,
};

/// The template of `Builders.kt`; it only prints.
#[derive(Template)]
#[template(path = "kotlin/Builders.kt", escape = "none")]
struct Builders<'a> {
    builders: Vec<Builder<'a>>,
}

struct Builder<'a> {
    record: &'a str,
    /// The name of a record's variable in Java's example and in the builder: `options` for `ClientOptions`.
    variable: String,
    /// The fields that have no default: as parameters, as named arguments, and as the example passes them.
    required: String,
    named: String,
    passed: String,
    /// A field that is set in the example.
    example: String,
    setters: Vec<Setter>,
}

struct Setter {
    docs: String,
    name: String,
    ty: String,
}

/// `Builders.kt`: a builder for each public record of which many fields have a default.
pub fn builders(interface: &ComponentInterface, errors: &[ErrorKind]) -> Result<String> {
    let public = public::public(interface, &public::WHOLE);
    let records = interface.record_definitions().iter().filter(|record| public.contains(record.name()));
    let records = records.map(|record| (record.name(), api::fields(record.fields())));
    let builders = records.filter(|(_, fields)| rules::has_builder(fields));
    let builders = builders.map(|(name, fields)| builder(name, &fields, errors)).collect::<Result<_>>()?;
    Ok(comments::in_kotlin(&Builders { builders }.render()?) + "\n")
}

fn builder<'a>(record: &'a str, fields: &[Argument], errors: &[ErrorKind]) -> Result<Builder<'a>> {
    let snake = record.to_snake_case();
    let required: Vec<&Argument> = fields.iter().filter(|field| field.default.is_none()).collect();
    let names: Vec<String> = required.iter().map(|field| camel(&field.name)).collect();
    let declared = required.iter().zip(&names).map(|(field, name)| Ok(format!("{name}: {}", type_name(&field.ty)?)));
    let declared: Vec<String> = declared.collect::<Result<_>>()?;
    // With names, because fields with a default may stand between them.
    let named: Vec<String> = names.iter().map(|name| format!("{name} = {name}")).collect();
    let example = fields.iter().find(|field| field.default.is_some()).map(|field| camel(&field.name));
    Ok(Builder {
        record,
        variable: snake.rsplit('_').next().unwrap_or(&snake).to_lower_camel_case(),
        required: declared.join(", "),
        named: named.join(", "),
        passed: names.join(", "),
        example: example.map(|name| format!(".{name}(…)")).unwrap_or_default(),
        setters: fields.iter().map(|field| setter(field, errors)).collect::<Result<_>>()?,
    })
}

/// The type of a setter's argument: it need not accept null, because a field that is not set stays null.
fn setter(field: &Argument, errors: &[ErrorKind]) -> Result<Setter> {
    let ty = match &field.ty {
        Type::Optional { inner_type } => inner_type,
        ty => ty,
    };
    Ok(Setter {
        docs: docs::wrapped(&in_kotlin(&field.docs, errors), WIDTH, "", ""),
        name: camel(&field.name),
        ty: type_name(ty)?,
    })
}

const WIDTH: usize = 113;

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::DefaultValue;

    use super::*;
    use crate::api::sample::argument;

    #[test]
    fn a_builder_has_what_is_required_first_and_each_field() {
        let part = Type::Optional { inner_type: Box::new(Type::String) };
        let fields = [
            argument("pin_text", "What is\npinned.", part, Some(DefaultValue::Default)),
            argument("note_id", "Its `note_id`.", Type::Int64, None),
        ];
        let builders = vec![builder("BigNote", &fields, &[]).unwrap()];
        let printed = comments::in_kotlin(&Builders { builders }.render().unwrap());
        for wanted in [
            " * BigNote note = new BigNoteBuilder(noteId).pinText(…).build();\n",
            "\nclass BigNoteBuilder(private var note: BigNote) {\n    /** Begins with what has no default. */\n    \
             constructor(noteId: Long) : this(BigNote(noteId = noteId))\n",
            "    /**\n     * What is pinned.\n     */\n    fun pinText(value: String) = change { copy(pinText = value) }\n",
            "    /**\n     * Its `noteId`.\n     */\n    fun noteId(value: Long) = change { copy(noteId = value) }\n",
        ] {
            assert!(printed.contains(wanted), "{wanted}{printed}");
        }
    }
}
