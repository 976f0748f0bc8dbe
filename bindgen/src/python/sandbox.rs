//! `_sandbox.py`: the class `Sandbox`, of which most methods are generated.

use std::collections::BTreeSet;

use anyhow::Result;
use askama::Template;
use uniffi_bindgen::interface::Type;

use super::{
    client::{Method, checked, documentation, parameter, records_of, returns},
    types,
};
use crate::api::{Api, Call};

/// The template of `_sandbox.py`: the class as it is written by hand, and a loop over its methods; it only prints.
#[derive(Template)]
#[template(path = "python/sandbox.py", escape = "none")]
struct Sandbox {
    /// The records that the module imports.
    records: BTreeSet<String>,
    /// The closed lists that the module imports, in a row.
    enums: String,
    calls: Vec<Method>,
}

/// The records that the hand-written methods name.
const NAMED_BY_HAND: [&str; 4] = ["Conversation", "Header", "SandboxOptions", "ScriptedAnswer"];

/// The closed lists that the constructor names.
const ENUMS_BY_HAND: [&str; 2] = ["Edition", "StoreKind"];

/// `_sandbox.py`.
pub fn sandbox(api: &Api) -> Result<String> {
    let mut records = BTreeSet::from(NAMED_BY_HAND.map(str::to_owned));
    records.extend(api.sandbox.iter().flat_map(records_of));
    let mut enums = BTreeSet::from(ENUMS_BY_HAND);
    let types = api.sandbox.iter().flat_map(|call| &call.arguments).flat_map(|argument| argument.ty.iter_types());
    enums.extend(types.filter_map(|ty| match ty {
        Type::Enum { name, .. } => Some(name.as_str()),
        _ => None,
    }));
    let enums = enums.into_iter().collect::<Vec<_>>().join(", ");
    let calls = api.sandbox.iter().map(method).collect::<Result<_>>()?;
    Ok(Sandbox { records, enums, calls }.render()? + "\n")
}

/// A duration may be a number of seconds.
pub(super) fn method(call: &Call) -> Result<Method> {
    let parameters =
        call.arguments.iter().map(|argument| Ok(parameter(argument, false)?.replace(DURATION, SECONDS_TOO)));
    Ok(Method {
        define: "def",
        name: call.name.clone(),
        parameters: parameters.collect::<Result<_>>()?,
        returns: returns(call),
        docs: documentation(call, None),
        body: body(call)?,
    })
}

const DURATION: &str = "datetime.timedelta";
const SECONDS_TOO: &str = "Union[datetime.timedelta, float]";

/// The body checks what is passed to the library: all fields of a record, or each argument by itself.
fn body(call: &Call) -> Result<String> {
    let start = if call.returns.is_some() { "return " } else { "" };
    let native = format!("{start}self._native.{}", call.name);
    let Some(request) = &call.request else {
        let passed: Vec<String> = call.arguments.iter().map(checked).collect::<Result<_>>()?;
        return Ok(format!("{native}({})", passed.join(", ")));
    };
    let fields = call.arguments.iter().map(|argument| match &argument.ty {
        // An iterable that can be read only once becomes a list here.
        Type::Sequence { inner_type } => {
            let item = types::annotation(inner_type);
            format!("    {0}=_arguments.items({0}, \"{0}\", \"{item}\"),\n", argument.name)
        }
        _ => format!("    {0}={0},\n", argument.name),
    });
    let fields: String = fields.collect();
    // If an argument has that name, the record gets the name that it has in the native method.
    let is_taken = call.arguments.iter().any(|argument| argument.name == "request");
    let record = if is_taken { request.argument.as_str() } else { "request" };
    Ok(format!("{record} = {}(\n{fields})\n{native}(_arguments.record({record}))", request.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        Argument, Request,
        sample::{self, argument},
    };

    fn printed(request: Option<Request>, arguments: Vec<Argument>, returns: Option<Type>) -> String {
        let mut api = sample::api(Vec::new(), Vec::new());
        api.sandbox.push(sample::pin_note("Pins. note/pin;", request, arguments, returns));
        sandbox(&api).unwrap()
    }

    #[test]
    fn a_method_spreads_its_record_and_takes_seconds() {
        let kind = Type::Enum { module_path: "m".into(), name: "Kind".into() };
        let arguments = vec![
            argument("kinds", "Which.", Type::Sequence { inner_type: Box::new(kind) }, None),
            argument("delay", "How long.", Type::Duration, None),
        ];
        let request = Request { argument: "rule".into(), name: "Rule".into(), fields: Vec::new() };
        let wanted = r#"
    def pin_note(
        self,
        kinds: Iterable[Kind],
        delay: Union[datetime.timedelta, float],
    ) -> int:
        """Pins. note/pin;

        Args:
            kinds: Which.
            delay: How long.

        Returns:
            A note.
        """
        request = Rule(
            kinds=_arguments.items(kinds, "kinds", "Kind"),
            delay=delay,
        )
        return self._native.pin_note(_arguments.record(request))
"#;
        let printed = printed(Some(request), arguments, Some(Type::Int64));
        assert!(printed.contains(wanted) && printed.contains("\n    Rule,\n"), "{printed}");
    }

    #[test]
    fn arguments_are_looked_at_one_by_one() {
        let arguments = [("times", Type::Int32), ("text", Type::String)];
        let arguments = arguments.map(|(name, ty)| argument(name, "", ty, None)).to_vec();
        let printed = printed(None, arguments, None);
        let wanted =
            "self._native.pin_note(_arguments.integer(times, \"times\", 32), _arguments.text(text, \"text\"))\n";
        assert!(printed.contains(&format!("\n        {wanted}")), "{printed}");
    }
}
