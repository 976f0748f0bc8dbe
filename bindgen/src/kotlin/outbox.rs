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

/// The template of `CoroutineOutbox.kt`, its twin for coroutines, with the same methods.
#[derive(Template)]
#[template(path = "kotlin/CoroutineOutbox.kt", escape = "none")]
struct CoroutineOutbox {
    calls: Vec<Method>,
}

/// `CoroutineOutbox.kt`. Java has no coroutines, so it needs no overloads there.
pub fn coroutine_outbox(api: &Api) -> Result<String> {
    let calls = api.outbox.iter().map(|call| {
        let method = method(call, &api.errors)?;
        Ok(Method { define: "suspend fun", has_defaults: false, ..method })
    });
    Ok(comments::in_kotlin(&CoroutineOutbox { calls: calls.collect::<Result<_>>()? }.render()?) + "\n")
}

/// `Outbox.kt`.
pub fn outbox(api: &Api) -> Result<String> {
    let calls = api.outbox.iter().map(|call| method(call, &api.errors)).collect::<Result<_>>()?;
    Ok(comments::in_kotlin(&Outbox { calls }.render()?) + "\n")
}
