//! Two modules for each client, such as `_client.py` and `_async_client.py`, whose methods are generated; and `_endpoints.py`, the
//! endpoint of each native method.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use askama::Template;
use uniffi_bindgen::interface::Type;

use super::{
    docstring, section,
    types::{self, Default},
};
use crate::{
    api::{Api, Argument, Call, Client},
    docs, rules,
};

/// The template of a client's module: the class as it is written by hand, and a loop over its calls; it only prints. So does the
/// template of its asynchronous twin, which has the same calls; both include the parts in which they do not differ.
#[derive(Template)]
#[template(
    source = "{% if is_async %}{% include \"python/async_client.py\" %}{% else %}{% include \"python/client.py\" %}{% endif %}",
    ext = "py",
    escape = "none"
)]
struct Module<'a> {
    client: &'a Client,
    is_async: bool,
    /// The name of the class.
    name: String,
    /// What the class says of this client alone, line by line.
    docs: Vec<String>,
    /// The records that the module imports.
    records: BTreeSet<String>,
    calls: Vec<Method>,
    /// What sends a message with a file.
    files: Vec<Method>,
    /// The section of its arguments.
    arguments: String,
}

/// How a call is defined, and how it is made; how a file is sent.
struct Manner {
    is_async: bool,
    define: &'static str,
    call: &'static str,
    sends_file: &'static str,
}

const BLOCKING: Manner = Manner { is_async: false, define: "def", call: "self._call", sends_file: "self._send_file" };
const COROUTINE: Manner =
    Manner { is_async: true, define: "async def", call: "await self._call", sends_file: "await self._send_file" };

/// A method as it stands in the class.
pub(super) struct Method {
    pub(super) define: &'static str,
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) returns: String,
    pub(super) docs: String,
    pub(super) body: String,
}

/// The template of `_endpoints.py`.
#[derive(Template)]
#[template(path = "python/endpoints.py", escape = "none")]
struct Endpoints<'a> {
    clients: &'a [Client],
}

/// The records that the hand-written methods name: of every client, and of those that send many messages, or one to many, or
/// upload files.
const NAMED_BY_HAND: [&str; 2] = ["ClientOptions", "ClientStats"];
const NAMED_BY_BULKS: [&str; 4] = ["BulkOptions", "BulkProgress", "SendRequest", "SentMessage"];
const NAMED_BY_MULTICASTS: [&str; 1] = ["MulticastEach"];
const NAMED_BY_UPLOADS: [&str; 1] = ["UploadProgress"];
const NAMED_BY_STREAMS: [&str; 3] = [EXTRAS, "Conversation", "SentMessage"];
const EXTRAS: &str = "ContentExtras";

/// The modules of each client: their names, such as `_client` and `_async_client`, and their texts.
pub fn clients(api: &Api) -> Result<Vec<(String, String)>> {
    let mut modules = Vec::new();
    for client in &api.clients {
        let module = module(client);
        let of_coroutines = format!("_async{module}");
        modules.push((module, text(client, client.name.clone(), &BLOCKING)?));
        modules.push((of_coroutines, text(client, format!("Async{}", client.name), &COROUTINE)?));
    }
    Ok(modules)
}

/// `MessageClient`'s is `_client`, `RobotClient`'s is `_robot_client`.
pub(super) fn module(client: &Client) -> String {
    match client.sender() {
        None => "_client".into(),
        Some(sender) => format!("_{sender}_client"),
    }
}

fn text(client: &Client, name: String, manner: &Manner) -> Result<String> {
    let docs = client.docs.iter().map(|paragraph| docs::wrapped(&docs::without_links(paragraph), WIDTH, "", ""));
    let docs = docs.map(|paragraph| format!("\n{paragraph}")).collect::<String>();
    let module = Module {
        client,
        is_async: manner.is_async,
        name,
        docs: docs.lines().map(str::to_owned).collect(),
        records: records(client),
        calls: methods(client, manner)?,
        files: files(client, manner)?,
        arguments: arguments(client),
    };
    Ok(module.render()? + "\n")
}

/// The records that a client's modules import.
fn records(client: &Client) -> BTreeSet<String> {
    let mut records = BTreeSet::from(NAMED_BY_HAND.map(str::to_owned));
    records.extend(client.bulk.iter().flat_map(|_| NAMED_BY_BULKS.map(str::to_owned)));
    records.extend(client.multicasts.iter().flat_map(|_| NAMED_BY_MULTICASTS.map(str::to_owned)));
    records.extend(client.upload.iter().flat_map(|_| NAMED_BY_UPLOADS.map(str::to_owned)));
    if client.stream.is_some() {
        records.extend(NAMED_BY_STREAMS.map(str::to_owned));
        records.insert(client.stream_request().to_owned());
    }
    for call in client.calls.iter().chain(&client.files) {
        records.extend(records_of(call));
        records.extend(rules::payload(&call.arguments).map(|_| EXTRAS.to_owned()));
    }
    records
}

/// The section of a client's arguments.
fn arguments(client: &Client) -> String {
    let arguments = client.arguments.iter().map(|argument| (argument.name.clone(), argument.docs.clone()));
    let arguments = section("Args", arguments.chain(LEFT_OUT.map(|(name, docs)| (name.into(), docs.into()))));
    docs::indented(arguments.trim(), "    ").trim().to_owned()
}

/// The optional arguments of every client's constructor.
const LEFT_OUT: [(&str, &str); 2] = [
    ("options", "Time-outs, attempts, proxy and more."),
    ("credentials", "What a proxy or a gateway on the way wants to see: a login, a certificate, headers."),
];

/// The records that a call is made with, and gives.
pub(super) fn records_of(call: &Call) -> impl Iterator<Item = String> {
    let types = call.arguments.iter().map(|argument| &argument.ty);
    let types = types.chain(call.returns.iter().map(|returned| &returned.ty));
    let names = types.flat_map(Type::iter_types).filter_map(record).map(str::to_owned);
    names.chain(call.request.iter().map(|request| request.name.clone()))
}

/// `_endpoints.py`.
pub fn endpoints(api: &Api) -> Result<String> {
    Ok(Endpoints { clients: &api.clients }.render()? + "\n")
}

fn record(ty: &Type) -> Option<&str> {
    match ty {
        Type::Record { name, .. } => Some(name),
        _ => None,
    }
}

fn methods(client: &Client, manner: &Manner) -> Result<Vec<Method>> {
    client.calls.iter().map(|call| method(client, call, manner)).collect()
}

fn files(client: &Client, manner: &Manner) -> Result<Vec<Method>> {
    client.files.iter().map(|call| file(client, call, manner)).collect()
}

/// What sends a message with a file, which is given as its bytes or by its path.
fn file(client: &Client, call: &Call, manner: &Manner) -> Result<Method> {
    let request = call.request.as_ref().with_context(|| format!("{} takes no record", call.name))?;
    let (mut parameters, mut given) = (Vec::new(), Vec::new());
    for argument in call.arguments.iter().filter(|argument| argument.name != rules::PATH) {
        let shown = match argument.name == rules::DATA {
            true => Argument { name: FILE.into(), docs: FILE_DOCS.into(), ..argument.clone() },
            false => argument.clone(),
        };
        parameters.push(if shown.name == FILE { format!("{FILE}: {FILE_TYPE}") } else { parameter(&shown, false)? });
        given.push(shown);
    }
    parameters.extend(["*".into(), "progress: Optional[Callable[[UploadProgress], object]] = None".into()]);
    let docs = "Called with the progress of the upload, at most ten times per second and at the end.".to_owned();
    given.push(Argument { name: "progress".into(), docs, ty: Type::String, default: None });
    let fields = call.arguments.iter().map(|argument| format!("    {name}={name},\n", name = argument.name));
    let body = format!(
        "data, path = _upload.data_and_path({FILE})\nrequest = {}(\n{})\nreturn {}({}.begin_{}, request, progress, \"{}\")",
        request.name,
        fields.collect::<String>(),
        manner.sends_file,
        client.native(),
        call.name,
        call.endpoint,
    );
    Ok(Method {
        define: manner.define,
        name: call.name.clone(),
        parameters,
        returns: returns(call),
        docs: documentation(&Call { arguments: given, ..call.clone() }, None),
        body,
    })
}

/// The argument that gives a file.
const FILE: &str = "data_or_path";
const FILE_TYPE: &str = "Union[bytes, bytearray, memoryview, str, os.PathLike[str]]";
const FILE_DOCS: &str = "The bytes of the file, or its path on this machine as a str or a path object.";

fn method(client: &Client, call: &Call, manner: &Manner) -> Result<Method> {
    let payload = rules::payload(&call.arguments);
    let mut parameters = Vec::new();
    for (at, argument) in call.arguments.iter().enumerate() {
        parameters.push(parameter(argument, payload == Some(at))?);
    }
    if payload.is_some() {
        parameters.extend(["*".to_owned(), format!("extras: Optional[{EXTRAS}] = None")]);
    }
    Ok(Method {
        define: manner.define,
        name: call.name.clone(),
        parameters,
        returns: returns(call),
        docs: documentation(call, payload),
        body: body(client, call, payload, manner)?,
    })
}

pub(super) fn returns(call: &Call) -> String {
    call.returns.as_ref().map_or("None".into(), |returned| types::annotation(&returned.ty))
}

/// A parameter: for a list any iterable is accepted, and for a payload also a content.
pub(super) fn parameter(argument: &Argument, is_payload: bool) -> Result<String> {
    let annotation = match &argument.ty {
        Type::Sequence { inner_type } => format!("Iterable[{}]", types::annotation(inner_type)),
        ty if is_payload => format!("Union[{}, Content]", types::annotation(ty)),
        ty => types::annotation(ty),
    };
    let default = match (&argument.default, &argument.ty) {
        (None, _) => String::new(),
        (Some(_), Type::Sequence { .. }) => " = ()".into(),
        (Some(default), ty) => match types::default(default, ty)? {
            Default::Shared(value) => format!(" = {value}"),
            Default::Made(_) => bail!("argument {} has a default that can be changed", argument.name),
        },
    };
    Ok(format!("{}: {annotation}{default}", argument.name))
}

/// The body: a record is packed, and with it all its fields are checked; any other argument is checked by itself.
fn body(client: &Client, call: &Call, payload: Option<usize>, manner: &Manner) -> Result<String> {
    let start = if call.returns.is_some() { "return " } else { "" };
    let finished = |passed: &str| format!("{start}{}({}.{}{passed})", manner.call, client.native(), call.name);
    let Some(request) = &call.request else {
        return match call.arguments.as_slice() {
            [] => Ok(finished("")),
            [only] => Ok(finished(&format!(", {}", checked(only)?))),
            _ => bail!("{} takes several arguments, and no record", call.name),
        };
    };
    let mut body = format!("request = {}(\n", request.name);
    for (at, argument) in call.arguments.iter().enumerate() {
        let name = &argument.name;
        let value = match &argument.ty {
            _ if payload == Some(at) => format!("payload_of({name}, extras)"),
            // An iterable that can be read only once becomes a list here.
            Type::Sequence { inner_type } if **inner_type == Type::String => {
                format!("_arguments.items({name}, \"{name}\")")
            }
            Type::Sequence { inner_type } => {
                format!("_arguments.items({name}, \"{name}\", \"{}\")", types::annotation(inner_type))
            }
            _ => name.clone(),
        };
        body += &format!("    {name}={value},\n");
    }
    Ok(format!("{body})\n{}", finished(", _packed(request)")))
}

/// The check of an argument that is not a field of a record.
pub(super) fn checked(argument: &Argument) -> Result<String> {
    let name = &argument.name;
    let arguments = format!("{name}, \"{name}\"");
    Ok(match &argument.ty {
        Type::String => format!("_arguments.text({arguments})"),
        Type::Int64 => format!("_arguments.integer({arguments})"),
        Type::Int32 => format!("_arguments.integer({arguments}, 32)"),
        Type::Boolean => format!("_arguments.flag({arguments})"),
        Type::Duration => format!("_arguments.duration({arguments})"),
        Type::Enum { name: list, .. } => format!("_arguments.instance_of({list})({arguments})"),
        Type::Optional { inner_type } if **inner_type == Type::String => {
            format!("_arguments.optional(_arguments.text)({arguments})")
        }
        Type::Optional { inner_type } if **inner_type == Type::Duration => {
            format!("_arguments.optional(_arguments.duration)({arguments})")
        }
        Type::Sequence { inner_type } => match record(inner_type) {
            Some(item) => format!("_arguments.records({arguments}, {item})"),
            None => bail!("there is no check for the list {name}"),
        },
        other => bail!("there is no check for {name}, which is {other:?}"),
    })
}

/// The docstring: what the call does, its arguments, what it returns.
pub(super) fn documentation(call: &Call, payload: Option<usize>) -> String {
    let text = rules::without_arguments(&call.docs, &call.arguments);
    let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| docs::wrapped(paragraph, WIDTH, "", "")).collect();
    let mut docs = paragraphs.join("\n").trim_end().to_owned();
    let mut arguments: Vec<_> =
        call.arguments.iter().map(|argument| (argument.name.clone(), argument.docs.clone())).collect();
    if let Some(at) = payload {
        arguments[at].1 = "What it says, such as a `TextContent`, or the payload that carries it.".into();
        let extras = "Mentions, push text, expiry and a text of your own, to go with a content.";
        arguments.push(("extras".into(), extras.into()));
    }
    docs += section("Args", arguments.into_iter()).trim_end();
    if let Some(returned) = call.returns.as_ref().filter(|returned| !returned.docs.is_empty()) {
        docs += &format!("\n\nReturns:\n{}", docs::wrapped(&returned.docs, WIDTH, "    ", "    ").trim_end());
    }
    docstring(&docs, "        ").trim_end().to_owned()
}

const WIDTH: usize = 110;

#[cfg(test)]
mod tests {
    use uniffi_bindgen::interface::DefaultValue;

    use super::*;
    use crate::api::{
        Request,
        sample::{self, record},
    };

    fn list_of(item: Type) -> Type {
        Type::Sequence { inner_type: Box::new(item) }
    }

    fn argument(name: &str, ty: Type, default: Option<DefaultValue>) -> Argument {
        sample::argument(name, &format!("What {name} is."), ty, default)
    }

    fn pin_note(request: Option<&str>, arguments: Vec<Argument>, returns: Option<Type>) -> Call {
        let request = request.map(|name| Request { argument: "request".into(), name: name.into(), fields: Vec::new() });
        sample::pin_note("Pins a\nnote. note/pin; both editions.\n\nIt stays.", request, arguments, returns)
    }

    fn printed(call: Call) -> String {
        clients(&sample::api(vec![call], Vec::new())).unwrap().remove(0).1
    }

    #[test]
    fn a_call_spreads_its_record_and_takes_contents_and_whatever_can_be_gone_through() {
        let arguments = vec![
            argument("payload", record("MessagePayload"), None),
            argument("users", list_of(Type::String), Some(DefaultValue::Default)),
        ];
        let wanted = r#"
    def pin_note(
        self,
        payload: Union[MessagePayload, Content],
        users: Iterable[str] = (),
        *,
        extras: Optional[ContentExtras] = None,
    ) -> Note:
        """Pins a note. note/pin; both editions.

        It stays.

        Args:
            payload: What it says, such as a `TextContent`, or the payload that carries it.
            users: What users is.
            extras: Mentions, push text, expiry and a text of your own, to go with a content.

        Returns:
            A note.
        """
        request = PinRequest(
            payload=payload_of(payload, extras),
            users=_arguments.items(users, "users"),
        )
        return self._call(NativeMessageClient.pin_note, _packed(request))
"#;
        let printed = printed(pin_note(Some("PinRequest"), arguments, Some(record("Note"))));
        assert!(printed.contains(wanted), "{printed}");
        for name in ["ContentExtras", "MessagePayload", "Note", "PinRequest"] {
            assert!(printed.contains(&format!("\n    {name},\n")), "{name} is not imported");
        }
    }

    #[test]
    fn an_argument_that_is_no_field_is_looked_at_by_itself() {
        for (ty, wanted) in [
            (Type::Int64, "_arguments.integer(note, \"note\")"),
            (Type::String, "_arguments.text(note, \"note\")"),
            (list_of(record("Note")), "_arguments.records(note, \"note\", Note)"),
        ] {
            let printed = printed(pin_note(None, vec![argument("note", ty, None)], None));
            let body = format!("\n        self._call(NativeMessageClient.pin_note, {wanted})\n");
            assert!(printed.contains(&body), "{printed}");
        }
    }
}
