//! `_errors.py`: a class for each error of a call. The class `Interrupted` has more than its fields; it is written by hand in the
//! template.

use anyhow::Result;
use askama::Template;

use super::{client::parameter, docstring, section};
use crate::{
    api::{Api, ErrorKind},
    docs, rules,
};

/// The template of `_errors.py`; it only prints.
#[derive(Template)]
#[template(path = "python/errors.py", escape = "none")]
struct Errors<'a> {
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

/// `_errors.py`.
pub fn errors(api: &Api) -> Result<String> {
    let outcomes: Vec<&ErrorKind> = api.errors.iter().filter(|kind| rules::is_outcome(kind)).collect();
    let names = outcomes.iter().map(|kind| kind.name.as_str()).collect();
    let generated = outcomes.into_iter().filter(|kind| !rules::is_interrupt(kind));
    Ok(Errors { names, errors: generated.map(class).collect::<Result<_>>()? }.render()? + "\n")
}

fn class(kind: &ErrorKind) -> Result<Class<'_>> {
    let fields: Vec<&str> = kind.fields.iter().map(|field| field.name.as_str()).collect();
    let meanings = kind.fields.iter().map(|field| (field.name.clone(), field.docs.clone()));
    let text = docs::wrapped(&kind.docs, WIDTH, "", "");
    Ok(Class {
        name: &kind.name,
        docs: docstring(&format!("{}{}", text.trim(), section("Attributes", meanings)), "    ").trim_end().to_owned(),
        parameters: kind.fields.iter().map(|field| parameter(field, false)).collect::<Result<_>>()?,
        passed: fields.join(", "),
        fields,
    })
}

const WIDTH: usize = 110;

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::Type;

    use super::*;
    use crate::api::{Argument, sample};

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
}
