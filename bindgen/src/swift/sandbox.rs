//! `Sandbox+Methods.swift`: the methods of the sandbox as an extension.

use anyhow::Result;
use askama::Template;
use uniffi_bindgen::interface::Type;

use super::client::{Method, camel, documentation, native, parameter, returns, speak_swift};
use crate::api::{Api, Argument, Call};

/// The template of `Sandbox+Methods.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/sandbox.swift", escape = "none")]
struct Sandbox {
    methods: Vec<Method>,
}

/// `Sandbox+Methods.swift`.
pub fn sandbox(api: &mut Api) -> Result<String> {
    let methods = api.sandbox.iter_mut().map(|call| {
        speak_swift(call, &api.errors);
        method(call)
    });
    Ok(Sandbox { methods: methods.collect::<Result<_>>()? }.render()? + "\n")
}

fn method(call: &Call) -> Result<Method> {
    let mut method = asking(call, ERROR)?;
    if let Some(label) = call.arguments.first().and_then(|first| label(call, first)) {
        method.parameters = format!("{label} {}", method.parameters);
    }
    Ok(method)
}

/// A method that asks the native object, and checks its durations before that.
pub(super) fn asking(call: &Call, error: &'static str) -> Result<Method> {
    let parameters: Vec<String> = call.arguments.iter().map(parameter).collect::<Result<_>>()?;
    let durations = call.arguments.iter().filter(|argument| argument.ty.iter_types().any(|ty| *ty == Type::Duration));
    let checks: String = durations
        .map(|argument| format!("try {error}.check(\"{}\", {})\n", argument.name, camel(&argument.name)))
        .collect();
    let start = if !checks.is_empty() && call.returns.is_some() { "return " } else { "" };
    Ok(Method {
        docs: documentation(call, &call.arguments, error),
        name: camel(&call.name),
        discardable: false,
        parameters: parameters.join(", "),
        manner: "",
        error,
        returns: returns(call)?,
        body: format!("{checks}{start}try ask {{ try {} }}", native(call)),
    })
}

const ERROR: &str = "SandboxError";

/// The label of a first argument that continues the method's name: `refuseConnections(for:)`, `failNext(_:)`,
/// `messagesWithText(_:)`; None if the label is the argument's own name.
fn label(call: &Call, first: &Argument) -> Option<&'static str> {
    let goes_on = ["_with_", "_of_"].iter().any(|word| call.name.contains(word));
    match first.ty {
        Type::Duration => Some("for"),
        Type::Enum { .. } | Type::Sequence { .. } => Some("_"),
        _ => goes_on.then_some("_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        Request,
        sample::{self, argument, record},
    };

    fn printed(name: &str, request: Option<Request>, arguments: Vec<Argument>, returns: Option<Type>) -> String {
        let call = sample::pin_note("Pins. note/pin;", request, arguments, returns);
        let mut api = sample::api(Vec::new(), Vec::new());
        api.sandbox.push(Call { name: name.into(), ..call });
        sandbox(&mut api).unwrap()
    }

    #[test]
    fn a_method_spreads_its_record_and_looks_at_durations() {
        let delay = argument("long_delay", "How long.", Type::Duration, None);
        let request = Request { argument: "pin_rule".into(), name: "Rule".into(), fields: vec!["long_delay".into()] };
        let wanted = "
    /// Pins. note/pin;
    ///
    /// - Parameter longDelay: How long.
    /// - Throws: ``SandboxError``.
    /// - Returns: A note.
    public func pinAll(for longDelay: TimeInterval) throws(SandboxError) -> Note {
        try SandboxError.check(\"long_delay\", longDelay)
        return try ask { try $0.pinAll(pinRule: Rule(longDelay: longDelay)) }
    }
";
        let printed = printed("pin_all", Some(request), vec![delay], Some(record("Note")));
        assert!(printed.contains(wanted), "{printed}");
    }

    #[test]
    fn a_first_argument_that_goes_on_with_the_name_has_no_label() {
        let fault = Type::Enum { module_path: "m".into(), name: "Fault".into() };
        for (name, ty, wanted) in [
            ("pin", Type::Int64, "pin(what: Int64)"),
            ("pin", fault, "pin(_ what: Fault)"),
            ("notes_of_user", Type::String, "notesOfUser(_ what: String)"),
        ] {
            let printed = printed(name, None, vec![argument("what", "", ty, None)], None);
            assert!(printed.contains(&format!("public func {wanted} throws(SandboxError) {{\n")), "{printed}");
        }
    }
}
