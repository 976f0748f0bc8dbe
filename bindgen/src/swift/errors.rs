//! The errors that callers see, those of calls and those of an outbox, each as an enum: one case per error, and the conversions
//! from and to the native error.

use anyhow::Result;
use askama::Template;

use super::client::{camel, comment, in_swift, parameter};
use crate::{
    api::{Api, Argument, ErrorKind},
    rules,
};

/// The template of `MessageError.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/errors.swift", escape = "none")]
struct Errors {
    docs: String,
    cases: Vec<Case>,
    /// The native cases that no caller gets.
    others: Vec<String>,
}

/// The template of `OutboxError+Cases.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/outbox_errors.swift", escape = "none")]
struct OutboxErrors {
    cases: Vec<Case>,
}

struct Case {
    docs: String,
    name: String,
    /// Its name in the code of uniffi.
    native: String,
    fields: String,
    /// `(let argument, let reason)`
    bound: String,
    /// `(argument: argument, reason: reason)`
    passed: String,
    /// The pattern that binds only `attempts`; None if the case has none.
    attempts: Option<String>,
    /// Whether its only field is an error of a call.
    wraps: bool,
}

/// `OutboxError+Cases.swift`.
pub fn outbox_errors(api: &Api) -> Result<String> {
    let cases = api.outbox_errors.iter().map(|kind| case(kind, &api.errors)).collect::<Result<_>>()?;
    Ok(OutboxErrors { cases }.render()? + "\n")
}

/// `MessageError.swift`.
pub fn errors(api: &Api) -> Result<String> {
    let (outcomes, others): (Vec<_>, Vec<_>) = api.errors.iter().partition(|kind| rules::is_outcome(kind));
    let docs = comment(&in_swift(&api.error_docs, &api.errors), &[]);
    let cases = outcomes.into_iter().map(|kind| case(kind, &api.errors)).collect::<Result<_>>()?;
    let others = others.into_iter().map(|kind| kind.name.clone()).collect();
    Ok(Errors { docs, cases, others }.render()? + "\n")
}

fn case(kind: &ErrorKind, all: &[ErrorKind]) -> Result<Case> {
    let fields: Vec<Argument> =
        kind.fields.iter().map(|field| Argument { docs: in_swift(&field.docs, all), ..field.clone() }).collect();
    let names: Vec<String> = fields.iter().map(|field| camel(&field.name)).collect();
    let declared: Vec<String> = fields.iter().map(declared).collect::<Result<_>>()?;
    let has_attempts = names.iter().any(|name| name == ATTEMPTS);
    let alone: Vec<&str> = names.iter().map(|name| if name == ATTEMPTS { "let attempts" } else { "_" }).collect();
    Ok(Case {
        docs: comment(&in_swift(&kind.docs, all), &fields),
        name: camel(&kind.name),
        native: kind.name.clone(),
        fields: in_brackets(&declared),
        bound: in_brackets(&names.iter().map(|name| format!("let {name}")).collect::<Vec<_>>()),
        passed: in_brackets(&names.iter().map(|name| format!("{name}: {name}")).collect::<Vec<_>>()),
        attempts: has_attempts.then(|| alone.join(", ")),
        wraps: matches!(fields.as_slice(), [field] if rules::is_clients_error(field)),
    })
}

fn declared(field: &Argument) -> Result<String> {
    parameter(&rules::with_error_of_the_facade(field, "MessageError"))
}

/// The text in brackets; empty if there is no text.
fn in_brackets(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
}

const ATTEMPTS: &str = "attempts";

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::Type;

    use super::*;
    use crate::api::sample;

    fn kind(name: &str, fields: &[(&str, Type)]) -> ErrorKind {
        let field = |(name, ty): &(&str, Type)| Argument {
            name: (*name).into(),
            docs: format!("What {name} is."),
            ty: ty.clone(),
            default: None,
        };
        ErrorKind {
            name: name.into(),
            docs: format!("It is {name}."),
            fields: rules::with_obvious_defaults(fields.iter().map(field).collect()),
        }
    }

    fn printed(errors: Vec<ErrorKind>) -> String {
        errors_of(sample::api(Vec::new(), errors))
    }

    fn errors_of(api: Api) -> String {
        errors(&api).unwrap()
    }

    #[test]
    fn a_variant_is_a_case_with_its_fields_in_their_order() {
        let fields = [("endpoint", Type::String), ("elapsed_time", Type::Duration)];
        let printed = printed(vec![kind("TimedOut", &fields)]);
        for wanted in [
            "    /// It is TimedOut.\n    ///\n    /// - Parameters:\n    ///   - endpoint: What endpoint is.\n",
            "    case timedOut(endpoint: String, elapsedTime: TimeInterval)\n",
            "        case .timedOut: nil\n",
            "        case .TimedOut(let endpoint, let elapsedTime): self = .timedOut(endpoint: endpoint, elapsedTime: elapsedTime)\n",
            "        case .timedOut(let endpoint, let elapsedTime): .TimedOut(endpoint: endpoint, elapsedTime: elapsedTime)\n",
        ] {
            assert!(printed.contains(wanted), "{wanted}{printed}");
        }
    }

    #[test]
    fn fields_at_the_end_have_the_obvious_defaults() {
        let offset = Type::Optional { inner_type: Box::new(Type::Int64) };
        let at_the_end = kind("Refused", &[("code", Type::Int32), ("attempts", Type::Int32), ("offset", offset)]);
        let before = kind("Lost", &[("attempts", Type::Int32), ("reason", Type::String)]);
        let printed = printed(vec![at_the_end, before]);
        assert!(
            printed.contains("case refused(code: Int32, attempts: Int32 = 1, offset: Int64? = nil)\n"),
            "{printed}"
        );
        assert!(printed.contains("case lost(attempts: Int32, reason: String)\n"), "{printed}");
        assert!(printed.contains("case .refused(_, let attempts, _): attempts\n"), "{printed}");
    }

    #[test]
    fn what_is_no_outcome_is_no_case() {
        let printed = printed(vec![kind("Lost", &[]), kind("Pending", &[("ticket", Type::Int64)])]);
        assert!(!printed.contains("case pending"), "{printed}");
        assert!(printed.contains("    case lost\n") && printed.contains("case .Lost: self = .lost\n"), "{printed}");
        assert!(printed.contains("case .Pending: self = .internalError(reason: native.sentence())\n"), "{printed}");
    }

    #[test]
    fn an_error_of_an_outbox_is_a_case_and_the_one_of_a_call_has_the_facades_own_error() {
        let printed = outbox_errors(&sample::with_outbox_errors()).unwrap();
        for wanted in [
            "    case refused(reason: String)\n",
            "    /// It is stuck.\n    ///\n    /// - Parameters:\n    ///   - noteId: Its id.\n",
            "    case stuck(noteId: Int64, state: State? = nil)\n",
            "    case call(error: MessageError)\n",
            "        case .Stuck(let noteId, let state): self = .stuck(noteId: noteId, state: state)\n",
            "        case .stuck(let noteId, let state): .Stuck(noteId: noteId, state: state)\n",
            "        case .Call(let error): self = .call(error: MessageError(native: error))\n",
            "        case .call(let error): error.native.map { .Call(error: $0) }\n",
        ] {
            assert!(printed.contains(wanted), "{wanted}{printed}");
        }
    }
}
