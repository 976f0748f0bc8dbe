//! Two files for each client, such as `MessageClient.kt` and `CoroutineMessageClient.kt`. The methods of the calls are generated;
//! a call with a payload has a second method, which takes a content instead.

use anyhow::{Context, Result};
use askama::Template;
use heck::ToUpperCamelCase;
use uniffi_bindgen::interface::{DefaultValue, Literal, Type};

use super::{camel, comments, type_name};
use crate::{
    api::{Api, Argument, Call, Client, ErrorKind},
    docs,
    rules::{self, Spelling},
};

/// The template of a client's file: the class as it is written by hand, and a loop over its calls; it only prints. So does the
/// template of its twin for coroutines, which has the same calls; both include the parts in which they do not differ.
#[derive(Template)]
#[template(
    source = "{% if is_suspending %}{% include \"kotlin/CoroutineClient.kt\" %}{% else %}{% include \"kotlin/Client.kt\" %}{% endif %}",
    ext = "kt",
    escape = "none"
)]
struct File<'a> {
    client: &'a Client,
    is_suspending: bool,
    /// The name of the class.
    name: String,
    /// How long a call waits at a time; in between it checks whether its thread was interrupted.
    slice: &'static str,
    /// The lines of the class's comment about this client only, and those about the constructor's arguments.
    docs: Vec<String>,
    parameters: Vec<String>,
    /// The arguments of the constructor: their names in Kotlin, and their names in errors.
    arguments: Vec<(String, &'a str)>,
    calls: Vec<Method>,
    /// What sends a message with a file.
    files: Vec<Method>,
}

/// A method as it stands in the class.
pub(super) struct Method {
    /// `fun`, or `suspend fun`.
    pub(super) define: &'static str,
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    /// Whether Java may leave out arguments, because they have a default.
    pub(super) has_defaults: bool,
    pub(super) returns: String,
    pub(super) body: String,
}

/// The files of each client: the classes' names, and the texts.
pub fn clients(api: &Api) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for client in &api.clients {
        files.push((client.name.clone(), text(client, &api.errors, false)?));
        files.push((format!("Coroutine{}", client.name), text(client, &api.errors, true)?));
    }
    Ok(files)
}

fn methods(client: &Client, errors: &[ErrorKind]) -> Result<Vec<Method>> {
    let mut calls = Vec::new();
    for call in &client.calls {
        calls.push(method(call, errors)?);
        calls.extend(rules::payload(&call.arguments).map(|at| with_content(call, at, errors)).transpose()?);
    }
    Ok(calls)
}

fn lines(text: &str) -> Vec<String> {
    docs::wrapped(text, WIDTH, "", "").lines().map(str::to_owned).collect()
}

fn text(client: &Client, errors: &[ErrorKind], is_suspending: bool) -> Result<String> {
    let own =
        client.docs.iter().flat_map(|paragraph| [vec![String::new()], lines(&in_kotlin(paragraph, errors))].concat());
    let parameter =
        |argument: &Argument| lines(&format!("@param {} {}", camel(&argument.name), docs::in_one_line(&argument.docs)));
    let mut calls = methods(client, errors)?;
    let mut files = files(client, if is_suspending { "in the calling coroutine" } else { "on this thread" }, errors)?;
    if is_suspending {
        // Java has no coroutines, so it needs no overloads there.
        calls.iter_mut().chain(&mut files).for_each(|call| (call.define, call.has_defaults) = ("suspend fun", false));
    }
    let prefix = if is_suspending { "Coroutine" } else { "" };
    let file = File {
        client,
        is_suspending,
        name: format!("{prefix}{}", client.name),
        slice: if is_suspending { "Duration.ZERO" } else { "SlicedCalls.SLICE" },
        docs: own.collect(),
        parameters: client.arguments.iter().flat_map(parameter).collect(),
        arguments: client.arguments.iter().map(|argument| (camel(&argument.name), argument.name.as_str())).collect(),
        calls,
        files,
    };
    Ok(comments::in_kotlin(&file.render()?) + "\n")
}

/// Kotlin's word for None, and links for the errors.
pub(super) fn in_kotlin(docs: &str, errors: &[ErrorKind]) -> String {
    errors.iter().fold(docs::without_links(docs).replace("None", "null"), |docs, error| {
        docs.replace(&format!("`{}`", error.name), &format!("[MessageException.{}]", error.name))
    })
}

/// What sends a message with a file, once for each form in which the JVM has one; `tells` says where progress is told.
fn files(client: &Client, tells: &str, errors: &[ErrorKind]) -> Result<Vec<Method>> {
    let of = |call| FILES.map(|form| file(call, &form, tells, errors));
    client.files.iter().flat_map(of).collect()
}

/// A form of a file: what the argument is called, its type and text, and what crosses of it as bytes and as path.
type Form = (&'static str, &'static str, &'static str, [&'static str; 2]);

const FILES: [Form; 3] = [
    (rules::DATA, "ByteArray", "The bytes of the file.", ["data", "null"]),
    (rules::PATH, "Path", "The path of the file on this machine.", ["null", "path.toString()"]),
    ("file", "File", "The file on this machine.", ["null", "file.path"]),
];

fn file(call: &Call, (name, ty, docs, [data, path]): &Form, tells: &str, errors: &[ErrorKind]) -> Result<Method> {
    let request = call.request.as_ref().with_context(|| format!("{} takes no record", call.name))?;
    let fields = call.arguments.iter().map(|argument| {
        let value = match argument.name.as_str() {
            rules::DATA => (*data).to_owned(),
            rules::PATH => (*path).to_owned(),
            other => camel(other),
        };
        format!("    {} = {value},\n", camel(&argument.name))
    });
    let body = format!(
        "val request = {}(\n{})\nreturn sendFile(\"{}\", request, progress) {{ it.{}(request) }}",
        request.name,
        fields.collect::<String>(),
        call.endpoint,
        camel(&format!("begin_{}", call.name)),
    );
    let told = format!(
        "Is called {tells} with the progress of the upload, at most ten times per second and at the end; null for none."
    );
    let arguments = rules::with_file(&call.arguments, [name, ty, docs], ("Consumer<UploadProgress>", told));
    declared(call, &arguments, body, errors)
}

fn method(call: &Call, errors: &[ErrorKind]) -> Result<Method> {
    let (mut body, arguments, passed) = request(call);
    let (start, answer) = match &call.returns {
        Some(_) => ("return ", format!("{{ (it as Answer.{}).value }}", call.answer.to_upper_camel_case())),
        None => ("", "{}".into()),
    };
    body += &format!(
        "{start}call(\n    \"{}\",\n    {arguments},\n    {{ it.{}({passed}) }},\n    {answer},\n)",
        call.endpoint,
        camel(&call.name)
    );
    declared(call, &call.arguments, body, errors)
}

/// The statement that makes the record of a call, what is searched for a wrong argument if the call cannot be made, and what is
/// passed to it.
pub(super) fn request(call: &Call) -> (String, String, String) {
    let names = || call.arguments.iter().map(|argument| camel(&argument.name));
    match &call.request {
        Some(request) => {
            let fields: String = names().map(|name| format!("    {name} = {name},\n")).collect();
            (format!("val request = {}(\n{fields})\n", request.name), "request".into(), "request".into())
        }
        None => (String::new(), looked_at(&call.arguments), names().collect::<Vec<_>>().join(", ")),
    }
}

/// What is searched for the wrong argument if the arguments cannot be passed to the library; a number is never wrong.
fn looked_at(arguments: &[Argument]) -> String {
    let pairs: Vec<String> = arguments
        .iter()
        .filter(|argument| !matches!(argument.ty, Type::Int32 | Type::Int64 | Type::Boolean))
        .map(|argument| format!("\"{}\" to {}", argument.name, camel(&argument.name)))
        .collect();
    if pairs.is_empty() { "NO_ARGUMENTS".into() } else { format!("mapOf({})", pairs.join(", ")) }
}

/// The same call with a content instead of its payload; the content's extras stand in front of the arguments with a default.
fn with_content(call: &Call, payload: usize, errors: &[ErrorKind]) -> Result<Method> {
    let passed: Vec<String> = call
        .arguments
        .iter()
        .enumerate()
        .map(|(at, argument)| match at == payload {
            true => "content.toPayload(extras)".to_owned(),
            false => camel(&argument.name),
        })
        .collect();
    let mut arguments = call.arguments.clone();
    arguments[payload] = Argument {
        name: "content".into(),
        docs: "What it says, such as a [TextContent].".into(),
        ty: rules::named("Content"),
        default: None,
    };
    let extras = Argument {
        name: "extras".into(),
        docs: "Mentions, push text, expiry and a text of your own; null for none.".into(),
        ty: rules::optional("ContentExtras"),
        default: Some(DefaultValue::Literal(Literal::None)),
    };
    let at = arguments.iter().position(|argument| argument.default.is_some()).unwrap_or(arguments.len());
    arguments.insert(at, extras);
    let start = if call.returns.is_some() { "return " } else { "" };
    declared(call, &arguments, format!("{start}{}({})", camel(&call.name), passed.join(", ")), errors)
}

pub(super) fn declared(call: &Call, arguments: &[Argument], body: String, errors: &[ErrorKind]) -> Result<Method> {
    Ok(Method {
        define: "fun",
        docs: documentation(call, arguments, errors),
        name: camel(&call.name),
        parameters: arguments.iter().map(parameter).collect::<Result<_>>()?,
        has_defaults: arguments.iter().any(|argument| argument.default.is_some()),
        returns: match &call.returns {
            Some(returned) => format!(": {}", type_name(&returned.ty)?),
            None => String::new(),
        },
        body,
    })
}

const SPELLING: Spelling = Spelling { language: "Kotlin", none: "null", empty_list: "emptyList()" };

pub(super) fn parameter(argument: &Argument) -> Result<String> {
    let default = match &argument.default {
        None => String::new(),
        Some(default) => format!(" = {}", SPELLING.literal(default, &argument.ty)?),
    };
    Ok(format!("{}: {}{default}", camel(&argument.name), type_name(&argument.ty)?))
}

/// The comment: what the call does, its arguments, what it returns.
fn documentation(call: &Call, arguments: &[Argument], errors: &[ErrorKind]) -> String {
    let text = in_kotlin(&rules::without_arguments(&call.docs, &call.arguments), errors);
    let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| docs::wrapped(paragraph, WIDTH, "", "")).collect();
    let mut lines = paragraphs.join("\n") + "\n";
    for argument in arguments {
        let docs = docs::in_one_line(&in_kotlin(&argument.docs, errors));
        lines += &docs::wrapped(&format!("@param {} {docs}", camel(&argument.name)), WIDTH, "", "");
    }
    if let Some(returned) = call.returns.as_ref().filter(|returned| !returned.docs.is_empty()) {
        lines += &docs::wrapped(&format!("@return {}", in_kotlin(&returned.docs, errors)), WIDTH, "", "");
    }
    lines
}

const WIDTH: usize = 113;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{
        Request,
        sample::{self, record},
    };

    fn argument(name: &str, ty: Type, default: Option<DefaultValue>) -> Argument {
        sample::argument(name, &format!("What `{name}` is."), ty, default)
    }

    fn pin_note(request: Option<&str>, arguments: Vec<Argument>, returns: Option<Type>) -> Call {
        let request = request.map(|name| Request { argument: "request".into(), name: name.into(), fields: Vec::new() });
        sample::pin_note(
            "Pins a note; None where it fails with `NotFound`. note/pin; both editions.",
            request,
            arguments,
            returns,
        )
    }

    fn printed(call: Call) -> String {
        let errors = vec![ErrorKind { name: "NotFound".into(), docs: String::new(), fields: Vec::new() }];
        clients(&sample::api(vec![call], errors)).unwrap().remove(0).1
    }

    #[test]
    fn a_call_spreads_its_record_and_takes_a_content_with_its_extras() {
        let arguments = vec![
            argument("note_id", Type::Int64, None),
            argument("payload", record("MessagePayload"), None),
            argument("line", Type::Int32, Some(DefaultValue::Default)),
        ];
        let wanted = r#"
    /**
     * Pins a note; null where it fails with [MessageException.NotFound]. note/pin; both editions.
     *
     * @param noteId What `noteId` is.
     * @param payload What `payload` is.
     * @param line What `line` is.
     * @return A note.
     */
    @JvmOverloads
    fun pinNote(
        noteId: Long,
        payload: MessagePayload,
        line: Int = 0,
    ): Note {
        val request = PinRequest(
            noteId = noteId,
            payload = payload,
            line = line,
        )
        return call(
            "note/pin",
            request,
            { it.pinNote(request) },
            { (it as Answer.Pinned).value },
        )
    }
"#;
        let printed = printed(pin_note(Some("PinRequest"), arguments, Some(record("Note"))));
        assert!(printed.contains(wanted), "{printed}");
        let with_content = "    fun pinNote(\n        noteId: Long,\n        content: Content,\n        extras: ContentExtras? = null,\n        \
                            line: Int = 0,\n    ): Note {\n        return pinNote(noteId, content.toPayload(extras), line)\n    }\n";
        assert!(printed.contains(with_content), "{printed}");
    }

    #[test]
    fn only_arguments_that_the_glue_could_refuse_are_checked_before_the_call() {
        for (ty, wanted) in [(Type::Int64, "NO_ARGUMENTS"), (Type::String, "mapOf(\"note_id\" to noteId)")] {
            let printed = printed(pin_note(None, vec![argument("note_id", ty, None)], None));
            let body = format!(
                "    ) {{\n        call(\n            \"note/pin\",\n            {wanted},\n            {{ it.pinNote(noteId) }},\n            {{}},\n        )\n    }}\n"
            );
            assert!(printed.contains(&body), "{printed}");
        }
    }
}
