//! `Outbox.kt`: the class `Outbox`; the methods that only ask the database are generated.

use anyhow::Result;
use askama::Template;

use super::{client::Method, comments, sandbox::method};
use crate::api::Api;

/// The template of `Outbox.kt`: the class as it is written by hand, and a loop over its methods; it only prints.
#[derive(Template)]
#[template(path = "kotlin/Outbox.kt", escape = "none")]
struct Outbox {
    calls: Vec<Method>,
}

/// `Outbox.kt`.
pub fn outbox(api: &Api) -> Result<String> {
    let calls = api.outbox.iter().map(|call| method(call, &api.errors)).collect::<Result<_>>()?;
    Ok(comments::in_kotlin(&Outbox { calls }.render()?) + "\n")
}
