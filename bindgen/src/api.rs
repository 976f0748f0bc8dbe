//! The model: what the library offers, as plain data, from which each language's own part of the facade is printed.
//!
//! It knows nothing about the languages. [`rules`] decides what a call is, and the order of its arguments.

use anyhow::{Context, Result};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, DefaultValue, Field, Method, Object, Type},
};

use crate::rules;

/// The whole model.
pub struct Api {
    /// In the order in which the library exports them.
    pub clients: Vec<Client>,
    /// The methods of the sandbox.
    pub sandbox: Vec<Call>,
    /// The methods of the outbox; none where the library is built without it.
    pub outbox: Vec<Call>,
    /// The documentation of the client's error.
    pub error_docs: String,
    /// The variants of the client's error.
    pub errors: Vec<ErrorKind>,
    /// The variants of `Answer`: the name, and the type of the value, where there is one.
    pub answers: Vec<(String, Option<Type>)>,
}

/// An exported object with calls; each facade wraps it in a class.
pub struct Client {
    /// Its name for users: `RobotClient`.
    pub name: String,
    /// What it is, in a sentence.
    pub intro: String,
    /// What its documentation says about this client only.
    pub docs: Vec<String>,
    /// The arguments of its constructor that stand before the options: `base_url`, `robot_id`, `secret`.
    pub arguments: Vec<Argument>,
    /// In the order of its methods.
    pub calls: Vec<Call>,
    /// The endpoints by which it sends many messages, sends one message to many users, and uploads a file; None if it cannot.
    pub bulk: Option<Asked>,
    pub multicasts: Option<Asked>,
    pub upload: Option<Asked>,
    /// What it asks where a text grows.
    pub stream: Option<Asked>,
    /// What sends a message with a file in one call.
    pub files: Vec<Call>,
}

impl Client {
    /// Its name in the library.
    pub fn native(&self) -> String {
        format!("{}{}", rules::NATIVE, self.name)
    }

    /// The argument with the id of its sender, such as `robot_id`; None if it has none.
    pub fn id(&self) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name.ends_with("_id"))
    }

    /// The record with which a growing text begins: with a sender, where the client does not name him.
    pub fn stream_request(&self) -> &'static str {
        if self.id().is_some() { "RobotStreamTextRequest" } else { "StreamTextRequest" }
    }

    /// The sender of all its messages, in one word: `robot`.
    pub fn sender(&self) -> Option<&str> {
        self.id().and_then(|id| id.name.strip_suffix("_id"))
    }
}

/// An endpoint, and the servers that have it.
pub struct Asked {
    pub endpoint: String,
    /// `both editions`, `professional servers`.
    pub servers: String,
}

/// A variant of the client's error, its fields in their order.
pub struct ErrorKind {
    pub name: String,
    pub docs: String,
    pub fields: Vec<Argument>,
}

/// A method of a client that makes a call to the server, or a method of the sandbox or the outbox.
#[derive(Clone)]
pub struct Call {
    /// As Rust writes it: `send_message`.
    pub name: String,
    /// Its endpoint, such as `message/send`; empty for the sandbox and the outbox.
    pub endpoint: String,
    pub docs: String,
    /// The record that the method takes as its only argument, whose fields are the call's arguments.
    pub request: Option<Request>,
    /// In the order in which callers give them.
    pub arguments: Vec<Argument>,
    pub returns: Option<Returned>,
    /// The variant of `Answer` that holds what it returns, as Rust writes it; empty for the sandbox and the outbox.
    pub answer: String,
    /// Whether it only reads: then a caller always uses what it returns.
    pub only_reads: bool,
}

/// A record that is spread into its fields.
#[derive(Clone)]
pub struct Request {
    /// Its name as the argument of the native method.
    pub argument: String,
    pub name: String,
    /// Its fields in its own order.
    pub fields: Vec<String>,
}

/// What a call returns, with the first sentence of the type's documentation.
#[derive(Clone)]
pub struct Returned {
    pub ty: Type,
    pub docs: String,
}

/// An argument of a call, or a field of a record.
#[derive(Clone)]
pub struct Argument {
    pub name: String,
    pub docs: String,
    pub ty: Type,
    pub default: Option<DefaultValue>,
}

impl Api {
    /// Reads the model from the library's metadata.
    pub fn of(interface: &ComponentInterface) -> Result<Self> {
        let errors = interface.get_enum_definition(ERROR).with_context(|| format!("the library has no {ERROR}"))?;
        let kinds = errors.variants().iter().map(|variant| ErrorKind {
            name: variant.name().into(),
            docs: variant.docstring().unwrap_or_default().into(),
            fields: rules::with_obvious_defaults(fields(variant.fields())),
        });
        let answer = interface.get_enum_definition(ANSWER).with_context(|| format!("the library has no {ANSWER}"))?;
        let values = answer.variants().iter().map(|variant| {
            let value = variant.fields().first().map(|field| field.as_type());
            (variant.name().to_owned(), value)
        });
        Ok(Self {
            clients: clients(interface)?,
            sandbox: same_in_every_facade(interface, SANDBOX)?,
            outbox: outbox(interface)?,
            error_docs: errors.docstring().unwrap_or_default().into(),
            errors: kinds.collect(),
            answers: values.collect(),
        })
    }
}

fn clients(interface: &ComponentInterface) -> Result<Vec<Client>> {
    let objects = interface.object_definitions().iter().filter(|object| rules::is_client(object));
    objects.map(|object| client(interface, object)).collect()
}

fn client(interface: &ComponentInterface, object: &Object) -> Result<Client> {
    let name = object.name().strip_prefix(rules::NATIVE).with_context(|| format!("{} is no client", object.name()))?;
    let constructors = object.constructors();
    let made = constructors.iter().find(|each| each.name() == rules::MADE_BY).context("nothing makes a client")?;
    let arguments = made.arguments().into_iter().take_while(|argument| argument.name() != rules::FIRST_OPTION);
    let arguments = rules::documented(arguments.map(argument).collect(), made.docstring().unwrap_or_default());
    let (intro, docs) = rules::of_client(object.docstring().unwrap_or_default());
    let asked = |name: &str| {
        let method = object.methods().into_iter().find(|method| method.name() == name)?;
        let (endpoint, servers) = rules::asked(method.docstring()?)?;
        Some(Asked { endpoint, servers })
    };
    let methods = object.methods();
    let calls = methods.iter().filter(|method| rules::is_call(method));
    let calls = calls.map(|method| {
        let answer = rules::answer(interface, method.return_type())
            .with_context(|| format!("no variant of Answer holds what {} returns", method.name()))?;
        let endpoint = rules::endpoint(method.docstring().unwrap_or_default()).unwrap_or_default().into();
        Ok(Call { endpoint, answer, ..call(interface, method)? })
    });
    let files = methods.iter().filter_map(|method| Some((method, rules::sends_file(method)?)));
    let files = files.map(|(method, name)| {
        let endpoint = rules::endpoint(method.docstring().unwrap_or_default()).unwrap_or_default().into();
        let sent =
            interface.get_record_definition(rules::SENT).with_context(|| format!("no record {}", rules::SENT))?;
        let ty = sent.as_type();
        let returns = Some(Returned { docs: docs_of(interface, &ty), ty });
        Ok(Call { name: name.into(), endpoint, returns, ..call(interface, method)? })
    });
    Ok(Client {
        name: name.into(),
        intro,
        docs,
        arguments,
        calls: calls.collect::<Result<_>>()?,
        bulk: asked("begin_bulk"),
        multicasts: asked("begin_multicasts"),
        upload: asked("begin_upload"),
        stream: asked("begin_stream"),
        files: files.collect::<Result<_>>()?,
    })
}

/// The methods of an object that are the same in every facade.
fn same_in_every_facade(interface: &ComponentInterface, object: &str) -> Result<Vec<Call>> {
    let methods = methods(interface, object)?.into_iter();
    let methods = methods.filter(|method| !rules::is_of_each_facade(object, method.name()));
    methods.map(|method| call(interface, method)).collect()
}

fn outbox(interface: &ComponentInterface) -> Result<Vec<Call>> {
    match interface.get_object_definition(OUTBOX) {
        Some(_) => same_in_every_facade(interface, OUTBOX),
        None => Ok(Vec::new()),
    }
}

fn methods<'a>(interface: &'a ComponentInterface, object: &str) -> Result<Vec<&'a Method>> {
    let object = interface.get_object_definition(object).with_context(|| format!("the library has no {object}"))?;
    Ok(object.methods())
}

/// A method of an object that the facades wrap.
fn call(interface: &ComponentInterface, method: &Method) -> Result<Call> {
    let own: Vec<Argument> = method.arguments().into_iter().map(argument).collect();
    let (request, arguments) = match rules::spread(&own) {
        Some((argument, name)) => {
            let record = interface.get_record_definition(name).with_context(|| format!("no record {name}"))?;
            let fields = fields(record.fields());
            let names = fields.iter().map(|field| field.name.clone()).collect();
            (Some(Request { argument: argument.into(), name: name.into(), fields: names }), fields)
        }
        None => (None, own),
    };
    let docs = method.docstring().unwrap_or_default();
    Ok(Call {
        name: method.name().into(),
        endpoint: String::new(),
        request,
        arguments: rules::in_order(rules::documented(arguments, docs)),
        answer: String::new(),
        returns: method.return_type().map(|ty| Returned { ty: ty.clone(), docs: docs_of(interface, ty) }),
        only_reads: rules::only_reads(method.name()),
        docs: docs.into(),
    })
}

fn argument(argument: &uniffi_bindgen::interface::Argument) -> Argument {
    Argument {
        name: argument.name().into(),
        docs: String::new(),
        ty: argument.as_type(),
        default: argument.default_value().cloned(),
    }
}

/// The fields of a record or a variant, in their order.
pub(crate) fn fields(fields: &[Field]) -> Vec<Argument> {
    let field = |field: &Field| Argument {
        name: field.name().into(),
        docs: field.docstring().unwrap_or_default().into(),
        ty: field.as_type(),
        default: field.default_value().cloned(),
    };
    fields.iter().map(field).collect()
}

/// The names of the sandbox and the outbox in the library.
pub(crate) const SANDBOX: &str = "NativeSandbox";
pub(crate) const OUTBOX: &str = "NativeOutbox";
const ERROR: &str = "NativeMessageError";
pub(crate) const ANSWER: &str = "Answer";

/// The first sentence of a type's documentation.
fn docs_of(interface: &ComponentInterface, ty: &Type) -> String {
    let docs = match ty {
        Type::Optional { inner_type } => return docs_of(interface, inner_type),
        Type::Record { name, .. } => interface.get_record_definition(name).and_then(|record| record.docstring()),
        _ => None,
    };
    docs.unwrap_or_default().lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The models that the tests of the languages print.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    pub(crate) fn record(name: &str) -> Type {
        Type::Record { module_path: "m".into(), name: name.into() }
    }

    pub(crate) fn argument(name: &str, docs: &str, ty: Type, default: Option<DefaultValue>) -> Argument {
        Argument { name: name.into(), docs: docs.into(), ty, default }
    }

    /// A library with these calls and errors alone.
    pub(crate) fn api(calls: Vec<Call>, errors: Vec<ErrorKind>) -> Api {
        let (clients, error_docs) = (vec![client("MessageClient", calls)], "Why a call failed.".into());
        Api { clients, sandbox: Vec::new(), outbox: Vec::new(), error_docs, errors, answers: Vec::new() }
    }

    pub(crate) fn client(name: &str, calls: Vec<Call>) -> Client {
        Client {
            name: name.into(),
            intro: "A client.".into(),
            docs: vec!["It pins with `NotFound`.".into()],
            arguments: vec![argument("base_url", "Where.", Type::String, None)],
            calls,
            bulk: None,
            multicasts: None,
            upload: None,
            stream: None,
            files: Vec::new(),
        }
    }

    pub(crate) fn pin_note(
        docs: &str,
        request: Option<Request>,
        arguments: Vec<Argument>,
        returns: Option<Type>,
    ) -> Call {
        Call {
            name: "pin_note".into(),
            endpoint: "note/pin".into(),
            docs: docs.into(),
            request,
            arguments,
            returns: returns.map(|ty| Returned { ty, docs: "A note.".into() }),
            answer: "Pinned".into(),
            only_reads: false,
        }
    }
}
