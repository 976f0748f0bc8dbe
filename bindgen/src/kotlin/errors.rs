//! `MessageException.kt` and `OutboxException.kt`: a class for each error of a call, and of an outbox, and the function that makes
//! them from the native errors. The class `Interrupted` has more than its fields; it is written by hand in the template.

use anyhow::Result;
use askama::Template;

use super::{
    camel,
    client::{in_kotlin, parameter},
    comments,
};
use crate::{
    api::{Api, Argument, ErrorKind},
    docs, rules,
};

/// The template of `MessageException.kt`; it only prints.
#[derive(Template)]
#[template(path = "kotlin/MessageException.kt", escape = "none")]
struct Errors<'a> {
    /// The classes that have only the fields of their error.
    errors: Vec<Class<'a>>,
    outcomes: Vec<Class<'a>>,
    /// The native errors that no caller gets.
    others: Vec<&'a str>,
}

/// The template of `OutboxException.kt`; it only prints.
#[derive(Template)]
#[template(path = "kotlin/OutboxException.kt", escape = "none")]
struct OutboxErrors<'a> {
    errors: Vec<Class<'a>>,
    /// The errors that are the client's.
    of_the_client: Vec<Class<'a>>,
}

struct Class<'a> {
    name: &'a str,
    docs: String,
    parameters: Vec<String>,
    /// Whether Java may leave out fields in the constructor, because they have a default.
    has_defaults: bool,
    passed: String,
    /// Whether its only field is an error of a call. That has no native error any more, so callers cannot make this one.
    wraps: bool,
}

/// `OutboxException.kt`.
pub fn outbox_errors(api: &Api) -> Result<String> {
    let (of_the_client, errors) = rules::of_the_client(&api.outbox_errors, &api.errors);
    let errors = errors.into_iter().map(|kind| class(kind, &api.errors)).collect::<Result<_>>()?;
    let of_the_client = of_the_client.into_iter().map(|kind| class(kind, &api.errors)).collect::<Result<_>>()?;
    Ok(comments::in_kotlin(&OutboxErrors { errors, of_the_client }.render()?) + "\n")
}

/// `MessageException.kt`.
pub fn errors(api: &Api) -> Result<String> {
    let (outcomes, others): (Vec<_>, Vec<_>) = api.errors.iter().partition(|kind| rules::is_outcome(kind));
    let generated = outcomes.iter().filter(|kind| !rules::is_interrupt(kind));
    let errors = generated.map(|kind| class(kind, &api.errors)).collect::<Result<_>>()?;
    let outcomes = outcomes.iter().map(|kind| class(kind, &api.errors)).collect::<Result<_>>()?;
    let others = others.into_iter().map(|kind| kind.name.as_str()).collect();
    Ok(comments::in_kotlin(&Errors { errors, outcomes, others }.render()?) + "\n")
}

fn class<'a>(kind: &'a ErrorKind, all: &[ErrorKind]) -> Result<Class<'a>> {
    let names: Vec<String> = kind.fields.iter().map(|field| camel(&field.name)).collect();
    let mut lines = docs::wrapped(&in_kotlin(&kind.docs, all), WIDTH, "", "") + "\n";
    for (name, field) in names.iter().zip(&kind.fields) {
        let meaning = docs::in_one_line(&in_kotlin(&field.docs, all));
        lines += &docs::wrapped(&format!("@property {name} {meaning}"), WIDTH, "", "");
    }
    Ok(Class {
        name: &kind.name,
        docs: lines,
        parameters: kind.fields.iter().map(declared).collect::<Result<_>>()?,
        has_defaults: kind.fields.iter().any(|field| field.default.is_some()),
        passed: names.join(", "),
        wraps: matches!(kind.fields.as_slice(), [field] if rules::is_clients_error(field)),
    })
}

fn declared(field: &Argument) -> Result<String> {
    parameter(&rules::with_error_of_the_facade(field, "MessageException"))
}

const WIDTH: usize = 113;

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::Type;

    use super::*;
    use crate::api::sample;

    #[test]
    fn an_error_has_its_fields_and_its_native_error() {
        let field = |name: &str, ty| Argument { name: name.into(), docs: format!("Its {name}."), ty, default: None };
        let fields = rules::with_obvious_defaults(vec![
            field("msg_text", Type::String),
            field("attempts", Type::Int32),
            field("offset", Type::Optional { inner_type: Box::new(Type::Int64) }),
        ]);
        let lost = ErrorKind { name: "Lost".into(), docs: "It is\nlost.".into(), fields };
        let waits = ErrorKind { name: "Pending".into(), docs: String::new(), fields: Vec::new() };
        let printed = errors(&sample::api(Vec::new(), vec![lost, waits])).unwrap();
        let wanted = "
    /**
     * It is lost.
     *
     * @property msgText Its msg_text.
     * @property attempts Its attempts.
     * @property offset Its offset.
     */
    class Lost @JvmOverloads constructor(
        val msgText: String,
        val attempts: Int = 1,
        val offset: Long? = null,
    ) : MessageException(NativeMessageException.Lost(msgText, attempts, offset))
";
        assert!(printed.contains(wanted), "{printed}");
        let translated = "
    is NativeMessageException.Lost -> MessageException.Lost(msgText, attempts, offset)
    is NativeMessageException.Pending -> error(\"the slice loop lets no Pending out\")
}
";
        assert!(printed.ends_with(translated), "{printed}");
    }

    #[test]
    fn an_error_of_an_outbox_is_the_clients_or_has_a_class_of_its_own() {
        let printed = outbox_errors(&sample::with_outbox_errors()).unwrap();
        let wanted = "
    /**
     * It is stuck.
     *
     * @property noteId Its id.
     * @property state Its state.
     */
    class Stuck @JvmOverloads constructor(
        val noteId: Long,
        val state: State? = null,
    ) : OutboxException(NativeOutboxException.Stuck(noteId, state))

    /**
     * A call failed.
     *
     * @property error The error.
     */
    class Call internal constructor(
        val error: MessageException,
        native: NativeOutboxException,
    ) : OutboxException(native, error)
}
";
        assert!(printed.contains(wanted), "{printed}");
        let translated = "
    is NativeOutboxException.Refused -> MessageException.Refused(reason)
    is NativeOutboxException.Stuck -> OutboxException.Stuck(noteId, state)
    is NativeOutboxException.Call -> OutboxException.Call(error.translated(), this)
}
";
        assert!(printed.ends_with(translated), "{printed}");
    }
}
