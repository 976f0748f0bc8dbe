//! Two files for each client, such as `MessageClient.swift` and `AsyncMessageClient.swift`. The methods of the calls are
//! generated; a call with a payload has a second method, which takes a content instead. And `Answers.swift`: the values of the
//! answers of calls that took longer than a slice.

use anyhow::{Context, Result};
use askama::Template;
use heck::ToLowerCamelCase;
use uniffi_bindgen::interface::{DefaultValue, Literal, Type};

use super::type_name;
use crate::{
    api::{Api, Argument, Call, Client, ErrorKind},
    docs,
    rules::{self, Spelling},
};

/// The template of a client's file: the class as it is written by hand, and a loop over its calls; it only prints. So does the
/// template of its asynchronous twin, which has the same calls; both include the parts in which they do not differ.
#[derive(Template)]
#[template(
    source = "{% if is_async %}{% include \"swift/async_client.swift\" %}{% else %}{% include \"swift/client.swift\" %}{% endif %}",
    ext = "swift",
    escape = "none"
)]
struct File<'a> {
    client: &'a Client,
    is_async: bool,
    /// The name of the class.
    name: String,
    /// How many seconds a call waits at a time; in between it checks whether its task was cancelled.
    slice: &'static str,
    /// The lines of the class's comment about this client only, and those about the initializer's arguments.
    docs: Vec<String>,
    arguments: Vec<String>,
    /// The arguments of the initializer: as parameters, and as they are passed on.
    parameters: String,
    passed: String,
    /// The arguments that its description shows, the text of this description, and that in words.
    shown: Vec<String>,
    description: String,
    whose: &'static str,
    methods: Vec<Method>,
    files: Vec<Method>,
}

/// The template of `Answers.swift`; it only prints.
#[derive(Template)]
#[template(path = "swift/answers.swift", escape = "none")]
struct Answers {
    values: Vec<Value>,
}

/// The value of one kind of answer.
struct Value {
    name: String,
    ty: String,
    pattern: &'static str,
    value: &'static str,
}

/// A method as it stands in the file.
pub(super) struct Method {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) discardable: bool,
    pub(super) parameters: String,
    /// Empty, or `async `.
    pub(super) manner: &'static str,
    pub(super) error: &'static str,
    pub(super) returns: String,
    pub(super) body: String,
}

/// `Answers.swift`.
pub fn answers(api: &Api) -> Result<String> {
    let values = api.answers.iter().map(|(name, ty)| value(name, ty.as_ref())).collect::<Result<_>>()?;
    Ok(Answers { values }.render()? + "\n")
}

/// The files of each client: the classes' names, and the texts.
pub fn clients(api: &mut Api) -> Result<Vec<(String, String)>> {
    let Api { clients, errors, .. } = api;
    let mut files = Vec::new();
    for client in clients {
        client.calls.iter_mut().chain(&mut client.files).for_each(|call| speak_swift(call, errors));
        for (name, manner) in [(client.name.clone(), &BLOCKING), (format!("Async{}", client.name), &AWAITED)] {
            let text = file(client, name.clone(), errors, manner)?.render()? + "\n";
            files.push((name, text));
        }
    }
    Ok(files)
}

/// How a call is made, and how its method is declared.
struct Manner {
    is_async: bool,
    slice: &'static str,
    declared: &'static str,
    tries: &'static str,
    calls: fn(&Call) -> String,
    /// What sends a message with a file, the type of what its progress is told to, and where that is called.
    sends_file: &'static str,
    progress: &'static str,
    tells: &'static str,
}

const BLOCKING: Manner = Manner {
    is_async: false,
    slice: "0.1",
    declared: "",
    tries: "try",
    calls: |call| format!("try core.call(\\.{}, of: \"{}\")", camel(&call.answer), call.endpoint),
    sends_file: "core.sendFile",
    progress: "((UploadProgress) -> Void)",
    tells: "in the calling thread, ",
};
const AWAITED: Manner = Manner {
    is_async: true,
    slice: "0",
    declared: "async ",
    tries: "try await",
    calls: |call| format!("try await core.awaitCall(\\.{}, of: \"{}\")", camel(&call.answer), call.endpoint),
    sends_file: "core.awaitSendFile",
    progress: "(@Sendable (UploadProgress) -> Void)",
    tells: "",
};

fn methods(client: &Client, manner: &Manner) -> Result<Vec<Method>> {
    let mut methods = Vec::new();
    for call in &client.calls {
        methods.push(method(call, manner)?);
        methods.extend(rules::payload(&call.arguments).map(|at| with_content(call, at, manner)).transpose()?);
    }
    Ok(methods)
}

fn file<'a>(client: &'a Client, name: String, errors: &[ErrorKind], manner: &Manner) -> Result<File<'a>> {
    let lines = |text: &str, first: &str, rest: &str| {
        docs::wrapped(text, WIDTH, first, rest).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let own = |paragraph: &String| {
        let text = docs::without_links(&in_swift(paragraph, errors));
        [vec![String::new()], lines(&text, "", "")].concat()
    };
    let argument = |argument: &Argument| {
        lines(&format!("{}: {}", camel(&argument.name), docs::in_one_line(&argument.docs)), "  - ", "    ")
    };
    let names = || client.arguments.iter().map(|argument| argument.name.as_str());
    let shown: Vec<String> = names().filter(|name| *name != SECRET).map(camel).collect();
    let description: Vec<String> = shown.iter().map(|name| format!("{name}: \\\"\\({name})\\\"")).collect();
    Ok(File {
        client,
        is_async: manner.is_async,
        name,
        slice: manner.slice,
        docs: client.docs.iter().flat_map(own).collect(),
        arguments: client.arguments.iter().flat_map(argument).collect(),
        parameters: names().map(|name| format!("{}: String", camel(name))).collect::<Vec<_>>().join(", "),
        passed: labelled(names()),
        description: description.join(", "),
        whose: if client.id().is_some() {
            "The server and whose client it is,"
        } else {
            "The server it is a client of,"
        },
        shown,
        methods: methods(client, manner)?,
        files: files(client, manner)?,
    })
}

/// The argument that no description shows.
const SECRET: &str = "secret";

/// Changes the documentation of a call to Swift's words and names.
pub(super) fn speak_swift(call: &mut Call, errors: &[ErrorKind]) {
    let returned = call.returns.iter_mut().map(|returned| &mut returned.docs);
    let arguments = call.arguments.iter_mut().map(|argument| &mut argument.docs);
    for docs in returned.chain(arguments).chain([&mut call.docs]) {
        *docs = in_swift(docs, errors);
    }
}

/// Swift's word for None, and links for the errors.
pub(super) fn in_swift(docs: &str, errors: &[ErrorKind]) -> String {
    errors.iter().fold(docs.replace("None", "nil"), |docs, error| {
        let labels: String = error.fields.iter().map(|field| format!("{}:", camel(&field.name))).collect();
        let link = format!("``MessageError/{}({labels})``", camel(&error.name));
        docs.replace(&format!("`{}`", error.name), &link)
    })
}

fn value(name: &str, ty: Option<&Type>) -> Result<Value> {
    let (pattern, value) = match ty {
        None => ("", "()"),
        // A nil value of an optional is a value too.
        Some(Type::Optional { .. }) => ("(let value)", ".some(value)"),
        Some(_) => ("(let value)", "value"),
    };
    Ok(Value { name: camel(name), ty: ty.map_or(Ok("Void".into()), type_name)?, pattern, value })
}

fn method(call: &Call, manner: &Manner) -> Result<Method> {
    let body = format!("{} {{ try {} }}", (manner.calls)(call), native(call));
    declared(call, &call.arguments, body, manner)
}

/// What sends a message with a file, once for each form in which Swift has one.
fn files(client: &Client, manner: &Manner) -> Result<Vec<Method>> {
    let of = |call| FILES.map(|form| of_file(call, &form, manner));
    client.files.iter().flat_map(of).collect()
}

/// A form of a file: what the argument is called, its type and text, how it is checked, and what crosses of it as bytes and as
/// path.
type Form = (&'static str, &'static str, &'static str, &'static str, [&'static str; 2]);

const FILES: [Form; 2] = [
    (rules::DATA, "Data", "The bytes of the file.", "let data = try crossing(data)", ["data", "nil"]),
    ("file", "URL", "The URL of the file on this machine.", "let path = try filePath(of: file)", ["nil", "path"]),
];

fn of_file(call: &Call, (name, ty, docs, check, [data, path]): &Form, manner: &Manner) -> Result<Method> {
    let request = call.request.as_ref().with_context(|| format!("{} takes no record", call.name))?;
    let fields: Vec<String> = request
        .fields
        .iter()
        .map(|field| match field.as_str() {
            rules::DATA => format!("data: {data}"),
            rules::PATH => format!("path: {path}"),
            other => labelled([other].into_iter()),
        })
        .collect();
    let body = format!(
        "{check}\nreturn {} {}(of: \"{}\", progress) {{\n    try $0.{}({}: {}({}))\n}}",
        manner.tries,
        manner.sends_file,
        call.endpoint,
        camel(&format!("begin_{}", call.name)),
        camel(&request.argument),
        request.name,
        fields.join(", "),
    );
    let told = format!(
        "Is called with the progress of the upload, {}at most ten times per second and at the end.",
        manner.tells
    );
    let arguments = rules::with_file(&call.arguments, [name, ty, docs], (manner.progress, told));
    declared(call, &arguments, body, manner)
}

/// The call of the native method, with the arguments put into its record.
pub(super) fn native(call: &Call) -> String {
    let passed = match &call.request {
        Some(request) => {
            let fields = labelled(request.fields.iter().map(String::as_str));
            format!("{}: {}({fields})", camel(&request.argument), request.name)
        }
        None => labelled(call.arguments.iter().map(|argument| argument.name.as_str())),
    };
    format!("$0.{}({passed})", camel(&call.name))
}

/// The same call with a content instead of its payload, and with the content's extras.
fn with_content(call: &Call, payload: usize, manner: &Manner) -> Result<Method> {
    let mut arguments = call.arguments.clone();
    arguments[payload] = Argument {
        name: "content".into(),
        docs: "What it says, such as `.text(\"hi\")` or a ``FileContent``.".into(),
        ty: rules::named(CONTENT),
        default: None,
    };
    arguments.push(Argument {
        name: "extras".into(),
        docs: "Mentions, push text, expiry and a text of your own.".into(),
        ty: rules::optional("ContentExtras"),
        default: Some(DefaultValue::Literal(Literal::None)),
    });
    let passed: Vec<String> = call
        .arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| match at == payload {
            true => format!("{}: content.toPayload(extras: extras)", camel(&argument.name)),
            false => labelled([argument.name.as_str()].into_iter()),
        })
        .collect();
    declared(call, &arguments, format!("{} {}({})", manner.tries, camel(&call.name), passed.join(", ")), manner)
}

const CONTENT: &str = "some Content";

fn declared(call: &Call, arguments: &[Argument], body: String, manner: &Manner) -> Result<Method> {
    let parameters: Vec<String> = arguments.iter().map(parameter).collect::<Result<_>>()?;
    Ok(Method {
        docs: documentation(call, arguments, ERROR),
        name: camel(&call.name),
        discardable: call.returns.is_some() && !call.only_reads,
        parameters: parameters.join(", "),
        manner: manner.declared,
        error: ERROR,
        returns: returns(call)?,
        body,
    })
}

const ERROR: &str = "MessageError";

pub(super) fn returns(call: &Call) -> Result<String> {
    Ok(match &call.returns {
        Some(returned) => format!(" -> {}", type_name(&returned.ty)?),
        None => String::new(),
    })
}

const SPELLING: Spelling = Spelling { language: "Swift", none: "nil", empty_list: "[]" };

pub(super) fn parameter(argument: &Argument) -> Result<String> {
    let default = match &argument.default {
        None => "".into(),
        Some(default) => format!(" = {}", SPELLING.literal(default, &argument.ty)?),
    };
    Ok(format!("{}: {}{default}", camel(&argument.name), type_name(&argument.ty)?))
}

/// The comment: what the call does, then each argument, what it throws, what it returns.
pub(super) fn documentation(call: &Call, arguments: &[Argument], error: &str) -> String {
    let mut lines = comment(&rules::without_arguments(&call.docs, &call.arguments), arguments);
    if arguments.is_empty() {
        lines += "\n";
    }
    lines += &format!("- Throws: ``{error}``.\n");
    if let Some(returned) = call.returns.as_ref().filter(|returned| !returned.docs.is_empty()) {
        lines += &docs::wrapped(&format!("- Returns: {}", returned.docs), WIDTH, "", "  ");
    }
    lines
}

const WIDTH: usize = 114;

/// A comment: a text, and below it each argument.
pub(super) fn comment(text: &str, arguments: &[Argument]) -> String {
    let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| docs::wrapped(paragraph, WIDTH, "", "")).collect();
    let mut lines = paragraphs.join("\n");
    match arguments {
        [] => {}
        [only] => lines += &format!("\n{}", entry("- Parameter", only, WIDTH)),
        several => {
            lines += "\n- Parameters:\n";
            several.iter().for_each(|argument| lines += &entry("  -", argument, WIDTH));
        }
    }
    lines
}

fn entry(start: &str, argument: &Argument, width: usize) -> String {
    let indent = " ".repeat(start.find('-').unwrap_or_default() + 2);
    let text = format!("{}: {}", camel(&argument.name), docs::in_one_line(&argument.docs));
    docs::wrapped(&text, width, &format!("{start} "), &indent)
}

/// `a: a, b: b`: arguments that are passed on under the same names. The value of a name that is a keyword is in backticks.
fn labelled<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let passed: Vec<String> = names
        .map(camel)
        .map(|name| if name == "operator" { format!("{name}: `{name}`") } else { format!("{name}: {name}") })
        .collect();
    passed.join(", ")
}

pub(super) fn camel(name: &str) -> String {
    name.to_lower_camel_case()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        Request,
        sample::{self, argument, record},
    };

    fn pin_note() -> Call {
        let fields = ["line", "operator"].map(Into::into).into();
        let request = Request { argument: "request".into(), name: "PinRequest".into(), fields };
        let arguments = vec![
            argument("operator", "Who\npins it.", Type::String, None),
            argument("line", "The line.", Type::Int32, Some(DefaultValue::Default)),
        ];
        let docs = "Pins a note; None where it fails with `NotFound`. note/pin; both editions.";
        sample::pin_note(docs, Some(request), arguments, Some(record("Note")))
    }

    fn printed(call: Call) -> String {
        let errors = vec![ErrorKind {
            name: "NotFound".into(),
            docs: "There is none.".into(),
            fields: vec![argument("note_id", "Its id.", Type::Int64, None)],
        }];
        let answers = vec![("Done".into(), None), ("Pinned".into(), Some(record("Note")))];
        let mut api = Api { answers, ..sample::api(vec![call], errors) };
        clients(&mut api).unwrap().remove(0).1 + &super::answers(&api).unwrap()
    }

    #[test]
    fn a_call_spreads_its_record_and_speaks_swift() {
        let wanted = r#"
extension MessageClient {
    /// Pins a note; nil where it fails with ``MessageError/notFound(noteId:)``. note/pin; both editions.
    ///
    /// - Parameters:
    ///   - operator: Who pins it.
    ///   - line: The line.
    /// - Throws: ``MessageError``.
    /// - Returns: A note.
    @discardableResult
    public func pinNote(operator: String, line: Int32 = 0) throws(MessageError) -> Note {
        try core.call(\.pinned, of: "note/pin") { try $0.pinNote(request: PinRequest(line: line, operator: `operator`)) }
    }
}
"#;
        let answers = r#"
/// The value of an answer, which is nil where the answer is another's.
extension Answer {
    var done: Void? {
        if case .done = self { () } else { nil }
    }

    var pinned: Note? {
        if case .pinned(let value) = self { value } else { nil }
    }
}
"#;
        let printed = printed(pin_note());
        assert!(printed.contains(wanted) && printed.ends_with(answers), "{printed}");
    }

    #[test]
    fn a_payload_may_be_a_content_with_extras() {
        let mut call = pin_note();
        call.arguments.insert(1, argument("payload", "What it carries.", record("MessagePayload"), None));
        let printed = printed(call);
        let declared = "    public func pinNote(operator: String, content: some Content, line: Int32 = 0, \
                        extras: ContentExtras? = nil) throws(MessageError) -> Note {\n        try pinNote(operator: `operator`, \
                        payload: content.toPayload(extras: extras), line: line)\n    }\n";
        assert!(printed.contains(declared), "{printed}");
        assert_eq!(printed.matches("public func pinNote").count(), 2);
    }

    #[test]
    fn what_only_reads_is_not_called_for_nothing() {
        assert!(!printed(Call { only_reads: true, ..pin_note() }).contains("@discardableResult"));
    }
}
