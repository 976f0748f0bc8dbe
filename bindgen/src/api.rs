//! The model: what the library offers, as plain data, from which each language's own part of the facade is printed.
//!
//! It knows nothing about the languages. `reading` makes it, by the rules that decide what a call is, and the order of its arguments.

use uniffi_bindgen::interface::{AsType, DefaultValue, Field, Type};

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
    /// Those of the outbox's error; none where the library is built without it.
    pub outbox_errors: Vec<ErrorKind>,
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
        format!("{}{}", NATIVE, self.name)
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

/// A variant of the client's or the outbox's error, its fields in their order.
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

/// The first word in the names of objects that the facades wrap.
pub const NATIVE: &str = "Native";

/// The names of the sandbox, the outbox, their errors and the answers in the library.
pub(crate) const SANDBOX: &str = "NativeSandbox";
pub(crate) const OUTBOX: &str = "NativeOutbox";
pub(crate) const ERROR: &str = "NativeMessageError";
pub(crate) const OUTBOX_ERROR: &str = "NativeOutboxError";
pub(crate) const ANSWER: &str = "Answer";

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
        Api {
            clients,
            sandbox: Vec::new(),
            outbox: Vec::new(),
            error_docs,
            errors,
            outbox_errors: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// A library whose outbox has an error of each kind: one that is the client's, one with fields, and one of a call.
    pub(crate) fn with_outbox_errors() -> Api {
        let kind = |name: &str, docs: &str, fields| ErrorKind { name: name.into(), docs: docs.into(), fields };
        let named = |name: &str| Type::Enum { module_path: "m".into(), name: name.into() };
        let refused = || kind("Refused", "It can never work.", vec![argument("reason", "Why.", Type::String, None)]);
        let state = Type::Optional { inner_type: Box::new(named("State")) };
        let none = Some(DefaultValue::Literal(uniffi_bindgen::interface::Literal::None));
        let fields =
            vec![argument("note_id", "Its id.", Type::Int64, None), argument("state", "Its state.", state, none)];
        let stuck = kind("Stuck", "It is\nstuck.", fields);
        let call = kind("Call", "A call failed.", vec![argument("error", "The error.", named(ERROR), None)]);
        Api { outbox_errors: vec![refused(), stuck, call], ..api(Vec::new(), vec![refused()]) }
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
