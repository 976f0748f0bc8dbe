//! A file for each client, such as `MessageClient.kt`: the class, of which the calls are generated, and one more of each where a
//! payload may be a content.

use anyhow::Result;
use askama::Template;
use heck::ToUpperCamelCase;
use uniffi_bindgen::interface::{DefaultValue, Literal, Type};

use super::{camel, comments, type_name};
use crate::{
    api::{Api, Argument, Call, Client, ErrorKind},
    docs,
    rules::{self, Spelling},
};

/// The template of a client's file: the class as it is written by hand, and a loop over its calls; it only prints.
#[derive(Template)]
#[template(path = "kotlin/Client.kt", escape = "none")]
struct File<'a> {
    client: &'a Client,
    /// What the class says of this client alone, and of what it is made with, line by line.
    docs: Vec<String>,
    parameters: Vec<String>,
    /// What it is made with, as Kotlin and as errors call it.
    arguments: Vec<(String, &'a str)>,
    calls: Vec<Method>,
}

/// The template of its twin's file for coroutines, with the same calls.
#[derive(Template)]
#[template(path = "kotlin/CoroutineClient.kt", escape = "none")]
struct CoroutineFile<'a> {
    client: &'a Client,
    parameters: Vec<String>,
    arguments: Vec<(String, &'a str)>,
    calls: Vec<Method>,
}

/// A method as it stands in the class.
pub(super) struct Method {
    /// `fun`, or `suspend fun`.
    pub(super) define: &'static str,
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    /// Java calls it without the arguments that have a default.
    pub(super) has_defaults: bool,
    pub(super) returns: String,
    pub(super) body: String,
}

/// The files of each client: the classes' names, and the texts.
pub fn clients(api: &Api) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for client in &api.clients {
        files.push((client.name.clone(), text(client, &api.errors)?));
        files.push((format!("Coroutine{}", client.name), coroutine_text(client, &api.errors)?));
    }
    Ok(files)
}

/// Java has no coroutines, so it needs no overloads there.
fn coroutine_text(client: &Client, errors: &[ErrorKind]) -> Result<String> {
    let mut calls = methods(client, errors)?;
    for call in &mut calls {
        (call.define, call.has_defaults) = ("suspend fun", false);
    }
    let file = CoroutineFile { client, parameters: parameters(client), arguments: arguments(client), calls };
    Ok(comments::in_kotlin(&file.render()?) + "\n")
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

fn parameters(client: &Client) -> Vec<String> {
    let parameter =
        |argument: &Argument| lines(&format!("@param {} {}", camel(&argument.name), docs::in_one_line(&argument.docs)));
    client.arguments.iter().flat_map(parameter).collect()
}

fn arguments(client: &Client) -> Vec<(String, &str)> {
    client.arguments.iter().map(|argument| (camel(&argument.name), argument.name.as_str())).collect()
}

fn text(client: &Client, errors: &[ErrorKind]) -> Result<String> {
    let own =
        client.docs.iter().flat_map(|paragraph| [vec![String::new()], lines(&in_kotlin(paragraph, errors))].concat());
    let file = File {
        client,
        docs: own.collect(),
        parameters: parameters(client),
        arguments: arguments(client),
        calls: methods(client, errors)?,
    };
    Ok(comments::in_kotlin(&file.render()?) + "\n")
}

/// Kotlin's word for None, and links for the errors.
pub(super) fn in_kotlin(docs: &str, errors: &[ErrorKind]) -> String {
    errors.iter().fold(docs::without_links(docs).replace("None", "null"), |docs, error| {
        docs.replace(&format!("`{}`", error.name), &format!("[MessageException.{}]", error.name))
    })
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

/// How the record is made that a call takes, what is looked at where it cannot be handed over, and what is handed over.
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

/// What is looked at where the arguments cannot be handed over, to find the one that is wrong: numbers never are.
fn looked_at(arguments: &[Argument]) -> String {
    let pairs: Vec<String> = arguments
        .iter()
        .filter(|argument| !matches!(argument.ty, Type::Int32 | Type::Int64 | Type::Boolean))
        .map(|argument| format!("\"{}\" to {}", argument.name, camel(&argument.name)))
        .collect();
    if pairs.is_empty() { "NO_ARGUMENTS".into() } else { format!("mapOf({})", pairs.join(", ")) }
}

/// The same call with a content in the place of its payload, and the extras that go with one before whatever may be left out.
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
    let record = |name: &str| Type::Record { module_path: String::new(), name: name.into() };
    let mut arguments = call.arguments.clone();
    arguments[payload] = Argument {
        name: "content".into(),
        docs: "What it says, such as a [TextContent].".into(),
        ty: record("Content"),
        default: None,
    };
    let extras = Argument {
        name: "extras".into(),
        docs: "Mentions, push text, expiry and a text of your own; null for none.".into(),
        ty: Type::Optional { inner_type: Box::new(record("ContentExtras")) },
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
    fn only_what_may_not_cross_is_looked_at() {
        for (ty, wanted) in [(Type::Int64, "NO_ARGUMENTS"), (Type::String, "mapOf(\"note_id\" to noteId)")] {
            let printed = printed(pin_note(None, vec![argument("note_id", ty, None)], None));
            let body = format!(
                "    ) {{\n        call(\n            \"note/pin\",\n            {wanted},\n            {{ it.pinNote(noteId) }},\n            {{}},\n        )\n    }}\n"
            );
            assert!(printed.contains(&body), "{printed}");
        }
    }
}
