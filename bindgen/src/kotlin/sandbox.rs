//! `Sandbox.kt`: the class `Sandbox`, most methods of which are generated.

use anyhow::Result;
use askama::Template;

use super::{
    camel,
    client::{Method, declared, request},
    comments,
};
use crate::api::{Api, Call, ErrorKind};

/// The template of `Sandbox.kt`: the class as it is written by hand, and a loop over its methods; it only prints.
#[derive(Template)]
#[template(path = "kotlin/Sandbox.kt", escape = "none")]
struct Sandbox {
    calls: Vec<Method>,
}

/// `Sandbox.kt`.
pub fn sandbox(api: &Api) -> Result<String> {
    let calls = api.sandbox.iter().map(|call| method(call, &api.errors)).collect::<Result<_>>()?;
    Ok(comments::in_kotlin(&Sandbox { calls }.render()?) + "\n")
}

pub(super) fn method(call: &Call, errors: &[ErrorKind]) -> Result<Method> {
    let (made, arguments, passed) = request(call);
    let start = if call.returns.is_some() { "return " } else { "" };
    let body = format!("{made}{start}ask({arguments}) {{ it.{}({passed}) }}", camel(&call.name));
    declared(call, &call.arguments, body, errors)
}
