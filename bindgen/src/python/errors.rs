//! `_errors.py` and `_outbox_errors.py`: a class for each error of a call, and of an outbox. The class `Interrupted` has more than its
//! fields; it is written by hand in the template.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use askama::Template;
use uniffi_bindgen::interface::Type;

use super::{client::parameter, docstring, section};
use crate::{
    api::{Api, Argument, ERROR, ErrorKind},
    docs, rules,
};

/// The template of `_errors.py`; it only prints.
#[derive(Template)]
#[template(path = "python/errors.py", escape = "none")]
struct Errors<'a> {
    /// The class from which those below inherit.
    base: &'static str,
    /// All classes, in Rust's order.
    names: Vec<&'a str>,
    /// The classes that have only the fields of their error.
    errors: Vec<Class<'a>>,
}

struct Class<'a> {
    name: &'a str,
    docs: String,
    parameters: Vec<String>,
    fields: Vec<&'a str>,
    passed: String,
}

/// The template of `_outbox_errors.py`; it only prints.
#[derive(Template)]
#[template(path = "python/outbox_errors.py", escape = "none")]
struct OutboxErrors<'a> {
    base: &'static str,
    errors: Vec<Class<'a>>,
    /// The errors that are the client's.
    of_the_client: Vec<&'a str>,
    /// The lists that fields name, and the module with uniffi's generated code, which has them.
    enums: BTreeSet<&'a str>,
    native: &'a str,
    /// One of the errors, whichever.
    any: &'a str,
}

/// `_outbox_errors.py`. `native` is the module with uniffi's generated code, relative to the package.
pub fn outbox_errors(api: &Api, native: &str) -> Result<String> {
    let (of_the_client, own) = rules::of_the_client(&api.outbox_errors, &api.errors);
    let types = own.iter().flat_map(|kind| &kind.fields).flat_map(|field| field.ty.iter_types());
    let enums = types.filter_map(|ty| match ty {
        Type::Enum { name, .. } if name != ERROR => Some(name.as_str()),
        _ => None,
    });
    let printed = OutboxErrors {
        base: "OutboxError",
        enums: enums.collect(),
        native,
        any: &own.first().context("the outbox has no error of its own")?.name,
        of_the_client: of_the_client.into_iter().map(|kind| kind.name.as_str()).collect(),
        errors: own.into_iter().map(class).collect::<Result<_>>()?,
    };
    Ok(printed.render()? + "\n")
}

/// `_errors.py`.
pub fn errors(api: &Api) -> Result<String> {
    let outcomes: Vec<&ErrorKind> = api.errors.iter().filter(|kind| rules::is_outcome(kind)).collect();
    let names = outcomes.iter().map(|kind| kind.name.as_str()).collect();
    let generated = outcomes.into_iter().filter(|kind| !rules::is_interrupt(kind));
    Ok(Errors { base: "MessageError", names, errors: generated.map(class).collect::<Result<_>>()? }.render()? + "\n")
}

fn class(kind: &ErrorKind) -> Result<Class<'_>> {
    let fields: Vec<&str> = kind.fields.iter().map(|field| field.name.as_str()).collect();
    let meanings = kind.fields.iter().map(|field| (field.name.clone(), field.docs.clone()));
    let text = docs::wrapped(&kind.docs, WIDTH, "", "");
    Ok(Class {
        name: &kind.name,
        docs: docstring(&format!("{}{}", text.trim(), section("Attributes", meanings)), "    ").trim_end().to_owned(),
        parameters: kind.fields.iter().map(in_python).collect::<Result<_>>()?,
        passed: fields.join(", "),
        fields,
    })
}

fn in_python(field: &Argument) -> Result<String> {
    parameter(&rules::with_error_of_the_facade(field, "MessageError"), false)
}

const WIDTH: usize = 110;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::sample;

    #[test]
    fn an_error_has_its_fields_and_passes_them_on_for_whoever_copies_it() {
        let field = |name: &str, ty| Argument { name: name.into(), docs: format!("Its {name}."), ty, default: None };
        let fields = rules::with_obvious_defaults(vec![
            field("reason", Type::String),
            field("attempts", Type::Int32),
            field("offset", Type::Optional { inner_type: Box::new(Type::Int64) }),
        ]);
        let lost = ErrorKind { name: "Lost".into(), docs: "It is\nlost.".into(), fields };
        let given_up = ErrorKind { name: "Interrupted".into(), docs: String::new(), fields: Vec::new() };
        let waits = ErrorKind { name: "Pending".into(), docs: String::new(), fields: Vec::new() };
        let printed = errors(&sample::api(Vec::new(), vec![lost, given_up, waits])).unwrap();
        let wanted = r#"

class Lost(MessageError):
    """It is lost.

    Attributes:
        reason: Its reason.
        attempts: Its attempts.
        offset: Its offset.
    """

    def __init__(
        self,
        reason: str,
        attempts: int = 1,
        offset: Optional[int] = None,
    ) -> None:
        super().__init__(reason, attempts, offset)
        self.reason = reason
        self.attempts = attempts
        self.offset = offset


class Interrupted(MessageError):
"#;
        assert!(printed.contains(wanted), "{printed}");
        assert!(printed.contains("\nVARIANTS = (\n    Lost,\n    Interrupted,\n)\n"), "{printed}");
    }

    #[test]
    fn an_error_of_an_outbox_is_the_clients_or_has_a_class_of_its_own() {
        let printed = outbox_errors(&sample::with_outbox_errors(), "._native.sample").unwrap();
        for wanted in [
            "from ._errors import Refused, MessageError\n",
            "    from ._native.sample import State\n",
            "        Stuck: ClassVar[type[Stuck]]\n        Call: ClassVar[type[Call]]\n",
            "class Stuck(OutboxError):\n    \"\"\"It is stuck.\n\n    Attributes:\n        note_id: Its id.\n",
            "        note_id: int,\n        state: Optional[State] = None,\n    ) -> None:\n        super().__init__(note_id, state)\n",
            "        error: MessageError,\n",
            "VARIANTS = (\n    Stuck,\n    Call,\n)\n",
            "_of_the_client = (\n    Refused,\n)\n",
        ] {
            assert!(printed.contains(wanted), "{wanted}\n{printed}");
        }
        assert!(!printed.contains("class Refused"), "{printed}");
    }
}
