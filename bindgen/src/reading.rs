//! From the library's metadata to the model.

use anyhow::{Context, Result};
use uniffi_bindgen::{
    ComponentInterface,
    interface::{AsType, Enum, Method, Object, Type, Variant},
};

use crate::{
    api::{
        ANSWER, Api, Argument, Asked, Call, Client, ERROR, ErrorKind, NATIVE, OUTBOX, OUTBOX_ERROR, Request, Returned,
        SANDBOX, fields,
    },
    rules,
};

impl Api {
    /// Reads the model from the library's metadata.
    pub fn of(interface: &ComponentInterface) -> Result<Self> {
        let errors = interface.get_enum_definition(ERROR).with_context(|| format!("the library has no {ERROR}"))?;
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
            errors: kinds(errors),
            outbox_errors: interface.get_enum_definition(OUTBOX_ERROR).map(kinds).unwrap_or_default(),
            answers: values.collect(),
        })
    }
}

fn kinds(error: &Enum) -> Vec<ErrorKind> {
    let kind = |variant: &Variant| ErrorKind {
        name: variant.name().into(),
        docs: variant.docstring().unwrap_or_default().into(),
        fields: rules::with_obvious_defaults(fields(variant.fields())),
    };
    error.variants().iter().map(kind).collect()
}

fn clients(interface: &ComponentInterface) -> Result<Vec<Client>> {
    let objects = interface.object_definitions().iter().filter(|object| rules::is_client(object));
    objects.map(|object| client(interface, object)).collect()
}

fn client(interface: &ComponentInterface, object: &Object) -> Result<Client> {
    let name = object.name().strip_prefix(NATIVE).with_context(|| format!("{} is no client", object.name()))?;
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

/// The first sentence of a type's documentation.
fn docs_of(interface: &ComponentInterface, ty: &Type) -> String {
    let docs = match ty {
        Type::Optional { inner_type } => return docs_of(interface, inner_type),
        Type::Record { name, .. } => interface.get_record_definition(name).and_then(|record| record.docstring()),
        _ => None,
    };
    docs.unwrap_or_default().lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
